//! Is every row what the journal says? Replays reports, words, corrections, incidents and the book from their entries,
//! and draws totals and expected counts from the sheets; what differs is told, nothing is changed.
//!
//! The chains of the journal are the store's to verify. Together with heads kept outside, the two say that what is
//! shown is what was filed.

mod book;
mod scans;
mod sheets;

pub use scans::{ScanFaultKind, ScansReplayed, scans_replay};

use super::store;
use crate::Fail;
use crate::faults::Faults;
use book::BookRows;
use muster_kernel::Day;
use muster_store::{Db, Link, Rows, Rx, StoreError, Stored, heads, journal_after};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Entries or rows looked at in one read.
const PAGE: i64 = 500;

/// What a replay found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Replayed {
    /// Entries of the journal that were read.
    pub entries: u64,
    /// Of them, revisions of sheets.
    pub revisions: u64,
    /// Sheets compared with their last revision.
    pub sheets: u64,
    /// Words compared with their hashes.
    pub words: u64,
    /// Totals and expected counts drawn anew.
    pub drawn: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<RowFaultKind>,
}

/// What can be wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowFaultKind {
    /// An entry of the journal cannot be read.
    EntryUnreadable,
    /// An entry does not go on from the revision before it.
    ChainBreaks,
    /// A sheet is gone.
    SheetMissing,
    /// A sheet is not its last revision.
    SheetDiffers,
    /// A sheet that no entry made.
    SheetUnfounded,
    /// Words are not those that were said, or gone.
    WordsDiffer,
    /// Words that no entry bears.
    WordsUnfounded,
    /// The list of statements about all below does not fit the sheets.
    StatementDiffers,
    /// The list of corrections does not fit the journal.
    CorrectionDiffers,
    /// An incident is not what was registered, or gone.
    IncidentDiffers,
    /// An incident that no entry registered.
    IncidentUnfounded,
    /// An element, a form, an assignment or a layout is not what was set.
    BookDiffers,
    /// A total is not what the sheets add up to.
    TotalDiffers,
    /// An expected count is not what the tree says.
    ExpectedDiffers,
    /// Totals or expected counts of assignments that there are not.
    DrawnUnfounded,
    /// Totals could not be drawn, because a row that they are drawn from cannot be read.
    NotDrawn,
    /// Rows of an operation or a bucket that there is not.
    RowsUnfounded,
}

impl Replayed {
    fn fault(&mut self, kind: RowFaultKind, at: impl Into<String>) {
        self.wrong.fault(kind, at);
    }
    fn add(&mut self, other: Replayed) {
        self.entries += other.entries;
        self.revisions += other.revisions;
        self.sheets += other.sheets;
        self.words += other.words;
        self.drawn += other.drawn;
        self.wrong.add(other.wrong);
    }
}

/// Where in the journal days of forms were frozen: a first report that comes after that stands in the list of
/// corrections.
#[derive(Clone, Debug, Default)]
pub struct Cuts {
    /// By form and day.
    pub cuts: HashMap<(i64, Day), Cut>,
    /// Where the lanes ended when these were gathered.
    pub until: Vec<Link>,
}

impl Cuts {
    /// Whether freezings up to an entry are known.
    fn reach(&self, link: Link) -> bool {
        self.until.iter().any(|end| end.lane == link.lane && link.no <= end.no)
    }
}

/// The cut of one freezing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// When, ms UTC.
    pub at_ms: i64,
    /// The last entries before it; lanes without one are left out.
    pub ends: Vec<Link>,
}

impl Cut {
    /// Whether an entry came after it.
    fn precedes(&self, link: Link) -> bool {
        self.ends.iter().find(|end| end.lane == link.lane).is_none_or(|end| link.no > end.no)
    }
}

/// What the journal says besides single sheets, gathered on the way: compared at the end.
#[derive(Clone, Debug, Default)]
struct Gathered {
    book: book::BookSaid,
    words: i64,
    incidents: i64,
    last_revisions: u64,
}

