//! Closing: what a whole list leaves out, and what may not close because something stays open below it.

use super::{Planner, Verdict};
use crate::lines::org::sheet::Col;
use muster_kernel::{Day, Finding};
use std::collections::{HashMap, HashSet};

impl Planner<'_> {
    /// Closes what a whole list leaves out. It does not leave out a unit whose row is wrong; and where nobody knows which
    /// unit a row is about, it may be any.
    pub(super) fn leave_out(&mut self) {
        let named = |code: &String| self.by_code.contains_key(code) || self.unread.contains(code.as_str());
        let left_out: Vec<&String> = self.known.all_below.iter().filter(|code| !named(code)).collect();
        if self.nameless && !left_out.is_empty() {
            let finding = Finding::warn("unit.none_left_out").with("count", left_out.len());
            self.plan.findings.push(finding);
            return;
        }
        self.plan.left_out += left_out.len();
        self.plan.closes.extend(left_out.into_iter().map(|code| (code.clone(), self.options.day)));
    }

    /// A unit closes only when nothing stays open below it.
    pub(super) fn open_children(&mut self) {
        loop {
            let closing: HashMap<&str, Day> =
                self.plan.closes.iter().map(|(code, day)| (code.as_str(), *day)).collect();
            let moving: HashSet<&str> = self.plan.moves.iter().map(|(code, _)| code.as_str()).collect();
            let coming: HashSet<&str> = self
                .plan
                .moves
                .iter()
                .map(|(_, parent)| parent.as_str())
                .chain(
                    self.plan
                        .creates
                        .iter()
                        .filter(|new| new.until == Day::OPEN_END)
                        .filter_map(|new| new.parent.as_deref()),
                )
                .collect();
            let stays = |(code, day): &(String, Day)| {
                let below = &self.known.units.get(code)?.below;
                let stays = below.iter().find(|(child, until)| {
                    *until > *day
                        && !moving.contains(child.as_str())
                        && closing.get(child.as_str()).is_none_or(|closes| closes > day)
                });
                match stays {
                    Some((child, _)) => Some(child.clone()),
                    None => coming.contains(code.as_str()).then(|| code.clone()),
                }
            };
            let Some((at, child)) =
                self.plan.closes.iter().enumerate().find_map(|(at, close)| Some((at, stays(close)?)))
            else {
                return;
            };
            let code = self.plan.closes[at].0.clone();
            let finding = Finding::refuse("unit.has_open_below").with("code", &code).with("below", child);
            self.take_back(&code, Col::Closed, finding);
        }
    }

    /// Leaves units as they are that are held.
    pub(super) fn hold(&mut self) {
        if self.options.held.is_empty() {
            return;
        }
        let held = |code: &str| self.options.held.get(&self.known.units.get(code)?.id);
        let own = |code: &str| held(code).filter(|(_, own)| *own);
        let told =
            |code: &str, col: Col, (finding, _): &(Finding, bool)| (code.to_owned(), col, finding.clone());
        // With a unit that moves goes all that is below it; one that closes does so after all below it.
        let moves = self.plan.moves.iter().filter_map(|(code, _)| Some(told(code, Col::Parent, held(code)?)));
        let closes =
            self.plan.closes.iter().filter_map(|(code, _)| Some(told(code, Col::Closed, own(code)?)));
        let facts = self.plan.changes.iter().filter_map(|(code, _)| Some(told(code, Col::Kind, own(code)?)));
        let all: Vec<_> = moves.chain(closes).chain(facts).collect();
        for (code, col, finding) in all {
            self.take_back(&code, col, finding);
        }
    }

    /// Plans nothing of a unit any more, and tells why: at its row, if it has one. A unit is taken back once.
    fn take_back(&mut self, code: &str, col: Col, finding: Finding) {
        let row = self.by_code.get(code).copied();
        if row.is_some_and(|row| self.wanted[row].verdict == Verdict::Refused) {
            return;
        }
        let plan = &mut self.plan;
        plan.changes.retain(|(changed, _)| changed != code);
        plan.moves.retain(|(moved, _)| moved != code);
        plan.closes.retain(|(closed, _)| closed != code);
        plan.duties.retain(|(unit, _, _)| unit != code);
        match row {
            Some(row) => self.refuse(row, col, finding),
            None => {
                self.plan.left_out -= 1;
                self.plan.findings.push(finding);
            }
        }
    }
}
