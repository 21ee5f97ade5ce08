//! Is a kept text what was taken in, and decided as people decided? Every entry about a notice beside its rows.

use super::extract::MediaType;
use super::layers;
use super::model::{Conjecture, ConjectureState, Place, Span, Study};
use super::store::{self, Raw, RawConjecture, Ruling};
use super::verbs::study_seal;
use crate::Fail;
use crate::faults::Faults;
use muster_kernel::{Day, Digest};
use muster_store::{Db, Rows, StoreError, Stored, heads, journal_of};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Entries looked over in one read.
const SPAN: i64 = 20_000;

/// What a replay of the notices found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NoticesReplayed {
    /// Notices compared.
    pub notices: u64,
    /// Decisions compared.
    pub decisions: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<NoticeFaultKind>,
}

/// What can be wrong with a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeFaultKind {
    /// An entry about a notice cannot be read.
    EntryUnreadable,
    /// A notice is gone.
    NoticeMissing,
    /// What was made out of a text is not what was made when it was taken in.
    NoticeDiffers,
    /// Notices that no entry took in.
    NoticeUnfounded,
    /// The file as received is gone, or is not the one that was received.
    FileDiffers,
    /// Conjectures are gone, or a decision is not the one that was made last.
    ConjectureDiffers,
    /// Files and conjectures of texts that there are not.
    RowsUnfounded,
}

impl NoticesReplayed {
    fn fault(&mut self, kind: NoticeFaultKind, at: impl Into<String>) {
        self.wrong.fault(kind, at);
    }
    fn add(&mut self, other: Self) {
        self.notices += other.notices;
        self.decisions += other.decisions;
        self.wrong.add(other.wrong);
    }
}

/// A conjecture: operation, notice, number.
type Key = (i64, String, i64);

/// A decision as journalled.
struct Said {
    key: Key,
    before: ConjectureState,
    after: ConjectureState,
    by: String,
    at: i64,
}

/// What a conjecture's row says, and what its decisions come to.
#[derive(Default)]
struct Weighed {
    row: Option<Ruling>,
    /// How often each state was come to, less how often it was left; every conjecture begins open.
    come_to: [i64; 3],
    /// One of the decisions is the one in the row.
    is_said: bool,
}

impl Weighed {
    fn hear(&mut self, said: &Said) {
        self.come_to[said.before as usize] -= 1;
        self.come_to[said.after as usize] += 1;
        self.is_said |= self.row.as_ref().is_some_and(|row| {
            json!(said.after) == row.state && row.by.as_ref() == Some(&said.by) && row.at == Some(said.at)
        });
    }
    /// Lanes have no order among them; what was come to once more than left is where it ended.
    fn is_right(&self) -> bool {
        let Some(row) = &self.row else { return false };
        let all = [ConjectureState::Open, ConjectureState::Accepted, ConjectureState::Refused];
        self.is_said
            && all.into_iter().all(|state| {
                let begun = i64::from(state == ConjectureState::Open);
                self.come_to[state as usize] + begun == i64::from(json!(state) == row.state)
            })
    }
}

/// Compares the notices that are kept with what the journal says by now. Blocks, in short reads; what it remembers is
/// a line for each conjecture that was decided.
///
/// # Errors
/// The store's.
pub fn notices_replay(db: &Db) -> Result<NoticesReplayed, Fail> {
    // One snapshot: what is decided later is in none of these.
    let (ends, kept, rulings, strays) = db.read_blocking("notices.replay_ends", |rx| {
        let kept = store::count(rx)?.unsigned_abs();
        Ok::<_, StoreError>((heads(rx)?, kept, store::rulings(rx)?, store::strays(rx)?))
    })?;
    let mut weighed: BTreeMap<Key, Weighed> = BTreeMap::new();
    for ruling in rulings {
        let key = (ruling.operation, ruling.notice.clone(), ruling.n);
        weighed.entry(key).or_default().row = Some(ruling);
    }
    let mut replayed = NoticesReplayed::default();
    for end in &ends {
        let (place, last) = ((end.bucket, end.lane), end.no);
        for from in (0..last).step_by(SPAN as usize) {
            let span = (from, last.min(from + SPAN));
            let (page, decisions) = db.read_blocking("notices.replay", move |rx| {
                let (mut page, mut decisions) = (NoticesReplayed::default(), Vec::new());
                for entry in journal_of(rx, place, span, &["notice.import", "notice.conjecture.decide"])? {
                    let read = match entry.action.as_str() {
                        "notice.import" => import_replay(rx, &entry, &mut page)?,
                        _ => said(&entry).map(|said| decisions.push(said)),
                    };
                    if read.is_none() {
                        let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
                        page.fault(NoticeFaultKind::EntryUnreadable, at);
                    }
                }
                Ok::<_, StoreError>((page, decisions))
            })?;
            replayed.add(page);
            for said in decisions {
                replayed.decisions += 1;
                weighed.entry(said.key.clone()).or_default().hear(&said);
            }
        }
    }
    for ((_, notice, n), _) in weighed.iter().filter(|(_, one)| !one.is_right()) {
        replayed.fault(NoticeFaultKind::ConjectureDiffers, format!("notice={notice} n={n}"));
    }
    if kept > replayed.notices {
        replayed.fault(NoticeFaultKind::NoticeUnfounded, format!("count={}", kept - replayed.notices));
    }
    for (table, count) in strays {
        replayed.fault(NoticeFaultKind::RowsUnfounded, format!("table={table} count={count}"));
    }
    Ok(replayed)
}

