//! What follows what: effects that one line has on another, on one screen. Those of the same moment are called here,
//! in the same transaction.

use crate::lines::access;
use crate::lines::org::{self, Book, BookOptions, ImportOptions, Outcome, Plan, TreeChange, UnitRows};
use crate::lines::reporting;
use crate::seal::Seals;
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Finding, Problem};
use muster_store::{Db, Rows, Rx, StoreError, Tx};
use std::collections::{BTreeSet, HashMap};

/// After a change of the tree: counts and totals by node follow. What is worth a look is told.
///
/// # Errors
/// `unit.has_reported` where a report that was taken in would no longer be asked.
pub fn tree_changed(tx: &mut Tx<'_>, ctx: &Ctx, change: &TreeChange) -> Result<Vec<Finding>, Fail> {
    reporting::tree_changed(tx, ctx, change)
}

/// Takes in a file of units, and what follows it. Rows by which a report that was taken in would no longer be asked are
/// refused; the rest comes in.
pub fn units_import(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    file: &UnitRows,
    options: &ImportOptions,
    planned: &Plan,
) -> Result<Outcome, Fail> {
    let mut options = options.clone();
    loop {
        let done = tx.attempt(|tx| {
            let mut outcome = org::units_import(tx, ctx, file, &options, planned)?;
            let found = tree_changed(tx, ctx, &std::mem::take(&mut outcome.change))?;
            outcome.findings.extend(found);
            Ok(outcome)
        });
        match done {
            Err(Fail::Problem(problem)) if problem.code == reporting::HAS_REPORTED => {
                let known = options.held.len();
                options.held.extend(org::import_held(tx, &problem.findings, options.day)?);
                if options.held.len() == known {
                    return Err(problem.into());
                }
            }
            done => return done,
        }
    }
}

/// Takes in an address book by the same verbs as a file of units: its units get their codes under the tree's lock.
///
/// # Errors
/// Those of `org::book_held` and [`units_import`].
pub fn book_import(tx: &mut Tx<'_>, ctx: &Ctx, book: &Book, asked: &BookOptions) -> Result<Outcome, Fail> {
    let placed = org::book_held(tx, ctx, book, asked)?;
    let plan = org::plan_now(tx, ctx, &placed.rows, &placed.options)?;
    units_import(tx, ctx, &placed.rows, &placed.options, &plan)
}

/// Telephones or names that one write seals.
const SEAL_ROWS: u32 = 500;

/// Seals the telephones and names that an older version left in plain, in writes of [`SEAL_ROWS`], and leaves nothing of them
/// behind; how many. `on` hears how many there are before it begins. Blocks. Broken off, it goes on with the next start.
///
/// # Errors
/// `seal.key_missing` where there is no key to seal them by; the store's.
pub fn plain_seal(db: &Db, seals: &Seals, now_ms: i64, on: impl FnOnce(u64)) -> Result<u64, Fail> {
    let plain = db.read_blocking("seal.plain", |rx| {
        Ok::<_, StoreError>(org::contacts_plain(rx)? + access::names_plain(rx)?)
    })?;
    if plain == 0 {
        return Ok(0);
    }
    on(plain);
    let mut all = 0;
    loop {
        let seals = seals.clone();
        let seal = move |tx: &mut Tx<'_>| match org::contacts_seal_plain(tx, &seals, SEAL_ROWS)? {
            0 => access::names_seal_plain(tx, &seals, SEAL_ROWS),
            sealed => Ok(sealed),
        };
        match db.write_blocking("seal.plain", now_ms, seal)? {
            0 => break,
            sealed => all += sealed,
        }
    }
    db.scrub(&[org::SCRUB, access::SCRUB])?;
    Ok(all)
}

/// Unit keys that one write wraps anew, names that it indexes anew.
const TURN_ROWS: u32 = 500;

/// Wraps all unit keys by the newest master key, and indexes by it whatever is found by an index; how many keys. Blocks.
/// Broken off, it is done again from the beginning, and finds most of it done.
///
/// # Errors
/// `seal.key_missing` where a key does not open; the store's.
pub fn keys_turned(db: &Db, seals: &Seals, now_ms: i64) -> Result<usize, Fail> {
    let (mut after, mut all) = (i64::MIN, 0);
    loop {
        let seals = seals.clone();
        let wrap = move |tx: &mut Tx<'_>| org::contacts_rewrapped(tx, &seals, after, TURN_ROWS);
        match db.write_blocking("keys.rewrap", now_ms, wrap)? {
            None => break,
            Some((last, wrapped)) => (after, all) = (last, all + wrapped),
        }
    }
    let mut after = Some(String::new());
    while let Some(from) = after {
        let seals = seals.clone();
        let index = move |tx: &mut Tx<'_>| access::names_reindex(tx, &seals, &from, TURN_ROWS);
        after = db.write_blocking("keys.reindex", now_ms, index)?;
    }
    Ok(all)
}

