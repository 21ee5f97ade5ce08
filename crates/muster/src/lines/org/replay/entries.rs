//! Of every entry that changed how units stand it is noted since when: the notes are held against the entries.

use super::{TreeFaultKind, TreeReplayed, births, day_of, link};
use crate::lines::org::store::told::{self, TreeEntry};
use crate::lines::org::timeline::Patch;
use muster_kernel::Day;
use muster_store::{Link, Result, Rows, Stored, migration_at};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The step of the schema since which they are noted.
const STEP: i32 = 120;

/// Compares what is noted of a span of a lane with its entries about the tree.
pub(super) fn compare(
    rows: &mut impl Rows,
    lane: i32,
    span: (i64, i64),
    entries: &[Stored],
    page: &mut TreeReplayed,
) -> Result<()> {
    let noted_since = migration_at(rows, STEP)?.unwrap_or(i64::MAX);
    let told = entries.iter().filter_map(|entry| {
        Some((entry.link.no, TreeEntry { link: entry.link, at_ms: entry.at, since: since(entry)? }))
    });
    let told: BTreeMap<i64, TreeEntry> = told.collect();
    let noted = told::tree_entries_of_lane(rows, lane, span)?.into_iter();
    let noted: BTreeMap<i64, TreeEntry> = noted.map(|entry| (entry.link.no, entry)).collect();
    for no in told.keys().chain(noted.keys()).collect::<BTreeSet<_>>() {
        let (told, noted) = (told.get(no), noted.get(no));
        // What was said before there were notes has none. (A demonstration's clock stands in its own days: those have.)
        let is_older = noted.is_none() && told.is_some_and(|told| told.at_ms < noted_since);
        if told != noted && !is_older {
            page.fault(TreeFaultKind::TreeEntryDiffers, link(Link { lane, no: *no }));
        }
    }
    Ok(())
}

/// How many notes are of entries that there are not.
pub(super) fn beyond(rows: &mut impl Rows) -> Result<i64> {
    told::tree_entries_beyond(rows)
}

/// The first day on which units stand otherwise by an entry; none where it does not change that.
fn since(entry: &Stored) -> Option<Day> {
    if entry.action == "unit.create" {
        return births(entry)?.values().map(|unit| unit.since).min();
    }
    let body: Value = serde_json::from_slice(&entry.body).ok()?;
    let stands = match entry.action.as_str() {
        "unit.change" => serde_json::from_value::<Patch>(body["changes"].clone()).ok()?.is_drawn(),
        "unit.move" | "unit.close" | "unit.split" => true,
        // The unit that goes on tells the same merger once more.
        "unit.merge" => body["into"].is_string(),
        _ => false,
    };
    day_of(&body).filter(|_| stands)
}
