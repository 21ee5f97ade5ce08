//! Doors of notices: take one in, list, read, decide a conjecture, and the file as received.

use super::check::{Upload, check};
use super::extract::{FILE_BYTES_MAX, MediaType};
use super::model::ConjectureState;
use super::verbs;
use super::wire::{ListedBody, NoticeBody, Reader};
use crate::request::Json;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Coming, Once, Permission, Query, Reply, Seen};
use crate::{App, Ctx, Fail};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderName, header};
use muster_kernel::{Id, Problem};
use muster_store::{Rows, Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The doors of notices.
pub fn router() -> OpenApiRouter<App> {
    let files =
        OpenApiRouter::new().routes(routes!(notice_import)).layer(DefaultBodyLimit::max(FILE_BYTES_MAX + 1));
    OpenApiRouter::new()
        .routes(routes!(notice_list))
        .routes(routes!(notice_read))
        .routes(routes!(notice_conjecture_decide))
        .routes(routes!(notice_original))
        .merge(files)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileName {
    /// Name of the file, at most 300 characters. It is looked at for a secrecy mark and not kept.
    name: Option<String>,
}

/// Takes in a text: plain text (UTF-8, GB 18030, UTF-16 with a mark), HTML, DOCX or PDF, at most 20 MB. The same file
/// is kept once. A file that bears a secrecy mark is refused, and nothing of it is kept.
#[utoipa::path(post, path = "/notices", operation_id = "notice_import", tag = "notices", params(FileName),
    request_body(content(
        (String = "text/plain"), (String = "text/html"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"))),
    responses((status = 201, body = NoticeBody), (status = 200, body = NoticeBody, description = "It was here already.")))]
async fn notice_import(
    State(app): State<App>,
    caller: Caller,
    Query(FileName { name }): Query<FileName>,
    once: Once,
    headers: HeaderMap,
    coming: Coming,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::NoticeImport)?;
    if name.as_ref().is_some_and(|name| name.chars().nth(300).is_some()) {
        return Err(Problem::invalid("request.unreadable").into());
    }
    let file = coming.come_in(&caller).await?;
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let upload = Upload { bytes: file.bytes.to_vec(), media_type: said, name };
    let _turn = file.turn().await?;
    let read_pdf = app.read_pdf.clone();
    let checked =
        tokio::task::spawn_blocking(move || check(upload, &*read_pdf)).await.map_err(Problem::internal)??;
    let (id, now_ms) = (ctx.id().to_string(), ctx.now_ms);
    let import = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let imported = verbs::notice_import(tx, &ctx, &id, &checked)?;
            let reply = told(tx, &ctx, &imported.id)?;
            Ok(if imported.is_new { reply.created() } else { reply })
        })
    };
    Ok(app.db.write("notice.import", now_ms, import).await?)
}

/// Notices, the newest first.
#[derive(Serialize, ToSchema)]
struct NoticesBody {
    /// The notices of this page.
    items: Vec<ListedBody>,
    /// Where the next page starts; none when this is the last.
    next_cursor: Option<String>,
}

/// Lists notices, the newest first.
#[utoipa::path(get, path = "/notices", operation_id = "notice_list", tag = "notices", params(Page),
    responses((status = 200, body = NoticesBody)))]
async fn notice_list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Answer<Json<NoticesBody>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (after, limit, reading) = (page.after()?, page.limit()?, ctx.clone());
    let mut listed = app
        .db
        .read("notice.list", move |rx: &mut Rx| verbs::notice_list(rx, &reading, &after, limit + 1))
        .await?;
    let more = listed.len() > limit as usize;
    listed.truncate(limit as usize);
    let next_cursor = listed.last().filter(|_| more).map(|last| cursor_after(&last.id));
    let reader = Reader { locale: ctx.locale, zone: &ctx.zone };
    Ok(Json(NoticesBody { items: listed.iter().map(|one| reader.listed(one)).collect(), next_cursor }))
}

/// A notice with all its layers.
#[utoipa::path(get, path = "/notices/{id}", operation_id = "notice_read", tag = "notices",
    params(("id" = String, Path, description = "Id of the notice.")), responses((status = 200, body = NoticeBody)))]
async fn notice_read(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let id = known_id(&id)?;
    Ok(app.db.read("notice.read", move |rx: &mut Rx<'_>| told(rx, &ctx, &id)).await?)
}

/// What a person says of a conjecture.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Decision {
    /// It is taken: the readable text has it.
    Accept,
    /// It is not taken.
    Refuse,
}

#[derive(Deserialize, ToSchema)]
struct DecisionBody {
    /// What is said of it.
    decision: Decision,
}

/// Decides a conjecture. It can be decided otherwise later; each decision is journalled with who took it.
#[utoipa::path(post, path = "/notices/{id}/conjectures/{n}", operation_id = "notice_conjecture_decide", tag = "notices",
    params(("id" = String, Path, description = "Id of the notice."), ("n" = u32, Path, description = "Number of the conjecture.")),
    request_body = DecisionBody, responses((status = 200, body = NoticeBody)))]
async fn notice_conjecture_decide(
    State(app): State<App>,
    caller: Caller,
    Path((id, n)): Path<(String, u32)>,
    once: Once,
    Json(DecisionBody { decision }): Json<DecisionBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::NoticeImport)?;
    let state = match decision {
        Decision::Accept => ConjectureState::Accepted,
        Decision::Refuse => ConjectureState::Refused,
    };
    let (id, now_ms) = (known_id(&id)?, ctx.now_ms);
    let decide = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            if let Some(seen) = once.seen() {
                Seen::expect(Some(seen), &verbs::notice_held(tx, &ctx, &id)?, "notice.stale")?;
            }
            verbs::notice_conjecture_decide(tx, &ctx, &id, n, state)?;
            told(tx, &ctx, &id)
        })
    };
    Ok(app.db.write("notice.conjecture.decide", now_ms, decide).await?)
}

/// The file of a notice, byte for byte as received. Always a download: a page from outside is never shown as one of
/// ours.
#[utoipa::path(get, path = "/notices/{id}/original", operation_id = "notice_original", tag = "notices",
    params(("id" = String, Path, description = "Id of the notice.")),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn notice_original(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<([(HeaderName, String); 3], Vec<u8>)> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let id = known_id(&id)?;
    let name = id.clone();
    let (media_type, bytes) = app
        .db
        .read("notice.original", move |rx: &mut Rx| verbs::notice_original(rx, &ctx, &id))
        .await
        .map_err(Problem::from)?;
    let ending = match media_type {
        MediaType::Text => "txt",
        MediaType::Html => "html",
        MediaType::Docx => "docx",
        MediaType::Pdf => "pdf",
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"notice-{name}.{ending}\"")),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ];
    Ok((headers, bytes))
}

/// A notice as its reader sees it, with the state of its decisions.
fn told(rows: &mut impl Rows, ctx: &Ctx, id: &str) -> Result<Reply, Fail> {
    let notice = verbs::notice_read(rows, ctx, id)?.opened()?;
    let body = Reader { locale: ctx.locale, zone: &ctx.zone }.notice(&notice);
    Ok(Reply::json(&body)?.tagged(verbs::notice_tag(&notice.conjectures)))
}

/// What is no id is the id of nothing.
fn known_id(text: &str) -> Result<String, Problem> {
    let id: Id = text.parse().map_err(|_| Problem::not_found("notice.unknown"))?;
    Ok(id.to_string())
}
