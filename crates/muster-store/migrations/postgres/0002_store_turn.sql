-- Counts the writes through a lane: unchanged, the totals of the lane are as its last writer left them.
alter table lane add column turn bigint not null default 0;
