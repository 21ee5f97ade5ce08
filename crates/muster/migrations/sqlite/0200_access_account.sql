-- Who may log in, and as what. A password is kept only as its argon2id hash; a session only as the hash of its token.
create table account (
    id text not null,
    name text not null,
    role text not null,
    unit integer not null,
    password_hash text,
    since integer not null,
    until integer not null,
    constraint account_pkey primary key (id),
    constraint account_name_key unique (name)
) strict;
create table session (
    token_hash text not null,
    account text not null,
    expires_at integer not null,
    constraint session_pkey primary key (token_hash)
) strict;
create index session_expires on session (expires_at);
