//! Words that units reported.

use super::Range;
use crate::App;
use crate::lines::reporting::http::{UnitLabel, ask};
use crate::lines::reporting::span::Span;
use crate::lines::reporting::store;
use crate::request::{Answer, Caller, Query};
use axum::Json;
use axum::extract::State;
use muster_kernel::{Day, Problem};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(notes_search))
}

#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// What the words hold, 1 to 100 characters.
    q: String,
    /// `unit:CODE`; the caller's own unit when absent.
    node: Option<String>,
    /// First day; two weeks before the last when absent.
    from: Option<String>,
    /// Last day; today when absent.
    to: Option<String>,
}

/// Words that were found.
#[derive(Serialize, ToSchema)]
struct NoteBody {
    /// The unit that said them.
    unit: UnitLabel,
    /// The day they speak of.
    day: String,
    /// Code of the text element.
    element: String,
    /// The revision in which they were said.
    revision: i64,
    /// The words.
    text: String,
}

/// Words that were found.
#[derive(Serialize, ToSchema)]
struct NoteList {
    /// The newest day first, at most 200.
    items: Vec<NoteBody>,
}

/// Finds words in what units reported: difficulties, requests, measures.
#[utoipa::path(get, path = "/search/notes", operation_id = "note_search", tag = "figures", params(SearchQuery), responses((status = 200, body = NoteList)))]
async fn notes_search(
    State(app): State<App>,
    caller: Caller,
    Query(search): Query<SearchQuery>,
) -> Answer<Json<NoteList>> {
    if !(1..=100).contains(&search.q.trim().chars().count()) || search.q.contains('\0') {
        return Err(Problem::invalid("request.search").into());
    }
    let range =
        Range { node: search.node, form: None, element: String::new(), from: search.from, to: search.to };
    let text = search.q.trim().to_owned();
    let items = ask(&app, &caller, range.about(), move |rx, asked, standing| {
        let days = (range.from(asked.day)?, asked.day);
        let found =
            store::notes_search(rx, asked.ctx.operation, days, &Span::below(&standing.path), &text, 200)?;
        // Each as it was called when it spoke: what it is called since may be no business of who had it then.
        let mut by_day: BTreeMap<Day, Vec<i64>> = BTreeMap::new();
        for note in &found {
            by_day.entry(note.day).or_default().push(note.unit);
        }
        let mut named = HashMap::new();
        for (day, units) in by_day {
            let labels = asked.labels_on(rx, &units, day)?;
            named.extend(labels.into_iter().map(|(unit, label)| ((day, unit), label)));
        }
        let bodies = found.into_iter().filter_map(|note| {
            Some(NoteBody {
                unit: named.get(&(note.day, note.unit))?.clone(),
                day: note.day.to_string(),
                element: asked
                    .book
                    .element(note.element)
                    .map(|element| element.code.clone())
                    .unwrap_or_default(),
                revision: note.rev,
                text: note.words,
            })
        });
        Ok(bodies.collect())
    })
    .await?;
    Ok(Json(NoteList { items }))
}
