//! Sheets, words, statements and corrections beside the revisions that made them.

use super::super::model::{Scope, SheetKey, Values};
use super::super::pack::{pack_acts, unpack_values};
use super::super::revision::{Revision, words_hash};
use super::super::store;
use super::{Cuts, Gathered, On, PAGE, Replayed, RowFaultKind, buckets, place};
use crate::Fail;
use muster_store::{Db, Link, Rx, StoreError, Stored, journal_read};
use std::sync::Arc;

fn sheet_place(key: &SheetKey) -> String {
    let scope = if key.scope == Scope::Alone { "alone" } else { "below" };
    format!("unit={} day={} slot={} scope={scope}", key.unit, key.day, key.slot)
}

/// A revision beside the sheet, and its words beside their hashes.
pub(super) fn revision_replay(
    rx: &mut Rx<'_>,
    entry: &Stored,
    cuts: &Cuts,
    page: &mut Replayed,
    said: &mut Gathered,
) -> Result<(), StoreError> {
    page.revisions += 1;
    let Some(revision) = Revision::unpack(entry.operation, &entry.body) else {
        page.fault(RowFaultKind::EntryUnreadable, place(entry.link));
        return Ok(());
    };
    let key = revision.key;
    let at = || format!("{} {}", sheet_place(&key), place(entry.link));
    if !follows(rx, entry, &revision)? {
        page.fault(RowFaultKind::ChainBreaks, at());
    }
    match store::sheet_raw(rx, &key)? {
        None => page.fault(RowFaultKind::SheetMissing, at()),
        Some(sheet) if sheet.last == Some(entry.link) => {
            page.sheets += 1;
            said.last_revisions += 1;
            let same = sheet.rev == revision.rev
                && sheet.at_ms == entry.at
                && sheet.layout == revision.layout
                && sheet.vals == revision.vals
                && sheet.acts == revision.acts;
            if !same {
                page.fault(RowFaultKind::SheetDiffers, at());
            }
        }
        Some(sheet) if sheet.rev <= revision.rev => page.fault(RowFaultKind::SheetDiffers, at()),
        Some(_) => {}
    }
    if !revision.words.is_empty() {
        let notes = store::notes(rx, &key)?;
        for (element, hash) in &revision.words {
            page.words += 1;
            said.words += 1;
            let note = notes.iter().find(|(id, rev, _)| id == element && *rev == revision.rev);
            if note.is_none_or(|(_, _, words)| words_hash(words) != *hash) {
                page.fault(RowFaultKind::WordsDiffer, format!("{} element={element}", at()));
            }
        }
    }
    if is_listed(entry, &revision, cuts) == Some(true) {
        let noted = store::correction_at(rx, (key.bucket, key.operation), entry.at, entry.link)?;
        if noted != Some(revision.rev) {
            page.fault(RowFaultKind::CorrectionDiffers, at());
        }
    }
    Ok(())
}

/// Whether a revision stands with the corrections: it is one, or the first report after its day was frozen. None where
/// that cannot be told: what was frozen since is not known.
fn is_listed(entry: &Stored, revision: &Revision, cuts: &Cuts) -> Option<bool> {
    if entry.action == "report.correct" {
        return Some(true);
    }
    let cut = cuts.cuts.get(&(revision.form, revision.key.day)).filter(|cut| cut.precedes(entry.link));
    match cut {
        None => cuts.reach(entry.link).then_some(false),
        Some(_) => Some(true),
    }
}

/// Whether an entry goes on from the one before it: the same sheet, the revision before.
fn follows(rx: &mut Rx<'_>, entry: &Stored, revision: &Revision) -> Result<bool, StoreError> {
    let Some(prev) = entry.prev else { return Ok(revision.rev == 1) };
    let before = journal_read(rx, prev)?;
    let before = before.and_then(|before| Revision::unpack(before.operation, &before.body));
    Ok(before.is_some_and(|before| before.key == revision.key && before.rev + 1 == revision.rev))
}

/// The rows themselves: none that no entry made.
pub(super) fn rows_replay(
    db: &Db,
    operation: i64,
    cuts: &Arc<Cuts>,
    said: &Gathered,
    replayed: &mut Replayed,
    on: On<'_>,
) -> Result<(), Fail> {
    let mut revised = 0;
    for bucket in 1..=buckets(db)? {
        let of = (bucket, operation);
        let mut after: Option<SheetKey> = None;
        loop {
            let from = after;
            let (page, faults, count) = db.read_blocking("replay.sheets", move |rx| {
                let sheets = store::sheets_raw(rx, of, from.as_ref(), PAGE)?;
                let (mut faults, mut count) = (Replayed::default(), 0);
                for sheet in &sheets {
                    if sheet.rev == 0 {
                        beside_a_statement(rx, sheet, &mut faults)?;
                        continue;
                    }
                    count += 1;
                    if sheet.key.scope == Scope::Below && !store::statement_noted(rx, &sheet.key)? {
                        faults.fault(RowFaultKind::StatementDiffers, sheet_place(&sheet.key));
                    }
                }
                Ok::<_, StoreError>((sheets.last().map(|sheet| sheet.key), faults, count))
            })?;
            replayed.add(faults);
            revised += count;
            on("sheets", revised, said.last_revisions.max(revised));
            after = page;
            if after.is_none() {
                break;
            }
        }
        statements_replay(db, of, replayed)?;
        corrections_replay(db, of, cuts, replayed)?;
    }
    if revised > said.last_revisions {
        unfounded(db, operation, replayed)?;
    }
    Ok(())
}

