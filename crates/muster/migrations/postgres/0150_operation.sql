-- The operation (the emergency that is being answered), and what its office calls itself.
create table operation (
    id bigint not null,
    code text not null,
    name_zh_hans text not null,
    name_zh_hant text not null,
    name_en text not null,
    office_zh_hans text not null,
    office_zh_hant text not null,
    office_en text not null,
    root_unit bigint not null,
    zone text not null,
    form text not null,
    seed bigint,
    constraint operation_pkey primary key (id),
    constraint operation_code_key unique (code)
);
