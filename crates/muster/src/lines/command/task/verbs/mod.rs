//! Registering a measure, handing it out, and every step of a task. Each is journalled with the whole row that it leaves;
//! the journal holds hashes of words, never words.

mod step;

pub use step::{StepSaid, task_step};

use super::check;
use super::model::{Action, Measure, Source, State, Step, Task, Times};
use super::store;
use crate::lines::org::{self, Standing};
use crate::{Ctx, Fail, said};
use muster_kernel::{Digest, Finding, Problem};
use muster_store::{Entry, Link, Rows, StoreError, Tx};
use serde_json::{Value, json};
use std::collections::HashSet;
use step::{allowed, led, stepped, told};

/// Units that one write hands a measure out to.
pub const HAND_OUT_MAX: usize = 500;

/// A measure to register.
#[derive(Clone, Debug)]
pub struct MeasureDraft {
    /// The unit whose office registers it, by its surrogate.
    pub unit: i64,
    /// Where it came from.
    pub source: Source,
    /// The text and its line, from 1, where it came from one.
    pub line: Option<(String, i64)>,
    /// In words.
    pub words: String,
}

/// Registers a measure.
///
/// # Errors
/// `unit.none` where the actor has no unit today; `task.refused` with all that is wrong.
pub fn measure_register(tx: &mut Tx<'_>, ctx: &Ctx, draft: &MeasureDraft) -> Result<Measure, Fail> {
    let standing = org::standing_on(tx, draft.unit, ctx.today())?;
    if !standing.is_some_and(|unit| ctx.reach.covers(&unit.chain)) {
        return Err(Problem::not_found("unit.none").with("day", ctx.today()).into());
    }
    refuse(said::words(&draft.words, "text").into_iter().collect())?;
    let words = draft.words.trim().to_owned();
    let (id, n) = (ctx.id().to_string(), store::measure_next(tx, ctx.operation)?);
    let body = json!({
        "measure": id, "n": n, "source": draft.source, "line": draft.line, "words": hash(&words),
    });
    let link = noted(tx, ctx, "measure.register", draft.unit, None, &body)?;
    let (unit, source, line) = (draft.unit, draft.source, draft.line.clone());
    let (actor, at_ms) = (ctx.actor.to_string(), ctx.now_ms);
    let measure = Measure { id, n, unit, source, line, words, tasks: 0, actor, at_ms, link };
    if !store::measure_add(tx, ctx.operation, &measure)? {
        // Somebody else took the number at the same moment.
        return Err(tx.again().into());
    }
    Ok(measure)
}

/// A measure of the actor's own part.
///
/// # Errors
/// `measure.unknown` where there is none that the actor may know of.
pub fn measure_read(rows: &mut impl Rows, ctx: &Ctx, id: &str) -> Result<Measure, Fail> {
    let found = store::measure_by_id(rows, ctx.operation, id)?;
    if let Some(found) = found
        && is_at(rows, ctx, &[found.unit])?
    {
        return Ok(found);
    }
    Err(Problem::not_found("measure.unknown").into())
}

/// What is handed out: until when, how much of the whole, and more words where those of the measure do not say it.
#[derive(Clone, Debug)]
pub struct Given {
    /// Until when, ms UTC.
    pub due_ms: i64,
    /// How much of the whole it is.
    pub weight: i64,
    /// In its own words; empty where those of the measure or of the whole stand.
    pub words: String,
}

/// Hands a measure out to units, at most [`HAND_OUT_MAX`], one task each; the tasks. A unit that has it already is given no
/// second one. The units are of the part of whoever registered it, and of the actor's.
///
/// # Errors
/// `measure.unknown`; `task.refused` with all that is wrong.
pub fn task_assign(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    measure: &str,
    units: &[Standing],
    given: &Given,
) -> Result<Vec<Task>, Fail> {
    let measure = measure_read(tx, ctx, measure)?;
    refuse(check::given(given.due_ms, given.weight, &given.words, ctx.now_ms))?;
    let within = |unit: &&Standing| ctx.reach.covers(&unit.chain) && unit.chain.contains(&measure.unit);
    // Held first, so that two who hand out at once do not both find that a unit has none.
    held(store::measure_count(tx, ctx.operation, &measure.id, 0)?)?;
    let wanted: Vec<i64> = units.iter().filter(within).map(|unit| unit.unit).collect();
    let had: HashSet<i64> = store::had(tx, ctx.operation, &measure.id, &wanted)?.into_iter().collect();
    let mut units: Vec<i64> = wanted.into_iter().filter(|unit| !had.contains(unit)).collect();
    units.sort_unstable();
    units.dedup();
    let to = units.into_iter().map(|unit| To { unit, post: None, person: None }).collect();
    tasks_given(tx, ctx, &measure.id, None, measure.unit, to, given)
}

/// Who gets a task: a unit, a post there, who holds one there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct To {
    /// The unit, by its surrogate.
    pub unit: i64,
    /// A post there, by its surrogate.
    pub post: Option<i64>,
    /// Somebody who holds a post there: a reference such as `account:ID`.
    pub person: Option<String>,
}

