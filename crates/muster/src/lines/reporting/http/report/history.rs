//! What became of a sheet: who said what when, and why it was corrected.

use super::scan::ScanBody;
use super::{Which, key_of};
use crate::App;
use crate::lines::reporting::http::{About, UnitLabel, ask, shown};
use crate::lines::reporting::model::{ActKind, Scope};
use crate::lines::reporting::verbs::Receipt;
use crate::lines::reporting::{Book, compare, store};
use crate::request::{Answer, Caller, Query};
use crate::wiring;
use axum::Json;
use axum::extract::{Path, State};
use muster_kernel::Locale;
use muster_kernel::day::rfc3339;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report_history))
}

/// One revision.
#[derive(Serialize, ToSchema)]
struct PastBody {
    /// Revision, from 1.
    revision: i64,
    /// When it was reported (RFC 3339): now by every door; in a file of past reports, what the file says.
    at: String,
    /// When it was taken in and stored (RFC 3339): later than `at` where it was taken in from a file of past reports.
    taken_in_at: String,
    /// By whom: a reference, never a name.
    actor: String,
    /// Where it was said by a link: who issued that, for they may have held it themselves.
    link: Option<PastLink>,
    /// `report.file` or `report.correct`.
    action: String,
    /// `values` or `zero`.
    act: Option<ActKind>,
    /// Why, when it corrects.
    reason: Option<String>,
    /// The receipt's number.
    receipt: String,
    /// SHA-256 of the packed sheet, as its entry in the journal holds it: what `POST /reports/check` compares.
    hash: String,
    /// Scans of its signed page.
    scans: Vec<ScanBody>,
    /// What changed.
    changes: Vec<ChangeBody>,
    /// Words that were said in it, or taken back.
    words: Vec<WordsBody>,
    /// Reasons that were given in it where a rule of the form asked for one.
    remarks: Vec<WordsBody>,
}

/// The link by which something was said.
#[derive(Clone, Serialize, ToSchema)]
struct PastLink {
    /// Who issued it: a reference, never a name.
    by: String,
    /// When (RFC 3339).
    at: String,
}

/// Words of one element, as a revision said them.
#[derive(Serialize, ToSchema)]
struct WordsBody {
    /// Code of the element.
    element: String,
    /// Its name.
    name: String,
    /// The words; empty where what was said before was taken back.
    text: String,
}

impl WordsBody {
    fn new(book: &Book, locale: Locale, (element, text): &(i64, String)) -> Option<Self> {
        let element = book.element(*element)?;
        let name = element.names.of(locale).to_owned();
        Some(Self { element: element.code.clone(), name, text: text.clone() })
    }
}

/// One element before and after.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::lines::reporting::http) struct ChangeBody {
    /// Code of the element.
    element: String,
    /// Its name.
    name: String,
    /// Before; null when not said.
    #[schema(value_type = Option<f64>)]
    before: Option<Number>,
    /// After; null when not said.
    #[schema(value_type = Option<f64>)]
    after: Option<Number>,
}

impl ChangeBody {
    pub(in crate::lines::reporting::http) fn new(
        book: &Book,
        locale: Locale,
        change: &compare::Change,
    ) -> Option<Self> {
        let element = book.element(change.0)?;
        Some(Self {
            element: element.code.clone(),
            name: element.names.of(locale).to_owned(),
            before: change.1.map(|number| shown(element, number)),
            after: change.2.map(|number| shown(element, number)),
        })
    }
}

/// The revisions of a sheet, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ReportHistory {
    /// The unit.
    unit: UnitLabel,
    /// The day.
    day: String,
    /// At most 200.
    revisions: Vec<PastBody>,
}

/// Who said what when, and why it was corrected.
#[utoipa::path(get, path = "/reports/{unit}/{day}/history", operation_id = "report_history", tag = "reporting",
    params(("unit" = String, Path, description = "Code of the unit"), ("day" = String, Path, description = "YYYY-MM-DD"), Which),
    responses((status = 200, body = ReportHistory)))]
async fn report_history(
    State(app): State<App>,
    caller: Caller,
    Path((unit, day)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Answer<Json<ReportHistory>> {
    Ok(Json(history_read(&app, &caller, (unit, day), which.form, which.scope.unwrap_or(Scope::Alone)).await?))
}

/// The revisions of the sheet of a unit, a day, a form and a scope, as somebody may see it.
pub(super) async fn history_read(
    app: &App,
    caller: &Caller,
    (unit, day): (String, String),
    form: Option<String>,
    scope: Scope,
) -> Answer<ReportHistory> {
    let about = About { node: Some(unit), day: Some(day), form, as_known_at: None };
    let body = ask(app, caller, about, move |rx, asked, standing| {
        let (ctx, query) = (&asked.ctx, asked.question()?);
        let key = key_of(ctx, standing, asked.day, query.slot(), scope);
        let sheet = store::sheet(rx, &asked.book, &key)?.unwrap_or_default();
        let pasts = compare::history(rx, &asked.book, &key, &sheet)?;
        let scans = store::scans(rx, &key)?;
        let unit = asked.labels(rx, &[standing.unit])?.remove(&standing.unit);
        let links = wiring::links_told(rx, pasts.iter().map(|past| past.actor.as_str()))?;
        let link = |actor: &str| {
            let (by, at_ms) = links.get(actor)?.clone();
            Some(PastLink { by, at: rfc3339(at_ms, &ctx.zone) })
        };
        let revisions = pasts.iter().map(|past| PastBody {
            revision: past.rev,
            at: rfc3339(past.at_ms, &ctx.zone),
            taken_in_at: rfc3339(past.taken_in_at_ms, &ctx.zone),
            actor: past.actor.clone(),
            link: link(&past.actor),
            action: past.action.clone(),
            act: past.act,
            reason: past.reason.clone(),
            receipt: Receipt::number_of(asked.day, past.link),
            hash: past.hash.to_string(),
            scans: scans
                .iter()
                .filter(|one| one.rev == past.rev)
                .map(|one| ScanBody::new(ctx, one))
                .collect(),
            changes: past
                .changes
                .iter()
                .filter_map(|c| ChangeBody::new(&asked.book, ctx.locale, c))
                .collect(),
            words: past
                .words
                .iter()
                .filter_map(|words| WordsBody::new(&asked.book, ctx.locale, words))
                .collect(),
            remarks: past
                .remarks
                .iter()
                .filter_map(|words| WordsBody::new(&asked.book, ctx.locale, words))
                .collect(),
        });
        Ok(ReportHistory {
            unit: unit.unwrap_or(UnitLabel { code: standing.code.to_string(), name: String::new() }),
            day: asked.day.to_string(),
            revisions: revisions.collect(),
        })
    })
    .await?;
    Ok(body)
}
