//! Doors of accounts: who may log in, adding and ending, letters, approving that somebody comes in again.

use super::body::{AccountBody, AccountEntry, Known};
use super::session::history;
use crate::lines::access::model::{AccountDated, Grant};
use crate::lines::access::roles::Permission;
use crate::lines::access::verbs;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Json, Once, Query, Reply};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Problem};
use muster_store::{Rows, Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Most entries of an account's history that are shown.
const HISTORY_MAX: usize = 200;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(account_list, account_add))
        .routes(routes!(account_read))
        .routes(routes!(account_history))
        .routes(routes!(account_end))
        .routes(routes!(account_letter))
        .routes(routes!(account_reset))
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
struct AccountList {
    /// In the order in which they were added.
    items: Vec<AccountBody>,
    /// Where the next page begins; null at the end. A page may be short and still not be the last.
    next_cursor: Option<String>,
}

/// Accounts whose people are at home in the caller's own part, with their roles there.
#[utoipa::path(get, path = "/accounts", operation_id = "account_list", tag = "access", params(Page),
    responses((status = 200, body = AccountList)))]
async fn account_list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Answer<Json<AccountList>> {
    let ctx = caller.ctx(&app, Permission::AccountRead)?;
    let (after, limit) = (page.after()?, page.limit()?);
    let read = move |rx: &mut Rx<'_>| {
        let (found, next) = verbs::accounts_within(rx, &ctx, &after, limit)?;
        let items = bodies(rx, &ctx, found)?;
        Ok::<_, Fail>(AccountList { items, next_cursor: next.as_deref().map(cursor_after) })
    };
    Ok(Json(app.db.read("account.list", read).await?))
}

/// Accounts with those of their roles whose units the reader may know of.
pub(super) fn bodies(
    rows: &mut impl Rows,
    ctx: &Ctx,
    accounts: Vec<AccountDated>,
) -> Result<Vec<AccountBody>, Fail> {
    let ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
    let grants = verbs::grants_of(rows, ctx, &ids)?;
    let grants = verbs::grants_within(rows, ctx, grants)?;
    let grants = verbs::grants_live(rows, ctx, grants)?;
    let known = Known::read(rows, ctx, &grants, accounts.iter().map(|account| account.unit), &ids)?;
    let body = |account: AccountDated| {
        let own: Vec<&Grant> = grants.iter().filter(|grant| grant.account == account.id).collect();
        known.account(ctx, account, &own)
    };
    Ok(accounts.into_iter().map(body).collect())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountDraft {
    /// Login name, 1 to 100 characters; nobody else's in this operation.
    name: String,
    /// Code of the unit at which its person is at home. Absent: at none, which only who has the whole may say.
    #[serde(default)]
    unit: Option<String>,
}

/// The id of something new.
#[derive(Serialize, ToSchema)]
pub(super) struct Added {
    /// Opaque id.
    pub(super) id: String,
}

/// Adds an account. Nobody can log in to it before its letter was opened; roles are given by `POST /grants`.
#[utoipa::path(post, path = "/accounts", operation_id = "account_add", tag = "access", request_body = AccountDraft,
    responses((status = 201, body = Added)))]
async fn account_add(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(draft): Json<AccountDraft>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::AccountSet)?;
    let add = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let id = verbs::account_add(tx, &ctx, &draft.name, draft.unit.as_deref())?;
            Ok(Reply::json(&Added { id })?.created())
        })
    };
    Ok(app.db.write("account.set", app.clock.now_ms(), add).await?)
}

/// One account, with its roles in the caller's own part.
#[utoipa::path(get, path = "/accounts/{id}", operation_id = "account_read", tag = "access",
    params(("id" = String, Path, description = "Its id.")), responses((status = 200, body = AccountBody)))]
