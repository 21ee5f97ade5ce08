//! Rows of measures, tasks and their steps. A task's row is what its steps made of it; steps are added and never changed.

use super::model::{Action, Measure, Source, State, Step, Task, Times};
use muster_store::{Link, Row, Rows, Stmt, StoreError, Tx, args};
use serde_json::json;
use std::collections::HashMap;

/// The bucket of what belongs to the office itself and to no unit.
const HOME: i64 = 1;

/// Columns of a measure, in the order of [`measure`].
macro_rules! measures {
    ($rest:literal) => {
        concat!(
            "select id, n, unit, source, notice, line, words, tasks, actor, at, lane, no from measure ",
            $rest
        )
    };
}

/// Columns of a task, in the order of [`task`].
macro_rules! tasks {
    ($rest:literal) => {
        concat!(
            "select id, measure, n, parent, unit, post, person, set_at, words, weight, state, due_at, assigned_at, signed_at,
                 started_at, reported_at, ended_at, rev, lane, no, is_open
             from task ",
            $rest
        )
    };
}

const MEASURE_ADD: Stmt = Stmt::new(
    "task.measure_add",
    "insert into measure (bucket, operation, id, n, unit, source, notice, line, words, tasks, actor, at, lane, no)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13) on conflict (bucket, operation, n) do nothing",
);
const MEASURE_NEXT: Stmt = Stmt::new(
    "task.measure_next",
    "select cast(coalesce(max(n), 0) + 1 as bigint) from measure where bucket = $1 and operation = $2",
);
const MEASURE: Stmt =
    Stmt::new("task.measure", measures!("where bucket = $1 and operation = $2 and id = $3"));
const MEASURES_BY_ID: Stmt =
    Stmt::new("task.measures_by_id", measures!("where bucket = $1 and operation = $2 and id {in:$3}"));
/// Those before a number, the latest first.
const MEASURES: Stmt = Stmt::new(
    "task.measures",
    measures!("where bucket = $1 and operation = $2 and n < $3 order by n desc limit $4"),
);
/// Takes the next numbers of a measure's tasks, and holds it until the end of the write.
const MEASURE_COUNT: Stmt = Stmt::new(
    "task.measure_count",
    "update measure set tasks = tasks + $1 where bucket = $2 and operation = $3 and id = $4 returning tasks",
);
/// Units among some that have a measure already, themselves and not as a part of another's task.
const HAD: Stmt = Stmt::new(
    "task.had",
    "select distinct unit from task
     where operation = $1 and measure = $2 and unit {in:$3} and parent is null and state <> 'withdrawn'",
);
const TASK_ADD: Stmt = Stmt::new(
    "task.add",
    "insert into task (bucket, operation, id, measure, n, parent, unit, post, person, set_at, words, weight, state, is_open,
         due_at, assigned_at, rev, lane, no)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, 1, $16, $17)",
);
const TASK: Stmt = Stmt::new("task.by_id", tasks!("where bucket = $1 and operation = $2 and id = $3"));
/// The same, held until the end of the write: its steps come one after the other.
const TASK_LOCK: Stmt =
    Stmt::new("task.lock", tasks!("where bucket = $1 and operation = $2 and id = $3 {lock}"));
