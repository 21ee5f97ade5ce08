//! Who is missing, or late, or has reported: found by going down the tree guided by totals, so that a part in which nobody is missing
//! is never read.
//!
//! Where many are missing, one range of paths is read until enough are found. Where few are, the totals of the nodes
//! below say where. Places are ranges of numbers with totals of their own; a class is read in the order of its units.

use super::below::SPAN_MAX;
use super::model::Act;
use super::pack::act_prefix;
use super::query::Query;
use super::seen::{Absent, CHUNK, Count, Seen, counts};
use super::span::Span;
use super::store::{self, Passed, Range, Want};
use super::survey::survey;
use crate::lines::org::{self, Node, Place, Standing};
use muster_store::{Rows, StoreError};

/// Children looked at together.
const CHILDREN: usize = 500;
/// Where at least one of so many is missing, the range is read rather than its parts asked for their totals.
const DENSE: i64 = 100;

/// Which of those who are asked are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those who have not reported.
    Missing,
    /// Those whose first report came after the cut-off.
    Late,
    /// Those who have reported, late or not.
    Reported,
}

impl Which {
    /// How many of a node are asked for.
    fn count(self, count: Count) -> i64 {
        match self {
            Self::Missing => count.missing(),
            Self::Late => count.late,
            Self::Reported => count.expected - count.missing(),
        }
    }
    /// Whether one who did so is asked for; and when the report came, if late.
    fn holds(self, act: Option<&Act>) -> Option<Option<i64>> {
        match (self, act) {
            (Self::Missing, None) => Some(None),
            (Self::Late | Self::Reported, Some(act)) if !act.on_time => Some(Some(act.first_at_ms)),
            (Self::Reported, Some(_)) => Some(None),
            _ => None,
        }
    }
}

/// Who is missing (or late, or has reported) below a unit, in the order of the tree, after a path.
pub fn absent(
    rows: &mut impl Rows,
    query: &Query<'_>,
    top: &Standing,
    which: Which,
    after: &str,
    limit: usize,
) -> Result<Vec<Absent>, StoreError> {
    if which == Which::Missing
        && let Some(survey) = survey(rows, query, top)?
    {
        return Ok(survey.missing_after(after, limit));
    }
    let Some(seen) = Seen::below(rows, query, top)? else { return Ok(Vec::new()) };
    let Standing { unit, path, .. } = seen.part.clone();
    let is_small = query.is_small(&seen.part);
    let mut walk = Walk { seen, which, limit, after: after.to_owned(), found: Vec::new() };
    if is_small {
        walk.look_at_all(rows, &path)?;
    } else if !query.is_kept(unit) {
        walk.read(rows, Range::Paths(Span::below(&path)))?;
    } else if let Some(count) = counts(rows, query, &[unit])?.remove(&unit).filter(|n| which.count(*n) > 0) {
        walk.go_down(rows, unit, &path, count)?;
    }
    Ok(walk.found)
}

/// Who is missing in a place or a class, as far as it lies below the caller's own unit: by place and unit, after such
/// a pair.
pub fn absent_in(
    rows: &mut impl Rows,
    query: &Query<'_>,
    node: Node,
    own: &Standing,
    after: (i64, i64),
    limit: usize,
) -> Result<Vec<Absent>, StoreError> {
    let Some(seen) = Seen::below(rows, query, own)? else { return Ok(Vec::new()) };
    let id = node.id();
    if query.is_kept(id) && counts(rows, query, &[id])?.get(&id).is_none_or(|count| count.missing() == 0) {
        return Ok(Vec::new());
    }
    let ranges = match node {
        Node::Unit(_) => Vec::new(),
        Node::Class(class) => vec![Range::Class { class, after: after.1 }],
        Node::Place(place) => places_open(rows, query, place)?
            .into_iter()
            .map(|(from, to)| Range::Places { after: after.max((from, i64::MIN)), to })
            .collect(),
    };
    let mut walk = Walk { seen, which: Which::Missing, limit, after: String::new(), found: Vec::new() };
    for range in ranges {
        walk.read(rows, range)?;
    }
    Ok(walk.found)
}

/// The ranges of a place in which somebody may be missing: all of it but the places in it whose totals say that nobody
/// is.
fn places_open(rows: &mut impl Rows, query: &Query<'_>, place: Place) -> Result<Vec<(i64, i64)>, StoreError> {
    let kept = query.book.crown().iter().copied().filter(|node| query.is_kept(*node));
    let inner = kept.filter(|node| matches!(Node::from_id(*node), Node::Place(inner) if place.holds(inner)));
    let counts = counts(rows, query, &inner.collect::<Vec<_>>())?;
    let complete = counts.into_iter().filter(|(_, count)| count.missing() == 0);
    let mut complete: Vec<(i64, i64)> = complete
        .filter_map(|(node, _)| match Node::from_id(node) {
            Node::Place(place) => Some(place.range()),
            _ => None,
        })
        .collect();
    complete.sort_unstable();
    let (mut from, to) = place.range();
    let mut open = Vec::new();
    // Places lie in one another or apart, never across.
    for (begin, end) in complete.into_iter().chain([(to, to)]) {
        if from < begin {
            open.push((from, begin));
        }
        from = from.max(end);
    }
    Ok(open)
}

