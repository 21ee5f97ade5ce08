//! A book against the tree: which of its units are there, by name under the same parent, and the codes of those that are not.

use super::names::key;
use super::read::{Becomes, Book, Line, Unit};
use crate::lines::operation::operation_current;
use crate::lines::org::check;
use crate::lines::org::known::plan_now;
use crate::lines::org::plan::{Held, ImportOptions};
use crate::lines::org::read::{top_code, unit_standing, units_own};
use crate::lines::org::sheet::{Part, Spot, UnitRow, UnitRows};
use crate::lines::org::store::children::{Child, children_named};
use crate::lines::org::store::{self, standing};
use crate::lines::org::verbs::{Outcome, outcome};
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Day, Problem};
use muster_store::Rows;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// Code of the unit at the top, where a book begins a tree.
const TOP_CODE: &str = "HQ";
/// What the codes of the units right below the top begin with.
const FIRST: &str = "G";
/// Digits of the number in a code, at least.
const WIDTH: usize = 2;

/// How a book is to be read into the tree.
#[derive(Clone, Debug, Default)]
pub struct BookOptions {
    /// The day from which changes hold, and on which units open.
    pub day: Option<Day>,
    /// Unit below which the first level goes; the top of the tree, or the actor's own unit, when absent.
    pub under: Option<String>,
    /// Kinds of the levels, the last of all below it; [`super::KINDS`] where empty.
    pub kinds: Vec<String>,
}

/// A unit of the book as it would stand.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its code.
    pub code: String,
    /// Code of the unit above; none at the top of the tree.
    pub parent: Option<String>,
    /// Whether it is there already.
    pub known: bool,
}

/// What a book is in the tree.
pub struct BookUnits {
    /// Of each unit of the book, in its order.
    pub placed: Vec<Placed>,
    /// A unit that the book does not name and that is added at the top: its code and name.
    pub top: Option<(String, String)>,
    /// The rows of a file of units that say the same.
    pub rows: UnitRows,
    /// How those are taken in.
    pub options: ImportOptions,
}

/// Places a book and tells what it would come to, as the plan of a file of units does. Stores nothing.
///
/// # Errors
/// Those of [`units`].
pub fn look(
    rows: &mut impl Rows,
    ctx: &Ctx,
    book: &Book,
    asked: &BookOptions,
) -> Result<(BookUnits, Outcome), Fail> {
    let placed = units(rows, ctx, book, asked)?;
    let plan = plan_now(rows, ctx, &placed.rows, &placed.options)?;
    let outcome = outcome(&plan);
    Ok((placed, outcome))
}

/// Where the first level of a book goes.
enum Root {
    /// There is no tree: the book's only first unit is its top, or one that is made.
    Begins(Option<String>),
    /// Below a unit: its id and code. With the name under which the book may speak of that unit itself.
    Below(i64, String, Option<String>),
}

/// Places the units of a book in the tree. Read in one snapshot, or under the tree's lock.
///
/// # Errors
/// `unit.unknown` where `under` names no unit of the actor's; the store's.
pub fn units(rows: &mut impl Rows, ctx: &Ctx, book: &Book, asked: &BookOptions) -> Result<BookUnits, Fail> {
    let day = asked.day.unwrap_or_else(|| ctx.today());
    let root = root(rows, ctx, book, asked, day)?;
    let mut placer = Placer {
        book,
        day,
        ids: vec![None; book.units.len()],
        codes: vec![None; book.units.len()],
        below: HashMap::new(),
    };
    placer.said(rows, ctx)?;
    placer.known(rows, &root)?;
    let (top, base) = match root {
        Root::Begins(Some(name)) => (Some((TOP_CODE.to_owned(), name)), Some(TOP_CODE.to_owned())),
        Root::Begins(None) => (None, None),
        Root::Below(_, code, _) => (None, Some(code)),
    };
    let is_top = match &base {
        Some(code) if top.is_none() => top_code(rows)? == *code,
        _ => true,
    };
    placer.name(rows, base.as_deref(), is_top)?;
    let codes = placer.codes.into_iter().map(Option::unwrap_or_default);
    let mut placed: Vec<Placed> =
        codes.zip(&placer.ids).map(|(code, id)| Placed { code, parent: None, known: id.is_some() }).collect();
    let stays = match asked.under {
        None => stays_below(rows, book, &placer.ids, day)?,
        Some(_) => HashMap::new(),
    };
    for (at, unit) in book.units.iter().enumerate() {
        let above = unit.parent.map(|above| placed[above].code.clone()).or_else(|| stays.get(&at).cloned());
        placed[at].parent = above.or_else(|| base.clone().filter(|base| *base != placed[at].code));
    }
    let rows = unit_rows(book, &placed, top.as_ref(), &asked.kinds);
    let under = base.filter(|_| top.is_none());
    let options = ImportOptions { day, under, complete: false, top: true, held: Held::new() };
    Ok(BookUnits { placed, top, rows, options })
}