const TASK_SET: Stmt = Stmt::new(
    "task.set",
    "update task set unit = $1, post = $2, person = $3, state = $4, is_open = $5, due_at = $6, assigned_at = $7,
         signed_at = $8, started_at = $9, reported_at = $10, ended_at = $11, rev = $12, lane = $13, no = $14
     where bucket = $15 and operation = $16 and id = $17",
);
/// Open tasks of some units, the nearest date first, after one.
const OF_UNITS: Stmt = Stmt::new(
    "task.of_units",
    tasks!(
        "where operation = $1 and unit {in:$2} and is_open = 1 and (due_at > $3 or (due_at = $3 and id > $4))
         order by due_at, id limit $5"
    ),
);
/// The same of those that somebody there has still to do.
const TO_DO: Stmt = Stmt::new(
    "task.to_do",
    tasks!(
        "where operation = $1 and unit {in:$2} and is_open = 1 and state in ('assigned', 'signed', 'under_way')
             and (due_at > $3 or (due_at = $3 and id > $4))
         order by due_at, id limit $5"
    ),
);
/// Open tasks in a state that were set at some units, the nearest date first, after one.
const SET_AT: Stmt = Stmt::new(
    "task.set_at",
    tasks!(
        "where operation = $1 and set_at {in:$2} and state = $3 and (due_at > $4 or (due_at = $4 and id > $5))
         order by due_at, id limit $6"
    ),
);
/// Open tasks, the nearest date first, after one.
const OPEN: Stmt = Stmt::new(
    "task.open",
    tasks!(
        "where operation = $1 and is_open = 1 and (due_at > $2 or (due_at = $2 and id > $3))
         order by due_at, id limit $4"
    ),
);
/// Tasks of a measure after a number, parts of others too.
const OF_MEASURE: Stmt = Stmt::new(
    "task.of_measure",
    tasks!("where bucket = $1 and operation = $2 and measure = $3 and n > $4 order by n limit $5"),
);
/// Parts of a task after an id.
const PARTS: Stmt = Stmt::new("task.parts", tasks!("where parent = $1 and id > $2 order by id limit $3"));
/// How many parts some tasks have, and how many of them are open.
const PARTS_COUNT: Stmt = Stmt::new(
    "task.parts_count",
    "select parent, cast(count(*) as bigint), cast(sum(is_open) as bigint) from task
     where parent {in:$1} group by parent order by parent",
);
const STEP_ADD: Stmt = Stmt::new(
    "task.step_add",
    "insert into task_step (bucket, task, rev, action, words, evidence, due_at, actor, at, lane, no)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
/// Steps of a task before one, the latest first.
const STEPS: Stmt = Stmt::new(
    "task.steps",
    "select task, rev, action, words, evidence, due_at, actor, at, lane, no from task_step
     where bucket = $1 and task = $2 and rev < $3 order by rev desc limit $4",
);
const DOERS: Stmt = Stmt::new(
    "task.doers",
    "select distinct actor from task_step where bucket = $1 and task = $2 and action in ('sign', 'start', 'report')",
);
/// How the tasks of a measure stand that units have themselves: how many in each state, their weight, and how many of them
/// are behind.
const COUNTS: Stmt = Stmt::new(
    "task.counts",
    "select unit, state, cast(sum(weight) as bigint), cast(count(*) as bigint),
         cast(sum(case when is_open = 1 and due_at < $4
             and (state <> 'reported' or reported_at > due_at) then 1 else 0 end) as bigint)
     from task where operation = $1 and measure = $2 and unit > $3 and parent is null and state <> 'withdrawn'
     group by unit, state order by unit, state limit $5",
);
const TOTALS: Stmt = Stmt::new(
    "task.totals",
    "select (select cast(count(*) as bigint) from measure), (select cast(count(*) as bigint) from task),
         (select cast(count(*) as bigint) from task_step), (select cast(coalesce(sum(tasks), 0) as bigint) from measure)",
);

/// Every statement of tasks.
pub const STATEMENTS: &[Stmt] = &[
    MEASURE_ADD,
    MEASURE_NEXT,
    MEASURE,
    MEASURES_BY_ID,
    MEASURES,
    MEASURE_COUNT,
    HAD,
    TASK_ADD,
    TASK,
    TASK_LOCK,
    TASK_SET,
    OF_UNITS,
    TO_DO,
    SET_AT,
    OPEN,
    OF_MEASURE,
    PARTS,
    PARTS_COUNT,
    STEP_ADD,
    STEPS,
    DOERS,
    COUNTS,
    TOTALS,
];

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("a {what} that cannot be read"))
}

fn link(row: &Row<'_>, at: usize) -> Result<Link, StoreError> {
    Ok(Link { lane: row.int32(at)?, no: row.int(at + 1)? })
}

fn measure(row: &Row<'_>) -> Result<Measure, StoreError> {
    Ok(Measure {
        id: row.string(0)?,
        n: row.int(1)?,
        unit: row.int(2)?,
        source: Source::from_word(row.text(3)?).ok_or_else(|| corrupt("source of a measure"))?,
        line: row.opt_text(4)?.map(str::to_owned).zip(row.opt_int(5)?),
        words: row.string(6)?,
        tasks: row.int(7)?,
        actor: row.string(8)?,
        at_ms: row.int(9)?,
        link: link(row, 10)?,
    })
}

fn task(row: &Row<'_>) -> Result<Task, StoreError> {
    let state = State::from_word(row.text(10)?).filter(|state| state.is_open() == (row.int(20) == Ok(1)));
    Ok(Task {
        id: row.string(0)?,
        measure: row.string(1)?,
        n: row.int(2)?,
        parent: row.opt_text(3)?.map(str::to_owned),
        unit: row.int(4)?,
        post: row.opt_int(5)?,
        person: row.opt_text(6)?.map(str::to_owned),
        set_at: row.int(7)?,
        words: row.string(8)?,
        weight: row.int(9)?,
        state: state.ok_or_else(|| corrupt("state of a task"))?,
        due_ms: row.int(11)?,
        times: Times {
            assigned: row.int(12)?,
            signed: row.opt_int(13)?,
            started: row.opt_int(14)?,
            reported: row.opt_int(15)?,
            ended: row.opt_int(16)?,
        },
        rev: row.int(17)?,
        link: link(row, 18)?,
    })
}

