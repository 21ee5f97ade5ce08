//! What is done with a task: who may, when it can be done, what is wrong with what is said, what it leaves.

use super::super::check;
use super::super::model::{Action, State, Step, Task, Times};
use super::super::store;
use super::{To, hash, is_at, noted, refuse, seen, to_findings};
use crate::{Ctx, Fail, said as words, say};
use muster_kernel::{Finding, Locale, Problem, ProblemKind};
use muster_store::{Rows, Tx};
use serde_json::{Value, json};

/// Parts of parts that one withdrawal takes with it.
const WITHDRAWN_MAX: usize = 2_000;

/// What is said with a step.
#[derive(Clone, Debug)]
pub struct StepSaid {
    /// What is done.
    pub action: Action,
    /// The report, or the reason.
    pub words: String,
    /// What it rests on.
    pub evidence: Vec<String>,
    /// The date that it sets, ms UTC: of `extend` and `reopen`; of `transfer` where it changes.
    pub due_ms: Option<i64>,
    /// To whom it goes: of `give` and `transfer`.
    pub to: Option<To>,
}

impl StepSaid {
    /// A step with which nothing is said.
    pub fn of(action: Action) -> Self {
        Self { action, words: String::new(), evidence: Vec::new(), due_ms: None, to: None }
    }

    pub(super) fn step(&self, ctx: &Ctx, task: &Task) -> Step {
        Step {
            task: task.id.clone(),
            rev: task.rev,
            action: self.action,
            words: self.words.trim().to_owned(),
            evidence: self.evidence.clone(),
            due_ms: self.due_ms,
            actor: ctx.actor.to_string(),
            at_ms: ctx.now_ms,
            link: task.link,
        }
    }
}

/// Does something with a task.
///
/// # Errors
/// `task.unknown` where there is none that the actor may know of; `task.not_yours` where it is not theirs to do: whoever has
/// the unit does the task, whoever has the unit that set it decides on it; `task.state` where it cannot be done as it stands;
/// `task.own_work` where whoever did any of it would strike it off or send it back; `task.parts_open`, `task.parts_many`,
/// `task.whole_ended`; `task.refused` with all that is wrong with what is said.
pub fn task_step(tx: &mut Tx<'_>, ctx: &Ctx, id: &str, said: &StepSaid) -> Result<Task, Fail> {
    let before = store::task_locked(tx, ctx.operation, id)?;
    let before = seen(tx, ctx, before)?;
    allowed(tx, ctx, &before, said.action)?;
    let whole = match &before.parent {
        Some(parent) => store::task_by_id(tx, ctx.operation, parent)?,
        None => None,
    };
    let state = led(&before, said.action)?;
    match said.action {
        Action::Verify | Action::Return => second_person(tx, ctx, &before)?,
        Action::Report | Action::Transfer => parts_ended(tx, &before)?,
        Action::Reopen if whole.as_ref().is_some_and(|whole| !whole.state.is_open()) => {
            return Err(Problem::conflict("task.whole_ended").into());
        }
        _ => {}
    }
    refuse(step_findings(tx, ctx, &before, whole.as_ref(), said)?)?;
    let after = stepped(tx, ctx, before, state, said)?;
    if said.action == Action::Withdraw {
        withdraw_below(tx, ctx, &after, &said.words)?;
    }
    Ok(after)
}

/// Where an action leads from where the task is.
pub(super) fn led(task: &Task, action: Action) -> Result<State, Problem> {
    // Called as each reader calls it, never by its stored word.
    let key = format!("task.state.{}", task.state.word());
    let told = |problem: Problem, locale: &Locale| {
        problem.with(&format!("state@{}", locale.tag()), say::word(*locale, &key))
    };
    let refused = || Problem::conflict("task.state").with("state", task.state.word());
    action.leads(task.state).ok_or_else(|| Locale::ALL.iter().fold(refused(), told))
}

/// Writes a step that may be taken.
pub(super) fn stepped(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    before: Task,
    state: State,
    said: &StepSaid,
) -> Result<Task, Fail> {
    let last = before.link;
    let mut after = Task { state, rev: before.rev + 1, ..before };
    let now = Some(ctx.now_ms);
    match said.action {
        Action::Sign => after.times.signed = now,
        Action::Start | Action::Split => {
            after.times.signed = after.times.signed.or(now);
            after.times.started = after.times.started.or(now);
        }
        Action::Report => {
            after.times.signed = after.times.signed.or(now);
            after.times.started = after.times.started.or(now);
            after.times.reported = now;
        }
        Action::Return => after.times.reported = None,
        Action::Verify | Action::Withdraw => after.times.ended = now,
        Action::Reopen => (after.times.reported, after.times.ended) = (None, None),
        Action::Transfer => after.times = Times { assigned: ctx.now_ms, ..Times::default() },
        Action::Assign | Action::Give | Action::Contest | Action::Uphold | Action::Extend => {}
    }
    if let Some(to) = &said.to {
        (after.unit, after.post, after.person) = (to.unit, to.post, to.person.clone());
    }
    after.due_ms = said.due_ms.unwrap_or(after.due_ms);
    after.link = noted(tx, ctx, said.action.journalled(), after.unit, Some(last), &told(&after, said))?;
    store::task_set(tx, ctx.operation, &after)?;
    store::steps_add(tx, &[said.step(ctx, &after)])?;
    Ok(after)
}

