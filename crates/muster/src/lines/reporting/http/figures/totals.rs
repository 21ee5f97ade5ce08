//! Totals and rates of a node's day.

use super::{NOWHERE, Subject, Totals, is_zero, picture, picture_alone, pictures, place_label, totals_body};
use crate::lines::org::{self, Node, Place, Standing};
use crate::lines::reporting::http::{About, Asked, Foreseen, UnitLabel, ask_any, ask_foreseen};
use crate::lines::reporting::query::Query as Question;
use crate::lines::reporting::read::Picture;
use crate::lines::reporting::store;
use crate::request::{Answer, Caller, JsonText, Query};
use crate::{App, Fail};
use axum::extract::State;
use muster_store::{Rows, Rx};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(totals_read)).routes(routes!(totals_children))
}

/// A node's totals and rates of a day, with the day before: right at the moment every report was acknowledged. Those of
/// a place (also of `place:all`) or a class are of the own reports of its units; statements about all below are not
/// among them, since what lies below may lie in several places.
#[utoipa::path(get, path = "/totals", operation_id = "totals_read", tag = "figures", params(About), responses((status = 200, body = Totals)))]
async fn totals_read(State(app): State<App>, caller: Caller, Query(about): Query<About>) -> Answer<JsonText> {
    let totals = ask_foreseen(&app, &caller, about, asks_of, |rx, asked, subject| {
        let query = asked.question()?;
        let frozen = asked.frozen(rx)?;
        let (kind, (today, before)) = match subject {
            Subject::Unit(standing) => (&*standing.kind, picture(rx, &query, standing)?),
            Subject::Everywhere(own) => {
                let (today, before) = picture(rx, &query, own)?;
                let alone = |picture: Picture| query.parts_only(picture.expected, picture.parts);
                (subject.kind(), (alone(today), before.map(alone)))
            }
            Subject::Axis(axis) => {
                let (today, before) = axis_pictures(rx, &query, axis.node, &axis.own)?;
                (axis.kind, (today, Some(before)))
            }
        };
        let (label, path) = (subject.label(rx, asked)?, subject.path(rx, asked)?);
        let body = totals_body(asked, &query, kind, label, frozen, (&today, before.as_ref()));
        let tree_changes_since = asked.tree_changes_since(rx, subject.within())?;
        Ok(JsonText::of(&Totals { path, tree_changes_since, ..body })?)
    })
    .await?;
    Ok(totals)
}

/// What a unit's totals ask whatever they come to, to be sent ahead.
fn asks_of(rows: &Rx<'_>, asked: &Asked, standing: &Standing) -> Foreseen {
    let Ok(query) = asked.question() else { return Foreseen::Some(Vec::new()) };
    let mut asks = vec![store::frozen_ask(query.operation, query.form.id, query.day)];
    asks.extend(asked.labels_ask(standing));
    asks.extend(query.picture_asks(rows, standing));
    match asked.known_at_ms {
        None => Foreseen::All(asks),
        Some(_) => Foreseen::Some(asks),
    }
}

/// Totals of several nodes.
#[derive(Serialize, ToSchema)]
struct TotalsList {
    /// What the node consists of: its own report first, where it is asked for one, then its children in the order of the
    /// tree (places by their codes), at most 1000. Their counts add up to the node's.
    items: Vec<Totals>,
    /// With `as_known_at`: how many changes of units that are or were below the node, later than that instant, reach
    /// the day (of the last hundred of the tree). The units are those of the tree as it is known now.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    tree_changes_since: usize,
}

