//! Doors of measures: the list, registering one, handing it out, how far it is.

use super::super::line::{line_kept, line_words};
use super::super::model::{Source, State};
use super::super::read::{self, Progress, Scope, Which};
use super::super::store;
use super::super::verbs::{self, Given, HAND_OUT_MAX, MeasureDraft};
use super::{MeasureBody, MeasureLine, TaskList, UnitOf, instant, measures_told, tasks_told, units_named};
use crate::lines::org::{self, Standing};
use crate::request::page::{Page, cursor_after};
use crate::request::refusal::FindingBody;
use crate::request::{Answer, Caller, Json, Once, Permission, Query, Reply};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State as Of};
use muster_kernel::{Finding, Problem};
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Findings that are told; beyond it they are only counted.
const FINDINGS_MAX: usize = 1_000;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(measure_list, measure_register))
        .routes(routes!(measure_read))
        .routes(routes!(measure_progress))
        .routes(routes!(measure_tasks, task_assign))
}

/// A page of measures.
#[derive(Serialize, ToSchema)]
struct MeasureList {
    /// The latest first.
    items: Vec<MeasureBody>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// Measures that offices of the caller's own part registered, the latest first.
#[utoipa::path(get, path = "/measures", operation_id = "measure_list", tag = "tasks", params(Page),
    responses((status = 200, body = MeasureList)))]
async fn measure_list(
    Of(app): Of<App>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Answer<Json<MeasureList>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (after, limit) = (page.after()?, page.limit()? as usize);
    let before = match after.as_str() {
        "" => i64::MAX,
        n => n.parse().map_err(|_| Problem::invalid("request.cursor"))?,
    };
    let read = move |rx: &mut Rx<'_>| {
        let (found, next) = read::measures_seen(rx, &ctx, before, limit)?;
        let next_cursor = next.map(|n| cursor_after(&n.to_string()));
        Ok::<_, Fail>(MeasureList { items: measures_told(rx, &ctx, found)?, next_cursor })
    };
    Ok(Json(app.db.read("measure.list", read).await?))
}

/// A measure to register.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MeasureIn {
    /// Code of the unit whose office registers it; the caller's own where absent.
    #[serde(default)]
    unit: Option<String>,
    /// Where it came from; `notice` where a line of a text is named.
    #[serde(default)]
    source: Option<Source>,
    /// The line of a superior's text that it is.
    #[serde(default)]
    line: Option<MeasureLine>,
    /// In words, at most 2000 characters; the words of the line where absent. No names or numbers of persons.
    #[serde(default)]
    text: Option<String>,
}

/// Registers a measure (立项): what is to be done, kept in its own words. Nobody has it yet.
#[utoipa::path(post, path = "/measures", operation_id = "measure_register", tag = "tasks", request_body = MeasureIn,
    responses((status = 201, body = MeasureBody)))]
async fn measure_register(
    Of(app): Of<App>,
    caller: Caller,
    once: Once,
    Json(body): Json<MeasureIn>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskAssign)?;
    let home = ctx.reach.home(app.operation().root_unit);
    let MeasureIn { unit, source, line, text } = body;
    let line = line.map(|line| (line.notice, line.n));
    let words = match (&text, &line) {
        (None, Some((notice, n))) => {
            // Opened outside of the transaction, which others wait for.
            let (ctx, id) = (ctx.clone(), notice.clone());
            let kept = app.db.read("measure.line", move |rx: &mut Rx<'_>| line_kept(rx, &ctx, &id)).await?;
            line_words(kept, *n)?
        }
        _ => text.unwrap_or_default(),
    };
    let source = source.unwrap_or(if line.is_some() { Source::Notice } else { Source::Own });
    let now_ms = ctx.now_ms;
    let register = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let unit = match &unit {
                Some(code) => org::unit_standing(tx, &ctx, code, ctx.today())?.unit,
                None => home,
            };
            let draft = MeasureDraft { unit, source, line: line.clone(), words: words.clone() };
            if let Some((notice, _)) = &draft.line {
                line_kept(tx, &ctx, notice)?;
            }
            let measure = verbs::measure_register(tx, &ctx, &draft)?;
            let told = measures_told(tx, &ctx, vec![measure])?.pop();
            Ok(Reply::json(&told.ok_or_else(|| Problem::internal("a measure without a body"))?)?.created())
        })
    };
    Ok(app.db.write("measure.register", now_ms, register).await?)
}

/// A measure of the caller's own part.
#[utoipa::path(get, path = "/measures/{id}", operation_id = "measure_read", tag = "tasks",
    params(("id" = String, Path, description = "Id of the measure")),
    responses((status = 200, body = MeasureBody)))]
async fn measure_read(Of(app): Of<App>, caller: Caller, Path(id): Path<String>) -> Answer<Json<MeasureBody>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let read = move |rx: &mut Rx<'_>| {
        let measure = verbs::measure_read(rx, &ctx, &id)?;
        let told = measures_told(rx, &ctx, vec![measure])?.pop();
        Ok::<_, Fail>(told.ok_or_else(|| Problem::internal("a measure without a body"))?)
    };
    Ok(Json(app.db.read("measure.read", read).await?))
}

