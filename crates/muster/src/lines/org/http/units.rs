//! Reading units: one, a list, a history, classes.

use super::contacts::{contacts_shown, unit_look};
use super::day_of;
use super::wire::{HistoryBody, UnitBody, UnitsBody};
use crate::lines::org::history::HistoryNames;
use crate::lines::org::{self, Search};
use crate::request::acting::acted;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Permission, Query, etag};
use crate::{App, Fail, Reach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use muster_kernel::{Problem, ProblemKind};
use muster_store::{Rx, StoreError};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Searches at once.
static SEARCHING: Semaphore = Semaphore::const_new(2);

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(unit_list))
        .routes(routes!(unit_read))
        .routes(routes!(unit_history))
        .routes(routes!(class_list))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListAsked {
    /// Code of the unit below which to look; the caller's own when absent.
    under: Option<String>,
    /// Day, `YYYY-MM-DD`; today when absent.
    day: Option<String>,
    /// 1: only what is right below; otherwise all that is below. A search looks at all.
    depth: Option<u32>,
    /// Only units of this kind.
    kind: Option<String>,
    /// Words of a name, or a whole code, which alone is then found; at most 100 characters.
    q: Option<String>,
}

/// Units below one on a day, in the order of the tree.
#[utoipa::path(get, path = "/units", operation_id = "unit_list", tag = "org", params(ListAsked, Page),
    responses((status = 200, body = UnitsBody)))]
async fn unit_list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<ListAsked>,
    Query(page): Query<Page>,
) -> Answer<Json<UnitsBody>> {
    let ctx = caller.ctx(&app, Permission::TreeRead)?;
    let day = day_of(asked.day.as_deref(), &ctx)?;
    let search = Search { words: asked.q.unwrap_or_default(), kind: asked.kind.unwrap_or_default() };
    if search.words.chars().count() > 100 || search.kind.len() > 32 {
        return Err(Problem::invalid("request.unreadable").into());
    }
    let (after, limit, locale) = (page.after()?, page.limit()?, ctx.locale);
    let right_below = asked.depth == Some(1);
    let searches = !search.words.is_empty();
    // A search reads through a part of the tree: few at once, so that others find a connection that is free.
    let turn = if searches { Some(SEARCHING.acquire().await) } else { None };
    let (mut views, next) = app
        .db
        .read("unit.list", move |rx: &mut Rx| {
            let top = match &asked.under {
                Some(code) => Some(org::unit_standing(rx, &ctx, code, day)?),
                None if ctx.reach == Reach::All => org::children(rx, 0, day)?.into_iter().next(),
                None => org::standing_on(rx, ctx.reach.home(0), day)?,
            };
            // Before there is a tree, there is nothing below.
            let Some(top) = top else { return Ok((Vec::new(), None)) };
            let mut found = org::units_below(rx, &top, day, right_below, &search, &after, limit + 1)?;
            let more = found.len() > limit as usize;
            found.truncate(limit as usize);
            let next = found.last().filter(|_| more).map(|last| cursor_after(&last.path));
            Ok::<_, Fail>((org::units_view(rx, found, day)?, next))
        })
        .await
        .map_err(|fail| match fail {
            Fail::Store(StoreError::Timeout) if searches => {
                Problem::new(ProblemKind::Busy, "units.search_too_wide")
            }
            fail => Problem::from(fail),
        })?;
    drop(turn);
    let items = views.drain(..).map(|view| UnitBody::new(view, Vec::new(), &[], locale)).collect();
    Ok(Json(UnitsBody { items, next_cursor: next }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OnDay {
    /// Day, `YYYY-MM-DD`; today when absent.
    day: Option<String>,
}

/// A unit on a day, with its posts where it is within the caller's part of the tree today.
#[utoipa::path(get, path = "/units/{code}", operation_id = "unit_read", tag = "org",
    params(("code" = String, Path, description = "Code of the unit."), OnDay), responses((status = 200, body = UnitBody)))]
async fn unit_read(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    Query(asked): Query<OnDay>,
) -> Answer<Response> {
    let ctx = caller.ctx(&app, Permission::TreeRead)?;
    let day = day_of(asked.day.as_deref(), &ctx)?;
    let (locale, looking, phones) = (ctx.locale, ctx.clone(), caller.contact_reach(&app));
    let (view, posts, contacts, tag) = app
        .db
        .read("unit.read", move |rx: &mut Rx| {
            let standing = org::unit_standing(rx, &ctx, &code, day)?;
            let unit = standing.unit;
            let view = org::units_view(rx, vec![standing], day)?.pop();
            let view = view.ok_or_else(|| Problem::not_found("unit.unknown").with("unit", &code))?;
            // Who is on duty now is no business of who had the unit on that day and has it no more.
            let own = org::units_today(rx, &ctx.reach, &[unit], ctx.today())?.contains(&unit);
            let posts = if own { org::posts_of(rx, &[unit], day)? } else { Vec::new() };
            let called = org::units_today(rx, &phones, &[unit], ctx.today())?.contains(&unit);
            let contacts =
                if own && called { org::duty_contacts(rx, &ctx.seals, &[unit])? } else { Vec::new() };
            Ok::<_, Fail>((view, posts, contacts, org::unit_tag(rx, &code)?))
        })
        .await
        .map_err(Problem::from)?;
    contacts_shown(&app, &looking, unit_look(&view.standing.code, &contacts)).await?;
    let body = UnitBody::new(view, posts, &contacts, locale);
    Ok(([(header::ETAG, etag(tag))], Json(body)).into_response())
}

/// What became of a unit: its dated facts, what came before and after it, who did what.
#[utoipa::path(get, path = "/units/{code}/history", operation_id = "unit_history", tag = "org",
    params(("code" = String, Path, description = "Code of the unit, open or closed.")),
    responses((status = 200, body = HistoryBody)))]
