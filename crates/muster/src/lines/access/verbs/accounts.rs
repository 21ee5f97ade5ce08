//! Accounts: setting, ending, finding.

use super::grants::seats_given;
use super::{Moment, account_named, held};
use crate::lines::access::model::{Account, AccountDated};
use crate::lines::access::store::accounts::{self as store, Called, RawAccount};
use crate::lines::access::store::names;
use crate::lines::access::store::sessions;
use crate::lines::org;
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Day, Digest, Problem, ProblemKind};
use muster_store::{Entry, Link, Rows, StoreError, Stored, Tx, journal_read};
use serde_json::json;
use std::collections::HashMap;

/// Most rows that are looked over for one page of accounts of a large part of the tree.
const LOOKED_MAX: u32 = 20_000;
/// A part of the tree with at most so many units is asked for by them.
const UNITS_MAX: u32 = 2_000;

/// Creates an account or replaces it, and gives it the roles that it says, and no others; `login`: its login name, with the
/// hash of its password from [`password_hash`](super::password_hash) where it has one; none for a role of the
/// demonstration, which is no person. Its sessions end: who had the old password, or the old role, is not let in by it.
/// Asks nobody whether that may be: for the beginning of an operation and the command line on the machine itself.
///
/// # Errors
/// `seal.key_missing`.
pub fn account_set(
    tx: &mut Tx,
    ctx: &Ctx,
    account: &Account,
    login: Option<(&str, Option<&str>)>,
) -> Result<(), Fail> {
    let held = store::account_lock(tx, &account.id)?;
    let (name, hash) = login.unzip();
    let hash = hash.flatten();
    let row = RawAccount {
        id: account.id.clone(),
        called: match name {
            Some(name) => names::name_sealed(tx, &ctx.seals, (&account.id, account.unit), name)?,
            None => Called::Role,
        },
        unit: account.unit,
        password_hash: hash.map(str::to_owned),
        since: ctx.today().number().into(),
        until: Day::OPEN_END.number().into(),
        rev: held.as_ref().map_or(0, |row| row.rev) + 1,
        last: held.as_ref().and_then(|row| row.last),
    };
    written(tx, ctx, "account.set", &row, held.is_none())?;
    Ok(seats_given(tx, ctx, account)?)
}

/// Ends the account of a login name from today on: it is not let in any more, and its sessions end. The row stays, so that
/// what it did stays somebody's; set anew, it is the same account again.
///
/// # Errors
/// `account.unknown` where nobody can log in by that name today.
pub fn account_end(tx: &mut Tx, ctx: &Ctx, name: &str) -> Result<(), Fail> {
    let today = i64::from(ctx.today().number());
    let held = names::account_row(tx, &ctx.seals, name)?.filter(|row| row.until > today);
    let held = held.ok_or_else(|| Problem::not_found("account.unknown").with("name", name))?;
    let row = RawAccount { until: today, rev: held.rev + 1, ..held };
    Ok(written(tx, ctx, "account.end", &row, false)?)
}

/// The same by its id, if the actor may know of it.
///
/// # Errors
/// `account.unknown`; `account.own`: nobody ends their own; `account.days` where the day is before today; `account.beyond`
/// where the account may do more than is the actor's to let in: whoever rules or watches is not shut out by whom they rule.
pub fn account_end_within(tx: &mut Tx, ctx: &Ctx, id: &str, day: Day) -> Result<(), Fail> {
    let held = super::letters::account_within(tx, ctx, id)?;
    if ctx.actor.reference() == id {
        return Err(Problem::new(ProblemKind::Forbidden, "account.own").into());
    }
    if day < ctx.today() {
        return Err(Problem::invalid("account.days").with("today", ctx.today()).into());
    }
    super::grants::within_own(tx, ctx, &held)?;
    let row = RawAccount { until: day.number().into(), rev: held.rev + 1, ..held };
    Ok(written(tx, ctx, "account.end", &row, false)?)
}

/// The last entries about an account, the newest first: at most `limit`, before `from` (none: from its last on).
pub fn account_history(
    rows: &mut impl Rows,
    id: &str,
    from: Option<Link>,
    limit: usize,
) -> Result<Vec<Stored>, StoreError> {
    let last = match from {
        Some(from) => Some(from),
        None => store::account_by_id(rows, id)?.and_then(|row| row.last),
    };
    let (mut next, mut found) = (last, Vec::new());
    while let Some(link) = next.filter(|_| found.len() < limit) {
        let Some(entry) = journal_read(rows, link)? else { break };
        next = entry.prev;
        found.push(entry);
    }
    Ok(found)
}

