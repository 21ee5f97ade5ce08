//! Sessions: who is logged in. Never the token, only its hash.

use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};

const SESSION_ADD: Stmt = Stmt::new(
    "session_add",
    "insert into session (token_hash, account, expires_at, id, opened_at, agent) values ($1, $2, $3, $4, $5, $6)",
);
const SESSION_OF: Stmt = Stmt::new(
    "session_of",
    "select account, id, opened_at, expires_at, agent from session where token_hash = $1 and expires_at > $2",
);
const SESSIONS_OF: Stmt = Stmt::new(
    "sessions_of",
    "select account, id, opened_at, expires_at, agent from session where account = $1 and expires_at > $2
     order by opened_at desc, id limit 100",
);
const SESSION_DROP: Stmt = Stmt::new("session_drop", "delete from session where token_hash = $1");
const SESSION_DROP_OWN: Stmt =
    Stmt::new("session_drop_own", "delete from session where account = $1 and id = $2");
const SESSIONS_DROP: Stmt = Stmt::new("sessions_drop", "delete from session where account = $1");
const SESSIONS_DROP_OTHER: Stmt =
    Stmt::new("sessions_drop_other", "delete from session where account = $1 and token_hash <> $2");
const BROWSER_KNOWN: Stmt = Stmt::new(
    "access_browser_known",
    "select account from access_browser where token_hash = $1 and account = $2 and since > $3",
);
const BROWSER_ADD: Stmt = Stmt::new(
    "access_browser_add",
    "insert into access_browser (token_hash, account, since) values ($1, $2, $3)
     on conflict (token_hash, account) do update set since = excluded.since",
);
const BROWSERS_DROP: Stmt =
    Stmt::new("access_browsers_drop", "delete from access_browser where account = $1");
const BROWSERS_OF: Stmt = Stmt::new(
    "access_browsers_of",
    "select since from access_browser where account = $1 order by since desc limit 100",
);
const BROWSERS_OLD: Stmt = Stmt::new(
    "access_browsers_old",
    "delete from access_browser where account = $1 and since < (
         select min(since) from (select since from access_browser where account = $1 order by since desc limit 20) b)",
);
const SESSION_SWEEP: Stmt = Stmt::new("session_sweep", "delete from session where expires_at <= $1");

pub(super) const STATEMENTS: &[Stmt] = &[
    SESSION_ADD,
    SESSION_OF,
    SESSIONS_OF,
    SESSION_DROP,
    SESSION_DROP_OWN,
    SESSIONS_DROP,
    SESSIONS_DROP_OTHER,
    BROWSER_KNOWN,
    BROWSER_ADD,
    BROWSERS_DROP,
    BROWSERS_OF,
    BROWSERS_OLD,
    SESSION_SWEEP,
];

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose it is.
    pub account: String,
    /// What it is ended by; opens nothing.
    pub id: String,
    /// When it was opened, in ms UTC.
    pub opened_at: i64,
    /// When it ends by itself, in ms UTC.
    pub expires_at: i64,
    /// What the browser called itself, cut.
    pub agent: String,
}

fn session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        account: row.string(0)?,
        id: row.string(1)?,
        opened_at: row.int(2)?,
        expires_at: row.int(3)?,
        agent: row.string(4)?,
    })
}

pub(in crate::lines::access) fn session_add(
    tx: &mut Tx,
    token_hash: &str,
    session: &Session,
) -> Result<(), StoreError> {
    let Session { account, id, opened_at, expires_at, agent } = session;
    tx.exec(&SESSION_ADD, args![token_hash, account, *expires_at, id, *opened_at, agent])?;
    Ok(())
}

/// The session of a token, if it is open.
pub(in crate::lines::access) fn session_of(
    rows: &mut impl Rows,
    token_hash: &str,
    now_ms: i64,
) -> Result<Option<Session>, StoreError> {
    rows.opt(&SESSION_OF, args![token_hash, now_ms], session)
}

/// The open sessions of an account, the newest first; at most a hundred.
pub(in crate::lines::access) fn sessions_of(
    rows: &mut impl Rows,
    account: &str,
    now_ms: i64,
) -> Result<Vec<Session>, StoreError> {
    rows.all(&SESSIONS_OF, args![account, now_ms], session)
}

pub(in crate::lines::access) fn session_drop(tx: &mut Tx, token_hash: &str) -> Result<(), StoreError> {
    tx.exec(&SESSION_DROP, args![token_hash])?;
    Ok(())
}

/// Ends one session of an account; says whether there was one.
pub(in crate::lines::access) fn session_drop_own(
    tx: &mut Tx,
    account: &str,
    id: &str,
) -> Result<bool, StoreError> {
    Ok(tx.exec(&SESSION_DROP_OWN, args![account, id])? == 1)
}

/// Ends all sessions of an account.
pub(in crate::lines::access) fn sessions_drop(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    tx.exec(&SESSIONS_DROP, args![account])?;
    Ok(())
}

/// Ends all sessions of an account but that of a token.
pub(in crate::lines::access) fn sessions_drop_other(
    tx: &mut Tx,
    account: &str,
    token_hash: &str,
) -> Result<(), StoreError> {
    tx.exec(&SESSIONS_DROP_OTHER, args![account, token_hash])?;
    Ok(())
}

pub(in crate::lines::access) fn session_sweep(tx: &mut Tx, now_ms: i64) -> Result<(), StoreError> {
    tx.exec(&SESSION_SWEEP, args![now_ms])?;
    Ok(())
}

/// Whether a browser has logged in to an account after an instant.
pub(in crate::lines::access) fn browser_known(
    rows: &mut impl Rows,
    token_hash: &str,
    account: &str,
    after_ms: i64,
) -> Result<bool, StoreError> {
    Ok(rows.opt(&BROWSER_KNOWN, args![token_hash, account, after_ms], |row| row.string(0))?.is_some())
}

/// Notes that a browser has logged in to an account; only the twenty latest are known.
pub(in crate::lines::access) fn browser_add(
    tx: &mut Tx,
    token_hash: &str,
    account: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    tx.exec(&BROWSER_ADD, args![token_hash, account, now_ms])?;
    tx.exec(&BROWSERS_OLD, args![account])?;
    Ok(())
}

/// Since when browsers of an account are known, the latest first.
pub(in crate::lines::access) fn browsers_of(
    rows: &mut impl Rows,
    account: &str,
) -> Result<Vec<i64>, StoreError> {
    rows.all(&BROWSERS_OF, args![account], |row| row.int(0))
}

/// Forgets all browsers of an account.
pub(in crate::lines::access) fn browsers_drop(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    tx.exec(&BROWSERS_DROP, args![account])?;
    Ok(())
}
