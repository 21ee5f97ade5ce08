//! Which unit a row is about: its code, or the names of levels that stand for one.

use super::{Planner, Verdict, Wanted, level_code};
use crate::lines::org::sheet::{Col, UnitRow};
use muster_kernel::Finding;
use std::collections::{BTreeMap, HashMap};

impl<'a> Planner<'a> {
    /// Gives each row its code. Of rows with one code none is taken: which of them is meant, only a person can say, and
    /// what stands below either would hang below the other.
    pub(super) fn name(&mut self) {
        for row in &self.rows.rows {
            if let (Some(code), false) = (&row.code, row.levels.is_empty()) {
                self.levels.entry(row.levels.clone()).or_insert_with(|| code.clone());
            }
        }
        let rows: &'a [UnitRow] = &self.rows.rows;
        // By code: the rows that say so, also those that are refused for something else.
        let mut said: HashMap<String, Vec<usize>> = HashMap::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            let code = match (&row.code, row.levels.is_empty()) {
                (Some(code), _) => code.clone(),
                (None, false) => self.code_of_level(&row.levels),
                (None, true) => String::new(),
            };
            let parent = self.parent_of(row);
            let verdict = if row.bad { Verdict::Refused } else { Verdict::Unchanged };
            self.wanted.push(Wanted {
                code: code.clone(),
                parent,
                since: None,
                verdict,
                implied: Vec::new(),
            });
            // Levels of which one is wrong may come to the code of a unit above.
            if row.code.is_some() || !row.bad && !code.is_empty() {
                said.entry(code.clone()).or_default().push(at);
            }
            if row.bad || code.is_empty() {
                self.unread.extend(row.code.clone());
                self.nameless |= row.code.is_none();
                continue;
            }
            self.by_code.entry(code).or_insert(at);
        }
        let twice = said.into_iter().filter(|(_, rows)| rows.len() > 1);
        self.twice(twice.collect());
    }

    /// Refuses rows of one code, each with the number of another.
    fn twice(&mut self, codes: BTreeMap<String, Vec<usize>>) {
        for (code, rows) in codes {
            for at in &rows {
                let other = if *at == rows[0] { rows[1] } else { rows[0] };
                let other = self.rows.at(other, Col::Code, Finding::note("")).at.row.unwrap_or_default();
                let finding = Finding::refuse("unit.code_twice").with("code", &code).with("row", other);
                self.refuse(*at, Col::Code, finding);
            }
            self.by_code.remove(&code);
            self.unread.insert(code.clone());
            self.twice.insert(code);
        }
    }

    pub(super) fn code_of_level(&mut self, names: &[String]) -> String {
        if let Some(code) = self.levels.get(names) {
            return code.clone();
        }
        let code = level_code(self.options, names);
        self.levels.insert(names.to_vec(), code.clone());
        code
    }

    fn parent_of(&mut self, row: &UnitRow) -> Option<String> {
        if let Some(parent) = &row.parent {
            return Some(parent.clone());
        }
        match row.levels.len() {
            0 => None,
            1 => self.options.under.clone(),
            depth => Some(self.code_of_level(&row.levels[..depth - 1])),
        }
    }

    /// Units that stand only as an upper level of other rows are added too.
    pub(super) fn imply(&mut self) {
        let mut missing: BTreeMap<Vec<String>, String> = BTreeMap::new();
        for (at, row) in self.rows.rows.iter().enumerate() {
            // What stands beside the top of the tree is not begun by what is below it.
            let is_taken = !row.bad && !self.astray.contains(&at);
            if !is_taken || row.parent.is_some() {
                continue;
            }
            for depth in 1..row.levels.len() {
                let names = &row.levels[..depth];
                let code = self.levels.get(names).cloned().unwrap_or_else(|| level_code(self.options, names));
                let is_there = self.by_code.contains_key(&code) || self.known.units.contains_key(&code);
                if !is_there && !self.twice.contains(&code) {
                    missing.insert(names.to_vec(), code);
                }
            }
        }
        for (names, code) in missing {
            let parent = match names.len() {
                1 => self.options.under.clone(),
                depth => self
                    .levels
                    .get(&names[..depth - 1])
                    .cloned()
                    .or_else(|| Some(level_code(self.options, &names[..depth - 1]))),
            };
            let name = names.last().cloned().unwrap_or_default();
            self.by_code.insert(code.clone(), self.wanted.len());
            self.wanted.push(Wanted {
                code: code.clone(),
                parent,
                since: None,
                verdict: Verdict::Added,
                implied: names,
            });
            let note = Finding::note("unit.level_implied").with("name", &name).with("code", code);
            self.plan.findings.push(note);
            self.plan.implied += 1;
        }
    }
}
