//! Drawing the projection: how units stand in the tree on every day, from the dated facts alone. Pure.
//!
//! The truth is edges (who is below whom, from day to day) and facts (kind, place, classes, from day to day). A row of
//! the projection is a stretch of days on which nothing about a unit's path or facts changes. Drawing goes down from
//! units whose parent stands outside what is drawn, splitting a stretch wherever an edge or a fact ends. A unit that
//! should stand on a day and was not reached from above shows a circle or a closed parent: so the same walk that draws
//! a change also proves it, on all its days.

use super::model::{Edge, Standing};
use super::path::{DEPTH_MAX, path_child};
use muster_kernel::Day;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What the projection carries of a unit's facts, from one day to another.
#[derive(Clone, Debug)]
pub(super) struct Nature {
    /// First day.
    pub since: Day,
    /// First day on which it no longer holds.
    pub until: Day,
    /// Kind.
    pub kind: Arc<str>,
    /// Number of the place; 0 when there is none.
    pub place: i64,
    /// Ids of classes, ascending.
    pub classes: Arc<[i64]>,
}

/// A unit to be drawn, with all its edges and facts that reach beyond the first day of the drawing.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Its code.
    pub code: Arc<str>,
    /// Where its rows live.
    pub bucket: i64,
    /// Edges, by day.
    pub edges: Vec<Edge>,
    /// Facts, by day, without gaps from its opening on.
    pub natures: Vec<Nature>,
}

/// Units to be drawn, by surrogate.
pub(super) type Subjects = HashMap<i64, Subject>;

/// Why the facts are not a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// These units are above one another on a day.
    Circle { units: Vec<i64>, day: Day },
    /// The unit above is not open on a day on which this one is.
    ParentClosed { unit: i64, parent: i64, day: Day },
    /// More levels than are taken.
    TooDeep { unit: i64 },
}

/// Draws all subjects from a day on. `above` holds the standings of parents that are not subjects.
pub(super) fn draw(
    subjects: &Subjects,
    above: &HashMap<i64, Vec<Standing>>,
    from: Day,
) -> Result<Vec<Standing>, Fault> {
    let mut below: HashMap<i64, Vec<Edge>> = HashMap::new();
    let mut open = Vec::new();
    let mut ids: Vec<&i64> = subjects.keys().collect();
    ids.sort_unstable();
    for edge in ids.iter().flat_map(|id| &subjects[*id].edges).filter(|edge| edge.until > from) {
        if subjects.contains_key(&edge.parent) {
            below.entry(edge.parent).or_default().push(*edge);
        } else if edge.parent == 0 {
            open.push(Stretch::new(*edge, from, "", &[]));
        } else {
            for parent in above.get(&edge.parent).into_iter().flatten() {
                let stretch = Stretch::new(*edge, from, &parent.path, &parent.chain);
                open.extend(stretch.within(parent.since, parent.until));
            }
        }
    }
    let mut drawn = Vec::new();
    while let Some(stretch) = open.pop() {
        let unit = stretch.edge.unit;
        if stretch.chain.len() > DEPTH_MAX {
            return Err(Fault::TooDeep { unit });
        }
        for edge in below.get(&unit).into_iter().flatten() {
            let child = Stretch::new(*edge, from, &stretch.path, &stretch.chain);
            open.extend(child.within(stretch.since, stretch.until));
        }
        stretch.stand(&subjects[&unit], &mut drawn);
    }
    let drawn = joined(drawn);
    covered(subjects, &drawn, from)?;
    Ok(drawn)
}

/// Days on which a unit is below one path.
struct Stretch {
    edge: Edge,
    since: Day,
    until: Day,
    path: String,
    chain: Vec<i64>,
}

