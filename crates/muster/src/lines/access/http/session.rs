//! Doors of whoever is logged in, or wants to be: come in, who am I, my sessions, my password, go out.

use super::body::{AccountEntry, Known, SeatBody};
use crate::app::Login;
use crate::lines::access::model::{Account, Grant};
use crate::lines::access::verbs::{self, Deed, Said};
use crate::lines::org;
use crate::request::acting::acted;
use crate::request::refusal::locale_of;
use crate::request::{Answer, Caller, Json, Peer, Permission, agent_of, caller, limits};
use crate::{App, Fail};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::AppendHeaders;
use muster_kernel::day::rfc3339;
use muster_kernel::{Locale, Problem, ProblemKind};
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The cookie by which a browser is known that has logged in before. It opens nothing.
const BROWSER_COOKIE: &str = "muster_browser";
/// Longest login name that is looked for.
const NAME_BYTES_MAX: usize = 200;
/// Most entries of one's own history that are shown.
const HISTORY_MAX: usize = 100;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(session_open, session_read, session_close))
        .routes(routes!(session_list))
        .routes(routes!(session_end))
        .routes(routes!(password_change))
        .routes(routes!(session_history))
}

#[derive(Deserialize, ToSchema)]
struct LoginBody {
    /// Login name, at most 200 bytes.
    name: String,
    /// Password, at most 256 bytes.
    password: String,
    /// Six digits of an authenticator, where the account has one (`session.code_needed`).
    #[serde(default)]
    code: Option<String>,
}

/// Who is logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// Opaque id of the account.
    account: String,
    /// Login name.
    name: String,
    /// The role by which it is called where there is room for one: that at its own unit, or else its first; empty where it
    /// has none today.
    role: String,
    /// Code of the unit at which the account is at home; empty before there is a tree.
    unit_code: String,
    /// That unit's name, in the reader's language.
    unit_name: String,
    /// Everything that it may do somewhere, in words such as `report.file`.
    permissions: Vec<String>,
    /// Its roles today, its own and those of the posts that it holds.
    seats: Vec<SeatBody>,
}

impl SessionBody {
    pub(super) async fn of(app: &App, account: &Account, reader: Locale) -> Answer<Self> {
        let today = app.today();
        let units: Vec<i64> = account.seats.iter().map(|seat| seat.unit).chain([account.unit]).collect();
        let (id, seals) = (account.id.clone(), app.seals.clone());
        let read = move |rx: &mut Rx<'_>| {
            let mut named = verbs::account_named(rx, &seals, std::slice::from_ref(&id))?;
            Ok::<_, muster_store::StoreError>((org::labels(rx, &units, today)?, named.remove(&id)))
        };
        let (labels, name) = app.db.read("session.unit", read).await?;
        let label = |unit: i64| match labels.get(&unit) {
            Some((code, names)) => (code.clone(), names.of(reader).to_owned()),
            None => (String::new(), String::new()),
        };
        let (unit_code, unit_name) = label(account.unit);
        let seats = account.seats.iter().map(|seat| {
            let (unit_code, unit_name) = label(seat.unit);
            SeatBody { role: seat.role.word().to_owned(), unit_code, unit_name }
        });
        Ok(Self {
            account: account.id.clone(),
            name: name.unwrap_or_default(),
            role: account.main_role().to_owned(),
            unit_code,
            unit_name,
            permissions: account.permissions().map(|may| may.word().to_owned()).collect(),
            seats: seats.collect(),
        })
    }
}

/// Opens a session; the cookie is HttpOnly and SameSite=Strict.
#[utoipa::path(post, path = "/session", operation_id = "session_open", tag = "access", request_body = LoginBody,
    responses((status = 200, body = SessionBody)))]
async fn session_open(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Json(body): Json<LoginBody>,
) -> Answer<(AppendHeaders<[(HeaderName, String); 2]>, Json<SessionBody>)> {
    let name = body.name;
    let browser = caller::cookie_of(&headers, BROWSER_COOKIE).filter(|token| token.len() == 64);
    let browser = browser.map(str::to_owned);
    // The brake: whoever guesses waits longer and longer, and not the person at their own desk.
    let known = match &browser {
        Some(token) if name.len() <= NAME_BYTES_MAX && !name.contains('\0') => {
            verbs::browser_known(&app.db, &app.seals, app.clock.now_ms(), token, &name).await?
        }
        _ => false,
    };
    if let Err(wait) = app.brake.attempt(&name, peer.address, known) {
        return Err(limits::too_many(seconds(wait)).into());
    }
    let said = Said { name: name.clone(), password: body.password, code: body.code };
    let opened = verbs::session_open(&app.db, &app.seals, app.moment(), said, agent_of(&headers)).await;
    let signed = match opened {
        Ok(signed) => signed,
        Err(refused) => {
            // Also where only the code is wanting: or a password that is known would let codes be guessed without end.
            app.brake.failed(&name, peer.address, known);
            return Err(refused.into());
        }
    };
    app.brake.ok(&name, peer.address, known);
    let browser = verbs::browser_note(&app.db, app.clock.now_ms(), browser, &signed.account.id).await?;
    let session = SessionBody::of(&app, &signed.account, locale_of(&headers)).await?;
    let keep = format!("{BROWSER_COOKIE}={browser}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Strict");
    let cookies = [(header::SET_COOKIE, cookie(&app, &signed.token)), (header::SET_COOKIE, keep)];
    Ok((AppendHeaders(cookies), Json(session)))
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
        app.sessions.closed(&token);
    }
    let name = caller::cookie_name(app.login);
    let gone = format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]))
}

