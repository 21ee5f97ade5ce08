//! Two databases, one door: writes, reads, journal, totals, migrations. Knows no mission noun.
//!
//! ```
//! use muster_store::{Migration, Rows, Stmt, args, testdb};
//!
//! const PLACES: Migration = Migration {
//!     number: 100,
//!     name: "place_table",
//!     sqlite: "create table place (id integer not null, name text not null,
//!              constraint place_pkey primary key (id)) strict",
//!     postgres: "create table place (id bigint not null, name text not null,
//!                constraint place_pkey primary key (id))",
//! };
//! const INSERT: Stmt = Stmt::new("place.insert", "insert into place (id, name) values ($1, $2)");
//! const READ: Stmt = Stmt::new("place.read", "select name from place where id = $1");
//!
//! testdb::each_store(&[PLACES], |t| {
//!     t.db.write_blocking("place.create", 0, |tx| tx.exec(&INSERT, args![7, "合肥"])).unwrap();
//!     let name = t.db.read_blocking("place.show", |rx| rx.one(&READ, args![7], |row| row.string(0)));
//!     assert_eq!(name.as_deref(), Ok("合肥"));
//! });
//! ```
//!
//! # What is promised
//!
//! - **[`Db::write`]** runs a closure as a whole or not at all and answers when it is durable. The
//!   closure is `Fn`: it may run several times, one run is kept, so time and ids come from outside.
//! - **An SQL error poisons the write**: all after it fails, and it ends in `Err` whatever the closure
//!   says. What may fail is tried in [`Tx::attempt`], or asked for with `on conflict do nothing`.
//! - **Isolation is read committed plus locks**, as PostgreSQL has it; on SQLite closures run one after
//!   another. Lock and read in one text: `select .. {lock}`. What a write relies on without locking
//!   it goes through a [`Tx::gate`]; who changes such things calls [`Tx::barrier`].
//! - **[`StoreError::Unknown`]** means COMMIT was not answered: look the request up
//!   ([`request_read`]), never repeat it blindly. Every other error means that nothing was stored.
//! - **[`Db::read`]** sees one snapshot and ends at its deadline.
//! - **Few journeys.** What is about to be asked is sent together ([`Rows::ahead`]); a write that locks its rows and takes
//!   its lane first looks once ([`Tx::hold`]), and not at all where the lane is as this connection left it: whoever changes
//!   what others look at marks every lane ([`Tx::barrier`]); rows whose keys were free go with COMMIT ([`Tx::add_rows`]), and where
//!   somebody else was first the closure runs again. No answer is older than the one before it.
//! - **The tail** ([`Tx::journal`], [`Tx::add`]) is collected and written once before COMMIT: merged,
//!   sorted, so that hot totals are locked late and in order.
//!
//! # How
//!
//! On SQLite one thread writes. All closures that wait at the same time share a commit, each in a
//! savepoint of its own; a group ends after 5 ms. Checkpoints stay on that thread, every 1,000
//! pages. Others read, each on a connection of its own. On PostgreSQL each thread owns a connection
//! and drives it itself; a closure is a transaction, run again (three times) when another was in the
//! way or the connection was lost before COMMIT. Both have a bounded queue; people go before bulk.
//!
//! The journal stands in lanes so that connections do not wait for one another: of [`LANES`], a connection that writes takes
//! one that no other has, of whatever process, while there is one. Totals have lanes for the same reason, and are folded on reading. A writer remembers
//! the totals it last wrote: on SQLite until another process writes, on PostgreSQL until the lane's `turn` or last number
//! is another. There it also remembers what it looked at ([`Tx::hold`]), and a write that asks nothing else is one statement,
//! which stores everything if turn, number and hash of the lane are as they were left, and nothing if not.
//!
//! Lookups by key for a list are written with `{by:..}`: PostgreSQL keeps plans, and one made while a table was small
//! must not read all of it later.
//!
//! # What is deliberately absent
//!
//! Async closures, a query builder, `now()`, generated ids, SQL in `format!`, a way around the
//! journal's hash.

mod adds;
mod db;
mod dialect;
mod entry;
mod error;
mod gathered;
mod glance;
mod job;
mod journal;
mod migrate;
mod postgres;
mod queue;
mod request;
mod row;
mod settle;
mod sqlite;
mod statements;
pub mod testdb;
mod total;
mod tx;
mod val;
mod verify;

pub use adds::TotalKey;
pub use db::{Db, DbConfig};
pub use dialect::{Dialect, Stmt};
pub use entry::{BODY_BYTES_MAX, Entry, Head, LANES, Link, Stored};
pub use error::{Result, StoreError};
pub use gathered::Gathered;
pub use glance::{BACKWARDS_MS, Glance, journal_glances, journal_marks, lanes_before};
pub use job::counted;
pub use journal::{heads, journal_after, journal_of, journal_read, journal_read_many};
pub use migrate::{Migration, migration_at};
pub use request::{Answered, request_read, request_sweep};
pub use row::Row;
pub use sqlite::is_ours;
pub use statements::{own_statements, statements_failing};
pub use total::{
    total_asks, total_days, total_list, total_read, total_read_many, total_replace, total_strays,
    total_strays_drop,
};
pub use tx::{Ask, Counts, Rows, Rx, Tx};
pub use val::Val;
pub use verify::{
    Backwards, Fault, FaultKind, SavedHead, SavedHeads, Verified, hash_text, verify, verify_told,
};
