//! Doors of measures and tasks, and how they are told.

mod measures;
mod steps;
mod tasks;

use super::model::{Action, Light, Measure, Source, State, Step, Task};
use super::owner::owner;
use super::store;
use crate::lines::operation::Names;
use crate::lines::org::{self, Post};
use crate::request::page::cursor_after;
use crate::{App, Ctx, Fail};
use muster_kernel::Problem;
use muster_kernel::day::{parse_instant, rfc3339};
use muster_store::Rows;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    measures::router().merge(tasks::router()).merge(steps::router())
}

/// A unit by code and name.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = TaskUnit)]
struct UnitOf {
    /// Code of the unit.
    code: String,
    /// Its name, in the reader's language.
    name: String,
}

/// The line of a superior's text that a measure is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MeasureLine {
    /// Id of the text.
    notice: String,
    /// Its measure, from 1.
    n: i64,
}

/// What is to be done.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TaskMeasure)]
struct MeasureBody {
    /// Its id.
    id: String,
    /// Its number in the operation, as people say it: `M3`.
    number: String,
    /// The unit whose office registered it.
    unit: UnitOf,
    /// Where it came from.
    source: Source,
    /// The line of a superior's text; null where it came from elsewhere.
    line: Option<MeasureLine>,
    /// In words.
    text: String,
    /// How many tasks it became, parts of tasks too.
    tasks: i64,
    /// By whom: a reference.
    by: String,
    /// When (RFC 3339).
    at: String,
    /// Its entry in the journal: lane and number.
    entry: String,
}

/// Who answers for a task.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TaskOwner)]
struct OwnerBody {
    /// The post by which they do; null where the unit's office does.
    post: Option<PostOf>,
    /// Who: a reference; null where the unit's office does.
    person: Option<String>,
    /// Whether it was given to somebody who left or to a post that nobody holds, and is raised to the head.
    raised: bool,
    /// Whether it is the caller.
    own: bool,
}

/// A post by code and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TaskPost)]
struct PostOf {
    /// Code of the post, at the unit.
    code: String,
    /// Its name, in the reader's language.
    name: String,
}

/// Parts of a task.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = TaskParts)]
struct PartsBody {
    /// How many it was split into.
    all: i64,
    /// How many of them are open.
    open: i64,
}

/// A measure in the hands of one unit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Task)]
struct TaskBody {
    /// Its id.
    id: String,
    /// Its number, as people say it: `M3-17`.
    number: String,
    /// Id of its measure.
    measure: String,
    /// What is to be done, in its own words or those of its measure.
    text: String,
    /// The task that it is a part of.
    parent: Option<String>,
    /// The unit that has it.
    unit: UnitOf,
    /// The post there that it was given to.
    post: Option<PostOf>,
    /// Whom it was given to there: a reference.
    person: Option<String>,
    /// Who answers for it now: exactly one.
    owner: OwnerBody,
    /// The unit whose office set it, and its date.
    set_at: UnitOf,
    /// How much of the whole it is, beside the others of its measure.
    weight: i64,
    /// How far it is.
    state: State,
    /// How it stands against its date.
    light: Light,
    /// Until when (RFC 3339).
    due: String,
    /// When it was given.
    assigned_at: String,
    /// When it was signed for.
    signed_at: Option<String>,
    /// When it was begun.
    started_at: Option<String>,
    /// When it was last reported as done.
    reported_at: Option<String>,
    /// When it was struck off or withdrawn.
    ended_at: Option<String>,
    /// Its parts.
    parts: PartsBody,
    /// How many steps it took.
    steps: i64,
    /// Its last entry in the journal: lane and number.
    entry: String,
}

/// A step of a task.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TaskStep)]
struct StepBody {
    /// Which, from 1.
    n: i64,
    /// What was done.
    action: Action,
    /// The report, or the reason; empty where nothing was said.
    text: String,
    /// What it rests on: numbers of receipts and of entries in the journal.
    evidence: Vec<String>,
    /// The date that it set (RFC 3339).
    due: Option<String>,
    /// By whom: a reference.
    by: String,
    /// When (RFC 3339).
    at: String,
    /// Its entry in the journal: lane and number.
    entry: String,
}

impl StepBody {
    fn new(ctx: &Ctx, step: Step) -> Self {
        Self {
            n: step.rev,
            action: step.action,
            text: step.words,
            evidence: step.evidence,
            due: step.due_ms.map(|due_ms| rfc3339(due_ms, &ctx.zone)),
            by: step.actor,
            at: rfc3339(step.at_ms, &ctx.zone),
            entry: format!("{}/{}", step.link.lane, step.link.no),
        }
    }
}