fn step(row: &Row<'_>) -> Result<Step, StoreError> {
    Ok(Step {
        task: row.string(0)?,
        rev: row.int(1)?,
        action: Action::from_word(row.text(2)?).ok_or_else(|| corrupt("step of a task"))?,
        words: row.string(3)?,
        evidence: serde_json::from_str(row.text(4)?).map_err(|_| corrupt("evidence of a step"))?,
        due_ms: row.opt_int(5)?,
        actor: row.string(6)?,
        at_ms: row.int(7)?,
        link: link(row, 8)?,
    })
}

/// The number that the next measure gets.
pub(super) fn measure_next(rows: &mut impl Rows, operation: i64) -> Result<i64, StoreError> {
    rows.one(&MEASURE_NEXT, args![HOME, operation], |row| row.int(0))
}

/// Adds a measure; whether its number was still free.
pub(super) fn measure_add(tx: &mut Tx<'_>, operation: i64, one: &Measure) -> Result<bool, StoreError> {
    let (notice, line) = one.line.as_ref().map(|(notice, line)| (notice.as_str(), *line)).unzip();
    let args = args![
        HOME,
        operation,
        &one.id,
        one.n,
        one.unit,
        one.source.word(),
        notice,
        line,
        &one.words,
        &one.actor,
        one.at_ms,
        one.link.lane,
        one.link.no
    ];
    Ok(tx.exec(&MEASURE_ADD, args)? == 1)
}

/// A measure by its id.
pub(super) fn measure_by_id(
    rows: &mut impl Rows,
    operation: i64,
    id: &str,
) -> Result<Option<Measure>, StoreError> {
    rows.opt(&MEASURE, args![HOME, operation, id], measure)
}

/// Measures by their ids, at most a few hundred, in any order.
pub(super) fn measures_by_id(
    rows: &mut impl Rows,
    operation: i64,
    ids: &[String],
) -> Result<Vec<Measure>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    rows.all(&MEASURES_BY_ID, args![HOME, operation, ids], measure)
}

/// Measures before a number, the latest first.
pub(super) fn measures_before(
    rows: &mut impl Rows,
    operation: i64,
    before: i64,
    limit: u32,
) -> Result<Vec<Measure>, StoreError> {
    rows.all(&MEASURES, args![HOME, operation, before, i64::from(limit)], measure)
}

/// Counts so many more tasks of a measure and holds it until the end of the write; how many there are then.
pub(super) fn measure_count(
    tx: &mut Tx<'_>,
    operation: i64,
    id: &str,
    more: i64,
) -> Result<Option<i64>, StoreError> {
    tx.opt(&MEASURE_COUNT, args![more, HOME, operation, id], |row| row.int(0))
}

/// Those of some units that have a measure already.
pub(super) fn had(
    rows: &mut impl Rows,
    operation: i64,
    measure: &str,
    units: &[i64],
) -> Result<Vec<i64>, StoreError> {
    rows.all(&HAD, args![operation, measure, units], |row| row.int(0))
}

/// Adds tasks.
pub(super) fn tasks_add(tx: &mut Tx<'_>, operation: i64, tasks: &[Task]) -> Result<(), StoreError> {
    let row = |one: &Task| {
        args![
            HOME,
            operation,
            one.id.clone(),
            one.measure.clone(),
            one.n,
            one.parent.clone(),
            one.unit,
            one.post,
            one.person.clone(),
            one.set_at,
            one.words.clone(),
            one.weight,
            one.state.word(),
            one.due_ms,
            one.times.assigned,
            one.link.lane,
            one.link.no
        ]
        .to_vec()
    };
    tx.exec_rows(&TASK_ADD, &tasks.iter().map(row).collect::<Vec<_>>()).map(drop)
}

/// A task by its id.
pub(super) fn task_by_id(rows: &mut impl Rows, operation: i64, id: &str) -> Result<Option<Task>, StoreError> {
    rows.opt(&TASK, args![HOME, operation, id], task)
}

/// The same, held until the end of the write.
pub(super) fn task_locked(tx: &mut Tx<'_>, operation: i64, id: &str) -> Result<Option<Task>, StoreError> {
    tx.opt(&TASK_LOCK, args![HOME, operation, id], task)
}

/// Writes what a step made of a task.
pub(super) fn task_set(tx: &mut Tx<'_>, operation: i64, one: &Task) -> Result<(), StoreError> {
    let args = args![
        one.unit,
        one.post,
        one.person.as_deref(),
        one.state.word(),
        i64::from(one.state.is_open()),
        one.due_ms,
        one.times.assigned,
        one.times.signed,
        one.times.started,
        one.times.reported,
        one.times.ended,
        one.rev,
        one.link.lane,
        one.link.no,
        HOME,
        operation,
        &one.id
    ];
    tx.exec(&TASK_SET, args).map(drop)
}

