//! Doors of figures, and the body of a node's day that all of them speak in.

mod beside;
mod missing;
mod notes;
mod remind;
mod reminder;
mod reported;
mod requests;
mod series;
mod totals;
mod watch;

pub(super) use totals::children_totals;

use super::super::model::{Class, Element, ValueType, Values, compares};
use super::super::query::Query as Question;
use super::super::read::Picture;
use super::super::rollup::Sum;
use super::{About, Asked, NOWHERE, NodeLabel, Subject, UnitLabel, is_zero, place_label, shown};
use crate::lines::org::{self, Standing};
use crate::{App, Fail};
use muster_kernel::Day;
use muster_kernel::Problem;
use muster_store::Rows;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(totals::router())
        .merge(series::router())
        .merge(missing::router())
        .merge(remind::router())
        .merge(reported::router())
        .merge(beside::router())
        .merge(watch::router())
        .merge(notes::router())
        .merge(requests::router())
}

/// DHIS2's five reporting rates, each with its base.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Rates {
    /// EXPECTED_REPORTS: units expected to report on the day; the base of both rates.
    pub(crate) expected: i64,
    /// ACTUAL_REPORTS: of them, those that reported.
    pub(crate) actual: i64,
    /// ACTUAL_REPORTS_ON_TIME: of them, those whose first report came by the cut-off.
    pub(crate) actual_on_time: i64,
    /// REPORTING_RATE: actual of expected, percent; null without a base.
    pub(crate) reporting_rate: Option<f64>,
    /// REPORTING_RATE_ON_TIME: on time of expected, percent; null without a base, and of a form whose days are taken in
    /// afterwards, of which nobody knows who was in time.
    pub(crate) reporting_rate_on_time: Option<f64>,
}

impl Rates {
    fn new(picture: &Picture, afterwards: bool) -> Self {
        let (expected, actual, on_time) = (picture.expected, picture.parts.actual(), picture.parts.on_time());
        Self {
            expected,
            actual,
            actual_on_time: on_time,
            reporting_rate: percent(actual, expected),
            reporting_rate_on_time: percent(on_time, expected).filter(|_| !afterwards),
        }
    }
}

/// Percent with one decimal; none without a base.
pub(crate) fn percent(part: i64, base: i64) -> Option<f64> {
    ratio(part, base, 100.0)
}

fn ratio(part: i64, base: i64, times: f64) -> Option<f64> {
    (base != 0).then(|| (part as f64 / base as f64 * times * 10.0).round() / 10.0)
}

/// The number of a rate, of sums as they are stored.
fn rate_of(rate: &Element, (above, part): (&Element, i64), (below, base): (&Element, i64)) -> Option<Number> {
    let places = i32::from(below.scale()) - i32::from(above.scale());
    ratio(part, base, rate.rate_times() * 10f64.powi(places)).and_then(Number::from_f64)
}

/// An element of a total.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ElementTotal {
    /// Code of the element.
    pub(crate) element: String,
    /// Its name.
    pub(crate) name: String,
    /// `event` or `state`.
    pub(crate) class: Class,
    /// Unit of measurement, as its element has it. A rate of `%` or `percent` is told in percent.
    pub(crate) unit: String,
    /// What counts; null when nobody said it.
    #[schema(value_type = Option<f64>)]
    pub(crate) value: Option<Number>,
    /// How many reports and statements say it; of a rate the smaller of what is said of its two numbers, so that no more
    /// than these say both.
    pub(crate) said: i64,
    /// How many units are expected to.
    pub(crate) base: i64,
    /// What counted the day before.
    #[schema(value_type = Option<f64>)]
    pub(crate) yesterday: Option<Number>,
    /// How many reports and statements said it the day before; absent where the node or the form was not there then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) yesterday_said: Option<i64>,
    /// How many units were expected to the day before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) yesterday_base: Option<i64>,
    /// Whether another number of reports said it the day before. Then the two figures are not of the same units, and
    /// `value` less `yesterday` is no change.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(crate) other_units: bool,
    /// What the node itself states about all below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub(crate) stated: Option<Number>,
    /// What counts of all that lies below, the node's own statement left out: `below` of `/disagreements`. Where units
    /// below state a total of their own, the form's rule says which counts there.
    #[schema(value_type = Option<f64>)]
    pub(crate) parts: Option<Number>,
    /// For a rate: what stands above and below the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<RateParts>,
}

/// A rate is always numerator and denominator, each with the decimal places of its element.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RateParts {
    /// Name of the element above the line.
    pub(crate) numerator_name: String,
    /// Above the line; null when nobody said it.
    #[schema(value_type = Option<f64>)]
    pub(crate) numerator: Option<Number>,
    /// Name of the element below the line.
    pub(crate) denominator_name: String,
    /// Below the line: the base; null when nobody said it.
    #[schema(value_type = Option<f64>)]
    pub(crate) denominator: Option<Number>,
    /// How many reports and statements say what is above the line; only of a single day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    pub(crate) numerator_said: Option<i64>,
    /// How many say what is below it. Where it is another number than above, some are in one of the sums alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    pub(crate) denominator_said: Option<i64>,
}

