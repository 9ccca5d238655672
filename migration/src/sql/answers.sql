create table acknowledgment (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    order_id {uuid} not null references purchase_order (id),
    revision integer not null,
    supplier_reference text,
    note text,
    channel text not null,
    actor text not null,
    event_id {uuid} not null,
    submitted_at bigint not null
);
create index acknowledgment_of_order on acknowledgment (order_id, submitted_at);

create table acknowledgment_part (
    acknowledgment_id {uuid} not null references acknowledgment (id),
    line text not null,
    place integer not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    order_id {uuid} not null,
    kind text not null,
    quantity bigint not null,
    unit text not null,
    promised_on {date},
    price bigint,
    reason text,
    substitute text,
    primary key (acknowledgment_id, line, place)
);
create index acknowledgment_part_of_order on acknowledgment_part (order_id);

create table change_proposal (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    order_id {uuid} not null references purchase_order (id),
    acknowledgment_id {uuid} not null references acknowledgment (id),
    revision integer not null,
    line text not null,
    status text not null,
    deviations text not null,
    opened_at bigint not null,
    decided_at bigint,
    decided_by text,
    note text
);
create index change_proposal_of_order on change_proposal (order_id);
create index change_proposal_page on change_proposal (tenant_id, status, opened_at, id);

create table idempotency_key (
    tenant_id {uuid} not null references tenant (id),
    principal text not null,
    operation text not null,
    key text not null,
    request_hash {bytes} not null,
    result text not null,
    created_at bigint not null,
    primary key (tenant_id, principal, operation, key)
);
create index idempotency_key_age on idempotency_key (created_at);

create table exception_case (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} references supplier (id),
    order_id {uuid},
    kind text not null,
    subject text not null,
    status text not null,
    severity text not null,
    summary text not null,
    detail text not null,
    opened_at bigint not null,
    resolved_at bigint,
    resolved_by text,
    resolution text
);
create unique index one_open_exception_per_cause on exception_case (tenant_id, kind, subject)
    where status <> 'RESOLVED';
create index exception_page on exception_case (tenant_id, status, opened_at, id);
