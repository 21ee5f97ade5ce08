//! Is the journal what was written? Walks every lane and compares it with heads saved outside.
//!
//! Without saved heads it finds a changed byte, a missing row, a changed order. Someone who may
//! write to the database could still cut the tail of a lane, or write a lane anew with fresh hashes:
//! against that stand heads kept where they cannot reach.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    BACKWARDS_MS, Db, Head, Link, Result, Rows, Rx, Stmt, StoreError, args, entry::chain, heads,
    journal_after,
};

/// Entries looked at in one read.
const PAGE: i64 = 500;
/// Faults after which a walk ends: more would say nothing new.
const FAULTS_MAX: usize = 1000;
/// Such places that are told.
const BACKWARDS_MAX: usize = 100;

const LANE_NEXT: Stmt = Stmt::new(
    "store.lane_next",
    "select bucket, lane from journal where (bucket, lane) > ($1, $2) order by bucket, lane limit 1",
);
const LANE_END: Stmt =
    Stmt::new("store.lane_end", "select max(no) from journal where bucket = $1 and lane = $2");
pub(crate) const STATEMENTS: &[Stmt] = &[LANE_NEXT, LANE_END];

/// The ends of all lanes at a moment, to be kept outside the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedHeads {
    /// Version of this form; 1.
    pub muster_heads: u32,
    /// When they were taken, in ms UTC.
    pub at: i64,
    /// One for each lane.
    pub heads: Vec<SavedHead>,
}

/// The end of one lane, as saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedHead {
    /// The bucket; 1 on one machine.
    pub bucket: i32,
    /// The lane.
    pub lane: i32,
    /// Number of the last entry; 0 when there was none.
    pub no: i64,
    /// Algorithm and hash of that entry in hex, as in `sha256-1:9f86..`; empty when there was none.
    pub hash: String,
}

impl SavedHeads {
    /// Saves heads taken at a moment (ms UTC).
    pub fn new(at: i64, heads: &[Head]) -> SavedHeads {
        let heads = heads.iter().map(|head| SavedHead {
            bucket: head.bucket,
            lane: head.lane,
            no: head.no,
            hash: hash_text(&head.hash),
        });
        SavedHeads { muster_heads: 1, at, heads: heads.collect() }
    }

    /// As the text of a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// From the text of a file.
    pub fn from_json(text: &str) -> Result<SavedHeads> {
        let wrong = |what: String| StoreError::Corrupt(format!("saved heads: {what}"));
        let saved: SavedHeads = serde_json::from_str(text).map_err(|err| wrong(err.to_string()))?;
        match saved.muster_heads {
            1 => Ok(saved),
            other => Err(wrong(format!("form {other} is unknown"))),
        }
    }
}

/// A hash with the name of its algorithm.
pub fn hash_text(hash: &[u8]) -> String {
    match hash.split_first() {
        None => String::new(),
        Some((1, rest)) => format!("sha256-1:{}", hex::encode(rest)),
        Some((other, rest)) => format!("algorithm-{other}:{}", hex::encode(rest)),
    }
}

/// Something wrong at one place of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The bucket; 1 on one machine.
    pub bucket: i32,
    /// Lane and number.
    pub link: Link,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// What can be wrong with a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The entry is not the one its hash was made of, or does not follow the one before it.
    Changed,
    /// There is no entry of this number.
    Missing,
    /// The lane's own note of its end does not fit the last entry.
    HeadDiffers,
    /// Entries stand beyond the lane's end.
    BeyondHead,
    /// Saved heads know this entry; the lane ends before it.
    Cut,
    /// Saved heads know another entry of this number.
    NotAsSaved,
}

impl FaultKind {
    /// A word for programs, and for whoever has sentences by word.
    pub const fn word(self) -> &'static str {
        match self {
            FaultKind::Changed => "changed",
            FaultKind::Missing => "missing",
            FaultKind::HeadDiffers => "head_differs",
            FaultKind::BeyondHead => "beyond_head",
            FaultKind::Cut => "cut",
            FaultKind::NotAsSaved => "not_as_saved",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FaultKind::Changed => "changed",
            FaultKind::Missing => "missing",
            FaultKind::HeadDiffers => "not the end the lane notes",
            FaultKind::BeyondHead => "beyond the end of the lane",
            FaultKind::Cut => "cut off since the heads were saved",
            FaultKind::NotAsSaved => "not the entry whose hash was saved",
        };
        write!(f, "bucket {} lane {} entry {}: {what}", self.bucket, self.link.lane, self.link.no)
    }
}

/// A place where an entry is older than the one before it, by more than [`BACKWARDS_MS`]: the clock was put back, or
/// another machine's was wrong. No fault: entries are ordered by number, never by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backwards {
    /// The later entry.
    pub link: Link,
    /// How far back, in ms.
    pub by_ms: i64,
}

