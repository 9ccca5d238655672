-- The last control numbers that were used with a partner. They are counted in the transaction that stores what
-- carries them, so that none is left out.
create table edi_counter (
    partner_id {uuid} not null primary key references trading_partner (id),
    tenant_id {uuid} not null references tenant (id),
    interchanges bigint not null,
    message_groups bigint not null,
    messages bigint not null
);

-- Up to where a tenant's log was looked through for what partners are to get.
create table exchange_cursor (
    tenant_id {uuid} not null primary key references tenant (id),
    position bigint not null
);

-- What was before there was anything to be sent is not sent.
insert into exchange_cursor (tenant_id, position) select tenant_id, position from event_head;

-- An interchange that was made for a partner. Its bytes are in file_content.
create table sent_interchange (
    id {uuid} not null primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    partner_id {uuid} not null references trading_partner (id),
    -- The event that brought it about, and what it is to it: one of each kind for each event.
    source_event_id {uuid} not null references event (id),
    purpose text not null,
    -- The event that sends it.
    event_id {uuid} not null references event (id),
    connection_id {uuid} not null references connection (id),
    control_number text not null,
    syntax text not null,
    status text not null,
    file_name text not null,
    media_type text not null,
    sha256 {bytes} not null,
    size_bytes bigint not null,
    composed_at bigint not null,
    sent_at bigint,
    -- Until when the partner is to confirm it; nothing where it need not, or while it is not sent.
    confirm_minutes integer,
    confirm_by bigint,
    overdue_at bigint,
    answered_at bigint,
    -- What the partner said about the envelope.
    verdict text,
    unique (partner_id, source_event_id, purpose),
    unique (partner_id, control_number)
);
create index sent_interchange_by_time on sent_interchange (tenant_id, composed_at, id);
create index sent_interchange_by_supplier on sent_interchange (tenant_id, supplier_id, composed_at, id);
create unique index sent_interchange_by_event on sent_interchange (event_id);
create index sent_interchange_due on sent_interchange (confirm_by) where status = 'SENT';

create table sent_message (
    id {uuid} not null primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    partner_id {uuid} not null references trading_partner (id),
    interchange_id {uuid} not null references sent_interchange (id),
    place integer not null,
    document text not null,
    message_type text not null,
    group_kind text,
    group_number text,
    control_number text,
    -- The number people know the document by, the thing it tells of, and which revision of an order it told.
    number text,
    subject text,
    order_id {uuid} references purchase_order (id),
    revision integer,
    verdict text,
    faults text not null,
    unique (interchange_id, place)
);
create index sent_message_of_order on sent_message (tenant_id, order_id) where order_id is not null;
create index sent_message_of_group on sent_message (partner_id, group_number);

-- What could not be made for a partner: it is tried again when what was agreed with it changes.
create table exchange_pending (
    partner_id {uuid} not null references trading_partner (id),
    source_event_id {uuid} not null references event (id),
    purpose text not null,
    tenant_id {uuid} not null references tenant (id),
    position bigint not null,
    -- How the partner was set up when it was tried.
    set_up text not null,
    since bigint not null,
    primary key (partner_id, source_event_id, purpose)
);
create index exchange_pending_by_tenant on exchange_pending (tenant_id, position);
