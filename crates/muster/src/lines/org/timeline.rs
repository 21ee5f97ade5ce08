//! Dated facts as lists of stretches, and what a change on a day does to them. Pure.
//!
//! A change holds from its day up to the next change of the same thing. A second change on the same day replaces the
//! first; the journal keeps both.

use super::model::{DatedFacts, Edge, Facts};
use super::place::Place;
use crate::lines::operation::Names;
use muster_kernel::Day;
use serde::{Deserialize, Serialize};

/// Changes of facts: what is `Some` is changed, to nothing where it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// New simplified Chinese name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zh_hans: Option<String>,
    /// New traditional Chinese name; empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zh_hant: Option<String>,
    /// New English name; empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// New kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// New place, or none: `null` in JSON, where what is left out stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub place: Option<Option<Place>>,
    /// New time zone; empty for the operation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// New classes, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
}

fn said<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<Place>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl Patch {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
    /// Whether it changes what the projection carries.
    pub fn is_drawn(&self) -> bool {
        self.kind.is_some() || self.place.is_some() || self.classes.is_some()
    }
    /// Only what differs from facts as they are.
    #[must_use]
    pub fn against(self, facts: &Facts) -> Self {
        fn differs<T: PartialEq>(new: Option<T>, old: &T) -> Option<T> {
            new.filter(|new| new != old)
        }
        let Names { zh_hans, zh_hant, en } = &facts.names;
        Self {
            zh_hans: differs(self.zh_hans, zh_hans),
            zh_hant: differs(self.zh_hant, zh_hant),
            en: differs(self.en, en),
            kind: differs(self.kind, &facts.kind),
            place: differs(self.place, &facts.place),
            time_zone: differs(self.time_zone, &facts.time_zone),
            classes: differs(self.classes, &facts.classes),
        }
    }
}

/// Who holds a post from one day to another; a reference, never a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    /// First day.
    pub(super) since: Day,
    /// First day on which it no longer holds.
    pub(super) until: Day,
    /// Who.
    pub(super) holder: String,
}

/// Holdings after a post is held by somebody from a day on, or by nobody (empty); what was said of later days goes.
pub(super) fn holder_changed(holdings: &[Holding], from: Day, holder: &str) -> Vec<Holding> {
    let before = holdings.iter().filter(|holding| holding.since < from);
    let mut after: Vec<Holding> =
        before.map(|holding| Holding { until: holding.until.min(from), ..holding.clone() }).collect();
    if !holder.is_empty() {
        after.push(Holding { since: from, until: Day::OPEN_END, holder: holder.to_owned() });
    }
    after
}

/// The day lies before the first day of the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BeforeOpening;

/// Facts after a change from a day on. A later row that only carried the old value carries the new one.
pub(super) fn facts_changed(
    rows: &[DatedFacts],
    day: Day,
    patch: &Patch,
) -> Result<Vec<DatedFacts>, BeforeOpening> {
    let at = rows.iter().position(|row| row.since <= day && day < row.until).ok_or(BeforeOpening)?;
    let mut after: Vec<DatedFacts> = rows.to_vec();
    let mut first = at;
    if after[at].since < day {
        let later = DatedFacts { since: day, ..after[at].clone() };
        after[at].until = day;
        after.insert(at + 1, later);
        first = at + 1;
    }
    fn carry<T: PartialEq + Clone>(
        rows: &mut [DatedFacts],
        new: Option<&T>,
        field: impl Fn(&mut Facts) -> &mut T,
    ) {
        let (Some(new), Some(first)) = (new, rows.first_mut()) else { return };
        let old = std::mem::replace(field(&mut first.facts), new.clone());
        for row in &mut rows[1..] {
            let value = field(&mut row.facts);
            if *value != old {
                break;
            }
            *value = new.clone();
        }
    }
    let rows = &mut after[first..];
    carry(rows, patch.zh_hans.as_ref(), |facts| &mut facts.names.zh_hans);
    carry(rows, patch.zh_hant.as_ref(), |facts| &mut facts.names.zh_hant);
    carry(rows, patch.en.as_ref(), |facts| &mut facts.names.en);
    carry(rows, patch.kind.as_ref(), |facts| &mut facts.kind);
    carry(rows, patch.place.as_ref(), |facts| &mut facts.place);
    carry(rows, patch.time_zone.as_ref(), |facts| &mut facts.time_zone);
    carry(rows, patch.classes.as_ref(), |facts| &mut facts.classes);
    after.dedup_by(|next, row| {
        let join = row.facts == next.facts && row.until == next.since;
        if join {
            row.until = next.until;
        }
        join
    });
    Ok(after)
}

