//! An import: planned against the tree as it is, then stored in one transaction, so that it is seen as a whole or not
//! at all. A crash in the middle leaves nothing behind; the same file again does the same, and once it is in, finds
//! all its rows unchanged.

use super::{Tree, entry};
use crate::lines::org::check::NewUnit;
use crate::lines::org::model::TreeChange;
use crate::lines::org::plan::{
    ImportOptions, Known, KnownUnit, Plan, Verdict, codes_named, plan, post_names,
};
use crate::lines::org::read::life;
use crate::lines::org::sheet::UnitRows;
use crate::lines::org::store::{self, facts, posts, standing};
use crate::{Ctx, Fail, Reach};
use flate2::Compression;
use flate2::write::GzEncoder;
use muster_kernel::{Day, Finding, Problem};
use muster_store::{Link, Result as Stored, Rows, Tx};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

/// Code of the post that a file's telephone belongs to.
const DUTY_POST: &str = "duty";
/// New units that one entry of the journal tells of.
const UNITS_PER_ENTRY: usize = 2_000;
/// Findings told one by one; the rest are counted.
const FINDINGS_MAX: usize = 1_000;

/// What an import did, or would do.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rows of the file.
    pub rows: usize,
    /// Rows by what became of them.
    pub added: usize,
    /// Rows of units of which something changed.
    pub changed: usize,
    /// Rows of units that closed.
    pub closed: usize,
    /// Rows that say what the tree says.
    pub unchanged: usize,
    /// Rows left out.
    pub refused: usize,
    /// Units added because they stand as an upper level of rows.
    pub implied: usize,
    /// Units closed because a whole list leaves them out.
    pub left_out: usize,
    /// Findings, the first thousand.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub findings_more: usize,
    /// What changed in the projection; empty for a dry run.
    pub change: TreeChange,
}

/// Plans an import against the tree as it is; stores nothing.
pub fn units_plan(
    rows: &mut impl Rows,
    ctx: &Ctx,
    file: &UnitRows,
    options: &ImportOptions,
) -> Result<Plan, Fail> {
    let known = known(rows, ctx, file, options)?;
    if let Some(under) = options.under.as_ref().filter(|under| !known.units.contains_key(*under)) {
        return Err(Problem::not_found("unit.unknown").with("unit", under).into());
    }
    Ok(plan(file, options, &known))
}

/// Stores an import. `planned` was made before the transaction; where the tree has changed since, it is made again.
pub fn units_import(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    file: &UnitRows,
    options: &ImportOptions,
    planned: &Plan,
) -> Result<Outcome, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let again;
    let plan = if store::tree_epoch(tree.tx)? == planned.epoch + 1 {
        planned
    } else {
        again = units_plan(tree.tx, ctx, file, options)?;
        &again
    };
    let mut outcome = outcome(plan);
    if !plan.changes_nothing() {
        tree.import(plan, options)?;
        outcome.change = tree.finish()?;
    }
    Ok(outcome)
}

/// What a plan comes to, in numbers.
pub fn outcome(plan: &Plan) -> Outcome {
    let count = |verdict| plan.verdicts.iter().filter(|v| **v == verdict).count();
    Outcome {
        rows: plan.verdicts.len(),
        added: count(Verdict::Added),
        changed: count(Verdict::Changed),
        closed: count(Verdict::Closed),
        unchanged: count(Verdict::Unchanged),
        refused: count(Verdict::Refused),
        implied: plan.implied,
        left_out: plan.left_out,
        findings: plan.findings.iter().take(FINDINGS_MAX).cloned().collect(),
        findings_more: plan.findings.len().saturating_sub(FINDINGS_MAX),
        change: TreeChange::default(),
    }
}

