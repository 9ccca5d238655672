-- Grants and row-level security for the tables that have none yet: each migration that adds tables runs this last.
do $$
declare t record;
begin
    for t in
        select c.table_name from information_schema.columns c
        join information_schema.tables b using (table_schema, table_name)
        join pg_class k on k.relname = c.table_name and k.relnamespace = 'public'::regnamespace
        where c.table_schema = 'public' and c.column_name = 'tenant_id' and b.table_type = 'BASE TABLE'
            and not k.relrowsecurity
    loop
        execute format('grant select, insert, update, delete on %I to quayside_app, quayside_worker', t.table_name);
        execute format('alter table %I enable row level security', t.table_name);
        execute format('alter table %I force row level security', t.table_name);
        execute format(
            'create policy tenant_rows on %I to quayside_app'
            ' using (tenant_id = (select nullif(current_setting(''quayside.tenant'', true), '''')::uuid))'
            ' with check (tenant_id = (select nullif(current_setting(''quayside.tenant'', true), '''')::uuid))',
            t.table_name);
        execute format('create policy all_rows on %I to quayside_worker using (true) with check (true)', t.table_name);
    end loop;
end $$;
