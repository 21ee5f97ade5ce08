//! Who has not reported.

use super::reminder::{NAMES_MAX, reminder, with_above};
use crate::lines::org::{self, DutyContact, Node, Place, Standing};
use crate::lines::reporting::absent::{self, Which};
use crate::lines::reporting::http::{
    About, Asked, Foreseen, NOWHERE, NodeLabel, Subject, UnitLabel, ask_foreseen, is_zero, place_label,
};
use crate::lines::reporting::parts::{parts_missing, provinces};
use crate::lines::reporting::query::Query as Question;
use crate::lines::reporting::seen::{Absent, Part};
use crate::lines::reporting::store;
use crate::lines::reporting::survey::{Survey, survey};
use crate::lines::reporting::verbs::cut_off_ms;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, JsonText, Permission, Query};
use crate::{App, Fail};
use axum::extract::State;
use muster_kernel::Problem;
use muster_kernel::day::rfc3339;
use muster_store::{Rows, Rx};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(missing_list))
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
    /// Its duty telephone: visible to the chain of today on this board, never in a brief.
    duty_phone: Option<String>,
    /// Whether there is a duty telephone that cannot be opened: this server has not the key of the database, or the row is
    /// damaged.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    duty_phone_closed: bool,
    /// People behind it: what it said of its staff in the week before, in an element `staff` or `staff_...`. Absent where
    /// it did not, or the form has no such element.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<i64>,
}

/// How many are missing in one part of the node.
#[derive(Serialize, ToSchema)]
struct MissingGroup {
    /// The part, as it is asked for: `unit:G07`, `place:340100`.
    node: String,
    /// Its code and name.
    unit: UnitLabel,
    /// Whether it is what lies in none of the other parts: the unit's own report, units in the place itself or without
    /// a place. It cannot be asked for alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    own: bool,
    /// How many are missing there.
    missing: i64,
    /// How many are expected there.
    expected: i64,
}

/// Who has not reported.
#[derive(Serialize, ToSchema)]
struct MissingBody {
    /// The node, as it is asked for.
    node: String,
    /// Its code and name.
    label: UnitLabel,
    /// The nodes above it that can be asked for, the top first.
    path: Vec<NodeLabel>,
    /// The day.
    day: String,
    /// The cut-off (RFC 3339).
    cut_off: String,
    /// Whether the day is frozen: who has not reported by then is missing.
    frozen: bool,
    /// How many are expected to report in all.
    expected: i64,
    /// How many of them have not.
    missing: i64,
    /// Where somebody is missing: of a unit by child (of the first thousand), of a place by the places in it, of
    /// `place:all` by province, of a class by the children of the caller's own unit; they add up to `missing`. On the first
    /// page only.
    groups: Vec<MissingGroup>,
    /// Of a unit in the order of the tree; of a place by its code; of a class in an order that stays.
    items: Vec<MissingUnit>,
    /// Where the next page starts; null at the end.
    next_cursor: Option<String>,
    /// The text that reminds them, for a chat: names all who are missing, to a hundred; units of one name with that of the unit
    /// above, or else their code. Where nobody is missing it says so.
    reminder_text: String,
    /// With `as_known_at`: how many changes of units that are or were below the node, later than that instant, reach
    /// the day (of the last hundred of the tree). The units are those of the tree as it is known now.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    tree_changes_since: usize,
}

/// Who has not reported in a node (a unit with all below it, a place, all places, a class), with the duty telephone, and the text
/// that reminds them.
#[utoipa::path(get, path = "/missing", operation_id = "missing_list", tag = "figures", params(About, Page), responses((status = 200, body = MissingBody)))]
async fn missing_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
    Query(page): Query<Page>,
) -> Answer<JsonText> {
    let after = page.after()?;
    let limit = page.limit()? as usize;
    let office = app.operation().office.of(caller.locale).to_owned();
    let looker = caller.ctx(&app, Permission::Read)?;
    let (body, look) = ask_foreseen(&app, &caller, about, asks_of, move |rx, asked, subject| {
        let look = Look::at(rx, asked, subject)?;
        let found = look.after(rx, &after, limit)?;
        let (expected, missing) = look.counts(rx)?;
        let is_told = after.is_empty() && missing > 0;
        let parts = match (is_told, subject) {
            (false, _) | (_, Subject::Everywhere(_)) => Vec::new(),
            (true, _) => look.parts(rx)?,
        };
        let items = items(rx, asked, &look, &parts, &found)?;
        let groups = match subject {
            Subject::Everywhere(_) if is_told => by_province(rx, asked, &look, (expected, missing))?,
            _ => groups(rx, asked, &parts)?,
        };
        let next_cursor = found.last().filter(|_| found.len() == limit).map(|last| look.cursor(last));
        // The reminder is of all who are missing, whichever page is asked for.
        let first = match after.is_empty() && (next_cursor.is_none() || limit >= NAMES_MAX) {
            true => items.iter().map(|item| (item.unit.clone(), item.path.last().cloned())).collect(),
            false => {
                let found = look.after(rx, "", NAMES_MAX)?;
                with_above(rx, asked, look.own, &found)?
            }
        };
        let cut_off = rfc3339(cut_off_ms(look.query.form, asked.day, &asked.ctx), &asked.ctx.zone);
        let label = subject.label(rx, asked)?;
        let frozen = asked.frozen(rx)?;
        let node = format!("{}:{}", subject.kind(), label.code);
        let count = items.iter().filter(|item| item.duty_phone.is_some()).count();
        let look = org::Look { node: node.clone(), at: "missing".to_owned(), purpose: String::new(), count };
        let body = MissingBody {
            node,
            label,
            path: subject.path(rx, asked)?,
            day: asked.day.to_string(),
            frozen,
            expected,
            missing,
            groups,
            items,
            next_cursor,
            reminder_text: reminder(asked, (&office, frozen), &cut_off, (&first, missing)),
            cut_off,
            tree_changes_since: asked.tree_changes_since(rx, subject.within())?,
        };
        Ok((JsonText::of(&body)?, look))
    })
    .await?;
    org::contacts_shown(&app, &looker, look).await?;
    Ok(body)
}

