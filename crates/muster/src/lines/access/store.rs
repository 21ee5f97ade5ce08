//! Every statement of access.

use super::model::{Account, Role};
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};

const ACCOUNT_LOCK: Stmt = Stmt::new("account_lock", "select rev from account where id = $1 {lock}");
const ACCOUNT_ADD: Stmt = Stmt::new(
    "account_add",
    "insert into account (id, name, role, unit, password_hash, since, until, rev)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
);
const ACCOUNT_SET: Stmt = Stmt::new(
    "account_set",
    "update account set name = $2, role = $3, unit = $4, password_hash = $5, since = $6, until = $7, rev = $8
     where id = $1",
);
const ACCOUNT_ROW: Stmt = Stmt::new(
    "account_row",
    "select id, name, role, unit, password_hash, since, until, rev from account where name = $1 {lock}",
);
const ACCOUNTS_AFTER: Stmt = Stmt::new(
    "accounts_after",
    "select id, name, role, unit, password_hash, since, until, rev from account where id > $1 order by id limit $2",
);
const ACCOUNTS_BY_NAME: Stmt = Stmt::new(
    "accounts_by_name",
    "select id, name, role, unit, password_hash, since, until, rev from account where name > $1 order by name limit $2",
);
const ACCOUNT_BY_NAME: Stmt = Stmt::new(
    "account_by_name",
    "select id, name, role, unit, password_hash from account where name = $1 and since <= $2 and until > $3",
);
const ACCOUNT_CALLED: Stmt = Stmt::new(
    "account_called",
    "select id, name, role, unit, password_hash from account
     where (id = $1 or name = $2) and since <= $3 and until > $4
     order by case when id = $5 then 0 else 1 end limit 1",
);
const ACCOUNTS_OF: Stmt = Stmt::new(
    "accounts_of",
    "select id, name, role, unit, password_hash from account where id {in:$1} order by id",
);
const ACCOUNT_BY_SESSION: Stmt = Stmt::new(
    "account_by_session",
    "select a.id, a.name, a.role, a.unit, a.password_hash
     from session s join account a on a.id = s.account
     where s.token_hash = $1 and s.expires_at > $2 and a.since <= $3 and a.until > $4",
);
const ACCOUNTS_WITHOUT_PASSWORD: Stmt = Stmt::new(
    "accounts_without_password",
    "select id, name, role, unit, password_hash from account where password_hash is null order by id limit 100",
);
const SESSION_ADD: Stmt =
    Stmt::new("session_add", "insert into session (token_hash, account, expires_at) values ($1, $2, $3)");
const SESSION_DROP: Stmt = Stmt::new("session_drop", "delete from session where token_hash = $1");
const SESSIONS_DROP: Stmt = Stmt::new("sessions_drop", "delete from session where account = $1");
const SESSION_SWEEP: Stmt = Stmt::new("session_sweep", "delete from session where expires_at <= $1");

/// All statements of this line.
pub const STATEMENTS: &[Stmt] = &[
    ACCOUNT_LOCK,
    ACCOUNT_ADD,
    ACCOUNT_SET,
    ACCOUNT_ROW,
    ACCOUNTS_AFTER,
    ACCOUNTS_BY_NAME,
    ACCOUNT_BY_NAME,
    ACCOUNT_CALLED,
    ACCOUNTS_OF,
    ACCOUNT_BY_SESSION,
    ACCOUNTS_WITHOUT_PASSWORD,
    SESSION_ADD,
    SESSION_DROP,
    SESSIONS_DROP,
    SESSION_SWEEP,
];

/// An account and the hash of its password, if it has one.
pub(super) type Known = (Account, Option<String>);

fn known(row: &Row) -> Result<Known, StoreError> {
    let role = Role::from_word(row.text(2)?).unwrap_or(Role::Viewer);
    let account =
        Account { id: row.text(0)?.to_owned(), name: row.text(1)?.to_owned(), role, unit: row.int(3)? };
    Ok((account, row.opt_text(4)?.map(str::to_owned)))
}

/// An account's row, nothing of it read: whoever looks for faults takes any text.
pub(super) struct RawAccount {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) role: String,
    pub(super) unit: i64,
    pub(super) password_hash: Option<String>,
    pub(super) since: i64,
    pub(super) until: i64,
    pub(super) rev: i64,
}