/// A session of one's own.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenSession {
    /// What it is ended by.
    id: String,
    /// When it was opened (RFC 3339).
    opened_at: String,
    /// When it ends by itself.
    expires_at: String,
    /// What the browser called itself.
    agent: String,
    /// Whether it is the one that asks.
    this: bool,
}

impl OpenSession {
    /// `this`: whether it is the one that asks.
    pub(super) fn new(ctx: &crate::Ctx, session: verbs::Session, this: bool) -> Self {
        Self {
            id: session.id,
            opened_at: rfc3339(session.opened_at, &ctx.zone),
            expires_at: rfc3339(session.expires_at, &ctx.zone),
            agent: session.agent,
            this,
        }
    }
}

/// Sessions of one's own.
#[derive(Serialize, ToSchema)]
struct SessionList {
    /// The newest first; at most a hundred.
    items: Vec<OpenSession>,
}

/// Where the caller is logged in.
#[utoipa::path(get, path = "/sessions", operation_id = "session_list", tag = "access", responses((status = 200, body = SessionList)))]
async fn session_list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Answer<Json<SessionList>> {
    let ctx = caller.own_ctx(&app)?;
    let (id, token) = (caller.account.id, caller::token(&headers, app.login));
    let now_ms = ctx.now_ms;
    let found =
        app.db.read("session.list", move |rx| verbs::sessions_own(rx, &id, token.as_deref(), now_ms)).await?;
    let items = found.into_iter().map(|(session, this)| OpenSession::new(&ctx, session, this));
    Ok(Json(SessionList { items: items.collect() }))
}

/// Ends one of the caller's own sessions.
#[utoipa::path(delete, path = "/sessions/{id}", operation_id = "session_end", tag = "access",
    params(("id" = String, Path, description = "Its id.")), responses((status = 204)))]
async fn session_end(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    let now_ms = caller.own_ctx(&app)?.now_ms;
    let own = caller.account.id;
    app.db.write("session.end", now_ms, move |tx: &mut Tx| verbs::session_end(tx, &own, &id)).await?;
    app.sessions.forget_all();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    /// The password as it is, at most 256 bytes.
    old: String,
    /// The password as it is to be.
    new: String,
}

/// Changes the caller's own password; everywhere else they are logged in no more.
#[utoipa::path(put, path = "/session/password", operation_id = "password_change", tag = "access", request_body = PasswordBody,
    responses((status = 204)))]
async fn password_change(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    caller: Caller,
    headers: HeaderMap,
    Json(body): Json<PasswordBody>,
) -> Answer<StatusCode> {
    let token = caller::token(&headers, app.login).filter(|_| !app.takes_roles());
    let needed = || Problem::new(ProblemKind::Unauthenticated, "session.needed");
    let (ctx, token) = (caller.own_ctx(&app)?, token.ok_or_else(needed)?);
    // Somebody at a desk that was left open guesses no faster than at the door.
    let name = caller.account.id.clone();
    if let Err(wait) = app.brake.attempt(&name, peer.address, true) {
        return Err(limits::too_many(seconds(wait)).into());
    }
    verbs::password_change(&app.db, ctx, caller.account.id, (body.old, body.new), token).await?;
    app.brake.ok(&name, peer.address, true);
    app.sessions.forget_all();
    Ok(StatusCode::NO_CONTENT)
}

/// What was done with one's own account.
#[derive(Serialize, ToSchema)]
struct OwnHistory {
    /// The newest first; at most a hundred.
    items: Vec<AccountEntry>,
}

/// What was done with the caller's own account, and by whom: so that nobody changes it unseen.
#[utoipa::path(get, path = "/session/history", operation_id = "session_history", tag = "access", responses((status = 200, body = OwnHistory)))]
async fn session_history(State(app): State<App>, caller: Caller) -> Answer<Json<OwnHistory>> {
    let own = caller.own_ctx(&app)?;
    // What units are called that it speaks of, whoever has a role knows by that.
    let ctx = caller.ctx(&app, Permission::TreeRead).unwrap_or(own);
    let id = caller.account.id;
    let read = move |rx: &mut Rx<'_>| {
        let entries = verbs::account_history(rx, &id, None, HISTORY_MAX)?;
        Ok::<_, Fail>(OwnHistory { items: history(rx, &ctx, &entries)? })
    };
    Ok(Json(app.db.read("session.history", read).await?))
}

/// Entries about an account, for whoever may know of it: names of those who acted are told, for they acted on it.
pub(super) fn history(
    rx: &mut Rx<'_>,
    ctx: &crate::Ctx,
    entries: &[muster_store::Stored],
) -> Result<Vec<AccountEntry>, Fail> {
    let units = entries.iter().filter_map(|entry| {
        let body: serde_json::Value = serde_json::from_slice(&entry.body).ok()?;
        body["unit"].as_i64()
    });
    let none: &[Grant] = &[];
    let known = Known::read(rx, ctx, none, units.collect::<Vec<_>>().into_iter(), &[])?;
    let actors: Vec<String> =
        entries.iter().filter_map(|entry| Some(entry.actor.strip_prefix("account:")?.to_owned())).collect();
    let actors = verbs::account_named(rx, &ctx.seals, &actors)?;
    let mut acted = acted(rx, ctx, &entries.iter().map(Deed::from).collect::<Vec<_>>())?;
    let told = |entry: &muster_store::Stored| {
        AccountEntry::new(ctx, entry, &known, &actors, acted.remove(&entry.link))
    };
    Ok(entries.iter().map(told).collect())
}

/// The `Set-Cookie` line of a new session.
pub(crate) fn cookie(app: &App, token: &str) -> String {
    format!("{}={token}; Path=/; HttpOnly; SameSite=Strict", caller::cookie_name(app.login))
}

/// Whole seconds after which a wait is over.
pub(super) fn seconds(wait: std::time::Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}
