//! An import: planned against the tree as it is, then stored in one transaction, so that it is seen as a whole or not
//! at all. A crash in the middle leaves nothing behind; the same file again does the same, and once it is in, finds
//! all its rows unchanged.

use super::posts::phone_word;
use super::{Tree, entry};
use crate::lines::org::book::{Book, BookOptions, BookUnits, units as book_units};
use crate::lines::org::check::NewUnit;
use crate::lines::org::known::{DUTY_POST, plan_now};
use crate::lines::org::model::TreeChange;
use crate::lines::org::plan::{Held, ImportOptions, Plan, Verdict, post_names};
use crate::lines::org::sheet::UnitRows;
use crate::lines::org::store::{self, Identity, contacts, posts, standing};
use crate::{Ctx, Fail};
use flate2::Compression;
use flate2::write::GzEncoder;
use muster_kernel::{Day, Finding, Problem};
use muster_store::{Rows, StoreError, Tx};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

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

/// Stores an import. `planned` was made before the transaction; where the tree has changed since, or units are held, it
/// is made again.
pub fn units_import(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    file: &UnitRows,
    options: &ImportOptions,
    planned: &Plan,
) -> Result<Outcome, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let again;
    let plan = if options.held.is_empty() && store::tree_epoch(tree.tx)? == planned.epoch + 1 {
        planned
    } else {
        again = plan_now(tree.tx, ctx, file, options)?;
        &again
    };
    let mut outcome = outcome(plan);
    if !plan.changes_nothing() {
        tree.import(plan, options)?;
        outcome.change = tree.finish()?;
    }
    Ok(outcome)
}

/// Places a book in the tree, which nobody changes until the end of the transaction: a code that is given now is nobody
/// else's when the rows are stored, and a name that is there now is there then.
///
/// # Errors
/// Those of [`book_units`].
pub fn book_held(tx: &mut Tx<'_>, ctx: &Ctx, book: &Book, asked: &BookOptions) -> Result<BookUnits, Fail> {
    let tree = Tree::lock(tx, ctx)?;
    book_units(tree.tx, ctx, book, asked)
}

/// What is held where units cannot be changed, each told by a finding that names it: they, and all above them on a day.
pub fn import_held(rows: &mut impl Rows, findings: &[Finding], day: Day) -> Result<Held, StoreError> {
    let named = findings.iter().filter_map(|finding| Some((finding.args.get("unit")?.clone(), finding)));
    let named: HashMap<String, &Finding> = named.collect();
    let units = store::units_by_code(rows, &named.keys().cloned().collect::<Vec<_>>())?;
    let ids: HashMap<i64, &Finding> =
        units.iter().filter_map(|unit| Some((unit.id, *named.get(&*unit.code)?))).collect();
    let mut held = Held::new();
    for standing in standing::standings_on(rows, &ids.keys().copied().collect::<Vec<_>>(), day)? {
        for above in standing.chain.iter() {
            held.entry(*above).or_insert_with(|| (ids[&standing.unit].clone(), false));
        }
    }
    held.extend(ids.into_iter().map(|(unit, finding)| (unit, (finding.clone(), true))));
    Ok(held)
}

/// What a plan comes to, in numbers.
pub fn outcome(plan: &Plan) -> Outcome {
    let count = |verdict| plan.verdicts.iter().filter(|v| **v == verdict).count();
    // Found in several looks; read from the top of the file down.
    let mut findings: Vec<&Finding> = plan.findings.iter().collect();
    findings.sort_by_key(|finding| finding.at.row);
    Outcome {
        rows: plan.verdicts.len(),
        added: count(Verdict::Added),
        changed: count(Verdict::Changed),
        closed: count(Verdict::Closed),
        unchanged: count(Verdict::Unchanged),
        refused: count(Verdict::Refused),
        implied: plan.implied,
        left_out: plan.left_out,
        findings: findings.into_iter().take(FINDINGS_MAX).cloned().collect(),
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
        let told = &mut self.told;
        super::units_add(self.tx, ctx, &plan.creates, &mut self.touched, |tx, units| {
            let body = packed(units.iter().map(|(_, unit)| *unit)).map_err(Problem::internal)?;
            let link = tx.journal(entry(ctx, "unit.create", "tree", Some(head), body, &actor))?;
            told.extend(units.iter().map(|(_, unit)| unit.since).min().map(|since| (link, since)));
            Ok(vec![link; units.len()])
        })?;
        self.first_unit(&plan.creates)?;
        let named =
            plan.creates.iter().map(|unit| &unit.facts).filter(|facts| facts.kind.starts_with("place-"));
        let named = named.filter_map(|facts| Some((facts.place?.number(), facts.names.zh_hans.as_str())));
        let named: BTreeMap<i64, &str> = named.collect();
        store::place_names_set(self.tx, &named.into_iter().collect::<Vec<_>>())?;
        for (code, patch) in &plan.changes {
            let unit = self.unit(code, options.day)?;
            self.change(&unit, options.day, patch)?;
        }
        for (code, parent) in &plan.moves {
            let (unit, above) = (self.unit(code, options.day)?, self.born(parent)?);
            self.put(&unit, options.day, &above)?;
        }
        for (code, day) in &plan.closes {
            let unit = self.unit(code, *day)?;
            self.close(&unit, *day)?;
            self.tell(&unit, "unit.close", *day, &json!({ "day": day, "with_below": 0 }))?;
        }
        self.duties(plan)
    }

    /// Duty posts and telephones, each told in its unit's own chain. Of a telephone the journal says that it was set,
    /// never to what.
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
            .filter_map(|(code, _, phone)| Some((ids[code.as_str()], phone.as_deref()?)))
            .map(|(unit, phone)| (unit, found[&unit], phone));
        let phones: Vec<(i64, i64, &str)> = phones.collect();
        contacts::contacts_set(self.tx, &self.ctx.seals, &phones)?;
        let units: HashMap<&str, &Identity> = units.iter().map(|unit| (&*unit.code, unit)).collect();
        for (code, name, phone) in &plan.duties {
            let mut body = json!({ "post": DUTY_POST, "names": post_names(name) });
            if let Some(phone) = phone {
                body["phone"] = json!(phone_word(phone));
            }
            self.journal(units[code.as_str()], "post.set", &body)?;
        }
        Ok(())
    }
}

/// NDJSON in gzip.
fn packed<'u>(units: impl Iterator<Item = &'u NewUnit>) -> std::io::Result<Vec<u8>> {
    let mut to = GzEncoder::new(Vec::new(), Compression::fast());
    for unit in units {
        serde_json::to_writer(&mut to, unit)?;
        to.write_all(b"\n")?;
    }
    to.finish()
}
