//! In which parts of a node somebody is missing: by child of a unit, by the places in a place, and of a class by the
//! children of the caller's own unit. What totals of the crown do not tell is counted from the sheets.

use super::absent::{CHUNK, Seen, counts};
use super::read::{Query, Span};
use super::store::{self, Passed, Range};
use crate::lines::org::{self, Node, Place, Standing};
use muster_store::{Rows, StoreError};
use std::collections::{HashMap, HashSet};

/// Children looked at; a unit with more is told of by its first ones.
const CHILDREN_MAX: usize = 1_000;

/// How many are missing in a part of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The unit or the place.
    pub node: Node,
    /// How many are expected to report there.
    pub expected: i64,
    /// How many of them have not.
    pub missing: i64,
}

/// The parts of a node in which somebody is missing: children in the order of the tree, places by their codes. Of a
/// place or a class only what lies below the caller's own unit; a unit is its own `own`.
pub fn parts_missing(
    rows: &mut impl Rows,
    query: &Query<'_>,
    node: Node,
    own: &Standing,
) -> Result<Vec<Part>, StoreError> {
    let Some(seen) = Seen::below(rows, query, own)? else { return Ok(Vec::new()) };
    let tally = Tally { query, seen, parts: HashMap::new() };
    match node {
        Node::Unit(_) => tally.of_unit(rows, own),
        Node::Place(place) => tally.of_place(rows, place, own.chain.len() == 1),
        Node::Class(class) => tally.of_class(rows, class, own),
    }
}

/// Counts of parts, by node.
struct Tally<'q> {
    query: &'q Query<'q>,
    seen: Seen<'q>,
    parts: HashMap<i64, Part>,
}

impl Tally<'_> {
    fn of_unit(mut self, rows: &mut impl Rows, top: &Standing) -> Result<Vec<Part>, StoreError> {
        let children = store::children_from(rows, top.unit, self.query.day, &top.path, CHILDREN_MAX)?;
        let nodes: Vec<i64> = children.iter().map(|child| child.unit).collect();
        self.take_known(rows, &nodes)?;
        let kept: HashSet<i64> = self.parts.keys().copied().collect();
        // Children whose totals are not kept, next to one another, are read as one range.
        for run in children.split(|child| kept.contains(&child.unit)) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let span = Span { from: first.path.clone(), to: org::path_end(&last.path) };
            let mut at = 0;
            self.read(rows, Range::Paths(span), |passed| {
                while run.get(at).is_some_and(|child| !passed.path.starts_with(&child.path)) {
                    at += 1;
                }
                run.get(at).map(|child| Node::Unit(child.unit))
            })?;
        }
        Ok(self.told(nodes))
    }

    fn of_place(mut self, rows: &mut impl Rows, place: Place, whole: bool) -> Result<Vec<Part>, StoreError> {
        let crown = self.query.book.crown().iter().copied();
        let right_in = crown.filter(|node| match Node::from_id(*node) {
            Node::Place(inner) => inner != place && place.holds(inner) && place.towards(inner) == inner,
            _ => false,
        });
        let right_in: Vec<i64> = if whole { right_in.collect() } else { Vec::new() };
        self.take_known(rows, &right_in)?;
        let mut known: Vec<(i64, i64)> =
            self.parts.values().filter_map(|part| Some(part.place()?.range())).collect();
        known.sort_unstable();
        let (mut from, to) = place.range();
        for (begin, end) in known.into_iter().chain([(to, to)]) {
            if from < begin {
                let between = Range::Places { after: (from, i64::MIN), to: begin };
                self.read(rows, between, |passed| {
                    Some(Node::Place(place.towards(Place::from_number(passed.place))))
                })?;
            }
            from = end;
        }
        let mut nodes: Vec<i64> = self.parts.keys().copied().collect();
        nodes.sort_unstable();
        Ok(self.told(nodes))
    }

    fn of_class(mut self, rows: &mut impl Rows, class: i64, own: &Standing) -> Result<Vec<Part>, StoreError> {
        let children = store::children_from(rows, own.unit, self.query.day, &own.path, CHILDREN_MAX)?;
        let by_path: HashMap<&str, i64> =
            children.iter().map(|child| (child.path.as_str(), child.unit)).collect();
        self.read(rows, Range::Class { class, after: i64::MIN }, |passed| {
            let child = org::path_towards(&own.path, &passed.path)?;
            by_path.get(child).map(|unit| Node::Unit(*unit))
        })?;
        let nodes = children.iter().map(|child| child.unit).collect();
        Ok(self.told(nodes))
    }

    /// Takes what totals tell of those nodes that keep them.
    fn take_known(&mut self, rows: &mut impl Rows, nodes: &[i64]) -> Result<(), StoreError> {
        if self.query.known_at_ms.is_some() {
            return Ok(());
        }
        let kept: Vec<i64> = nodes.iter().copied().filter(|node| self.query.book.in_crown(*node)).collect();
        for (node, count) in counts(rows, self.query, &kept)? {
            let part = Part { node: Node::from_id(node), expected: count.expected, missing: count.missing() };
            self.parts.insert(node, part);
        }
        Ok(())
    }

    /// Counts a range, each unit in the part it belongs to.
    fn read(
        &mut self,
        rows: &mut impl Rows,
        mut range: Range,
        mut part_of: impl FnMut(&Passed) -> Option<Node>,
    ) -> Result<(), StoreError> {
        loop {
            let passed = store::passed(rows, self.query, &range, &[], CHUNK)?;
            if let Some(last) = passed.last() {
                range.go_on(last);
            }
            for one in &passed {
                if !self.seen.asks(one) {
                    continue;
                }
                let Some(node) = part_of(one) else { continue };
                let missing = i64::from(self.seen.act(rows, one)?.is_none());
                let part = self.parts.entry(node.id()).or_insert(Part { node, expected: 0, missing: 0 });
                part.expected += 1;
                part.missing += missing;
            }
            if passed.len() < CHUNK {
                return Ok(());
            }
        }
    }

    /// The parts of these nodes in which somebody is missing.
    fn told(&self, nodes: Vec<i64>) -> Vec<Part> {
        let parts = nodes.into_iter().filter_map(|node| self.parts.get(&node).copied());
        parts.filter(|part| part.missing > 0).collect()
    }
}

impl Part {
    /// The place that it is; none for a unit.
    pub fn place(&self) -> Option<Place> {
        match self.node {
            Node::Place(place) => Some(place),
            _ => None,
        }
    }
}
