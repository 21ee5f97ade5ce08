//! Doors of the steps of a task: one for each thing that can be done with it.

use super::super::model::Action;
use super::super::verbs::{self, StepSaid, To};
use super::tasks::to_read;
use super::{TaskBody, instant, task_told};
use crate::lines::org;
use crate::request::{Answer, Caller, Json, Once, Permission, Reply};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State};
use muster_store::Tx;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(task_sign))
        .routes(routes!(task_start))
        .routes(routes!(task_report))
        .routes(routes!(task_contest))
        .routes(routes!(task_give))
        .routes(routes!(task_uphold))
        .routes(routes!(task_transfer))
        .routes(routes!(task_extend))
        .routes(routes!(task_withdraw))
        .routes(routes!(task_verify))
        .routes(routes!(task_return))
        .routes(routes!(task_reopen))
}

/// What is said with a step that needs no reason.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskSaid {
    /// In words, at most 2000 characters; no names or numbers of persons. A report has to say something.
    #[serde(default)]
    text: String,
    /// What it rests on, at most 20: numbers of receipts (`R20200203-0-82`) and of entries in the journal (`0/82`).
    #[serde(default)]
    evidence: Vec<String>,
}

/// Why.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskReason {
    /// In words, at most 2000 characters; no names or numbers of persons.
    reason: String,
}

/// A new date, and why.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskDue {
    /// Until when (RFC 3339).
    due: String,
    /// In words, at most 2000 characters; no names or numbers of persons.
    reason: String,
}

/// Another unit, and why.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskTransfer {
    /// Code of the unit.
    unit: String,
    /// Until when (RFC 3339); the date that it has where absent.
    #[serde(default)]
    due: Option<String>,
    /// In words, at most 2000 characters; no names or numbers of persons.
    reason: String,
}

/// To whom inside the unit.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskGive {
    /// Code of a post there.
    #[serde(default)]
    post: Option<String>,
    /// Who holds a post there: `account:` with an id or a login name.
    #[serde(default)]
    person: Option<String>,
}

/// Takes a step, once: what is said with it is made in the transaction in which it is taken.
async fn step(
    app: App,
    ctx: Ctx,
    once: Once,
    id: String,
    said: impl Fn(&mut Tx<'_>, &Ctx, &str) -> Result<StepSaid, Fail> + Send + Sync + 'static,
) -> Answer<Reply> {
    let now_ms = ctx.now_ms;
    let take = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let said = said(tx, &ctx, &id)?;
            let task = verbs::task_step(tx, &ctx, &id, &said)?;
            Ok(Reply::json(&task_told(tx, &ctx, task)?)?)
        })
    };
    Ok(app.db.write("task.step", now_ms, take).await?)
}

fn said(action: Action, words: String, evidence: Vec<String>) -> StepSaid {
    StepSaid { words, evidence, ..StepSaid::of(action) }
}

/// The unit says that it has the task (签收).
#[utoipa::path(post, path = "/tasks/{id}/sign", operation_id = "task_sign", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskSaid,
    responses((status = 200, body = TaskBody)))]
async fn task_sign(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskSaid>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskReport)?;
    step(app, ctx, once, id, move |_, _, _| Ok(said(Action::Sign, body.text.clone(), body.evidence.clone())))
        .await
}

/// The unit begins a task (办理). Whoever begins has signed for it.
#[utoipa::path(post, path = "/tasks/{id}/start", operation_id = "task_start", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskSaid,
    responses((status = 200, body = TaskBody)))]
async fn task_start(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskSaid>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskReport)?;
    step(app, ctx, once, id, move |_, _, _| Ok(said(Action::Start, body.text.clone(), body.evidence.clone())))
        .await
}

/// The unit reports a task as done, with evidence (反馈). Not while a part of it is open.
#[utoipa::path(post, path = "/tasks/{id}/report", operation_id = "task_report", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskSaid,
    responses((status = 200, body = TaskBody)))]
async fn task_report(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskSaid>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskReport)?;
    step(app, ctx, once, id, move |_, _, _| {
        Ok(said(Action::Report, body.text.clone(), body.evidence.clone()))
    })
    .await
}

/// The unit says that a task is not theirs, and why; whoever set it decides.
#[utoipa::path(post, path = "/tasks/{id}/contest", operation_id = "task_contest", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskReason,
    responses((status = 200, body = TaskBody)))]
