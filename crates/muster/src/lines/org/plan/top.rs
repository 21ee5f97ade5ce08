//! The one top of a tree: rows that would stand beside it, where no page shows them, are refused.

use super::{Planner, Verdict};
use crate::lines::org::sheet::Col;
use muster_kernel::Finding;
use std::collections::HashMap;

/// Names that are told of several tops.
const NAMED_MAX: usize = 10;

impl Planner<'_> {
    /// Refuses rows without a unit above where there is a top already: in the tree, or before them in the file. Of a first
    /// list whose first level alone says what is at the top, several are as many beginnings: none is taken.
    pub(super) fn tops(&mut self) {
        if self.options.under.is_some() {
            return;
        }
        // Rows by the unit at the top that they come to: their own, or that of their first level.
        let mut tops: Vec<(String, String, bool)> = Vec::new();
        let mut rows: HashMap<usize, usize> = HashMap::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (at, row) in self.rows.rows.iter().enumerate() {
            if row.parent.is_some() || self.wanted[at].verdict == Verdict::Refused {
                continue;
            }
            let (code, name) = match row.levels.first() {
                Some(name) => (self.code_of_level(&row.levels[..1]), name.clone()),
                None => (self.wanted[at].code.clone(), self.wanted[at].code.clone()),
            };
            // One that is there stays where it is; of one of somebody else's its code is told.
            if code.is_empty() || self.known.units.contains_key(&code) || self.known.taken.contains(&code) {
                continue;
            }
            let top = *seen.entry(code.clone()).or_insert_with(|| {
                tops.push((code, name, !row.levels.is_empty()));
                tops.len() - 1
            });
            rows.insert(at, top);
        }
        let first = tops.iter().position(|(_, _, by_level)| !by_level);
        let (kept, top) = match (self.known.any, first) {
            (true, _) => (None, self.known.top.clone()),
            (false, _) if tops.len() < 2 => return,
            (false, Some(first)) => (Some(first), tops[first].0.clone()),
            (false, None) => (None, String::new()),
        };
        let names: Vec<&str> = tops.iter().take(NAMED_MAX).map(|(_, name, _)| name.as_str()).collect();
        let names = names.join("、");
        let mut refused: Vec<(usize, usize)> = rows.into_iter().filter(|(_, to)| Some(*to) != kept).collect();
        refused.sort_unstable();
        for (at, to) in refused {
            let (_, name, by_level) = &tops[to];
            let finding = match () {
                () if self.known.any && !self.options.top => Finding::refuse("unit.parent_missing"),
                () if top.is_empty() => Finding::refuse("unit.tops_by_level").with("units", &names),
                () => Finding::refuse("unit.second_top").with("code", name).with("top", &top),
            };
            let col = if *by_level { Col::Level } else { Col::Parent };
            self.refuse(at, col, finding);
            self.astray.insert(at);
        }
    }
}
