-- Every row an answer writes, in one statement and one round trip. Frozen, like the page.
\set n random(1, :orders)
with ids as materialized (
    select bench_id() as answer, bench_id() as event, (extract(epoch from clock_timestamp()) * 1000000)::bigint as now
), asked as (
    update purchase_order o
    set status = 'ACKNOWLEDGED', answer_due_at = null, overdue_at = null, updated_at = ids.now
    from bench_order b, ids
    where b.n = :n and o.id = b.order_id
    returning o.id, o.tenant_id, o.supplier_id, o.revision
), answer as (
    insert into acknowledgment (id, tenant_id, supplier_id, order_id, revision, channel, actor, event_id, submitted_at)
    select ids.answer, tenant_id, supplier_id, id, revision, 'API', 'tok_' || ids.event, ids.event, ids.now
    from asked, ids
    returning id, tenant_id, supplier_id, order_id, revision
), parts as (
    insert into acknowledgment_part
        (acknowledgment_id, line, place, tenant_id, supplier_id, order_id, kind, quantity, unit, promised_on, price)
    select a.id, l.line, 0, a.tenant_id, a.supplier_id, a.order_id, 'ACCEPTED', l.quantity, l.unit, l.deliver_to,
        l.unit_price
    from answer a join purchase_order_line l on l.order_id = a.order_id and l.revision = a.revision
), states as (
    update line_state s set status = 'ACCEPTED', acknowledgment_id = a.id, answered_revision = a.revision
    from answer a where s.order_id = a.order_id
), key as (
    insert into idempotency_key (tenant_id, principal, operation, key, request_hash, result, created_at)
    select tenant_id, 'tok_' || ids.event, 'acknowledgments.submit', ids.answer::text,
        decode(repeat('00', 32), 'hex'), '"ack_' || ids.answer || '"', ids.now
    from asked, ids
), happened as (
    insert into event (id, tenant_id, supplier_id, order_id, event_type, version, subject, sequence, occurred_at,
        recorded_at, correlation_id, actor, channel, payload)
    select ids.event, tenant_id, supplier_id, asked.id, 'acknowledgment.submitted', 1, 'ack_' || ids.answer, 1,
        ids.now, ids.now, ids.answer::text, 'tok_' || ids.event, 'API', '{"lines":"' || repeat('0123456789', 130) || '"}'
    from asked, ids
    returning id, tenant_id
)
insert into outbox (event_id, tenant_id) select id, tenant_id from happened;