/// Totals of what a node consists of on a day: of a unit its own report and its children; of a place the places right in
/// it (`place:all`: the provinces); of a class nothing.
#[utoipa::path(get, path = "/totals/children", operation_id = "totals_children", tag = "figures", params(About), responses((status = 200, body = TotalsList)))]
async fn totals_children(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<JsonText> {
    let list = ask_any(&app, &caller, about, |rx, asked, subject| {
        let query = asked.question()?;
        let items = match subject {
            Subject::Unit(standing) => children_totals(rx, asked, &query, standing),
            Subject::Everywhere(own) => {
                let (today, before) = picture(rx, &query, own)?;
                let nowhere = place_label(NOWHERE, asked.ctx.locale);
                places_totals(rx, asked, &query, own, None, (nowhere, today, before.unwrap_or_default()))
            }
            Subject::Axis(axis) => match axis.node {
                Node::Place(place) => {
                    let (today, before) = axis_pictures(rx, &query, axis.node, &axis.own)?;
                    let whole = (axis.label.clone(), today, before);
                    places_totals(rx, asked, &query, &axis.own, Some(place), whole)
                }
                _ => Ok(Vec::new()),
            },
        }?;
        let tree_changes_since = asked.tree_changes_since(rx, subject.within())?;
        Ok(JsonText::of(&TotalsList { items, tree_changes_since })?)
    })
    .await?;
    Ok(list)
}

/// The most parts of a node that one answer tells.
const PARTS_MAX: usize = 1000;

/// A unit's own report, where it is asked for one, and its children.
pub(crate) fn children_totals(
    rows: &mut impl Rows,
    asked: &Asked,
    query: &Question<'_>,
    standing: &Standing,
) -> Result<Vec<Totals>, Fail> {
    let frozen = asked.frozen(rows)?;
    let children = org::children(rows, standing.unit, query.day)?;
    let units: Vec<i64> = children.iter().map(|child| child.unit).chain([standing.unit]).collect();
    let mut named = asked.labels(rows, &units)?;
    let mut label_of = |standing: &Standing| {
        let code = || UnitLabel { code: standing.code.to_string(), name: String::new() };
        named.remove(&standing.unit).unwrap_or_else(code)
    };
    let shown: Vec<&Standing> = children.iter().take(PARTS_MAX).collect();
    let mut items = Vec::with_capacity(shown.len() + 1);
    if let Some((today, before)) = picture_alone(rows, query, standing)? {
        let pictures = (&today, before.as_ref());
        let own = totals_body(asked, query, &standing.kind, label_of(standing), frozen, pictures);
        items.push(Totals { own: true, ..own });
    }
    for (child, (today, before)) in shown.iter().zip(pictures(rows, query, &shown)?) {
        let pictures = (&today, before.as_ref());
        items.push(totals_body(asked, query, &child.kind, label_of(child), frozen, pictures));
    }
    Ok(items)
}

/// What a place or a class looks like on the question's day and on the day before.
fn axis_pictures(
    rows: &mut impl Rows,
    query: &Question<'_>,
    node: Node,
    own: &Standing,
) -> Result<(Picture, Picture), Fail> {
    let today = query.axis_picture(rows, node, own)?;
    Ok((today, query.on(query.day.before()).axis_picture(rows, node, own)?))
}

/// The places right in one (right at the top: the provinces) as far as units below `own` that are asked stand there, and
/// what of the whole lies in none of them.
fn places_totals(
    rows: &mut impl Rows,
    asked: &Asked,
    query: &Question<'_>,
    own: &Standing,
    place: Option<Place>,
    (label, mut today, mut before): (UnitLabel, Picture, Picture),
) -> Result<Vec<Totals>, Fail> {
    let frozen = asked.frozen(rows)?;
    let places = org::places_in(rows, place, (query.day.before(), query.day), PARTS_MAX)?;
    let numbers: Vec<i64> = places.iter().map(|place| place.number()).collect();
    let mut names = org::place_names(rows, &numbers)?;
    let mut items = Vec::with_capacity(places.len() + 1);
    for place in places {
        let (now, then) = axis_pictures(rows, query, Node::Place(place), own)?;
        today.take_away(&now);
        before.take_away(&then);
        if now.expected == 0 {
            continue;
        }
        let code = place.to_string();
        let name = names.remove(&place.number()).map(|names| names.of(asked.ctx.locale).to_owned());
        let label = UnitLabel { name: name.unwrap_or_else(|| code.clone()), code };
        items.push(totals_body(asked, query, "place", label, frozen, (&now, Some(&then))));
    }
    if today.expected > 0 {
        let [today, before] =
            [today, before].map(|rest| query.parts_only(rest.expected, rest.parts.trimmed()));
        let rest = totals_body(asked, query, "place", label, frozen, (&today, Some(&before)));
        items.insert(0, Totals { own: true, ..rest });
    }
    Ok(items)
}