/// Units that the book tells by a code that is there, and does not place: each stays below what it stands below. A list of
/// telephones with codes moves nobody.
fn stays_below(
    rows: &mut impl Rows,
    book: &Book,
    ids: &[Option<i64>],
    day: Day,
) -> Result<HashMap<usize, String>, Fail> {
    let told = book.units.iter().zip(ids).enumerate();
    let told = told.filter(|(_, (unit, _))| unit.parent.is_none() && unit.code.is_some());
    let told: Vec<(usize, i64)> = told.filter_map(|(at, (_, id))| Some((at, (*id)?))).collect();
    let standings = standing::standings_on(rows, &told.iter().map(|(_, id)| *id).collect::<Vec<_>>(), day)?;
    let parents: HashMap<i64, i64> = standings.iter().map(|stands| (stands.unit, stands.parent)).collect();
    let above: Vec<i64> = parents.values().copied().filter(|parent| *parent > 0).collect();
    let codes = store::units_by_id(rows, &above)?;
    let codes: HashMap<i64, String> =
        codes.into_iter().map(|unit| (unit.id, unit.code.to_string())).collect();
    let stays = told.into_iter().filter_map(|(at, id)| Some((at, codes.get(parents.get(&id)?)?.clone())));
    Ok(stays.collect())
}

fn root(rows: &mut impl Rows, ctx: &Ctx, book: &Book, asked: &BookOptions, day: Day) -> Result<Root, Fail> {
    if let Some(code) = &asked.under {
        let unit = unit_standing(rows, ctx, code, day)?;
        return Ok(Root::Below(unit.unit, unit.code.to_string(), None));
    }
    let operation = operation_current(rows)?;
    let tops: Vec<&Unit> = book.units.iter().filter(|unit| unit.parent.is_none()).collect();
    if store::unit_count(rows)? == 0 {
        let office = || operation.map(|operation| operation.office.of(ctx.locale).to_owned());
        let title =
            Some(book.title.clone()).filter(|title| check::name(title).is_ok_and(|name| !name.is_empty()));
        let name = title.or_else(office).unwrap_or_else(|| TOP_CODE.to_owned());
        return Ok(Root::Begins((tops.len() > 1).then_some(name)));
    }
    let root = operation.map_or(0, |operation| operation.root_unit);
    let home = ctx.reach.home(root);
    let unit = standing::standing_on(rows, home, day)?;
    let unit = unit.filter(|_| matches!(ctx.reach, Reach::All | Reach::Under(_)));
    let unit = unit.ok_or_else(|| Problem::not_found("unit.unknown").with("unit", "-"))?;
    let names = store::labels::labels(rows, &[unit.unit], day)?.remove(&unit.unit);
    let itself = names.map(|(_, names)| key(&names.zh_hans)).filter(|_| tops.len() == 1);
    Ok(Root::Below(unit.unit, unit.code.to_string(), itself))
}

struct Placer<'a> {
    book: &'a Book,
    day: Day,
    /// Ids of the units that are there.
    ids: Vec<Option<i64>>,
    codes: Vec<Option<String>>,
    /// Codes of what stands below a unit that is there.
    below: HashMap<i64, Vec<String>>,
}

