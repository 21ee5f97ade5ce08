//! Are measures, tasks and steps those that were written? Every entry beside its row.

use super::model::{Action, Measure, Source, State, Step, Task, Times};
use super::{store, verbs};
use crate::Fail;
use crate::faults::Faults;
use muster_store::{Db, Rows, StoreError, Stored, heads, journal_of};
use serde::{Deserialize, Serialize};

/// Entries looked over in one read.
const SPAN: i64 = 20_000;

/// What a replay of the tasks found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TasksReplayed {
    /// Measures compared.
    pub measures: u64,
    /// Steps compared; a task's row with its last one.
    pub steps: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<TaskFaultKind>,
}

/// What can be wrong with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskFaultKind {
    /// An entry cannot be read.
    EntryUnreadable,
    /// A measure is gone, or is not as it was written.
    MeasureDiffers,
    /// A task is gone, or is not as its last step left it.
    TaskDiffers,
    /// A step is gone, or is not as it was written.
    StepDiffers,
    /// Rows that no entry wrote.
    Unfounded,
}

/// What an entry says of a measure.
#[derive(Deserialize)]
struct Registered {
    measure: String,
    n: i64,
    source: Source,
    line: Option<(String, i64)>,
    words: String,
}

/// What an entry says of a task after a step, and of the step.
#[derive(Deserialize)]
struct Stepped {
    task: String,
    rev: i64,
    measure: String,
    n: i64,
    parent: Option<String>,
    post: Option<i64>,
    person: Option<String>,
    set_at: i64,
    weight: i64,
    state: State,
    due: i64,
    times: [Option<i64>; 5],
    words: String,
    said: String,
    evidence: Vec<String>,
    due_said: Option<i64>,
}

/// Compares measures, tasks and steps with what the journal says by now. Blocks, in short reads.
///
/// # Errors
/// The store's.
pub fn tasks_replay(db: &Db) -> Result<TasksReplayed, Fail> {
    let (ends, (totals, counted)) =
        db.read_blocking("tasks.replay_ends", |rx| Ok::<_, StoreError>((heads(rx)?, store::totals(rx)?)))?;
    let actions: Vec<&str> =
        Action::ALL.iter().map(|action| action.journalled()).chain(["measure.register"]).collect();
    let (mut replayed, mut tasks) = (TasksReplayed::default(), 0);
    for end in &ends {
        let (place, last) = ((end.bucket, end.lane), end.no);
        for from in (0..last).step_by(SPAN as usize) {
            let (span, actions) = ((from, last.min(from + SPAN)), actions.clone());
            let (page, given) = db.read_blocking("tasks.replay", move |rx| {
                let (mut page, mut given) = (TasksReplayed::default(), 0);
                for entry in journal_of(rx, place, span, &actions)? {
                    given += u64::from(entry.action == Action::Assign.journalled());
                    one(rx, &entry, &mut page)?;
                }
                Ok::<_, StoreError>((page, given))
            })?;
            tasks += given;
            replayed.measures += page.measures;
            replayed.steps += page.steps;
            replayed.wrong.add(page.wrong);
        }
    }
    let more: u64 = [replayed.measures, tasks, replayed.steps]
        .into_iter()
        .zip(totals)
        .map(|(founded, there)| there.unsigned_abs().saturating_sub(founded))
        .sum();
    if counted != totals[1] {
        replayed.wrong.fault(TaskFaultKind::MeasureDiffers, format!("tasks={counted} there={}", totals[1]));
    }
    if more > 0 {
        replayed.wrong.fault(TaskFaultKind::Unfounded, format!("count={more}"));
    }
    Ok(replayed)
}

fn one(rows: &mut impl Rows, entry: &Stored, page: &mut TasksReplayed) -> Result<(), StoreError> {
    let at = || format!("lane={} entry={}", entry.link.lane, entry.link.no);
    let unit = entry.subject.strip_prefix("unit:").and_then(|unit| unit.parse::<i64>().ok());
    if entry.action == "measure.register" {
        page.measures += 1;
        let said = serde_json::from_slice::<Registered>(&entry.body).ok();
        let Some((said, unit)) = said.zip(unit) else {
            page.wrong.fault(TaskFaultKind::EntryUnreadable, at());
            return Ok(());
        };
        let row = store::measure_by_id(rows, entry.operation, &said.measure)?;
        if !row.is_some_and(|row| is_registered(&row, &said, unit, entry)) {
            page.wrong.fault(TaskFaultKind::MeasureDiffers, at());
        }
        return Ok(());
    }
    page.steps += 1;
    let said = serde_json::from_slice::<Stepped>(&entry.body).ok();
    let Some((said, unit)) = said.zip(unit) else {
        page.wrong.fault(TaskFaultKind::EntryUnreadable, at());
        return Ok(());
    };
    let step = store::steps_before(rows, &said.task, said.rev.saturating_add(1), 1)?.pop();
    if !step.is_some_and(|step| is_step(&step, &said, entry)) {
        page.wrong.fault(TaskFaultKind::StepDiffers, at());
    }
    // The row is as the last entry says; of an earlier one only that it is there.
    let row = store::task_by_id(rows, entry.operation, &said.task)?;
    let is_right = match &row {
        Some(row) if row.link == entry.link => is_left(row, &said, unit),
        Some(row) => row.rev > said.rev,
        None => false,
    };
    if !is_right {
        page.wrong.fault(TaskFaultKind::TaskDiffers, at());
    }
    Ok(())
}

fn is_registered(row: &Measure, said: &Registered, unit: i64, entry: &Stored) -> bool {
    (row.n, row.unit, row.source, &row.line) == (said.n, unit, said.source, &said.line)
        && verbs::hash(&row.words) == said.words
        && (&row.actor, row.at_ms, row.link) == (&entry.actor, entry.at, entry.link)
}

fn is_step(row: &Step, said: &Stepped, entry: &Stored) -> bool {
    (row.rev, row.action.journalled(), &row.evidence, row.due_ms)
        == (said.rev, &*entry.action, &said.evidence, said.due_said)
        && verbs::hash(&row.words) == said.said
        && (&row.actor, row.at_ms, row.link) == (&entry.actor, entry.at, entry.link)
}

fn is_left(row: &Task, said: &Stepped, unit: i64) -> bool {
    let Times { assigned, signed, started, reported, ended } = row.times;
    (&row.measure, row.n, &row.parent, row.unit) == (&said.measure, said.n, &said.parent, unit)
        && (row.post, &row.person, row.set_at, row.weight)
            == (said.post, &said.person, said.set_at, said.weight)
        && (row.state, row.due_ms, row.rev) == (said.state, said.due, said.rev)
        && [Some(assigned), signed, started, reported, ended] == said.times
        && verbs::hash(&row.words) == said.words
}