impl Tree<'_, '_> {
    fn import(&mut self, plan: &Plan, options: &ImportOptions) -> Result<(), Fail> {
        let summary = json!({
            "day": options.day, "added": plan.creates.len(), "changed": plan.changes.len(),
            "moved": plan.moves.len(), "closed": plan.closes.len(),
        });
        let summary = serde_json::to_vec(&summary).map_err(Problem::internal)?;
        let actor = self.ctx.actor.to_string();
        let ctx = self.ctx;
        let head = self.tx.journal(entry(ctx, "units.import", "tree", None, summary, &actor))?;
        let mut part = Part { left: 0, link: head, units: &plan.creates, actor: &actor };
        let mut told = 0;
        super::units_add(self.tx, ctx, &plan.creates, &mut self.touched, |tx, _, _| {
            let link = part.link_of(tx, ctx, told)?;
            told += 1;
            Ok(link)
        })?;
        self.first_unit(&plan.creates)?;
        let named =
            plan.creates.iter().map(|unit| &unit.facts).filter(|facts| facts.kind.starts_with("place-"));
        let named = named.filter_map(|facts| Some((facts.place?.number(), facts.names.zh_hans.as_str())));
        let named: BTreeMap<i64, &str> = named.collect();
        store::place_names_set(self.tx, &named.into_iter().collect::<Vec<_>>())?;
        for (code, patch) in &plan.changes {
            let unit = self.unit(code)?;
            self.change(&unit, options.day, patch)?;
            self.journal(&unit, "unit.change", &json!({ "day": options.day, "changes": patch }))?;
        }
        for (code, parent) in &plan.moves {
            let (unit, above) = (self.unit(code)?, self.born(parent)?);
            self.put(&unit, options.day, above.id)?;
            self.journal(&unit, "unit.move", &json!({ "day": options.day, "parent": parent }))?;
        }
        for (code, day) in &plan.closes {
            let unit = self.unit(code)?;
            self.close(&unit, *day)?;
            self.journal(&unit, "unit.close", &json!({ "day": day, "with_below": 0 }))?;
        }
        self.duties(plan)
    }

    /// Duty posts and telephones. The journal says that they were set, never to what.
    fn duties(&mut self, plan: &Plan) -> Result<(), Fail> {
        if plan.duties.is_empty() {
            return Ok(());
        }
        let codes: Vec<String> = plan.duties.iter().map(|(code, _, _)| code.clone()).collect();
        let units = store::units_by_code(self.tx, &codes)?;
        let ids: HashMap<&str, i64> = units.iter().map(|unit| (&*unit.code, unit.id)).collect();
        let drafts = plan
            .duties
            .iter()
            .map(|(code, name, _)| (ids[code.as_str()], DUTY_POST.to_owned(), post_names(name)));
        let drafts: Vec<_> = drafts.collect();
        posts::posts_set(self.tx, &drafts)?;
        let found = posts::posts_of(self.tx, &ids.values().copied().collect::<Vec<_>>(), self.ctx.today())?;
        let found: HashMap<i64, i64> = found
            .into_iter()
            .filter(|post| post.code == DUTY_POST)
            .map(|post| (post.unit, post.id))
            .collect();
        let phones = plan
            .duties
            .iter()
            .filter_map(|(code, _, phone)| Some((found[&ids[code.as_str()]], phone.as_deref()?)));
        let phones: Vec<(i64, &str)> = phones.collect();
        posts::contacts_set(self.tx, &phones)?;
        let body = json!({ "post": DUTY_POST, "units": codes.len(), "phones": phones.len() });
        let body = serde_json::to_vec(&body).map_err(Problem::internal)?;
        let actor = self.ctx.actor.to_string();
        self.tx.journal(entry(self.ctx, "contact.set", "tree", None, body, &actor))?;
        Ok(())
    }
}

/// Entries that tell of new units, so many in one, packed.
struct Part<'p> {
    left: usize,
    link: Link,
    units: &'p [NewUnit],
    actor: &'p str,
}

impl Part<'_> {
    /// The entry that tells of the unit at an index; journalled when its first unit comes.
    fn link_of(&mut self, tx: &mut Tx<'_>, ctx: &Ctx, told: usize) -> Result<Link, Fail> {
        if self.left == 0 {
            let units = &self.units[told..self.units.len().min(told + UNITS_PER_ENTRY)];
            self.left = units.len();
            let body = packed(units).map_err(Problem::internal)?;
            self.link = tx.journal(entry(ctx, "unit.create", "tree", Some(self.link), body, self.actor))?;
        }
        self.left -= 1;
        Ok(self.link)
    }
}

/// NDJSON in gzip.
fn packed(units: &[NewUnit]) -> std::io::Result<Vec<u8>> {
    let mut to = GzEncoder::new(Vec::new(), Compression::fast());
    for unit in units {
        serde_json::to_writer(&mut to, unit)?;
        to.write_all(b"\n")?;
    }
    to.finish()
}

