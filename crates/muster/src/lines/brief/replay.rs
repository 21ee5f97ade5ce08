//! Is a frozen brief what was frozen? Every freezing and printing in the journal beside what is kept of it.

use super::model::{Frozen, Key};
use super::store;
use super::verbs::is_intact;
use crate::Fail;
use crate::lines::reporting;
use muster_kernel::{Day, Digest, Locale};
use muster_store::{Db, Rows, StoreError, Stored, heads, journal_of};
use serde::Serialize;
use serde_json::Value;

/// Entries looked over in one read.
const SPAN: i64 = 20_000;
/// Faults that are told; beyond it they are only counted.
const FAULTS_MAX: usize = 1000;

/// What a replay of the frozen briefs found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BriefsReplayed {
    /// Frozen briefs compared.
    pub briefs: u64,
    /// Printed files compared.
    pub files: u64,
    /// How much differed.
    pub faults_all: u64,
    /// What differed, at most a thousand.
    pub faults: Vec<BriefFault>,
}

/// A brief that is not what was frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BriefFault {
    /// The sort.
    pub kind: BriefFaultKind,
    /// Where, for a person who looks at the tables.
    pub at: String,
}

/// What can be wrong with a frozen brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BriefFaultKind {
    /// An entry about a brief cannot be read.
    EntryUnreadable,
    /// A frozen brief is gone.
    BriefMissing,
    /// Its number, its instant, a page or the origins of its figures are not those that were frozen.
    BriefDiffers,
    /// Briefs that no entry froze.
    BriefUnfounded,
    /// A printed file is gone, or is not what was printed.
    FileDiffers,
}

impl BriefsReplayed {
    fn fault(&mut self, kind: BriefFaultKind, at: impl Into<String>) {
        self.faults_all += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(BriefFault { kind, at: at.into() });
        }
    }
    fn add(&mut self, other: Self) {
        self.briefs += other.briefs;
        self.files += other.files;
        self.faults_all += other.faults_all;
        let room = FAULTS_MAX.saturating_sub(self.faults.len());
        self.faults.extend(other.faults.into_iter().take(room));
    }
}

/// Compares what is kept of frozen briefs with what the journal says by now. Blocks, in short reads.
///
/// # Errors
/// The store's.
pub fn briefs_replay(db: &Db) -> Result<BriefsReplayed, Fail> {
    // One snapshot: what is frozen later is in neither.
    let (ends, kept) = db.read_blocking("briefs.replay_ends", |rx| {
        let kept = store::frozen_count(rx)?.max(reporting::days_frozen(rx)?);
        Ok::<_, StoreError>((heads(rx)?, kept))
    })?;
    let mut replayed = BriefsReplayed::default();
    for end in &ends {
        let (place, last) = ((end.bucket, end.lane), end.no);
        for from in (0..last).step_by(SPAN as usize) {
            let span = (from, last.min(from + SPAN));
            replayed.add(db.read_blocking("briefs.replay", move |rx| {
                let mut page = BriefsReplayed::default();
                for entry in journal_of(rx, place, span, &["brief.freeze", "brief.print"])? {
                    if entry_replay(rx, &entry, &mut page)?.is_none() {
                        let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
                        page.fault(BriefFaultKind::EntryUnreadable, at);
                    }
                }
                Ok::<_, StoreError>(page)
            })?);
        }
    }
    if kept.unsigned_abs() > replayed.briefs {
        replayed.fault(
            BriefFaultKind::BriefUnfounded,
            format!("count={}", kept.unsigned_abs() - replayed.briefs),
        );
    }
    Ok(replayed)
}

/// One freezing or printing. None where the entry cannot be read.
fn entry_replay(
    rows: &mut impl Rows,
    entry: &Stored,
    page: &mut BriefsReplayed,
) -> Result<Option<()>, StoreError> {
    let Some((key, body)) = read(entry) else { return Ok(None) };
    let Some(digest) = body["digest"].as_str().and_then(|text| text.parse::<Digest>().ok()) else {
        return Ok(None);
    };
    let at = format!("form={} day={}", key.form, key.day);
    if entry.action == "brief.print" {
        page.files += 1;
        let (Some(lang), Some(format)) = (body["lang"].as_str(), body["format"].as_str()) else {
            return Ok(None);
        };
        let file = spoilt(store::file(rows, &key, lang, format))?.flatten();
        if file.is_none_or(|file| file.digest != digest || Digest::of(&file.bytes) != digest) {
            page.fault(BriefFaultKind::FileDiffers, format!("{at} lang={lang} format={format}"));
        }
        return Ok(Some(()));
    }
    page.briefs += 1;
    match spoilt(store::frozen(rows, &key))? {
        Some(None) => page.fault(BriefFaultKind::BriefMissing, at),
        None => page.fault(BriefFaultKind::BriefDiffers, at),
        Some(Some(frozen)) => {
            let day_frozen = reporting::day_frozen_at(rows, key.operation, key.form, key.day)?;
            let said = frozen.digest == digest
                && body["number"] == frozen.number
                && frozen.at_ms == entry.at
                && frozen.actor == entry.actor
                && day_frozen == Some(entry.at);
            if !said || spoilt(is_intact(rows, &frozen))? != Some(true) || !is_counted(rows, &frozen)? {
                page.fault(BriefFaultKind::BriefDiffers, at);
            }
        }
    }
    Ok(Some(()))
}

/// None where a row is there and cannot be read, or a page is gone.
fn spoilt<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(StoreError::Corrupt(_)) => Ok(None),
        other => other.map(Some),
    }
}

/// Whether the numbers that stand beside a page are those on it.
fn is_counted(rows: &mut impl Rows, frozen: &Frozen) -> Result<bool, StoreError> {
    let page = store::document(rows, &frozen.key, Locale::default().tag())?.unwrap_or_default();
    let page: Value = serde_json::from_str(&page).unwrap_or_default();
    Ok(page["lineage"]["units"] == frozen.units && page["lineage"]["revisions"] == frozen.revisions)
}

fn read(entry: &Stored) -> Option<(Key, Value)> {
    let (form, day) = entry.subject.strip_prefix("brief:")?.split_once(':')?;
    let key = Key { operation: entry.operation, form: form.parse().ok()?, day: day.parse::<Day>().ok()? };
    Some((key, serde_json::from_slice(&entry.body).ok()?))
}
