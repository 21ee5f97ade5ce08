//! The schema, step by step. A step that was applied is never edited: its digest is kept.

use sha2::{Digest as _, Sha256};

use crate::{Db, Dialect, Result, Rows, Stmt, StoreError, args};

/// One step of the schema, in the words of each database (same number, same name).
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Order and identity: the store's own below 100, a hundred for each line.
    pub number: i32,
    /// `line_what`, as in the file's name.
    pub name: &'static str,
    /// Text for SQLite. Tables are `strict`.
    pub sqlite: &'static str,
    /// Text for PostgreSQL.
    pub postgres: &'static str,
}

/// The store's own tables.
pub(crate) const OWN: &[Migration] = &[
    Migration {
        number: 1,
        name: "store_cellar",
        sqlite: include_str!("../migrations/sqlite/0001_store_cellar.sql"),
        postgres: include_str!("../migrations/postgres/0001_store_cellar.sql"),
    },
    Migration {
        number: 2,
        name: "store_turn",
        sqlite: include_str!("../migrations/sqlite/0002_store_turn.sql"),
        postgres: include_str!("../migrations/postgres/0002_store_turn.sql"),
    },
];

/// Held while the schema changes, so that two nodes that start together do not both do it.
const LOCK: &str = "select pg_advisory_xact_lock(x'6d7573746572'::bigint)";
const TABLE: &str = "create table if not exists migration (\
    number bigint not null, name text not null, digest text not null, at bigint not null, \
    constraint migration_pkey primary key (number))";
const READ: Stmt = Stmt::new("store.migration_read", "select name, digest from migration where number = $1");
const INSERT: Stmt = Stmt::new(
    "store.migration_insert",
    "insert into migration (number, name, digest, at) values ($1, $2, $3, $4)",
);
const APPLIED_AT: Stmt = Stmt::new("store.migration_at", "select at from migration where number = $1");
pub(crate) const STATEMENTS: &[Stmt] = &[READ, INSERT, APPLIED_AT];

/// When a step of the schema was applied, milliseconds UTC; none where it was not. What was journalled before it has no
/// rows in the tables that it made.
pub fn migration_at(rows: &mut impl Rows, number: i32) -> Result<Option<i64>> {
    rows.opt(&APPLIED_AT, args![number], |row| row.int(0))
}

impl Db {
    /// Brings the schema up to date: the store's own steps, then those given, by number. Each step
    /// is a transaction. Steps the database knows and this program does not are left alone (an older
    /// program beside a newer one). How many were applied. Blocks; `now_ms` is noted with each step.
    pub fn migrate(&self, now_ms: i64, given: &[Migration]) -> Result<usize> {
        let mut steps: Vec<Migration> = OWN.iter().chain(given).copied().collect();
        steps.sort_by_key(|step| step.number);
        if let Some(pair) = steps.windows(2).find(|pair| pair[0].number == pair[1].number) {
            return Err(StoreError::Migration(format!("{}: two with this number", pair[0].number)));
        }
        self.write_blocking("store.migrate", now_ms, |tx| {
            if tx.is_postgres() {
                tx.session.call(|engine| engine.script(LOCK))?;
            }
            tx.session.call(|engine| engine.batch(TABLE))
        })?;
        let mut applied = 0;
        for step in steps {
            applied += usize::from(self.write_blocking("store.migrate", now_ms, move |tx| apply(tx, step))?);
        }
        Ok(applied)
    }
}

impl Db {
    /// How many steps this database lacks, and would get from [`Db::migrate`]; all, where it has no tables. For whoever
    /// only looks. Blocks.
    pub fn migrations_lacking(&self, given: &[Migration]) -> Result<usize> {
        let numbers: Vec<i32> = OWN.iter().chain(given).map(|step| step.number).collect();
        let all = numbers.len();
        let read = self.read_blocking("store.migrations", move |rx| {
            let mut lacking = 0;
            for number in &numbers {
                lacking += usize::from(rx.opt(&READ, args![*number], |_| Ok(()))?.is_none());
            }
            Ok(lacking)
        });
        match read {
            // There is no table of them yet.
            Err(StoreError::Sql(_)) => Ok(all),
            other => other,
        }
    }
}

fn apply(tx: &mut crate::Tx<'_>, step: Migration) -> Result<bool> {
    let dialect = tx.session.engine.dialect();
    let text = if dialect == Dialect::Sqlite { step.sqlite } else { step.postgres };
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(text)));
    let wrong = |what: &str| StoreError::Migration(format!("{:04}_{}: {what}", step.number, step.name));
    if tx.is_postgres() {
        tx.session.call(|engine| engine.script(LOCK))?;
    }
    let known = tx.opt(&READ, args![step.number], |row| Ok((row.string(0)?, row.string(1)?)))?;
    match known {
        Some((name, _)) if name != step.name => Err(wrong(&format!("was applied as {name}"))),
        Some((_, was)) if was != digest => Err(wrong("was changed after it was applied")),
        Some(_) => Ok(false),
        None => {
            let sql = dialect.render(text).map_err(|what| wrong(&what))?;
            tx.session.call(|engine| engine.script(&sql)).map_err(|err| wrong(&err.to_string()))?;
            tx.exec(&INSERT, args![step.number, step.name, digest, tx.at()])?;
            Ok(true)
        }
    }
}
