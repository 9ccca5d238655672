alter table exception_case add column owner_kind text not null default 'PROCUREMENT';
alter table exception_case add column owner_user_id {uuid};
alter table exception_case add column due_at bigint;
alter table exception_case add column escalated_at bigint;
alter table exception_case add column proof_event_id {uuid};
alter table exception_case add column transitions integer not null default 0;
create index exception_of_supplier on exception_case (tenant_id, supplier_id, opened_at, id) where supplier_id is not null;
create index exception_of_order on exception_case (tenant_id, order_id) where order_id is not null;
create index exception_due on exception_case (due_at) where escalated_at is null and status <> 'RESOLVED';

-- Every step, with who and why. Rows are only ever added.
create table exception_transition (
    exception_id {uuid} not null references exception_case (id),
    number integer not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid},
    action text not null,
    from_status text,
    to_status text not null,
    owner_kind text not null,
    owner_user_id {uuid},
    severity text not null,
    due_at bigint,
    side text not null,
    actor text not null,
    why text,
    event_id {uuid} not null references event (id),
    proof_event_id {uuid},
    at bigint not null,
    primary key (exception_id, number)
);

create table exception_comment (
    id {uuid} primary key,
    exception_id {uuid} not null references exception_case (id),
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid},
    internal boolean not null,
    side text not null,
    actor text not null,
    body text not null,
    at bigint not null
);
create index exception_comment_of_case on exception_comment (exception_id, at, id);

-- The bytes of files, once for each content and tenant.
create table file_content (
    tenant_id {uuid} not null references tenant (id),
    sha256 {bytes} not null,
    content {bytes} not null,
    created_at bigint not null,
    primary key (tenant_id, sha256)
);

create table exception_attachment (
    id {uuid} primary key,
    exception_id {uuid} not null references exception_case (id),
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid},
    name text not null,
    media_type text not null,
    size_bytes bigint not null,
    sha256 {bytes} not null,
    internal boolean not null,
    side text not null,
    actor text not null,
    at bigint not null,
    unique (exception_id, sha256, name, internal)
);

-- Who owns exceptions and by when they are due, where it is not the default. `place` is `supplier/KIND`, each `*`
-- where the rule is for all.
create table exception_route (
    tenant_id {uuid} not null references tenant (id),
    place text not null,
    supplier_id {uuid} references supplier (id),
    kind text,
    owner_kind text,
    owner_user_id {uuid},
    due_minutes integer,
    severity text,
    updated_at bigint not null,
    updated_by text not null,
    primary key (tenant_id, place)
);

create table thread (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid},
    order_id {uuid},
    about text not null,
    messages integer not null,
    created_at bigint not null,
    unique (tenant_id, about)
);

-- What was said. Rows are only ever added.
create table note (
    id {uuid} primary key,
    thread_id {uuid} not null references thread (id),
    number integer not null,
    tenant_id {uuid} not null references tenant (id),
    supplier_id {uuid},
    side text not null,
    actor text not null,
    body text not null,
    posted_at bigint not null,
    unique (thread_id, number)
);

create table mail_preference (
    membership_id {uuid} primary key references membership (id),
    tenant_id {uuid} not null references tenant (id),
    wishes text not null,
    updated_at bigint not null
);

-- One mail to one person: the outbox of mail.
create table mail (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    membership_id {uuid} not null references membership (id),
    subject text not null,
    body text not null,
    link text not null,
    status text not null,
    attempts integer not null,
    fence bigint not null,
    next_at bigint not null,
    error text,
    created_at bigint not null,
    finished_at bigint
);
create index mail_due on mail (next_at) where status = 'WAITING';
create index mail_age on mail (created_at) where status <> 'WAITING';

-- What one person is to be told of one event, once. Without a mail it waits for the day's digest.
create table notice (
    id {uuid} primary key,
    tenant_id {uuid} not null references tenant (id),
    event_id {uuid} not null references event (id),
    user_id {uuid} not null references app_user (id),
    membership_id {uuid} not null references membership (id),
    line text not null,
    link text not null,
    mail_id {uuid} references mail (id),
    created_at bigint not null,
    unique (event_id, user_id)
);
create index notice_for_digest on notice (created_at) where mail_id is null;
create index notice_of_mail on notice (mail_id) where mail_id is not null;
