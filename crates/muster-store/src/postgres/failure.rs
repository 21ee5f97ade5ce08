//! What an error of PostgreSQL means at the door of the store.

use tokio_postgres::{Error, error::DbError};

use crate::StoreError;

/// The store's word for it, and whether the connection is of no more use.
pub(crate) fn classify(name: &str, err: &Error) -> (StoreError, bool) {
    if let Some(db) = err.as_db_error() {
        return said(name, db);
    }
    let source = std::error::Error::source(err);
    if err.is_closed() || source.is_some_and(|source| source.is::<std::io::Error>()) {
        return (StoreError::Lost, true);
    }
    // An argument that does not fit its column, or an answer that is none.
    let why = source.map_or_else(|| err.to_string(), ToString::to_string);
    (StoreError::Sql(format!("{name}: {why}")), false)
}

/// By SQLSTATE; see appendix A of PostgreSQL's manual.
fn said(name: &str, db: &DbError) -> (StoreError, bool) {
    let constraint = |name: &str| (StoreError::Constraint { name: name.to_owned() }, false);
    let message = || format!("{name}: {}", db.message());
    match db.code().code() {
        "40001" | "40P01" => (StoreError::Conflict, false),
        // A plan prepared before the schema changed: a new connection prepares it anew.
        "0A000" if db.routine() == Some("RevalidateCachedQuery") => (StoreError::Conflict, true),
        "23503" => constraint("foreign_key"),
        "23502" => {
            let (table, column) = (db.table().unwrap_or_default(), db.column().unwrap_or_default());
            constraint(&format!("{table}_{column}_not_null"))
        }
        "57014" => (StoreError::Timeout, false),
        "55P03" | "53300" => (StoreError::Busy, false),
        "57P01" | "57P02" | "57P03" | "25P03" => (StoreError::Lost, true),
        code => match &code[..2] {
            "23" => constraint(db.constraint().unwrap_or("unnamed")),
            "08" => (StoreError::Lost, true),
            "53" | "58" => (StoreError::Io(message()), false),
            _ => (StoreError::Sql(format!("{} ({code})", message())), false),
        },
    }
}
