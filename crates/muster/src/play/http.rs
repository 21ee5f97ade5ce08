//! Doors of the demonstration: take a role, skip ahead. Anywhere else they are not there.

use super::Stage;
use super::own::{Kept, Own};
use crate::App;
use crate::app::Login;
use crate::lines::access;
use crate::request::refusal::locale_of;
use crate::request::{Answer, Json, agent_of};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use muster_kernel::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The doors of the demonstration.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(role_take)).routes(routes!(skip)).routes(routes!(own_list, own))
}

fn stage(app: &App) -> Result<&Stage, Problem> {
    let stage = app.stage.as_ref().filter(|_| app.login == Login::Demo);
    stage.ok_or_else(|| Problem::not_found("request.no_such_path"))
}

#[derive(Deserialize, ToSchema)]
struct RoleTake {
    /// Id of a role, from `GET /about`.
    role: String,
}

/// Takes a role of the demonstration, without a login.
#[utoipa::path(post, path = "/demo/role", operation_id = "demo_role", tag = "demo", request_body = RoleTake, responses((status = 204)))]
async fn role_take(
    State(app): State<App>,
    headers: HeaderMap,
    Json(take): Json<RoleTake>,
) -> Answer<(StatusCode, [(HeaderName, String); 1])> {
    stage(&app)?;
    let at = app.moment();
    let roles = app.db.read("role.list", move |rx| access::accounts_by_role(rx, at)).await?;
    let known = roles.into_iter().find(|account| account.id == take.role);
    let account = known.ok_or_else(|| Problem::not_found("demo.no_such_role").with("role", &take.role))?;
    let signed = access::session_of(&app.db, at, account, agent_of(&headers)).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, access::cookie(&app, &signed.token))]))
}

/// The visitor's own operations on this machine.
#[derive(Serialize, ToSchema)]
struct OwnList {
    /// Those that were begun, in the order of their files.
    items: Vec<OwnBody>,
    /// Where the next one would be begun; none where the folder is full.
    next: Option<Kept>,
}

/// An operation that was begun earlier.
#[derive(Serialize, ToSchema)]
struct OwnBody {
    /// Where it is.
    kept: Kept,
    /// What its office calls itself, in the reader's language.
    office: String,
    /// When it was begun (RFC 3339, in its own time zone).
    since: String,
}

/// The visitor's own operations on this machine: those that were begun, and where the next one would be.
#[utoipa::path(get, path = "/demo/own", operation_id = "demo_own_list", tag = "demo", responses((status = 200, body = OwnList)))]
async fn own_list(State(app): State<App>, headers: HeaderMap) -> Answer<Json<OwnList>> {
    let (found, next) = stage(&app)?.own.list().await;
    let reader = locale_of(&headers);
    let body =
        |own: Own| OwnBody { office: own.office.of(reader).to_owned(), since: own.since, kept: own.kept };
    Ok(Json(OwnList { items: found.into_iter().map(body).collect(), next }))
}

#[derive(Deserialize, ToSchema)]
struct OwnOpen {
    /// Name of the file of one that was begun; a new one when absent.
    #[serde(default)]
    name: Option<String>,
}

/// Where an own operation is open.
#[derive(Serialize, ToSchema)]
struct OwnAt {
    /// Its address.
    url: String,
    /// Where it is kept.
    kept: Kept,
}

/// Opens an operation of the visitor's own at another address of this machine: one that was begun, or an empty one beside it.
#[utoipa::path(post, path = "/demo/own", operation_id = "demo_own", tag = "demo", request_body = OwnOpen, responses((status = 200, body = OwnAt)))]
async fn own(State(app): State<App>, Json(open): Json<OwnOpen>) -> Answer<Json<OwnAt>> {
    let (url, kept) = stage(&app)?.own.open(&app, open.name.as_deref()).await?;
    Ok(Json(OwnAt { url, kept }))
}

#[derive(Deserialize, ToSchema)]
struct Skip {
    /// `HH:MM` of the demonstration's day, later than now.
    to: String,
}

/// Moves the demonstration's clock ahead; what lies between happens.
#[utoipa::path(post, path = "/demo/skip", operation_id = "demo_skip", tag = "demo", request_body = Skip, responses((status = 204)))]
async fn skip(State(app): State<App>, Json(skip): Json<Skip>) -> Answer<StatusCode> {
    let stage = stage(&app)?;
    let unreadable = || Problem::invalid("demo.time").with("time", &skip.to);
    let (hours, minutes) = skip.to.split_once(':').ok_or_else(unreadable)?;
    let (hours, minutes): (u32, u32) =
        (hours.parse().map_err(|_| unreadable())?, minutes.parse().map_err(|_| unreadable())?);
    if hours > 23 || minutes > 59 {
        return Err(unreadable().into());
    }
    stage.skip(&app, hours * 60 + minutes).await?;
    Ok(StatusCode::NO_CONTENT)
}