fn tasks_given(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    measure: &str,
    parent: Option<&Task>,
    set_at: i64,
    to: Vec<To>,
    given: &Given,
) -> Result<Vec<Task>, Fail> {
    let count = to.len() as i64;
    let last = held(store::measure_count(tx, ctx.operation, measure, count)?)?;
    let said = StepSaid { due_ms: Some(given.due_ms), ..StepSaid::of(Action::Assign) };
    let mut tasks = Vec::with_capacity(to.len());
    for (to, n) in to.into_iter().zip(last - count + 1..) {
        let mut task = Task {
            id: ctx.id().to_string(),
            measure: measure.to_owned(),
            n,
            parent: parent.map(|whole| whole.id.clone()),
            unit: to.unit,
            post: to.post,
            person: to.person,
            set_at,
            words: given.words.trim().to_owned(),
            weight: given.weight,
            state: State::Assigned,
            due_ms: given.due_ms,
            times: Times { assigned: ctx.now_ms, ..Times::default() },
            rev: 1,
            // Known once its entry is written.
            link: Link { lane: 0, no: 0 },
        };
        task.link = noted(tx, ctx, Action::Assign.journalled(), task.unit, None, &told(&task, &said))?;
        tasks.push(task);
    }
    store::tasks_add(tx, ctx.operation, &tasks)?;
    let steps: Vec<Step> = tasks.iter().map(|task| said.step(ctx, task)).collect();
    store::steps_add(tx, &steps)?;
    Ok(tasks)
}

/// A part of a task to give.
#[derive(Clone, Debug)]
pub struct Part {
    /// To whom.
    pub to: To,
    /// What.
    pub given: Given,
}

/// Splits a task: gives a part of it to somebody of its unit or below.
///
/// # Errors
/// As [`task_step`]; `task.refused` where the unit does not lie below, the date lies after the whole's, or the part is the whole
/// again: the same unit, no post, no words of its own.
pub fn task_split(tx: &mut Tx<'_>, ctx: &Ctx, id: &str, part: &Part) -> Result<Task, Fail> {
    let before = store::task_locked(tx, ctx.operation, id)?;
    let before = seen(tx, ctx, before)?;
    allowed(tx, ctx, &before, Action::Split)?;
    let state = led(&before, Action::Split)?;
    let Part { to, given } = part;
    let mut findings = check::given(given.due_ms, given.weight, &given.words, ctx.now_ms);
    findings.extend(check::due_of_part(given.due_ms, &before));
    findings.extend(to_findings(tx, ctx, to, Some(before.unit))?);
    let is_whole = to.unit == before.unit && to.post.is_none() && to.person.is_none();
    if is_whole && ["", &*before.words].contains(&given.words.trim()) {
        findings.push(Finding::refuse("task.part_is_whole").field("text"));
    }
    refuse(findings)?;
    let whole = stepped(tx, ctx, before, state, &StepSaid::of(Action::Split))?;
    let to = vec![to.clone()];
    let mut given = tasks_given(tx, ctx, &whole.measure, Some(&whole), whole.unit, to, given)?;
    Ok(given.swap_remove(0))
}

/// A task that the actor may know of: it lies in their own part, or was set there.
///
/// # Errors
/// `task.unknown`.
pub fn task_read(rows: &mut impl Rows, ctx: &Ctx, id: &str) -> Result<Task, Fail> {
    let found = store::task_by_id(rows, ctx.operation, id)?;
    seen(rows, ctx, found)
}

pub(super) fn seen(rows: &mut impl Rows, ctx: &Ctx, found: Option<Task>) -> Result<Task, Fail> {
    match found {
        Some(found) if is_at(rows, ctx, &[found.unit, found.set_at])? => Ok(found),
        _ => Err(Problem::not_found("task.unknown").into()),
    }
}

/// Whether one of some units lies in the actor's own part today. Who has the whole has what stands nowhere any more.
fn is_at(rows: &mut impl Rows, ctx: &Ctx, units: &[i64]) -> Result<bool, StoreError> {
    if ctx.reach == crate::Reach::All {
        return Ok(true);
    }
    Ok(org::standings_on(rows, units, ctx.today())?.iter().any(|unit| ctx.reach.covers(&unit.chain)))
}

/// What is wrong with whom a task goes to: the unit does not lie below, the post is none of it, the person holds none there.
fn to_findings(rows: &mut impl Rows, ctx: &Ctx, to: &To, below: Option<i64>) -> Result<Vec<Finding>, Fail> {
    let mut findings = Vec::new();
    if let Some(top) = below {
        let standing = org::standing_on(rows, to.unit, ctx.today())?;
        if !standing.is_some_and(|unit| unit.chain.contains(&top)) {
            findings.push(Finding::refuse("task.unit_beyond").field("unit"));
        }
    }
    let posts = match to.post.is_some() || to.person.is_some() {
        true => org::posts_of(rows, &[to.unit], ctx.today())?,
        false => Vec::new(),
    };
    if to.post.is_some_and(|id| !posts.iter().any(|post| post.id == id)) {
        findings.push(Finding::refuse("task.post_unknown").field("post"));
    }
    if to.person.as_ref().is_some_and(|person| !posts.iter().any(|post| &post.holder == person)) {
        findings.push(Finding::refuse("task.person_unknown").field("person"));
    }
    Ok(findings)
}

pub(super) fn hash(words: &str) -> String {
    Digest::of(words.as_bytes()).to_string()
}

fn held(count: Option<i64>) -> Result<i64, Fail> {
    Ok(count.ok_or_else(|| Problem::internal("a measure that is there and is not"))?)
}

fn refuse(findings: Vec<Finding>) -> Result<(), Fail> {
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Problem::invalid("task.refused").findings(findings).into()),
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
