//! In which parts of a node somebody is missing: by child of a unit, by the places in a place, by province, and of a
//! class by the children of the caller's own unit. What totals of the crown do not tell is counted from the sheets.
//!
//! The parts add up to the node: who lies in none of them (a unit itself, a place without a district, a unit without a
//! place) is a part of its own.

use super::query::Query;
use super::seen::{CHUNK, Part, Seen, counts};
use super::span::Span;
use super::store::{self, Passed, Range};
use super::survey::survey;
use crate::lines::org::{self, Node, Place, Standing};
use muster_store::{Rows, StoreError};
use std::collections::{HashMap, HashSet};

/// Children looked at; a unit with more is told of by its first ones.
const CHILDREN_MAX: usize = 1_000;

/// The parts of a node in which somebody is missing: the node's own, then children in the order of the tree, places by
/// their codes. Of a place or a class only what lies below the caller's own unit; a unit is its own `own`.
pub fn parts_missing(
    rows: &mut impl Rows,
    query: &Query<'_>,
    node: Node,
    own: &Standing,
) -> Result<Vec<Part>, StoreError> {
    if let Node::Unit(_) = node
        && let Some(survey) = survey(rows, query, own)?
    {
        return Ok(survey.parts);
    }
    let Some(seen) = Seen::below(rows, query, own)? else { return Ok(Vec::new()) };
    let tally = Tally { query, seen, parts: HashMap::new() };
    let mut parts = match node {
        Node::Unit(_) => tally.of_unit(rows, own)?,
        Node::Place(place) => tally.of_place(rows, place, own.chain.len() == 1)?,
        Node::Class(class) => tally.of_class(rows, class, own)?,
    };
    parts.retain(|part| part.missing > 0);
    Ok(parts)
}

/// All provinces in which units below the caller's own are asked. Who has no place is not among them.
pub fn provinces(rows: &mut impl Rows, query: &Query<'_>, own: &Standing) -> Result<Vec<Part>, StoreError> {
    let Some(seen) = Seen::below(rows, query, own)? else { return Ok(Vec::new()) };
    let tally = Tally { query, seen, parts: HashMap::new() };
    let crown = query.book.crown().iter().copied();
    let provinces =
        crown.filter(|node| matches!(Node::from_id(*node), Node::Place(place) if place.province() == place));
    let kept: Vec<i64> = if own.chain.len() == 1 { provinces.collect() } else { Vec::new() };
    tally.of_places(rows, &kept, (0, i64::MAX), None, Place::province)
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
        self.read(rows, Range::Paths(Span::only(&top.path)), |_| Some(Node::Unit(top.unit)))?;
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
        let nodes = [top.unit].into_iter().chain(nodes).collect();
        Ok(self.told(nodes, Some(top.unit)))
    }

    fn of_place(self, rows: &mut impl Rows, place: Place, whole: bool) -> Result<Vec<Part>, StoreError> {
        let crown = self.query.book.crown().iter().copied();
        let right_in = crown.filter(|node| match Node::from_id(*node) {
            Node::Place(inner) => inner != place && place.holds(inner) && place.towards(inner) == inner,
            _ => false,
        });
        let right_in: Vec<i64> = if whole { right_in.collect() } else { Vec::new() };
        self.of_places(rows, &right_in, place.range(), Some(Node::Place(place).id()), |in_it| {
            place.towards(in_it)
        })
    }

    /// The places of a range of numbers: `known` keep totals, what lies between them is read.
    fn of_places(
        mut self,
        rows: &mut impl Rows,
        kept: &[i64],
        (mut from, to): (i64, i64),
        own: Option<i64>,
        part_of: impl Fn(Place) -> Place,
    ) -> Result<Vec<Part>, StoreError> {
        self.take_known(rows, kept)?;
        let mut known: Vec<(i64, i64)> =
            self.parts.values().filter_map(|part| Some(part.place()?.range())).collect();
        known.sort_unstable();
        for (begin, end) in known.into_iter().chain([(to, to)]) {
            if from < begin {
                let between = Range::Places { after: (from, i64::MIN), to: begin };
                self.read(rows, between, |passed| {
                    Some(Node::Place(part_of(Place::from_number(passed.place))))
                })?;
            }
            from = end;
        }
        let mut nodes: Vec<i64> = self.parts.keys().copied().collect();
        nodes.sort_unstable();
        Ok(self.told(nodes, own))
    }

    fn of_class(mut self, rows: &mut impl Rows, class: i64, own: &Standing) -> Result<Vec<Part>, StoreError> {
        let children = store::children_from(rows, own.unit, self.query.day, &own.path, CHILDREN_MAX)?;
        let by_path: HashMap<&str, i64> =
            children.iter().map(|child| (child.path.as_str(), child.unit)).collect();
        self.read(rows, Range::Class { class, after: i64::MIN }, |passed| {
            let child = org::path_towards(&own.path, &passed.path).unwrap_or(&own.path);
            by_path.get(child).copied().or((child == own.path).then_some(own.unit)).map(Node::Unit)
        })?;
        let nodes = [own.unit].into_iter().chain(children.iter().map(|child| child.unit)).collect();
        Ok(self.told(nodes, Some(own.unit)))
    }

    /// Takes what totals tell of those nodes that keep them.
    fn take_known(&mut self, rows: &mut impl Rows, nodes: &[i64]) -> Result<(), StoreError> {
        if self.query.known_at_ms.is_some() {
            return Ok(());
        }
        let kept: Vec<i64> = nodes.iter().copied().filter(|node| self.query.book.in_crown(*node)).collect();
        for (node, count) in counts(rows, self.query, &kept)? {
            let (node, expected, missing) = (Node::from_id(node), count.expected, count.missing());
            self.parts.insert(node.id(), Part { node, expected, missing, own: false });
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
                let part =
                    self.parts.entry(node.id()).or_insert(Part { node, expected: 0, missing: 0, own: false });
                part.expected += 1;
                part.missing += missing;
            }
            if passed.len() < CHUNK {
                return Ok(());
            }
        }
    }

    /// The parts of these nodes; one of them is the node's own.
    fn told(&self, nodes: Vec<i64>, own: Option<i64>) -> Vec<Part> {
        let parts = nodes.into_iter().filter_map(|node| self.parts.get(&node).copied());
        parts.map(|part| Part { own: Some(part.node.id()) == own, ..part }).collect()
    }
}