async fn account_read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<AccountBody>> {
    let ctx = caller.ctx(&app, Permission::AccountRead)?;
    let read = move |rx: &mut Rx<'_>| {
        let found = verbs::account_known(rx, &ctx, &id)?;
        bodies(rx, &ctx, vec![found])
    };
    let found = app.db.read("account.read", read).await?.pop();
    Ok(Json(found.ok_or_else(|| Problem::not_found("account.unknown"))?))
}

/// What was done with an account.
#[derive(Serialize, ToSchema)]
struct AccountHistory {
    /// The newest first; at most two hundred.
    items: Vec<AccountEntry>,
}

/// What was done with an account, and by whom.
#[utoipa::path(get, path = "/accounts/{id}/history", operation_id = "account_history", tag = "access",
    params(("id" = String, Path, description = "Its id.")), responses((status = 200, body = AccountHistory)))]
async fn account_history(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<AccountHistory>> {
    let ctx = caller.ctx(&app, Permission::AccountRead)?;
    let read = move |rx: &mut Rx<'_>| {
        verbs::account_known(rx, &ctx, &id)?;
        let entries = verbs::account_history(rx, &id, None, HISTORY_MAX)?;
        Ok::<_, Fail>(AccountHistory { items: history(rx, &ctx, &entries)? })
    };
    Ok(Json(app.db.read("account.history", read).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountEnd {
    /// First day on which it is let in no more; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    day: Option<Day>,
}

/// Ends an account from a day on: nobody is let in by it any more. What it did stays its own.
#[utoipa::path(post, path = "/accounts/{id}/end", operation_id = "account_end", tag = "access", request_body = AccountEnd,
    params(("id" = String, Path, description = "Its id.")), responses((status = 204)))]
async fn account_end(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Json(body): Json<AccountEnd>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::AccountSet)?;
    let day = body.day.unwrap_or_else(|| ctx.today());
    let end = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::account_end_within(tx, &ctx, &id, day)?;
            Ok(Reply::empty())
        })
    };
    let reply = app.db.write("account.end", app.clock.now_ms(), end).await?;
    app.sessions.forget_all();
    Ok(reply)
}

/// A letter, which is shown once.
#[derive(Serialize, ToSchema)]
struct LetterBody {
    /// What stands in it; the page makes an address of it.
    token: String,
    /// When it opens no more (RFC 3339).
    expires_at: String,
}

/// Writes the letter by which a new account's person chooses a password. It opens once, for three days; one that was
/// written before opens no more.
#[utoipa::path(post, path = "/accounts/{id}/letter", operation_id = "account_letter", tag = "access",
    params(("id" = String, Path, description = "Its id.")), responses((status = 200, body = LetterBody)))]
async fn account_letter(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<LetterBody>> {
    let ctx = caller.ctx(&app, Permission::AccountSet)?;
    let (token, zone) = (verbs::letter_token(), ctx.zone.clone());
    let write = move |tx: &mut Tx<'_>| verbs::letter_write(tx, &ctx, &id, &token);
    let letter = app.db.write("account.letter", app.clock.now_ms(), write).await?;
    Ok(Json(LetterBody { token: letter.token, expires_at: rfc3339(letter.expires_at, &zone) }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetApprove {
    /// The six digits that the person said.
    code: String,
}

/// Approves that somebody who forgot comes in again: whoever's browser shows that code may choose a new password. The one
/// who approves sees neither the password nor what opens it; the person and the inspector see that it was approved.
#[utoipa::path(post, path = "/accounts/{id}/reset", operation_id = "account_reset", tag = "access", request_body = ResetApprove,
    params(("id" = String, Path, description = "Its id.")), responses((status = 204)))]
async fn account_reset(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Json(body): Json<ResetApprove>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::AccountSet)?;
    let approve = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::reset_approve(tx, &ctx, &id, body.code.trim())?;
            Ok(Reply::empty())
        })
    };
    Ok(app.db.write("account.reset", app.clock.now_ms(), approve).await?)
}
