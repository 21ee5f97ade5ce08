//! Doors of the brief: read it, freeze its day, write beside it, print it, compare it, ask where a figure comes from.

use super::compare::{self, Cause, Comparison, Part};
use super::model::{Frozen, LaneHead, Narrative};
use super::{origins, verbs};
use crate::lines::access::Permission;
use crate::lines::org;
use crate::lines::reporting::{Receipt, Scope};
use crate::request::Json;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Once, Reply, Seen};
use crate::serve::events::Live;
use crate::{App, Ctx};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Locale, Problem};
use muster_print::{BriefDoc, Format};
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(brief_list))
        .routes(routes!(brief_read))
        .routes(routes!(brief_freeze))
        .routes(routes!(narrative_read, narrative_set))
        .routes(routes!(brief_file))
        .routes(routes!(brief_compare))
        .routes(routes!(brief_lineage))
}

/// Of which form, in which language.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Of {
    /// Code of the form; the operation's daily report when absent.
    form: Option<String>,
    /// `zh-CN`, `zh-TW` or `en`; the language of `Accept-Language` when absent.
    lang: Option<String>,
}

/// A question about one brief, read and allowed.
struct Asked {
    ctx: Ctx,
    day: Day,
    form: Option<String>,
    locale: Locale,
}

impl Asked {
    fn new(app: &App, caller: &Caller, permission: Permission, day: &str, of: Of) -> Result<Self, Problem> {
        let ctx = caller.ctx(app, permission)?;
        let day = day.parse().map_err(|_| Problem::invalid("request.day").with("day", cut(day)))?;
        let unknown = |lang: &str| Problem::invalid("request.lang").with("lang", cut(lang));
        let locale = match &of.lang {
            None => ctx.locale,
            Some(lang) => Locale::from_tag(lang).ok_or_else(|| unknown(lang))?,
        };
        Ok(Self { ctx, day, form: of.form.map(|form| cut(&form)), locale })
    }
    fn form(&self) -> Option<&str> {
        self.form.as_deref()
    }
}

/// What an answer may repeat of what was sent.
fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

/// What is kept of a frozen brief beside its documents.
#[derive(Serialize, ToSchema)]
struct FrozenBody {
    /// The day.
    day: String,
    /// Always true: the list holds what is frozen.
    frozen: bool,
    /// Which of its series.
    number: i64,
    /// When the day was frozen (RFC 3339); the brief was made then.
    made_at: String,
    /// By whom: a reference.
    actor: String,
    /// The digest of its documents, the origins of their figures, and the cut.
    digest: String,
    /// The digest of the origins alone.
    origins: String,
    /// Units whose reports are in it.
    units: i64,
    /// Revisions that lie behind it.
    revisions: i64,
    /// The heads of the journal at which it was made.
    heads: Vec<HeadBody>,
}

/// The end of one lane of the journal.
#[derive(Serialize, ToSchema)]
struct HeadBody {
    /// The lane.
    lane: i32,
    /// Number of its last entry.
    no: i64,
    /// The entry's hash with its algorithm id, in hex.
    hash: String,
}

impl FrozenBody {
    fn new(frozen: &Frozen, ctx: &Ctx) -> Self {
        let head =
            |LaneHead { lane, no, hash }: &LaneHead| HeadBody { lane: *lane, no: *no, hash: hash.clone() };
        Self {
            day: frozen.key.day.to_string(),
            frozen: true,
            number: frozen.number,
            made_at: rfc3339(frozen.at_ms, &ctx.zone),
            actor: frozen.actor.clone(),
            digest: frozen.digest.to_string(),
            origins: frozen.origins.to_string(),
            units: frozen.units,
            revisions: frozen.revisions,
            heads: frozen.heads.0.iter().map(head).collect(),
        }
    }
}

/// Frozen briefs.
#[derive(Serialize, ToSchema)]
struct BriefList {
    /// The newest day first.
    items: Vec<FrozenBody>,
    /// Where the next page starts; null at the end.
    next_cursor: Option<String>,
}