/// How often an account was set, while nobody else changes it; none where there is no such account.
pub(super) fn account_lock(tx: &mut Tx, id: &str) -> Result<Option<i64>, StoreError> {
    tx.opt(&ACCOUNT_LOCK, args![id], |row| row.int(0))
}

/// Writes an account at its next revision; one that another transaction added first makes the closure run again.
pub(super) fn account_put(tx: &mut Tx, account: &RawAccount, is_new: bool) -> Result<(), StoreError> {
    let RawAccount { id, name, role, unit, password_hash, since, until, rev } = account;
    let args = args![id, name, role, *unit, password_hash.as_deref(), *since, *until, *rev];
    let written = tx.exec(if is_new { &ACCOUNT_ADD } else { &ACCOUNT_SET }, args)?;
    if written == 1 { Ok(()) } else { Err(tx.again()) }
}

/// Accounts after one, by id.
pub(super) fn accounts_after(
    rows: &mut impl Rows,
    after: &str,
    limit: i64,
) -> Result<Vec<RawAccount>, StoreError> {
    rows.all(&ACCOUNTS_AFTER, args![after, limit], raw)
}

/// Accounts after one, by login name, in the database's own order of names.
pub(super) fn accounts_by_name(
    rows: &mut impl Rows,
    after: &str,
    limit: u32,
) -> Result<Vec<RawAccount>, StoreError> {
    rows.all(&ACCOUNTS_BY_NAME, args![after, i64::from(limit)], raw)
}

fn raw(row: &Row) -> Result<RawAccount, StoreError> {
    Ok(RawAccount {
        id: row.string(0)?,
        name: row.string(1)?,
        role: row.string(2)?,
        unit: row.int(3)?,
        password_hash: row.opt_text(4)?.map(str::to_owned),
        since: row.int(5)?,
        until: row.int(6)?,
        rev: row.int(7)?,
    })
}

/// The account of a login name, today's or an ended one, while nobody else changes it.
pub(super) fn account_row(tx: &mut Tx, name: &str) -> Result<Option<RawAccount>, StoreError> {
    tx.opt(&ACCOUNT_ROW, args![name], raw)
}

pub(super) fn account_by_name(
    rows: &mut impl Rows,
    name: &str,
    day: i32,
) -> Result<Option<Known>, StoreError> {
    rows.opt(&ACCOUNT_BY_NAME, args![name, day, day], known)
}

pub(super) fn account_called(
    rows: &mut impl Rows,
    word: &str,
    day: i32,
) -> Result<Option<Known>, StoreError> {
    rows.opt(&ACCOUNT_CALLED, args![word, word, day, day, word], known)
}

pub(super) fn account_by_session(
    rows: &mut impl Rows,
    token_hash: &str,
    now_ms: i64,
    day: i32,
) -> Result<Option<Known>, StoreError> {
    rows.opt(&ACCOUNT_BY_SESSION, args![token_hash, now_ms, day, day], known)
}

/// Accounts by their ids, today's and ended ones; those that there are not are left out. For names beside a list: one
/// question however many.
pub fn accounts_of(rows: &mut impl Rows, ids: &[String]) -> Result<Vec<Account>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    rows.all(&ACCOUNTS_OF, args![ids.to_vec()], |row| Ok(known(row)?.0))
}

/// The roles of the demonstration: accounts that nobody can log in to by password.
pub fn accounts_by_role(rows: &mut impl Rows) -> Result<Vec<Account>, StoreError> {
    rows.all(&ACCOUNTS_WITHOUT_PASSWORD, args![], |row| Ok(known(row)?.0))
}

pub(super) fn session_add(
    tx: &mut Tx,
    token_hash: &str,
    account: &str,
    expires_at: i64,
) -> Result<(), StoreError> {
    tx.exec(&SESSION_ADD, args![token_hash, account, expires_at])?;
    Ok(())
}

pub(super) fn session_drop(tx: &mut Tx, token_hash: &str) -> Result<(), StoreError> {
    tx.exec(&SESSION_DROP, args![token_hash])?;
    Ok(())
}

/// Ends all sessions of an account.
pub(super) fn sessions_drop(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    tx.exec(&SESSIONS_DROP, args![account])?;
    Ok(())
}

pub(super) fn session_sweep(tx: &mut Tx, now_ms: i64) -> Result<(), StoreError> {
    tx.exec(&SESSION_SWEEP, args![now_ms])?;
    Ok(())
}
