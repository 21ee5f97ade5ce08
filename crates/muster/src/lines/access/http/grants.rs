//! Doors of roles: what there are, who has one at a unit, giving and taking away.

use super::accounts::Added;
use super::body::{GrantBody, Known, RolesBody};
use crate::lines::access::roles::{Permission, Role};
use crate::lines::access::verbs::{self, GrantDraft, GrantsWanted, Holder};
use crate::lines::org;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Json, Once, Query, Reply};
use crate::{App, Ctx, Fail, Reach};
use axum::extract::{Path, State};
use muster_kernel::{Day, Problem};
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(role_list))
        .routes(routes!(grant_list, grant_give))
        .routes(routes!(grant_end))
}

/// What roles there are, what each may do, which do not go together, and which the caller may give.
#[utoipa::path(get, path = "/roles", operation_id = "role_list", tag = "access", responses((status = 200, body = RolesBody)))]
async fn role_list(State(app): State<App>, caller: Caller) -> Answer<Json<RolesBody>> {
    let root = app.operation().root_unit;
    let account = &caller.account;
    let chains: Vec<Vec<i64>> = account.seats.iter().map(|seat| vec![seat.unit]).collect();
    let gives = |role| chains.iter().any(|chain| account.may_give(role, chain, root));
    Ok(Json(RolesBody::new(account.separated, gives)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GrantsAsked {
    /// Code of the unit; with neither unit nor post: in the whole operation, which only who has the whole may know.
    unit: Option<String>,
    /// The post whose holder has them, as `UNIT/POST`; with a unit: those of the post there.
    post: Option<String>,
    /// Also those that were given above the unit, and so hold at it; false when absent.
    above: Option<bool>,
}

/// A page of roles that were given.
#[derive(Serialize, ToSchema)]
struct GrantList {
    /// By id: the oldest first.
    items: Vec<GrantBody>,
    /// Where the next page begins; null at the end. A page may be short and still not be the last.
    next_cursor: Option<String>,
}

/// Who may do what at a unit, or what whoever holds a post may do, today or later. Told of units where the caller may read
/// accounts or the journal; where they may file reports, who else may; anywhere else they are told what they have themselves. Names are told of those who are at home
/// in the caller's own part, and of somebody beyond it only that they have the role.
#[utoipa::path(get, path = "/grants", operation_id = "grant_list", tag = "access", params(GrantsAsked, Page),
    responses((status = 200, body = GrantList)))]
async fn grant_list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<GrantsAsked>,
    Query(page): Query<Page>,
) -> Answer<Json<GrantList>> {
    let ctx = caller.ctx(&app, Permission::TreeRead)?;
    let account = caller.account;
    let sees =
        account.reach_of_any(&[Permission::AccountRead, Permission::JournalRead], app.operation().root_unit);
    let near = Ctx { reach: sees, ..ctx.clone() };
    // Whoever reports for a unit is told every hand that may do so beside theirs; names only where they are known to them.
    let hands = account.reach_of_any(
        &[Permission::AccountRead, Permission::JournalRead, Permission::ReportFile],
        app.operation().root_unit,
    );
    let wide = Ctx { reach: hands, ..ctx.clone() };
    let (after, limit) = (page.after()?, page.limit()?);
    let read = move |rx: &mut Rx<'_>| {
        let wanted = wanted(rx, &ctx, &near, &asked)?;
        let (found, next) = verbs::grants_told(rx, &wide, &account.id, &wanted, (&after, limit))?;
        let found = verbs::grants_live(rx, &ctx, found)?;
        let found = verbs::grants_of_hands(rx, &near, &account.id, found)?;
        let known = Known::of(rx, &near, &account.id, &found)?;
        let items = found.iter().map(|grant| known.grant(&ctx, grant)).collect();
        Ok::<_, Fail>(GrantList { items, next_cursor: next.map(|last| cursor_after(&last)) })
    };
    Ok(Json(app.db.read("grant.list", read).await?))
}