/// Of whom a total consists.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Coverage {
    /// Units whose own reports are in it.
    pub(crate) by_parts: i64,
    /// Statements about all below that are in it.
    pub(crate) by_statements: i64,
}

/// A node's day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Totals {
    /// The node.
    pub(crate) node: UnitLabel,
    /// Kind of the unit; `place` or `class` for such a node.
    pub(crate) kind: String,
    /// Where the node itself was asked for: the nodes above it, the top first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) path: Vec<NodeLabel>,
    /// Whether it is what lies in none of the other parts of the node that was asked for: a unit's own report alone, the
    /// units that lie in a place itself, those without a place.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(crate) own: bool,
    /// The day.
    pub(crate) day: String,
    /// Code of the form.
    pub(crate) form: String,
    /// Whether the day is frozen: who has not reported then is missing.
    pub(crate) frozen: bool,
    /// The five rates.
    pub(crate) rates: Rates,
    /// Reported zero.
    pub(crate) zero: i64,
    /// Expected and not reported.
    pub(crate) missing: i64,
    /// Reported after the cut-off.
    pub(crate) late: i64,
    /// Elements of the form, in order.
    pub(crate) elements: Vec<ElementTotal>,
    /// Of whom they consist.
    pub(crate) coverage: Coverage,
    /// Whether the node has a statement of its own about all below it.
    pub(crate) has_statement: bool,
    /// With `as_known_at`: how many changes of units that are or were below the node, later than that instant, reach
    /// the day (of the last hundred of the tree). The units are those of the tree as it is known now.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub(crate) tree_changes_since: usize,
}

impl Totals {
    /// Whether there is anything to tell of the node: somebody is expected to report, or states a figure.
    pub(crate) fn tells(&self) -> bool {
        self.rates.expected > 0 || self.elements.iter().any(|element| element.value.is_some())
    }
}

/// A node's day, with the day before where `yesterday` is given.
pub(crate) fn totals_body(
    asked: &Asked,
    query: &Question<'_>,
    kind: &str,
    label: UnitLabel,
    frozen: bool,
    (today, yesterday): (&Picture, Option<&Picture>),
) -> Totals {
    Totals {
        node: label,
        kind: kind.to_owned(),
        path: Vec::new(),
        own: false,
        day: query.day.to_string(),
        form: query.form.code.clone(),
        frozen,
        rates: Rates::new(today, query.form.afterwards),
        zero: today.parts.zero(),
        missing: today.missing(),
        late: today.late(),
        elements: element_totals(asked, query, today, yesterday),
        coverage: Coverage { by_parts: today.counted.by_parts, by_statements: today.counted.by_statements },
        has_statement: today.stated.is_some(),
        tree_changes_since: 0,
    }
}

fn element_totals(
    asked: &Asked,
    query: &Question<'_>,
    today: &Picture,
    before: Option<&Picture>,
) -> Vec<ElementTotal> {
    let locale = asked.ctx.locale;
    let position = |element: &Element| query.series.layout.iter().position(|id| *id == element.id);
    let sum = |picture: &Picture, element: &Element| -> Sum {
        position(element).and_then(|place| picture.counted.sums.get(place).copied()).unwrap_or_default()
    };
    let said = |element: &Element, sum: Sum| (sum.said > 0).then(|| shown(element, sum.sum));
    let mut totals = Vec::new();
    for item in &query.form.items {
        let Some(element) = query.book.element_by_code(&item.element) else { continue };
        let mut total = ElementTotal {
            element: element.code.clone(),
            name: element.names.of(locale).to_owned(),
            class: element.class,
            unit: element.unit.clone(),
            value: None,
            said: 0,
            base: today.expected,
            yesterday: None,
            yesterday_said: None,
            yesterday_base: before.map(|before| before.expected),
            other_units: false,
            stated: None,
            parts: None,
            rate: None,
        };
        if let ValueType::Rate { numerator, denominator } = &element.value_type {
            let (Some(above), Some(below)) =
                (query.book.element_by_code(numerator), query.book.element_by_code(denominator))
            else {
                continue;
            };
            let sums = |picture: &Picture| (sum(picture, above), sum(picture, below));
            let rate = |(part, base): (Sum, Sum)| {
                // What nobody said is not zero.
                let told = part.said > 0 && base.said > 0;
                told.then(|| rate_of(element, (above, part.sum), (below, base.sum))).flatten()
            };
            total.yesterday = before.map(sums).and_then(rate);
            total.yesterday_said = before.map(sums).map(|(part, base)| part.said.min(base.said));
            let (part, base) = sums(today);
            total.value = rate((part, base));
            total.said = part.said.min(base.said);
            total.rate = Some(RateParts {
                numerator_name: above.names.of(locale).to_owned(),
                numerator: said(above, part),
                denominator_name: below.names.of(locale).to_owned(),
                denominator: said(below, base),
                numerator_said: Some(part.said),
                denominator_said: Some(base.said),
            });
        } else if let Some(place) = position(element).filter(|_| element.is_added()) {
            let counts = sum(today, element);
            total.value = said(element, counts);
            total.said = counts.said;
            total.yesterday = before.and_then(|before| said(element, sum(before, element)));
            total.yesterday_said = before.map(|before| sum(before, element).said);
            total.parts = said(element, today.below.get(place).copied().unwrap_or_default());
            total.stated = today
                .stated
                .as_ref()
                .and_then(|values: &Values| values.get(&element.id))
                .map(|&n| shown(element, n));
        } else {
            continue;
        }
        total.other_units = total.value.is_some()
            && total.yesterday.is_some()
            && total.yesterday_said.is_some_and(|then| !compares(total.said, then));
        totals.push(total);
    }
    totals
}

