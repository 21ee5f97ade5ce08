//! What an import would do: each row added, changed, closed, unchanged or refused, and why. Pure; the tree as it is
//! comes in as [`Known`].

use super::check::{NewUnit, named};
use super::model::Facts;
use super::sheet::{Col, UnitRow, UnitRows};
use super::timeline::Patch;
use crate::lines::operation::Names;
use muster_kernel::{Day, Digest, Finding};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How a file is to be read into the tree.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The day from which changes hold, and on which units open that say no day.
    pub day: Day,
    /// Unit below which rows without a parent go.
    pub under: Option<String>,
    /// The file is the whole list below `under`: units that it leaves out close on the day.
    pub complete: bool,
    /// Whether rows without a parent may go to the top of the tree.
    pub top: bool,
}

/// A unit that is there, as far as an import asks.
#[derive(Clone, Debug)]
pub(super) struct KnownUnit {
    pub(super) id: i64,
    /// Whether it is open on the day of the import.
    pub(super) open: bool,
    /// Facts on that day.
    pub(super) facts: Option<Facts>,
    pub(super) opened: Day,
    pub(super) closed: Day,
    /// Units from the top down to it, on that day.
    pub(super) chain: Vec<i64>,
    /// Code of the unit above, on that day.
    pub(super) parent: Option<String>,
    /// Codes of units right below it that are open on that day or later, with the day on which they close.
    pub(super) below: Vec<(String, Day)>,
    pub(super) phone: Option<String>,
    pub(super) post: Option<String>,
}

/// The tree as far as an import asks.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) epoch: i64,
    /// By code: units that the file names, and their parents.
    pub(super) units: HashMap<String, KnownUnit>,
    /// Open units below `under`, where the file is the whole list.
    pub(super) all_below: Vec<String>,
    /// Whether there is any unit.
    pub(super) any: bool,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A new unit.
    Added,
    /// A unit of which something changes.
    Changed,
    /// A unit that closes.
    Closed,
    /// A unit of which the file says what the tree says.
    Unchanged,
    /// Left out; a finding says why.
    Refused,
}

/// A duty post and telephone to be set: unit, name of the post, telephone (empty: taken away).
pub(super) type Duty = (String, String, Option<String>);

/// What an import does.
#[derive(Debug, Default)]
pub struct Plan {
    /// Becomes of each row.
    pub verdicts: Vec<Verdict>,
    /// All findings.
    pub findings: Vec<Finding>,
    pub(super) epoch: i64,
    pub(super) creates: Vec<NewUnit>,
    pub(super) changes: Vec<(String, Patch)>,
    pub(super) moves: Vec<(String, String)>,
    pub(super) closes: Vec<(String, Day)>,
    pub(super) duties: Vec<Duty>,
    /// Units that only stand in level columns of other rows.
    pub implied: usize,
    /// Units that the file, a whole list, leaves out.
    pub left_out: usize,
}

impl Plan {
    /// Whether nothing is to be stored.
    pub fn changes_nothing(&self) -> bool {
        self.creates.is_empty()
            && self.changes.is_empty()
            && self.moves.is_empty()
            && self.closes.is_empty()
            && self.duties.is_empty()
    }
}

/// Codes that a file names and the tree must be asked for.
pub(super) fn codes_named(rows: &UnitRows, options: &ImportOptions) -> Vec<String> {
    let mut codes: HashSet<String> = options.under.iter().cloned().collect();
    for row in &rows.rows {
        codes.extend(row.code.iter().chain(&row.parent).cloned());
        for depth in 1..=row.levels.len() {
            codes.insert(level_code(options, &row.levels[..depth]));
        }
    }
    let mut codes: Vec<String> = codes.into_iter().collect();
    codes.sort_unstable();
    codes
}

/// The code of a unit that is known by its names from the first level down only: always the same for the same names,
/// so that the same file again changes nothing.
fn level_code(options: &ImportOptions, names: &[String]) -> String {
    let under = options.under.as_deref().unwrap_or_default();
    let digest = Digest::of(format!("{under}\n{}", names.join("\n")).as_bytes());
    let hex: String = digest.bytes()[..5].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("L{}-{hex}", names.len())
}

