//! Doors of whoever is not in yet: open a letter, say that one forgot, go on once that was approved.

use super::session::{SessionBody, cookie, seconds};
use crate::lines::access::verbs;
use crate::request::refusal::locale_of;
use crate::request::{Answer, Json, Peer, agent_of, caller, limits};
use crate::{App, Ctx, Reach};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use muster_kernel::day::rfc3339;
use muster_kernel::{Actor, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The cookie of a browser whose person forgot.
const RESET_COOKIE: &str = "muster_reset";
/// Longest token or name that is looked at.
const TEXT_BYTES_MAX: usize = 200;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(letter_open)).routes(routes!(reset_ask)).routes(routes!(reset_finish))
}

/// As whom somebody enters: as themselves, and over nothing yet.
fn entering(app: &App, headers: &HeaderMap) -> impl Fn(&str) -> Ctx + Send + Sync + 'static {
    let (app, locale) = (app.clone(), locale_of(headers));
    move |id: &str| app.ctx(Actor::account(id), Reach::Under([].into()), locale)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LetterOpen {
    /// What stands in the letter.
    token: String,
    /// The password that its person chooses, at most 256 bytes.
    password: String,
}

/// Opens a letter: sets the password that its person chose, and lets them in. It opens once.
#[utoipa::path(post, path = "/letters/open", operation_id = "letter_open", tag = "access", request_body = LetterOpen,
    responses((status = 200, body = SessionBody)))]
async fn letter_open(
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<LetterOpen>,
) -> Answer<([(HeaderName, String); 1], Json<SessionBody>)> {
    if app.takes_roles() {
        return Err(Problem::not_found("letter.unknown").into());
    }
    let agent = agent_of(&headers).to_owned();
    let ctx = entering(&app, &headers);
    let signed =
        verbs::letter_open(&app.db, ctx, app.moment(), cut(body.token)?, body.password, agent).await?;
    app.sessions.forget_all();
    let session = SessionBody::of(&app, &signed.account, locale_of(&headers)).await?;
    Ok(([(header::SET_COOKIE, cookie(&app, &signed.token))], Json(session)))
}

/// One that is too long is none.
fn cut(token: String) -> Result<String, Problem> {
    if token.len() > TEXT_BYTES_MAX { Err(Problem::not_found("letter.unknown")) } else { Ok(token) }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetAsk {
    /// Login name, at most 200 bytes.
    name: String,
}

/// What a person who forgot says to an administrator.
#[derive(Serialize, ToSchema)]
struct ResetBody {
    /// Six digits.
    code: String,
    /// When it waits no more (RFC 3339).
    expires_at: String,
}

/// Says that one forgot the password. Answers a code, which one tells an administrator oneself; only this browser can go
/// on once it was approved. The answer is the same whether there is such an account.
#[utoipa::path(post, path = "/resets", operation_id = "reset_ask", tag = "access", request_body = ResetAsk,
    responses((status = 200, body = ResetBody)))]
async fn reset_ask(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Json(body): Json<ResetAsk>,
) -> Answer<([(HeaderName, String); 1], Json<ResetBody>)> {
    if body.name.len() > TEXT_BYTES_MAX || body.name.contains('\0') {
        return Err(Problem::invalid("account.name").with("max", 100).into());
    }
    // Asked for over and over, from one place: each is a failure of that place, and of no account.
    let place = format!("\0reset {}", limits::network_of(peer.address));
    if let Err(wait) = app.brake.attempt(&place, peer.address, true) {
        return Err(limits::too_many(seconds(wait)).into());
    }
    app.brake.failed(&place, peer.address, true);
    let reset = verbs::reset_ask(&app.db, app.seals.clone(), app.moment(), body.name).await?;
    let keep = format!("{RESET_COOKIE}={}; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict", reset.token);
    let expires_at = rfc3339(reset.expires_at, &app.operation().time_zone());
    Ok(([(header::SET_COOKIE, keep)], Json(ResetBody { code: reset.code, expires_at })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetFinish {
    /// The new password, at most 256 bytes.
    password: String,
}

/// Sets a new password, once an administrator approved the code of this browser, and lets its person in.
#[utoipa::path(post, path = "/resets/finish", operation_id = "reset_finish", tag = "access", request_body = ResetFinish,
    responses((status = 200, body = SessionBody)))]
async fn reset_finish(
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<ResetFinish>,
) -> Answer<([(HeaderName, String); 1], Json<SessionBody>)> {
    let token = caller::cookie_of(&headers, RESET_COOKIE).filter(|token| token.len() <= TEXT_BYTES_MAX);
    let token = token.ok_or_else(|| Problem::conflict("reset.waiting"))?.to_owned();
    let agent = agent_of(&headers).to_owned();
    let ctx = entering(&app, &headers);
    let signed = verbs::reset_finish(&app.db, ctx, app.moment(), token, body.password, agent).await?;
    app.sessions.forget_all();
    let session = SessionBody::of(&app, &signed.account, locale_of(&headers)).await?;
    Ok(([(header::SET_COOKIE, cookie(&app, &signed.token))], Json(session)))
}