/// Pictures of nodes on the question's day and on the day before, where they stood then within the asker's reach.
pub(crate) fn pictures(
    rows: &mut impl Rows,
    query: &Question<'_>,
    nodes: &[&Standing],
) -> Result<Vec<(Picture, Option<Picture>)>, Fail> {
    let yesterday = query.day.before();
    let asked_then = query.series.holds(yesterday);
    let stood = |node: &Standing| node.since <= yesterday;
    // Who stands otherwise since today only; mostly nobody.
    let moved = nodes.iter().filter(|node| asked_then && !stood(node)).map(|node| node.unit);
    let moved: Vec<i64> = moved.collect();
    let mut moved = if moved.is_empty() { Vec::new() } else { org::standings_on(rows, &moved, yesterday)? };
    moved.retain(|standing| query.reach.covers(&standing.chain));
    let mut all: Vec<(Day, &Standing)> = nodes.iter().map(|node| (query.day, *node)).collect();
    let mut places = vec![None; nodes.len()];
    if asked_then {
        for (place, &node) in places.iter_mut().zip(nodes) {
            let before = match stood(node) {
                true => Some(node),
                false => moved.iter().find(|standing| standing.unit == node.unit),
            };
            *place = before.map(|standing| {
                all.push((yesterday, standing));
                all.len() - 1
            });
        }
    }
    let mut found: Vec<Option<Picture>> = query.pictures(rows, &all)?.into_iter().map(Some).collect();
    let pairs = places.into_iter().enumerate().map(|(at, before)| {
        let before = before.and_then(|place| found[place].take());
        (found[at].take().unwrap_or_default(), before)
    });
    Ok(pairs.collect())
}

/// A unit's own report alone on the question's day and on the day before; none where it is asked for none.
pub(crate) fn picture_alone(
    rows: &mut impl Rows,
    query: &Question<'_>,
    node: &Standing,
) -> Result<Option<(Picture, Option<Picture>)>, Fail> {
    let Some(today) = query.pictures_alone(rows, &[(query.day, node)])?.pop().flatten() else {
        return Ok(None);
    };
    let yesterday = query.day.before();
    let before = match (query.series.holds(yesterday), node.since <= yesterday) {
        (false, _) => None,
        (true, true) => Some(node.clone()),
        (true, false) => org::standing_on(rows, node.unit, yesterday)?
            .filter(|standing| query.reach.covers(&standing.chain)),
    };
    let before = match before {
        Some(node) => query.pictures_alone(rows, &[(yesterday, &node)])?.pop().flatten(),
        None => None,
    };
    Ok(Some((today, before)))
}

/// A node's picture of the day and of the day before.
pub(crate) fn picture(
    rows: &mut impl Rows,
    query: &Question<'_>,
    node: &Standing,
) -> Result<(Picture, Option<Picture>), Fail> {
    Ok(pictures(rows, query, &[node])?.pop().unwrap_or_default())
}

/// From when to when, and what.
#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Range {
    /// `unit:CODE`, for a series also `place:3401`, `place:all` or `class:CODE`; the caller's own unit when absent.
    node: Option<String>,
    /// Code of the form; the operation's daily report when absent.
    form: Option<String>,
    /// Code of the element.
    element: String,
    /// First day; two weeks before the last when absent.
    from: Option<String>,
    /// Last day; today when absent.
    to: Option<String>,
}

impl Range {
    fn about(&self) -> About {
        About { node: self.node.clone(), day: self.to.clone(), form: self.form.clone(), as_known_at: None }
    }
    fn from(&self, to: Day) -> Result<Day, Problem> {
        let from = match &self.from {
            None => to.plus(-13),
            Some(text) => text.parse().map_err(|_| Problem::invalid("request.day").with("day", text))?,
        };
        if from > to || to.number() - from.number() > 400 {
            return Err(Problem::invalid("request.range").with("max", 400));
        }
        Ok(from)
    }
}
