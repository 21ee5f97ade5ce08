//! A report as one sheet on paper, to be signed and sealed.

use super::sheet::{SheetBody, sheet_body};
use super::{Which, key_of};
use crate::App;
use crate::lines::reporting::http::{About, ask};
use crate::lines::reporting::model::{Scope, ValueType};
use crate::lines::reporting::paper::{Facts, sheet_doc};
use crate::lines::reporting::verbs::Receipt;
use crate::lines::reporting::{compare, store};
use crate::request::{Answer, Caller, Query};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use muster_kernel::day::rfc3339;
use muster_kernel::{Locale, Problem};
use muster_print::Format;
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report_paper))
}

/// As what, in which language.
#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct As {
    /// `pdf` or `docx`.
    format: String,
    /// `zh-CN`, `zh-TW` or `en`; the language of `Accept-Language` when absent.
    lang: Option<String>,
}

/// The latest revision of a report as one sheet of paper: what was said, the lines for signature and seal, its hash, and a
/// square by which a telephone checks it (`/check`). The same revision in the same language gives the same bytes. While the
/// printer is not there yet: 503 with `Retry-After`.
#[utoipa::path(get, path = "/reports/{unit}/{day}/file", operation_id = "report_paper", tag = "reporting",
    params(("unit" = String, Path, description = "Code of the unit"), ("day" = String, Path, description = "YYYY-MM-DD"), Which, As),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn report_paper(
    State(app): State<App>,
    caller: Caller,
    Path((unit, day)): Path<(String, String)>,
    Query(which): Query<Which>,
    Query(wanted): Query<As>,
) -> Answer<Response> {
    paper_printed(&app, caller, (unit, day, which.form, which.scope), wanted).await
}

/// The sheet of a unit, a day, a form and a scope on paper, as somebody may see it.
pub(super) async fn paper_printed(
    app: &App,
    mut caller: Caller,
    (unit, day, form, scope): (String, String, Option<String>, Option<Scope>),
    wanted: As,
) -> Answer<Response> {
    let cut = |text: &str| text.chars().take(64).collect::<String>();
    let unknown = || Problem::invalid("paper.format").with("format", cut(&wanted.format));
    let format: Format = wanted.format.parse().map_err(|_| unknown())?;
    if !matches!(format, Format::Pdf | Format::Docx) {
        return Err(unknown().into());
    }
    if let Some(lang) = &wanted.lang {
        let unknown = || Problem::invalid("request.lang").with("lang", cut(lang));
        caller.locale = Locale::from_tag(lang).ok_or_else(unknown)?;
    }
    let operation = app.operation();
    let (office, simulated) = (operation.office.of(caller.locale).to_owned(), operation.seed.is_some());
    let about = About { node: Some(unit), day: Some(day), form, as_known_at: None };
    let scope = scope.unwrap_or(Scope::Alone);
    let facts = ask(app, &caller, about, move |rx, asked, standing| {
        let key = key_of(&asked.ctx, standing, asked.day, asked.question()?.slot(), scope);
        let none = || Problem::not_found("paper.no_report").with("day", asked.day);
        let sheet = store::sheet(rx, &asked.book, &key)?.filter(|sheet| sheet.rev > 0).ok_or_else(none)?;
        let past = compare::latest(rx, &key, &sheet)?.ok_or_else(none)?;
        let body = sheet_body(rx, asked, standing, scope)?;
        let act = body.act.as_ref().ok_or_else(none)?;
        Ok(Facts {
            office: office.clone(),
            simulated,
            unit: [body.unit.code.clone(), body.unit.name.clone()],
            day: body.day.clone(),
            form: [body.form.clone(), body.form_name.clone()],
            version: body.version,
            scope,
            as_of: body.as_of.clone(),
            act: act.act,
            reported_at: [act.first_at.clone(), act.last_at.clone()],
            taken_in_at: rfc3339(past.taken_in_at_ms, &asked.ctx.zone),
            on_time: act.on_time,
            actor: past.actor,
            revision: past.rev,
            reason: past.reason,
            receipt: Receipt::number_of(asked.day, past.link),
            hash: past.hash.to_string(),
            items: items(&body),
        })
    })
    .await?;
    let doc = sheet_doc(&facts, app.outside.address.as_deref(), caller.locale);
    let document = serde_json::to_vec(&doc).map_err(Problem::internal)?;
    let bytes = app.printer.print(&document, format).await?;
    // A code may bear what a file's name must not.
    let code: String = facts.unit[0].chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let (day, revision, lang) = (&facts.day, facts.revision, caller.locale.tag());
    let name = format!("attachment; filename=\"report-{code}-{day}-{revision}-{lang}.{format}\"");
    Ok(([(header::CONTENT_TYPE, format.media_type().to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}

/// What was asked and what was said. A rate is made of two figures when it is read and is said by nobody.
fn items(body: &SheetBody) -> Vec<(String, Option<String>, String)> {
    let asked = body.fields.iter().filter(|field| !matches!(field.value_type, ValueType::Rate { .. }));
    let said = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        figure => Some(figure.to_string()),
    };
    asked.map(|field| (field.name.clone(), said(&field.value), field.unit.clone())).collect()
}
