//! Doors of a report's paper: the scan of its signed page, and whether a paper is what is held.

use super::{Which, key_of};
use crate::App;
use crate::lines::org;
use crate::lines::reporting::http::day_of;
use crate::lines::reporting::model::{Scope, SheetKey};
use crate::lines::reporting::query::Query as Question;
use crate::lines::reporting::scan::{SCAN_BYTES_MAX, Scan, scan_check};
use crate::lines::reporting::{Book, book::form_absent, compare, store, verbs};
use crate::request::{Answer, Caller, Coming, Json, Once, Permission, Query, Reply};
use crate::{Ctx, Fail};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, header};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Problem};
use muster_store::{Rows, Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    let files =
        OpenApiRouter::new().routes(routes!(report_scan)).layer(DefaultBodyLimit::max(SCAN_BYTES_MAX));
    OpenApiRouter::new().routes(routes!(report_scan_read)).routes(routes!(report_check)).merge(files)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileName {
    /// Name of the file, at most 300 characters. It is looked at for a secrecy mark and not kept.
    name: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Kept {
    /// Which scan, by its digest; the last of the latest revision when absent.
    digest: Option<String>,
}

/// A scan of a report's signed page.
#[derive(Serialize, ToSchema)]
pub(super) struct ScanBody {
    /// The revision it shows.
    revision: i64,
    /// Hash of the bytes that are kept, `sha256:..`.
    digest: String,
    /// `application/pdf`, `image/png` or `image/jpeg`.
    media_type: String,
    /// How many bytes are kept.
    bytes: i64,
    /// When it was taken in (RFC 3339).
    taken_in_at: String,
}

impl ScanBody {
    pub(super) fn new(ctx: &Ctx, scanned: &store::Scanned) -> Self {
        Self {
            revision: scanned.rev,
            digest: scanned.digest.clone(),
            media_type: scanned.media_type.clone(),
            bytes: scanned.bytes,
            taken_in_at: rfc3339(scanned.at_ms, &ctx.zone),
        }
    }
}

/// A scan that was sent.
#[derive(Serialize, ToSchema)]
struct ScanTaken {
    #[serde(flatten)]
    kept: ScanBody,
    /// Whether something that was sent beside the picture (where and when it was taken, with what) is not kept.
    left_out: bool,
}

/// The sheet of a unit and day, if it is the caller's to know.
fn sheet_key(
    rows: &mut impl Rows,
    ctx: &Ctx,
    book: &Book,
    (unit, day): (&str, Day),
    (form, scope): (&str, Scope),
) -> Result<SheetKey, Fail> {
    let standing = org::unit_standing(rows, ctx, unit, day)?;
    let question =
        Question::new(book, ctx.operation, form, day).ok_or_else(|| form_absent(book, form, day))?;
    Ok(key_of(ctx, &standing, day, question.slot(), scope))
}

/// Keeps a scan of the signed and sealed page: PDF, PNG or JPEG by its first bytes, at most 10 MiB. It belongs to the latest
/// revision; the same scan is kept once. Of a picture, what the camera wrote beside it (place, time, words) is left out, but how it is to be turned.
#[utoipa::path(put, path = "/reports/{unit}/{day}/scan", operation_id = "report_scan", tag = "reporting",
    params(("unit" = String, Path, description = "Code of the unit"), ("day" = String, Path, description = "YYYY-MM-DD"), Which, FileName),
    request_body(content((Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"))),
    responses((status = 201, body = ScanTaken), (status = 200, body = ScanTaken, description = "It was here already.")))]
async fn report_scan(
    State(app): State<App>,
    caller: Caller,
    Path((unit, day)): Path<(String, String)>,
    Query(which): Query<Which>,
    Query(FileName { name }): Query<FileName>,
    once: Once,
    coming: Coming,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::ReportFile)?;
    let day = day_of(Some(&day), &ctx)?;
    let form = which.form.unwrap_or_else(|| app.operation().form.clone());
    let scope = which.scope.unwrap_or(Scope::Alone);
    let file = coming.come_in(&caller).await?;
    let bytes = file.bytes.clone();
    let checked = tokio::task::spawn_blocking(move || scan_check(bytes, name.as_deref())).await;
    let scan: Scan = checked.map_err(Problem::internal)??;
    let (shelf, now_ms) = (app.shelf.clone(), ctx.now_ms);
    let keep = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let book = shelf.current(tx, ctx.operation)?;
            let key = sheet_key(tx, &ctx, &book, (&unit, day), (&form, scope))?;
            let (rev, is_new) = verbs::report_scan(tx, &ctx, &book, &key, &scan)?;
            let digest = scan.digest.to_string();
            let kept = store::scans(tx, &key)?;
            let kept = kept.iter().find(|kept| kept.rev == rev && kept.digest == digest);
            let kept = kept.ok_or_else(|| Problem::internal("a scan that was just kept is not there"))?;
            let kept = ScanBody::new(&ctx, kept);
            let reply = Reply::json(&ScanTaken { kept, left_out: scan.left_out })?;
            Ok(if is_new { reply.created() } else { reply })
        })
    };
    Ok(app.db.write("report.scan", now_ms, keep).await?)
}

