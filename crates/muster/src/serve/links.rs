//! Links by which units file one form without an account: issued by their office, opened on a device with a PIN. Above the
//! lines, because a link knows a unit and a form.

use crate::lines::access::{self, Device, LinkSecret, Opened};
use crate::lines::org::{self, Standing};
use crate::lines::reporting;
use crate::request::holder::{self, Holder, LINK_COOKIE};
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Json, Once, Permission, Query, Reply, agent_of};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use muster_kernel::day::rfc3339;
use muster_kernel::{Locale, Problem};
use muster_store::{Rows, Rx, StoreError, Tx};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The doors of links.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(link_list, link_issue))
        .routes(routes!(link_end))
        .routes(routes!(link_open))
        .routes(routes!(link_read, link_close))
}

/// Days that a link opens where none are said.
const DAYS: u32 = 30;
/// Most days that a link opens.
const DAYS_MAX: u32 = 180;
/// Units that are looked over for one answer.
const UNITS_MAX: u32 = 1_000;
/// Longest token or PIN that is looked at.
const TEXT_BYTES_MAX: usize = 200;

#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinksWanted {
    /// Code of the unit: it and all below it of whom the form is asked.
    under: String,
    /// Whether only that unit itself is meant.
    #[serde(default)]
    alone: bool,
    /// Code of the form; the operation's daily report when absent.
    #[serde(default)]
    form: Option<String>,
    /// Days for which they open, 1 to 180; 30 when absent.
    #[serde(default)]
    days: Option<u32>,
    /// Whether each has a PIN of six digits, to be said by another way; it has when absent.
    #[serde(default)]
    pin: Option<bool>,
    /// Where the answer before ended, from its `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
}

/// A link that was just issued: what it says is shown once.
#[derive(Serialize, ToSchema)]
struct LinkIssued {
    /// Opaque id, by which it is ended.
    id: String,
    /// Code of the unit.
    unit_code: String,
    /// Its name, in the reader's language.
    unit_name: String,
    /// What stands in it; the page makes an address of it.
    token: String,
    /// Its PIN; empty where it has none.
    pin: String,
}

/// Links that were just issued.
#[derive(Serialize, ToSchema)]
struct LinksIssued {
    /// Code of the form that they open.
    form: String,
    /// When they open no more (RFC 3339).
    expires_at: String,
    /// In the order of the tree.
    items: Vec<LinkIssued>,
    /// Where the next answer begins, for `cursor`; null at the end.
    next_cursor: Option<String>,
}

/// Issues a link for each unit of whom a form is asked, at most those of a thousand units at a time. A link that was issued
/// before for the same unit and form opens no more.
#[utoipa::path(post, path = "/links", operation_id = "link_issue", tag = "access", request_body = LinksWanted,
    responses((status = 200, body = LinksIssued)))]
async fn link_issue(
    State(app): State<App>,
    caller: Caller,
    Json(wanted): Json<LinksWanted>,
) -> Answer<Json<LinksIssued>> {
    let ctx = caller.ctx(&app, Permission::LinkIssue)?;
    let days = wanted.days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Problem::invalid("link.days").with("max", DAYS_MAX).into());
    }
    let form = wanted.form.clone().unwrap_or_else(|| app.operation().form.clone());
    let page = Page { cursor: wanted.cursor.clone(), limit: None };
    let (shelf, after) = (app.shelf.clone(), page.after()?);
    let (reading, named, under, alone) = (ctx.clone(), form.clone(), wanted.under.clone(), wanted.alone);
    let (units, next) = app
        .db
        .read("link.units", move |rx: &mut Rx<'_>| {
            let top = org::unit_standing(rx, &reading, &under, reading.today())?;
            let book = shelf.current(rx, reading.operation)?;
            let asked = reporting::unit_asks(&book, &named, reading.today())?;
            let page = match alone {
                true => vec![top],
                false => org::subtree_page(rx, &top, reading.today(), &after, UNITS_MAX)?,
            };
            let next = page.last().filter(|_| page.len() == UNITS_MAX as usize).map(|last| last.path.clone());
            let units: Vec<i64> = page.iter().filter(|one| asked(one)).map(|one| one.unit).collect();
            let mut names = org::labels(rx, &units, reading.today())?;
            let units = units.into_iter().filter_map(|unit| Some((unit, names.remove(&unit)?)));
            Ok::<_, Fail>((units.collect::<Vec<_>>(), next))
        })
        .await?;
    let with_pin = wanted.pin.unwrap_or(true);
    let drawn: Vec<(i64, LinkSecret)> =
        units.iter().map(|(unit, _)| (*unit, LinkSecret::new(with_pin))).collect();
    let expires_at = ctx.now_ms + i64::from(days) * 24 * 3_600_000;
    let (issuing, secrets, code) = (ctx.clone(), drawn.clone(), form.clone());
    let issue = move |tx: &mut Tx<'_>| access::links_issue(tx, &issuing, &code, expires_at, &secrets);
    let links = app.db.write("link.issue", ctx.now_ms, issue).await?;
    let items = links.into_iter().zip(units).zip(drawn).map(|((link, (_, (code, names))), (_, secret))| {
        let LinkSecret { token, pin } = secret;
        LinkIssued { id: link.id, unit_code: code, unit_name: names.of(ctx.locale).to_owned(), token, pin }
    });
    Ok(Json(LinksIssued {
        form,
        expires_at: rfc3339(expires_at, &ctx.zone),
        items: items.collect(),
        next_cursor: next.as_deref().map(cursor_after),
    }))
}

