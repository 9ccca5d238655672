create table tenant (
    id {uuid} primary key,
    slug text not null unique,
    name text not null,
    policy text not null,
    created_at bigint not null
);

create table supplier_group (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    name text not null,
    policy text not null,
    unique (tenant_id, name)
);

create table supplier (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    group_id {uuid} references supplier_group (id),
    number text not null,
    name text not null,
    policy text not null,
    created_at bigint not null,
    unique (tenant_id, number)
);

create table app_user (
    id {uuid} primary key,
    email text not null unique,
    name text not null,
    password_hash text not null,
    disabled_at bigint,
    created_at bigint not null
);

create table membership (
    id {uuid} primary key,
    user_id {uuid} not null references app_user (id),
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid} references supplier (id),
    role text not null,
    created_at bigint not null,
    ended_at bigint
);
create unique index one_membership_per_supplier on membership (user_id, tenant_id, supplier_id)
    where supplier_id is not null and ended_at is null;
create unique index one_buyer_membership_per_tenant on membership (user_id, tenant_id)
    where supplier_id is null and ended_at is null;

create table session (
    id {uuid} primary key,
    user_id {uuid} not null references app_user (id),
    membership_id {uuid} references membership (id),
    secret_hash {bytes} not null unique,
    address text not null,
    user_agent text,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    ended_at bigint
);
create index session_of_user on session (user_id);

create table access_token (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    kind text not null,
    environment text not null,
    membership_id {uuid} references membership (id),
    connection_id {uuid},
    partner_id {uuid},
    name text not null,
    hint text not null,
    secret_hash {bytes} not null unique,
    scopes text not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint
);
create index access_token_of_membership on access_token (tenant_id, membership_id);

create table sign_in_throttle (
    subject text primary key,
    attempts integer not null,
    counted_from bigint not null,
    blocked_until bigint not null
);
