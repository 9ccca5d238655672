-- What a delivery must stay in order by beside `delivery.order_key`, as long as it is not finished.
create table delivery_tie (
    connection_id {uuid} not null references connection (id),
    tie {uuid} not null,
    position bigint not null,
    delivery_id {uuid} not null references delivery (id),
    tenant_id {uuid} not null references tenant (id),
    primary key (connection_id, tie, position)
);
create index delivery_tie_of on delivery_tie (delivery_id);

-- How a connection fares: apart from the connection itself, which is read all the time and seldom changes.
create table circuit (
    connection_id {uuid} primary key references connection (id),
    tenant_id {uuid} not null references tenant (id),
    state text not null,
    failures integer not null,
    rounds integer not null,
    opened_at bigint,
    not_before bigint not null,
    probe_id {uuid},
    last_error text,
    paced_until bigint not null,
    updated_at bigint not null
);

-- What is read back a while after it was delivered, and what was found.
create table delivery_check (
    delivery_id {uuid} primary key references delivery (id),
    tenant_id {uuid} not null references tenant (id),
    connection_id {uuid} not null references connection (id),
    state text not null,
    tries integer not null,
    next_at bigint not null,
    checked_at bigint,
    said text
);
create index delivery_check_due on delivery_check (connection_id, next_at) where state in ('DUE', 'MISSING');

-- Claims go connection by connection, so that what waits for one that rests is not even looked at.
create index delivery_line on delivery (connection_id, next_at, position)
    where status in ('WAITING', 'UNCONFIRMED', 'SENDING');
drop index delivery_due;

create index delivery_attempt_texts on delivery_attempt (started_at) where request is not null or answer is not null;

alter table connection add column confirm_after_minutes integer;
alter table connection add column confirm_percent integer not null default 100;
