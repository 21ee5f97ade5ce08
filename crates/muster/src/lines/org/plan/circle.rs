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
            let mut codes: Vec<&str> =
                circle.iter().take(20).map(|at| self.wanted[*at].code.as_str()).collect();
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
