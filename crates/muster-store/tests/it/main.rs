//! The store, from outside: every test on each database.

mod contract;
mod journal;
mod proxy;
mod races;
mod recall;
mod sql;
mod tls;
mod totals;
mod trouble;

use muster_store::{Migration, Stmt};

/// Tables to try things on.
pub(crate) const TABLES: &[Migration] = &[Migration {
    number: 100,
    name: "test_tables",
    sqlite: "create table unit (
                id integer not null,
                code text not null,
                parent integer,
                size integer,
                rate real,
                note blob,
                constraint unit_pkey primary key (id),
                constraint unit_code_unique unique (code),
                constraint unit_size_positive check (size > 0),
                constraint unit_parent_known foreign key (parent) references unit (id)
             ) strict;
             create table plain (a integer primary key, b text not null unique, c integer, unique (b, c));
             create unique index plain_c_once on plain (c);
             create table counter (id integer not null, rev integer not null,
                constraint counter_pkey primary key (id));
             insert into counter (id, rev) values (1, 0);",
    postgres: "create table unit (
                id bigint not null,
                code text not null,
                parent bigint,
                size bigint,
                rate double precision,
                note bytea,
                constraint unit_pkey primary key (id),
                constraint unit_code_unique unique (code),
                constraint unit_size_positive check (size > 0),
                constraint unit_parent_known foreign key (parent) references unit (id)
             );
             create table plain (a bigint primary key, b text not null unique, c bigint, unique (b, c));
             create unique index plain_c_once on plain (c);
             create table counter (id bigint not null, rev bigint not null,
                constraint counter_pkey primary key (id));
             insert into counter (id, rev) values (1, 0);",
}];

pub(crate) const UNIT_INSERT: Stmt =
    Stmt::new("test.unit_insert", "insert into unit (id, code, parent, size) values ($1, $2, $3, $4)");
pub(crate) const UNIT_COUNT: Stmt = Stmt::new("test.unit_count", "select count(*) from unit");
