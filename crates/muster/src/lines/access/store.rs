//! Every statement of access.

use super::model::{Account, Role};
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};

const ACCOUNT_SET: Stmt = Stmt::new(
    "account_set",
    "insert into account (id, name, role, unit, password_hash, since, until)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update set name = excluded.name, role = excluded.role, unit = excluded.unit,
         password_hash = excluded.password_hash, since = excluded.since, until = excluded.until",
);
const ACCOUNT_BY_NAME: Stmt = Stmt::new(
    "account_by_name",
    "select id, name, role, unit, password_hash from account where name = $1 and since <= $2 and until > $3",
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
const SESSION_SWEEP: Stmt = Stmt::new("session_sweep", "delete from session where expires_at <= $1");

/// All statements of this line.
pub const STATEMENTS: &[Stmt] = &[
    ACCOUNT_SET,
    ACCOUNT_BY_NAME,
    ACCOUNT_BY_SESSION,
    ACCOUNTS_WITHOUT_PASSWORD,
    SESSION_ADD,
    SESSION_DROP,
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

pub(super) fn account_set(
    tx: &mut Tx,
    account: &Account,
    password_hash: Option<&str>,
    since: i32,
    until: i32,
) -> Result<(), StoreError> {
    let Account { id, name, role, unit } = account;
    tx.exec(&ACCOUNT_SET, args![id, name, role.word(), *unit, password_hash, since, until])?;
    Ok(())
}

pub(super) fn account_by_name(
    rows: &mut impl Rows,
    name: &str,
    day: i32,
) -> Result<Option<Known>, StoreError> {
    rows.opt(&ACCOUNT_BY_NAME, args![name, day, day], known)
}

pub(super) fn account_by_session(
    rows: &mut impl Rows,
    token_hash: &str,
    now_ms: i64,
    day: i32,
) -> Result<Option<Known>, StoreError> {
    rows.opt(&ACCOUNT_BY_SESSION, args![token_hash, now_ms, day, day], known)
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

pub(super) fn session_sweep(tx: &mut Tx, now_ms: i64) -> Result<(), StoreError> {
    tx.exec(&SESSION_SWEEP, args![now_ms])?;
    Ok(())
}