/// Who is looked for, and where.
pub(super) struct Look<'a> {
    pub(super) query: Question<'a>,
    subject: &'a Subject,
    node: Node,
    /// The unit below which is looked: that which is asked for, or the caller's own.
    own: &'a Standing,
    /// All of them, where they were few enough to be looked at at once.
    survey: Option<Survey>,
}

impl<'a> Look<'a> {
    pub(super) fn at(rx: &mut Rx<'_>, asked: &'a Asked, subject: &'a Subject) -> Result<Self, Fail> {
        let query = asked.question()?;
        let own = subject.within();
        let (node, survey) = match subject {
            Subject::Axis(axis) => (axis.node, None),
            Subject::Unit(_) | Subject::Everywhere(_) => (Node::Unit(own.unit), survey(rx, &query, own)?),
        };
        Ok(Self { query, subject, node, own, survey })
    }

    /// The first who are missing after what a cursor holds.
    pub(super) fn after(&self, rx: &mut Rx<'_>, after: &str, limit: usize) -> Result<Vec<Absent>, Fail> {
        Ok(match (&self.survey, self.node) {
            (Some(survey), _) => survey.missing_after(after, limit),
            (None, Node::Unit(_)) => absent::absent(rx, &self.query, self.own, Which::Missing, after, limit)?,
            (None, node) => absent::absent_in(rx, &self.query, node, self.own, pair(after)?, limit)?,
        })
    }

    /// What a cursor holds of the last one that was told.
    fn cursor(&self, last: &Absent) -> String {
        match self.node {
            Node::Unit(_) => cursor_after(&last.path),
            _ => cursor_after(&format!("{} {}", last.place, last.unit)),
        }
    }

    /// How many are expected, and how many of them are missing.
    pub(super) fn counts(&self, rx: &mut Rx<'_>) -> Result<(i64, i64), Fail> {
        Ok(match (&self.survey, self.subject) {
            (Some(survey), _) => (survey.expected, survey.missing.len() as i64),
            (None, Subject::Axis(axis)) => {
                let picture = self.query.axis_picture(rx, axis.node, &axis.own)?;
                (picture.expected, picture.missing())
            }
            (None, _) => {
                let (expected, parts) = self.query.parts(rx, self.own)?;
                (expected, (expected - parts.actual()).max(0))
            }
        })
    }

    /// The parts in which somebody is missing.
    fn parts(&self, rx: &mut Rx<'_>) -> Result<Vec<Part>, Fail> {
        match &self.survey {
            Some(survey) => Ok(survey.parts.clone()),
            None => Ok(parts_missing(rx, &self.query, self.node, self.own)?),
        }
    }
}

/// What the list asks of a unit whoever is missing, to be sent ahead.
fn asks_of(rows: &Rx<'_>, asked: &Asked, standing: &Standing) -> Foreseen {
    let Ok(query) = asked.question() else { return Foreseen::Some(Vec::new()) };
    let mut asks = vec![store::frozen_ask(query.operation, query.form.id, query.day)];
    asks.extend(asked.labels_ask(standing));
    asks.extend(query.counts_asks(rows, standing));
    Foreseen::Some(asks)
}

/// The pair of place and unit that a cursor holds.
fn pair(after: &str) -> Result<(i64, i64), Problem> {
    if after.is_empty() {
        return Ok((i64::MIN, i64::MIN));
    }
    let pair =
        after.split_once(' ').and_then(|(place, unit)| Some((place.parse().ok()?, unit.parse().ok()?)));
    pair.ok_or_else(|| Problem::invalid("request.cursor"))
}

