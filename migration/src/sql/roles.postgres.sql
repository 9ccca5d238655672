-- Two roles that own nothing. The application sets one of them on each of its connections.
do $$
begin
    create role quayside_app nologin nosuperuser nocreatedb nocreaterole nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
    create role quayside_worker nologin nosuperuser nocreatedb nocreaterole nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;
-- A role that is already a member, or a superuser, needs no grant (and may not be allowed to give one).
do $$
begin
    if not pg_has_role(current_user, 'quayside_app', 'member') then
        execute format('grant quayside_app to %I', current_user);
    end if;
    if not pg_has_role(current_user, 'quayside_worker', 'member') then
        execute format('grant quayside_worker to %I', current_user);
    end if;
end $$;

grant usage on schema public to quayside_app, quayside_worker;
grant select, insert, update, delete on all tables in schema public to quayside_app, quayside_worker;
grant usage on all sequences in schema public to quayside_app, quayside_worker;
-- What happened stays as it was written.
revoke update, delete on event, event_log, delivery_attempt, purchase_order_revision, purchase_order_line,
    acknowledgment, acknowledgment_part from quayside_app, quayside_worker;
-- Only background work places events in the log.
revoke insert on event_log from quayside_app;
revoke insert, update, delete on event_head from quayside_app;
revoke insert, update, delete on tenant from quayside_app;
-- People, sessions and throttling belong to no single tenant: sign-in is the worker role's.
revoke all on app_user, session, sign_in_throttle, lease, seaql_migrations from quayside_app;
revoke all on seaql_migrations from quayside_worker;

-- The second wall: a statement that forgot the tenant sees nothing.
do $$
declare t record;
begin
    for t in
        select c.table_name from information_schema.columns c
        join information_schema.tables b using (table_schema, table_name)
        where c.table_schema = 'public' and c.column_name = 'tenant_id' and b.table_type = 'BASE TABLE'
    loop
        execute format('alter table %I enable row level security', t.table_name);
        execute format('alter table %I force row level security', t.table_name);
        execute format(
            'create policy tenant_rows on %I to quayside_app'
            ' using (tenant_id = nullif(current_setting(''quayside.tenant'', true), '''')::uuid)'
            ' with check (tenant_id = nullif(current_setting(''quayside.tenant'', true), '''')::uuid)',
            t.table_name);
        execute format('create policy all_rows on %I to quayside_worker using (true) with check (true)', t.table_name);
    end loop;
end $$;
alter table tenant enable row level security;
alter table tenant force row level security;
create policy own_row on tenant for select to quayside_app
    using (id = nullif(current_setting('quayside.tenant', true), '')::uuid);
create policy all_rows on tenant to quayside_worker using (true) with check (true);