/// Whether it is the actor's to do: whoever has the unit does the task, whoever has the unit that set it decides on it.
pub(super) fn allowed(rows: &mut impl Rows, ctx: &Ctx, task: &Task, action: Action) -> Result<(), Fail> {
    let at = match action {
        Action::Sign | Action::Give | Action::Contest | Action::Split | Action::Start | Action::Report => {
            task.unit
        }
        _ => task.set_at,
    };
    match is_at(rows, ctx, &[at])? {
        true => Ok(()),
        false => Err(Problem::new(ProblemKind::Forbidden, "task.not_yours").into()),
    }
}

/// Who did any of a task, or answers for it as a person, neither strikes it off nor sends it back.
fn second_person(rows: &mut impl Rows, ctx: &Ctx, task: &Task) -> Result<(), Fail> {
    let actor = ctx.actor.to_string();
    let did = store::doers(rows, &task.id)?.contains(&actor) || task.person.as_ref() == Some(&actor);
    if did { Err(Problem::new(ProblemKind::Forbidden, "task.own_work").into()) } else { Ok(()) }
}

fn parts_ended(rows: &mut impl Rows, task: &Task) -> Result<(), Fail> {
    let counted = store::parts_counted(rows, std::slice::from_ref(&task.id))?;
    match counted.get(&task.id) {
        Some((_, open)) if *open > 0 => Err(Problem::conflict("task.parts_open").with("count", open).into()),
        _ => Ok(()),
    }
}

/// What is wrong with what is said with a step.
fn step_findings(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    before: &Task,
    whole: Option<&Task>,
    said: &StepSaid,
) -> Result<Vec<Finding>, Fail> {
    let field = if said.action.has_reason() { "reason" } else { "text" };
    let must_say = said.action.has_reason() || said.action == Action::Report;
    let look = if must_say { words::words } else { words::words_if_any };
    let mut findings: Vec<Finding> = look(&said.words, field).into_iter().collect();
    findings.extend(words::references(tx, ctx, &said.evidence)?);
    if said.due_ms.is_none() && matches!(said.action, Action::Extend | Action::Reopen) {
        findings.push(Finding::refuse("task.due_missing").field("due"));
    }
    if let Some(due_ms) = said.due_ms {
        findings.extend(check::due(due_ms, ctx.now_ms));
        findings.extend(whole.and_then(|whole| check::due_of_part(due_ms, whole)));
        if said.action == Action::Extend && due_ms <= before.due_ms {
            findings.push(Finding::refuse("task.due_earlier").field("due"));
        }
    }
    if let Some(to) = &said.to {
        match said.action {
            Action::Transfer => findings.extend(to_findings(tx, ctx, to, Some(before.set_at))?),
            _ => findings.extend(to_findings(tx, ctx, to, None)?),
        }
        if said.action == Action::Transfer && to.unit == before.unit {
            findings.push(Finding::refuse("task.same_unit").field("unit"));
        }
    }
    Ok(findings)
}

/// What is taken back takes its parts with it, and theirs.
fn withdraw_below(tx: &mut Tx<'_>, ctx: &Ctx, top: &Task, words: &str) -> Result<(), Fail> {
    let said = StepSaid { words: words.to_owned(), ..StepSaid::of(Action::Withdraw) };
    let (mut wholes, mut count) = (vec![top.id.clone()], 0);
    while let Some(whole) = wholes.pop() {
        let parts = store::parts(tx, &whole, "", WITHDRAWN_MAX as u32 + 1)?;
        count += parts.len();
        if count > WITHDRAWN_MAX {
            return Err(Problem::conflict("task.parts_many").with("max", WITHDRAWN_MAX).into());
        }
        for part in parts {
            wholes.push(part.id.clone());
            let part = store::task_locked(tx, ctx.operation, &part.id)?;
            if let Some(part) = part.filter(|part| part.state.is_open()) {
                stepped(tx, ctx, part, State::Withdrawn, &said)?;
            }
        }
    }
    Ok(())
}

/// The whole row that a step leaves, and hashes of what was said.
pub(super) fn told(task: &Task, said: &StepSaid) -> Value {
    let times = &task.times;
    json!({
        "task": task.id, "rev": task.rev, "measure": task.measure, "n": task.n, "parent": task.parent,
        "post": task.post, "person": task.person, "set_at": task.set_at, "weight": task.weight,
        "state": task.state, "due": task.due_ms,
        "times": [Some(times.assigned), times.signed, times.started, times.reported, times.ended],
        "words": hash(&task.words), "said": hash(said.words.trim()), "evidence": said.evidence,
        "due_said": said.due_ms,
    })
}