/// Names of units, by surrogate.
fn units_named(
    rows: &mut impl Rows,
    ctx: &Ctx,
    units: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, UnitOf>, Fail> {
    let units: Vec<i64> = units.collect::<BTreeSet<_>>().into_iter().collect();
    let labels = org::labels(rows, &units, ctx.today())?;
    let named = |(id, (code, names)): (i64, (String, Names))| {
        (id, UnitOf { code, name: names.of(ctx.locale).to_owned() })
    };
    Ok(labels.into_iter().map(named).collect())
}

/// Measures as they are told.
fn measures_told(rows: &mut impl Rows, ctx: &Ctx, found: Vec<Measure>) -> Result<Vec<MeasureBody>, Fail> {
    let units = units_named(rows, ctx, found.iter().map(|one| one.unit))?;
    let told = |one: Measure| MeasureBody {
        number: format!("M{}", one.n),
        unit: units.get(&one.unit).cloned().unwrap_or_default(),
        source: one.source,
        line: one.line.map(|(notice, n)| MeasureLine { notice, n }),
        text: one.words,
        tasks: one.tasks,
        by: one.actor,
        at: rfc3339(one.at_ms, &ctx.zone),
        entry: format!("{}/{}", one.link.lane, one.link.no),
        id: one.id,
    };
    Ok(found.into_iter().map(told).collect())
}

/// Tasks as they are told: with the words of their measures, the names of their units, who answers for each, how many parts
/// each has. Five reads, however many they are.
fn tasks_told(rows: &mut impl Rows, ctx: &Ctx, found: Vec<Task>) -> Result<Vec<TaskBody>, Fail> {
    let units = units_named(rows, ctx, found.iter().flat_map(|one| [one.unit, one.set_at]))?;
    let ids: Vec<String> =
        found.iter().map(|one| one.measure.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let mut measures = HashMap::new();
    for chunk in ids.chunks(500) {
        let page = store::measures_by_id(rows, ctx.operation, chunk)?;
        measures.extend(page.into_iter().map(|one| (one.id.clone(), one)));
    }
    let ids: Vec<String> = found.iter().map(|one| one.id.clone()).collect();
    let mut parts = HashMap::new();
    for chunk in ids.chunks(500) {
        parts.extend(store::parts_counted(rows, chunk)?);
    }
    let at: Vec<i64> = found.iter().map(|one| one.unit).collect::<BTreeSet<_>>().into_iter().collect();
    let mut posts: HashMap<i64, Vec<Post>> = HashMap::new();
    for post in org::posts_of(rows, &at, ctx.today())? {
        posts.entry(post.unit).or_default().push(post);
    }
    let me = ctx.actor.to_string();
    let instant = |ms: i64| rfc3339(ms, &ctx.zone);
    let mut told = Vec::with_capacity(found.len());
    for one in found {
        let measure = measures.get(&one.measure);
        let measure = measure.ok_or_else(|| Problem::internal("a task without its measure"))?;
        let posts = posts.get(&one.unit).map_or(&[][..], Vec::as_slice);
        let named = |id: Option<i64>| {
            let post = posts.iter().find(|post| Some(post.id) == id)?;
            Some(PostOf { code: post.code.clone(), name: post.names.of(ctx.locale).to_owned() })
        };
        let answers = owner(&one, posts);
        let (all, open) = parts.get(&one.id).copied().unwrap_or_default();
        told.push(TaskBody {
            number: format!("M{}-{}", measure.n, one.n),
            text: if one.words.is_empty() { measure.words.clone() } else { one.words.clone() },
            unit: units.get(&one.unit).cloned().unwrap_or_default(),
            post: named(one.post),
            owner: OwnerBody {
                post: named(answers.post),
                own: answers.person.as_ref() == Some(&me),
                person: answers.person,
                raised: answers.is_raised,
            },
            set_at: units.get(&one.set_at).cloned().unwrap_or_default(),
            weight: one.weight,
            state: one.state,
            light: one.light(ctx.now_ms),
            due: instant(one.due_ms),
            assigned_at: instant(one.times.assigned),
            signed_at: one.times.signed.map(instant),
            started_at: one.times.started.map(instant),
            reported_at: one.times.reported.map(instant),
            ended_at: one.times.ended.map(instant),
            parts: PartsBody { all, open },
            steps: one.rev,
            entry: format!("{}/{}", one.link.lane, one.link.no),
            id: one.id,
            measure: one.measure,
            parent: one.parent,
            person: one.person,
        });
    }
    Ok(told)
}

/// One of them.
fn task_told(rows: &mut impl Rows, ctx: &Ctx, task: Task) -> Result<TaskBody, Fail> {
    let told = tasks_told(rows, ctx, vec![task])?.pop();
    Ok(told.ok_or_else(|| Problem::internal("a task without a body"))?)
}

/// A page of tasks.
#[derive(Serialize, ToSchema)]
struct TaskList {
    /// The nearest date first.
    items: Vec<TaskBody>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// A date and an id as a cursor.
fn cursor(at: Option<(i64, String)>) -> Option<String> {
    at.map(|(due_ms, id)| cursor_after(&format!("{due_ms} {id}")))
}

/// The date and id at which a page before ended; before all of them where there was none.
fn after(cursor: &str) -> Result<(i64, String), Problem> {
    let refused = || Problem::invalid("request.cursor");
    match cursor.split_once(' ') {
        Some((due_ms, id)) => Ok((due_ms.parse().map_err(|_| refused())?, id.to_owned())),
        None if cursor.is_empty() => Ok((i64::MIN, String::new())),
        None => Err(refused()),
    }
}

/// An instant that was sent.
fn instant(text: &str, field: &'static str) -> Result<i64, Problem> {
    parse_instant(text).ok_or_else(|| Problem::invalid("request.instant").with("field", field))
}
