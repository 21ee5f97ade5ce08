//! Filing a finding, answering it, closing it. Each once, each journalled; the journal holds hashes of words, never words.

use super::model::{Finding, Kind, Step, StepKind};
use super::store;
use crate::lines::org;
use crate::{Ctx, Fail, said};
use muster_kernel::{Day, Digest, Finding as Told, Problem, ProblemKind};
use muster_store::{Entry, Link, Tx};
use serde_json::{Value, json};

/// A finding to file.
#[derive(Clone, Debug)]
pub struct FindingDraft {
    /// Code of the unit.
    pub unit: String,
    /// The day it speaks of.
    pub day: Option<Day>,
    /// What was found.
    pub kind: Kind,
    /// In words.
    pub words: String,
    /// What it rests on.
    pub evidence: Vec<String>,
}

/// Files a finding about a unit of the actor's own part.
///
/// # Errors
/// `unit.unknown` where the unit is none of it; `finding.refused` with all that is wrong, each at its field: words, references
/// that name no entry, a day that has not come.
pub fn finding_file(tx: &mut Tx<'_>, ctx: &Ctx, draft: &FindingDraft) -> Result<Finding, Fail> {
    let today = ctx.today();
    let unit = org::unit_standing(tx, ctx, &draft.unit, today)?.unit;
    let mut told: Vec<Told> = said::words(&draft.words, "text").into_iter().collect();
    if draft.day.is_some_and(|day| day > today) {
        told.push(Told::refuse("finding.day_to_come").field("day"));
    }
    told.extend(said::references(tx, ctx, &draft.evidence)?);
    if !told.is_empty() {
        return Err(Problem::invalid("finding.refused").findings(told).into());
    }
    let mut finding = Finding {
        id: ctx.id().to_string(),
        operation: ctx.operation,
        unit,
        day: draft.day,
        kind: draft.kind,
        words: draft.words.trim().to_owned(),
        evidence: draft.evidence.clone(),
        actor: ctx.actor.to_string(),
        at_ms: ctx.now_ms,
        // Known once its entry is written.
        link: Link { lane: 0, no: 0 },
    };
    let body = json!({
        "finding": finding.id, "day": finding.day, "kind": finding.kind, "evidence": finding.evidence,
        "words": Digest::of(finding.words.as_bytes()).to_string(),
    });
    finding.link = noted(tx, ctx, "finding.file", unit, None, &body)?;
    store::finding_add(tx, &finding)?;
    Ok(finding)
}

/// The office of the unit answers a finding, once.
///
/// # Errors
/// `finding.unknown` where there is none in the actor's own part; `finding.answered`, `finding.closed` where it is too late;
/// `finding.refused` for words that may not be said.
pub fn finding_answer(tx: &mut Tx<'_>, ctx: &Ctx, id: &str, words: &str) -> Result<(), Fail> {
    step(tx, ctx, id, StepKind::Answer, words)
}

/// An inspector closes a finding, with a reason.
///
/// # Errors
/// As [`finding_answer`], but that it may be answered already or not.
pub fn finding_close(tx: &mut Tx<'_>, ctx: &Ctx, id: &str, reason: &str) -> Result<(), Fail> {
    step(tx, ctx, id, StepKind::Close, reason)
}

fn step(tx: &mut Tx<'_>, ctx: &Ctx, id: &str, kind: StepKind, words: &str) -> Result<(), Fail> {
    let unknown = || Problem::not_found("finding.unknown");
    let found = store::finding_locked(tx, id)?.filter(|one| one.operation == ctx.operation);
    let found = found.ok_or_else(unknown)?;
    let standing = org::standing_on(tx, found.unit, ctx.today())?;
    if !is_seen(ctx, standing.as_ref()) {
        return Err(unknown().into());
    }
    let field = match kind {
        StepKind::Answer => "text",
        StepKind::Close => "reason",
    };
    if let Some(told) = said::words(words, field) {
        return Err(Problem::invalid("finding.refused").findings(vec![told]).into());
    }
    let before = store::steps(tx, std::slice::from_ref(&found.id))?;
    let has = |kind: StepKind| before.iter().any(|step| step.kind == kind);
    if has(StepKind::Close) {
        return Err(Problem::new(ProblemKind::Conflict, "finding.closed").into());
    }
    if has(kind) {
        return Err(Problem::new(ProblemKind::Conflict, "finding.answered").into());
    }
    let words = words.trim().to_owned();
    let body = json!({ "finding": found.id, "words": Digest::of(words.as_bytes()).to_string() });
    let last = before.last().map_or(found.link, |step| step.link);
    let link = noted(tx, ctx, kind.action(), found.unit, Some(last), &body)?;
    let actor = ctx.actor.to_string();
    let step = Step { finding: found.id, kind, words, actor, at_ms: ctx.now_ms, link };
    Ok(store::step_add(tx, &step)?)
}

/// Whether a finding about a unit is the actor's to know: it lies in their own part today. One that stands nowhere today is
/// known to who has the whole.
pub(super) fn is_seen(ctx: &Ctx, standing: Option<&org::Standing>) -> bool {
    match standing {
        Some(standing) => ctx.reach.covers(&standing.chain),
        None => ctx.reach == crate::Reach::All,
    }
}

fn noted(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &'static str,
    unit: i64,
    prev: Option<Link>,
    body: &Value,
) -> Result<Link, Fail> {
    let (actor, subject) = (ctx.actor.to_string(), format!("unit:{unit}"));
    let entry = Entry {
        operation: ctx.operation,
        actor: &actor,
        action,
        subject: &subject,
        prev,
        request: None,
        body: body.to_string().into_bytes(),
    };
    Ok(tx.journal(entry)?)
}
