//! Letters and requests by which somebody is let in once, to choose a password.

use muster_store::{Rows, Stmt, StoreError, Tx, args};

const LETTER_ADD: Stmt = Stmt::new(
    "access_letter_add",
    "insert into access_letter (token_hash, account, expires_at) values ($1, $2, $3)",
);
const LETTER_OF: Stmt = Stmt::new(
    "access_letter_of",
    "select account from access_letter where token_hash = $1 and expires_at > $2 {lock}",
);
const LETTERS_DROP: Stmt = Stmt::new("access_letters_drop", "delete from access_letter where account = $1");
const LETTERS_SWEEP: Stmt =
    Stmt::new("access_letters_sweep", "delete from access_letter where expires_at <= $1");
const RESET_ADD: Stmt = Stmt::new(
    "access_reset_add",
    "insert into access_reset (token_hash, code, account, expires_at, approved) values ($1, $2, $3, $4, 0)",
);
const RESET_OF: Stmt = Stmt::new(
    "access_reset_of",
    "select account, approved from access_reset where token_hash = $1 and expires_at > $2 {lock}",
);
const RESETS_COUNT: Stmt = Stmt::new(
    "access_resets_count",
    "select cast(count(*) as bigint) from access_reset where account = $1 and expires_at > $2",
);
const RESET_APPROVE: Stmt = Stmt::new(
    "access_reset_approve",
    "update access_reset set approved = 1 where account = $1 and code = $2 and expires_at > $3 and approved = 0",
);
const RESETS_DROP: Stmt = Stmt::new("access_resets_drop", "delete from access_reset where account = $1");
const RESETS_SWEEP: Stmt =
    Stmt::new("access_resets_sweep", "delete from access_reset where expires_at <= $1");

pub(super) const STATEMENTS: &[Stmt] = &[
    LETTER_ADD,
    LETTER_OF,
    LETTERS_DROP,
    LETTERS_SWEEP,
    RESET_ADD,
    RESET_OF,
    RESETS_COUNT,
    RESET_APPROVE,
    RESETS_DROP,
    RESETS_SWEEP,
];

/// Replaces the letters of an account by one.
pub(in crate::lines::access) fn letter_set(
    tx: &mut Tx,
    token_hash: &str,
    account: &str,
    (now_ms, expires_at): (i64, i64),
) -> Result<(), StoreError> {
    tx.exec(&LETTERS_SWEEP, args![now_ms])?;
    tx.exec(&LETTERS_DROP, args![account])?;
    tx.exec(&LETTER_ADD, args![token_hash, account, expires_at])?;
    Ok(())
}

/// Whose letter it is, while nobody else opens it.
pub(in crate::lines::access) fn letter_of(
    tx: &mut Tx,
    token_hash: &str,
    now_ms: i64,
) -> Result<Option<String>, StoreError> {
    tx.opt(&LETTER_OF, args![token_hash, now_ms], |row| row.string(0))
}

/// Ends all letters and requests of an account.
pub(in crate::lines::access) fn letters_drop(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    tx.exec(&LETTERS_DROP, args![account])?;
    tx.exec(&RESETS_DROP, args![account])?;
    Ok(())
}

/// Notes a request of somebody who forgot a password.
pub(in crate::lines::access) fn reset_add(
    tx: &mut Tx,
    token_hash: &str,
    (code, account): (&str, &str),
    (now_ms, expires_at): (i64, i64),
) -> Result<(), StoreError> {
    tx.exec(&RESETS_SWEEP, args![now_ms])?;
    tx.exec(&RESET_ADD, args![token_hash, code, account, expires_at])?;
    Ok(())
}

/// How many requests of an account are open.
pub(in crate::lines::access) fn resets_open(
    rows: &mut impl Rows,
    account: &str,
    now_ms: i64,
) -> Result<i64, StoreError> {
    rows.one(&RESETS_COUNT, args![account, now_ms], |row| row.int(0))
}

/// Whose request it is, and whether it was approved, while nobody else goes on with it.
pub(in crate::lines::access) fn reset_of(
    tx: &mut Tx,
    token_hash: &str,
    now_ms: i64,
) -> Result<Option<(String, bool)>, StoreError> {
    tx.opt(&RESET_OF, args![token_hash, now_ms], |row| Ok((row.string(0)?, row.int(1)? == 1)))
}

/// Approves the request of an account that was shown a code; says whether there is one.
pub(in crate::lines::access) fn reset_approve(
    tx: &mut Tx,
    account: &str,
    code: &str,
    now_ms: i64,
) -> Result<bool, StoreError> {
    Ok(tx.exec(&RESET_APPROVE, args![account, code, now_ms])? == 1)
}