/// One account, today's or an ended one, if its person is at home within the actor's part.
///
/// # Errors
/// `account.unknown`.
pub fn account_known(rows: &mut impl Rows, ctx: &Ctx, id: &str) -> Result<AccountDated, Fail> {
    let unknown = || Problem::not_found("account.unknown").with("name", id);
    let row = store::account_by_id(rows, id)?.ok_or_else(unknown)?;
    match super::grants::is_within(rows, ctx, row.unit)? {
        true => Ok(dated(rows, ctx, vec![row])?.remove(0)),
        false => Err(unknown().into()),
    }
}

/// Writes an account as it is from now on, and its entry, and ends its sessions.
pub(super) fn written(
    tx: &mut Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &RawAccount,
    is_new: bool,
) -> Result<(), StoreError> {
    store::account_put(tx, row, is_new)?;
    sessions::sessions_drop(tx, &row.id)?;
    noted(tx, ctx, action, row, &body_of(row))
}

/// The same, with what it was done for.
pub(super) fn written_for(
    tx: &mut Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &RawAccount,
    purpose: &str,
) -> Result<(), StoreError> {
    store::account_put(tx, row, false)?;
    sessions::sessions_drop(tx, &row.id)?;
    let mut body = body_of(row);
    body["purpose"] = purpose.into();
    noted(tx, ctx, action, row, &body)
}

/// The same of one that is there, where one session stays: that of whoever does it.
pub(super) fn kept(
    tx: &mut Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &RawAccount,
    token_hash: &str,
) -> Result<(), StoreError> {
    store::account_put(tx, row, false)?;
    sessions::sessions_drop_other(tx, &row.id, token_hash)?;
    noted(tx, ctx, action, row, &body_of(row))
}

fn body_of(row: &RawAccount) -> serde_json::Value {
    json!({
        "revision": row.rev, "unit": row.unit, "since": row.since, "until": row.until, "seal": account_seal(row),
    })
}

/// Writes an entry about an account, linked to the one before.
pub(super) fn noted(
    tx: &mut Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &RawAccount,
    body: &serde_json::Value,
) -> Result<(), StoreError> {
    let link = tx.journal(Entry {
        operation: ctx.operation,
        actor: &ctx.actor.to_string(),
        action,
        subject: &format!("account:{}", row.id),
        prev: row.last,
        request: None,
        body: body.to_string().into_bytes(),
    })?;
    store::account_last(tx, &row.id, link)
}

/// A hash over the sealed name and the hash of the password: a name whose key was destroyed leaves the chain whole.
pub(in crate::lines::access) fn account_seal(row: &RawAccount) -> String {
    let called = match &row.called {
        Called::Role => row.id.clone(),
        Called::Erased => String::new(),
        Called::Name { sealed, .. } => hex::encode(sealed),
    };
    seal_over(&called, row.password_hash.as_deref())
}

/// The same as an older version wrote it, which kept the name in plain.
pub(in crate::lines::access) fn account_seal_plain(row: &RawAccount, name: &str) -> String {
    seal_over(name, row.password_hash.as_deref())
}

fn seal_over(called: &str, password_hash: Option<&str>) -> String {
    Digest::of(json!([called, password_hash]).to_string().as_bytes()).to_string()
}

/// The id of the account that has a login name, also of one that was ended; while nobody else changes it.
pub fn account_id(tx: &mut Tx, ctx: &Ctx, name: &str) -> Result<Option<String>, StoreError> {
    Ok(names::account_row(tx, &ctx.seals, name)?.map(|row| row.id))
}

/// The account of an id, or else of a login name, with what it may do today.
pub fn account_called(rows: &mut impl Rows, ctx: &Ctx, word: &str) -> Result<Option<Account>, StoreError> {
    let (at, day) = (ctx.moment(), ctx.today().number());
    let is_in = |row: &RawAccount| row.since <= i64::from(day) && i64::from(day) < row.until;
    let row = match store::account_by_id(rows, word)?.filter(is_in) {
        Some(row) => Some(row),
        None => names::account_by_name(rows, &ctx.seals, word, day)?,
    };
    row.map(|row| held(rows, row, at)).transpose()
}

