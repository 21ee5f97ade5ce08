-- Browsers in which somebody has logged in to an account: strangers who guess its password do not slow them down.
create table access_browser (
    token_hash text not null,
    account text not null,
    since bigint not null,
    constraint access_browser_pkey primary key (token_hash, account)
);
create index access_browser_account on access_browser (account, since);