/// Whom to call. Of a unit all below which was looked at it is known who stands above whom; their names, and those of its
/// parts, are asked along.
fn items(
    rows: &mut impl Rows,
    asked: &Asked,
    Look { query, own, survey, .. }: &Look<'_>,
    parts: &[Part],
    found: &[Absent],
) -> Result<Vec<MissingUnit>, Fail> {
    let units: Vec<i64> = found.iter().map(|absent| absent.unit).collect();
    let mut asks = vec![org::duty_ask(&units)];
    asks.extend(store::staff_asks(rows, query, &units));
    let mut chains: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut all = Vec::new();
    match survey {
        Some(survey) => {
            chains.extend(found.iter().map(|absent| (absent.unit, survey.leading_to(&absent.path))));
            all = named_units(&chains, parts);
            asks.extend(asked.shelf.roll.labels_ask(asked.epoch, &all));
        }
        None => asks.push(org::standings_ask(&units, asked.day)),
    }
    rows.ahead(asks)?;
    if survey.is_none() {
        let standings = org::standings_on(rows, &units, asked.day)?.into_iter();
        chains.extend(standings.map(|standing| (standing.unit, standing.chain.to_vec())));
        all = named_units(&chains, parts);
    }
    let named = asked.labels(rows, &all)?;
    let mut duty = org::duty_contacts(rows, &asked.ctx.seals, &units)?;
    // Who has the unit on the day that is asked for reads its telephone only while they have it today, and where their role
    // lets them read telephones at all.
    let today = asked.ctx.today();
    if asked.day != today || asked.phones != asked.ctx.reach {
        let own = org::units_today(rows, &asked.phones, &units, today)?;
        duty.retain(|contact| own.contains(&contact.unit));
    }
    let people = store::last_staff(rows, query, &units)?;
    let mut items = Vec::with_capacity(units.len());
    for unit in units {
        let Some(chain) = chains.get(&unit) else { continue };
        let from = chain.iter().position(|unit| *unit == own.unit).unwrap_or(0);
        let mut path: Vec<_> = chain[from..].iter().filter_map(|unit| named.get(unit).cloned()).collect();
        let Some(label) = path.pop() else { continue };
        let contact = duty.iter().find(|contact| contact.unit == unit);
        items.push(MissingUnit {
            unit: label,
            path,
            post: contact.map(|contact| contact.names.of(asked.ctx.locale).to_owned()),
            duty_phone: contact.and_then(DutyContact::text).map(str::to_owned),
            duty_phone_closed: contact.is_some_and(|contact| contact.phone.is_err()),
            people: people.get(&unit).copied(),
        });
    }
    Ok(items)
}

/// The units of some chains and parts, each once.
fn named_units(chains: &HashMap<i64, Vec<i64>>, parts: &[Part]) -> Vec<i64> {
    let parts = parts.iter().filter(|part| part.place().is_none()).map(|part| part.node.id());
    let all: BTreeSet<i64> = chains.values().flatten().copied().chain(parts).collect();
    all.into_iter().collect()
}

fn groups(rows: &mut impl Rows, asked: &Asked, parts: &[Part]) -> Result<Vec<MissingGroup>, Fail> {
    let places: Vec<i64> = parts.iter().filter_map(|part| part.place().map(Place::number)).collect();
    let units: Vec<i64> =
        parts.iter().filter(|part| part.place().is_none()).map(|part| part.node.id()).collect();
    let mut named = asked.labels(rows, &units)?;
    let mut place_names = org::place_names(rows, &places)?;
    let mut groups = Vec::with_capacity(parts.len());
    for part in parts {
        let (kind, unit) = match part.place() {
            Some(place) => {
                let code = place.to_string();
                let name = place_names.remove(&place.number());
                let name = name.map_or_else(|| code.clone(), |names| names.of(asked.ctx.locale).to_owned());
                ("place", UnitLabel { code, name })
            }
            None => match named.remove(&part.node.id()) {
                Some(label) => ("unit", label),
                None => continue,
            },
        };
        let node = format!("{kind}:{}", unit.code);
        let Part { own, missing, expected, .. } = *part;
        groups.push(MissingGroup { node, unit, own, missing, expected });
    }
    Ok(groups)
}

/// The provinces in which somebody is missing; before them those of the whole who have no place.
fn by_province(
    rows: &mut impl Rows,
    asked: &Asked,
    look: &Look<'_>,
    (mut expected, mut missing): (i64, i64),
) -> Result<Vec<MissingGroup>, Fail> {
    let mut parts = provinces(rows, &look.query, look.own)?;
    for part in &parts {
        (expected, missing) = (expected - part.expected, missing - part.missing);
    }
    parts.retain(|part| part.missing > 0);
    let mut told = groups(rows, asked, &parts)?;
    if missing > 0 {
        let unit = place_label(NOWHERE, asked.ctx.locale);
        let node = format!("place:{NOWHERE}");
        told.insert(0, MissingGroup { node, unit, own: true, missing, expected });
    }
    Ok(told)
}