/// A scan of the signed page, as it is kept. Always a download.
#[utoipa::path(get, path = "/reports/{unit}/{day}/scan", operation_id = "report_scan_read", tag = "reporting",
    params(("unit" = String, Path, description = "Code of the unit"), ("day" = String, Path, description = "YYYY-MM-DD"), Which, Kept),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn report_scan_read(
    State(app): State<App>,
    caller: Caller,
    Path((unit, day)): Path<(String, String)>,
    Query(which): Query<Which>,
    Query(Kept { digest }): Query<Kept>,
) -> Answer<([(HeaderName, String); 3], Vec<u8>)> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let day = day_of(Some(&day), &ctx)?;
    let form = which.form.unwrap_or_else(|| app.operation().form.clone());
    let (scope, shelf) = (which.scope.unwrap_or(Scope::Alone), app.shelf.clone());
    let (kind, bytes, rev) = app
        .db
        .read("report.scan_read", move |rx: &mut Rx<'_>| {
            let book = shelf.current(rx, ctx.operation)?;
            let key = sheet_key(rx, &ctx, &book, (&unit, day), (&form, scope))?;
            let none = || Problem::not_found("scan.none");
            let kept = store::scans(rx, &key)?;
            let kept = kept.iter().find(|kept| digest.as_ref().is_none_or(|wanted| *wanted == kept.digest));
            let kept = kept.ok_or_else(none)?;
            let (kind, bytes) = store::scan_file(rx, &kept.digest)?.ok_or_else(none)?;
            Ok::<_, Fail>((kind, bytes, kept.rev))
        })
        .await?;
    let ending = kind.map_or("bin", |kind| kind.ending());
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"scan-{day}-{rev}.{ending}\"")),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ];
    Ok((headers, bytes))
}

/// What a paper says of itself.
#[derive(Deserialize, ToSchema)]
struct PaperBody {
    /// Code of the unit.
    unit: String,
    /// `YYYY-MM-DD`.
    day: String,
    /// Code of the form; the operation's daily report when absent.
    #[serde(default)]
    form: Option<String>,
    /// `alone` or `below`; `alone` when absent.
    #[serde(default)]
    scope: Option<Scope>,
    /// The revision.
    revision: i64,
    /// SHA-256 of the packed sheet, as in its history: `sha256:..`, or the 64 hex digits alone.
    hash: String,
}

/// How a paper stands to what is held.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PaperStands {
    /// It is what is held.
    Yes,
    /// It is what was held; a later revision was reported since.
    Superseded,
    /// It is not what is or was held.
    No,
}

/// Whether a paper is what is held.
#[derive(Serialize, ToSchema)]
struct PaperChecked {
    /// `yes`, `superseded` or `no`.
    matches: PaperStands,
    /// The latest revision; absent where there is no report.
    revision: Option<i64>,
}

/// Whether a report's paper is what is held: by its unit, day, revision and hash. Stores nothing.
#[utoipa::path(post, path = "/reports/check", operation_id = "report_check", tag = "reporting", request_body = PaperBody,
    responses((status = 200, body = PaperChecked)))]
async fn report_check(
    State(app): State<App>,
    caller: Caller,
    Json(paper): Json<PaperBody>,
) -> Answer<axum::Json<PaperChecked>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let day = day_of(Some(&paper.day), &ctx)?;
    let form = paper.form.clone().unwrap_or_else(|| app.operation().form.clone());
    let (scope, shelf) = (paper.scope.unwrap_or(Scope::Alone), app.shelf.clone());
    let checked = app
        .db
        .read("report.check", move |rx: &mut Rx<'_>| {
            let book = shelf.current(rx, ctx.operation)?;
            let key = sheet_key(rx, &ctx, &book, (&paper.unit, day), (&form, scope))?;
            let latest = store::sheet(rx, &book, &key)?.map(|sheet| sheet.rev).filter(|rev| *rev > 0);
            let held = compare::revision_hash(rx, &book, &key, paper.revision)?.map(|hash| hash.to_string());
            let said = paper.hash.strip_prefix("sha256:").unwrap_or(&paper.hash).to_ascii_lowercase();
            let is_held = held.is_some_and(|held| held.strip_prefix("sha256:") == Some(said.as_str()));
            let matches = match is_held {
                false => PaperStands::No,
                true if latest == Some(paper.revision) => PaperStands::Yes,
                true => PaperStands::Superseded,
            };
            Ok::<_, Fail>(PaperChecked { matches, revision: latest })
        })
        .await?;
    Ok(axum::Json(checked))
}
