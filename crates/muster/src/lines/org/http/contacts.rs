//! Telephones: found by their number, and who read them.

use crate::lines::org::{self, DutyContact, Look, check_phone, check_purpose};
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Json, Looking, Once, Permission, Query, Reply};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State};
use muster_kernel::day::rfc3339;
use muster_kernel::{Problem, ProblemKind};
use muster_store::{Link, Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(contact_find))
        .routes(routes!(contact_erase))
        .routes(routes!(contact_looks))
}

/// Tells the journal that telephones of a node were read, before they are sent: of one account and node once in ten
/// minutes. Where none is shown, nothing is told.
///
/// # Errors
/// The store's: then they are not to be sent.
pub async fn contacts_shown(app: &App, ctx: &Ctx, look: Look) -> Result<(), Problem> {
    let (actor, node, now_ms) = (ctx.actor.to_string(), look.node.clone(), ctx.now_ms);
    let once = look.purpose.is_empty();
    if look.count == 0 || once && app.looks.is_told(&actor, &node, now_ms) {
        return Ok(());
    }
    let reading = ctx.clone();
    let told =
        app.db.write("contact.read", now_ms, move |tx: &mut Tx<'_>| org::contacts_read(tx, &reading, &look));
    told.await.map_err(Problem::from)?;
    if once {
        app.looks.told(&actor, &node, now_ms);
    }
    Ok(())
}

/// A look at the telephones of one unit.
pub(super) fn unit_look(code: &str, contacts: &[DutyContact]) -> Look {
    let count = contacts.iter().filter(|contact| contact.phone.is_ok()).count();
    Look { node: format!("unit:{code}"), at: "unit".to_owned(), purpose: String::new(), count }
}

/// A telephone that is looked for, and for what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FindBody {
    /// The whole number; blanks and hyphens do not matter.
    phone: String,
    /// For what: 4 to 200 characters, journalled. Without a telephone in it.
    purpose: String,
}

impl FindBody {
    /// The number and the purpose.
    fn checked(&self) -> Result<(String, String), Problem> {
        let refused = |findings| Problem::invalid("contact.refused").findings(findings);
        let purpose = check_purpose(&self.purpose)?;
        let phone = check_phone("phone", &self.phone).map_err(refused)?;
        match phone.is_empty() {
            true => Err(refused(vec![muster_kernel::Finding::refuse("contact.phone_form").field("phone")])),
            false => Ok((phone, purpose)),
        }
    }
}

/// At how many posts a telephone was erased.
#[derive(Serialize, ToSchema)]
struct ErasedBody {
    /// How many posts.
    count: usize,
}

/// Erases a telephone wherever it stands in the caller's own part of the tree, for whoever asked that it go. What it was is
/// journalled nowhere; that it was erased is, at each unit.
#[utoipa::path(post, path = "/contacts/erase", operation_id = "contact_erase", tag = "org", request_body = FindBody,
    responses((status = 200, body = ErasedBody)))]
async fn contact_erase(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(body): Json<FindBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::ContactErase)?;
    let (phone, purpose) = body.checked()?;
    let erase = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let count = org::contacts_erase(tx, &ctx, &phone, &purpose)?;
            Ok(Reply::json(&ErasedBody { count })?)
        })
    };
    Ok(app.db.write("contact.erase", app.clock.now_ms(), erase).await?)
}

/// A post at which a telephone stands.
#[derive(Serialize, ToSchema)]
struct FoundBody {
    /// Code of the unit.
    unit: String,
    /// Its name.
    unit_name: String,
    /// Code of the post.
    post: String,
    /// Its name.
    post_name: String,
}

/// Where a telephone stands.
#[derive(Serialize, ToSchema)]
struct FoundsBody {
    /// By unit and post, at most 100.
    items: Vec<FoundBody>,
}

/// Finds the posts of the caller's own part of the tree at which a telephone stands. The whole number must be known; that
/// it was asked is journalled with the purpose, the number is not.
#[utoipa::path(post, path = "/contacts/find", operation_id = "contact_find", tag = "org", request_body = FindBody,
    responses((status = 200, body = FoundsBody)))]
