//! What an import asks of the tree: read in parts, because a read is bounded in time, and put together again where the
//! tree did not change meanwhile.

use super::plan::{ImportOptions, Known, KnownUnit, Plan, codes_named, plan};
use super::read::{top_code, units_own};
use super::sheet::UnitRows;
use super::store::facts::{children_closing, known_units};
use super::store::{self, contacts, posts, standing};
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Day, Problem};
use muster_store::{Result as Stored, Rows};
use std::collections::{BTreeMap, HashSet};

/// Codes asked for in one part.
const PART: usize = 10_000;
/// Code of the post that a file's telephone belongs to.
pub(super) const DUTY_POST: &str = "duty";

/// What is to be asked.
#[derive(Debug)]
pub struct Asked {
    codes: Vec<String>,
    closing: HashSet<String>,
    whole_below: Option<String>,
    duties: bool,
    day: Day,
}

impl Asked {
    /// What a file asks.
    pub fn new(file: &UnitRows, options: &ImportOptions) -> Self {
        let closing = file.rows.iter().filter(|row| row.closed.is_some()).filter_map(|row| row.code.clone());
        Self {
            codes: codes_named(file, options),
            closing: closing.collect(),
            whole_below: options.under.clone().filter(|_| options.complete),
            duties: file.rows.iter().any(|row| row.phone.is_some() || row.post.is_some()),
            day: options.day,
        }
    }
    /// In how many parts.
    pub fn parts(&self) -> usize {
        self.codes.len().div_ceil(PART).max(1)
    }
}

/// Reads one part.
pub fn known_part(rows: &mut impl Rows, ctx: &Ctx, asked: &Asked, part: usize) -> Stored<Known> {
    let day = asked.day;
    let mut known =
        Known { epoch: store::tree_epoch(rows)?, any: store::unit_count(rows)? > 0, ..Known::default() };
    if !known.any {
        return Ok(known);
    }
    known.top = top_code(rows)?;
    let codes = asked.codes.chunks(PART).nth(part).unwrap_or_default();
    known_units(rows, codes, day, |code, unit| drop(known.units.insert(code, unit)))?;
    if asked.duties {
        let ids: Vec<i64> = known.units.values().map(|unit| unit.id).collect();
        let mut duties = duties(rows, ctx, &ids, day)?;
        for unit in known.units.values_mut() {
            (unit.post, unit.phone) = duties.remove(&unit.id).unwrap_or_default();
        }
    }
    let closing = known.units.iter().filter(|(code, _)| asked.closing.contains(*code));
    let closing: Vec<i64> = closing.map(|(_, unit)| unit.id).collect();
    let mut below = children_closing(rows, &closing, day)?;
    for unit in known.units.values_mut() {
        unit.below = below.remove(&unit.id).unwrap_or_default();
    }
    if ctx.reach != Reach::All {
        let ids: Vec<i64> = known.units.values().map(|unit| unit.id).collect();
        let own = units_own(rows, &ctx.reach, &ids, day)?;
        let outside = known.units.extract_if(|_, unit| !own.contains(&unit.id));
        known.taken = outside.map(|(code, _)| code).collect();
    }
    if part + 1 == asked.parts() {
        whole_list(rows, &mut known, asked)?;
    }
    Ok(known)
}

/// Puts the next part to those before it; nothing where the tree has changed since the first.
pub fn known_join(before: Option<Known>, part: Known) -> Option<Known> {
    let Some(mut known) = before else { return Some(part) };
    known.units.extend(part.units);
    known.all_below.extend(part.all_below);
    known.taken.extend(part.taken);
    (known.epoch == part.epoch).then_some(known)
}

/// Plans an import against the tree as it was read.
pub fn units_plan(file: &UnitRows, options: &ImportOptions, known: &Known) -> Result<Plan, Problem> {
    match options.under.as_ref().filter(|under| !known.units.contains_key(*under)) {
        Some(under) => Err(Problem::not_found("unit.unknown").with("unit", under)),
        None => Ok(plan(file, options, known)),
    }
}

/// Reads all parts at once and plans.
pub fn plan_now(
    rows: &mut impl Rows,
    ctx: &Ctx,
    file: &UnitRows,
    options: &ImportOptions,
) -> Result<Plan, Fail> {
    let asked = Asked::new(file, options);
    let mut known = None;
    for part in 0..asked.parts() {
        known = known_join(known, known_part(rows, ctx, &asked, part)?);
    }
    Ok(units_plan(file, options, &known.unwrap_or_default())?)
}

/// What stands below the unit whose whole list the file is.
fn whole_list(rows: &mut impl Rows, known: &mut Known, asked: &Asked) -> Stored<()> {
    let Some(under) = &asked.whole_below else { return Ok(()) };
    let Some(top) = standing::unit_by_code(rows, under, asked.day)? else { return Ok(()) };
    let count = u32::try_from(standing::subtree_count(rows, &top, asked.day)?).unwrap_or(u32::MAX);
    let all = standing::subtree_page(rows, &top, asked.day, "", count.max(1))?;
    let ids: Vec<i64> = all.iter().map(|standing| standing.unit).collect();
    let mut below = children_closing(rows, &ids, asked.day)?;
    for standing in all.into_iter().skip(1) {
        let code = standing.code.to_string();
        if asked.codes.binary_search(&code).is_err() {
            let unit = KnownUnit {
                id: standing.unit,
                open: true,
                facts: None,
                opened: standing.since,
                closed: Day::OPEN_END,
                chain: standing.chain.to_vec(),
                parent: None,
                below: below.remove(&standing.unit).unwrap_or_default(),
                phone: None,
                post: None,
            };
            known.units.insert(code.clone(), unit);
        }
        known.all_below.push(code);
    }
    Ok(())
}

type Duties = BTreeMap<i64, (Option<String>, Option<String>)>;

/// Duty posts and telephones by unit.
fn duties(rows: &mut impl Rows, ctx: &Ctx, ids: &[i64], day: Day) -> Stored<Duties> {
    let mut duties = Duties::new();
    for post in posts::posts_of(rows, ids, day)?.into_iter().filter(|post| post.code == DUTY_POST) {
        duties.entry(post.unit).or_default().0 = Some(post.names.zh_hans);
    }
    let contacts = contacts::duty_contacts(rows, &ctx.seals, ids)?;
    for contact in contacts.iter().filter(|contact| contact.code == DUTY_POST) {
        duties.entry(contact.unit).or_default().1 = contact.text().map(str::to_owned);
    }
    Ok(duties)
}