/// The roles of the demonstration: accounts that nobody can log in to by password.
pub fn accounts_by_role(rows: &mut impl Rows, at: Moment) -> Result<Vec<Account>, StoreError> {
    let found = store::accounts_without_password(rows)?;
    found.into_iter().map(|row| held(rows, row, at)).collect()
}

/// One of them, by its id.
pub fn account_by_role(rows: &mut impl Rows, id: &str, at: Moment) -> Result<Option<Account>, StoreError> {
    let row = store::account_by_id(rows, id)?
        .filter(|row| row.password_hash.is_none() && row.called == Called::Role);
    match row {
        Some(row) => Ok(Some(held(rows, row, at)?)),
        None => Ok(None),
    }
}

/// The units at which some accounts are at home, by id, today's and ended ones; those that there are.
pub fn account_homes(rows: &mut impl Rows, ids: &[String]) -> Result<HashMap<String, i64>, StoreError> {
    Ok(store::accounts_of(rows, ids)?.into_iter().map(|row| (row.id, row.unit)).collect())
}

pub(super) fn dated(
    rows: &mut impl Rows,
    ctx: &Ctx,
    accounts: Vec<RawAccount>,
) -> Result<Vec<AccountDated>, StoreError> {
    let ids: Vec<String> = accounts.iter().map(|row| row.id.clone()).collect();
    let mut named = account_named(rows, &ctx.seals, &ids)?;
    let day = |number: i64| i32::try_from(number).map_or(Day::OPEN_END, Day::from_number);
    let dated = accounts.into_iter().map(|row| {
        let RawAccount { id, unit, since, until, rev, password_hash, .. } = row;
        let (name, entered) = (named.remove(&id), password_hash.is_some());
        AccountDated { id, name, unit, since: day(since), until: day(until), revision: rev, entered }
    });
    Ok(dated.collect())
}

/// Accounts whose people are at home within the actor's reach today, ended ones too, in the order in which they were added,
/// after an id; and that after which the next page begins. Where a large part of the tree has few of many accounts, a
/// page may be shorter than was asked and still not the last.
pub fn accounts_within(
    rows: &mut impl Rows,
    ctx: &Ctx,
    after: &str,
    limit: u32,
) -> Result<(Vec<AccountDated>, Option<String>), StoreError> {
    let Reach::Under(tops) = &ctx.reach else {
        let (found, next) = page(store::accounts_after(rows, after, (limit + 1).into())?, limit);
        return Ok((dated(rows, ctx, found)?, next));
    };
    if let Some(units) = few_units(rows, tops, ctx.today())? {
        let found = store::accounts_at(rows, &units, after, limit + 1)?;
        let (found, next) = page(found, limit);
        return Ok((dated(rows, ctx, found)?, next));
    }
    let (mut found, mut after, mut looked) = (Vec::new(), after.to_owned(), 0);
    while looked < LOOKED_MAX {
        let page = store::accounts_after(rows, &after, 1_000)?;
        let Some(last) = page.last() else { return Ok((dated(rows, ctx, found)?, None)) };
        (after, looked) = (last.id.clone(), looked + 1_000);
        let homes: Vec<i64> = page.iter().map(|row| row.unit).collect();
        let own = org::units_today(rows, &ctx.reach, &homes, ctx.today())?;
        for row in page.into_iter().filter(|row| own.contains(&row.unit)) {
            if found.len() == limit as usize {
                let next = found.last().map(|last: &RawAccount| last.id.clone());
                return Ok((dated(rows, ctx, found)?, next));
            }
            found.push(row);
        }
    }
    Ok((dated(rows, ctx, found)?, Some(after)))
}

/// A page of what was read with one more than it holds, and the id after which the next one begins.
fn page(mut found: Vec<RawAccount>, limit: u32) -> (Vec<RawAccount>, Option<String>) {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| last.id.clone());
    (found, next)
}

/// The units at and below some, where they are few.
fn few_units(rows: &mut impl Rows, tops: &[i64], today: Day) -> Result<Option<Vec<i64>>, StoreError> {
    let mut units: Vec<i64> = tops.to_vec();
    for standing in org::standings_on(rows, tops, today)? {
        let below = org::subtree_page(rows, &standing, today, "", UNITS_MAX + 1)?;
        units.extend(below.iter().map(|standing| standing.unit));
        if units.len() > UNITS_MAX as usize {
            return Ok(None);
        }
    }
    units.sort_unstable();
    units.dedup();
    Ok(Some(units))
}
