-- A body beside the tree is changed as a unit's facts are: `rev` counts that. The days from which and up to which it is there
-- are known of few, and then said.
alter table outside_party add column opened bigint;
alter table outside_party add column closed bigint;
alter table outside_party add column rev bigint not null default 0;
