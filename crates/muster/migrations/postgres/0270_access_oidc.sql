-- Logins of groups' own services (OpenID Connect), each linked to one account: of whom they are there is only a hash, and a
-- salt by which the journal's entry cannot be guessed. One that is taken away is gone.
create table access_oidc (
    id text not null,
    provider text not null,
    subject_hash text not null,
    account text not null,
    own bigint not null,
    linked_at bigint not null,
    salt text not null,
    constraint access_oidc_pkey primary key (id),
    constraint access_oidc_subject_key unique (provider, subject_hash),
    constraint access_oidc_account_key unique (account, provider)
);
-- Browsers that are away at such a service, for ten minutes: what must be known again when one comes back. Each opens once.
create table access_oidc_round (
    state_hash text not null,
    browser_hash text not null,
    provider text not null,
    nonce text not null,
    verifier text not null,
    path text not null,
    account text not null,
    passed bigint not null,
    expires_at bigint not null,
    constraint access_oidc_round_pkey primary key (state_hash)
);
create index access_oidc_round_expires on access_oidc_round (expires_at);
