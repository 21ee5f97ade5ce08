-- Counts changes of what is asked of whom (forms, assignments): a report relies on it without locking it, so it looks
-- again before it is stored.
alter table book_epoch add column asked bigint not null default 0;
