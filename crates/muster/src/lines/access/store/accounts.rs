//! Accounts: who may log in.

use super::LIST_MAX;
use muster_store::{Link, Row, Rows, Stmt, StoreError, Tx, args};

const ACCOUNT_LOCK: Stmt = Stmt::new(
    "account_lock",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account where id = $1 {lock}",
);
const ACCOUNT_LAST: Stmt =
    Stmt::new("account_last", "update account set last_lane = $2, last_no = $3 where id = $1");
const ACCOUNT_ADD: Stmt = Stmt::new(
    "account_add",
    "insert into account (id, name, unit, password_hash, since, until, rev)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
);
const ACCOUNT_SET: Stmt = Stmt::new(
    "account_set",
    "update account set name = $2, unit = $3, password_hash = $4, since = $5, until = $6, rev = $7 where id = $1",
);
const ACCOUNT_ROW: Stmt = Stmt::new(
    "account_row",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account where name = $1 {lock}",
);
const ACCOUNT_BY_ID: Stmt = Stmt::new(
    "account_by_id",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account where id = $1",
);
const ACCOUNTS_AFTER: Stmt = Stmt::new(
    "accounts_after",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account where id > $1 order by id limit $2",
);
const ACCOUNTS_BY_NAME: Stmt = Stmt::new(
    "accounts_by_name",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account where name > $1 order by name limit $2",
);
const ACCOUNTS_AT: Stmt = Stmt::new(
    "accounts_at",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account where unit {in:$1} and name > $2
     order by name limit $3",
);
const ACCOUNTS_OF: Stmt = Stmt::new(
    "accounts_of",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account where id {in:$1}",
);
const ACCOUNT_BY_NAME: Stmt = Stmt::new(
    "account_by_name",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account
     where name = $1 and since <= $2 and until > $3",
);
const ACCOUNT_CALLED: Stmt = Stmt::new(
    "account_called",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account
     where (id = $1 or name = $2) and since <= $3 and until > $4
     order by case when id = $5 then 0 else 1 end limit 1",
);
const ACCOUNTS_WITHOUT_PASSWORD: Stmt = Stmt::new(
    "accounts_without_password",
    "select id, name, unit, password_hash, since, until, rev, last_lane, last_no from account
     where password_hash is null and name = id order by id limit 100",
);

pub(super) const STATEMENTS: &[Stmt] = &[
    ACCOUNT_LOCK,
    ACCOUNT_LAST,
    ACCOUNT_ADD,
    ACCOUNT_SET,
    ACCOUNT_ROW,
    ACCOUNT_BY_ID,
    ACCOUNTS_AFTER,
    ACCOUNTS_BY_NAME,
    ACCOUNTS_AT,
    ACCOUNTS_OF,
    ACCOUNT_BY_NAME,
    ACCOUNT_CALLED,
    ACCOUNTS_WITHOUT_PASSWORD,
];

/// An account's row, nothing of it read: whoever looks for faults takes any text.
#[derive(Clone, Debug)]
pub(in crate::lines::access) struct RawAccount {
    pub(in crate::lines::access) id: String,
    pub(in crate::lines::access) name: String,
    pub(in crate::lines::access) unit: i64,
    pub(in crate::lines::access) password_hash: Option<String>,
    pub(in crate::lines::access) since: i64,
    pub(in crate::lines::access) until: i64,
    pub(in crate::lines::access) rev: i64,
    /// The last entry about it; none where it is new, or of a version that did not note it.
    pub(in crate::lines::access) last: Option<Link>,
}

fn raw(row: &Row) -> Result<RawAccount, StoreError> {
    Ok(RawAccount {
        id: row.string(0)?,
        name: row.string(1)?,
        unit: row.int(2)?,
        password_hash: row.opt_text(3)?.map(str::to_owned),
        since: row.int(4)?,
        until: row.int(5)?,
        rev: row.int(6)?,
        last: link(row.opt_int(7)?, row.opt_int(8)?),
    })
}

fn link(lane: Option<i64>, no: Option<i64>) -> Option<Link> {
    Some(Link { lane: i32::try_from(lane?).ok()?, no: no? })
}

