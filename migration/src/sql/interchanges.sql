-- What was on file is set aside, and filed again below in its new shape.
create table earlier_interchange as select * from interchange;
create table earlier_message as select * from interchange_message;
drop table interchange_message;
drop table interchange;

-- A file or request as it came: what is answered as a whole. Its bytes are in file_content.
create table interchange_file (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    -- Whose it is, where a partner's own token brought it; a connection may serve several.
    supplier_id {uuid} references supplier (id),
    partner_id {uuid} references trading_partner (id),
    connection_id {uuid} references connection (id),
    channel text not null,
    -- The partner or the connection: through what it came.
    door {uuid} not null,
    -- What the file or the message was called.
    name text,
    sha256 {bytes} not null,
    size_bytes bigint not null,
    -- The same bytes may be taken again when nothing of them was.
    attempt integer not null,
    result text,
    received_at bigint not null,
    unique (tenant_id, door, sha256, attempt)
);

-- An interchange: one envelope of a file.
create table interchange (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} references supplier (id),
    partner_id {uuid} references trading_partner (id),
    file_id {uuid} not null references interchange_file (id),
    place integer not null,
    syntax text,
    sender_qualifier text,
    sender text,
    receiver_qualifier text,
    receiver text,
    control_number text,
    usage text,
    way text,
    -- Where it stands in the file, and the SHA-256 of that.
    byte_offset bigint not null,
    byte_length bigint not null,
    content_hash {bytes} not null,
    -- The byte that ends a segment, and the one that takes that meaning from it.
    terminator integer,
    release_mark integer,
    status text not null,
    -- Why nothing of it was taken whatever it says, as JSON: one problem.
    refusal text,
    -- What is wrong with the envelope, as JSON.
    problems text not null,
    messages integer not null,
    refused integer not null,
    received_at bigint not null,
    finished_at bigint,
    unique (file_id, place)
);
create index interchange_by_number on interchange (tenant_id, control_number, partner_id);
create index interchange_by_time on interchange (tenant_id, received_at, id);
create index interchange_by_supplier on interchange (tenant_id, supplier_id, received_at, id);

create table interchange_message (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    interchange_id {uuid} not null references interchange (id),
    place integer not null,
    message_type text not null,
    group_number text,
    control_number text not null,
    business_key text,
    byte_offset bigint not null,
    byte_length bigint not null,
    stage text not null,
    outcome text not null,
    subject text,
    order_id {uuid} references purchase_order (id),
    problems text not null,
    -- How often it was dealt with: again, when procurement asks for it.
    attempts integer not null,
    -- The change that waits, or waited for too long.
    waiting_id {uuid},
    unique (interchange_id, place)
);
create index interchange_message_waiting on interchange_message (tenant_id, waiting_id) where waiting_id is not null;

-- A change to an order that waits for the order, or for the changes before it.
create table waiting_change (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    -- The only supplier whose order it may change, where there is one.
    supplier_id {uuid} references supplier (id),
    -- Who sent it, and under which key: it is carried out as theirs.
    actor text not null,
    idempotency_key text not null,
    request_hash {bytes} not null,
    order_number text not null,
    sequence bigint,
    change text not null,
    reason text not null,
    waits_since bigint not null,
    expired_at bigint,
    -- What became of it, as JSON, once that is known.
    result text,
    settled_at bigint,
    unique (tenant_id, actor, idempotency_key)
);
create index waiting_change_of_order on waiting_change (tenant_id, order_number) where result is null;

insert into file_content (tenant_id, sha256, content, created_at)
    select tenant_id, content_hash, raw, received_at from earlier_interchange
    where true on conflict do nothing;

insert into interchange_file (id, tenant_id, supplier_id, partner_id, connection_id, channel, door, name, sha256,
        size_bytes, attempt, result, received_at)
    select id, tenant_id, supplier_id, partner_id, null, 'EDI', partner_id, null, content_hash, length(raw), 1, null,
        received_at from earlier_interchange;

-- What the envelopes said was not kept.
insert into interchange (id, tenant_id, supplier_id, partner_id, file_id, place, byte_offset, byte_length,
        content_hash, status, problems, messages, refused, received_at, finished_at)
    select id, tenant_id, supplier_id, partner_id, id, 1, 0, length(raw), content_hash,
        case
            when result is null then 'RECEIVED'
            when not exists (select 1 from earlier_message m where m.interchange_id = e.id
                and m.outcome not in ('REFUSED', 'CONFLICT')) then 'REFUSED'
            when exists (select 1 from earlier_message m where m.interchange_id = e.id
                and m.outcome in ('REFUSED', 'CONFLICT')) then 'PARTLY_APPLIED'
            else 'APPLIED'
        end,
        '{"problems":[],"warnings":[]}',
        (select count(*) from earlier_message m where m.interchange_id = e.id),
        (select count(*) from earlier_message m where m.interchange_id = e.id
            and m.outcome in ('REFUSED', 'CONFLICT')),
        received_at, case when result is null then null else received_at end
    from earlier_interchange e;

insert into interchange_message (id, tenant_id, interchange_id, place, message_type, control_number, business_key,
        byte_offset, byte_length, stage, outcome, subject, problems, attempts)
    select id, tenant_id, interchange_id, place, message_type, control_number, business_key, 0, 0,
        case when outcome in ('REFUSED', 'CONFLICT', 'LATE') then 'VALIDATED' else 'APPLIED' end, outcome, subject,
        problems, 1 from earlier_message;

drop table earlier_message;
drop table earlier_interchange;
