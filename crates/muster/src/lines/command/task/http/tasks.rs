//! Doors that tell of tasks: those below a unit, one with its steps and parts, what waits for the caller; and splitting one.

use super::super::read::{self, Waiting, Why};
use super::super::store;
use super::super::verbs::{self, Given, Part, To};
use super::{StepBody, TaskBody, TaskList, after, cursor, instant, task_told, tasks_told};
use crate::lines::org;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Json, Once, Permission, Query, Reply};
use crate::{App, Ctx, Fail, Reach, wiring};
use axum::extract::{Path, State};
use muster_kernel::{Finding, Problem};
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(task_list))
        .routes(routes!(task_read))
        .routes(routes!(task_steps))
        .routes(routes!(task_parts, task_split))
        .routes(routes!(waiting))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Below {
    /// `unit:CODE`: only of this unit and those below it; the caller's own part when absent.
    node: Option<String>,
}

/// Open tasks of the caller's own part, the nearest date first.
#[utoipa::path(get, path = "/tasks", operation_id = "task_list", tag = "tasks", params(Below, Page),
    responses((status = 200, body = TaskList)))]
async fn task_list(
    State(app): State<App>,
    caller: Caller,
    Query(below): Query<Below>,
    Query(page): Query<Page>,
) -> Answer<Json<TaskList>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (from, limit) = (after(&page.after()?)?, page.limit()? as usize);
    let read = move |rx: &mut Rx<'_>| {
        let below =
            below.node.as_deref().map(|node| super::measures::unit_named(rx, &ctx, node)).transpose()?;
        let (found, next) = read::tasks_below(rx, &ctx, below.as_ref(), from.clone(), limit)?;
        Ok::<_, Fail>(TaskList { items: tasks_told(rx, &ctx, found)?, next_cursor: cursor(next) })
    };
    Ok(Json(app.db.read("task.list", read).await?))
}

/// A task of the caller's own part, or set there.
#[utoipa::path(get, path = "/tasks/{id}", operation_id = "task_read", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")),
    responses((status = 200, body = TaskBody)))]
async fn task_read(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer<Json<TaskBody>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let read = move |rx: &mut Rx<'_>| {
        let task = verbs::task_read(rx, &ctx, &id)?;
        task_told(rx, &ctx, task)
    };
    Ok(Json(app.db.read("task.read", read).await?))
}

/// A page of steps.
#[derive(Serialize, ToSchema)]
struct TaskSteps {
    /// The latest first.
    items: Vec<StepBody>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// What was done with a task, the latest first; nothing of it is ever changed.
#[utoipa::path(get, path = "/tasks/{id}/steps", operation_id = "task_steps", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task"), Page),
    responses((status = 200, body = TaskSteps)))]
async fn task_steps(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Answer<Json<TaskSteps>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (before, limit) = (page.after()?, page.limit()?);
    let before = match before.as_str() {
        "" => i64::MAX,
        n => n.parse().map_err(|_| Problem::invalid("request.cursor"))?,
    };
    let read = move |rx: &mut Rx<'_>| {
        let task = verbs::task_read(rx, &ctx, &id)?;
        let found = store::steps_before(rx, &task.id, before, limit)?;
        let next = found.last().filter(|last| last.rev > 1 && found.len() == limit as usize);
        let next_cursor = next.map(|last| cursor_after(&last.rev.to_string()));
        let items = found.into_iter().map(|step| StepBody::new(&ctx, step)).collect();
        Ok::<_, Fail>(TaskSteps { items, next_cursor })
    };
    Ok(Json(app.db.read("task.steps", read).await?))
}

/// Parts that a task was split into, in the order in which they were given.
#[utoipa::path(get, path = "/tasks/{id}/parts", operation_id = "task_parts", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task"), Page),
    responses((status = 200, body = TaskList)))]
async fn task_parts(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Answer<Json<TaskList>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (after, limit) = (page.after()?, page.limit()?);
    let read = move |rx: &mut Rx<'_>| {
        let task = verbs::task_read(rx, &ctx, &id)?;
        let found = store::parts(rx, &task.id, &after, limit)?;
        let next = found.last().filter(|_| found.len() == limit as usize).map(|last| cursor_after(&last.id));
        Ok::<_, Fail>(TaskList { items: tasks_told(rx, &ctx, found)?, next_cursor: next })
    };
    Ok(Json(app.db.read("task.parts", read).await?))
}

/// A part of a task to give.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskPartIn {
    /// Code of the unit: that of the whole, or one below it.
    unit: String,
    /// Code of a post there.
    #[serde(default)]
    post: Option<String>,
    /// Who holds a post there: `account:` with an id or a login name.
    #[serde(default)]
    person: Option<String>,
    /// What; the words of the measure where absent. At most 2000 characters; no names or numbers of persons.
    #[serde(default)]
    text: Option<String>,
    /// Until when (RFC 3339); the date of the whole where absent, and never after it.
    #[serde(default)]
    due: Option<String>,
    /// How much of the whole it is, 1 to 1000; 1 when absent.
    #[serde(default)]
    weight: Option<i64>,
}