async fn contact_find(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(body): Json<FindBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::ContactFind)?;
    let (phone, purpose) = body.checked()?;
    let find = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        let found = org::contacts_find(tx, ctx, &phone, &purpose)?;
        let items = found.into_iter().map(|((unit, name), (post, post_name))| FoundBody {
            unit,
            unit_name: name.of(ctx.locale).to_owned(),
            post,
            post_name: post_name.of(ctx.locale).to_owned(),
        });
        Ok::<_, Fail>(Reply::json(&FoundsBody { items: items.collect() })?)
    };
    Looking::default().write(&app, ctx, once, "contact.find", find).await
}

/// That somebody read telephones.
#[derive(Serialize, ToSchema)]
struct LookBody {
    /// When (RFC 3339).
    at: String,
    /// Who: a reference, as in the journal.
    actor: String,
    /// Where: `missing`, the live board; `unit`, the unit's own page; `export`, a file; `find`, by the number.
    place: String,
    /// Of which node; `tree` where it was found by the number.
    node: String,
    /// For what, where somebody said it.
    purpose: Option<String>,
    /// How many telephones were shown.
    count: usize,
}

/// Who read telephones.
#[derive(Serialize, ToSchema)]
struct LooksBody {
    /// The latest first.
    items: Vec<LookBody>,
    /// Where the next page starts; null at the end.
    next_cursor: Option<String>,
}

/// Who read the duty telephone of a post, or telephones of a node that it stands in today: for whoever may change the unit,
/// and for who holds the post.
#[utoipa::path(get, path = "/units/{code}/posts/{post}/looks", operation_id = "contact_looks", tag = "org",
    params(("code" = String, Path, description = "Code of the unit."), ("post" = String, Path, description = "Code of the post."), Page),
    responses((status = 200, body = LooksBody)))]
async fn contact_looks(
    State(app): State<App>,
    caller: Caller,
    Path((code, post)): Path<(String, String)>,
    Query(page): Query<Page>,
) -> Answer<Json<LooksBody>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let may_change = caller.account.permissions().any(|may| may == Permission::UnitChange);
    let (before, limit) = (before(&page.after()?)?, page.limit()?);
    let zone = ctx.zone.clone();
    let read = move |rx: &mut Rx<'_>| {
        let unit = org::contact_unit(rx, &ctx, &code)?;
        org::contact_looks(rx, &ctx, (&unit, &post), may_change, before, limit)
    };
    let found = app.db.read("contact.looks", read).await.map_err(|fail: Fail| match Problem::from(fail) {
        // Whether there is such a unit or post is nothing that who may not ask is told.
        absent if absent.kind == ProblemKind::NotFound && !may_change => {
            Problem::new(ProblemKind::Forbidden, "permission.lacking")
        }
        problem => problem,
    })?;
    let last = found.last().filter(|_| found.len() == limit as usize);
    let next_cursor =
        last.map(|last| cursor_after(&format!("{} {} {}", last.at_ms, last.link.lane, last.link.no)));
    let items = found.into_iter().map(|told| LookBody {
        at: rfc3339(told.at_ms, &zone),
        actor: told.actor,
        place: told.look.at,
        node: told.look.node,
        purpose: Some(told.look.purpose).filter(|purpose| !purpose.is_empty()),
        count: told.look.count,
    });
    Ok(Json(LooksBody { items: items.collect(), next_cursor }))
}

/// The instant and entry that a cursor holds.
fn before(after: &str) -> Result<(i64, Link), Problem> {
    if after.is_empty() {
        return Ok((i64::MAX, Link { lane: i32::MAX, no: i64::MAX }));
    }
    let mut parts = after.split(' ');
    let mut part = || parts.next()?.parse::<i64>().ok();
    let read = (part(), part().and_then(|lane| i32::try_from(lane).ok()), part());
    let (Some(at), Some(lane), Some(no)) = read else { return Err(Problem::invalid("request.cursor")) };
    match parts.next() {
        None => Ok((at, Link { lane, no })),
        Some(_) => Err(Problem::invalid("request.cursor")),
    }
}
