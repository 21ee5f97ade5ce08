//! Circles: units that would be above one another, also by way of units that the file does not name.

use super::Planner;
use crate::lines::org::sheet::Col;
use muster_kernel::Finding;
use std::collections::HashMap;

impl Planner<'_> {
    /// Finds units that would be above one another, and names them.
    pub(super) fn circles(&mut self) {
        let ids: HashMap<i64, &str> =
            self.known.units.iter().map(|(code, unit)| (unit.id, code.as_str())).collect();
        let mut safe = vec![false; self.wanted.len()];
        let mut circles: Vec<Vec<usize>> = Vec::new();
        for start in 0..self.wanted.len() {
            let mut walk = Vec::new();
            let mut at = Some(start).filter(|at| self.by_code.get(&self.wanted[*at].code) == Some(at));
            while let Some(row) = at.filter(|at| !safe[*at]) {
                if let Some(begin) = walk.iter().position(|seen| *seen == row) {
                    circles.push(walk[begin..].to_vec());
                    break;
                }
                walk.push(row);
                at = self.next_up(row, &ids);
            }
            for row in walk {
                safe[row] = true;
            }
        }
        for circle in circles {
            let mut codes: Vec<&str> = Vec::new();
            for (at, next) in circle.iter().zip(circle.iter().cycle().skip(1)).take(20) {
                codes.push(&self.wanted[*at].code);
                // A unit between two rows that the file does not name is shown where the file puts a unit below it.
                let parent = self.wanted[*at].parent.as_deref();
                codes.extend(parent.filter(|parent| *parent != self.wanted[*next].code));
            }
            codes.push(codes[0]);
            let codes = codes.join(" → ");
            for at in circle {
                self.refuse(at, Col::Parent, Finding::refuse("unit.circle_in_file").with("units", &codes));
            }
        }
    }

    /// The nearest row above a row whose parent the file says.
    fn next_up(&self, at: usize, ids: &HashMap<i64, &str>) -> Option<usize> {
        let wanted = &self.wanted[at];
        let (mut code, mut own) = match &wanted.parent {
            Some(parent) => (parent.as_str(), true),
            None => (wanted.code.as_str(), false),
        };
        loop {
            if own && let Some(row) = self.by_code.get(code) {
                return Some(*row);
            }
            let unit = self.known.units.get(code)?;
            let above = unit.chain.iter().rev().skip(1).find_map(|id| {
                let code = *ids.get(id)?;
                self.by_code.contains_key(code).then_some(code)
            })?;
            (code, own) = (above, true);
        }
    }
}