/// A row on its way, with the code and parent that levels give it.
struct Wanted {
    code: String,
    parent: Option<String>,
    since: Option<Day>,
    verdict: Verdict,
}

/// Plans an import.
pub(super) fn plan(rows: &UnitRows, options: &ImportOptions, known: &Known) -> Plan {
    let mut planner = Planner {
        rows,
        options,
        known,
        wanted: Vec::with_capacity(rows.rows.len()),
        by_code: HashMap::with_capacity(rows.rows.len()),
        levels: BTreeMap::new(),
        plan: Plan { epoch: known.epoch, findings: rows.findings.clone(), ..Plan::default() },
    };
    planner.name();
    planner.imply();
    planner.circles();
    planner.judge();
    planner.leave_out();
    planner.open_children();
    let mut plan = planner.plan;
    plan.verdicts = planner.wanted.iter().take(rows.rows.len()).map(|wanted| wanted.verdict).collect();
    plan
}

struct Planner<'a> {
    rows: &'a UnitRows,
    options: &'a ImportOptions,
    known: &'a Known,
    wanted: Vec<Wanted>,
    by_code: HashMap<String, usize>,
    /// Code of the unit at each path of names.
    levels: BTreeMap<Vec<String>, String>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn refuse(&mut self, at: usize, col: Col, finding: Finding) {
        self.wanted[at].verdict = Verdict::Refused;
        if at < self.rows.rows.len() {
            let finding = self.rows.at(at, col, finding);
            self.plan.findings.push(finding);
        }
    }

    /// Gives each row its code and refuses the second row of a code.
    fn name(&mut self) {
        for row in &self.rows.rows {
            if let (Some(code), false) = (&row.code, row.levels.is_empty()) {
                self.levels.entry(row.levels.clone()).or_insert_with(|| code.clone());
            }
        }
        for (at, row) in self.rows.rows.iter().enumerate() {
            let code = match (&row.code, row.levels.is_empty()) {
                (Some(code), _) => code.clone(),
                (None, false) => self.code_of_level(&row.levels),
                (None, true) => String::new(),
            };
            let parent = self.parent_of(row);
            let verdict = if row.bad { Verdict::Refused } else { Verdict::Unchanged };
            self.wanted.push(Wanted { code: code.clone(), parent, since: None, verdict });
            if row.bad || code.is_empty() {
                continue;
            }
            match self.by_code.get(&code) {
                Some(first) => {
                    let first = self.rows.at(*first, Col::Code, Finding::note("")).at.row.unwrap_or_default();
                    let finding = Finding::refuse("unit.code_twice").with("code", &code).with("row", first);
                    self.refuse(at, Col::Code, finding);
                }
                None => {
                    self.by_code.insert(code, at);
                }
            }
        }
    }

    fn code_of_level(&mut self, names: &[String]) -> String {
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
    fn imply(&mut self) {
        let mut missing: BTreeMap<Vec<String>, String> = BTreeMap::new();
        for row in self.rows.rows.iter().filter(|row| !row.bad && row.parent.is_none()) {
            for depth in 1..row.levels.len() {
                let names = &row.levels[..depth];
                let code = self.levels.get(names).cloned().unwrap_or_else(|| level_code(self.options, names));
                if !self.by_code.contains_key(&code) && !self.known.units.contains_key(&code) {
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
            self.by_code.insert(code.clone(), self.wanted.len());
            self.wanted.push(Wanted { code: code.clone(), parent, since: None, verdict: Verdict::Added });
            let name = names.last().cloned().unwrap_or_default();
            let note = Finding::note("unit.level_implied").with("name", &name).with("code", code);
            self.plan.findings.push(note);
            self.plan.implied += 1;
        }
    }

    /// Finds units that would be above one another, and names them.
    fn circles(&mut self) {
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

    /// Decides each row, parents before what is below them.
    fn judge(&mut self) {
        let mut done = vec![false; self.wanted.len()];
        for start in 0..self.wanted.len() {
            let mut chain = vec![start];
            while let Some(parent) = chain.last().and_then(|at| self.wanted[*at].parent.as_ref())
                && let Some(above) = self.by_code.get(parent)
                && !done[*above]
                && !chain.contains(above)
            {
                chain.push(*above);
            }
            for at in chain.into_iter().rev() {
                if !std::mem::replace(&mut done[at], true) && self.wanted[at].verdict != Verdict::Refused {
                    self.judge_one(at);
                }
            }
        }
    }

    fn judge_one(&mut self, at: usize) {
        if self.wanted[at].code.is_empty() {
            return;
        }
        match self.known.units.get(&self.wanted[at].code) {
            Some(unit) => self.judge_known(at, unit),
            None => self.judge_new(at),
        }
    }

    fn judge_new(&mut self, at: usize) {
        let implied;
        let row = match self.rows.rows.get(at) {
            Some(row) => row,
            None => {
                let code = &self.wanted[at].code;
                let names =
                    self.levels.iter().find(|(_, level)| *level == code).map(|(names, _)| names.clone());
                implied = UnitRow { levels: names.unwrap_or_default(), ..UnitRow::default() };
                &implied
            }
        };
        let parent = self.wanted[at].parent.clone().or_else(|| self.options.under.clone());
        let Ok((above_since, above_until)) = self.life_above(at, parent.as_deref()) else { return };
        let Some(names) = named(row.names()) else {
            return self.refuse(at, Col::NameZhHans, Finding::refuse("unit.name_missing"));
        };
        let since = row.opened.unwrap_or_else(|| self.options.day.max(above_since));
        let until = row.closed.unwrap_or(above_until);
        if since < above_since || until > above_until {
            let col = if since < above_since { Col::Opened } else { Col::Closed };
            let finding =
                Finding::refuse("unit.outside_parent_life").with("parent", parent.unwrap_or_default());
            return self.refuse(at, col, finding.with("since", above_since).with("until", above_until));
        }
        if until <= since {
            return self.refuse(at, Col::Closed, Finding::refuse("unit.closed_before_opened"));
        }
        let code = self.wanted[at].code.clone();
        if parent.is_none() {
            if !self.options.top && self.known.any {
                return self.refuse(at, Col::Parent, Finding::refuse("unit.parent_missing"));
            }
            if self.known.any {
                let finding = Finding::warn("unit.second_top").with("code", &code);
                self.plan.findings.push(self.rows.at(at, Col::Parent, finding));
            }
        }
        if let Some(duty) = duty(row, &code, None) {
            self.plan.duties.push(duty);
        }
        let facts = Facts {
            names,
            kind: row.kind.clone().unwrap_or_else(|| "unit".to_owned()),
            place: row.place.flatten(),
            time_zone: row.time_zone.clone().unwrap_or_default(),
            classes: row.classes.clone().unwrap_or_default(),
        };
        self.wanted[at].verdict = Verdict::Added;
        self.wanted[at].since = Some(since);
        self.plan.creates.push(NewUnit { code, facts, parent, since, until });
    }

    /// First and last day of the unit above; a refusal where there is none.
    fn life_above(&mut self, at: usize, parent: Option<&str>) -> Result<(Day, Day), ()> {
        let Some(parent) = parent else { return Ok((Day::from_number(i32::MIN), Day::OPEN_END)) };
        if let Some(unit) = self.known.units.get(parent) {
            return Ok((unit.opened, unit.closed));
        }
        let finding = match self.by_code.get(parent) {
            Some(above) => match self.wanted[*above].since {
                Some(since) => {
                    let closed = self.rows.rows.get(*above).and_then(|row| row.closed);
                    return Ok((since, closed.unwrap_or(Day::OPEN_END)));
                }
                None => Finding::refuse("unit.parent_refused"),
            },
            None => Finding::refuse("unit.parent_unknown"),
        };
        self.refuse(at, Col::Parent, finding.with("parent", parent));
        Err(())
    }

    fn judge_known(&mut self, at: usize, unit: &'a KnownUnit) {
        let Some(row) = self.rows.rows.get(at) else { return };
        let code = self.wanted[at].code.clone();
        let Some(facts) = unit.facts.as_ref().filter(|_| unit.open) else {
            let known = row.closed == Some(unit.closed) && unit.closed <= self.options.day;
            if !known {
                let word =
                    if unit.closed <= self.options.day { "unit.is_closed" } else { "unit.not_yet_open" };
                let day = if unit.closed <= self.options.day { unit.closed } else { unit.opened };
                self.refuse(at, Col::Code, Finding::refuse(word).with("code", &code).with("day", day));
            }
            return;
        };
        let mut verdict = Verdict::Unchanged;
        if row.opened.is_some_and(|opened| opened != unit.opened) {
            let finding = Finding::warn("unit.opened_stays").with("day", unit.opened);
            self.plan.findings.push(self.rows.at(at, Col::Opened, finding));
        }
        let closes = row.closed.filter(|closed| *closed != unit.closed);
        if let Some(closed) = closes
            && (unit.closed != Day::OPEN_END || closed <= unit.opened)
        {
            let finding = Finding::refuse("unit.closed_stays").with("day", unit.closed);
            return self.refuse(at, Col::Closed, finding);
        }
        let parent = self.wanted[at].parent.clone().filter(|parent| unit.parent.as_ref() != Some(parent));
        if let Some(parent) = parent {
            let Ok((since, until)) = self.life_above(at, Some(&parent)) else { return };
            if since > self.options.day || until < unit.closed {
                let finding = Finding::refuse("unit.outside_parent_life").with("parent", parent);
                return self.refuse(at, Col::Parent, finding.with("since", since).with("until", until));
            }
            self.plan.moves.push((code.clone(), parent));
            verdict = Verdict::Changed;
        }
        let names = row.levels.last();
        let patch = Patch {
            zh_hans: row.zh_hans.as_ref().or(names).cloned(),
            zh_hant: row.zh_hant.clone(),
            en: row.en.clone(),
            kind: row.kind.clone(),
            place: row.place,
            time_zone: row.time_zone.clone(),
            classes: row.classes.clone(),
        };
        let patch = patch.against(facts);
        if !patch.is_empty() {
            self.plan.changes.push((code.clone(), patch));
            verdict = Verdict::Changed;
        }
        if let Some(duty) = duty(row, &code, Some(unit)) {
            self.plan.duties.push(duty);
            verdict = Verdict::Changed;
        }
        if let Some(closed) = closes {
            self.plan.closes.push((code, closed));
            verdict = Verdict::Closed;
        }
        self.wanted[at].verdict = verdict;
    }

    /// Closes what a whole list leaves out.
    fn leave_out(&mut self) {
        for code in &self.known.all_below {
            if !self.by_code.contains_key(code) {
                self.plan.closes.push((code.clone(), self.options.day));
                self.plan.left_out += 1;
            }
        }
    }

    /// A unit closes only when nothing stays open below it.
    fn open_children(&mut self) {
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

/// The duty post and telephone of a row, where they differ from what is known.
fn duty(row: &UnitRow, code: &str, known: Option<&KnownUnit>) -> Option<Duty> {
    let phone = row
        .phone
        .clone()
        .filter(|phone| known.and_then(|unit| unit.phone.as_ref()).map_or("", |p| p) != phone);
    let post = row.post.clone().filter(|post| known.and_then(|unit| unit.post.as_ref()) != Some(post));
    if phone.is_none() && post.is_none() {
        return None;
    }
    let name = row.post.clone().or_else(|| known.and_then(|unit| unit.post.clone()));
    Some((code.to_owned(), name.unwrap_or_else(|| "值班".to_owned()), phone))
}

/// Names of a post that a file gives in one language.
pub(super) fn post_names(name: &str) -> Names {
    Names { zh_hans: name.to_owned(), ..Names::default() }
}
