-- What a webhook endpoint has beyond its connection's row, whose id it goes by.
create table webhook_endpoint (
    connection_id {uuid} primary key references connection (id),
    tenant_id {uuid} not null,
    -- A supplier's endpoint; the buyer's own, when nothing is said.
    supplier_id {uuid},
    description text,
    -- The first of the failures since which nothing arrived, and the last one.
    failing_since bigint,
    last_failure_at bigint,
    -- Of what its owner was told since then.
    told_of_day_at bigint,
    told_of_exhaustion_at bigint,
    disabled_at bigint,
    disabled_reason text,
    disabled_note text,
    -- The position in the log behind which something was missed when it was disabled.
    missed_after bigint,
    -- The delivery of the last test.
    last_test_id {uuid},
    deleted_at bigint,
    created_at bigint not null
);
create index webhook_endpoint_of_owner on webhook_endpoint (tenant_id, supplier_id) where deleted_at is null;
