//! Doors of one report: the sheet to fill, filing it, its history.

mod file;
mod history;
mod link;
mod paper;
mod scan;
mod sheet;

pub(super) use file::{ReceiptBody, ReportBody, checked, draft_of, tell};
pub(super) use history::ChangeBody;

use super::super::model::{Scope, SheetKey};
use crate::lines::org::Standing;
use crate::{App, Ctx};
use muster_kernel::Day;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sheet::report_read, file::report_file))
        .merge(history::router())
        .merge(link::router())
        .merge(paper::router())
        .merge(scan::router())
}

#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Code of the form; the operation's daily report when absent.
    form: Option<String>,
    /// `alone` or `below`; `alone` when absent.
    scope: Option<Scope>,
}

fn key_of(ctx: &Ctx, standing: &Standing, day: Day, slot: i64, scope: Scope) -> SheetKey {
    SheetKey { bucket: standing.bucket, operation: ctx.operation, day, slot, unit: standing.unit, scope }
}
