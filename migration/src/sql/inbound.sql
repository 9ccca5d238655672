-- What is read from a connection under one name, and how far.
create table inbound_feed (
    connection_id {uuid} not null references connection (id),
    name text not null,
    tenant_id {uuid} not null references tenant (id),
    way text not null,
    offered boolean not null,
    cursor text,
    every_seconds integer,
    next_at bigint not null,
    asked bigint not null,
    lease_until bigint not null,
    fence bigint not null,
    polled_at bigint,
    succeeded_at bigint,
    failures integer not null,
    error text,
    created_at bigint not null,
    primary key (connection_id, name)
);
create index inbound_feed_due on inbound_feed (next_at) where way = 'POLL';
create index inbound_feed_of_tenant on inbound_feed (tenant_id, connection_id);

-- What a system said, as it came, once for each content.
create table inbound_message (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    connection_id {uuid} not null references connection (id),
    feed text not null,
    content_hash {bytes} not null,
    media_type text not null,
    raw {bytes},
    received_at bigint not null,
    status text not null,
    outcomes text not null,
    problems text not null,
    attempts integer not null,
    next_at bigint not null,
    fence bigint not null,
    error text,
    finished_at bigint,
    unique (connection_id, feed, content_hash)
);
create index inbound_message_due on inbound_message (next_at) where status = 'RECEIVED';
create index inbound_message_of_tenant on inbound_message (tenant_id, received_at, id);
create index inbound_message_age on inbound_message (finished_at) where raw is not null and finished_at is not null;
