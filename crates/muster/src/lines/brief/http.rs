//! Doors of the brief: read it, freeze its day, write beside it, print it, compare it, ask where a figure comes from.

mod compare;
mod lineage;

pub(crate) use compare::CompareBody;

use super::model::{Frozen, LaneHead, Narrative};
use super::verbs;
use crate::lines::access::Permission;
use crate::request::Json;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Once, Query, Reply, Seen};
use crate::serve::events::Live;
use crate::{App, Ctx};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Locale, Problem};
use muster_print::{BriefDoc, Format};
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
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
        .merge(compare::router())
        .merge(lineage::router())
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
    let (shelf, limit) = (app.shelf.clone(), page.limit()?);
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
