//! Accounts: who may log in.

use super::LIST_MAX;
use muster_kernel::Day;
use muster_store::{Link, Row, Rows, Stmt, StoreError, Tx, args};

const ACCOUNT_LOCK: Stmt = Stmt::new(
    "account_lock",
    "select id, name_sealed, name_index, unit, password_hash, since, until, rev, last_lane, last_no from account
     where id = $1 {lock}",
);
const ACCOUNT_LAST: Stmt =
    Stmt::new("account_last", "update account set last_lane = $2, last_no = $3 where id = $1");
const ACCOUNT_ADD: Stmt = Stmt::new(
    "account_add",
    "insert into account (id, name_sealed, name_index, unit, password_hash, since, until, rev)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
);
const ACCOUNT_SET: Stmt = Stmt::new(
    "account_set",
    "update account set name_sealed = $2, name_index = $3, unit = $4, password_hash = $5, since = $6, until = $7, rev = $8
     where id = $1",
);
const ACCOUNT_ROW: Stmt = Stmt::new(
    "account_row",
    "select id, name_sealed, name_index, unit, password_hash, since, until, rev, last_lane, last_no from account
     where name_index = $1 {lock}",
);
const ACCOUNT_BY_ID: Stmt = Stmt::new(
    "account_by_id",
    "select id, name_sealed, name_index, unit, password_hash, since, until, rev, last_lane, last_no from account
     where id = $1",
);
const ACCOUNTS_AFTER: Stmt = Stmt::new(
    "accounts_after",
    "select id, name_sealed, name_index, unit, password_hash, since, until, rev, last_lane, last_no from account
     where id > $1 order by id limit $2",
);
const ACCOUNTS_AT: Stmt = Stmt::new(
    "accounts_at",
    "select id, name_sealed, name_index, unit, password_hash, since, until, rev, last_lane, last_no from account
     where unit {in:$1} and id > $2 order by id limit $3",
);
const ACCOUNTS_OF: Stmt = Stmt::new(
    "accounts_of",
    "select id, name_sealed, name_index, unit, password_hash, since, until, rev, last_lane, last_no from account
     where id {in:$1}",
);
const ACCOUNT_FOUND: Stmt = Stmt::new(
    "account_found",
    "select id, name_sealed, name_index, unit, password_hash, since, until, rev, last_lane, last_no from account
     where name_index = $1",
);
const ACCOUNTS_ENDED: Stmt = Stmt::new(
    "accounts_ended",
    "select id from account where name_sealed is not null and until < $1 order by until, id limit $2",
);
const ACCOUNTS_WITHOUT_PASSWORD: Stmt = Stmt::new(
    "accounts_without_password",
    "select id, name_sealed, name_index, unit, password_hash, since, until, rev, last_lane, last_no from account
     where password_hash is null and name_index is null order by id limit 100",
);
pub(super) const STATEMENTS: &[Stmt] = &[
    ACCOUNT_LOCK,
    ACCOUNT_LAST,
    ACCOUNT_ADD,
    ACCOUNT_SET,
    ACCOUNT_ROW,
    ACCOUNT_BY_ID,
    ACCOUNTS_AFTER,
    ACCOUNTS_AT,
    ACCOUNTS_OF,
    ACCOUNT_FOUND,
    ACCOUNTS_ENDED,
    ACCOUNTS_WITHOUT_PASSWORD,
];

/// By what somebody logs in, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lines::access) enum Called {
    /// A role of the demonstration: nobody, and called by its id.
    Role,
    /// Somebody whose name was erased.
    Erased,
    /// A login name: sealed, and what finds it.
    Name {
        /// Its ciphertext.
        sealed: Vec<u8>,
        /// The blind index of the whole name.
        index: Vec<u8>,
    },
}

/// An account's row, nothing of it read: whoever looks for faults takes any text.
#[derive(Clone, Debug)]
pub(in crate::lines::access) struct RawAccount {
    pub(in crate::lines::access) id: String,
    pub(in crate::lines::access) called: Called,
    pub(in crate::lines::access) unit: i64,
    pub(in crate::lines::access) password_hash: Option<String>,
    pub(in crate::lines::access) since: i64,
    pub(in crate::lines::access) until: i64,
    pub(in crate::lines::access) rev: i64,
    /// The last entry about it; none where it is new, or of a version that did not note it.
    pub(in crate::lines::access) last: Option<Link>,
}

fn raw(row: &Row) -> Result<RawAccount, StoreError> {
    let index = row.opt_bytes(2)?.map(<[u8]>::to_vec);
    Ok(RawAccount {
        id: row.string(0)?,
        called: match (row.opt_bytes(1)?, index) {
            (None, None) => Called::Role,
            (None, Some(_)) => Called::Erased,
            (Some(sealed), index) => {
                Called::Name { sealed: sealed.to_vec(), index: index.unwrap_or_default() }
            }
        },
        unit: row.int(3)?,
        password_hash: row.opt_text(4)?.map(str::to_owned),
        since: row.int(5)?,
        until: row.int(6)?,
        rev: row.int(7)?,
        last: link(row.opt_int(8)?, row.opt_int(9)?),
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

/// An account that is let in on a day, while nobody else changes it: one that was ended or erased meanwhile writes nothing
/// more of itself.
pub(in crate::lines::access) fn account_open(
    tx: &mut Tx,
    id: &str,
    on: Day,
) -> Result<Option<RawAccount>, StoreError> {
    let day = i64::from(on.number());
    Ok(account_lock(tx, id)?.filter(|row| row.since <= day && day < row.until))
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
    let RawAccount { id, called, unit, password_hash, since, until, rev, .. } = account;
    let (sealed, index) = match called {
        Called::Role => (None, None),
        Called::Erased => (None, Some(id.as_bytes())),
        Called::Name { sealed, index } => (Some(&sealed[..]), Some(&index[..])),
    };
    let args = args![id, sealed, index, *unit, password_hash.as_deref(), *since, *until, *rev];
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

/// Accounts at home at some units, after one, by id.
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

/// The account that an index finds, today's or an ended one, while nobody else changes it.
pub(in crate::lines::access) fn account_row(
    tx: &mut Tx,
    index: &[u8],
) -> Result<Option<RawAccount>, StoreError> {
    tx.opt(&ACCOUNT_ROW, args![index], raw)
}

/// The account that an index finds, today's or an ended one.
pub(in crate::lines::access) fn account_found(
    rows: &mut impl Rows,
    index: &[u8],
) -> Result<Option<RawAccount>, StoreError> {
    rows.opt(&ACCOUNT_FOUND, args![index], raw)
}

/// Accounts whose name is still there and that ended before a day, by its number; the longest ended first.
pub(in crate::lines::access) fn accounts_ended(
    rows: &mut impl Rows,
    before: i64,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    rows.all(&ACCOUNTS_ENDED, args![before, limit], |row| row.string(0))
}

/// The roles of the demonstration: accounts that nobody can log in to by password.
pub(in crate::lines::access) fn accounts_without_password(
    rows: &mut impl Rows,
) -> Result<Vec<RawAccount>, StoreError> {
    rows.all(&ACCOUNTS_WITHOUT_PASSWORD, args![], raw)
}
