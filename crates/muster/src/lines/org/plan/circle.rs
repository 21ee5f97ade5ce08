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
        // The walk that came by each row, and its step there: a file may be one chain of all its rows, so no walk looks for
        // a row among its steps, and none goes where another one was.
        let mut walks: Vec<Option<(usize, usize)>> = vec![None; self.wanted.len()];
        let mut circles: Vec<Vec<usize>> = Vec::new();
        for start in 0..self.wanted.len() {
            let mut walk = Vec::new();
            let mut at = Some(start).filter(|at| self.by_code.get(&self.wanted[*at].code) == Some(at));
            while let Some(row) = at {
                match walks[row] {
                    Some((by, step)) if by == start => circles.push(walk[step..].to_vec()),
                    Some(_) => {}
                    None => {
                        walks[row] = Some((start, walk.len()));
                        walk.push(row);
                        at = self.next_up(row, &ids);
                        continue;
                    }
                }
                break;
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
            if circle.len() > 20 {
                codes.push("…");
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
