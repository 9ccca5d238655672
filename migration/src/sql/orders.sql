create table purchase_order (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    number text not null,
    status text not null,
    revision integer not null,
    source_revision text not null,
    source_sequence bigint not null,
    source_issued_at bigint not null,
    currency text,
    ordered_on {date},
    answer_due_at bigint,
    overdue_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    unique (tenant_id, number)
);
create index purchase_order_page on purchase_order (tenant_id, supplier_id, status, created_at, id);
create index purchase_order_page_all on purchase_order (tenant_id, created_at, id);
create index purchase_order_due on purchase_order (answer_due_at)
    where answer_due_at is not null and overdue_at is null;

create table purchase_order_revision (
    order_id {uuid} not null references purchase_order (id),
    number integer not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    source_revision text not null,
    source_sequence bigint not null,
    source_issued_at bigint not null,
    late boolean not null,
    content_hash {bytes} not null,
    document text not null,
    channel text not null,
    received_at bigint not null,
    primary key (order_id, number),
    unique (order_id, source_revision)
);

create table purchase_order_line (
    order_id {uuid} not null references purchase_order (id),
    revision integer not null,
    place integer not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    line text not null,
    buyer_part text,
    supplier_part text,
    gtin text,
    description text,
    quantity bigint not null,
    unit text not null,
    unit_price bigint,
    price_per bigint,
    deliver_from {date},
    deliver_to {date},
    cancelled boolean not null,
    primary key (order_id, revision, place)
);

create table line_state (
    order_id {uuid} not null references purchase_order (id),
    line text not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    status text not null,
    acknowledgment_id {uuid},
    answered_revision integer,
    primary key (order_id, line)
);