/// The empty own sheet that is kept beside a statement: it is empty, and there is one.
fn beside_a_statement(
    rx: &mut Rx<'_>,
    sheet: &store::RawSheet,
    faults: &mut Replayed,
) -> Result<(), StoreError> {
    let layout = store::layouts(rx)?.get(&sheet.layout).cloned();
    let empty = layout.and_then(|layout| unpack_values(&layout, &sheet.vals)) == Some(Values::new())
        && sheet.acts == pack_acts(&[]);
    let statement = store::sheet_raw(rx, &SheetKey { scope: Scope::Below, ..sheet.key })?;
    if !empty || sheet.key.scope == Scope::Below || statement.is_none() {
        faults.fault(RowFaultKind::SheetUnfounded, sheet_place(&sheet.key));
    }
    Ok(())
}

/// Which sheets no entry made. Asked only where the counts say that there are some.
fn unfounded(db: &Db, operation: i64, replayed: &mut Replayed) -> Result<(), Fail> {
    for bucket in 1..=buckets(db)? {
        let mut after: Option<SheetKey> = None;
        loop {
            let from = after;
            let (next, faults) = db.read_blocking("replay.unfounded", move |rx| {
                let mut faults = Replayed::default();
                let sheets = store::sheets_raw(rx, (bucket, operation), from.as_ref(), PAGE)?;
                for sheet in sheets.iter().filter(|sheet| sheet.rev > 0) {
                    let entry = match sheet.last {
                        Some(last) => journal_read(rx, last)?,
                        None => None,
                    };
                    let made = entry.and_then(|entry| Revision::unpack(entry.operation, &entry.body));
                    if made.is_none_or(|made| made.key != sheet.key || made.rev != sheet.rev) {
                        faults.fault(RowFaultKind::SheetUnfounded, sheet_place(&sheet.key));
                    }
                }
                Ok::<_, StoreError>((sheets.last().map(|sheet| sheet.key), faults))
            })?;
            replayed.add(faults);
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// Every statement that is listed is a sheet. (That every such sheet is listed was asked with the sheets.)
fn statements_replay(db: &Db, of: (i64, i64), replayed: &mut Replayed) -> Result<(), Fail> {
    let mut after: Option<SheetKey> = None;
    loop {
        let from = after;
        let (last, faults) = db.read_blocking("replay.statements", move |rx| {
            let page = store::statements_raw(rx, of, from.as_ref(), PAGE)?;
            let mut faults = Replayed::default();
            for key in &page {
                if store::sheet_raw(rx, key)?.is_none() {
                    faults.fault(RowFaultKind::StatementDiffers, sheet_place(key));
                }
            }
            Ok::<_, StoreError>((page.last().copied(), faults))
        })?;
        replayed.add(faults);
        after = last;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Every correction that is listed was made by an entry. (A first report after the day was frozen is listed too.)
fn corrections_replay(
    db: &Db,
    of: (i64, i64),
    cuts: &Arc<Cuts>,
    replayed: &mut Replayed,
) -> Result<(), Fail> {
    let mut after = (i64::MIN, Link { lane: 0, no: 0 });
    loop {
        let cuts = cuts.clone();
        let (page, faults) = db.read_blocking("replay.corrections", move |rx| {
            let page = store::corrections_raw(rx, of, after, PAGE)?;
            let mut faults = Replayed::default();
            for (at_ms, link, key, rev) in &page {
                let entry = journal_read(rx, *link)?.filter(|entry| entry.at == *at_ms);
                let made = entry.and_then(|entry| {
                    let made = Revision::unpack(entry.operation, &entry.body)?;
                    (is_listed(&entry, &made, &cuts) != Some(false)).then_some(made)
                });
                if made.is_none_or(|made| made.key != *key || made.rev != *rev) {
                    faults.fault(
                        RowFaultKind::CorrectionDiffers,
                        format!("{} {}", sheet_place(key), place(*link)),
                    );
                }
            }
            Ok::<_, StoreError>((page, faults))
        })?;
        replayed.add(faults);
        let Some((at_ms, link, _, _)) = page.last() else { return Ok(()) };
        after = (*at_ms, *link);
    }
}