impl Query<'_> {
    /// Whether one of the first children of a unit keeps totals, so that they say where to look.
    fn has_kept_below(&self, rows: &mut impl Rows, unit: i64) -> Result<bool, StoreError> {
        let children = store::children_from(rows, unit, self.day, "", CHILDREN)?;
        Ok(children.iter().any(|child| self.is_kept(child.unit)))
    }
}

/// A search under way.
struct Walk<'q> {
    seen: Seen<'q>,
    which: Which,
    limit: usize,
    /// Only units after this path.
    after: String,
    found: Vec<Absent>,
}

impl Walk<'_> {
    fn full(&self) -> bool {
        self.found.len() >= self.limit
    }

    /// Looks at all units below one at once, in one journey where it is known who they are.
    fn look_at_all(&mut self, rows: &mut impl Rows, path: &str) -> Result<(), StoreError> {
        let (query, mut found) = (self.seen.query, Vec::new());
        query.each_below(rows, Want::Acts, &[(query.day, Span::below(path))], |_, member, sheet| {
            if *member.path > *self.after
                && let Some(late_at_ms) = self.which.holds(self.seen.act_on(member.unit, sheet)?.as_ref())
            {
                let (unit, path, place) = (member.unit, member.path.to_string(), member.place);
                found.push(Absent { unit, path, place, late_at_ms });
            }
            Ok(())
        })?;
        found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.found.append(&mut found);
        self.found.truncate(self.limit);
        Ok(())
    }

    /// Looks below a crown node in which so many are absent.
    fn go_down(
        &mut self,
        rows: &mut impl Rows,
        unit: i64,
        path: &str,
        count: Count,
    ) -> Result<(), StoreError> {
        let query = self.seen.query;
        if query.known_at_ms.is_none() && count.expected <= SPAN_MAX as i64 {
            query.below_read(rows, path)?;
            return self.look_at_all(rows, path);
        }
        let is_dense = self.which.count(count) * DENSE >= count.expected;
        if is_dense && !query.has_kept_below(rows, unit)? {
            return self.read(rows, Range::Paths(Span::below(path)));
        }
        self.read(rows, Range::Paths(Span::only(path)))?;
        // The child in which the page before ended, or the first.
        let mut from = org::path_towards(path, &self.after).unwrap_or(path).to_owned();
        while !self.full() {
            let children = store::children_from(rows, unit, query.day, &from, CHILDREN)?;
            let kept = children.iter().map(|child| child.unit).filter(|unit| query.is_kept(*unit));
            let counts = counts(rows, query, &kept.collect::<Vec<_>>())?;
            // Children whose totals are not kept, next to one another, are read as one range.
            let mut run: Option<Span> = None;
            for child in &children {
                let Some(&count) = counts.get(&child.unit) else {
                    let from = run.take().map_or_else(|| child.path.clone(), |run| run.from);
                    run = Some(Span { from, to: org::path_end(&child.path) });
                    continue;
                };
                if let Some(run) = run.take() {
                    self.read(rows, Range::Paths(run))?;
                }
                if self.which.count(count) > 0 && !self.full() {
                    self.go_down(rows, child.unit, &child.path, count)?;
                }
            }
            if let Some(run) = run {
                self.read(rows, Range::Paths(run))?;
            }
            match children.last() {
                Some(last) if children.len() == CHILDREN => from = org::path_end(&last.path),
                _ => break,
            }
        }
        Ok(())
    }

    /// Reads a range until enough are found.
    fn read(&mut self, rows: &mut impl Rows, mut range: Range) -> Result<(), StoreError> {
        range.go_after(&self.after);
        // Those whose only act is on this form are left out by the database itself.
        let query = self.seen.query;
        let but = match (self.which, query.known_at_ms) {
            (Which::Missing, None) => act_prefix(query.form.id),
            _ => Vec::new(),
        };
        let mut more = true;
        while more && !self.full() && !range.is_empty() {
            let chunk = if but.is_empty() { CHUNK } else { CHUNK.min(self.limit - self.found.len()) };
            let passed = store::passed(rows, query, &range, &but, chunk)?;
            more = passed.len() == chunk;
            if let Some(last) = passed.last() {
                range.go_on(last);
            }
            for one in passed {
                self.look(rows, one)?;
            }
        }
        self.found.truncate(self.limit);
        Ok(())
    }

    fn look(&mut self, rows: &mut impl Rows, one: Passed) -> Result<(), StoreError> {
        if !self.seen.asks(&one) {
            return Ok(());
        }
        if let Some(late_at_ms) = self.which.holds(self.seen.act(rows, &one)?.as_ref()) {
            self.found.push(Absent { unit: one.unit, path: one.path, place: one.place, late_at_ms });
        }
        Ok(())
    }
}
