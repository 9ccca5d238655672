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
-- Whoever may already take the role, a superuser included, needs no grant (and may not be allowed to give one).
-- From PostgreSQL 16 on, membership alone does not say that the role may be taken.
do $$
declare
    wanted text;
    kind text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
    foreach wanted in array array['quayside_app', 'quayside_worker'] loop
        if not pg_has_role(current_user, wanted, kind) then
            execute format('grant %I to %I', wanted, current_user);
        end if;
    end loop;
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