impl Stretch {
    fn new(edge: Edge, from: Day, path: &str, chain: &[i64]) -> Self {
        let mut longer = Vec::with_capacity(chain.len() + 1);
        longer.extend_from_slice(chain);
        longer.push(edge.unit);
        let path = path_child(path, edge.ordinal);
        Self { edge, since: edge.since.max(from), until: edge.until, path, chain: longer }
    }
    fn within(mut self, since: Day, until: Day) -> Option<Self> {
        self.since = self.since.max(since);
        self.until = self.until.min(until);
        (self.since < self.until).then_some(self)
    }
    fn stand(self, subject: &Subject, to: &mut Vec<Standing>) {
        for nature in &subject.natures {
            let (since, until) = (self.since.max(nature.since), self.until.min(nature.until));
            if since < until {
                to.push(Standing {
                    unit: self.edge.unit,
                    code: subject.code.clone(),
                    bucket: subject.bucket,
                    since,
                    until,
                    parent: self.edge.parent,
                    path: self.path.clone(),
                    chain: self.chain.as_slice().into(),
                    kind: nature.kind.clone(),
                    place: nature.place,
                    classes: nature.classes.clone(),
                });
            }
        }
    }
}

/// Whether two rows say the same of their days. A path is never reused, so equal paths are equal chains.
fn says_the_same(a: &Standing, b: &Standing) -> bool {
    a.path == b.path
        && a.kind == b.kind
        && a.place == b.place
        && a.classes == b.classes
        && a.parent == b.parent
}

/// Rows by unit and day, neighbours that say the same made one.
pub(super) fn joined(mut rows: Vec<Standing>) -> Vec<Standing> {
    rows.sort_unstable_by_key(|row| (row.unit, row.since));
    rows.dedup_by(|next, row| {
        let join = row.unit == next.unit && row.until == next.since && says_the_same(row, next);
        if join {
            row.until = next.until;
        }
        join
    });
    rows
}

/// Every day of every edge must be drawn.
fn covered(subjects: &Subjects, drawn: &[Standing], from: Day) -> Result<(), Fault> {
    let mut rows = drawn.iter().peekable();
    let mut ids: Vec<i64> = subjects.keys().copied().collect();
    ids.sort_unstable();
    for id in ids {
        let mut stood = Vec::new();
        while let Some(row) = rows.next_if(|row| row.unit == id) {
            stood.push((row.since, row.until));
        }
        let mut stood = stood.into_iter().peekable();
        // Edges differ in their ordinal, therefore in their path: no row goes on from one into the next.
        for edge in subjects[&id].edges.iter().filter(|edge| edge.until > from) {
            let mut day = edge.since.max(from);
            while let Some((_, until)) = stood.next_if(|(since, until)| *since <= day && *until <= edge.until)
            {
                day = until;
            }
            if day < edge.until {
                return Err(why_not(subjects, id, day));
            }
        }
    }
    Ok(())
}

