//! An element of a node over days.

use super::{Range, element_totals};
use crate::App;
use crate::lines::org;
use crate::lines::reporting::http::ask;
use crate::lines::reporting::read::Picture;
use crate::request::{Answer, Caller};
use axum::Json;
use axum::extract::{Query, State};
use muster_kernel::Problem;
use serde::Serialize;
use serde_json::Number;
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

/// An element of a node over days.
#[utoipa::path(get, path = "/totals/series", operation_id = "totals_series", tag = "figures", params(Range), responses((status = 200, body = Series)))]
async fn totals_series(
    State(app): State<App>,
    caller: Caller,
    Query(range): Query<Range>,
) -> Answer<Json<Series>> {
    let about = range.about();
    let series = ask(&app, &caller, about, move |rx, asked, standing| {
        let query = asked.question()?;
        let unknown = || Problem::not_found("value.unknown_element").with("element", &range.element);
        let element = asked.book.element_by_code(&range.element).ok_or_else(unknown)?;
        let mut points = Vec::new();
        let mut day = range.from(asked.day)?;
        while day <= asked.day {
            let picture = match org::standing_on(rx, standing.unit, day)? {
                Some(standing) if query.series.holds(day) => query.on(day).picture(rx, &standing)?,
                _ => Picture::default(),
            };
            let total = element_totals(asked, &query.on(day), &picture, None);
            let value =
                total.into_iter().find(|total| total.element == element.code).and_then(|total| total.value);
            points.push(Point {
                day: day.to_string(),
                value,
                expected: picture.expected,
                actual: picture.parts.actual(),
            });
            day = day.plus(1);
        }
        Ok(Series {
            element: element.code.clone(),
            name: element.names.of(asked.ctx.locale).to_owned(),
            points,
        })
    })
    .await?;
    Ok(Json(series))
}