/// Frozen briefs, the newest first.
#[utoipa::path(get, path = "/briefs", operation_id = "brief_list", tag = "brief", params(Of, Page), responses((status = 200, body = BriefList)))]
async fn brief_list(
    State(app): State<App>,
    caller: Caller,
    Query(of): Query<Of>,
    Query(page): Query<Page>,
) -> Answer<Json<BriefList>> {
    let today = caller.ctx(&app, Permission::Read)?.today().plus(1).to_string();
    let before = match page.after()? {
        after if after.is_empty() => today,
        after => after,
    };
    let asked = Asked::new(&app, &caller, Permission::Read, &before, of)
        .map_err(|_| Problem::invalid("request.cursor"))?;
    let (shelf, limit) = (app.shelf.clone(), page.limit());
    let ctx = asked.ctx.clone();
    let found = app
        .db
        .read("brief.list", move |rx: &mut Rx<'_>| {
            verbs::briefs(rx, &asked.ctx, &shelf, asked.form(), asked.day, limit)
        })
        .await?;
    let full = found.len() == limit as usize;
    let next_cursor = found.last().filter(|_| full).map(|last| cursor_after(&last.key.day.to_string()));
    Ok(Json(BriefList {
        items: found.iter().map(|frozen| FrozenBody::new(frozen, &ctx)).collect(),
        next_cursor,
    }))
}

/// The brief of a day: the frozen document byte for byte, or while the day is open one made at this moment.
#[utoipa::path(get, path = "/briefs/{day}", operation_id = "brief_read", tag = "brief",
    params(("day" = String, Path, description = "YYYY-MM-DD"), Of), responses((status = 200, body = BriefDoc)))]
async fn brief_read(
    State(app): State<App>,
    caller: Caller,
    Path(day): Path<String>,
    Query(of): Query<Of>,
) -> Answer<Response> {
    let asked = Asked::new(&app, &caller, Permission::Read, &day, of)?;
    let shown = shown(&app, asked).await?;
    let mut response = ([(header::CONTENT_TYPE, "application/json")], shown.body).into_response();
    if let Some(frozen) = &shown.frozen
        && let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", frozen.digest))
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

async fn shown(app: &App, asked: Asked) -> Answer<verbs::Shown> {
    let shelf = app.shelf.clone();
    let read = move |rx: &mut Rx<'_>| {
        verbs::brief_shown(rx, &asked.ctx, &shelf, asked.form(), asked.day, asked.locale)
    };
    Ok(app.db.read("brief.read", read).await?)
}

/// Freezes a day, once its cut-off has passed, and makes its brief in every language. A second time answers the first.
/// With `If-Match`, only where nobody wrote beside the figures since (the `ETag` of the day's narrative).
#[utoipa::path(post, path = "/briefs/{day}/freeze", operation_id = "brief_freeze", tag = "brief",
    params(("day" = String, Path, description = "YYYY-MM-DD"), Of), responses((status = 200, body = FrozenBody)))]
async fn brief_freeze(
    State(app): State<App>,
    caller: Caller,
    Path(day): Path<String>,
    Query(of): Query<Of>,
    once: Once,
) -> Answer<Reply> {
    let asked = Asked::new(&app, &caller, Permission::BriefFreeze, &day, of)?;
    let (shelf, now_ms, day) = (app.shelf.clone(), asked.ctx.now_ms, asked.day);
    let freeze = move |tx: &mut Tx<'_>| {
        let ctx = &asked.ctx;
        once.run(tx, ctx, |tx| {
            let frozen = verbs::brief_freeze(tx, ctx, &shelf, asked.form(), asked.day)?;
            // After the freeze: nobody writes beside a day that is being frozen.
            let (rev, _) = verbs::narrative(tx, ctx, &shelf, asked.form(), asked.day)?;
            let stale = |problem: Problem| problem.with("revision", rev);
            Seen::expect(once.seen(), &rev.to_string(), "brief.narrative_stale").map_err(stale)?;
            Ok(Reply::json(&FrozenBody::new(&frozen, ctx))?.tagged(frozen.digest))
        })
    };
    let reply = app.db.write("brief.freeze", now_ms, freeze).await?;
    app.hub.tell(Live::Frozen { day: day.to_string() });
    Ok(reply)
}