/// How far a long look is: what it looks at, how many of them are done, how many there are.
pub type On<'f> = &'f mut dyn FnMut(&'static str, u64, u64);

/// Replays all that was journalled by now, beside those who report meanwhile. `cuts`: where days were frozen, as the
/// journal has it. Long; blocks, in short reads, and changes nothing.
pub fn replay(db: &Db, operation: i64, cuts: &Arc<Cuts>, on: On<'_>) -> Result<Replayed, Fail> {
    // One snapshot: what is said later is in none of these.
    let (ends, notes, incidents, rows, strays) = db.read_blocking("replay.heads", move |rx| {
        let (notes, incidents) = (store::notes_count(rx, operation)?, store::incidents_count(rx, operation)?);
        let strays = store::strays(rx, operation)?;
        Ok::<_, StoreError>((heads(rx)?, notes, incidents, BookRows::read(rx)?, strays))
    })?;
    let all: i64 = ends.iter().map(|end| end.no).sum();
    let mut replayed = Replayed::default();
    let mut gathered = Gathered::default();
    for end in ends.iter().filter(|end| end.no > 0) {
        let (bucket, lane, last) = (end.bucket, end.lane, end.no);
        let mut after = 0;
        while after < last {
            let cuts = cuts.clone();
            let (page, said, next) = db.read_blocking("replay.page", move |rx| {
                let entries = journal_after(rx, bucket, lane, after, PAGE.min(last - after))?;
                let next = entries.last().map(|entry| entry.link.no);
                let (mut page, mut said) = (Replayed::default(), Gathered::default());
                page.entries = entries.len() as u64;
                // The book is everybody's; reports are of one operation.
                let own = |entry: &&Stored| entry.operation == operation || !is_report(entry);
                for entry in entries.iter().filter(own) {
                    entry_replay(rx, entry, &cuts, &mut page, &mut said)?;
                }
                Ok::<_, StoreError>((page, said, next))
            })?;
            replayed.add(page);
            gathered.book.add(said.book);
            gathered.words += said.words;
            gathered.incidents += said.incidents;
            gathered.last_revisions += said.last_revisions;
            // Entries that are gone are the chains' to tell.
            let Some(next) = next else { break };
            after = next;
            on("entries", replayed.entries, all.unsigned_abs());
        }
    }
    for (kind, there, said) in [
        (RowFaultKind::WordsUnfounded, notes, gathered.words),
        (RowFaultKind::IncidentUnfounded, incidents, gathered.incidents),
    ] {
        if there > said {
            replayed.fault(kind, format!("count={}", there - said));
        }
    }
    for (table, count) in strays {
        replayed.fault(RowFaultKind::RowsUnfounded, format!("table={table} count={count}"));
    }
    sheets::rows_replay(db, operation, cuts, &gathered, &mut replayed, on)?;
    rows.compare(&gathered.book, &mut replayed);
    drawn_replay(db, operation, &mut replayed, on)?;
    Ok(replayed)
}

fn is_report(entry: &Stored) -> bool {
    matches!(entry.action.as_str(), "report.file" | "report.correct" | "incident.file")
}

fn entry_replay(
    rx: &mut Rx<'_>,
    entry: &Stored,
    cuts: &Cuts,
    page: &mut Replayed,
    said: &mut Gathered,
) -> Result<(), StoreError> {
    match entry.action.as_str() {
        "report.file" | "report.correct" => sheets::revision_replay(rx, entry, cuts, page, said),
        "incident.file" => incident_replay(rx, entry, page, said),
        _ => {
            if said.book.hear(entry).is_none() {
                page.fault(RowFaultKind::EntryUnreadable, place(entry.link));
            }
            Ok(())
        }
    }
}

fn incident_replay(
    rx: &mut Rx<'_>,
    entry: &Stored,
    page: &mut Replayed,
    said: &mut Gathered,
) -> Result<(), StoreError> {
    said.incidents += 1;
    let body = String::from_utf8_lossy(&entry.body).into_owned();
    let parts: Vec<&str> = body.split('/').collect();
    let unit = entry.subject.strip_prefix("unit:").and_then(|unit| unit.parse().ok());
    let ([id, day, element, value, hash], Some(unit)) = (parts.as_slice(), unit) else {
        page.fault(RowFaultKind::EntryUnreadable, place(entry.link));
        return Ok(());
    };
    let Ok(day) = day.parse::<Day>() else {
        page.fault(RowFaultKind::EntryUnreadable, place(entry.link));
        return Ok(());
    };
    let row = store::incident_raw(rx, entry.operation, day, unit, id)?;
    let same = row.is_some_and(|row| {
        row.element.to_string() == *element
            && row.value.to_string() == *value
            && row.at_ms == entry.at
            && row.actor == entry.actor
            && muster_kernel::Digest::of(row.words.as_bytes()).to_string() == *hash
    });
    if !same {
        page.fault(RowFaultKind::IncidentDiffers, format!("incident={id} {}", place(entry.link)));
    }
    Ok(())
}

/// Draws totals and expected counts from sheets and tree. Where the sheets themselves cannot be read, that is told.
fn drawn_replay(db: &Db, operation: i64, replayed: &mut Replayed, on: On<'_>) -> Result<(), Fail> {
    let told = &mut |done, all| on("totals", done, all);
    let rebuilt = match super::redraw::rebuild(db, operation, 0, true, told) {
        Err(Fail::Store(StoreError::Corrupt(what))) => {
            replayed.fault(RowFaultKind::NotDrawn, what);
            return Ok(());
        }
        other => other?,
    };
    replayed.drawn = rebuilt.totals + rebuilt.expected;
    for wrong in &rebuilt.wrong {
        let kind = match wrong.day {
            Some(_) => RowFaultKind::TotalDiffers,
            None => RowFaultKind::ExpectedDiffers,
        };
        replayed.fault(kind, wrong.to_string());
    }
    let told = rebuilt.wrong.len() as u64;
    replayed.wrong.more((rebuilt.totals_differed + rebuilt.expected_differed).saturating_sub(told));
    if rebuilt.strays > 0 {
        replayed.fault(RowFaultKind::DrawnUnfounded, format!("count={}", rebuilt.strays));
    }
    Ok(())
}

fn place(link: Link) -> String {
    format!("lane={} entry={}", link.lane, link.no)
}

/// The buckets of a database.
fn buckets(db: &Db) -> Result<i64, StoreError> {
    db.read_blocking("replay.buckets", |rx| Ok(i64::from(rx.buckets())))
}
