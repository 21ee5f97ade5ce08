-- When a program last asked by a token, to the hour: so that its owner sees which of them nobody uses any more. A table of
-- its own, for what was issued is held to the journal and this is not.
create table access_token_use (
    token text not null,
    used_at bigint not null,
    constraint access_token_use_pkey primary key (token)
);