/// What a walk through the journal found.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Entries looked at.
    pub entries: u64,
    /// Where the ends of the lanes were when it began.
    pub ends: Vec<Head>,
    /// What is wrong; at most a thousand.
    pub faults: Vec<Fault>,
    /// Where the clock went back; at most a hundred.
    pub backwards: Vec<Backwards>,
}

/// Walks the whole journal as it ends now; what is journalled meanwhile is left to the next walk.
/// No faults: an empty list. Long; blocks, in short reads.
pub fn verify(db: &Db, saved: Option<&SavedHeads>) -> Result<Vec<Fault>> {
    Ok(verify_told(db, saved, &mut |_, _| ())?.faults)
}

/// As [`verify`], with all that it found; `on` hears how many of how many entries were looked at.
pub fn verify_told(db: &Db, saved: Option<&SavedHeads>, on: &mut dyn FnMut(u64, u64)) -> Result<Verified> {
    let (ends, faults) = db.read_blocking("store.verify_ends", lanes)?;
    let all: i64 = ends.values().map(|end| end.no).sum();
    let mut found = Verified { faults, ends: ends.values().cloned().collect(), ..Verified::default() };
    let mut marks: BTreeMap<(i32, i32), BTreeMap<i64, &str>> = BTreeMap::new();
    for head in saved.iter().flat_map(|saved| &saved.heads).filter(|head| head.no > 0) {
        let place = (head.bucket, head.lane);
        if ends.get(&place).is_none_or(|end| end.no < head.no) {
            found.faults.push(fault(place, head.no, FaultKind::Cut));
        }
        marks.entry(place).or_default().insert(head.no, &head.hash);
    }
    for (place, end) in &ends {
        let marks = marks.remove(place).unwrap_or_default();
        walk(db, end, marks, &mut found, &mut |done| on(done, all.unsigned_abs()))?;
    }
    found.faults.truncate(FAULTS_MAX);
    Ok(found)
}

/// The end of each lane, by bucket and lane.
type Ends = BTreeMap<(i32, i32), Head>;

fn fault((bucket, lane): (i32, i32), no: i64, kind: FaultKind) -> Fault {
    Fault { bucket, link: Link { lane, no }, kind }
}

/// The noted ends of lanes, and what is wrong with them at first sight.
fn lanes(rx: &mut Rx<'_>) -> Result<(Ends, Vec<Fault>)> {
    let mut ends: Ends = heads(rx)?.into_iter().map(|head| ((head.bucket, head.lane), head)).collect();
    let mut faults = Vec::new();
    let mut after = (i32::MIN, i32::MIN);
    while let Some(place) =
        rx.opt(&LANE_NEXT, args![after.0, after.1], |row| Ok((row.int32(0)?, row.int32(1)?)))?
    {
        let last = rx.one(&LANE_END, args![place.0, place.1], |row| row.int(0))?;
        let noted = ends.get(&place).map_or(0, |head| head.no);
        if last > noted {
            faults.push(fault(place, noted + 1, FaultKind::BeyondHead));
        }
        after = place;
    }
    ends.retain(|_, head| head.no > 0);
    Ok((ends, faults))
}

/// One lane from its first entry to its end.
fn walk(
    db: &Db,
    end: &Head,
    marks: BTreeMap<i64, &str>,
    found: &mut Verified,
    on: &mut dyn FnMut(u64),
) -> Result<()> {
    let (bucket, lane) = (end.bucket, end.lane);
    let place = (bucket, lane);
    let (mut no, mut hash, mut at) = (0, Vec::new(), i64::MIN);
    let Verified { entries: seen, faults, backwards, .. } = found;
    while no < end.no && faults.len() < FAULTS_MAX {
        let entries =
            db.read_blocking("store.verify_page", move |rx| journal_after(rx, bucket, lane, no, PAGE))?;
        // A row that is gone at the very end leaves only later ones, or none.
        if entries.first().is_none_or(|first| first.link.no > end.no) {
            break;
        }
        for entry in entries.into_iter().filter(|entry| entry.link.no <= end.no) {
            if entry.link.no != no + 1 {
                faults.push(fault(place, no + 1, FaultKind::Missing));
            } else if chain(&hash, &entry) != entry.hash {
                faults.push(fault(place, entry.link.no, FaultKind::Changed));
            }
            if marks.get(&entry.link.no).is_some_and(|saved| *saved != hash_text(&entry.hash)) {
                faults.push(fault(place, entry.link.no, FaultKind::NotAsSaved));
            }
            let by_ms = at.saturating_sub(entry.at);
            if by_ms > BACKWARDS_MS && backwards.len() < BACKWARDS_MAX {
                backwards.push(Backwards { link: entry.link, by_ms });
            }
            *seen += 1;
            (no, hash, at) = (entry.link.no, entry.hash, entry.at);
        }
        on(*seen);
    }
    if no < end.no && faults.len() < FAULTS_MAX {
        faults.push(fault(place, no + 1, FaultKind::Missing));
    } else if no == end.no && hash != end.hash {
        faults.push(fault(place, no, FaultKind::HeadDiffers));
    }
    Ok(())
}