/// What the office wrote beside the figures of a day.
#[utoipa::path(get, path = "/briefs/{day}/narrative", operation_id = "brief_narrative_read", tag = "brief",
    params(("day" = String, Path, description = "YYYY-MM-DD"), Of), responses((status = 200, body = Narrative)))]
async fn narrative_read(
    State(app): State<App>,
    caller: Caller,
    Path(day): Path<String>,
    Query(of): Query<Of>,
) -> Answer<Response> {
    let asked = Asked::new(&app, &caller, Permission::Read, &day, of)?;
    let shelf = app.shelf.clone();
    let read = move |rx: &mut Rx<'_>| verbs::narrative(rx, &asked.ctx, &shelf, asked.form(), asked.day);
    let (rev, narrative) = app.db.read("brief.narrative", read).await?;
    Ok(([(header::ETAG, format!("\"{rev}\""))], Json(narrative)).into_response())
}

/// Sets what the office writes beside the figures of a day, before it is frozen. With `If-Match`, only where nobody
/// wrote since.
#[utoipa::path(put, path = "/briefs/{day}/narrative", operation_id = "brief_narrative_set", tag = "brief",
    params(("day" = String, Path, description = "YYYY-MM-DD"), Of), request_body = Narrative, responses((status = 200, body = Narrative)))]
async fn narrative_set(
    State(app): State<App>,
    caller: Caller,
    Path(day): Path<String>,
    Query(of): Query<Of>,
    once: Once,
    Json(draft): Json<Narrative>,
) -> Answer<Reply> {
    let asked = Asked::new(&app, &caller, Permission::BriefFreeze, &day, of)?;
    let seen = once.seen().map(Seen::revision).transpose()?;
    let (shelf, now_ms) = (app.shelf.clone(), asked.ctx.now_ms);
    let set = move |tx: &mut Tx<'_>| {
        once.run(tx, &asked.ctx, |tx| {
            let (rev, narrative) =
                verbs::narrative_set(tx, &asked.ctx, &shelf, asked.form(), asked.day, &draft, seen)?;
            Ok(Reply::json(&narrative)?.tagged(rev))
        })
    };
    Ok(app.db.write("brief.narrate", now_ms, set).await?)
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct As {
    /// `pdf`, `docx`, `xlsx` or `png`.
    format: String,
}

