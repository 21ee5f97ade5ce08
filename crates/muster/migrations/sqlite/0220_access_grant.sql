-- Who may do what, where: a role at a unit and all below it, from day to day. Given to an account, or to whoever holds a
-- post on the day.
create table access_grant (
    id text not null,
    account text not null,
    post integer not null,
    role text not null,
    unit integer not null,
    operation integer not null,
    since integer not null,
    until integer not null,
    giver text not null,
    rev integer not null,
    constraint access_grant_pkey primary key (id),
    constraint access_grant_one_holder check ((account = '') <> (post = 0)),
    constraint access_grant_days check (until >= since)
) strict;
create index access_grant_account on access_grant (account);
create index access_grant_post on access_grant (post);
create index access_grant_unit on access_grant (unit);
-- What each account was allowed by itself is a role that was given to it. Revision 0: no entry of the journal says so but
-- that of the account.
insert into access_grant (id, account, post, role, unit, operation, since, until, giver, rev)
select id, id, 0, role, unit, 1, since, until, '', 0 from account;
alter table account drop column role;
-- Entries about an account are a walk along links, so that it sees what was done with it.
alter table account add column last_lane integer;
alter table account add column last_no integer;
create index account_unit on account (unit);
-- Since when three administrators are appointed. No row: the office does it.
create table access_separation (
    operation integer not null,
    since integer not null,
    constraint access_separation_pkey primary key (operation)
) strict;
-- Sessions are listed by a reference that opens nothing. Those that were open have none, and are opened anew.
delete from session;
alter table session add column id text not null default '';
alter table session add column opened_at integer not null default 0;
alter table session add column agent text not null default '';
create index session_account on session (account);