async fn task_contest(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskReason>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskReport)?;
    step(app, ctx, once, id, move |_, _, _| Ok(said(Action::Contest, body.reason.clone(), Vec::new()))).await
}

/// Inside the unit a task is given to a post or to who holds one; to neither: back to the unit.
#[utoipa::path(post, path = "/tasks/{id}/give", operation_id = "task_give", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskGive,
    responses((status = 200, body = TaskBody)))]
async fn task_give(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskGive>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskReport)?;
    step(app, ctx, once, id, move |tx, ctx, id| {
        let unit = verbs::task_read(tx, ctx, id)?.unit;
        let to = to_read(tx, ctx, unit, body.post.as_deref(), body.person.as_deref())?;
        Ok(StepSaid { to: Some(to), ..StepSaid::of(Action::Give) })
    })
    .await
}

/// Whoever set a contested task says that it is that unit's, and why.
#[utoipa::path(post, path = "/tasks/{id}/uphold", operation_id = "task_uphold", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskReason,
    responses((status = 200, body = TaskBody)))]
async fn task_uphold(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskReason>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskAssign)?;
    step(app, ctx, once, id, move |_, _, _| Ok(said(Action::Uphold, body.reason.clone(), Vec::new()))).await
}

/// Whoever set a task gives it to another unit (转办), and says why.
#[utoipa::path(post, path = "/tasks/{id}/transfer", operation_id = "task_transfer", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskTransfer,
    responses((status = 200, body = TaskBody)))]
async fn task_transfer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskTransfer>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskAssign)?;
    let due_ms = body.due.as_deref().map(|due| instant(due, "due")).transpose()?;
    step(app, ctx, once, id, move |tx, ctx, _| {
        let unit = org::unit_standing(tx, ctx, &body.unit, ctx.today())?.unit;
        let to = Some(To { unit, post: None, person: None });
        Ok(StepSaid { due_ms, to, ..said(Action::Transfer, body.reason.clone(), Vec::new()) })
    })
    .await
}

/// Whoever set the date of a task sets a later one (延期), and says why.
#[utoipa::path(post, path = "/tasks/{id}/extend", operation_id = "task_extend", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskDue,
    responses((status = 200, body = TaskBody)))]
async fn task_extend(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskDue>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskAssign)?;
    let due_ms = Some(instant(&body.due, "due")?);
    step(app, ctx, once, id, move |_, _, _| {
        Ok(StepSaid { due_ms, ..said(Action::Extend, body.reason.clone(), Vec::new()) })
    })
    .await
}

/// Whoever set a task takes it back, and its parts with it, and says why.
#[utoipa::path(post, path = "/tasks/{id}/withdraw", operation_id = "task_withdraw", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskReason,
    responses((status = 200, body = TaskBody)))]
async fn task_withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskReason>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskAssign)?;
    step(app, ctx, once, id, move |_, _, _| Ok(said(Action::Withdraw, body.reason.clone(), Vec::new()))).await
}

/// A second person strikes a reported task off (销号). Nobody who did any of it does.
#[utoipa::path(post, path = "/tasks/{id}/verify", operation_id = "task_verify", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskSaid,
    responses((status = 200, body = TaskBody)))]
async fn task_verify(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskSaid>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskVerify)?;
    step(app, ctx, once, id, move |_, _, _| {
        Ok(said(Action::Verify, body.text.clone(), body.evidence.clone()))
    })
    .await
}

/// A second person sends a report back (退回), and says why.
#[utoipa::path(post, path = "/tasks/{id}/return", operation_id = "task_return", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskReason,
    responses((status = 200, body = TaskBody)))]
async fn task_return(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskReason>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskVerify)?;
    step(app, ctx, once, id, move |_, _, _| Ok(said(Action::Return, body.reason.clone(), Vec::new()))).await
}

/// A task that was struck off is taken up again, with a new date, and why.
#[utoipa::path(post, path = "/tasks/{id}/reopen", operation_id = "task_reopen", tag = "tasks",
    params(("id" = String, Path, description = "Id of the task")), request_body = TaskDue,
    responses((status = 200, body = TaskBody)))]
async fn task_reopen(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<TaskDue>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::TaskVerify)?;
    let due_ms = Some(instant(&body.due, "due")?);
    step(app, ctx, once, id, move |_, _, _| {
        Ok(StepSaid { due_ms, ..said(Action::Reopen, body.reason.clone(), Vec::new()) })
    })
    .await
}
