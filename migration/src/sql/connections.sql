-- Whose endpoint it is: a supplier's; the buyer's own, when nothing is said.
alter table connection add column supplier_id {uuid} references supplier (id);
-- What it gets, as JSON: eventTypes, locations, suppliers.
alter table connection add column receives text not null default '{}';
-- Whose codes it uses: the system of the cross-references.
alter table connection add column code_system text not null default 'ERP';
-- How often those codes have changed: what was read under another count is out of date.
alter table connection add column codes_revision bigint not null default 0;
-- The tenant's change to outgoing JSON, in jq.
alter table connection add column filter text;
alter table connection add column rate_per_minute integer;
alter table connection add column concurrency integer;
-- Counts the changes, from 1: who changes it names the revision he has seen.
alter table connection add column revision bigint not null default 1;
alter table connection add column updated_at bigint not null default 0;

create index connection_supplier on connection (supplier_id) where supplier_id is not null;
