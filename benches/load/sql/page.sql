-- The page in three statements. A script cannot pass ids on, so the second and third find the orders again.
-- Frozen: the ratio to it is compared from release to release.
\set n random(1, :suppliers)
select id, tenant_id, supplier_id, number, status, revision, source_revision, source_sequence, source_issued_at,
    currency, ordered_on, answer_due_at, overdue_at, created_at, updated_at
from purchase_order
where (tenant_id, supplier_id) = (select tenant_id, supplier_id from bench_supplier where n = :n)
    and status = 'AWAITING_ANSWER'
order by created_at desc, id desc
limit 26;

select l.order_id, l.revision, l.place, l.line, l.buyer_part, l.supplier_part, l.gtin, l.description, l.quantity,
    l.unit, l.unit_price, l.price_per, l.deliver_from, l.deliver_to, l.cancelled
from (
    select id, revision from purchase_order
    where (tenant_id, supplier_id) = (select tenant_id, supplier_id from bench_supplier where n = :n)
        and status = 'AWAITING_ANSWER'
    order by created_at desc, id desc
    limit 25
) o
join purchase_order_line l on l.order_id = o.id and l.revision = o.revision
order by l.order_id, l.place;

select s.order_id, s.line, s.status, s.acknowledgment_id, s.answered_revision, p.place, p.kind, p.quantity, p.unit,
    p.promised_on, p.price, p.reason, p.substitute
from (
    select id from purchase_order
    where (tenant_id, supplier_id) = (select tenant_id, supplier_id from bench_supplier where n = :n)
        and status = 'AWAITING_ANSWER'
    order by created_at desc, id desc
    limit 25
) o
join line_state s on s.order_id = o.id
left join acknowledgment_part p on p.acknowledgment_id = s.acknowledgment_id and p.line = s.line;
