//! Closing: what a whole list leaves out, and what may not close because something stays open below it.

use super::{Planner, Verdict};
use crate::lines::org::sheet::Col;
use muster_kernel::{Day, Finding};
use std::collections::{BTreeSet, HashMap, HashSet};

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

    /// A unit closes only when nothing stays open below it. One that does not close keeps open what it stands below: those
    /// above it are looked at again, and nobody else, so that a list of many which all stay takes no longer than one that closes.
    pub(super) fn open_children(&mut self) {
        let closes = &self.plan.closes;
        let mut closing: HashMap<&str, Day> =
            closes.iter().map(|(code, day)| (code.as_str(), *day)).collect();
        let mut moving: HashMap<&str, &str> =
            self.plan.moves.iter().map(|(code, parent)| (code.as_str(), parent.as_str())).collect();
        let opened = self.plan.creates.iter().filter(|new| new.until == Day::OPEN_END);
        let mut coming: HashMap<&str, usize> = HashMap::new();
        for parent in moving.values().copied().chain(opened.filter_map(|new| new.parent.as_deref())) {
            *coming.entry(parent).or_default() += 1;
        }
        let below = |code: &str| self.known.units.get(code).map_or(&[][..], |unit| &unit.below);
        let mut above: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, (code, _)) in closes.iter().enumerate() {
            for (child, _) in below(code).iter().filter(|(child, _)| closing.contains_key(child.as_str())) {
                above.entry(child).or_default().push(at);
            }
        }
        let mut refused = Vec::new();
        let mut looked_at: BTreeSet<usize> = (0..closes.len()).collect();
        while let Some(at) = looked_at.pop_first() {
            let (code, day) = (closes[at].0.as_str(), closes[at].1);
            if !closing.contains_key(code) || !self.known.units.contains_key(code) {
                continue;
            }
            let stays = below(code).iter().find(|(child, until)| {
                *until > day
                    && !moving.contains_key(child.as_str())
                    && closing.get(child.as_str()).is_none_or(|closes| *closes > day)
            });
            let child = match stays {
                Some((child, _)) => child,
                None if coming.get(code).is_some_and(|count| *count > 0) => code,
                None => continue,
            };
            let finding = Finding::refuse("unit.has_open_below").with("code", code).with("below", child);
            refused.push((code.to_owned(), Col::Closed, finding));
            closing.remove(code);
            if let Some(parent) = moving.remove(code)
                && let Some(count) = coming.get_mut(parent)
            {
                *count -= 1;
            }
            looked_at.extend(above.get(code).into_iter().flatten());
        }
        self.take_back(refused);
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
        let all = moves.chain(closes).chain(facts).collect();
        self.take_back(all);
    }

    /// Plans nothing of some units any more, and tells why: at its row, if one has one. A unit is taken back once.
    fn take_back(&mut self, all: Vec<(String, Col, Finding)>) {
        let mut gone = HashSet::with_capacity(all.len());
        for (code, col, finding) in all {
            match self.by_code.get(&code).copied() {
                Some(row) if self.wanted[row].verdict == Verdict::Refused => continue,
                Some(row) => self.refuse(row, col, finding),
                None => {
                    self.plan.left_out -= 1;
                    self.plan.findings.push(finding);
                }
            }
            gone.insert(code);
        }
        let plan = &mut self.plan;
        plan.changes.retain(|(changed, _)| !gone.contains(changed));
        plan.moves.retain(|(moved, _)| !gone.contains(moved));
        plan.closes.retain(|(closed, _)| !gone.contains(closed));
        plan.duties.retain(|(unit, _, _)| !gone.contains(unit));
    }
}
