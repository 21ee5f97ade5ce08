//! Units of one name below one unit: taken, and told, because on a page nobody can tell them apart.

use super::{Planner, Verdict};
use crate::lines::org::sheet::Col;
use muster_kernel::{Day, Finding};
use std::collections::BTreeMap;

impl<'a> Planner<'a> {
    /// Tells each row that is called as another row below the same unit, where either is new or changes. (A file that says
    /// what the tree says is told nothing again; one that follows upon the other's closing bears its name rightly.)
    pub(super) fn alike(&mut self) {
        let mut called: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for at in 0..self.rows.rows.len() {
            if let Some(key) = self.called(at) {
                called.entry(key).or_default().push(at);
            }
        }
        for ((_, name), rows) in called {
            for (index, at) in rows.iter().copied().enumerate() {
                let other = rows[..index].iter().copied().find(|other| self.meet(*other, at));
                let Some(other) = other else { continue };
                let row = self.rows.at(other, Col::Code, Finding::note("")).at.row.unwrap_or_default();
                let finding = Finding::warn("unit.named_alike").with("name", &name).with("row", row);
                self.tell(at, Col::NameZhHans, finding.with("code", &self.wanted[other].code));
            }
        }
    }

    /// Code of the unit above and name of a row that was taken.
    fn called(&self, at: usize) -> Option<(String, String)> {
        let (row, wanted) = (&self.rows.rows[at], &self.wanted[at]);
        if matches!(wanted.verdict, Verdict::Refused | Verdict::Closed) || wanted.code.is_empty() {
            return None;
        }
        let known = self.known.units.get(&wanted.code);
        let written = row.zh_hans.as_ref().or(row.levels.last());
        let is = known.and_then(|unit| unit.facts.as_ref()).map(|facts| &facts.names.zh_hans);
        let name = written.or(is).or(row.zh_hant.as_ref()).or(row.en.as_ref())?;
        let above = wanted.parent.clone().or_else(|| match known {
            Some(unit) => unit.parent.clone(),
            None => self.options.under.clone(),
        });
        Some((above?, name.clone()))
    }

    /// Whether two rows are open at one time, and either is new or changes.
    fn meet(&self, one: usize, other: usize) -> bool {
        let is_news = |at: usize| self.wanted[at].verdict != Verdict::Unchanged;
        let ((since, until), (from, to)) = (self.life(one), self.life(other));
        (is_news(one) || is_news(other)) && since < to && from < until
    }

    fn life(&self, at: usize) -> (Day, Day) {
        let (row, wanted) = (&self.rows.rows[at], &self.wanted[at]);
        match self.known.units.get(&wanted.code) {
            Some(unit) => (unit.opened, unit.closed),
            None => (wanted.since.unwrap_or(self.options.day), row.closed.unwrap_or(Day::OPEN_END)),
        }
    }
}
