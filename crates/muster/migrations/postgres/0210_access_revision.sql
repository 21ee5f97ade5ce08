-- Counts what was set of an account, so that of its entries in the journal the last one is known. 0: nothing since a
-- version that did not count.
alter table account add column rev bigint not null default 0;