/// Goes up from a unit that was not reached on a day, to the circle or the closed parent that is the reason.
fn why_not(subjects: &Subjects, unit: i64, day: Day) -> Fault {
    let mut seen = Vec::new();
    let mut known = HashSet::new();
    let mut at = unit;
    loop {
        if !known.insert(at) {
            let begin = seen.iter().position(|unit| *unit == at).unwrap_or(0);
            return Fault::Circle { units: seen.split_off(begin), day };
        }
        seen.push(at);
        let edge = subjects.get(&at).and_then(|s| s.edges.iter().find(|e| e.since <= day && day < e.until));
        match edge {
            Some(edge) if subjects.contains_key(&edge.parent) => at = edge.parent,
            Some(edge) => return Fault::ParentClosed { unit: at, parent: edge.parent, day },
            None => {
                let below = if seen.len() > 1 { seen[seen.len() - 2] } else { unit };
                return Fault::ParentClosed { unit: below, parent: at, day };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LAST: i32 = 12;

    fn day(number: i32) -> Day {
        Day::from_number(number)
    }

    /// Units with random stretches below random parents: mostly trees, sometimes circles and closed parents.
    fn any_subjects() -> impl Strategy<Value = Subjects> {
        let unit = prop::collection::vec((0..LAST, 0_i64..8, 0_i64..3), 1..4);
        prop::collection::vec(unit, 1..9).prop_map(|units| {
            let mut ordinal = 0;
            let mut subjects = Subjects::new();
            for (at, mut changes) in units.into_iter().enumerate() {
                let id = at as i64 + 1;
                changes.sort_by_key(|change| change.0);
                changes.dedup_by_key(|change| change.0);
                let ends: Vec<i32> = changes.iter().skip(1).map(|change| change.0).chain([LAST]).collect();
                let spans = changes.iter().zip(ends).map(|((since, parent, place), until)| {
                    // Mostly a lower number above, so that trees are likely.
                    let parent = if *parent >= id && *place == 0 { *parent } else { parent % id };
                    (day(*since), day(until), parent, *place)
                });
                let spans: Vec<_> = spans.collect();
                let edges = spans.iter().map(|(since, until, parent, _)| {
                    ordinal += 1;
                    Edge { unit: id, since: *since, until: *until, parent: *parent, ordinal }
                });
                let edges: Vec<_> = edges.collect();
                let natures = spans.iter().map(|(since, until, _, place)| Nature {
                    since: *since,
                    until: *until,
                    kind: "site".into(),
                    place: *place,
                    classes: Arc::from([]),
                });
                let natures = natures.collect();
                subjects.insert(id, Subject { code: format!("U{id}").into(), bucket: 1, edges, natures });
            }
            subjects
        })
    }

    /// The chain of a unit on a day, walked up edge by edge; `Err` where it does not end at the top.
    fn naive(subjects: &Subjects, unit: i64, on: Day) -> Option<Result<Vec<i64>, ()>> {
        let edge_on = |unit: i64| subjects.get(&unit)?.edges.iter().find(|e| e.since <= on && on < e.until);
        edge_on(unit)?;
        let mut chain = vec![unit];
        loop {
            match edge_on(chain[0]) {
                None => return Some(Err(())),
                Some(edge) if edge.parent == 0 => return Some(Ok(chain)),
                Some(edge) if chain.contains(&edge.parent) => return Some(Err(())),
                Some(edge) => chain.insert(0, edge.parent),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn the_drawing_is_what_a_walk_on_each_day_finds(subjects in any_subjects(), from in 0..LAST) {
            let days = from..LAST;
            let walks = |unit: i64| days.clone().map(move |on| (on, unit));
            let sound = subjects.keys().flat_map(|unit| walks(*unit))
                .all(|(on, unit)| !matches!(naive(&subjects, unit, day(on)), Some(Err(()))));
            match draw(&subjects, &HashMap::new(), day(from)) {
                Err(fault) => prop_assert!(!sound, "{fault:?}"),
                Ok(drawn) => {
                    prop_assert!(sound);
                    for (on, unit) in subjects.keys().flat_map(|unit| walks(*unit)) {
                        let on = day(on);
                        let stood: Vec<_> =
                            drawn.iter().filter(|row| row.unit == unit && row.since <= on && on < row.until).collect();
                        let expected = naive(&subjects, unit, on).map(|chain| chain.unwrap());
                        prop_assert_eq!(stood.first().map(|row| row.chain.to_vec()), expected);
                        prop_assert!(stood.len() <= 1);
                        for row in stood {
                            let nature = subjects[&unit].natures.iter().find(|n| n.since <= on && on < n.until);
                            prop_assert_eq!(row.place, nature.unwrap().place);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_circle_is_named() {
        let edge = |unit, parent| Edge { unit, since: day(3), until: Day::OPEN_END, parent, ordinal: unit };
        let subject = |unit, parent| Subject {
            code: "x".into(),
            bucket: 1,
            edges: vec![edge(unit, parent)],
            natures: Vec::new(),
        };
        let subjects =
            Subjects::from([(1, subject(1, 2)), (2, subject(2, 3)), (3, subject(3, 1)), (4, subject(4, 3))]);
        let fault = draw(&subjects, &HashMap::new(), day(0)).unwrap_err();
        assert_eq!(fault, Fault::Circle { units: vec![1, 2, 3], day: day(3) });
        let subjects = Subjects::from([(1, subject(1, 9))]);
        let fault = draw(&subjects, &HashMap::new(), day(0)).unwrap_err();
        assert_eq!(fault, Fault::ParentClosed { unit: 1, parent: 9, day: day(3) });
    }
}
