-- The position up to which a tenant's log is published on a stream. A stream that was made anew is another stream:
-- `stream_made` tells them apart.
create table bus_cursor (
    stream text not null,
    tenant_id {uuid} not null references tenant (id),
    stream_made bigint not null,
    position bigint not null,
    primary key (stream, tenant_id)
);