/// An account, while nobody else changes it; none where there is no such account.
pub(in crate::lines::access) fn account_lock(
    tx: &mut Tx,
    id: &str,
) -> Result<Option<RawAccount>, StoreError> {
    tx.opt(&ACCOUNT_LOCK, args![id], raw)
}

/// Notes the last entry about an account.
pub(in crate::lines::access) fn account_last(tx: &mut Tx, id: &str, link: Link) -> Result<(), StoreError> {
    tx.exec(&ACCOUNT_LAST, args![id, i64::from(link.lane), link.no])?;
    Ok(())
}

/// Writes an account at its next revision; one that another transaction added first makes the closure run again.
pub(in crate::lines::access) fn account_put(
    tx: &mut Tx,
    account: &RawAccount,
    is_new: bool,
) -> Result<(), StoreError> {
    let RawAccount { id, name, unit, password_hash, since, until, rev, .. } = account;
    let args = args![id, name, *unit, password_hash.as_deref(), *since, *until, *rev];
    let written = tx.exec(if is_new { &ACCOUNT_ADD } else { &ACCOUNT_SET }, args)?;
    if written == 1 { Ok(()) } else { Err(tx.again()) }
}

/// Accounts after one, by id.
pub(in crate::lines::access) fn accounts_after(
    rows: &mut impl Rows,
    after: &str,
    limit: i64,
) -> Result<Vec<RawAccount>, StoreError> {
    rows.all(&ACCOUNTS_AFTER, args![after, limit], raw)
}

/// Accounts after one, by login name, in the database's own order of names.
pub(in crate::lines::access) fn accounts_by_name(
    rows: &mut impl Rows,
    after: &str,
    limit: u32,
) -> Result<Vec<RawAccount>, StoreError> {
    rows.all(&ACCOUNTS_BY_NAME, args![after, i64::from(limit)], raw)
}

/// Accounts at home at some units, after one, by login name.
pub(in crate::lines::access) fn accounts_at(
    rows: &mut impl Rows,
    units: &[i64],
    after: &str,
    limit: u32,
) -> Result<Vec<RawAccount>, StoreError> {
    rows.all(&ACCOUNTS_AT, args![units, after, i64::from(limit)], raw)
}

/// Some accounts, by id; those that there are.
pub(in crate::lines::access) fn accounts_of(
    rows: &mut impl Rows,
    ids: &[String],
) -> Result<Vec<RawAccount>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(LIST_MAX) {
        found.extend(rows.all(&ACCOUNTS_OF, args![chunk], raw)?);
    }
    Ok(found)
}

/// An account, today's or an ended one.
pub(in crate::lines::access) fn account_by_id(
    rows: &mut impl Rows,
    id: &str,
) -> Result<Option<RawAccount>, StoreError> {
    rows.opt(&ACCOUNT_BY_ID, args![id], raw)
}

/// The account of a login name, today's or an ended one, while nobody else changes it.
pub(in crate::lines::access) fn account_row(
    tx: &mut Tx,
    name: &str,
) -> Result<Option<RawAccount>, StoreError> {
    tx.opt(&ACCOUNT_ROW, args![name], raw)
}

/// The account of a login name, if it is let in on a day.
pub(in crate::lines::access) fn account_by_name(
    rows: &mut impl Rows,
    name: &str,
    day: i32,
) -> Result<Option<RawAccount>, StoreError> {
    rows.opt(&ACCOUNT_BY_NAME, args![name, day, day], raw)
}

/// The account of an id, or else of a login name, if it is let in on a day.
pub(in crate::lines::access) fn account_called(
    rows: &mut impl Rows,
    word: &str,
    day: i32,
) -> Result<Option<RawAccount>, StoreError> {
    rows.opt(&ACCOUNT_CALLED, args![word, word, day, day, word], raw)
}

/// The roles of the demonstration: accounts that nobody can log in to by password.
pub(in crate::lines::access) fn accounts_without_password(
    rows: &mut impl Rows,
) -> Result<Vec<RawAccount>, StoreError> {
    rows.all(&ACCOUNTS_WITHOUT_PASSWORD, args![], raw)
}
