//! Does every statement fit this database? Asked by a test, of both.

use crate::{Db, Result, Stmt, StoreError, glance, journal, migrate, request, total, verify};

/// The store's own statements.
pub fn own_statements() -> Vec<Stmt> {
    [
        journal::STATEMENTS,
        glance::STATEMENTS,
        total::STATEMENTS,
        request::STATEMENTS,
        migrate::STATEMENTS,
        verify::STATEMENTS,
    ]
    .concat()
}

/// Prepares each statement on this database; those that do not fit, with the reason. On PostgreSQL
/// a column of type numeric is one too: a sum that wants `cast(.. as bigint)`. Blocks.
pub fn statements_failing(db: &Db, statements: &[Stmt]) -> Vec<(Stmt, StoreError)> {
    let fits = |stmt: Stmt| -> Result<()> {
        db.read_blocking("store.prepare", move |rx| rx.session.call(|engine| engine.prepare(&stmt)))
    };
    statements.iter().filter_map(|stmt| fits(*stmt).err().map(|why| (*stmt, why))).collect()
}
