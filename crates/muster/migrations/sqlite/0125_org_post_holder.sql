-- Which posts somebody holds: what they may do follows from it.
create index post_holding_holder on post_holding (holder);