impl Placer<'_> {
    /// A unit whose code the book says is the one of that code.
    fn said(&mut self, rows: &mut impl Rows, ctx: &Ctx) -> Result<(), Fail> {
        let said: Vec<String> = self.book.units.iter().filter_map(|unit| unit.code.clone()).collect();
        let found = store::units_by_code(rows, &said)?;
        let all: Vec<i64> = found.iter().map(|unit| unit.id).collect();
        // One of somebody else's is not known here, nor is what stands below it.
        let own = units_own(rows, &ctx.reach, &all, self.day)?;
        let own = found.iter().filter(|unit| own.contains(&unit.id));
        let ids: HashMap<&str, i64> = own.map(|unit| (&*unit.code, unit.id)).collect();
        for (at, unit) in self.book.units.iter().enumerate() {
            if let Some(code) = &unit.code {
                self.codes[at] = Some(code.clone());
                self.ids[at] = ids.get(code.as_str()).copied();
            }
        }
        Ok(())
    }

    /// Finds units by name, level by level.
    fn known(&mut self, rows: &mut impl Rows, root: &Root) -> Result<(), Fail> {
        let Root::Below(base, base_code, itself) = root else { return Ok(()) };
        let depth_max = self.book.units.iter().map(|unit| unit.depth).max().unwrap_or(0);
        for depth in 1..=depth_max {
            let here: Vec<usize> =
                (0..self.book.units.len()).filter(|at| self.book.units[*at].depth == depth).collect();
            let above = |at: usize, ids: &[Option<i64>]| match self.book.units[at].parent {
                None => Some(*base),
                Some(parent) => ids[parent],
            };
            let mut parents: Vec<i64> = here.iter().filter_map(|at| above(*at, &self.ids)).collect();
            parents.sort_unstable();
            parents.dedup();
            let mut found: HashMap<(i64, String), (i64, String)> = HashMap::new();
            for Child { parent, unit, code, names } in children_named(rows, &parents, self.day)? {
                self.below.entry(parent).or_default().push(code.clone());
                for name in names.iter().filter(|name| !name.is_empty()) {
                    found.entry((parent, key(name))).or_insert((unit, code.clone()));
                }
            }
            for at in here {
                let unit = &self.book.units[at];
                if self.codes[at].is_some() {
                    continue;
                }
                let name = key(&unit.name);
                if unit.parent.is_none() && itself.as_ref() == Some(&name) {
                    (self.ids[at], self.codes[at]) = (Some(*base), Some(base_code.clone()));
                } else if let Some(parent) = above(at, &self.ids)
                    && let Some((id, code)) = found.remove(&(parent, name))
                {
                    (self.ids[at], self.codes[at]) = (Some(id), Some(code));
                }
            }
        }
        // The numbers that are taken below the units that are there.
        let mut all: Vec<i64> = self.ids.iter().flatten().copied().chain([*base]).collect();
        all.retain(|id| !self.below.contains_key(id));
        all.sort_unstable();
        all.dedup();
        for child in children_named(rows, &all, self.day)? {
            self.below.entry(child.parent).or_default().push(child.code);
        }
        let at_base = self.below.get(base).cloned().unwrap_or_default();
        self.below.insert(0, at_base);
        Ok(())
    }

    /// Codes of the units that are not there: that of the unit above and the next number, as long as nobody has it.
    fn name(&mut self, rows: &mut impl Rows, base: Option<&str>, is_top: bool) -> Result<(), Fail> {
        let mut next: HashMap<String, usize> = HashMap::new();
        let mut taken: HashSet<String> =
            self.codes.iter().flatten().cloned().chain(base.map(str::to_owned)).collect();
        let top_of_book = self.codes.clone();
        let depth_max = self.book.units.iter().map(|unit| unit.depth).max().unwrap_or(0);
        for depth in 1..=depth_max {
            let mut open: Vec<usize> = (0..self.book.units.len())
                .filter(|at| self.book.units[*at].depth == depth && top_of_book[*at].is_none())
                .collect();
            while !open.is_empty() {
                let mut wanted = Vec::with_capacity(open.len());
                for at in &open {
                    let unit = &self.book.units[*at];
                    let above = unit.parent.and_then(|parent| self.codes[parent].clone());
                    let above = above.or_else(|| base.map(str::to_owned));
                    let Some(above) = above else {
                        wanted.push((*at, TOP_CODE.to_owned()));
                        continue;
                    };
                    let below_top = unit.parent.is_none() && is_top
                        || unit.parent.is_some_and(|parent| self.is_top(parent, base, is_top));
                    let prefix = if below_top { FIRST.to_owned() } else { format!("{above}-") };
                    let id = match unit.parent {
                        None => Some(0),
                        Some(parent) => self.ids[parent],
                    };
                    let first =
                        || id.and_then(|id| self.below.get(&id)).map_or(0, |codes| highest(codes, &prefix));
                    let number = next.entry(prefix.clone()).or_insert_with(first);
                    *number += 1;
                    wanted.push((*at, format!("{prefix}{number:0WIDTH$}")));
                }
                let asked: Vec<String> = wanted.iter().map(|(_, code)| code.clone()).collect();
                let there = store::units_by_code(rows, &asked)?;
                taken.extend(there.iter().map(|unit| unit.code.to_string()));
                open.clear();
                for (at, code) in wanted {
                    match taken.insert(code.clone()) {
                        true => self.codes[at] = Some(code),
                        // The top's own code is one that nobody numbers.
                        false if code == TOP_CODE => self.codes[at] = Some(code),
                        false => open.push(at),
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a unit of the book is the top of the tree.
    fn is_top(&self, at: usize, base: Option<&str>, base_is_top: bool) -> bool {
        let is_base = base.is_some() && self.codes[at].as_deref() == base;
        self.book.units[at].parent.is_none() && (base.is_none() || is_base && base_is_top)
    }
}

/// The highest number among codes that begin so.
fn highest(codes: &[String], prefix: &str) -> usize {
    let numbers = codes.iter().filter_map(|code| code.strip_prefix(prefix)?.parse().ok());
    numbers.filter(|number| *number < 1_000_000).max().unwrap_or(0)
}

/// The rows of a file of units: those of the lines first, in their order, then units that stand in lines of others.
fn unit_rows(book: &Book, placed: &[Placed], top: Option<&(String, String)>, kinds: &[String]) -> UnitRows {
    let mut rows = UnitRows::default();
    (rows.findings, rows.columns) = (book.findings.clone(), book.roles());
    let mut row_of: HashMap<usize, usize> = HashMap::new();
    let of_unit = |at: usize, part: Part, spot: Spot| {
        let (unit, placed) = (&book.units[at], &placed[at]);
        UnitRow {
            code: Some(placed.code.clone()),
            // What is there keeps its name, and its kind where the book does not say it.
            zh_hans: (!placed.known).then(|| unit.name.clone()),
            kind: unit.kind.clone().or_else(|| (!placed.known).then(|| unit.kind(kinds))),
            parent: placed.parent.clone(),
            place: unit.place.map(Some),
            post: unit.post.clone(),
            phone: unit.phone.clone(),
            spot: Some(spot),
            part,
            ..UnitRow::default()
        }
    };
    for Line { becomes, spot } in &book.lines {
        let row = match becomes {
            Becomes::Unit(at) => {
                row_of.insert(*at, rows.rows.len());
                of_unit(*at, Part::Row, *spot)
            }
            Becomes::Refused(Some(at)) if !row_of.contains_key(at) => {
                row_of.insert(*at, rows.rows.len());
                UnitRow { bad: true, ..of_unit(*at, Part::Row, *spot) }
            }
            // Which unit it says more of is put in below, when all have their rows.
            Becomes::Again(_) => UnitRow { spot: Some(*spot), ..UnitRow::default() },
            Becomes::Refused(_) => UnitRow { spot: Some(*spot), bad: true, ..UnitRow::default() },
        };
        rows.push_unit(row);
    }
    for (at, unit) in book.units.iter().enumerate() {
        if let Entry::Vacant(free) = row_of.entry(at) {
            free.insert(rows.rows.len());
            rows.push_unit(of_unit(at, Part::Upper, unit.spot));
        }
    }
    for (index, line) in book.lines.iter().enumerate() {
        if let Becomes::Again(at) = line.becomes {
            rows.rows[index].part = Part::Again(row_of[&at]);
        }
    }
    if let Some((code, name)) = top {
        let spot = book.lines.first().map(|line| line.spot).unwrap_or_default();
        rows.push_unit(UnitRow {
            code: Some(code.clone()),
            zh_hans: Some(name.clone()),
            kind: Some("regulator".to_owned()),
            spot: Some(spot),
            part: Part::Upper,
            ..UnitRow::default()
        });
    }
    rows
}
