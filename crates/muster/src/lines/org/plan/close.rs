//! Closing: what a whole list leaves out, and what may not close because something stays open below it.

use super::Planner;
use crate::lines::org::sheet::Col;
use muster_kernel::{Day, Finding};
use std::collections::{HashMap, HashSet};

impl Planner<'_> {
    /// Closes what a whole list leaves out.
    pub(super) fn leave_out(&mut self) {
        for code in &self.known.all_below {
            if !self.by_code.contains_key(code) {
                self.plan.closes.push((code.clone(), self.options.day));
                self.plan.left_out += 1;
            }
        }
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
            let (code, _) = self.plan.closes.swap_remove(at);
            let finding = Finding::refuse("unit.has_open_below").with("code", &code).with("below", child);
            match self.by_code.get(&code).copied() {
                Some(row) => {
                    self.plan.changes.retain(|(changed, _)| *changed != code);
                    self.plan.moves.retain(|(moved, _)| *moved != code);
                    self.plan.duties.retain(|(unit, _, _)| *unit != code);
                    self.refuse(row, Col::Closed, finding);
                }
                None => {
                    self.plan.left_out -= 1;
                    self.plan.findings.push(finding);
                }
            }
        }
    }
}
