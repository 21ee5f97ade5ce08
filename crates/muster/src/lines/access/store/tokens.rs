//! Tokens of programs, and what authenticators share.

use crate::lines::access::model::Token;
use crate::seal::{SealedRow, Seals};
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};
use zeroize::Zeroizing;

/// Where the secret stands, as it is bound into its ciphertext.
pub(in crate::lines::access) const PLACE: (&str, &str) = ("access_totp", "sealed");

const TOKEN_ADD: Stmt = Stmt::new(
    "access_token_add",
    "insert into access_token (id, token_hash, account, label, scope, issued_at, expires_at, ended_at)
     values ($1, $2, $3, $4, $5, $6, $7, 0)",
);
const TOKEN_OF: Stmt = Stmt::new(
    "access_token_of",
    "select t.id, t.account, t.label, t.scope, t.issued_at, t.expires_at, t.ended_at, coalesce(u.used_at, 0)
     from access_token t left join access_token_use u on u.token = t.id
     where t.token_hash = $1 and t.ended_at = 0 and t.expires_at > $2",
);
const TOKENS_OF: Stmt = Stmt::new(
    "access_tokens_of",
    "select t.id, t.account, t.label, t.scope, t.issued_at, t.expires_at, t.ended_at, coalesce(u.used_at, 0)
     from access_token t left join access_token_use u on u.token = t.id
     where t.account = $1 and t.ended_at = 0 and t.expires_at > $2 order by t.issued_at desc, t.id limit 100",
);
const TOKENS_AFTER: Stmt = Stmt::new(
    "access_tokens_after",
    "select t.id, t.account, t.label, t.scope, t.issued_at, t.expires_at, t.ended_at, coalesce(u.used_at, 0)
     from access_token t left join access_token_use u on u.token = t.id where t.id > $1 order by t.id limit $2",
);
const TOKEN_ACCOUNTS: Stmt =
    Stmt::new("access_token_accounts", "select id, account from access_token where id {in:$1} order by id");
const TOKEN_USED: Stmt = Stmt::new(
    "access_token_used",
    "insert into access_token_use (token, used_at) values ($1, $2)
     on conflict (token) do update set used_at = excluded.used_at",
);
const TOKEN_END: Stmt = Stmt::new(
    "access_token_end",
    "update access_token set ended_at = $3 where account = $1 and id = $2 and ended_at = 0",
);
const TOTP_SET: Stmt = Stmt::new(
    "access_totp_set",
    "insert into access_totp (account, sealed, confirmed, step) values ($1, $2, 0, 0)
     on conflict (account) do update set sealed = excluded.sealed, confirmed = 0, step = 0",
);
const TOTP_OF: Stmt = Stmt::new(
    "access_totp_of",
    "select t.confirmed, t.step, t.sealed, k.wrapped, k.unit, u.wrapped
     from access_totp t
     left join seal_person_key k on k.subject = 'totp:' || t.account
     left join seal_unit_key u on u.unit = k.unit
     where t.account = $1",
);
const TOTP_STEP: Stmt = Stmt::new(
    "access_totp_step",
    "update access_totp set confirmed = 1, step = $2 where account = $1 and step < $2",
);
const TOTP_DROP: Stmt = Stmt::new("access_totp_drop", "delete from access_totp where account = $1");

const LABELS_DROP: Stmt =
    Stmt::new("access_token_labels_drop", "update access_token set label = '' where account = $1");

pub(super) const STATEMENTS: &[Stmt] = &[
    TOKEN_ADD,
    TOKEN_OF,
    TOKENS_OF,
    TOKENS_AFTER,
    TOKEN_ACCOUNTS,
    TOKEN_USED,
    TOKEN_END,
    LABELS_DROP,
    TOTP_SET,
    TOTP_OF,
    TOTP_STEP,
    TOTP_DROP,
];

/// Whose accounts some tokens are, by id, also of those that were ended.
pub(in crate::lines::access) fn token_accounts(
    rows: &mut impl Rows,
    tokens: &[String],
) -> Result<Vec<(String, String)>, StoreError> {
    rows.all(&TOKEN_ACCOUNTS, args![tokens], |row| Ok((row.string(0)?, row.string(1)?)))
}

