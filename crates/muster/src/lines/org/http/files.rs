//! Files of units, in and out.

use super::contacts::contacts_shown;
use super::wire::{ColumnBody, ImportReport};
use super::{day_of, operation_follow};
use crate::lines::org::{self, Held, ImportOptions, Known, Look, Plan, Standing, UnitRows};
use crate::request::{Answer, Caller, Coming, Looking, Once, Permission, Query, Reply};
use crate::{App, Ctx, Fail, Reach, wiring};
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, header};
use muster_kernel::{Day, Finding, Problem, ProblemKind};
use muster_sheet::{Limits, Options, OutFormat, SheetWriter, WriteError};
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use std::io::Cursor;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Files that are written at the same time: a large workbook takes some hundred megabytes.
static FILES: Semaphore = Semaphore::const_new(2);
/// Units read at once for a file.
const EXPORT_ROWS: u32 = 2_000;

pub(super) fn router() -> OpenApiRouter<App> {
    let imports = OpenApiRouter::new()
        .routes(routes!(units_import))
        .layer(DefaultBodyLimit::max(Limits::default().bytes + 1));
    OpenApiRouter::new().merge(imports).routes(routes!(units_export)).routes(routes!(unit_columns))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportAsked {
    /// Whether only to tell what would be done.
    #[serde(default)]
    dry_run: bool,
    /// Day from which changes hold, and on which units open that say no day; today when absent.
    day: Option<String>,
    /// Code of the unit below which rows without a parent go.
    under: Option<String>,
    /// Whether the file is the whole list below `under`: units that it leaves out close.
    #[serde(default)]
    complete: bool,
    /// Sheet of a workbook; the first visible one that is not empty when absent.
    sheet: Option<String>,
    /// Encoding of a text file, such as `gb18030`; found out when absent.
    encoding: Option<String>,
}

/// Takes in a file of units: CSV, XLSX, XLS or NDJSON, also in gzip, told apart by their bytes; at most 64 MB.
///
/// All that can come in comes in at once, in one transaction; rows with a finding that refuses them are left out and
/// told with their cells. With `dry_run` nothing is stored.
#[utoipa::path(post, path = "/imports/units", operation_id = "units_import", tag = "org", params(ImportAsked),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportReport)))]
async fn units_import(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(asked): Query<ImportAsked>,
    coming: Coming,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let day = day_of(asked.day.as_deref(), &ctx)?;
    let under = asked.under.filter(|under| !under.is_empty());
    if asked.complete && under.is_none() {
        return Err(Problem::invalid("import.complete_needs_under").into());
    }
    let first = app.operation().root_unit == 0;
    let top = ctx.reach == Reach::All || first;
    let options = Arc::new(ImportOptions { day, under, complete: asked.complete, top, held: Held::new() });
    let upload = coming.come_in(&caller).await?;
    let _turn = upload.turn().await?;
    let bytes = upload.bytes.clone();
    let reading = Options {
        sheet: asked.sheet,
        encoding: asked.encoding,
        limits: Limits::of_upload(),
        ..Options::default()
    };
    let rows = spawn_blocking(move || -> Result<_, Vec<Finding>> {
        let table = muster_sheet::read(&bytes, &reading).map_err(|finding| vec![*finding])?;
        org::rows_read(table)
    });
    let rows = rows.await.map_err(Problem::internal)?;
    let rows = Arc::new(rows.map_err(|findings| Problem::invalid("import.unreadable").findings(findings))?);
    let plan = Arc::new(planned(&app, &ctx, &rows, &options).await?);
    let (columns, locale, dry_run) = (rows.columns.clone(), ctx.locale, asked.dry_run);
    // Where there is no tree yet, nothing that is there can be in the way.
    if dry_run && !plan.is_of_a_tree() {
        return Ok(Reply::json(&ImportReport::new(&org::outcome(&plan), true, columns, locale))?);
    }
    let deed = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        let outcome = wiring::units_import(tx, ctx, &rows, &options, &plan)?;
        Ok(Reply::json(&ImportReport::new(&outcome, dry_run, columns.clone(), locale))?)
    };
    let done = Looking { dry_run }.write_bulk(&app, ctx, once, "units.import", deed).await?;
    operation_follow(&app).await?;
    Ok(done)
}

/// Asks the tree part by part and plans. Where the tree changes meanwhile, it is asked again.
async fn planned(
    app: &App,
    ctx: &Ctx,
    rows: &Arc<UnitRows>,
    options: &Arc<ImportOptions>,
) -> Result<Plan, Problem> {
    let asked = Arc::new(org::Asked::new(rows, options));
    'again: for _ in 0..3 {
        let mut known: Option<Known> = None;
        for part in 0..asked.parts() {
            let (asked, ctx) = (asked.clone(), ctx.clone());
            let read = app.db.read("units.plan", move |rx: &mut Rx| org::known_part(rx, &ctx, &asked, part));
            known = org::known_join(known, read.await.map_err(crate::store_problem)?);
            if known.is_none() {
                continue 'again;
            }
        }
        let known = known.unwrap_or_default();
        let (rows, options) = (rows.clone(), options.clone());
        let plan = spawn_blocking(move || org::units_plan(&rows, &options, &known));
        return plan.await.map_err(Problem::internal)?;
    }
    Err(Problem::new(ProblemKind::Busy, "busy").retry_after(2))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportAsked {
    /// `csv`, `xlsx`, or `xls` (Excel 97 to 2003: at most 65,535 units).
    format: Option<String>,
    /// Day, `YYYY-MM-DD`; today when absent.
    day: Option<String>,
    /// Code of the unit at the top; the caller's own when absent.
    under: Option<String>,
    /// Whether duty telephones are written too. Personal data: ask only for a purpose, and say it.
    #[serde(default)]
    phones: bool,
    /// With `phones`: for what, 4 to 200 characters; journalled. Without a telephone in it.
    purpose: Option<String>,
}

