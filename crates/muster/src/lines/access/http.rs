//! Doors of access: log in, who am I, log out.

use super::{model::Account, verbs};
use crate::App;
use crate::app::Login;
use crate::request::{Answer, Caller, caller};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
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
    /// Surrogate of the unit at which the account is.
    unit: i64,
}

impl From<&Account> for SessionBody {
    fn from(account: &Account) -> Self {
        Self {
            account: account.id.clone(),
            name: account.name.clone(),
            role: account.role.word().to_owned(),
            unit: account.unit,
        }
    }
}

/// Opens a session; the cookie is HttpOnly and SameSite=Strict.
#[utoipa::path(post, path = "/session", operation_id = "session_open", tag = "access", request_body = LoginBody,
    responses((status = 200, body = SessionBody)))]
async fn session_open(
    State(app): State<App>,
    Json(body): Json<LoginBody>,
) -> Answer<([(HeaderName, String); 1], Json<SessionBody>)> {
    let signed = verbs::session_open(&app.db, app.clock.now_ms(), body.name, body.password).await?;
    Ok(([(header::SET_COOKIE, cookie(&signed.token))], Json(SessionBody::from(&signed.account))))
}

/// Who the caller is.
#[utoipa::path(get, path = "/session", operation_id = "session_read", tag = "access", responses((status = 200, body = SessionBody)))]
async fn session_read(caller: Caller) -> Json<SessionBody> {
    Json(SessionBody::from(&caller.account))
}

/// Ends the session.
#[utoipa::path(delete, path = "/session", operation_id = "session_close", tag = "access", responses((status = 204)))]
async fn session_close(
    State(app): State<App>,
    headers: HeaderMap,
) -> Answer<(StatusCode, [(HeaderName, String); 1])> {
    if app.login == Login::Local
        && let Some(token) = caller::token(&headers)
    {
        verbs::session_close(&app.db, app.clock.now_ms(), &token).await?;
    }
    let gone = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", caller::COOKIE);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]))
}

/// The `Set-Cookie` line of a new session.
pub(crate) fn cookie(token: &str) -> String {
    format!("{}={token}; Path=/; HttpOnly; SameSite=Strict", caller::COOKIE)
}
