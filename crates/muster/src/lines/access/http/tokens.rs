//! Doors of one's own tokens, and of the authenticator.

use crate::lines::access::model::Token;
use crate::lines::access::verbs::{self, TokenDraft};
use crate::request::{Answer, Caller, Json, Peer, limits};
use crate::{App, Ctx, Fail};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use muster_kernel::day::rfc3339;
use muster_store::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(token_list, token_issue))
        .routes(routes!(token_end))
        .routes(routes!(totp_read, totp_begin))
        .routes(routes!(totp_confirm))
        .routes(routes!(totp_end))
}

/// A token of one's own: never what it says.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenBody {
    /// What it is ended by; the journal says `token:ID` of what a program did by it.
    id: String,
    /// What its owner calls it.
    label: String,
    /// Words of what it may do.
    scope: Vec<String>,
    /// When it was issued (RFC 3339).
    issued_at: String,
    /// When it holds no more.
    expires_at: String,
    /// When a program last asked by it, to the hour; null where none ever did.
    used_at: Option<String>,
}

impl TokenBody {
    pub(super) fn new(ctx: &Ctx, token: Token) -> Self {
        Self {
            scope: token.scope.split(' ').map(str::to_owned).collect(),
            issued_at: rfc3339(token.issued_at, &ctx.zone),
            expires_at: rfc3339(token.expires_at, &ctx.zone),
            used_at: (token.used_at > 0).then(|| rfc3339(token.used_at, &ctx.zone)),
            id: token.id,
            label: token.label,
        }
    }
}

/// Tokens of one's own.
#[derive(Serialize, ToSchema)]
struct TokenList {
    /// Those that hold, the newest first.
    items: Vec<TokenBody>,
}

/// The tokens of the caller's own account that hold.
#[utoipa::path(get, path = "/session/tokens", operation_id = "token_list", tag = "access", responses((status = 200, body = TokenList)))]
async fn token_list(State(app): State<App>, caller: Caller) -> Answer<Json<TokenList>> {
    let ctx = caller.own_ctx(&app)?;
    let (id, now_ms) = (caller.account.id, ctx.now_ms);
    let found = app.db.read("token.list", move |rx| verbs::tokens_own(rx, &id, now_ms)).await?;
    Ok(Json(TokenList { items: found.into_iter().map(|token| TokenBody::new(&ctx, token)).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenWanted {
    /// What one calls it, 1 to 60 characters.
    label: String,
    /// Words of what it may do, such as `figure.read`: some of what one may do oneself. Never what lets people in.
    scope: Vec<String>,
    /// Days for which it holds, 1 to 366.
    days: u32,
}

/// A token that was just issued.
#[derive(Serialize, ToSchema)]
struct TokenIssued {
    #[serde(flatten)]
    token: TokenBody,
    /// What the program says: `Authorization: Bearer …`. Shown once.
    says: String,
}

/// Issues a token by which a program asks as the caller, over a part of what they may do.
#[utoipa::path(post, path = "/session/tokens", operation_id = "token_issue", tag = "access", request_body = TokenWanted,
    responses((status = 200, body = TokenIssued)))]
async fn token_issue(
    State(app): State<App>,
    caller: Caller,
    Json(wanted): Json<TokenWanted>,
) -> Answer<Json<TokenIssued>> {
    let ctx = caller.own_ctx(&app)?;
    let draft = TokenDraft { label: wanted.label, scope: wanted.scope, days: wanted.days };
    let (says, id, issuing) = (verbs::token_new(), caller.account.id, ctx.clone());
    let shown = says.clone();
    let issue = move |tx: &mut Tx<'_>| verbs::token_issue(tx, &issuing, &id, &draft, &says);
    let token = app.db.write("token.issue", ctx.now_ms, issue).await?;
    Ok(Json(TokenIssued { token: TokenBody::new(&ctx, token), says: shown }))
}

/// Ends a token of the caller's own account at once.
#[utoipa::path(delete, path = "/session/tokens/{id}", operation_id = "token_end", tag = "access",
    params(("id" = String, Path, description = "Its id.")), responses((status = 204)))]