/// A unit and all below it on a day as a file that can be taken in again.
#[utoipa::path(get, path = "/exports/units", operation_id = "units_export", tag = "org", params(ExportAsked),
    responses((status = 200, body = Vec<u8>, content_type = "text/csv")))]
async fn units_export(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<ExportAsked>,
) -> Answer<([(HeaderName, String); 2], Vec<u8>)> {
    let permission = if asked.phones { Permission::UnitChange } else { Permission::Read };
    let ctx = caller.ctx(&app, permission)?;
    let day = day_of(asked.day.as_deref(), &ctx)?;
    let purpose = match (asked.phones, asked.purpose.as_deref()) {
        (false, None) => None,
        (false, Some(_)) => return Err(Problem::invalid("contact.purpose_alone").into()),
        (true, said) => Some(org::check_purpose(said.unwrap_or_default())?),
    };
    let name = asked.format.as_deref().unwrap_or("csv");
    let format =
        OutFormat::from_name(name).ok_or_else(|| Problem::invalid("export.format").with("format", name))?;
    let _turn = FILES.acquire().await.map_err(Problem::internal)?;
    let reading = ctx.clone();
    let top = app.db.read("units.export", move |rx: &mut Rx| match &asked.under {
        Some(code) => Ok::<_, Fail>(Some(org::unit_standing(rx, &reading, code, day)?)),
        None if reading.reach == Reach::All => Ok(org::children(rx, 0, day)?.into_iter().next()),
        None => Ok(org::standing_on(rx, reading.reach.home(0), day)?),
    });
    let top = top.await.map_err(Problem::from)?;
    let node = top.as_ref().map_or_else(|| "tree".to_owned(), |top| format!("unit:{}", top.code));
    let (bytes, count) = written(&app, &ctx, top, day, format, asked.phones).await?;
    if let Some(purpose) = purpose {
        contacts_shown(&app, &ctx, Look { node, at: "export".to_owned(), purpose, count }).await?;
    }
    let disposition = format!("attachment; filename=\"units-{day}.{name}\"");
    let headers =
        [(header::CONTENT_TYPE, format.media_type().to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes))
}

/// The file, and how many telephones are in it.
async fn written(
    app: &App,
    ctx: &Ctx,
    top: Option<Standing>,
    day: Day,
    format: OutFormat,
    phones: bool,
) -> Result<(Vec<u8>, usize), Problem> {
    let fault = |error: WriteError| match error {
        WriteError::TooManyRows => Problem::invalid("export.too_many_rows"),
        other => Problem::internal(other),
    };
    let sheet = crate::say::word(ctx.locale, "export.units_sheet");
    let columns = org::export_columns(phones);
    let mut to = SheetWriter::new(format, Cursor::new(Vec::new()), &sheet, &columns).map_err(fault)?;
    let mut after = top.as_ref().map(|_| String::new());
    let top = top.map(Arc::new);
    let mut shown = 0;
    while let (Some(from), Some(top)) = (after, top.clone()) {
        let reading = ctx.clone();
        let page = app.db.read("units.export", move |rx: &mut Rx| {
            let asks = phones.then(|| (&reading.seals, reading.reach.clone(), reading.today()));
            org::export_page(rx, &top, day, &from, EXPORT_ROWS, asks)
        });
        let (rows, next) = page.await.map_err(Problem::from)?;
        shown += rows.iter().filter(|row| row.duty.is_some()).count();
        for row in rows {
            row.cells(phones, |cells| to.row(cells)).map_err(fault)?;
        }
        after = next;
    }
    let bytes = spawn_blocking(move || to.finish()).await.map_err(Problem::internal)?;
    Ok((bytes.map_err(fault)?.into_inner(), shown))
}

/// Columns that a file of units may have.
#[derive(Serialize, ToSchema)]
struct ColumnsBody {
    /// In the order in which they are written.
    items: Vec<ColumnBody>,
}

/// Columns that a file of units may have, so that a stranger can prepare one.
#[utoipa::path(get, path = "/imports/units/columns", operation_id = "unit_columns", tag = "org",
    responses((status = 200, body = ColumnsBody)))]
async fn unit_columns(caller: Caller) -> Json<ColumnsBody> {
    let columns = org::columns();
    Json(ColumnsBody { items: columns.iter().map(|column| ColumnBody::new(column, caller.locale)).collect() })
}