/// Gives a part of a task to somebody of its unit or below (分解). The whole is reported as done when none of its parts is open.
#[utoipa::path(post, path = "/tasks/{id}/parts", operation_id = "task_split", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskPartIn,
    responses((status = 201, body = TaskBody)))]
async fn task_split(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskPartIn>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskReport)?;
    let due_ms = body.due.as_deref().map(|due| instant(due, "due")).transpose()?;
    let now_ms = ctx.now_ms;
    let split = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let whole = verbs::task_read(tx, &ctx, &id)?;
            let unit = org::unit_standing(tx, &ctx, &body.unit, ctx.today())?.unit;
            let to = to_read(tx, &ctx, unit, body.post.as_deref(), body.person.as_deref())?;
            let words = body.text.clone().unwrap_or_else(|| whole.words.clone());
            let due_ms = due_ms.unwrap_or(whole.due_ms);
            let given = Given { due_ms, weight: body.weight.unwrap_or(1), words };
            let part = verbs::task_split(tx, &ctx, &id, &Part { to, given })?;
            Ok(Reply::json(&task_told(tx, &ctx, part)?)?.created())
        })
    };
    Ok(app.db.write("task.split", now_ms, split).await?)
}

/// A post by its code and a person by their reference, at a unit.
///
/// # Errors
/// `task.refused` with a finding at `post`; those of `wiring::holder_known`.
pub(super) fn to_read(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    unit: i64,
    post: Option<&str>,
    person: Option<&str>,
) -> Result<To, Fail> {
    let post = match post {
        None => None,
        Some(code) => {
            let found = org::posts_of(tx, &[unit], ctx.today())?.into_iter().find(|post| post.code == code);
            let unknown = || Finding::refuse("task.post_unknown").field("post");
            Some(found.ok_or_else(|| Problem::invalid("task.refused").findings(vec![unknown()]))?.id)
        }
    };
    let person = match person {
        None => None,
        Some(person) => Some(wiring::holder_known(tx, ctx, person)?).filter(|person| !person.is_empty()),
    };
    Ok(To { unit, post, person })
}

/// Why something waits for the caller.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WaitingWhy {
    /// It is to be done at their unit.
    Do,
    /// It was reported as done, and a second person looks at it.
    Check,
    /// It was contested, and whoever set it decides.
    Decide,
}

/// Something that waits for the caller.
#[derive(Serialize, ToSchema)]
struct WaitingItem {
    /// Why.
    why: WaitingWhy,
    /// The task.
    task: TaskBody,
}

/// A page of what waits for the caller.
#[derive(Serialize, ToSchema)]
struct WaitingList {
    /// The nearest date first.
    items: Vec<WaitingItem>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// Everything that waits for the caller at their own units: what is to be done, looked at, decided.
#[utoipa::path(get, path = "/waiting", operation_id = "waiting_list", tag = "tasks", params(Page),
    responses((status = 200, body = WaitingList)))]
async fn waiting(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Answer<Json<WaitingList>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let root = app.operation().root_unit;
    // Where they may what: who may only read is told of nothing.
    let units = |permission| match caller.ctx(&app, permission) {
        Err(_) => Vec::new(),
        Ok(ctx) => match ctx.reach {
            Reach::All => vec![root],
            Reach::Alone(unit) => vec![unit],
            Reach::Under(tops) => tops.to_vec(),
        },
    };
    let at = Waiting {
        does: units(Permission::TaskReport),
        checks: units(Permission::TaskVerify),
        decides: units(Permission::TaskAssign),
    };
    let (from, limit) = (after(&page.after()?)?, page.limit()? as usize);
    let read = move |rx: &mut Rx<'_>| {
        let (found, next) = read::waiting(rx, &ctx, &at, (from.0, &from.1), limit)?;
        let (whys, tasks): (Vec<Why>, Vec<_>) = found.into_iter().unzip();
        let why = |why: Why| match why {
            Why::Do => WaitingWhy::Do,
            Why::Check => WaitingWhy::Check,
            Why::Decide => WaitingWhy::Decide,
        };
        let told = tasks_told(rx, &ctx, tasks)?;
        let items =
            whys.into_iter().zip(told).map(|(one, task)| WaitingItem { why: why(one), task }).collect();
        Ok::<_, Fail>(WaitingList { items, next_cursor: cursor(next) })
    };
    Ok(Json(app.db.read("waiting.list", read).await?))
}
