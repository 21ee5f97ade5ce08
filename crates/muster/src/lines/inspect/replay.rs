//! Are the findings and what followed them those that were written? Every entry about one beside its row.

use super::model::{Finding, Kind, Step, StepKind};
use super::store;
use crate::Fail;
use crate::faults::Faults;
use muster_kernel::{Day, Digest};
use muster_store::{Db, Rows, StoreError, Stored, heads, journal_of};
use serde::{Deserialize, Serialize};

/// Entries looked over in one read.
const SPAN: i64 = 20_000;

/// What a replay of the findings found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FindingsReplayed {
    /// Findings compared.
    pub findings: u64,
    /// Answers and closes compared.
    pub steps: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<FindingFaultKind>,
}

/// What can be wrong with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingFaultKind {
    /// An entry about a finding cannot be read.
    EntryUnreadable,
    /// Its row is gone, or is not as it was written.
    RowDiffers,
    /// Its answer or close is gone, or is not as it was written.
    StepDiffers,
    /// Findings or steps that no entry wrote.
    Unfounded,
}

/// What an entry says of a finding.
#[derive(Deserialize)]
struct Filed {
    finding: String,
    day: Option<Day>,
    kind: Kind,
    evidence: Vec<String>,
    words: String,
}

/// What an entry says of a step.
#[derive(Deserialize)]
struct Followed {
    finding: String,
    words: String,
}

/// Compares the findings with what the journal says by now. Blocks, in short reads.
///
/// # Errors
/// The store's.
pub fn findings_replay(db: &Db) -> Result<FindingsReplayed, Fail> {
    let (ends, (findings, steps)) =
        db.read_blocking("findings.replay_ends", |rx| Ok::<_, StoreError>((heads(rx)?, store::counts(rx)?)))?;
    let mut replayed = FindingsReplayed::default();
    for end in &ends {
        let (place, last) = ((end.bucket, end.lane), end.no);
        for from in (0..last).step_by(SPAN as usize) {
            let span = (from, last.min(from + SPAN));
            let page = db.read_blocking("findings.replay", move |rx| {
                let mut page = FindingsReplayed::default();
                for entry in
                    journal_of(rx, place, span, &["finding.file", "finding.answer", "finding.close"])?
                {
                    one(rx, &entry, &mut page)?;
                }
                Ok::<_, StoreError>(page)
            })?;
            replayed.findings += page.findings;
            replayed.steps += page.steps;
            replayed.wrong.add(page.wrong);
        }
    }
    let more = findings.unsigned_abs().saturating_sub(replayed.findings)
        + steps.unsigned_abs().saturating_sub(replayed.steps);
    if more > 0 {
        replayed.wrong.fault(FindingFaultKind::Unfounded, format!("count={more}"));
    }
    Ok(replayed)
}

fn one(rows: &mut impl Rows, entry: &Stored, page: &mut FindingsReplayed) -> Result<(), StoreError> {
    let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
    let step = [StepKind::Answer, StepKind::Close].into_iter().find(|kind| kind.action() == entry.action);
    let (is_same, kind) = match step {
        None => {
            page.findings += 1;
            let Some((filed, unit)) = filed(entry) else {
                page.wrong.fault(FindingFaultKind::EntryUnreadable, at);
                return Ok(());
            };
            let row = store::finding_by_id(rows, &filed.finding)?;
            (row.is_some_and(|row| is_filed(&row, &filed, unit, entry)), FindingFaultKind::RowDiffers)
        }
        Some(kind) => {
            page.steps += 1;
            let Ok(followed) = serde_json::from_slice::<Followed>(&entry.body) else {
                page.wrong.fault(FindingFaultKind::EntryUnreadable, at);
                return Ok(());
            };
            let steps = store::steps(rows, std::slice::from_ref(&followed.finding))?;
            let is = |step: &Step| step.kind == kind && is_step(step, &followed, entry);
            (steps.iter().any(is), FindingFaultKind::StepDiffers)
        }
    };
    if !is_same {
        page.wrong.fault(kind, at);
    }
    Ok(())
}

fn filed(entry: &Stored) -> Option<(Filed, i64)> {
    let filed = serde_json::from_slice(&entry.body).ok()?;
    Some((filed, entry.subject.strip_prefix("unit:")?.parse().ok()?))
}

fn hash(words: &str) -> String {
    Digest::of(words.as_bytes()).to_string()
}

fn is_filed(row: &Finding, filed: &Filed, unit: i64, entry: &Stored) -> bool {
    (row.operation, row.unit, row.day, row.kind) == (entry.operation, unit, filed.day, filed.kind)
        && (&row.evidence, hash(&row.words)) == (&filed.evidence, filed.words.clone())
        && (&row.actor, row.at_ms, row.link) == (&entry.actor, entry.at, entry.link)
}

fn is_step(row: &Step, followed: &Followed, entry: &Stored) -> bool {
    hash(&row.words) == followed.words
        && (&row.actor, row.at_ms, row.link) == (&entry.actor, entry.at, entry.link)
}
