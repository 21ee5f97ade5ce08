-- Letters by which somebody is let in once, to choose a password: an invitation, or one who forgot. Only the hash of what
-- stands in it.
create table access_letter (
    token_hash text not null,
    account text not null,
    expires_at bigint not null,
    constraint access_letter_pkey primary key (token_hash)
);
create index access_letter_account on access_letter (account);
create index access_letter_expires on access_letter (expires_at);
-- Who forgot a password says so in their own browser, is shown a code, and tells it to an administrator; only that browser
-- can go on. Nobody else sees what lets it in. Account: empty where there is none of that name.
create table access_reset (
    token_hash text not null,
    code text not null,
    account text not null,
    expires_at bigint not null,
    approved bigint not null,
    constraint access_reset_pkey primary key (token_hash)
);
create index access_reset_account on access_reset (account, code);
create index access_reset_expires on access_reset (expires_at);