#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LinksAsked {
    /// Code of the unit: links of it and all below it.
    under: String,
}

/// A link that opens.
#[derive(Serialize, ToSchema)]
struct LinkBody {
    /// Opaque id.
    id: String,
    /// Code of the unit.
    unit_code: String,
    /// Its name, in the reader's language.
    unit_name: String,
    /// Code of the form.
    form: String,
    /// When it was issued (RFC 3339).
    issued_at: String,
    /// When it opens no more.
    expires_at: String,
    /// Who issued it, as the journal refers to them.
    giver: String,
    /// On how many devices it was opened.
    devices: i64,
    /// When it was opened last; null where it never was.
    opened_at: Option<String>,
}

/// A page of links that open.
#[derive(Serialize, ToSchema)]
struct LinkList {
    /// Of the units of this page, by unit.
    items: Vec<LinkBody>,
    /// Where the next page begins; null at the end. A page may be empty and still not be the last.
    next_cursor: Option<String>,
}

/// Links of a unit and all below it that open now: on how many devices each was opened, and when last.
#[utoipa::path(get, path = "/links", operation_id = "link_list", tag = "access", params(LinksAsked, Page),
    responses((status = 200, body = LinkList)))]
async fn link_list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<LinksAsked>,
    Query(page): Query<Page>,
) -> Answer<Json<LinkList>> {
    let ctx = caller.ctx(&app, Permission::LinkIssue)?;
    let (after, limit) = (page.after()?, page.limit()?);
    let read = move |rx: &mut Rx<'_>| {
        let top = org::unit_standing(rx, &ctx, &asked.under, ctx.today())?;
        let units = org::subtree_page(rx, &top, ctx.today(), &after, limit)?;
        let next =
            units.last().filter(|_| units.len() == limit as usize).map(|last| cursor_after(&last.path));
        Ok::<_, Fail>(LinkList { items: links(rx, &ctx, &units)?, next_cursor: next })
    };
    Ok(Json(app.db.read("link.list", read).await?))
}

fn links(rows: &mut impl Rows, ctx: &Ctx, units: &[Standing]) -> Result<Vec<LinkBody>, StoreError> {
    let units: Vec<i64> = units.iter().map(|unit| unit.unit).collect();
    // Of one unit there are as many as it has forms.
    let (found, devices) = access::links_of(rows, ctx, &units, UNITS_MAX * 4)?;
    let names = org::labels(rows, &units, ctx.today())?;
    let body = |link: access::Link| {
        let (code, name) = label(&names, link.unit, ctx.locale);
        let (count, last) = devices.get(&link.id).copied().unwrap_or_default();
        LinkBody {
            unit_code: code,
            unit_name: name,
            form: link.form,
            issued_at: rfc3339(link.issued_at, &ctx.zone),
            expires_at: rfc3339(link.expires_at, &ctx.zone),
            giver: link.giver,
            devices: count,
            opened_at: (count > 0).then(|| rfc3339(last, &ctx.zone)),
            id: link.id,
        }
    };
    Ok(found.into_iter().map(body).collect())
}

fn label(
    names: &HashMap<i64, (String, crate::lines::operation::Names)>,
    unit: i64,
    locale: Locale,
) -> (String, String) {
    names
        .get(&unit)
        .map_or_else(Default::default, |(code, names)| (code.clone(), names.of(locale).to_owned()))
}

/// Nothing is to be said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkEnd {}

