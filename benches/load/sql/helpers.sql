-- What the yardsticks need: suppliers and open orders by number, and ids that rise with time, as the application's do.
create table bench_supplier (n serial primary key, tenant_id uuid not null, supplier_id uuid not null);
create table bench_order (
    n serial primary key,
    order_id uuid not null,
    tenant_id uuid not null,
    supplier_id uuid not null
);
create table bench_commit (n bigint);
grant all on bench_supplier, bench_order, bench_commit to quayside_worker;
grant all on all sequences in schema public to quayside_worker;
create function bench_id() returns uuid language sql volatile parallel safe as $$
    select encode(
        substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
            || substring(uuid_send(gen_random_uuid()) from 7),
        'hex')::uuid
$$;
set role quayside_worker;
insert into bench_supplier (tenant_id, supplier_id)
    select tenant_id, supplier_id from purchase_order group by 1, 2 order by 1, 2;
insert into bench_order (order_id, tenant_id, supplier_id)
    select id, tenant_id, supplier_id from purchase_order where status = 'AWAITING_ANSWER' order by id;
reset role;
analyze bench_supplier;
analyze bench_order;
