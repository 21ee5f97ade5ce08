//! Login names: sealed each under a key of its own, and found again by an index that tells nothing of them.

use super::LIST_MAX;
use super::accounts::{self, Called, RawAccount};
use crate::Fail;
use crate::lines::access::check::normal;
use crate::seal::{Closed, SealedRow, Seals, person_keys_drop};
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args, row};
use zeroize::Zeroizing;

/// Where a name stands, as it is bound into its ciphertext.
const PLACE: (&str, &str) = ("account", "name_sealed");
/// What the index is for.
const INDEX: &str = "account.name";

const NAMES_OF: Stmt = Stmt::new(
    "account_names_of",
    "select a.id, a.name_sealed, a.name_index, k.unit, k.wrapped, u.wrapped
     from account a left join seal_person_key k on k.subject = 'account:' || a.id
     left join seal_unit_key u on u.unit = k.unit where a.id {in:$1}",
);
const NAMES_AFTER: Stmt = Stmt::new(
    "account_names_after",
    "select a.id, a.name_sealed, a.name_index, k.unit, k.wrapped, u.wrapped
     from account a left join seal_person_key k on k.subject = 'account:' || a.id
     left join seal_unit_key u on u.unit = k.unit where a.id > $1 order by a.id limit $2",
);
const INDEX_SET: Stmt =
    Stmt::new("account_index_set", "update account set name_index = $1 where id = $2 and name_index = $3");
const KEY_STRAYS: Stmt = Stmt::new(
    "account_key_strays",
    "select k.subject from seal_person_key k
     where k.subject >= 'account:' and k.subject < 'account;'
             and not exists (select 1 from account a where a.id = substr(k.subject, 9) and a.name_sealed is not null)
         or k.subject >= 'totp:' and k.subject < 'totp;'
             and not exists (select 1 from access_totp t where t.account = substr(k.subject, 6))
     order by k.subject limit 1000",
);
const PLAIN_COUNT: Stmt = Stmt::new("account_plain_count", "select count(*) from account_plain");
const PLAIN_PAGE: Stmt = Stmt::new(
    "account_plain_page",
    "select p.id, p.name, a.unit from account_plain p left join account a on a.id = p.id order by p.id limit $1",
);
const PLAIN_SEAL: Stmt =
    Stmt::new("account_plain_seal", "update account set name_sealed = $1, name_index = $2 where id = $3");
const PLAIN_DROP: Stmt = Stmt::new("account_plain_drop", "delete from account_plain where id {in:$1}");

pub(super) const STATEMENTS: &[Stmt] =
    &[NAMES_OF, NAMES_AFTER, KEY_STRAYS, INDEX_SET, PLAIN_COUNT, PLAIN_PAGE, PLAIN_SEAL, PLAIN_DROP];

/// What PostgreSQL is told so that nothing of names that stood in plain stays behind: neither rows nor the column that was
/// dropped.
pub const SCRUB: &str = "vacuum full account_plain, account";

/// Whose key it is.
fn subject(account: &str) -> String {
    format!("account:{account}")
}

/// What finds a login name: one for each master key, the newest first; none without keys.
fn indexes(seals: &Seals, name: &str) -> Vec<Vec<u8>> {
    let name = normal(name);
    seals.indexes(INDEX).iter().map(|index| index.of(name.as_bytes()).to_vec()).collect()
}

/// A name as an account of a unit is called by it from now on; what it was called by before opens no more.
///
/// # Errors
/// `seal.key_missing`.
pub(in crate::lines::access) fn name_sealed(
    tx: &mut Tx,
    seals: &Seals,
    (id, unit): (&str, i64),
    name: &str,
) -> Result<Called, Fail> {
    let sealed = seals.seal_rows(tx, PLACE, &[(unit, subject(id), name)])?.pop().unwrap_or_default();
    let index = indexes(seals, name).into_iter().next().ok_or_else(crate::seal::key_missing)?;
    Ok(Called::Name { sealed, index })
}

/// Destroys the key of an account's name, and so the name in every copy of the database that is kept from now on.
pub(in crate::lines::access) fn name_erase(tx: &mut Tx, seals: &Seals, id: &str) -> Result<(), StoreError> {
    person_keys_drop(tx, &[subject(id)])?;
    seals.note_erased();
    Ok(())
}

