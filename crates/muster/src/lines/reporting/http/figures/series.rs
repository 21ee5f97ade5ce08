//! An element of a node over days.

use super::{Range, element_totals};
use crate::App;
use crate::lines::org::{self, Standing};
use crate::lines::reporting::http::{Subject, ask_any};
use crate::lines::reporting::read::{Picture, Query as Question};
use crate::request::{Answer, Caller};
use axum::Json;
use axum::extract::{Query, State};
use muster_kernel::{Day, Problem};
use muster_store::{Rows, StoreError};
use serde::Serialize;
use serde_json::Number;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(totals_series))
}

/// An element over days.
#[derive(Serialize, ToSchema)]
struct Series {
    /// Code of the element.
    element: String,
    /// Its name.
    name: String,
    /// Day by day.
    points: Vec<Point>,
}

/// One day of a series.
#[derive(Serialize, ToSchema)]
struct Point {
    /// The day.
    day: String,
    /// What counts; null when nobody said it.
    #[schema(value_type = Option<f64>)]
    value: Option<Number>,
    /// How many units are expected.
    expected: i64,
    /// How many reported.
    actual: i64,
}

/// An element of a node over days; of a place or a class the own reports of its units.
#[utoipa::path(get, path = "/totals/series", operation_id = "totals_series", tag = "figures", params(Range), responses((status = 200, body = Series)))]
async fn totals_series(
    State(app): State<App>,
    caller: Caller,
    Query(range): Query<Range>,
) -> Answer<Json<Series>> {
    let about = range.about();
    let series = ask_any(&app, &caller, about, move |rx, asked, subject| {
        let query = asked.question()?;
        let unknown = || Problem::not_found("value.unknown_element").with("element", &range.element);
        let element = asked.book.element_by_code(&range.element).ok_or_else(unknown)?;
        let from = range.from(asked.day)?;
        let days = (from.number()..=asked.day.number()).map(Day::from_number);
        let days: Vec<Day> = days.filter(|day| query.series.holds(*day)).collect();
        let mut pictures = match subject {
            Subject::Unit(standing) => of_unit(rx, &query, standing.unit, &days)?,
            Subject::Everywhere(own) => of_unit(rx, &query, own.unit, &days)?
                .into_iter()
                .map(|(day, picture)| (day, query.parts_only(picture.expected, picture.parts)))
                .collect(),
            Subject::Axis(axis) => days
                .iter()
                .map(|day| Ok((*day, query.on(*day).axis_picture(rx, axis.node, &axis.own)?)))
                .collect::<Result<_, StoreError>>()?,
        };
        let days = (from.number()..=asked.day.number()).map(Day::from_number);
        let points = days.map(|day| {
            let picture = pictures.remove(&day).unwrap_or_default();
            let total = element_totals(asked, &query.on(day), &picture, None);
            let total = total.into_iter().find(|total| total.element == element.code);
            Point {
                day: day.to_string(),
                value: total.and_then(|total| total.value),
                expected: picture.expected,
                actual: picture.parts.actual(),
            }
        });
        let points = points.collect();
        Ok(Series {
            element: element.code.clone(),
            name: element.names.of(asked.ctx.locale).to_owned(),
            points,
        })
    })
    .await?;
    Ok(Json(series))
}

/// A unit's pictures on those of the days on which it stood.
fn of_unit(
    rows: &mut impl Rows,
    query: &Question<'_>,
    unit: i64,
    days: &[Day],
) -> Result<BTreeMap<Day, Picture>, StoreError> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(BTreeMap::new()) };
    let standings = org::standings_during(rows, &[unit], *first, last.plus(1))?;
    let on = |day: &Day| Some((*day, standings.iter().find(|s| s.since <= *day && *day < s.until)?));
    let nodes: Vec<(Day, &Standing)> = days.iter().filter_map(on).collect();
    let pictures = query.pictures(rows, &nodes)?;
    Ok(nodes.iter().map(|(day, _)| *day).zip(pictures).collect())
}
