-- An order of eight lines, row by row: one transaction an order, one statement a row.
\set n random(1, 1000000000000000)
\set s random(1, :suppliers)
begin;
insert into purchase_order (id, tenant_id, supplier_id, number, status, revision, source_revision, source_sequence,
    source_issued_at, currency, ordered_on, answer_due_at, created_at, updated_at)
select md5(:n::text)::uuid, tenant_id, supplier_id, 'R' || :n::text, 'AWAITING_ANSWER', 1, '1', 1, 0, 'EUR',
    '2026-11-23', null, 0, 0
from bench_supplier where n = :s;
insert into purchase_order_revision (order_id, number, tenant_id, supplier_id, source_revision, source_sequence,
    source_issued_at, late, content_hash, document, channel, received_at)
select md5(:n::text)::uuid, 1, tenant_id, supplier_id, '1', 1, 0, false, decode(repeat('00', 32), 'hex'),
    '{"lines":"' || repeat('0123456789', 150) || '"}', 'INGEST', 0
from bench_supplier where n = :s;
insert into purchase_order_line (order_id, revision, place, tenant_id, supplier_id, line, buyer_part, supplier_part,
    description, quantity, unit, unit_price, deliver_to, cancelled)
select md5(:n::text)::uuid, 1, 1, tenant_id, supplier_id, '00010', 'B-000001', 'S-000001',
    'Hex bolt M1 x 20, zinc plated, DIN 933', 100000000, 'EA', 1250000, '2027-01-01', false
from bench_supplier where n = :s;
insert into line_state (order_id, line, tenant_id, supplier_id, status)
select md5(:n::text)::uuid, '00010', tenant_id, supplier_id, 'AWAITING_ANSWER' from bench_supplier where n = :s;
insert into purchase_order_line (order_id, revision, place, tenant_id, supplier_id, line, buyer_part, supplier_part,
    description, quantity, unit, unit_price, deliver_to, cancelled)
select md5(:n::text)::uuid, 1, 2, tenant_id, supplier_id, '00020', 'B-000002', 'S-000002',
    'Hex bolt M2 x 20, zinc plated, DIN 933', 200000000, 'EA', 1250000, '2027-01-02', false
from bench_supplier where n = :s;
insert into line_state (order_id, line, tenant_id, supplier_id, status)
select md5(:n::text)::uuid, '00020', tenant_id, supplier_id, 'AWAITING_ANSWER' from bench_supplier where n = :s;
insert into purchase_order_line (order_id, revision, place, tenant_id, supplier_id, line, buyer_part, supplier_part,
    description, quantity, unit, unit_price, deliver_to, cancelled)
select md5(:n::text)::uuid, 1, 3, tenant_id, supplier_id, '00030', 'B-000003', 'S-000003',
    'Hex bolt M3 x 20, zinc plated, DIN 933', 300000000, 'EA', 1250000, '2027-01-03', false
from bench_supplier where n = :s;
insert into line_state (order_id, line, tenant_id, supplier_id, status)
select md5(:n::text)::uuid, '00030', tenant_id, supplier_id, 'AWAITING_ANSWER' from bench_supplier where n = :s;
insert into purchase_order_line (order_id, revision, place, tenant_id, supplier_id, line, buyer_part, supplier_part,
    description, quantity, unit, unit_price, deliver_to, cancelled)
select md5(:n::text)::uuid, 1, 4, tenant_id, supplier_id, '00040', 'B-000004', 'S-000004',
    'Hex bolt M4 x 20, zinc plated, DIN 933', 400000000, 'EA', 1250000, '2027-01-04', false
from bench_supplier where n = :s;
insert into line_state (order_id, line, tenant_id, supplier_id, status)
select md5(:n::text)::uuid, '00040', tenant_id, supplier_id, 'AWAITING_ANSWER' from bench_supplier where n = :s;
insert into purchase_order_line (order_id, revision, place, tenant_id, supplier_id, line, buyer_part, supplier_part,
    description, quantity, unit, unit_price, deliver_to, cancelled)
select md5(:n::text)::uuid, 1, 5, tenant_id, supplier_id, '00050', 'B-000005', 'S-000005',
    'Hex bolt M5 x 20, zinc plated, DIN 933', 500000000, 'EA', 1250000, '2027-01-05', false
from bench_supplier where n = :s;
insert into line_state (order_id, line, tenant_id, supplier_id, status)
select md5(:n::text)::uuid, '00050', tenant_id, supplier_id, 'AWAITING_ANSWER' from bench_supplier where n = :s;
insert into purchase_order_line (order_id, revision, place, tenant_id, supplier_id, line, buyer_part, supplier_part,
    description, quantity, unit, unit_price, deliver_to, cancelled)
select md5(:n::text)::uuid, 1, 6, tenant_id, supplier_id, '00060', 'B-000006', 'S-000006',
    'Hex bolt M6 x 20, zinc plated, DIN 933', 600000000, 'EA', 1250000, '2027-01-06', false
from bench_supplier where n = :s;
insert into line_state (order_id, line, tenant_id, supplier_id, status)
select md5(:n::text)::uuid, '00060', tenant_id, supplier_id, 'AWAITING_ANSWER' from bench_supplier where n = :s;
insert into purchase_order_line (order_id, revision, place, tenant_id, supplier_id, line, buyer_part, supplier_part,
    description, quantity, unit, unit_price, deliver_to, cancelled)
select md5(:n::text)::uuid, 1, 7, tenant_id, supplier_id, '00070', 'B-000007', 'S-000007',
    'Hex bolt M7 x 20, zinc plated, DIN 933', 700000000, 'EA', 1250000, '2027-01-07', false
from bench_supplier where n = :s;
insert into line_state (order_id, line, tenant_id, supplier_id, status)
select md5(:n::text)::uuid, '00070', tenant_id, supplier_id, 'AWAITING_ANSWER' from bench_supplier where n = :s;
insert into purchase_order_line (order_id, revision, place, tenant_id, supplier_id, line, buyer_part, supplier_part,
    description, quantity, unit, unit_price, deliver_to, cancelled)
select md5(:n::text)::uuid, 1, 8, tenant_id, supplier_id, '00080', 'B-000008', 'S-000008',
    'Hex bolt M8 x 20, zinc plated, DIN 933', 800000000, 'EA', 1250000, '2027-01-08', false
from bench_supplier where n = :s;
insert into line_state (order_id, line, tenant_id, supplier_id, status)
select md5(:n::text)::uuid, '00080', tenant_id, supplier_id, 'AWAITING_ANSWER' from bench_supplier where n = :s;
insert into event (id, tenant_id, supplier_id, order_id, event_type, version, subject, sequence, occurred_at,
    recorded_at, correlation_id, actor, channel, payload)
select md5('e' || :n::text)::uuid, tenant_id, supplier_id, md5(:n::text)::uuid, 'purchase_order.released', 1,
    'po_' || md5(:n::text), 1, 0, 0, md5(:n::text), 'operator', 'INGEST', '{"order":"' || repeat('0123456789', 20) || '"}'
from bench_supplier where n = :s;
insert into outbox (event_id, tenant_id)
select md5('e' || :n::text)::uuid, tenant_id from bench_supplier where n = :s;
commit;