/// Reads what a plan asks of the tree.
fn known(rows: &mut impl Rows, ctx: &Ctx, file: &UnitRows, options: &ImportOptions) -> Result<Known, Fail> {
    let day = options.day;
    let mut known =
        Known { epoch: store::tree_epoch(rows)?, any: store::unit_count(rows)? > 0, ..Known::default() };
    if !known.any {
        return Ok(known);
    }
    let identities = store::units_by_code(rows, &codes_named(file, options))?;
    let ids: Vec<i64> = identities.iter().map(|unit| unit.id).collect();
    let life = life(rows, &ids)?;
    let mut facts: HashMap<i64, _> = facts::facts_on(rows, &ids, day)?.into_iter().collect();
    let standings: HashMap<i64, _> =
        standing::standings_on(rows, &ids, day)?.into_iter().map(|s| (s.unit, s)).collect();
    let parents: Vec<i64> =
        standings.values().map(|standing| standing.parent).filter(|parent| *parent != 0).collect();
    let parents: HashMap<i64, String> = store::units_by_id(rows, &parents)?
        .into_iter()
        .map(|unit| (unit.id, unit.code.to_string()))
        .collect();
    let mut below = below(rows, file, options, &identities)?;
    let mut duties = duties(rows, file, &ids, day)?;
    for unit in identities {
        let standing = standings.get(&unit.id);
        let (opened, closed) = life.get(&unit.id).copied().unwrap_or((day, day));
        let (post, phone) = duties.remove(&unit.id).unwrap_or_default();
        let known_unit = KnownUnit {
            id: unit.id,
            open: standing.is_some(),
            facts: facts.remove(&unit.id).map(|dated| dated.facts),
            opened,
            closed,
            chain: standing.map(|standing| standing.chain.clone()).unwrap_or_default(),
            parent: standing.and_then(|standing| parents.get(&standing.parent).cloned()),
            below: below.remove(&unit.id).unwrap_or_default(),
            phone,
            post,
        };
        known.units.insert(unit.code.to_string(), known_unit);
    }
    if ctx.reach != Reach::All {
        known.units.retain(|_, unit| ctx.reach.covers(&unit.chain));
    }
    if let Some(under) = options.under.as_ref().filter(|_| options.complete)
        && let Some(unit) = known.units.get(under)
        && let Some(top) = standing::standing_on(rows, unit.id, day)?
    {
        let count = standing::subtree_count(rows, &top, day)? as u32;
        let all = standing::subtree_page(rows, &top, day, "", count.max(1))?;
        known.all_below = all.into_iter().skip(1).map(|standing| standing.code.to_string()).collect();
        let missing: Vec<String> =
            known.all_below.iter().filter(|code| !known.units.contains_key(*code)).cloned().collect();
        for unit in store::units_by_code(rows, &missing)? {
            let below = children_of(rows, &[unit.id], day)?.remove(&unit.id).unwrap_or_default();
            let unit_ = KnownUnit {
                id: unit.id,
                open: true,
                facts: None,
                opened: day,
                closed: Day::OPEN_END,
                chain: Vec::new(),
                parent: None,
                below,
                phone: None,
                post: None,
            };
            known.units.insert(unit.code.to_string(), unit_);
        }
    }
    Ok(known)
}

type Below = HashMap<i64, Vec<(String, Day)>>;

/// What is open below the units that the file closes.
fn below(
    rows: &mut impl Rows,
    file: &UnitRows,
    options: &ImportOptions,
    units: &[store::Identity],
) -> Stored<Below> {
    let closing = file.rows.iter().filter(|row| row.closed.is_some()).filter_map(|row| row.code.as_deref());
    let closing: std::collections::HashSet<&str> = closing.collect();
    let ids: Vec<i64> =
        units.iter().filter(|unit| closing.contains(&*unit.code)).map(|unit| unit.id).collect();
    children_of(rows, &ids, options.day)
}

fn children_of(rows: &mut impl Rows, ids: &[i64], day: Day) -> Stored<Below> {
    let edges = facts::edges_below(rows, ids, day)?;
    let children: Vec<i64> = edges.iter().map(|edge| edge.unit).collect();
    let codes: HashMap<i64, String> = store::units_by_id(rows, &children)?
        .into_iter()
        .map(|unit| (unit.id, unit.code.to_string()))
        .collect();
    let mut below = Below::new();
    for edge in edges {
        let code = codes.get(&edge.unit).cloned().unwrap_or_default();
        below.entry(edge.parent).or_default().push((code, edge.until));
    }
    Ok(below)
}

type Duties = BTreeMap<i64, (Option<String>, Option<String>)>;

/// Duty posts and telephones, where the file speaks of them.
fn duties(rows: &mut impl Rows, file: &UnitRows, ids: &[i64], day: Day) -> Stored<Duties> {
    let mut duties = Duties::new();
    if !file.rows.iter().any(|row| row.phone.is_some() || row.post.is_some()) {
        return Ok(duties);
    }
    for post in posts::posts_of(rows, ids, day)?.into_iter().filter(|post| post.code == DUTY_POST) {
        duties.entry(post.unit).or_default().0 = Some(post.names.zh_hans);
    }
    for contact in posts::duty_contacts(rows, ids)?.into_iter().filter(|contact| contact.code == DUTY_POST) {
        duties.entry(contact.unit).or_default().1 = Some(contact.phone);
    }
    Ok(duties)
}
