-- Tokens by which a program asks as an account: only the hash, a scope, an end.
create table access_token (
    id text not null,
    token_hash text not null,
    account text not null,
    label text not null,
    scope text not null,
    issued_at bigint not null,
    expires_at bigint not null,
    ended_at bigint not null,
    constraint access_token_pkey primary key (id),
    constraint access_token_hash_key unique (token_hash)
);
create index access_token_account on access_token (account);
-- What a person's authenticator shares with this server (RFC 6238), sealed; the step of the last code that was taken, so
-- that none is taken twice.
create table access_totp (
    account text not null,
    sealed bytea not null,
    confirmed bigint not null,
    step bigint not null,
    constraint access_totp_pkey primary key (account)
);