fn token(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        id: row.string(0)?,
        account: row.string(1)?,
        label: row.string(2)?,
        scope: row.string(3)?,
        issued_at: row.int(4)?,
        expires_at: row.int(5)?,
        ended_at: row.int(6)?,
        used_at: row.int(7)?,
    })
}

pub(in crate::lines::access) fn token_add(
    tx: &mut Tx,
    token_hash: &str,
    token: &Token,
) -> Result<(), StoreError> {
    let Token { id, account, label, scope, issued_at, expires_at, .. } = token;
    tx.exec(&TOKEN_ADD, args![id, token_hash, account, label, scope, *issued_at, *expires_at])?;
    Ok(())
}

/// The token of a hash, if it holds.
pub(in crate::lines::access) fn token_of(
    rows: &mut impl Rows,
    token_hash: &str,
    now_ms: i64,
) -> Result<Option<Token>, StoreError> {
    rows.opt(&TOKEN_OF, args![token_hash, now_ms], token)
}

/// The tokens of an account that hold, the newest first; at most a hundred.
pub(in crate::lines::access) fn tokens_of(
    rows: &mut impl Rows,
    account: &str,
    now_ms: i64,
) -> Result<Vec<Token>, StoreError> {
    rows.all(&TOKENS_OF, args![account, now_ms], token)
}

/// All that were ever issued, after one, by id.
pub(in crate::lines::access) fn tokens_after(
    rows: &mut impl Rows,
    after: &str,
    limit: i64,
) -> Result<Vec<Token>, StoreError> {
    rows.all(&TOKENS_AFTER, args![after, limit], token)
}

/// Notes when a program last asked by one.
pub(in crate::lines::access) fn token_used(tx: &mut Tx, id: &str, now_ms: i64) -> Result<(), StoreError> {
    tx.exec(&TOKEN_USED, args![id, now_ms])?;
    Ok(())
}

/// Ends one of an account's own; says whether there was one.
pub(in crate::lines::access) fn token_end(
    tx: &mut Tx,
    account: &str,
    id: &str,
    now_ms: i64,
) -> Result<bool, StoreError> {
    Ok(tx.exec(&TOKEN_END, args![account, id, now_ms])? == 1)
}

/// Forgets what an account called its tokens.
pub(in crate::lines::access) fn labels_drop(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    tx.exec(&LABELS_DROP, args![account]).map(drop)
}

/// What an authenticator shares.
pub(in crate::lines::access) struct Totp {
    /// Whether a code of it was taken once: only then is it asked for.
    pub(in crate::lines::access) confirmed: bool,
    /// The step of the last code that was taken.
    pub(in crate::lines::access) step: i64,
    /// The secret, base32; or why it stays closed.
    pub(in crate::lines::access) secret: Result<Zeroizing<String>, crate::seal::Closed>,
    /// The unit whose key wraps its own.
    pub(in crate::lines::access) unit: i64,
}

/// Whose key it is.
pub(in crate::lines::access) fn subject(account: &str) -> String {
    format!("totp:{account}")
}

pub(in crate::lines::access) fn totp_set(
    tx: &mut Tx,
    account: &str,
    sealed: &[u8],
) -> Result<(), StoreError> {
    tx.exec(&TOTP_SET, args![account, sealed])?;
    Ok(())
}

pub(in crate::lines::access) fn totp_of(
    rows: &mut impl Rows,
    seals: &Seals,
    account: &str,
) -> Result<Option<Totp>, StoreError> {
    rows.opt(&TOTP_OF, args![account], |row| {
        let unit = row.opt_int(4)?.unwrap_or(0);
        let sealed = SealedRow {
            unit,
            unit_key: row.opt_bytes(5)?,
            person_key: row.opt_bytes(3)?,
            subject: &subject(account),
            sealed: row.bytes(2)?,
        };
        let secret = seals.open_row(PLACE, sealed);
        Ok(Totp { confirmed: row.int(0)? == 1, step: row.int(1)?, secret, unit })
    })
}

/// Notes the step of a code that was taken; says whether it is later than all before.
pub(in crate::lines::access) fn totp_step(tx: &mut Tx, account: &str, step: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(&TOTP_STEP, args![account, step])? == 1)
}

pub(in crate::lines::access) fn totp_drop(tx: &mut Tx, account: &str) -> Result<bool, StoreError> {
    Ok(tx.exec(&TOTP_DROP, args![account])? == 1)
}