/// Ends a link: it opens no more, and whoever has it open is out at once.
#[utoipa::path(post, path = "/links/{id}/end", operation_id = "link_end", tag = "access", request_body = LinkEnd,
    params(("id" = String, Path, description = "Its id.")), responses((status = 204)))]
async fn link_end(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Json(LinkEnd {}): Json<LinkEnd>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::LinkIssue)?;
    let end = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            access::link_end(tx, &ctx, &id)?;
            Ok(Reply::empty())
        })
    };
    Ok(app.db.write("link.end", app.clock.now_ms(), end).await?)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkOpen {
    /// What stands in the link.
    token: String,
    /// Its PIN; empty where it has none.
    #[serde(default)]
    pin: String,
}

/// What a link opens.
#[derive(Serialize, ToSchema)]
struct LinkOpened {
    /// Code of the unit.
    unit_code: String,
    /// Its name, in the reader's language.
    unit_name: String,
    /// Code of the form.
    form: String,
    /// When it opens no more (RFC 3339).
    expires_at: String,
    /// Whether it is open on this device; if not, it asks for its PIN.
    open: bool,
    /// Whether its unit was open on the day before today: that day can be reported of, too.
    yesterday: bool,
}

impl LinkOpened {
    async fn of(app: &App, link: &access::Link, open: bool, locale: Locale) -> Answer<Self> {
        let (unit, today) = (link.unit, app.today());
        let read = move |rx: &mut Rx<'_>| {
            let yesterday = org::standing_on(rx, unit, today.plus(-1))?.is_some();
            Ok::<_, StoreError>((org::labels(rx, &[unit], today)?, yesterday))
        };
        let (names, yesterday) = app.db.read("link.unit", read).await?;
        let (unit_code, unit_name) = label(&names, unit, locale);
        let expires_at = rfc3339(link.expires_at, &app.operation().time_zone());
        Ok(Self { unit_code, unit_name, form: link.form.clone(), expires_at, open, yesterday })
    }
}

/// Opens a link on this device, by its PIN where it has one; without one it says whose link it is, and that it asks. After
/// five wrong PINs one waits, a minute at first. A device that has it open already is not asked again.
#[utoipa::path(post, path = "/link/open", operation_id = "link_open", tag = "access", request_body = LinkOpen,
    responses((status = 200, body = LinkOpened)))]
async fn link_open(
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<LinkOpen>,
) -> Answer<(HeaderMap, Json<LinkOpened>)> {
    if body.token.len() > TEXT_BYTES_MAX || body.pin.len() > TEXT_BYTES_MAX {
        return Err(Problem::not_found("link.unknown").into());
    }
    let ctx = holder::opening(&app, &headers);
    let device = Device {
        token: access::device_token(),
        held: holder::device(&headers),
        agent: agent_of(&headers).to_owned(),
    };
    let open = move |tx: &mut Tx<'_>| access::link_open(tx, &ctx, (&body.token, body.pin.trim()), &device);
    let (token, link, is_open) = match app.db.write("link.open", app.clock.now_ms(), open).await? {
        Opened::Refused(problem) => return Err(problem.into()),
        Opened::Open(token, link) => (token, link, true),
        Opened::Asks(link) => (None, link, false),
    };
    let mut cookie = HeaderMap::new();
    if let Some(token) = token {
        let seconds = (link.expires_at - app.clock.now_ms()) / 1_000;
        let line = format!("{LINK_COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict");
        cookie.insert(header::SET_COOKIE, line.parse().map_err(Problem::internal)?);
    }
    let opened = LinkOpened::of(&app, &link, is_open, crate::request::refusal::locale_of(&headers)).await?;
    Ok((cookie, Json(opened)))
}

/// What the link of this device opens.
#[utoipa::path(get, path = "/link", operation_id = "link_read", tag = "access", responses((status = 200, body = LinkOpened)))]
async fn link_read(State(app): State<App>, holder: Holder) -> Answer<Json<LinkOpened>> {
    Ok(Json(LinkOpened::of(&app, &holder.link, true, holder.caller.locale).await?))
}

/// Closes the link on this device.
#[utoipa::path(delete, path = "/link", operation_id = "link_close", tag = "access", responses((status = 204)))]
async fn link_close(
    State(app): State<App>,
    headers: HeaderMap,
) -> Answer<(StatusCode, [(HeaderName, String); 1])> {
    if let Some(device) = holder::device(&headers) {
        let close = move |tx: &mut Tx<'_>| access::link_close(tx, &device);
        app.db.write("link.close", app.clock.now_ms(), close).await?;
    }
    let gone = format!("{LINK_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]))
}
