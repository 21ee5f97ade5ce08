//! Doors of figures: totals, who is missing, what disagrees, what contradicts, words.

use super::super::compare::{self, Beside, Contradiction};
use super::super::model::{Class, Element, ValueType, Values};
use super::super::read::{self, Picture, Query as Question, Span};
use super::super::rollup::Sum;
use super::super::store;
use super::report::{ChangeBody, IncidentBody};
use super::{About, Asked, UnitLabel, ask, labels, shown};
use crate::lines::org::{self, Standing};
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller};
use crate::{App, Fail};
use axum::Json;
use axum::extract::{Query, State};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Locale, Problem};
use muster_store::Rows;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(totals_read))
        .routes(routes!(totals_children))
        .routes(routes!(totals_series))
        .routes(routes!(missing_list))
        .routes(routes!(disagreements_list))
        .routes(routes!(agreement_list))
        .routes(routes!(contradictions_list))
        .routes(routes!(corrections_list))
        .routes(routes!(notes_search))
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
    /// REPORTING_RATE_ON_TIME: on time of expected, percent; null without a base.
    pub(crate) reporting_rate_on_time: Option<f64>,
}

impl Rates {
    fn new(picture: &Picture) -> Self {
        let (expected, actual, on_time) = (picture.expected, picture.parts.actual(), picture.parts.on_time());
        Self {
            expected,
            actual,
            actual_on_time: on_time,
            reporting_rate: percent(actual, expected),
            reporting_rate_on_time: percent(on_time, expected),
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

/// An element of a total.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ElementTotal {
    /// Code of the element.
    pub(crate) element: String,
    /// Its name.
    pub(crate) name: String,
    /// `event` or `state`.
    pub(crate) class: Class,
    /// Unit of measurement; `%` for a rate.
    pub(crate) unit: String,
    /// What counts; null when nobody said it.
    #[schema(value_type = Option<f64>)]
    pub(crate) value: Option<Number>,
    /// How many reports and statements say it.
    pub(crate) said: i64,
    /// How many units are expected to.
    pub(crate) base: i64,
    /// What counted the day before.
    #[schema(value_type = Option<f64>)]
    pub(crate) yesterday: Option<Number>,
    /// What the node itself states about all below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub(crate) stated: Option<Number>,
    /// The sum of the own reports below, whatever counts.
    #[schema(value_type = Option<f64>)]
    pub(crate) parts: Option<Number>,
    /// For a rate: what stands above and below the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<RateParts>,
}

/// A rate is always numerator and denominator.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RateParts {
    /// Above the line.
    pub(crate) numerator: i64,
    /// Below the line: the base.
    pub(crate) denominator: i64,
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
    /// Kind of the unit.
    pub(crate) kind: String,
    /// The day.
    pub(crate) day: String,
    /// Code of the form.
    pub(crate) form: String,
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
}

/// A node's day, with the day before where `yesterday` is given.
pub(crate) fn totals_body(
    asked: &Asked,
    query: &Question<'_>,
    standing: &Standing,
    label: UnitLabel,
    today: &Picture,
    yesterday: Option<&Picture>,
) -> Totals {
    Totals {
        node: label,
        kind: standing.kind.to_string(),
        day: query.day.to_string(),
        form: query.form.code.clone(),
        rates: Rates::new(today),
        zero: today.parts.zero(),
        missing: today.missing(),
        late: today.late(),
        elements: element_totals(asked, query, today, yesterday),
        coverage: Coverage { by_parts: today.counted.by_parts, by_statements: today.counted.by_statements },
        has_statement: today.stated.is_some(),
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
            // A share is told in percent; anything else (days of supply) as the bare ratio.
            let times = if element.unit == "%" { 100.0 } else { 1.0 };
            let rate = |picture: &Picture| {
                ratio(sum(picture, above).sum, sum(picture, below).sum, times).and_then(Number::from_f64)
            };
            let parts = RateParts { numerator: sum(today, above).sum, denominator: sum(today, below).sum };
            total.value = rate(today);
            total.yesterday = before.and_then(rate);
            total.said = sum(today, below).said;
            total.rate = Some(parts);
        } else if let Some(place) = position(element) {
            let counts = sum(today, element);
            total.value = said(element, counts);
            total.said = counts.said;
            total.yesterday = before.and_then(|before| said(element, sum(before, element)));
            total.parts = said(element, today.parts.element(place));
            total.stated = today
                .stated
                .as_ref()
                .and_then(|values: &Values| values.get(&element.id))
                .map(|&n| shown(element, n));
        } else {
            continue;
        }
        totals.push(total);
    }
    totals
}

