//! Doors of whoever holds a link: the sheet of their unit, filing it, what was filed. No unit and no form is asked for: they are the
//! link's.

use super::file::{ReceiptBody, ReportBody, report_filed};
use super::history::{ReportHistory, history_read};
use super::paper::{As, paper_printed};
use super::sheet::{SheetBody, sheet_read};
use crate::lines::org;
use crate::lines::reporting::http::day_of;
use crate::lines::reporting::model::Scope;
use crate::request::{Answer, Holder, Json, Once, Permission, Query};
use crate::{App, Fail};
use axum::extract::{Path, State};
use axum::response::Response;
use muster_kernel::Problem;
use muster_store::Rx;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(link_sheet, link_report))
        .routes(routes!(link_history))
        .routes(routes!(link_paper))
}

/// Code of the link's unit on a day on which it is open.
async fn unit_of(app: &App, holder: &Holder, day: &str) -> Result<String, Fail> {
    let ctx = holder.caller.ctx(app, Permission::Read)?;
    let (unit, day, today) = (holder.link.unit, day_of(Some(day), &ctx)?, ctx.today());
    let read = move |rx: &mut Rx<'_>| {
        let is_open = org::standing_on(rx, unit, day)?.is_some();
        let named_on = if is_open { day } else { today };
        Ok::<_, Fail>((is_open, org::labels(rx, &[unit], named_on)?.remove(&unit)))
    };
    match app.db.read("link.unit", read).await? {
        (true, Some((code, _))) => Ok(code),
        (_, label) => {
            let name = label.map(|(_, names)| names.of(ctx.locale).to_owned()).unwrap_or_default();
            Err(Problem::not_found("link.no_unit").with("unit", name).with("day", day).into())
        }
    }
}

/// The sheet of the link's unit on a day, with yesterday beside.
#[utoipa::path(get, path = "/link/reports/{day}", operation_id = "link_sheet", tag = "reporting",
    params(("day" = String, Path, description = "YYYY-MM-DD")), responses((status = 200, body = SheetBody)))]
async fn link_sheet(State(app): State<App>, holder: Holder, Path(day): Path<String>) -> Answer<Response> {
    let unit = unit_of(&app, &holder, &day).await?;
    sheet_read(&app, &holder.caller, (unit, day, Some(holder.link.form.clone()), None)).await
}

/// Files a report of the link's unit, or corrects one (with a reason).
#[utoipa::path(put, path = "/link/reports/{day}", operation_id = "link_report", tag = "reporting",
    params(("day" = String, Path, description = "YYYY-MM-DD")),
    request_body = ReportBody, responses((status = 200, body = ReceiptBody)))]
async fn link_report(
    State(app): State<App>,
    holder: Holder,
    once: Once,
    Path(day): Path<String>,
    Json(body): Json<ReportBody>,
) -> Answer<Response> {
    let unit = unit_of(&app, &holder, &day).await?;
    report_filed(&app, &holder.caller, &once, (unit, day, holder.link.form.clone(), None), body).await
}

/// What was filed of the link's unit on a day: its revisions with their receipts, the newest first.
#[utoipa::path(get, path = "/link/reports/{day}/history", operation_id = "link_history", tag = "reporting",
    params(("day" = String, Path, description = "YYYY-MM-DD")), responses((status = 200, body = ReportHistory)))]
async fn link_history(
    State(app): State<App>,
    holder: Holder,
    Path(day): Path<String>,
) -> Answer<axum::Json<ReportHistory>> {
    let unit = unit_of(&app, &holder, &day).await?;
    let form = Some(holder.link.form.clone());
    Ok(axum::Json(history_read(&app, &holder.caller, (unit, day), form, Scope::Alone).await?))
}

/// The report of the link's unit on a day as one sheet of paper.
#[utoipa::path(get, path = "/link/reports/{day}/file", operation_id = "link_paper", tag = "reporting",
    params(("day" = String, Path, description = "YYYY-MM-DD"), As),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn link_paper(
    State(app): State<App>,
    holder: Holder,
    Path(day): Path<String>,
    Query(wanted): Query<As>,
) -> Answer<Response> {
    let unit = unit_of(&app, &holder, &day).await?;
    let form = Some(holder.link.form.clone());
    paper_printed(&app, holder.caller, (unit, day, form, None), wanted).await
}
