//! Doors of access: log in, who am I, log out.

use super::{model::Account, verbs};
use crate::App;
use crate::app::Login;
use crate::lines::org;
use crate::request::Json;
use crate::request::refusal::locale_of;
use crate::request::{Answer, Caller, caller};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use muster_kernel::{Day, Locale};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(session_open, session_read, session_close))
}

#[derive(Deserialize, ToSchema)]
struct LoginBody {
    /// Login name, at most 200 bytes.
    name: String,
    /// Password, at most 256 bytes.
    password: String,
}

/// Who is logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// Opaque id of the account.
    account: String,
    /// Login name.
    name: String,
    /// `office`, `filler` or `viewer`.
    role: String,
    /// Code of the unit at which the account is; empty before there is a tree.
    unit_code: String,
    /// That unit's name, in the reader's language.
    unit_name: String,
}

impl SessionBody {
    async fn of(app: &App, account: &Account, reader: Locale) -> Answer<Self> {
        let today = Day::of_instant(app.clock.now_ms(), &app.operation().time_zone());
        let unit = account.unit;
        let labels = app.db.read("session.unit", move |rx| org::labels(rx, &[unit], today)).await?;
        let label = labels.get(&unit);
        Ok(Self {
            account: account.id.clone(),
            name: account.name.clone(),
            role: account.role.word().to_owned(),
            unit_code: label.map(|(code, _)| code.clone()).unwrap_or_default(),
            unit_name: label.map(|(_, names)| names.of(reader).to_owned()).unwrap_or_default(),
        })
    }
}

/// Opens a session; the cookie is HttpOnly and SameSite=Strict.
#[utoipa::path(post, path = "/session", operation_id = "session_open", tag = "access", request_body = LoginBody,
    responses((status = 200, body = SessionBody)))]
async fn session_open(
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<LoginBody>,
) -> Answer<([(HeaderName, String); 1], Json<SessionBody>)> {
    let signed =
        verbs::session_open(&app.db, app.clock.now_ms(), app.today(), body.name, body.password).await?;
    let session = SessionBody::of(&app, &signed.account, locale_of(&headers)).await?;
    Ok(([(header::SET_COOKIE, cookie(&app, &signed.token))], Json(session)))
}

/// Who the caller is.
#[utoipa::path(get, path = "/session", operation_id = "session_read", tag = "access", responses((status = 200, body = SessionBody)))]
async fn session_read(State(app): State<App>, caller: Caller) -> Answer<Json<SessionBody>> {
    Ok(Json(SessionBody::of(&app, &caller.account, caller.locale).await?))
}

/// Ends the session.
#[utoipa::path(delete, path = "/session", operation_id = "session_close", tag = "access", responses((status = 204)))]
async fn session_close(
    State(app): State<App>,
    headers: HeaderMap,
) -> Answer<(StatusCode, [(HeaderName, String); 1])> {
    if app.login == Login::Local
        && let Some(token) = caller::token(&headers, app.login)
    {
        verbs::session_close(&app.db, app.clock.now_ms(), &token).await?;
        app.sessions.forget(&token);
    }
    let name = caller::cookie_name(app.login);
    let gone = format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]))
}

/// The `Set-Cookie` line of a new session.
pub(crate) fn cookie(app: &App, token: &str) -> String {
    format!("{}={token}; Path=/; HttpOnly; SameSite=Strict", caller::cookie_name(app.login))
}
