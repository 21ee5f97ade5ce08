//! Who has not reported below a unit, looked at as a whole: one pass over all units below it tells who is missing, how many
//! are expected, and in which parts. For a unit with few enough below; of one with more, totals say where to look
//! (`absent.rs`, `parts.rs`).

use super::below::{Members, SPAN_MAX};
use super::query::Query;
use super::seen::{Absent, Part, Seen, counts};
use super::span::Span;
use super::store::Want;
use crate::lines::org::{self, Node, Standing};
use muster_store::{Rows, StoreError};
use std::collections::HashMap;

/// All units below one, on a day.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// How many are expected to report, itself among them if it is asked.
    pub expected: i64,
    /// Who of them has not, in the order of the tree.
    pub missing: Vec<Absent>,
    /// The same by part: the unit's own report, then its children in the order of the tree; parts in which nobody is missing
    /// are left out.
    pub parts: Vec<Part>,
    /// The path of the unit, and who lies below it.
    top: String,
    members: Members,
}

impl Survey {
    /// The first who are missing after a path.
    pub fn missing_after(&self, path: &str, limit: usize) -> Vec<Absent> {
        let from = self.missing.partition_point(|absent| absent.path.as_str() <= path);
        self.missing[from..].iter().take(limit).cloned().collect()
    }
    /// The units that lead to one below, the unit that was looked at first, that one last.
    pub fn leading_to(&self, path: &str) -> Vec<i64> {
        let unit = |path: &str| {
            let at = self.members.binary_search_by(|member| (*member.path).cmp(path)).ok()?;
            Some(self.members[at].unit)
        };
        let mut step = Some(&*self.top);
        let mut units = Vec::new();
        while let Some(at) = step {
            units.extend(unit(at));
            step = org::path_towards(at, path);
        }
        units
    }
}

/// Looks at all units below one; none where they are too many to look at at once, where the form is asked in a part of them
/// alone, or where a past moment is asked for.
pub fn survey(rows: &mut impl Rows, query: &Query<'_>, top: &Standing) -> Result<Option<Survey>, StoreError> {
    if query.known_at_ms.is_some() || !top.chain.contains(&query.series.unit) {
        return Ok(None);
    }
    if !query.is_small(top) {
        let count = counts(rows, query, &[top.unit])?.remove(&top.unit).unwrap_or_default();
        if count.missing() == 0 {
            return Ok(Some(Survey { expected: count.expected, ..Survey::default() }));
        }
        if count.expected > SPAN_MAX as i64 {
            return Ok(None);
        }
        query.below_read(rows, &top.path)?;
    }
    let Some(seen) = Seen::below(rows, query, top)? else { return Ok(None) };
    let mut survey = Survey { top: top.path.clone(), ..Survey::default() };
    // By path of the part: the unit itself, a child.
    let mut by_part: HashMap<String, (i64, i64)> = HashMap::new();
    let span = (query.day, Span::below(&top.path));
    let members = query.each_below(rows, Want::Acts, &[span], |_, member, sheet| {
        let is_missing = seen.act_on(member.unit, sheet)?.is_none();
        if is_missing {
            let (unit, path, place) = (member.unit, member.path.to_string(), member.place);
            survey.missing.push(Absent { unit, path, place, late_at_ms: None });
        }
        survey.expected += 1;
        let part = org::path_towards(&top.path, &member.path).unwrap_or(&top.path);
        if !by_part.contains_key(part) {
            by_part.insert(part.to_owned(), (0, 0));
        }
        if let Some((expected, missing)) = by_part.get_mut(part) {
            *expected += 1;
            *missing += i64::from(is_missing);
        }
        Ok(())
    })?;
    survey.missing.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    survey.members = members.into_iter().next().unwrap_or_default();
    for member in survey.members.iter() {
        if let Some(&(expected, missing @ 1..)) = by_part.get(&*member.path) {
            let own = member.unit == top.unit;
            survey.parts.push(Part { node: Node::Unit(member.unit), expected, missing, own });
        }
    }
    Ok(Some(survey))
}
