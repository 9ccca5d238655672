create table connection (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    kind text not null,
    name text not null,
    environment text not null,
    config text not null,
    sealed_secret {bytes} not null,
    status text not null,
    paused_reason text,
    created_at bigint not null,
    unique (tenant_id, name)
);

create table trading_partner (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    name text not null,
    mode text not null,
    environment text not null,
    currency text,
    identifiers text not null,
    created_at bigint not null,
    unique (tenant_id, name)
);

create table item (
    tenant_id {uuid} not null references tenant (id),
    number text not null,
    description text,
    unit text not null,
    primary key (tenant_id, number)
);

create table supplier_item (
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    item_number text not null,
    supplier_part text not null,
    primary key (tenant_id, supplier_id, item_number)
);

create table unit_factor (
    tenant_id {uuid} not null references tenant (id),
    item_number text not null,
    unit text not null,
    numerator bigint not null check (numerator > 0),
    denominator bigint not null check (denominator > 0),
    primary key (tenant_id, item_number, unit)
);

create table location (
    tenant_id {uuid} not null references tenant (id),
    code text not null,
    name text not null,
    address text not null,
    primary key (tenant_id, code)
);

create table cross_reference (
    tenant_id {uuid} not null references tenant (id),
    system text not null,
    kind text not null,
    external_code text not null,
    code text not null,
    primary key (tenant_id, system, kind, external_code)
);

create table interchange (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} not null references supplier (id),
    partner_id {uuid} not null references trading_partner (id),
    content_hash {bytes} not null,
    raw {bytes} not null,
    result text,
    received_at bigint not null,
    unique (partner_id, content_hash)
);

create table interchange_message (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    interchange_id {uuid} not null references interchange (id),
    place integer not null,
    message_type text not null,
    control_number text not null,
    business_key text,
    outcome text not null,
    subject text,
    problems text not null,
    unique (interchange_id, place)
);