/// A node's picture of the day and of the day before.
pub(crate) fn pictures(
    rows: &mut impl Rows,
    query: &Question<'_>,
    standing: &Standing,
) -> Result<(Picture, Option<Picture>), Fail> {
    let today = query.picture(rows, standing)?;
    let yesterday = query.day.before();
    let before = match org::standing_on(rows, standing.unit, yesterday)? {
        Some(standing) if query.series.holds(yesterday) => {
            Some(query.on(yesterday).picture(rows, &standing)?)
        }
        _ => None,
    };
    Ok((today, before))
}

/// A node's totals and rates of a day, with the day before: right at the moment every report was acknowledged.
#[utoipa::path(get, path = "/totals", operation_id = "totals_read", tag = "figures", params(About), responses((status = 200, body = Totals)))]
async fn totals_read(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<Totals>> {
    if let Some(node) =
        about.node.as_deref().filter(|node| node.starts_with("place:") || node.starts_with("class:"))
    {
        let node = node.to_owned();
        return axis_totals(&app, &caller, about, node).await;
    }
    let totals = ask(&app, &caller, about, |rx, asked, standing| {
        let query = asked.question()?;
        let (today, before) = pictures(rx, &query, standing)?;
        let label = label(rx, asked, standing)?;
        Ok(totals_body(asked, &query, standing, label, &today, before.as_ref()))
    })
    .await?;
    Ok(Json(totals))
}

/// Totals of a place or a class: the own reports of its units. Statements about all below are not among them, since
/// what lies below may lie in several places.
async fn axis_totals(app: &App, caller: &Caller, about: About, node: String) -> Answer<Json<Totals>> {
    let about = About { node: None, ..about };
    let totals = ask(app, caller, about, move |rx, asked, own| {
        let query = asked.question()?;
        let unknown = || Problem::not_found("node.unknown").with("node", &node);
        let (axis, kind, code) = match node.split_once(':') {
            Some(("place", code)) => (org::Node::Place(code.parse().map_err(|_| unknown())?), "place", code),
            Some((_, code)) => (org::Node::Class(class(rx, code)?.ok_or_else(unknown)?.id), "class", code),
            None => return Err(unknown().into()),
        };
        let picture = query.axis_picture(rx, axis, own)?;
        let before = query.on(query.day.before()).axis_picture(rx, axis, own)?;
        let label = UnitLabel { code: code.to_owned(), name: node_name(rx, axis, code, asked.ctx.locale)? };
        let mut body = totals_body(asked, &query, own, label, &picture, Some(&before));
        body.kind = kind.to_owned();
        Ok(body)
    })
    .await?;
    Ok(Json(totals))
}

fn class(rows: &mut impl Rows, code: &str) -> Result<Option<org::Class>, Fail> {
    Ok(org::classes(rows)?.into_iter().find(|class| class.code == code))
}

fn node_name(rows: &mut impl Rows, node: org::Node, code: &str, locale: Locale) -> Result<String, Fail> {
    Ok(match node {
        org::Node::Place(place) => {
            org::place_names(rows, &[place.number()])?.remove(&place.number()).unwrap_or_default()
        }
        _ => class(rows, code)?.map(|class| class.names.of(locale).to_owned()).unwrap_or_default(),
    })
}

fn label(rows: &mut impl Rows, asked: &Asked, standing: &Standing) -> Result<UnitLabel, Fail> {
    let mut named = labels(rows, &[standing.unit], asked.day, asked.ctx.locale)?;
    let code = || UnitLabel { code: standing.code.to_string(), name: String::new() };
    Ok(named.remove(&standing.unit).unwrap_or_else(code))
}

/// Totals of several nodes.
#[derive(Serialize, ToSchema)]
struct TotalsList {
    /// In the order of the tree, at most 1000.
    items: Vec<Totals>,
}

/// Totals of a node's children on a day.
#[utoipa::path(get, path = "/totals/children", operation_id = "totals_children", tag = "figures", params(About), responses((status = 200, body = TotalsList)))]
async fn totals_children(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<TotalsList>> {
    let items = ask(&app, &caller, about, |rx, asked, standing| {
        let query = asked.question()?;
        children_totals(rx, asked, &query, standing)
    })
    .await?;
    Ok(Json(TotalsList { items }))
}

pub(crate) fn children_totals(
    rows: &mut impl Rows,
    asked: &Asked,
    query: &Question<'_>,
    standing: &Standing,
) -> Result<Vec<Totals>, Fail> {
    let children = org::children(rows, standing.unit, query.day)?;
    let units: Vec<i64> = children.iter().map(|child| child.unit).collect();
    let mut named = labels(rows, &units, query.day, asked.ctx.locale)?;
    let mut items = Vec::with_capacity(children.len());
    for child in children.iter().take(1000) {
        let (today, before) = pictures(rows, query, child)?;
        let code = || UnitLabel { code: child.code.to_string(), name: String::new() };
        let label = named.remove(&child.unit).unwrap_or_else(code);
        items.push(totals_body(asked, query, child, label, &today, before.as_ref()));
    }
    Ok(items)
}

/// From when to when, and what.
#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Range {
    /// `unit:CODE`; the caller's own unit when absent.
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

/// A unit that has not reported, and whom to call.
#[derive(Serialize, ToSchema)]
struct MissingUnit {
    /// The unit.
    unit: UnitLabel,
    /// Units above it that the caller may know of, the top first.
    path: Vec<UnitLabel>,
    /// The post on duty.
    post: Option<String>,
    /// Its duty telephone: visible to the chain on this board, never in a brief.
    duty_phone: Option<String>,
    /// People behind it: what it last said of its staff; null when it never did.
    people: Option<i64>,
}

/// How many are missing below one child of the node.
#[derive(Serialize, ToSchema)]
struct MissingGroup {
    /// The child.
    unit: UnitLabel,
    /// How many are missing there.
    missing: i64,
    /// How many are expected there.
    expected: i64,
}

/// Who has not reported.
#[derive(Serialize, ToSchema)]
struct MissingBody {
    /// The day.
    day: String,
    /// The cut-off (RFC 3339).
    cut_off: String,
    /// How many are missing in all.
    missing: i64,
    /// By child of the node, those where somebody is missing.
    groups: Vec<MissingGroup>,
    /// In the order of the tree.
    items: Vec<MissingUnit>,
    /// Where the next page starts; null at the end.
    next_cursor: Option<String>,
    /// The text that reminds them, for a chat.
    reminder_text: String,
}

/// Who has not reported below a node, with the duty telephone, and the text that reminds them.
#[utoipa::path(get, path = "/missing", operation_id = "missing_list", tag = "figures", params(About, Page), responses((status = 200, body = MissingBody)))]
async fn missing_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
    Query(page): Query<Page>,
) -> Answer<Json<MissingBody>> {
    let after = page.after()?;
    let limit = page.limit() as usize;
    let office = app.operation().office.of(caller.locale).to_owned();
    let body = ask(&app, &caller, about, move |rx, asked, standing| {
        let query = asked.question()?;
        let absent = read::absent(rx, &query, standing, read::Which::Missing, &after, limit)?;
        let units: Vec<i64> = absent.iter().map(|absent| absent.unit).collect();
        let standings = org::standings_on(rx, &units, asked.day)?;
        let mut all: Vec<i64> =
            standings.iter().flat_map(|standing| standing.chain.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        let named = labels(rx, &all, asked.day, asked.ctx.locale)?;
        let duty = org::duty_contacts(rx, &units)?;
        let people = store::last_staff(rx, &query, &units)?;
        let mut items = Vec::with_capacity(absent.len());
        for absent in &absent {
            let Some(found) = standings.iter().find(|standing| standing.unit == absent.unit) else {
                continue;
            };
            let from = found.chain.iter().position(|unit| *unit == standing.unit).unwrap_or(0);
            let mut path: Vec<_> =
                found.chain[from..].iter().filter_map(|unit| named.get(unit).cloned()).collect();
            let Some(unit) = path.pop() else { continue };
            let contact = duty.iter().find(|contact| contact.unit == absent.unit);
            items.push(MissingUnit {
                unit,
                path,
                post: contact.map(|contact| contact.names.of(asked.ctx.locale).to_owned()),
                duty_phone: contact.map(|contact| contact.phone.clone()),
                people: people.get(&absent.unit).copied(),
            });
        }
        let children = org::children(rx, standing.unit, query.day)?;
        let names =
            labels(rx, &children.iter().map(|c| c.unit).collect::<Vec<_>>(), query.day, asked.ctx.locale)?;
        let mut groups = Vec::new();
        for child in children.iter().take(1000) {
            let (expected, parts) = query.parts(rx, child)?;
            let missing = expected - parts.actual();
            if missing > 0
                && let Some(unit) = names.get(&child.unit)
            {
                groups.push(MissingGroup { unit: unit.clone(), missing, expected });
            }
        }
        let (expected, parts) = query.parts(rx, standing)?;
        let cut_off = super::super::verbs::cut_off_ms(query.form, asked.day, &asked.ctx);
        let cut_off = rfc3339(cut_off, &asked.ctx.zone);
        let names: Vec<&str> = items.iter().take(30).map(|item| item.unit.name.as_str()).collect();
        let args = [
            ("office", office.clone()),
            ("day", asked.day.to_string()),
            ("time", cut_off.get(11..16).unwrap_or_default().to_owned()),
            ("count", (expected - parts.actual()).to_string()),
            ("units", names.join(crate::say::word(asked.ctx.locale, "list.comma").as_str())),
        ];
        let args = args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let full = absent.len() == limit;
        Ok(MissingBody {
            day: asked.day.to_string(),
            cut_off,
            missing: expected - parts.actual(),
            groups,
            next_cursor: absent.last().filter(|_| full).map(|last| cursor_after(&last.path)),
            reminder_text: crate::say::say(asked.ctx.locale, "missing.reminder", &args),
            items,
        })
    })
    .await?;
    Ok(Json(body))
}

/// A statement and what lies below it, where they differ.
#[derive(Serialize, ToSchema)]
struct Disagreement {
    /// The unit that states.
    unit: UnitLabel,
    /// Code of the element.
    element: String,
    /// Its name.
    element_name: String,
    /// What it states about all below.
    #[schema(value_type = f64)]
    stated: Number,
    /// What lies below.
    #[schema(value_type = f64)]
    below: Number,
    /// How many below say it.
    said: i64,
    /// Whether they are the same number.
    agrees: bool,
}

/// Statements beside their parts.
#[derive(Serialize, ToSchema)]
struct DisagreementList {
    /// How many statements have something below to be compared with.
    compared: i64,
    /// How many of them agree.
    agree: i64,
    /// Those that differ, in the order of the tree, at most 1000.
    items: Vec<Disagreement>,
}

/// Where a unit's statement about all below it and its parts differ. Both stay; neither is judged.
#[utoipa::path(get, path = "/disagreements", operation_id = "disagreement_list", tag = "figures", params(About), responses((status = 200, body = DisagreementList)))]
async fn disagreements_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<DisagreementList>> {
    let body = ask(&app, &caller, about, |rx, asked, standing| {
        let query = asked.question()?;
        let all = compare::beside(rx, &query, standing)?;
        let differing: Vec<&Beside> = all.iter().filter(|beside| !beside.agrees()).take(1000).collect();
        let units: Vec<i64> = differing.iter().map(|beside| beside.unit).collect();
        let named = labels(rx, &units, asked.day, asked.ctx.locale)?;
        let items = differing.iter().filter_map(|beside| {
            let element = asked.book.element(beside.element)?;
            Some(Disagreement {
                unit: named.get(&beside.unit)?.clone(),
                element: element.code.clone(),
                element_name: element.names.of(asked.ctx.locale).to_owned(),
                stated: shown(element, beside.stated),
                below: shown(element, beside.below.sum),
                said: beside.below.said,
                agrees: false,
            })
        });
        let agree = all.iter().filter(|beside| beside.agrees()).count() as i64;
        Ok(DisagreementList { compared: all.len() as i64, agree, items: items.collect() })
    })
    .await?;
    Ok(Json(body))
}

/// On how many days a unit's statement and what lies below it agree.
#[derive(Serialize, ToSchema)]
struct AgreementBody {
    /// The unit.
    unit: UnitLabel,
    /// Its kind.
    kind: String,
    /// Days that have both.
    both: i64,
    /// Days on which they are the same number.
    agree: i64,
}

/// The same, added up for a kind of unit.
#[derive(Serialize, ToSchema)]
struct AgreementOfKind {
    /// The kind.
    kind: String,
    /// Days that have both, of all units of the kind.
    both: i64,
    /// Days on which they are the same number.
    agree: i64,
}

/// How far statements and parts agree.
#[derive(Serialize, ToSchema)]
struct AgreementList {
    /// Code of the element.
    element: String,
    /// First day.
    from: String,
    /// Last day.
    to: String,
    /// By kind of unit.
    kinds: Vec<AgreementOfKind>,
    /// By unit, in the order of the tree.
    items: Vec<AgreementBody>,
}

/// On how many days statements about all below agree with what lies below, by unit and by kind of unit.
#[utoipa::path(get, path = "/disagreements/agreement", operation_id = "agreement_list", tag = "figures", params(Range), responses((status = 200, body = AgreementList)))]
async fn agreement_list(
    State(app): State<App>,
    caller: Caller,
    Query(range): Query<Range>,
) -> Answer<Json<AgreementList>> {
    let about = range.about();
    let body = ask(&app, &caller, about, move |rx, asked, standing| {
        let query = asked.question()?;
        let unknown = || Problem::not_found("value.unknown_element").with("element", &range.element);
        let element = asked.book.element_by_code(&range.element).ok_or_else(unknown)?;
        let from = range.from(asked.day)?;
        let found = compare::agreement(rx, &query, standing.unit, element.id, from, asked.day)?;
        let units: Vec<i64> = found.iter().map(|agreement| agreement.unit).collect();
        let standings = org::standings_on(rx, &units, asked.day)?;
        let named = labels(rx, &units, asked.day, asked.ctx.locale)?;
        let mut kinds: Vec<AgreementOfKind> = Vec::new();
        let mut items = Vec::new();
        for standing in &standings {
            let Some(agreement) = found.iter().find(|agreement| agreement.unit == standing.unit) else {
                continue;
            };
            let (both, agree, kind) = (agreement.both, agreement.agree, standing.kind.to_string());
            match kinds.iter_mut().find(|known| known.kind == kind) {
                Some(known) => {
                    known.both += both;
                    known.agree += agree;
                }
                None => kinds.push(AgreementOfKind { kind: kind.clone(), both, agree }),
            }
            if let Some(unit) = named.get(&standing.unit) {
                items.push(AgreementBody { unit: unit.clone(), kind, both, agree });
            }
        }
        let (from, to) = (from.to_string(), asked.day.to_string());
        Ok(AgreementList { element: element.code.clone(), from, to, kinds, items })
    })
    .await?;
    Ok(Json(body))
}

/// A report that says less than the incidents of the same unit and day.
#[derive(Serialize, ToSchema)]
pub(super) struct ContradictionBody {
    /// The unit.
    unit: UnitLabel,
    /// Code of the event element.
    element: String,
    /// Its name.
    element_name: String,
    /// What the report says.
    #[schema(value_type = f64)]
    reported: Number,
    /// Whether it is a signed zero.
    zero: bool,
    /// When it was signed (RFC 3339).
    reported_at: String,
    /// The incidents.
    incidents: Vec<IncidentBody>,
}

/// Contradictions of a day.
#[derive(Serialize, ToSchema)]
struct ContradictionList {
    /// In the order the incidents came.
    items: Vec<ContradictionBody>,
}

pub(super) fn contradiction_body(
    asked: &Asked,
    contradiction: &Contradiction,
    unit: &UnitLabel,
) -> Option<ContradictionBody> {
    let element = asked.book.element(contradiction.element)?;
    let incidents = contradiction.incidents.iter();
    Some(ContradictionBody {
        unit: unit.clone(),
        element: element.code.clone(),
        element_name: element.names.of(asked.ctx.locale).to_owned(),
        reported: shown(element, contradiction.reported),
        zero: contradiction.zero,
        reported_at: rfc3339(contradiction.reported_at_ms, &asked.ctx.zone),
        incidents: incidents
            .map(|one| IncidentBody::new(&asked.book, &asked.ctx, one, unit.clone()))
            .collect(),
    })
}

/// Where a report and an incident say different things. Both are shown; which is right is for people to find out.
#[utoipa::path(get, path = "/contradictions", operation_id = "contradiction_list", tag = "figures", params(About), responses((status = 200, body = ContradictionList)))]
async fn contradictions_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<ContradictionList>> {
    let items = ask(&app, &caller, about, |rx, asked, standing| {
        let query = asked.question()?;
        let found = compare::contradictions(rx, &query, standing)?;
        let units: Vec<i64> = found.iter().map(|contradiction| contradiction.unit).collect();
        let named = labels(rx, &units, asked.day, asked.ctx.locale)?;
        Ok(found.iter().filter_map(|one| contradiction_body(asked, one, named.get(&one.unit)?)).collect())
    })
    .await?;
    Ok(Json(ContradictionList { items }))
}

/// A correction.
#[derive(Serialize, ToSchema)]
struct CorrectionBody {
    /// The unit.
    unit: UnitLabel,
    /// The day that was corrected.
    day: String,
    /// The revision it made.
    revision: i64,
    /// When it came (RFC 3339).
    at: String,
    /// By whom: a reference.
    actor: String,
    /// Why.
    reason: Option<String>,
    /// What changed.
    changes: Vec<ChangeBody>,
}

/// Corrections that came on a day.
#[derive(Serialize, ToSchema)]
struct CorrectionList {
    /// In the order they came, at most 1000.
    items: Vec<CorrectionBody>,
}

/// Corrections that came on a day, of whatever day they correct.
#[utoipa::path(get, path = "/corrections", operation_id = "correction_list", tag = "figures", params(About), responses((status = 200, body = CorrectionList)))]
async fn corrections_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<CorrectionList>> {
    let items = ask(&app, &caller, about, |rx, asked, standing| {
        let (query, ctx) = (asked.question()?, &asked.ctx);
        let start = super::super::verbs::instant_ms(asked.day, 0, ctx);
        let end = super::super::verbs::instant_ms(asked.day, 1440, ctx);
        let found = compare::corrections(rx, &query, standing, start - 1, end - 1, 1000)?;
        let units: Vec<i64> = found.iter().map(|corrected| corrected.unit).collect();
        let named = labels(rx, &units, asked.day, ctx.locale)?;
        let bodies = found.iter().filter_map(|corrected| {
            let past = &corrected.past;
            let changes =
                past.changes.iter().filter_map(|change| ChangeBody::new(&asked.book, ctx.locale, change));
            Some(CorrectionBody {
                unit: named.get(&corrected.unit)?.clone(),
                day: corrected.day.to_string(),
                revision: past.rev,
                at: rfc3339(past.at_ms, &ctx.zone),
                actor: past.actor.clone(),
                reason: past.reason.clone(),
                changes: changes.collect(),
            })
        });
        Ok(bodies.collect())
    })
    .await?;
    Ok(Json(CorrectionList { items }))
}

#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// What the words hold, 2 to 100 characters.
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
        let units: Vec<i64> = found.iter().map(|note| note.unit).collect();
        let named = labels(rx, &units, asked.day, asked.ctx.locale)?;
        let bodies = found.into_iter().filter_map(|note| {
            Some(NoteBody {
                unit: named.get(&note.unit)?.clone(),
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