async fn token_end(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    let ctx = caller.own_ctx(&app)?;
    let (account, now_ms) = (caller.account.id, ctx.now_ms);
    let end = move |tx: &mut Tx<'_>| verbs::token_end(tx, &ctx, &account, &id);
    app.db.write("token.end", now_ms, end).await?;
    app.sessions.forget_all();
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the caller's account has an authenticator.
#[derive(Serialize, ToSchema)]
struct TotpBody {
    /// Whether a code is asked for when one logs in.
    set: bool,
}

/// Whether a code of an authenticator is asked for when the caller logs in.
#[utoipa::path(get, path = "/session/totp", operation_id = "totp_read", tag = "access", responses((status = 200, body = TotpBody)))]
async fn totp_read(State(app): State<App>, caller: Caller) -> Answer<Json<TotpBody>> {
    caller.own_ctx(&app)?;
    let (id, seals) = (caller.account.id, app.seals.clone());
    let set = app.db.read("totp.read", move |rx| verbs::totp_state(rx, &seals, &id)).await?;
    Ok(Json(TotpBody { set }))
}

/// What an authenticator is to be told; shown once.
#[derive(Serialize, ToSchema)]
struct TotpShown {
    /// Base32, to be typed in.
    secret: String,
    /// `otpauth://totp/…`, to be scanned.
    uri: String,
}

/// Draws a secret for an authenticator. It is asked for once a code of it was confirmed.
#[utoipa::path(post, path = "/session/totp", operation_id = "totp_begin", tag = "access", responses((status = 200, body = TotpShown)))]
async fn totp_begin(State(app): State<App>, caller: Caller) -> Answer<Json<TotpShown>> {
    let ctx = caller.own_ctx(&app)?;
    let (id, now_ms) = (caller.account.id, ctx.now_ms);
    let issuer = app.operation().office.of(ctx.locale).to_owned();
    let begin = move |tx: &mut Tx<'_>| verbs::totp_begin(tx, &ctx, &id, &issuer);
    let begun = app.db.write("totp.begin", now_ms, begin).await?;
    Ok(Json(TotpShown { secret: begun.secret.to_string(), uri: begun.uri.to_string() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TotpCode {
    /// The six digits that the authenticator shows.
    code: String,
}

/// Does something by a code, with the brake on guessing.
async fn by_code(
    app: &App,
    caller: Caller,
    peer: &Peer,
    name: &'static str,
    deed: impl Fn(&mut Tx<'_>, &Ctx, &str) -> Result<(), Fail> + Send + 'static,
) -> Answer<StatusCode> {
    let ctx = caller.own_ctx(app)?;
    let (id, now_ms) = (caller.account.id, ctx.now_ms);
    let login = id.clone();
    if let Err(wait) = app.brake.attempt(&login, peer.address, true) {
        return Err(limits::too_many(super::session::seconds(wait)).into());
    }
    app.db.write(name, now_ms, move |tx: &mut Tx<'_>| deed(tx, &ctx, &id)).await?;
    app.brake.ok(&login, peer.address, true);
    Ok(StatusCode::NO_CONTENT)
}

/// Confirms the authenticator by a first code: from then on one is asked for at each login.
#[utoipa::path(post, path = "/session/totp/confirm", operation_id = "totp_confirm", tag = "access", request_body = TotpCode,
    responses((status = 204)))]
async fn totp_confirm(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    caller: Caller,
    Json(body): Json<TotpCode>,
) -> Answer<StatusCode> {
    by_code(&app, caller, &peer, "totp.set", move |tx, ctx, id| verbs::totp_confirm(tx, ctx, id, &body.code))
        .await
}

/// Takes the authenticator away, by a code of it. Who lost it asks to be let in again (`POST /resets`).
#[utoipa::path(post, path = "/session/totp/end", operation_id = "totp_end", tag = "access", request_body = TotpCode,
    responses((status = 204)))]
async fn totp_end(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    caller: Caller,
    Json(body): Json<TotpCode>,
) -> Answer<StatusCode> {
    by_code(&app, caller, &peer, "totp.end", move |tx, ctx, id| verbs::totp_end(tx, ctx, id, &body.code))
        .await
}