/// How many tasks, what they weigh, and what became of them.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
struct MeasureProgress {
    /// Tasks of units, without parts of tasks and without those that were withdrawn.
    all: i64,
    /// How many are in each state.
    states: BTreeMap<String, i64>,
    /// How many are behind their date.
    behind: i64,
    /// What all of them weigh.
    weight: i64,
    /// What those weigh that were struck off.
    weight_done: i64,
}

impl MeasureProgress {
    fn of<'p>(parts: impl Iterator<Item = &'p Progress>) -> Self {
        let mut sum =
            Self { states: State::ALL.map(|state| (state.word().to_owned(), 0)).into(), ..Self::default() };
        sum.states.remove(State::Withdrawn.word());
        for part in parts {
            let (done, all) = part.weighed();
            (sum.weight, sum.weight_done) = (sum.weight + all, sum.weight_done + done);
            (sum.all, sum.behind) = (sum.all + part.all(), sum.behind + part.behind);
            for (state, count) in &part.counts {
                *sum.states.entry(state.word().to_owned()).or_default() += count;
            }
        }
        sum
    }
}

/// How far a measure is in one part.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MeasurePart {
    /// The unit right below, or the unit itself.
    unit: UnitOf,
    /// Whether it is the unit itself: what it has to do without those below it.
    own: bool,
    /// How far.
    progress: MeasureProgress,
}

/// How far a measure is below a unit.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MeasureStand {
    /// The unit.
    unit: UnitOf,
    /// All below it, and its own.
    progress: MeasureProgress,
    /// By what lies right below it; they add up to the whole.
    parts: Vec<MeasurePart>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Below {
    /// `unit:CODE`: below this unit; the unit that registered the measure when absent.
    node: Option<String>,
}

/// How far a measure is below a unit, by what lies right below it, at this moment.
#[utoipa::path(get, path = "/measures/{id}/progress", operation_id = "measure_progress", tag = "tasks",
    params(("id" = String, Path, description = "Id of the measure"), Below),
    responses((status = 200, body = MeasureStand)))]
async fn measure_progress(
    Of(app): Of<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(below): Query<Below>,
) -> Answer<Json<MeasureStand>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let read = move |rx: &mut Rx<'_>| {
        let measure = verbs::measure_read(rx, &ctx, &id)?;
        let top = match below.node.as_deref() {
            Some(node) => unit_named(rx, &ctx, node)?,
            None => org::standing_on(rx, measure.unit, ctx.today())?
                .ok_or_else(|| Problem::not_found("unit.none").with("day", ctx.today()))?,
        };
        let parts = read::progress(rx, &ctx, &measure, &top)?;
        let named = units_named(rx, &ctx, parts.keys().copied().chain([top.unit]))?;
        let unit = |id: i64| named.get(&id).cloned().unwrap_or_default();
        let progress = MeasureProgress::of(parts.values());
        let mut told: Vec<MeasurePart> = Vec::with_capacity(parts.len());
        for (id, part) in &parts {
            let progress = MeasureProgress::of([part].into_iter());
            told.push(MeasurePart { unit: unit(*id), own: *id == top.unit, progress });
        }
        told.sort_by(|one, other| (one.own, &one.unit.code).cmp(&(other.own, &other.unit.code)));
        Ok::<_, Fail>(MeasureStand { unit: unit(top.unit), progress, parts: told })
    };
    Ok(Json(app.db.read("measure.progress", read).await?))
}

/// The unit of `unit:CODE`, of the caller's own part.
pub(super) fn unit_named(rows: &mut Rx<'_>, ctx: &Ctx, node: &str) -> Result<Standing, Fail> {
    let unit_only =
        || Problem::invalid("node.unit_only").with("node", node.chars().take(64).collect::<String>());
    let code = node.strip_prefix("unit:").ok_or_else(unit_only)?;
    org::unit_standing(rows, ctx, code, ctx.today())
}

/// The tasks of a measure, in the order of their numbers, parts of tasks too; those of the caller's own part.
#[utoipa::path(get, path = "/measures/{id}/tasks", operation_id = "measure_tasks", tag = "tasks",
    params(("id" = String, Path, description = "Id of the measure"), Page),
    responses((status = 200, body = TaskList)))]
async fn measure_tasks(
    Of(app): Of<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Answer<Json<TaskList>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (after, limit) = (page.after()?, page.limit()?);
    let after = match after.as_str() {
        "" => 0,
        n => n.parse().map_err(|_| Problem::invalid("request.cursor"))?,
    };
    let read = move |rx: &mut Rx<'_>| {
        let measure = verbs::measure_read(rx, &ctx, &id)?;
        let found = store::tasks_of_measure(rx, ctx.operation, &measure.id, after, limit)?;
        let next = found
            .last()
            .filter(|_| found.len() == limit as usize)
            .map(|one| cursor_after(&one.n.to_string()));
        Ok::<_, Fail>(TaskList { items: tasks_told(rx, &ctx, found)?, next_cursor: next })
    };
    Ok(Json(app.db.read("measure.tasks", read).await?))
}