/// The account of a login name, today's or an ended one, while nobody else changes it.
pub(in crate::lines::access) fn account_row(
    tx: &mut Tx,
    seals: &Seals,
    name: &str,
) -> Result<Option<RawAccount>, StoreError> {
    for index in indexes(seals, name) {
        if let Some(row) = accounts::account_row(tx, &index)? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The account of a login name, today's or an ended one.
pub(in crate::lines::access) fn account_found(
    rows: &mut impl Rows,
    seals: &Seals,
    name: &str,
) -> Result<Option<RawAccount>, StoreError> {
    for index in indexes(seals, name) {
        if let Some(row) = accounts::account_found(rows, &index)? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The account of a login name, if it is let in on a day.
pub(in crate::lines::access) fn account_by_name(
    rows: &mut impl Rows,
    seals: &Seals,
    name: &str,
    day: i32,
) -> Result<Option<RawAccount>, StoreError> {
    let day = i64::from(day);
    Ok(account_found(rows, seals, name)?.filter(|row| row.since <= day && day < row.until))
}

/// By what an account is called, opened.
pub(in crate::lines::access) struct Named {
    /// The account.
    pub(in crate::lines::access) id: String,
    /// Its name; none where it was erased; or why it stays closed.
    pub(in crate::lines::access) name: Option<Result<Zeroizing<String>, Closed>>,
    /// What finds it.
    index: Vec<u8>,
}

impl Named {
    /// Its name, where there is one that opens.
    pub(in crate::lines::access) fn text(&self) -> Option<&str> {
        Some(self.name.as_ref()?.as_deref().ok()?)
    }
    /// Whether there is something sealed: not of a role of the demonstration, nor where it was erased.
    pub(in crate::lines::access) fn is_sealed(&self) -> bool {
        self.name.is_some() && !self.index.is_empty()
    }
    /// Whether it opens and what finds it is what it says; where its key is not held, nobody can tell.
    pub(in crate::lines::access) fn is_sound(&self, seals: &Seals) -> bool {
        match &self.name {
            Some(Ok(name)) => self.index.is_empty() || indexes(seals, name).contains(&self.index),
            Some(Err(closed)) => *closed == Closed::KeyMissing,
            None => self.index == self.id.as_bytes(),
        }
    }
}

fn named(row: &Row, seals: &Seals) -> Result<Named, StoreError> {
    let id = row.string(0)?;
    let index = row.opt_bytes(2)?.map(<[u8]>::to_vec);
    let name = match (row.opt_bytes(1)?, &index) {
        (None, None) => Some(Ok(Zeroizing::new(id.clone()))),
        (None, Some(_)) => None,
        (Some(sealed), _) => Some(match row.opt_int(3)? {
            None => Err(Closed::Broken),
            Some(unit) => {
                let (unit_key, person_key) = (row.opt_bytes(5)?, row.opt_bytes(4)?);
                let subject = &subject(&id);
                seals.open_row(PLACE, SealedRow { unit, unit_key, person_key, subject, sealed })
            }
        }),
    };
    Ok(Named { id, name, index: index.unwrap_or_default() })
}

/// By what some accounts are called; those that there are.
pub(in crate::lines::access) fn names_of(
    rows: &mut impl Rows,
    seals: &Seals,
    ids: &[String],
) -> Result<Vec<Named>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(LIST_MAX) {
        found.extend(rows.all(&NAMES_OF, args![chunk], |row| named(row, seals))?);
    }
    Ok(found)
}

/// The same of accounts after one, by id.
pub(in crate::lines::access) fn names_after(
    rows: &mut impl Rows,
    seals: &Seals,
    after: &str,
    limit: u32,
) -> Result<Vec<Named>, StoreError> {
    rows.all(&NAMES_AFTER, args![after, limit], |row| named(row, seals))
}

/// Indexes the names of accounts after one anew, under the newest master key: the last that was looked at; none when there
/// are no more.
pub fn names_reindex(
    tx: &mut Tx,
    seals: &Seals,
    after: &str,
    limit: u32,
) -> Result<Option<String>, StoreError> {
    let page = names_after(tx, seals, after, limit)?;
    let old = page.iter().filter_map(|named| {
        let index = indexes(seals, named.text()?).into_iter().next()?;
        let is_old = !named.index.is_empty() && named.index != index;
        is_old.then(|| row![index, named.id.as_str(), named.index.clone()])
    });
    let old: Vec<_> = old.collect();
    if !old.is_empty() {
        tx.exec_rows(&INDEX_SET, &old)?;
    }
    Ok(page.into_iter().last().map(|named| named.id))
}

/// Whose keys are of nobody: no such account, or nothing that they open.
pub(in crate::lines::access) fn key_strays(rows: &mut impl Rows) -> Result<Vec<String>, StoreError> {
    rows.all(&KEY_STRAYS, args![], |row| row.string(0))
}

/// How many names an older version left in plain.
pub fn names_plain(rows: &mut impl Rows) -> Result<u64, StoreError> {
    rows.one(&PLAIN_COUNT, args![], |row| Ok(row.int(0)?.unsigned_abs()))
}

/// Seals the next of them; how many. What belongs to no account goes.
///
/// # Errors
/// `seal.key_missing`.
pub fn names_seal_plain(tx: &mut Tx, seals: &Seals, limit: u32) -> Result<u64, Fail> {
    let page = tx.all(&PLAIN_PAGE, args![limit], |row| {
        Ok((row.string(0)?, Zeroizing::new(row.string(1)?), row.opt_int(2)?))
    })?;
    for (id, name, unit) in &page {
        let Some(unit) = unit else { continue };
        if let Called::Name { sealed, index } = name_sealed(tx, seals, (id, *unit), name)? {
            tx.exec(&PLAIN_SEAL, args![&sealed[..], &index[..], id])?;
        }
    }
    let ids: Vec<String> = page.iter().map(|(id, ..)| id.clone()).collect();
    tx.exec(&PLAIN_DROP, args![&ids])?;
    Ok(page.len() as u64)
}