/// What a look at everything that is sealed found.
#[derive(Clone, Copy, Debug, Default)]
pub struct SealsLooked {
    /// It opens, and what finds it is right.
    pub open: u64,
    /// Its key is not held.
    pub closed: u64,
    /// It was changed, or its keys are gone.
    pub broken: u64,
}

/// Opens everything that is sealed, and tells none of it. Blocks.
///
/// # Errors
/// The store's.
pub fn seals_look(db: &Db, seals: &Seals) -> Result<SealsLooked, Fail> {
    let found = org::contacts_look(db, seals)?;
    let mut all = SealsLooked { open: found.open, closed: found.closed, broken: found.broken };
    let mut after = Some(String::new());
    while let Some(from) = after {
        let seals = seals.clone();
        let look = move |rx: &mut Rx<'_>| access::names_look(rx, &seals, &from, TURN_ROWS);
        let ([open, closed, broken], last) = db.read_blocking("keys.look", look)?;
        (all.open, all.closed, all.broken) = (all.open + open, all.closed + closed, all.broken + broken);
        after = last;
    }
    Ok(all)
}

/// Of some who act (`kind:reference`), for those that are links: who issued each, and when (ms UTC), by the actor.
///
/// # Errors
/// The store's.
pub fn links_told<'a>(
    rows: &mut impl Rows,
    actors: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, (String, i64)>, StoreError> {
    let ids: BTreeSet<&str> = actors.filter_map(|actor| actor.strip_prefix("link:")).collect();
    let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let found = access::links_issued(rows, &ids)?;
    Ok(found.into_iter().map(|(id, issued)| (format!("link:{id}"), issued)).collect())
}

/// Who holds a post, as it is stored: `account:` with the id of the account that is told by its id or its login name.
///
/// # Errors
/// `post.refused` with a finding at `holder` where nobody of the caller's own part has such an account today: whether
/// there is one elsewhere is not theirs to know, so the answer is the same.
pub fn holder_known(tx: &mut Tx<'_>, ctx: &Ctx, holder: &str) -> Result<String, Fail> {
    let Some((kind, word)) = holder.split_once(':') else { return Ok(String::new()) };
    let account = access::account_called(tx, ctx, word)?;
    match account {
        Some(account) if is_within(tx, ctx, account.unit)? => Ok(format!("{kind}:{}", account.id)),
        _ => {
            let finding = Finding::refuse("post.holder_unknown").field("holder").with("holder", word);
            Err(Problem::invalid("post.refused").findings(vec![finding]).into())
        }
    }
}

/// Before somebody is put at a post (`account:ID`; empty: nobody): what its holder may do is given with it.
///
/// # Errors
/// As [`access::post_given`].
pub fn holder_given(tx: &mut Tx<'_>, ctx: &Ctx, holder: &str, unit: &str, post: &str) -> Result<(), Fail> {
    let Some(standing) = org::unit_by_code(tx, unit, ctx.today())? else { return Ok(()) };
    let found = org::posts_of(tx, &[standing.unit], ctx.today())?.into_iter().find(|one| one.code == post);
    match found {
        Some(found) => {
            access::post_given(tx, ctx, holder.strip_prefix("account:").unwrap_or_default(), found.id)
        }
        None => Ok(()),
    }
}

/// Whether an account that stands at a unit belongs to the caller's part; who stands at the top has them all.
fn is_within(tx: &mut Tx<'_>, ctx: &Ctx, unit: i64) -> Result<bool, Fail> {
    let Reach::Under(tops) = &ctx.reach else { return Ok(true) };
    if tops.contains(&unit) {
        return Ok(true);
    }
    let units: Vec<i64> = tops.iter().copied().chain([unit]).collect();
    let found = org::standings_on(tx, &units, ctx.today())?;
    let at_top = found.iter().any(|standing| tops.contains(&standing.unit) && standing.chain.len() == 1);
    Ok(at_top || found.iter().any(|standing| standing.unit == unit && ctx.reach.covers(&standing.chain)))
}