/// The brief as a file. Of a frozen one the first print is kept and handed out again byte for byte. While the printer
/// is not there yet: 503 with `Retry-After`.
#[utoipa::path(get, path = "/briefs/{day}/file", operation_id = "brief_file", tag = "brief",
    params(("day" = String, Path, description = "YYYY-MM-DD"), As, Of),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn brief_file(
    State(app): State<App>,
    caller: Caller,
    Path(day): Path<String>,
    Query(of): Query<Of>,
    Query(wanted): Query<As>,
) -> Answer<Response> {
    let unknown = || Problem::invalid("brief.format").with("format", cut(&wanted.format));
    let format: Format = wanted.format.parse().map_err(|_| unknown())?;
    let asked = Asked::new(&app, &caller, Permission::Read, &day, of)?;
    let (ctx, day, locale) = (asked.ctx.clone(), asked.day, asked.locale);
    let shown = shown(&app, asked).await?;
    let bytes = match shown.frozen {
        None => app.printer.print(shown.body.as_bytes(), format).await?,
        Some(Frozen { key, .. }) => {
            let kept =
                app.db.read("brief.file", move |rx: &mut Rx<'_>| verbs::file_kept(rx, &key, locale, format));
            match kept.await? {
                Some(kept) => kept.bytes,
                None => {
                    let bytes = app.printer.print(shown.body.as_bytes(), format).await?;
                    let now_ms = ctx.now_ms;
                    let keep =
                        move |tx: &mut Tx<'_>| verbs::file_keep(tx, &ctx, &key, locale, format, &bytes);
                    app.db.write("brief.print", now_ms, keep).await?.bytes
                }
            }
        }
    };
    let name = format!("attachment; filename=\"brief-{day}-{}.{format}\"", locale.tag());
    Ok(([(header::CONTENT_TYPE, format.media_type().to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}

/// A frozen brief beside the same figures made again.
#[derive(Serialize, ToSchema)]
pub(crate) struct CompareBody {
    /// The day.
    pub(crate) day: String,
    /// When it was frozen (RFC 3339).
    pub(crate) frozen_at: String,
    /// The digest that was frozen.
    pub(crate) digest: String,
    /// Whether what is kept is still what was frozen.
    pub(crate) intact: bool,
    /// Figures that are another now.
    pub(crate) differences: Vec<DifferenceBody>,
    /// Sheets that changed since, at most 500.
    pub(crate) causes: Vec<CauseBody>,
    /// Whether more sheets changed than are told.
    pub(crate) more: bool,
}

/// A figure that is another now.
#[derive(Serialize, ToSchema)]
pub(crate) struct DifferenceBody {
    /// `rates`, `totals` or `groups`.
    pub(crate) part: String,
    /// What it counts.
    pub(crate) name: String,
    /// The group, for a figure of a group.
    pub(crate) unit: Option<String>,
    /// What was frozen; null when nobody had said it.
    pub(crate) frozen: Option<f64>,
    /// What it is now.
    pub(crate) now: Option<f64>,
    /// Places in `causes` of the sheets that changed it; none: the tree or the form changed.
    pub(crate) causes: Vec<usize>,
}

/// A sheet that changed since.
#[derive(Serialize, ToSchema)]
pub(crate) struct CauseBody {
    /// Code of the unit.
    pub(crate) unit: String,
    /// Its name.
    pub(crate) name: String,
    /// `alone` or `below`.
    pub(crate) scope: Scope,
    /// The revision that was frozen; null where there was no report.
    pub(crate) revision_frozen: Option<i64>,
    /// The revision now; null where the unit is no longer in the figures.
    pub(crate) revision_now: Option<i64>,
    /// When it changed (RFC 3339).
    pub(crate) at: Option<String>,
    /// The receipt of the revision now.
    pub(crate) receipt: Option<String>,
    /// What changed.
    pub(crate) changes: Vec<CauseChange>,
}

/// What changed in a sheet.
#[derive(Serialize, ToSchema)]
pub(crate) struct CauseChange {
    /// Name of the element.
    pub(crate) element: String,
    /// What it was.
    pub(crate) before: Option<f64>,
    /// What it is.
    pub(crate) after: Option<f64>,
}

impl CompareBody {
    /// A comparison on its way out.
    pub(crate) fn new(comparison: &Comparison, ctx: &Ctx) -> Self {
        let day = comparison.frozen.key.day;
        let difference = |one: &compare::Difference| DifferenceBody {
            part: match one.part {
                Part::Rates => "rates",
                Part::Totals => "totals",
                Part::Groups => "groups",
            }
            .to_owned(),
            name: one.name.clone(),
            unit: one.unit.clone(),
            frozen: one.frozen,
            now: one.now,
            causes: one.causes.clone(),
        };
        let cause = |one: &Cause| CauseBody {
            unit: one.code.clone(),
            name: one.name.clone(),
            scope: one.scope,
            revision_frozen: one.before.map(|origin| origin.rev),
            revision_now: one.now.map(|origin| origin.rev),
            at: one.at_ms.map(|ms| rfc3339(ms, &ctx.zone)),
            receipt: one.now.map(|origin| Receipt::number_of(day, origin.link)),
            changes: one.changes.iter().map(change).collect(),
        };
        fn change((_, element, before, after): &(i64, String, Option<f64>, Option<f64>)) -> CauseChange {
            CauseChange { element: element.clone(), before: *before, after: *after }
        }
        Self {
            day: day.to_string(),
            frozen_at: rfc3339(comparison.frozen.at_ms, &ctx.zone),
            digest: comparison.frozen.digest.to_string(),
            intact: comparison.intact,
            differences: comparison.differences.iter().map(difference).collect(),
            causes: comparison.causes.iter().map(cause).collect(),
            more: comparison.more,
        }
    }
}

/// A frozen brief beside the same figures made again: each difference, and the sheets that changed since.
#[utoipa::path(get, path = "/briefs/{day}/compare", operation_id = "brief_compare", tag = "brief",
    params(("day" = String, Path, description = "YYYY-MM-DD"), Of), responses((status = 200, body = CompareBody)))]
async fn brief_compare(
    State(app): State<App>,
    caller: Caller,
    Path(day): Path<String>,
    Query(of): Query<Of>,
) -> Answer<Json<CompareBody>> {
    let asked = Asked::new(&app, &caller, Permission::Read, &day, of)?;
    let (shelf, ctx) = (app.shelf.clone(), asked.ctx.clone());
    let read = move |rx: &mut Rx<'_>| {
        compare::compare(rx, &asked.ctx, &shelf, asked.form(), asked.day, asked.locale)
    };
    let comparison = app.db.read("brief.compare", read).await?;
    Ok(Json(CompareBody::new(&comparison, &ctx)))
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// Code of a unit: its sheets in the brief; without it only what is kept of the brief.
    unit: Option<String>,
}

/// Of what a frozen brief is made.
#[derive(Serialize, ToSchema)]
struct LineageBody {
    /// What is kept of the brief.
    brief: FrozenBody,
    /// The unit's sheets in it: the day's, and those of the day before.
    sheets: Vec<OriginBody>,
}

/// A sheet in a frozen brief, at the revision at which it is in it.
#[derive(Serialize, ToSchema)]
struct OriginBody {
    /// The day of the sheet.
    period: String,
    /// `alone` or `below`.
    scope: Scope,
    /// Its revision.
    revision: i64,
    /// The receipt of that revision, with its lane and number in the journal.
    receipt: String,
    /// What it said: code of the element, value. A text is not among them.
    values: BTreeMap<String, f64>,
}

/// Where the figures of a frozen brief come from: the cut, and a unit's sheets as they are in it.
#[utoipa::path(get, path = "/briefs/{day}/lineage", operation_id = "brief_lineage", tag = "brief",
    params(("day" = String, Path, description = "YYYY-MM-DD"), Whose, Of), responses((status = 200, body = LineageBody)))]