/// Open tasks of some units, the nearest date first, after a date and id.
pub(super) fn tasks_of_units(
    rows: &mut impl Rows,
    operation: i64,
    units: &[i64],
    (due_ms, id): (i64, &str),
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    rows.all(&OF_UNITS, args![operation, units, due_ms, id, i64::from(limit)], task)
}

/// The same of those that somebody there has still to do.
pub(super) fn tasks_to_do(
    rows: &mut impl Rows,
    operation: i64,
    units: &[i64],
    (due_ms, id): (i64, &str),
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    rows.all(&TO_DO, args![operation, units, due_ms, id, i64::from(limit)], task)
}

/// Tasks in a state that were set at some units, the nearest date first, after a date and id.
pub(super) fn tasks_set_at(
    rows: &mut impl Rows,
    operation: i64,
    units: &[i64],
    state: State,
    (due_ms, id): (i64, &str),
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    rows.all(&SET_AT, args![operation, units, state.word(), due_ms, id, i64::from(limit)], task)
}

/// Open tasks, the nearest date first, after a date and id.
pub(super) fn tasks_open(
    rows: &mut impl Rows,
    operation: i64,
    (due_ms, id): (i64, &str),
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    rows.all(&OPEN, args![operation, due_ms, id, i64::from(limit)], task)
}

/// Tasks of a measure after a number, parts of others too.
pub(super) fn tasks_of_measure(
    rows: &mut impl Rows,
    operation: i64,
    measure: &str,
    after: i64,
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    rows.all(&OF_MEASURE, args![HOME, operation, measure, after, i64::from(limit)], task)
}

/// Parts of a task after an id.
pub(super) fn parts(
    rows: &mut impl Rows,
    task_id: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    rows.all(&PARTS, args![task_id, after, i64::from(limit)], task)
}

/// How many parts each of some tasks has, and how many of them are open; none of what has none.
pub(super) fn parts_counted(
    rows: &mut impl Rows,
    tasks: &[String],
) -> Result<HashMap<String, (i64, i64)>, StoreError> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let found =
        rows.all(&PARTS_COUNT, args![tasks], |row| Ok((row.string(0)?, (row.int(1)?, row.int(2)?))))?;
    Ok(found.into_iter().collect())
}

/// Adds steps.
pub(super) fn steps_add(tx: &mut Tx<'_>, steps: &[Step]) -> Result<(), StoreError> {
    let row = |one: &Step| {
        args![
            HOME,
            one.task.clone(),
            one.rev,
            one.action.word(),
            one.words.clone(),
            json!(one.evidence).to_string(),
            one.due_ms,
            one.actor.clone(),
            one.at_ms,
            one.link.lane,
            one.link.no
        ]
        .to_vec()
    };
    tx.exec_rows(&STEP_ADD, &steps.iter().map(row).collect::<Vec<_>>()).map(drop)
}

/// Steps of a task before one, the latest first.
pub(super) fn steps_before(
    rows: &mut impl Rows,
    task_id: &str,
    before: i64,
    limit: u32,
) -> Result<Vec<Step>, StoreError> {
    rows.all(&STEPS, args![HOME, task_id, before, i64::from(limit)], step)
}

/// Who did any of a task.
pub(super) fn doers(rows: &mut impl Rows, task_id: &str) -> Result<Vec<String>, StoreError> {
    rows.all(&DOERS, args![HOME, task_id], |row| row.string(0))
}

/// How the tasks of one unit stand: its surrogate, the state, their weight, how many, and how many of them are behind.
pub(super) struct Stand {
    pub unit: i64,
    pub state: State,
    pub weight: i64,
    pub count: i64,
    pub behind: i64,
}

/// How the tasks of a measure stand, unit by unit after one; those that are parts of another's task are not counted again.
pub(super) fn stands(
    rows: &mut impl Rows,
    operation: i64,
    measure: &str,
    after: i64,
    now_ms: i64,
    limit: u32,
) -> Result<Vec<Stand>, StoreError> {
    rows.all(&COUNTS, args![operation, measure, after, now_ms, i64::from(limit)], |row| {
        Ok(Stand {
            unit: row.int(0)?,
            state: State::from_word(row.text(1)?).ok_or_else(|| corrupt("state of a task"))?,
            weight: row.int(2)?,
            count: row.int(3)?,
            behind: row.int(4)?,
        })
    })
}

/// How many measures, tasks and steps there are, and how many tasks the measures count.
pub(super) fn totals(rows: &mut impl Rows) -> Result<([i64; 3], i64), StoreError> {
    rows.one(&TOTALS, args![], |row| Ok(([row.int(0)?, row.int(1)?, row.int(2)?], row.int(3)?)))
}
