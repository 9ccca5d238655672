-- Facts. Rows are only ever added.
create table event (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid},
    order_id {uuid},
    event_type text not null,
    version integer not null,
    subject text not null,
    sequence bigint not null,
    occurred_at bigint not null,
    recorded_at bigint not null,
    correlation_id text not null,
    causation_id {uuid},
    actor text not null,
    channel text not null,
    trace_parent text,
    payload text not null,
    unique (tenant_id, subject, sequence)
);

-- What dispatch has not seen yet. Its own counter rises in commit order for each subject.
create table outbox (
    id {serial},
    event_id {uuid} not null references event (id),
    tenant_id {uuid} not null references tenant (id)
);

-- Each event's place in its tenant's log, and the chain of hashes. Rows are only ever added.
create table event_log (
    tenant_id {uuid} not null references tenant (id),
    position bigint not null,
    event_id {uuid} not null unique references event (id),
    supplier_id {uuid},
    order_id {uuid},
    event_type text not null,
    hash {bytes} not null,
    logged_at bigint not null,
    primary key (tenant_id, position)
);
create index event_log_of_order on event_log (tenant_id, order_id, position) where order_id is not null;
create index event_log_of_supplier on event_log (tenant_id, supplier_id, position) where supplier_id is not null;

create table event_head (
    tenant_id {uuid} primary key references tenant (id),
    position bigint not null,
    hash {bytes} not null
);

create table delivery (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid},
    connection_id {uuid} not null references connection (id),
    event_id {uuid} not null references event (id),
    event_type text not null,
    subject text not null,
    order_key {uuid} not null,
    position bigint not null,
    status text not null,
    attempts integer not null,
    next_at bigint not null,
    lease_until bigint not null,
    fence bigint not null,
    reference text,
    error_code text,
    error_message text,
    created_at bigint not null,
    finished_at bigint,
    unique (connection_id, event_id)
);
create index delivery_due on delivery (next_at) where status in ('WAITING', 'UNCONFIRMED', 'SENDING');
create index delivery_key on delivery (connection_id, order_key, position)
    where status in ('WAITING', 'UNCONFIRMED', 'SENDING', 'DEAD');
create index delivery_of_subject on delivery (tenant_id, subject);

create table delivery_attempt (
    delivery_id {uuid} not null references delivery (id),
    number integer not null,
    tenant_id {uuid} not null references tenant (id),
    started_at bigint not null,
    duration_ms bigint not null,
    outcome text not null,
    http_status integer,
    request text,
    answer text,
    error text,
    primary key (delivery_id, number)
);

create table lease (
    name text primary key,
    holder text not null,
    until bigint not null
);