async fn unit_history(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
) -> Answer<Json<HistoryBody>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let history = app
        .db
        .read("unit.history", move |rx: &mut Rx| {
            let history = org::unit_history_within(rx, &ctx, &code)?;
            let called = HistoryNames::of(rx, &history)?;
            let acted = acted(rx, &ctx, &history.entries.iter().map(Into::into).collect::<Vec<_>>())?;
            Ok::<_, Fail>(HistoryBody::new(&history, &called, &acted, ctx.locale, &ctx.zone))
        })
        .await
        .map_err(Problem::from)?;
    Ok(Json(history))
}

/// A class that units bear.
#[derive(Serialize, ToSchema)]
struct ClassBody {
    /// Its code.
    code: String,
    /// Its name, in the reader's language; the code where it has none.
    name: String,
}

/// Classes.
#[derive(Serialize, ToSchema)]
struct ClassesBody {
    /// By code, at most 10,000.
    items: Vec<ClassBody>,
}

/// Classes that units bear: nodes beside the tree, as `class:CODE`. They are the words of the whole organisation, told to
/// everybody who reads, so that all who describe units use the same ones; who bears a class, each is told of the own part only.
#[utoipa::path(get, path = "/classes", operation_id = "class_list", tag = "org",
    responses((status = 200, body = ClassesBody)))]
async fn class_list(State(app): State<App>, caller: Caller) -> Answer<Json<ClassesBody>> {
    let ctx = caller.ctx(&app, Permission::TreeRead)?;
    let found = app.db.read("class.list", |rx: &mut Rx| org::classes(rx)).await?;
    let items = found.into_iter().map(|class| {
        let name = class.names.of(ctx.locale);
        let name = if name.is_empty() { &class.code } else { name }.to_owned();
        ClassBody { name, code: class.code }
    });
    Ok(Json(ClassesBody { items: items.collect() }))
}
