//! Doors of what is kept of one person: for themselves, for somebody who asked, and its erasure.

use super::body::{AccountBody, AccountEntry};
use super::session::history;
use super::{accounts, session::OpenSession, tokens::TokenBody};
use crate::lines::access::roles::Permission;
use crate::lines::access::verbs::{self, PersonData};
use crate::lines::org;
use crate::request::{Answer, Caller, Json, Once, Reply};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State};
use muster_kernel::Problem;
use muster_kernel::day::rfc3339;
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Most entries of the history that are told.
const HISTORY_MAX: usize = 1_000;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(person_read))
        .routes(routes!(account_export))
        .routes(routes!(account_erase))
}

/// A post that somebody holds.
#[derive(Serialize, ToSchema)]
struct PersonPost {
    /// Code of the unit.
    unit_code: String,
    /// Its name.
    unit_name: String,
    /// Code of the post.
    post: String,
    /// Its name.
    post_name: String,
    /// Whether a duty telephone stands there.
    has_duty_phone: bool,
    /// The telephone: told to whoever holds the post, and to nobody else here.
    duty_phone: Option<String>,
}

/// What is kept of somebody. What they did stands in the journal under `account.reference`, which leads to nobody once the
/// account is erased.
#[derive(Serialize, ToSchema)]
struct PersonBody {
    /// The account and its roles.
    account: AccountBody,
    /// The posts that they hold today.
    posts: Vec<PersonPost>,
    /// Where they are logged in.
    sessions: Vec<OpenSession>,
    /// When browsers that are known to be theirs last logged in (RFC 3339), the latest first.
    browsers: Vec<String>,
    /// Programs that ask as them.
    tokens: Vec<TokenBody>,
    /// Whether an authenticator is asked for.
    authenticator: bool,
    /// Ids of groups' own services by whose login they come in; of whom those know them there is only a hash.
    logins: Vec<String>,
    /// What was done with the account, and by whom, the latest first; at most a thousand.
    history: Vec<AccountEntry>,
    /// When this was told (RFC 3339).
    told_at: String,
}

/// `own`: telephones are told.
fn body(rows: &mut Rx<'_>, ctx: &Ctx, data: PersonData, own: bool) -> Result<PersonBody, Fail> {
    let mut named = org::posts_named(rows, &data.posts)?;
    if !own {
        let units: Vec<i64> = named.values().map(|(unit, ..)| *unit).collect();
        let near = org::units_today(rows, &ctx.reach, &units, ctx.today())?;
        named.retain(|_, (unit, ..)| near.contains(unit));
    }
    let mut units: Vec<i64> = named.values().map(|(unit, ..)| *unit).collect();
    units.sort_unstable();
    units.dedup();
    let labels = org::labels(rows, &units, ctx.today())?;
    let contacts = org::duty_contacts(rows, &ctx.seals, &units)?;
    let posts = data.posts.iter().filter_map(|post| {
        let (unit, code, names) = named.get(post)?;
        let contact = contacts.iter().find(|contact| contact.post == *post);
        let label = labels.get(unit);
        Some(PersonPost {
            unit_code: label.map(|(code, _)| code.clone()).unwrap_or_default(),
            unit_name: label.map(|(_, names)| names.of(ctx.locale).to_owned()).unwrap_or_default(),
            post: code.clone(),
            post_name: names.of(ctx.locale).to_owned(),
            has_duty_phone: contact.is_some(),
            duty_phone: contact.filter(|_| own).and_then(|contact| contact.text()).map(str::to_owned),
        })
    });
    let posts = posts.collect();
    let entries = verbs::account_history(rows, &data.account.id, None, HISTORY_MAX)?;
    let history = history(rows, ctx, &entries)?;
    let account = accounts::bodies(rows, ctx, vec![data.account])?.pop();
    let when = |at_ms: i64| rfc3339(at_ms, &ctx.zone);
    Ok(PersonBody {
        account: account.ok_or_else(|| Problem::not_found("account.unknown"))?,
        posts,
        sessions: data.sessions.into_iter().map(|session| OpenSession::new(ctx, session, false)).collect(),
        browsers: data.browsers.into_iter().map(when).collect(),
        tokens: data.tokens.into_iter().map(|token| TokenBody::new(ctx, token)).collect(),
        authenticator: data.authenticator,
        logins: data.logins.into_iter().map(|login| login.provider).collect(),
        history,
        told_at: when(ctx.now_ms),
    })
}

/// Everything that is kept of the caller, as they may take it with them.
#[utoipa::path(get, path = "/session/data", operation_id = "person_read", tag = "access", responses((status = 200, body = PersonBody)))]
async fn person_read(State(app): State<App>, caller: Caller) -> Answer<Json<PersonBody>> {
    let ctx = Ctx { reach: crate::Reach::All, ..caller.own_ctx(&app)? };
    let id = caller.account.id;
    let read = move |rx: &mut Rx<'_>| {
        let data = verbs::person_data(rx, &ctx, &id)?;
        body(rx, &ctx, data, true)
    };
    Ok(Json(app.db.read("person.read", read).await?))
}

/// For what something of a person is asked or done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonPurpose {
    /// 4 to 200 characters, journalled, and seen by the person. Without a telephone in it.
    purpose: String,
}

/// Everything that is kept of somebody who asked for it. That it was told, to whom and for what is journalled, and seen by
/// the person; telephones are not in it.
#[utoipa::path(post, path = "/accounts/{id}/data", operation_id = "account_export", tag = "access", request_body = PersonPurpose,
    params(("id" = String, Path, description = "Its id.")), responses((status = 200, body = PersonBody)))]
async fn account_export(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(said): Json<PersonPurpose>,
) -> Answer<Json<PersonBody>> {
    let ctx = caller.ctx(&app, Permission::AccountSet)?;
    let writing = ctx.clone();
    let export = move |tx: &mut Tx<'_>| verbs::person_export(tx, &writing, &id, &said.purpose);
    let data = app.db.write("account.export", app.clock.now_ms(), export).await?;
    let id = data.account.id.clone();
    // Read anew: what was just journalled is part of it.
    let read = move |rx: &mut Rx<'_>| {
        let data = verbs::person_data(rx, &ctx, &id)?;
        body(rx, &ctx, data, false)
    };
    Ok(Json(app.db.read("account.export", read).await?))
}

/// Erases who an account was. It is let in no more, and nobody can tell whose it was; what was done by it stays, under its
/// reference.
#[utoipa::path(post, path = "/accounts/{id}/erase", operation_id = "account_erase", tag = "access", request_body = PersonPurpose,
    params(("id" = String, Path, description = "Its id.")), responses((status = 204)))]
async fn account_erase(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Json(said): Json<PersonPurpose>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::AccountSet)?;
    let erase = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::account_erase(tx, &ctx, &id, &said.purpose)?;
            Ok(Reply::empty())
        })
    };
    let reply = app.db.write("account.erase", app.clock.now_ms(), erase).await?;
    app.sessions.forget_all();
    Ok(reply)
}
