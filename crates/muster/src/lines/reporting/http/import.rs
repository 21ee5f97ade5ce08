//! The door for files of reports.

use super::super::import::{Imported, ReportsFile, reports_import};
use crate::App;
use crate::request::Permission;
use crate::request::refusal::FindingBody;
use crate::request::{Answer, Caller, Coming, Once, Query};
use crate::serve::events::Live;
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use muster_kernel::Locale;
use muster_sheet::Limits;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Largest file.
const FILE_BYTES_MAX: usize = 64 << 20;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(reports_import_door)).layer(DefaultBodyLimit::max(FILE_BYTES_MAX))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Code of the form; the operation's daily report when absent.
    form: Option<String>,
    /// Only look: the same to the last step, tree and earlier reports included, and nothing is stored.
    #[serde(default)]
    dry_run: bool,
}

/// What became of a file. Rows in = accepted + refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportImport {
    /// Rows in the file.
    rows: usize,
    /// Rows taken in (in a dry run: that would be).
    accepted: usize,
    /// Of them, those that said nothing new.
    unchanged: usize,
    /// Of them, those that changed what was said before.
    corrections: usize,
    /// Rows refused.
    refused: usize,
    /// Whether it was only looked at.
    dry_run: bool,
    /// How many findings there were.
    findings_all: usize,
    /// The first thousand, each at its row and cell, in the order of the rows.
    findings: Vec<FindingBody>,
}

impl ReportImport {
    pub(crate) fn new(locale: Locale, imported: &Imported, dry_run: bool) -> Self {
        Self {
            rows: imported.rows,
            accepted: imported.accepted,
            unchanged: imported.unchanged,
            corrections: imported.corrections,
            refused: imported.refused,
            dry_run,
            findings_all: imported.findings_all,
            findings: imported.findings.iter().map(|finding| FindingBody::new(locale, finding)).collect(),
        }
    }
}

/// Takes in a file of reports: CSV, XLSX, XLS or NDJSON, at most 64 MB; looked at by its bytes, not its name.
///
/// With `Idempotency-Key`, each row that has no id of its own bears the key and its number.
#[utoipa::path(post, path = "/imports/reports", operation_id = "reports_import", tag = "reporting", params(ImportQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = ReportImport)))]
async fn reports_import_door(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(query): Query<ImportQuery>,
    coming: Coming,
) -> Answer<Json<ReportImport>> {
    caller.ctx(&app, Permission::ReportFile)?;
    let upload = coming.come_in(&caller).await?;
    let form = query.form.unwrap_or_else(|| app.operation().form.clone());
    let _turn = upload.turn().await?;
    // Who sends slowly, or waits, reports when it is read.
    let ctx = caller.ctx(&app, Permission::ReportFile)?;
    let file = ReportsFile {
        form,
        bytes: upload.bytes.clone(),
        limits: Limits::of_upload(),
        dry_run: query.dry_run,
        key: once.key().map(str::to_owned),
        may_date: caller.ctx(&app, Permission::FormSet).is_ok(),
    };
    let imported = reports_import(&app.db, &app.shelf, &ctx, file, |_, _| {}).await?;
    if !query.dry_run {
        app.hub.tell(Live::Tree);
    }
    Ok(Json(ReportImport::new(ctx.locale, &imported, query.dry_run)))
}