/// Which units of a node.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskWhich)]
enum WhichIn {
    /// Those right below a unit.
    Children,
    /// All below it.
    All,
}

/// Whom a measure is handed out to, until when.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HandOut {
    /// By hand: codes of units, at most 100 000. Either this or `node`.
    #[serde(default)]
    units: Option<Vec<String>>,
    /// By line, place or class: `unit:CODE`, `place:3401`, `class:CODE`.
    #[serde(default)]
    node: Option<String>,
    /// Of a unit: those right below it (when absent), or all.
    #[serde(default)]
    which: Option<WhichIn>,
    /// Of this kind only.
    #[serde(default)]
    kind: Option<String>,
    /// Until when (RFC 3339).
    due: String,
    /// How much of the whole each is, 1 to 1000; 1 when absent.
    #[serde(default)]
    weight: Option<i64>,
    /// In words of its own, where those of the measure do not say it; at most 2000 characters.
    #[serde(default)]
    text: Option<String>,
}

/// What became of a hand-out: units asked = tasks given + units that had it + units refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct HandedOut {
    /// Units that were asked for.
    units: usize,
    /// Tasks that were given.
    given: usize,
    /// Units that had it already.
    had: usize,
    /// Units that were refused.
    refused: usize,
    /// What is wrong with them, each at its row; at most a thousand.
    findings: Vec<FindingBody>,
}

/// Hands a measure out (交办): one task to each unit of a selected part of the tree. Sent again, it gives to those that have
/// none yet. Many units are many transactions: broken off, what was given stays, and sending it again goes on.
#[utoipa::path(post, path = "/measures/{id}/tasks", operation_id = "task_assign", tag = "tasks",
    params(("id" = String, Path, description = "Id of the measure")), request_body = HandOut,
    responses((status = 200, body = HandedOut)))]
async fn task_assign(
    Of(app): Of<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<HandOut>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskAssign)?;
    let given = Given {
        due_ms: instant(&body.due, "due")?,
        weight: body.weight.unwrap_or(1),
        words: body.text.unwrap_or_default(),
    };
    let scope = match (body.units, body.node) {
        (Some(units), None) => Scope::Units(units),
        (None, Some(node)) => {
            let which = match body.which {
                Some(WhichIn::All) => Which::All,
                _ => Which::Children,
            };
            Scope::Node(node, which, body.kind.unwrap_or_default())
        }
        _ => return Err(Problem::invalid("task.scope").into()),
    };
    let (asking, measure) = (ctx.clone(), id.clone());
    let (units, refused): (Vec<Standing>, Vec<Finding>) = app
        .db
        .read("task.scope", move |rx: &mut Rx<'_>| {
            let measure = verbs::measure_read(rx, &asking, &measure)?;
            read::scope_units(rx, &asking, &measure, &scope)
        })
        .await?;
    let locale = caller.locale;
    let findings = refused.iter().take(FINDINGS_MAX).map(|one| FindingBody::new(locale, one)).collect();
    let handed = HandedOut {
        units: units.len() + refused.len(),
        given: 0,
        had: units.len(),
        refused: refused.len(),
        findings,
    };
    let assign = Arc::new(Assign { ctx, id, given, handed });
    let mut count = 0;
    let mut chunks = units.chunks(HAND_OUT_MAX).map(Arc::<[Standing]>::from);
    // None at all is a chunk too: what is wrong with the date is told whoever it goes to.
    let last = chunks.next_back().unwrap_or_else(|| Arc::from([]));
    for chunk in chunks {
        let this = assign.clone();
        let give = move |tx: &mut Tx<'_>| this.give(tx, &chunk);
        count += app.db.write("task.assign", assign.ctx.now_ms, give).await?;
    }
    // Sent again under its key, those before are given nothing, and this one answers as it did.
    let (this, now_ms) = (assign.clone(), assign.ctx.now_ms);
    let give = move |tx: &mut Tx<'_>| {
        once.run(tx, &this.ctx, |tx| {
            let given = count + this.give(tx, &last)?;
            let had = this.handed.had - given;
            Ok(Reply::json(&HandedOut { given, had, ..this.handed.clone() })?)
        })
    };
    Ok(app.db.write("task.assign", now_ms, give).await?)
}

/// A hand-out under way: by whom, of what, and what is told of it so far.
struct Assign {
    ctx: Ctx,
    id: String,
    given: Given,
    handed: HandedOut,
}

impl Assign {
    fn give(&self, tx: &mut Tx<'_>, units: &[Standing]) -> Result<usize, Fail> {
        Ok(verbs::task_assign(tx, &self.ctx, &self.id, units, &self.given)?.len())
    }
}