/// Edges after a unit comes below another parent from a day on, up to its next move. A unit that was closed opens
/// again.
pub(super) fn edges_moved(
    edges: &[Edge],
    day: Day,
    parent: i64,
    ordinal: i64,
) -> Result<Vec<Edge>, BeforeOpening> {
    let first = edges.first().ok_or(BeforeOpening)?;
    if day < first.since {
        return Err(BeforeOpening);
    }
    let mut after = Vec::with_capacity(edges.len() + 1);
    let next = edges.iter().find(|edge| edge.since > day);
    let mut moved = Edge { unit: first.unit, since: day, until: Day::OPEN_END, parent, ordinal };
    moved.until = next.map_or(Day::OPEN_END, |next| next.since);
    for edge in edges {
        if edge.since <= day && day < edge.until {
            moved.until = edge.until;
        }
        if edge.since < day {
            after.push(Edge { until: edge.until.min(day), ..*edge });
        } else if edge.since > day {
            after.push(*edge);
        }
    }
    after.push(moved);
    after.sort_by_key(|edge| edge.since);
    Ok(after)
}

/// Why a unit cannot be closed on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CannotClose {
    /// It is not open on the day before, so there is nothing to close.
    NotOpen,
    /// The tree already says something of it from a later day on.
    ChangesLater(Day),
}

/// Edges after a unit closes: the day is the first on which it is not open. Closing earlier takes the place of a later
/// closing.
pub(super) fn edges_closed(edges: &[Edge], day: Day) -> Result<Vec<Edge>, CannotClose> {
    if let Some(later) = edges.iter().find(|edge| edge.since > day) {
        return Err(CannotClose::ChangesLater(later.since));
    }
    if !edges.iter().any(|edge| edge.since < day && day <= edge.until) {
        return Err(CannotClose::NotOpen);
    }
    let before = edges.iter().filter(|edge| edge.since < day);
    Ok(before.map(|edge| Edge { until: edge.until.min(day), ..*edge }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i32) -> Day {
        Day::from_number(number)
    }
    fn row(since: i32, until: i32, name: &str, kind: &str) -> DatedFacts {
        let names = Names { zh_hans: name.to_owned(), ..Names::default() };
        let facts = Facts {
            names,
            kind: kind.to_owned(),
            place: None,
            time_zone: String::new(),
            classes: Vec::new(),
        };
        DatedFacts { since: day(since), until: day(until), facts }
    }
    fn edge(since: i32, until: i32, parent: i64) -> Edge {
        Edge { unit: 1, since: day(since), until: day(until), parent, ordinal: parent }
    }

    #[test]
    fn a_change_holds_up_to_the_next_change_of_the_same_fact() {
        let rows = [row(0, 10, "A", "site"), row(10, 20, "A", "firm"), row(20, 99, "B", "firm")];
        let named = Patch { zh_hans: Some("X".to_owned()), ..Patch::default() };
        let after = facts_changed(&rows, day(5), &named).unwrap();
        assert_eq!(
            after,
            [
                row(0, 5, "A", "site"),
                row(5, 10, "X", "site"),
                row(10, 20, "X", "firm"),
                row(20, 99, "B", "firm")
            ]
        );
        let again = Patch { zh_hans: Some("Y".to_owned()), ..Patch::default() };
        let after = facts_changed(&after, day(5), &again).unwrap();
        assert_eq!(after[1], row(5, 10, "Y", "site"), "the second change of a day replaces the first");
        let back = Patch { zh_hans: Some("A".to_owned()), ..Patch::default() };
        assert_eq!(facts_changed(&after, day(5), &back).unwrap(), rows, "and may undo it");
        assert_eq!(facts_changed(&rows, day(-1), &named), Err(BeforeOpening));
    }

    #[test]
    fn a_move_holds_up_to_the_next_move() {
        let edges = [edge(0, 10, 2), edge(10, 30, 3)];
        assert_eq!(
            edges_moved(&edges, day(5), 4, 4).unwrap(),
            [edge(0, 5, 2), edge(5, 10, 4), edge(10, 30, 3)]
        );
        assert_eq!(edges_moved(&edges, day(10), 4, 4).unwrap(), [edge(0, 10, 2), edge(10, 30, 4)]);
        let reopened = edges_moved(&edges, day(40), 4, 4).unwrap();
        assert_eq!(reopened[2], edge(40, Day::OPEN_END.number(), 4), "a closed unit opens again");
        let gap = edges_moved(&reopened, day(35), 5, 5).unwrap();
        assert_eq!(gap[2..], [edge(35, 40, 5), edge(40, Day::OPEN_END.number(), 4)]);
        assert_eq!(edges_moved(&edges, day(-1), 4, 4), Err(BeforeOpening));
    }

    #[test]
    fn a_unit_closes_once_and_after_its_last_change() {
        let edges = [edge(0, 10, 2), edge(10, 9_999_999, 3)];
        assert_eq!(edges_closed(&edges, day(15)).unwrap(), [edge(0, 10, 2), edge(10, 15, 3)]);
        assert_eq!(edges_closed(&edges, day(5)), Err(CannotClose::ChangesLater(day(10))));
        assert_eq!(edges_closed(&edges, day(0)), Err(CannotClose::ChangesLater(day(10))));
        assert_eq!(edges_closed(&[edge(0, 9_999_999, 2)], day(0)), Err(CannotClose::NotOpen));
        assert_eq!(edges_closed(&[edge(0, 10, 2)], day(20)), Err(CannotClose::NotOpen));
        assert_eq!(
            edges_closed(&edges, day(10)).unwrap(),
            [edge(0, 10, 2)],
            "a move undone by closing that day"
        );
    }
}
