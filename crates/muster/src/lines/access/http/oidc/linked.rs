//! Which logins of groups' services open an account: one's own, and what an administrator may do of somebody else's.

use super::{Cookies, OidcAway, away, with_name};
use crate::lines::access::http::accounts::Added;
use crate::lines::access::http::session::seconds;
use crate::lines::access::model::{Linked, Service};
use crate::lines::access::roles::Permission;
use crate::lines::access::verbs;
use crate::oidc::Oidc;
use crate::request::{Answer, Caller, Json, Once, Peer, Reply, caller, limits};
use crate::{App, Ctx, Fail};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use muster_kernel::Problem;
use muster_kernel::day::rfc3339;
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(oidc_own))
        .routes(routes!(oidc_own_go, oidc_own_end))
        .routes(routes!(oidc_of))
        .routes(routes!(oidc_link))
        .routes(routes!(oidc_end))
}

/// A login of a group's service that opens an account.
#[derive(Serialize, ToSchema)]
struct OidcLinked {
    /// Id of the service.
    provider: String,
    /// What its group calls it; its id where the operator has taken it away.
    name: String,
    /// When it was linked (RFC 3339).
    linked_at: String,
    /// Whether the account's person linked it themselves.
    by_owner: bool,
}

/// Logins of groups' services that open an account.
#[derive(Serialize, ToSchema)]
struct OidcLinkedList {
    /// By service.
    items: Vec<OidcLinked>,
}

impl OidcLinkedList {
    fn new(oidc: &Oidc, ctx: &Ctx, all: Vec<Linked>) -> Self {
        let body = |one: Linked| OidcLinked {
            name: oidc.provider(&one.provider).map_or(one.provider.clone(), |it| it.settings().name.clone()),
            linked_at: rfc3339(one.linked_at, &ctx.zone),
            by_owner: one.own,
            provider: one.provider,
        };
        Self { items: all.into_iter().map(body).collect() }
    }
}

/// The logins of groups' services that open the caller's own account.
#[utoipa::path(get, path = "/session/oidc", operation_id = "oidc_own", tag = "access", responses((status = 200, body = OidcLinkedList)))]
async fn oidc_own(State(app): State<App>, caller: Caller) -> Answer<Json<OidcLinkedList>> {
    let ctx = caller.own_ctx(&app)?;
    let id = caller.account.id;
    let found = app.db.read("oidc.list", move |rx| verbs::oidc_of(rx, &id)).await?;
    Ok(Json(OidcLinkedList::new(&app.oidc, &ctx, found)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OidcOwnGo {
    /// The caller's own password, at most 256 bytes: a desk that was left open gives nobody a way in for ever. Absent where the
    /// account has none.
    #[serde(default)]
    password: Option<String>,
}

/// Begins to link a login of a group's service to the caller's own account: answers where to send the browser.
#[utoipa::path(post, path = "/session/oidc/{provider}", operation_id = "oidc_own_go", tag = "access", request_body = OidcOwnGo,
    params(("provider" = String, Path, description = "Id of the service.")), responses((status = 200, body = OidcAway)))]
async fn oidc_own_go(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    caller: Caller,
    Path(provider): Path<String>,
    Json(body): Json<OidcOwnGo>,
) -> Answer<(Cookies, Json<OidcAway>)> {
    caller.own_ctx(&app)?;
    let provider = app.oidc.provider(&provider)?;
    let id = caller.account.id;
    if let Err(wait) = app.brake.attempt(&id, peer.address, true) {
        return Err(limits::too_many(seconds(wait)).into());
    }
    verbs::password_shown(&app.db, id.clone(), body.password.unwrap_or_default()).await?;
    app.brake.ok(&id, peer.address, true);
    away(&app, &provider, "/me".to_owned(), id).await
}

/// Takes a login of a group's service away from the caller's own account; elsewhere they are logged in no more.
#[utoipa::path(delete, path = "/session/oidc/{provider}", operation_id = "oidc_own_end", tag = "access",
    params(("provider" = String, Path, description = "Id of the service.")), responses((status = 204)))]
async fn oidc_own_end(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(provider): Path<String>,
) -> Answer<StatusCode> {
    let ctx = caller.own_ctx(&app)?;
    let keep = caller::token(&headers, app.login).unwrap_or_default();
    let (id, now_ms) = (caller.account.id, ctx.now_ms);
    let end = move |tx: &mut Tx<'_>| verbs::oidc_unlink_own(tx, &ctx, &id, &provider, &keep);
    app.db.write("oidc.unlink", now_ms, end).await?;
    app.sessions.forget_all();
    Ok(StatusCode::NO_CONTENT)
}

/// The logins of groups' services that open an account.
#[utoipa::path(get, path = "/accounts/{id}/oidc", operation_id = "oidc_of", tag = "access",
    params(("id" = String, Path, description = "Its id.")), responses((status = 200, body = OidcLinkedList)))]
async fn oidc_of(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<OidcLinkedList>> {
    let ctx = caller.ctx(&app, Permission::AccountRead)?;
    let reading = ctx.clone();
    let read = move |rx: &mut Rx<'_>| {
        verbs::account_known(rx, &reading, &id)?;
        Ok::<_, Fail>(verbs::oidc_of(rx, &id)?)
    };
    let found = app.db.read("oidc.list", read).await?;
    Ok(Json(OidcLinkedList::new(&app.oidc, &ctx, found)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OidcLink {
    /// As whom the service knows the person, to the letter: 1 to 255 characters.
    subject: String,
}

/// Links a login of a group's service to an account whose person has not chosen a password. Whoever has links one
/// themselves.
#[utoipa::path(put, path = "/accounts/{id}/oidc/{provider}", operation_id = "oidc_link", tag = "access", request_body = OidcLink,
    params(("id" = String, Path, description = "Its id."), ("provider" = String, Path, description = "Id of the service.")),
    responses((status = 201, body = Added)))]
async fn oidc_link(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Path((id, provider)): Path<(String, String)>,
    Json(body): Json<OidcLink>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::AccountSet)?;
    let provider = app.oidc.provider(&provider)?;
    let (service, name) = (Service::of(provider.settings()), provider.settings().name.clone());
    let subject = provider.settings().claim.said(&body.subject);
    if !Oidc::is_subject(&subject) {
        return Err(Problem::invalid("oidc.subject").with("max", 255).into());
    }
    let link = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let one = verbs::oidc_link(tx, &ctx, &id, &service, &subject)?;
            Ok(Reply::json(&Added { id: one.id })?.created())
        })
    };
    let linked = app.db.write("oidc.link", app.clock.now_ms(), link).await;
    Ok(linked.map_err(|fail: Fail| with_name(fail, &name))?)
}

/// Nothing is said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OidcEnd {}

/// Takes a login of a group's service away from an account, and ends its sessions.
#[utoipa::path(post, path = "/accounts/{id}/oidc/{provider}/end", operation_id = "oidc_end", tag = "access", request_body = OidcEnd,
    params(("id" = String, Path, description = "Its id."), ("provider" = String, Path, description = "Id of the service.")),
    responses((status = 204)))]
async fn oidc_end(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Path((id, provider)): Path<(String, String)>,
    Json(OidcEnd {}): Json<OidcEnd>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::AccountSet)?;
    let end = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::oidc_unlink(tx, &ctx, &id, &provider)?;
            Ok(Reply::empty())
        })
    };
    let reply = app.db.write("oidc.unlink", app.clock.now_ms(), end).await?;
    app.sessions.forget_all();
    Ok(reply)
}
