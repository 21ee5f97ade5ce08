//! What an import would do: each row added, changed, closed, unchanged or refused, and why. Pure; the tree as it is
//! comes in as [`Known`].

mod alike;
mod circle;
mod close;
mod judge;
mod name;
mod top;

use super::check::NewUnit;
use super::model::Facts;
use super::place::Place;
use super::sheet::{Col, Part, UnitRow, UnitRows};
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
    /// Units that stay as they are.
    pub held: Held,
}

/// Units that an import leaves as they are, by surrogate: why, and whether that is the unit's own (then nothing of it
/// changes) or one's below it (then it neither moves nor closes).
pub type Held = HashMap<i64, (Finding, bool)>;

/// A unit that is there, as far as an import asks.
#[derive(Clone, Debug)]
pub(in crate::lines::org) struct KnownUnit {
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
pub struct Known {
    pub(super) epoch: i64,
    /// By code: units that the file names, and their parents.
    pub(super) units: HashMap<String, KnownUnit>,
    /// Open units below `under`, where the file is the whole list.
    pub(super) all_below: Vec<String>,
    /// Codes of units that are there and not the actor's to change.
    pub(super) taken: HashSet<String>,
    /// Whether there is any unit.
    pub(super) any: bool,
    /// Code of the unit at the top of the tree.
    pub(super) top: String,
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
    pub(super) of_a_tree: bool,
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
    /// Whether there was any unit when it was made.
    pub fn is_of_a_tree(&self) -> bool {
        self.of_a_tree
    }
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
    /// Names from the first level down, of a unit that has no row of its own.
    implied: Vec<String>,
}

/// Plans an import.
pub(super) fn plan(rows: &UnitRows, options: &ImportOptions, known: &Known) -> Plan {
    let mut planner = Planner {
        rows,
        options,
        known,
        wanted: Vec::with_capacity(rows.rows.len()),
        by_code: HashMap::with_capacity(rows.rows.len()),
        unread: HashSet::new(),
        twice: HashSet::new(),
        astray: HashSet::new(),
        nameless: false,
        levels: BTreeMap::new(),
        places: rows.rows.iter().filter_map(named_place).collect(),
        plan: Plan {
            epoch: known.epoch,
            of_a_tree: known.any,
            findings: rows.findings.clone(),
            ..Plan::default()
        },
    };
    planner.name();
    planner.tops();
    planner.imply();
    planner.circles();
    planner.judge();
    planner.leave_out();
    // What is wrong with a row itself is told before what is in its way.
    planner.open_children();
    planner.hold();
    planner.open_children();
    planner.alike();
    planner.said_again();
    let mut plan = planner.plan;
    let rows = planner.wanted.iter().zip(&rows.rows);
    for (wanted, row) in rows {
        match (row.part, wanted.verdict) {
            (Part::Upper, Verdict::Added) => plan.implied += 1,
            (Part::Upper, _) => {}
            (_, verdict) => plan.verdicts.push(verdict),
        }
    }
    plan
}

struct Planner<'a> {
    rows: &'a UnitRows,
    options: &'a ImportOptions,
    known: &'a Known,
    wanted: Vec<Wanted>,
    by_code: HashMap<String, usize>,
    /// Codes of rows that were refused as they were read.
    unread: HashSet<String>,
    /// Codes that several rows have.
    twice: HashSet<String>,
    /// Rows that would stand beside the top of the tree.
    astray: HashSet<usize>,
    /// Of a row that was refused as it was read nobody knows which unit it is about.
    nameless: bool,
    /// Code of the unit at each path of names.
    levels: BTreeMap<Vec<String>, String>,
    /// Places that the file names: its units that are places.
    places: HashSet<Place>,
    plan: Plan,
}

fn named_place(row: &UnitRow) -> Option<Place> {
    row.place.flatten().filter(|_| row.kind.as_deref().is_some_and(|kind| kind.starts_with("place-")))
}

impl<'a> Planner<'a> {
    /// A row that says more of a unit that is refused is refused with it.
    fn said_again(&mut self) {
        for at in 0..self.rows.rows.len() {
            let Part::Again(of) = self.rows.rows[at].part else { continue };
            if self.wanted[of].verdict == Verdict::Refused && self.wanted[at].verdict != Verdict::Refused {
                let row = self.rows.at(of, Col::Code, Finding::note("")).at.row.unwrap_or_default();
                let finding = Finding::refuse("book.unit_refused").with("row", row);
                self.refuse(at, Col::NameZhHans, finding);
            }
        }
    }
    fn refuse(&mut self, at: usize, col: Col, finding: Finding) {
        self.wanted[at].verdict = Verdict::Refused;
        self.tell(at, col, finding);
    }
    /// Puts a finding at a row of the file; a unit that only stands in level columns of others has none.
    fn tell(&mut self, at: usize, col: Col, finding: Finding) {
        if at < self.rows.rows.len() {
            let finding = self.rows.at(at, col, finding);
            self.plan.findings.push(finding);
        }
    }
}

/// Names of a post that a file gives in one language.
pub(super) fn post_names(name: &str) -> Names {
    Names { zh_hans: name.to_owned(), ..Names::default() }
}
