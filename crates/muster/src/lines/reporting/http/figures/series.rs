//! An element of a node over days.

use super::{Range, RateParts, rate_of, shown};
use crate::App;
use crate::lines::org::{self, Standing};
use crate::lines::reporting::http::{Subject, ask_any};
use crate::lines::reporting::model::{Element, OverTime, ValueType};
use crate::lines::reporting::query::Query as Question;
use crate::lines::reporting::read::Picture;
use crate::request::{Answer, Caller, Query};
use axum::Json;
use axum::extract::State;
use muster_kernel::{Day, Locale, Problem};
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
    /// Day by day; nothing on those on which a unit was not within the caller's part of the tree.
    points: Vec<Point>,
    /// All these days put together.
    whole: Whole,
}

/// Days put together, by the element's own rule; of a rate its two parts, each by its rule.
#[derive(Serialize, ToSchema)]
struct Whole {
    /// How the days add up; null of a rate, which has no rule of its own.
    over_time: Option<OverTime>,
    /// The figure; null when nobody said it, or where days are not put together.
    #[schema(value_type = Option<f64>)]
    value: Option<Number>,
    /// The numbers of a rate.
    rate: Option<RateParts>,
    /// On how many of the days somebody said it.
    days_said: usize,
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
        let figure = Figure::of(&query, element).ok_or_else(unknown)?;
        let (mut points, mut said) = (Vec::new(), Vec::new());
        for day in days {
            let picture = pictures.remove(&day).unwrap_or_default();
            let today = figure.said(&query, &picture);
            points.push(Point {
                day: day.to_string(),
                value: figure.shown(today),
                expected: picture.expected,
                actual: picture.parts.actual(),
            });
            said.push(today);
        }
        Ok(Series {
            element: element.code.clone(),
            name: element.names.of(asked.ctx.locale).to_owned(),
            points,
            whole: figure.whole(&said, asked.ctx.locale),
        })
    })
    .await?;
    Ok(Json(series))
}

/// What a series is of: an element that is added up, or a rate of two of them.
struct Figure<'a> {
    element: &'a Element,
    below: Option<(&'a Element, &'a Element)>,
}

/// What was said of a figure on a day: its number, or a rate's two.
type Said = (Option<i64>, Option<i64>);

impl<'a> Figure<'a> {
    fn of(query: &Question<'a>, element: &'a Element) -> Option<Self> {
        let below = match &element.value_type {
            ValueType::Rate { numerator, denominator } => {
                let book = query.book;
                Some((book.element_by_code(numerator)?, book.element_by_code(denominator)?))
            }
            _ => None,
        };
        Some(Self { element, below })
    }

    fn said(&self, query: &Question<'_>, picture: &Picture) -> Said {
        let sum = |element: &Element| {
            let place = query.series.layout.iter().position(|id| *id == element.id)?;
            picture.counted.sums.get(place).filter(|sum| sum.said > 0).map(|sum| sum.sum)
        };
        match self.below {
            Some((above, below)) => (sum(above), sum(below)),
            None => (sum(self.element), None),
        }
    }

    fn shown(&self, (number, base): Said) -> Option<Number> {
        let Some((above, below)) = self.below else {
            return number.map(|number| shown(self.element, number));
        };
        // What nobody said is not zero.
        number.zip(base).and_then(|(number, base)| rate_of(self.element, (above, number), (below, base)))
    }

    fn whole(&self, days: &[Said], locale: Locale) -> Whole {
        let numbers = days.iter().filter_map(|(number, _)| *number);
        let bases = days.iter().filter_map(|(_, base)| *base);
        match self.below {
            None => Whole {
                over_time: Some(self.element.over_time),
                value: self.shown((together(self.element.over_time, numbers.clone()), None)),
                rate: None,
                days_said: numbers.count(),
            },
            Some((above, below)) => {
                let days_said =
                    days.iter().filter(|(above, below)| above.is_some() && below.is_some()).count();
                let parts = (together(above.over_time, numbers), together(below.over_time, bases));
                let both = parts.0.zip(parts.1).map(|(part, base)| RateParts {
                    numerator_name: above.names.of(locale).to_owned(),
                    numerator: Some(shown(above, part)),
                    denominator_name: below.names.of(locale).to_owned(),
                    denominator: Some(shown(below, base)),
                    numerator_said: None,
                    denominator_said: None,
                });
                Whole { over_time: None, value: self.shown(parts), rate: both, days_said }
            }
        }
    }
}

/// Numbers of days put together by a rule.
fn together(rule: OverTime, days: impl Iterator<Item = i64>) -> Option<i64> {
    match rule {
        OverTime::Sum => days.reduce(i64::saturating_add),
        OverTime::Last => days.last(),
        OverTime::Max => days.max(),
        OverTime::None => None,
    }
}

/// A unit's pictures on those of the days on which it stood within the asker's reach.
fn of_unit(
    rows: &mut impl Rows,
    query: &Question<'_>,
    unit: i64,
    days: &[Day],
) -> Result<BTreeMap<Day, Picture>, StoreError> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(BTreeMap::new()) };
    let mut standings = org::standings_during(rows, &[unit], *first, last.plus(1))?;
    standings.retain(|standing| query.reach.covers(&standing.chain));
    let on = |day: &Day| Some((*day, standings.iter().find(|s| s.since <= *day && *day < s.until)?));
    let nodes: Vec<(Day, &Standing)> = days.iter().filter_map(on).collect();
    let pictures = query.pictures(rows, &nodes)?;
    Ok(nodes.iter().map(|(day, _)| *day).zip(pictures).collect())
}
