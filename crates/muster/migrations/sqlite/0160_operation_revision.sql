-- Counts what was set of the operation, so that of its entries in the journal the last one is known. 0: nothing since
-- a version that did not count.
alter table operation add column rev integer not null default 0;