fn said(entry: &Stored) -> Option<Said> {
    let body: Value = serde_json::from_slice(&entry.body).ok()?;
    let state = |key: &str| serde_json::from_value(body[key].clone()).ok();
    let key = (entry.operation, entry.subject.strip_prefix("notice:")?.to_owned(), body["n"].as_i64()?);
    Some(Said {
        key,
        before: state("before")?,
        after: state("after")?,
        by: entry.actor.clone(),
        at: entry.at,
    })
}

/// One file that was taken in. None where the entry cannot be read.
fn import_replay(
    rows: &mut impl Rows,
    entry: &Stored,
    page: &mut NoticesReplayed,
) -> Result<Option<()>, StoreError> {
    page.notices += 1;
    let Some(id) = entry.subject.strip_prefix("notice:") else { return Ok(None) };
    let Ok(body) = serde_json::from_slice::<Value>(&entry.body) else { return Ok(None) };
    let Some(digest) = body["digest"].as_str() else { return Ok(None) };
    let at = format!("notice={id}");
    let same_file = store::file_raw(rows, digest)?.is_some_and(|(media_type, bytes)| {
        Digest::of(&bytes).to_string() == digest
            && body["bytes"] == bytes.len()
            && MediaType::from_name(&media_type).is_some_and(|known| json!(known) == body["media_type"])
    });
    if !same_file {
        page.fault(NoticeFaultKind::FileDiffers, &*at);
    }
    let Some(raw) = store::raw(rows, entry.operation, id)? else {
        page.fault(NoticeFaultKind::NoticeMissing, at);
        return Ok(Some(()));
    };
    let conjectures = store::conjectures_raw(rows, entry.operation, id)?;
    if body["conjectures"] != conjectures.len() {
        page.fault(NoticeFaultKind::ConjectureDiffers, at);
        return Ok(Some(()));
    }
    // Entries of older versions bear no seal; their numbers and the study's own are all there is.
    let sealed = match body["study"].as_str() {
        Some(seal) => study_seal(&raw.study, &raw.title_spans, &conjectures).to_string() == seal,
        None => true,
    };
    let said = raw.digest == digest
        && raw.received_at == entry.at
        && body["kind"] == raw.kind
        && body["measures"] == raw.measures;
    if !sealed || !said || !is_its_study(&raw, &conjectures) {
        page.fault(NoticeFaultKind::NoticeDiffers, at);
    }
    Ok(Some(()))
}

/// Whether what stands beside the study, so that a list need not open it, is what the study says.
fn is_its_study(raw: &Raw, conjectures: &[RawConjecture]) -> bool {
    let Ok(study) = serde_json::from_str::<Study>(&raw.study) else { return false };
    let Ok(spans) = serde_json::from_str::<Vec<Span>>(&raw.title_spans) else { return false };
    let Some(conjectures) = conjectures.iter().map(conjecture).collect::<Option<Vec<_>>>() else {
        return false;
    };
    // As it is written when the text comes in, and as it is written anew after a decision.
    let first = study.title.map(|place| layers::readable_at(study.title_spans(), &conjectures, place));
    let anew = spans.first().zip(spans.last()).map(|(first, last)| {
        let place = Place { start: first.place.start, end: last.place.end };
        layers::readable_at(&spans, &conjectures, place)
    });
    let meeting_day = study.meeting.as_ref().and_then(|meeting| meeting.day).map(Day::number);
    spans.iter().eq(study.title_spans())
        && (raw.title == first || (anew.is_some() && raw.title == anew))
        && json!(study.kind) == raw.kind
        && study.published_at == raw.published_at
        && meeting_day.map(i64::from) == raw.meeting_day
        && study.measures.len() as i64 == raw.measures
}

fn conjecture(raw: &RawConjecture) -> Option<Conjecture> {
    Some(Conjecture {
        n: raw.n.try_into().ok()?,
        place: Place { start: raw.start.try_into().ok()?, end: raw.end.try_into().ok()? },
        original: raw.original.clone(),
        proposed: raw.proposed.clone(),
        phrase: raw.phrase.clone(),
        reason: serde_json::from_str(&raw.reason).ok()?,
        state: serde_json::from_value(Value::String(raw.state.clone())).ok()?,
    })
}
