-- What was agreed with the partner, as JSON: see canonical/src/partner.rs.
alter table trading_partner add column agreement text not null default '{}';
-- Through what we send to it.
alter table trading_partner add column connection_id {uuid} references connection (id);
-- Counts the changes of the row: who changes it names the one it changes.
alter table trading_partner add column revision integer not null default 1;
-- Since when nothing is taken from it and nothing is sent.
alter table trading_partner add column disabled_at bigint;
