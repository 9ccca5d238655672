-- The quantity ledger of a line stands beside its status: both change together.
alter table line_state add column unit text not null default '';
alter table line_state add column ordered bigint not null default 0;
alter table line_state add column cancelled bigint not null default 0;
alter table line_state add column acknowledged bigint not null default 0;
alter table line_state add column backordered bigint not null default 0;
alter table line_state add column shipped bigint not null default 0;
alter table line_state add column in_transit bigint not null default 0;
alter table line_state add column received bigint not null default 0;
alter table line_state add column accepted bigint not null default 0;
alter table line_state add column held bigint not null default 0;
alter table line_state add column rejected bigint not null default 0;
alter table line_state add column returned bigint not null default 0;
alter table line_state add column short_closed bigint not null default 0;
alter table line_state add column invoiced bigint not null default 0;
alter table line_state add column fulfillment text not null default 'NOT_SHIPPED';
alter table line_state add column due_on {date};
alter table line_state add column late_at bigint;
create index line_state_due on line_state (due_on)
    where due_on is not null and late_at is null and fulfillment in ('NOT_SHIPPED', 'PARTIALLY_SHIPPED');
alter table purchase_order add column fulfillment text not null default 'NOT_SHIPPED';

-- What is on file already: the current revision, or the last one that had the line, and the agreed answer.
update line_state set
    ordered = coalesce((select l.quantity from purchase_order_line l
        where l.order_id = line_state.order_id and l.line = line_state.line order by l.revision desc limit 1), 0),
    unit = coalesce((select l.unit from purchase_order_line l
        where l.order_id = line_state.order_id and l.line = line_state.line order by l.revision desc limit 1), ''),
    due_on = (select coalesce(l.deliver_to, l.deliver_from) from purchase_order_line l
        where l.order_id = line_state.order_id and l.line = line_state.line order by l.revision desc limit 1),
    acknowledged = case when status = 'ACCEPTED' then coalesce((select sum(p.quantity) from acknowledgment_part p
        where p.acknowledgment_id = line_state.acknowledgment_id and p.line = line_state.line
        and p.kind <> 'REJECTED'), 0) else 0 end,
    backordered = case when status = 'ACCEPTED' then coalesce((select sum(p.quantity) from acknowledgment_part p
        where p.acknowledgment_id = line_state.acknowledgment_id and p.line = line_state.line
        and p.kind = 'BACKORDERED'), 0) else 0 end;
update line_state set cancelled = ordered, fulfillment = 'CANCELLED' where status = 'CANCELLED';
update purchase_order set fulfillment = 'CANCELLED' where status = 'CANCELLED';

alter table supplier add column gs1_prefix text;
alter table supplier add column sscc_serial bigint not null default 0;

create table shipment (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    number text not null,
    status text not null,
    version integer not null,
    document text not null,
    order_id {uuid},
    ships_at bigint,
    arrives_at bigint,
    late_at bigint,
    submitted_at bigint,
    arrived_at bigint,
    finished_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    unique (tenant_id, supplier_id, number)
);
create index shipment_page on shipment (tenant_id, supplier_id, status, created_at, id);
create index shipment_page_all on shipment (tenant_id, created_at, id);
create index shipment_by_number on shipment (tenant_id, number);
create index shipment_leaving on shipment (ships_at) where status = 'SUBMITTED';
create index shipment_expected on shipment (arrives_at)
    where arrives_at is not null and late_at is null and status in ('SUBMITTED', 'IN_TRANSIT');

-- Every version a supplier wrote, drafts too. Rows are only ever added.
create table shipment_version (
    shipment_id {uuid} not null references shipment (id),
    version integer not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    action text not null,
    document text not null,
    reason text,
    actor text not null,
    channel text not null,
    created_at bigint not null,
    primary key (shipment_id, version)
);

-- What the current version holds of which order line, in the line's unit.
create table shipment_line (
    shipment_id {uuid} not null references shipment (id),
    order_id {uuid} not null references purchase_order (id),
    line text not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    place integer not null,
    quantity bigint not null,
    unit text not null,
    received bigint not null default 0,
    in_transit bigint not null default 0,
    primary key (shipment_id, order_id, line)
);
create index shipment_line_of_order on shipment_line (order_id, line);

-- Serial Shipping Container Codes in use: one may not come again before twelve months have passed.
create table sscc_use (
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    sscc text not null,
    shipment_id {uuid} not null references shipment (id),
    used_at bigint not null,
    primary key (tenant_id, supplier_id, sscc)
);
create index sscc_use_of_shipment on sscc_use (shipment_id);

create table appointment (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    shipment_id {uuid} not null unique references shipment (id),
    status text not null,
    number text,
    location text,
    dock text,
    requested_from bigint,
    requested_until bigint,
    request_note text,
    slot_from bigint,
    slot_until bigint,
    answer_note text,
    source_revision text,
    source_sequence bigint not null default 0,
    source_issued_at bigint,
    content_hash {bytes},
    created_at bigint not null,
    updated_at bigint not null
);

-- Statements of warehouses. Rows are only ever added; what follows from them is computed from all of them.
create table receipt (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} references supplier (id),
    source text not null,
    number text not null,
    kind text not null,
    basis text not null,
    replaces text,
    shipment_number text,
    location text,
    received_at bigint not null,
    sequence bigint not null,
    content_hash {bytes} not null,
    document text not null,
    channel text not null,
    actor text not null,
    recorded_at bigint not null,
    unique (tenant_id, source, number)
);
create index receipt_replaced on receipt (tenant_id, source, replaces) where replaces is not null;
create index receipt_of_shipment on receipt (tenant_id, supplier_id, shipment_number) where shipment_number is not null;
create index receipt_page on receipt (tenant_id, recorded_at, id);

create table receipt_line (
    receipt_id {uuid} not null references receipt (id),
    place integer not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    order_id {uuid} not null references purchase_order (id),
    line text not null,
    quantity bigint not null,
    unit text not null,
    condition text not null,
    condition_code text,
    evidence text not null,
    primary key (receipt_id, place)
);
create index receipt_line_of_order on receipt_line (order_id, line);

create table discrepancy (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    order_id {uuid} not null references purchase_order (id),
    line text not null,
    shipment_id {uuid},
    cause text not null,
    kind text not null,
    status text not null,
    quantity bigint not null,
    unit text not null,
    condition_codes text not null,
    evidence text not null,
    statement text,
    contested_at bigint,
    resolution text,
    resolved_quantity bigint,
    note text,
    resolved_by text,
    resolved_at bigint,
    opened_at bigint not null,
    updated_at bigint not null,
    unique (order_id, line, cause, kind)
);
create index discrepancy_page on discrepancy (tenant_id, supplier_id, status, opened_at, id);
create index discrepancy_page_all on discrepancy (tenant_id, status, opened_at, id);
create index discrepancy_of_shipment on discrepancy (shipment_id) where shipment_id is not null;

create table invoice_status (
    order_id {uuid} not null references purchase_order (id),
    line text not null,
    source text not null,
    invoice text not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    status text not null,
    quantity bigint not null,
    unit text not null,
    amount bigint,
    currency text,
    reason text,
    source_revision text not null,
    source_sequence bigint not null,
    source_issued_at bigint not null,
    content_hash {bytes} not null,
    recorded_at bigint not null,
    primary key (order_id, line, source, invoice)
);