async fn brief_lineage(
    State(app): State<App>,
    caller: Caller,
    Path(day): Path<String>,
    Query(of): Query<Of>,
    Query(whose): Query<Whose>,
) -> Answer<Json<LineageBody>> {
    let asked = Asked::new(&app, &caller, Permission::Read, &day, of)?;
    let (shelf, code) = (app.shelf.clone(), whose.unit.map(|code| cut(&code)));
    let read = move |rx: &mut Rx<'_>| {
        let ctx = &asked.ctx;
        let frozen = verbs::frozen(rx, ctx, &shelf, asked.form(), asked.day)?;
        let mut sheets = Vec::new();
        if let Some(code) = &code {
            let unknown = || Problem::not_found("unit.unknown").with("unit", code);
            let standing =
                org::standings_by_code(rx, &[code], asked.day)?.into_iter().next().ok_or_else(unknown)?;
            for listed in origins::listed(rx, &frozen.key, standing.unit)? {
                sheets.push(OriginBody {
                    period: listed.period.to_string(),
                    scope: listed.origin.scope,
                    revision: listed.origin.rev,
                    receipt: Receipt::number_of(listed.period, listed.origin.link),
                    values: verbs::origin_values(rx, ctx, &shelf, &listed)?,
                });
            }
        }
        Ok::<_, crate::Fail>(LineageBody { brief: FrozenBody::new(&frozen, ctx), sheets })
    };
    Ok(Json(app.db.read("brief.lineage", read).await?))
}
