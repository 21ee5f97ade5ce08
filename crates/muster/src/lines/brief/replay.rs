//! Is a frozen brief what was frozen, and what the office wrote what it wrote? Every freezing, printing and narrative in
//! the journal beside what is kept of it. Of a narrative the journal holds the hash, since words may name people: they
//! can be taken out, and that they were is seen.

use super::model::{Frozen, Heads, Key};
use super::store::{self, RawNarrative};
use super::verbs::is_intact;
use crate::Fail;
use crate::faults::Faults;
use crate::lines::reporting::{self, Cut, Cuts};
use muster_kernel::{Day, Digest, Locale};
use muster_store::{Db, Link, Rows, StoreError, Stored, heads, journal_of};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;

/// Entries looked over in one read.
const SPAN: i64 = 20_000;
/// Narratives read at a time.
const PAGE: i64 = 500;

/// What a replay of the frozen briefs found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BriefsReplayed {
    /// Frozen briefs compared.
    pub briefs: u64,
    /// Printed files compared.
    pub files: u64,
    /// Narratives compared with their hashes.
    pub narratives: u64,
    /// Where the days were frozen, for whoever must know what came later.
    #[serde(skip)]
    pub cuts: Cuts,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<BriefFaultKind>,
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
    /// Printed files that no entry tells of.
    FileUnfounded,
    /// What the office wrote beside a day's figures is not what it wrote, or is gone.
    NarrativeDiffers,
    /// Words beside a day's figures that no entry tells of.
    NarrativeUnfounded,
    /// Pages and origins of briefs that there are not.
    RowsUnfounded,
}

impl BriefsReplayed {
    fn fault(&mut self, kind: BriefFaultKind, at: impl Into<String>) {
        self.wrong.fault(kind, at);
    }
    fn add(&mut self, other: Self) {
        self.briefs += other.briefs;
        self.files += other.files;
        self.cuts.cuts.extend(other.cuts.cuts);
        self.wrong.add(other.wrong);
    }
}

/// The last word on a narrative: its revision, and the entry that tells of it.
type Narrated = HashMap<Key, (i64, Stored)>;

/// Compares what is kept of frozen briefs with what the journal says by now. Blocks, in short reads.
///
/// # Errors
/// The store's.
pub fn briefs_replay(db: &Db) -> Result<BriefsReplayed, Fail> {
    // One snapshot: what is frozen later is in none of these.
    let (ends, kept, files, narratives, strays) = db.read_blocking("briefs.replay_ends", |rx| {
        let kept = store::frozen_count(rx)?.max(reporting::days_frozen(rx)?).unsigned_abs();
        let langs = Locale::ALL.map(|locale| locale.tag().to_owned());
        let strays = store::strays(rx, &langs)?;
        Ok::<_, StoreError>((heads(rx)?, kept, store::files_count(rx)?, narratives(rx)?, strays))
    })?;
    let mut replayed = BriefsReplayed { narratives: narratives.len() as u64, ..BriefsReplayed::default() };
    let mut narrated = Narrated::new();
    for end in &ends {
        let (place, last) = ((end.bucket, end.lane), end.no);
        for from in (0..last).step_by(SPAN as usize) {
            let span = (from, last.min(from + SPAN));
            let (page, said) = db.read_blocking("briefs.replay", move |rx| {
                let (mut page, mut said) = (BriefsReplayed::default(), Narrated::new());
                for entry in journal_of(rx, place, span, &["brief.freeze", "brief.print", "brief.narrate"])? {
                    let heard = match entry.action.as_str() {
                        "brief.narrate" => narrated_hear(&mut said, &entry),
                        _ => entry_replay(rx, &entry, &mut page)?,
                    };
                    if heard.is_none() {
                        let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
                        page.fault(BriefFaultKind::EntryUnreadable, at);
                    }
                }
                Ok::<_, StoreError>((page, said))
            })?;
            replayed.add(page);
            for (key, (rev, entry)) in said {
                later(&mut narrated, key, rev, &entry);
            }
        }
    }
    narratives_compare(&narratives, narrated, &mut replayed);
    replayed.cuts.until = ends.iter().map(|end| Link { lane: end.lane, no: end.no }).collect();
    for (kind, kept, told) in [
        (BriefFaultKind::BriefUnfounded, kept, replayed.briefs),
        (BriefFaultKind::FileUnfounded, files, replayed.files),
    ] {
        if kept > told {
            replayed.fault(kind, format!("count={}", kept - told));
        }
    }
    for (table, count) in strays {
        replayed.fault(BriefFaultKind::RowsUnfounded, format!("table={table} count={count}"));
    }
    Ok(replayed)
}

fn narratives(rows: &mut impl Rows) -> Result<Vec<RawNarrative>, StoreError> {
    let mut all: Vec<RawNarrative> = Vec::new();
    loop {
        let page = store::narratives_raw(rows, all.last().map(|last| &last.key), PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Takes in that something was written. None where the entry cannot be read.
fn narrated_hear(said: &mut Narrated, entry: &Stored) -> Option<()> {
    let (key, body) = read(entry)?;
    later(said, key, body["revision"].as_i64()?, entry);
    Some(())
}

fn later(all: &mut Narrated, key: Key, rev: i64, entry: &Stored) {
    if all.get(&key).is_none_or(|(known, _)| *known < rev) {
        all.insert(key, (rev, entry.clone()));
    }
}

fn narratives_compare(rows: &[RawNarrative], mut narrated: Narrated, replayed: &mut BriefsReplayed) {
    let at = |key: &Key| format!("form={} day={}", key.form, key.day);
    for row in rows {
        let said = if row.is_home { narrated.remove(&row.key) } else { None };
        let Some((rev, entry)) = said else {
            replayed.fault(BriefFaultKind::NarrativeUnfounded, at(&row.key));
            continue;
        };
        let digest = read(&entry).map(|(_, body)| body["digest"].clone()).unwrap_or_default();
        let same = row.rev == rev
            && row.at_ms == entry.at
            && row.actor == entry.actor
            && digest == Digest::of(row.body.as_bytes()).to_string();
        if !same {
            replayed.fault(BriefFaultKind::NarrativeDiffers, at(&row.key));
        }
    }
    for key in narrated.keys() {
        replayed.fault(BriefFaultKind::NarrativeDiffers, format!("{} is gone", at(key)));
    }
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
        let printed = store::file_at(rows, &key, lang, format)? == Some(entry.at);
        if !printed || file.is_none_or(|file| file.digest != digest || Digest::of(&file.bytes) != digest) {
            page.fault(BriefFaultKind::FileDiffers, format!("{at} lang={lang} format={format}"));
        }
        return Ok(Some(()));
    }
    page.briefs += 1;
    let ends: Option<Heads> = serde_json::from_value(body["heads"].clone()).ok();
    let ends = ends.unwrap_or_default().0.into_iter().map(|head| Link { lane: head.lane, no: head.no });
    page.cuts.cuts.insert((key.form, key.day), Cut { at_ms: entry.at, ends: ends.collect() });
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