/// What is asked for, where the caller may know of the unit and the post.
fn wanted(rx: &mut Rx<'_>, ctx: &Ctx, near: &Ctx, asked: &GrantsAsked) -> Result<GrantsWanted, Fail> {
    let units = match &asked.unit {
        Some(code) => {
            let unit = org::unit_standing(rx, ctx, code, ctx.today())?;
            match asked.above {
                Some(true) => [0].into_iter().chain(unit.chain.iter().copied()).collect(),
                _ => vec![unit.unit],
            }
        }
        None if asked.post.is_some() => Vec::new(),
        None if near.reach == Reach::All => vec![0],
        None => return Err(Problem::invalid("account.unit_missing").into()),
    };
    let Some(said) = &asked.post else { return Ok(GrantsWanted { units, post: None }) };
    let (unit, post) = post_said(said)?;
    let unit = org::unit_standing(rx, ctx, &unit, ctx.today())?.unit;
    let found = org::posts_of(rx, &[unit], ctx.today())?.into_iter().find(|one| one.code == post);
    let found = found.ok_or_else(|| Problem::not_found("post.unknown").with("post", &post))?;
    Ok(GrantsWanted { units, post: Some(found.id) })
}

/// A post as `UNIT/POST`.
fn post_said(said: &str) -> Result<(String, String), Problem> {
    let parted = said.split_once('/').map(|(unit, post)| (unit.to_owned(), post.to_owned()));
    parted.ok_or_else(|| Problem::invalid("grant.holder"))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantBodyDraft {
    /// Id of the account that is to have it.
    #[serde(default)]
    account: Option<String>,
    /// The post whose holder is to have it, as `UNIT/POST`, instead of an account.
    #[serde(default)]
    post: Option<String>,
    /// The role's word, from `GET /roles`.
    role: String,
    /// Code of the unit at which and below which it holds; absent: in the whole operation.
    #[serde(default)]
    unit: Option<String>,
    /// First day; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    since: Option<Day>,
    /// First day on which it does not hold any more; none known when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
}

impl GrantBodyDraft {
    fn draft(self, today: Day) -> Result<GrantDraft, Problem> {
        let unknown = || Problem::invalid("account.role").with("role", &self.role);
        let role = Role::from_word(&self.role).ok_or_else(unknown)?;
        let holder = match (self.account, self.post) {
            (Some(account), None) => Holder::Account(account),
            (None, Some(post)) => {
                let (unit, post) = post_said(&post)?;
                Holder::Post(unit, post)
            }
            _ => return Err(Problem::invalid("grant.holder")),
        };
        let (since, until) = (self.since.unwrap_or(today), self.until.unwrap_or(Day::OPEN_END));
        Ok(GrantDraft { holder, role, unit: self.unit, since, until })
    }
}

/// Gives a role at a unit and below: never beyond the giver's own part, never what they lack, never to themselves.
#[utoipa::path(post, path = "/grants", operation_id = "grant_give", tag = "access", request_body = GrantBodyDraft,
    responses((status = 201, body = Added)))]
async fn grant_give(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(body): Json<GrantBodyDraft>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::GrantGive)?;
    let draft = body.draft(ctx.today())?;
    let give = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let id = verbs::grant_give(tx, &ctx, &draft)?.id;
            Ok(Reply::json(&Added { id })?.created())
        })
    };
    let reply = app.db.write("grant.give", app.clock.now_ms(), give).await?;
    app.sessions.forget_all();
    Ok(reply)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantEnd {
    /// First day on which it does not hold any more; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    day: Option<Day>,
}

/// Takes a role away from a day on: who might give it may.
#[utoipa::path(post, path = "/grants/{id}/end", operation_id = "grant_end", tag = "access", request_body = GrantEnd,
    params(("id" = String, Path, description = "Its id.")), responses((status = 204)))]
async fn grant_end(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Json(body): Json<GrantEnd>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::GrantGive)?;
    let day = body.day.unwrap_or_else(|| ctx.today());
    let end = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::grant_end(tx, &ctx, &id, day)?;
            Ok(Reply::empty())
        })
    };
    let reply = app.db.write("grant.end", app.clock.now_ms(), end).await?;
    app.sessions.forget_all();
    Ok(reply)
}
