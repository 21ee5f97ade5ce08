//! What can be done with the tree, and in what order: lock the tree, look, journal, change facts, draw, hold writers
//! back. One function a verb; each answers what it did to the projection, for whoever keeps counts by node.

mod apply;
mod classes;
mod contacts;
mod import;
mod parties;
mod posts;
mod redraw;
mod succession;

pub use classes::class_name;
pub use contacts::{
    Look, LookTold, contact_looks, contact_unit, contacts_erase, contacts_erase_due, contacts_find,
    contacts_read, contacts_rewrapped, contacts_seal_plain,
};
pub use import::{Outcome, book_held, import_held, outcome, units_import};
pub use parties::{party_change, party_create, party_held, party_read};
pub use posts::{PostChanged, contact_set, post_change, post_set};
pub(super) use redraw::page_compared;
pub use redraw::{Redrawn, standings_redraw};
pub use succession::{unit_merge, unit_split};

use super::check::NewUnit;
use super::model::{Edge, Standing, TreeChange};
use super::read::{unit_tag, units_own};
use super::store::told::tree_entries_add;
use super::store::{self, Identity, facts, standing};
use super::timeline::{CannotClose, Patch, edges_closed, edges_moved, facts_changed};
use crate::lines::operation::{operation_current, operation_set};
use crate::{Ctx, Fail};
use apply::units_add;
use muster_kernel::{Day, Finding, Problem};
use muster_store::{Entry, Link, Tx};
use redraw::{Touched, redraw};
use serde_json::{Value, json};

/// Adds units; a unit may be below one that is added with it.
pub fn unit_create(tx: &mut Tx<'_>, ctx: &Ctx, units: &[NewUnit]) -> Result<TreeChange, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    tree.create(units)?;
    tree.finish()
}

/// Changes facts of a unit from a day on, up to the next change of the same fact.
pub fn unit_change(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    code: &str,
    day: Day,
    patch: &Patch,
) -> Result<TreeChange, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let unit = tree.unit(code, day)?;
    tree.change(&unit, day, patch)?;
    tree.finish()
}

/// Puts a unit, and all below it, below another one from a day on, up to its next move. A closed unit opens again.
pub fn unit_move(tx: &mut Tx<'_>, ctx: &Ctx, code: &str, day: Day, parent: &str) -> Result<TreeChange, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let unit = tree.unit(code, day)?;
    let parent = tree.unit(parent, day).map_err(|fail| of_parent(fail, "parent"))?;
    tree.put(&unit, day, &parent)?;
    tree.finish()
}

/// Closes a unit: the day is the first on which it is not open. With `below`, all that is below it closes too.
pub fn unit_close(tx: &mut Tx<'_>, ctx: &Ctx, code: &str, day: Day, below: bool) -> Result<TreeChange, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let unit = tree.unit(code, day)?;
    let mut closing = vec![unit];
    if below {
        closing.extend(tree.below(&closing[0], day.before())?);
    }
    for unit in &closing {
        tree.close(unit, day)?;
        // Each in the journal's chain of its own: what stands of a unit can be told from that alone.
        let body = match unit.id == closing[0].id {
            true => json!({ "day": day, "with_below": closing.len() - 1 }),
            false => json!({ "day": day, "with": &*closing[0].code }),
        };
        tree.tell(unit, "unit.close", day, &body)?;
    }
    tree.finish().map_err(|fail| of_closing(fail, code))
}

/// What stands open below the unit that closes, said of that unit: to the tree it is the one below that lacks a parent.
fn of_closing(fail: Fail, code: &str) -> Fail {
    match fail {
        Fail::Problem(Problem { code: "unit.parent_closed", args, .. })
            if args.get("parent").is_some_and(|parent| parent == code) =>
        {
            let below = args.get("unit").cloned().unwrap_or_default();
            Problem::conflict("unit.has_open_below").with("code", code).with("below", below).into()
        }
        other => other,
    }
}

/// The state of a unit that the actor may change from a day on; until the end of the transaction nobody else changes it.
///
/// # Errors
/// `unit.unknown`.
pub fn unit_held(tx: &mut Tx<'_>, ctx: &Ctx, code: &str, day: Day) -> Result<String, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    tree.unit(code, day)?;
    unit_tag(tree.tx, code)
}

fn of_parent(fail: Fail, field: &str) -> Fail {
    match fail {
        Fail::Problem(problem) => {
            let finding = Finding::refuse(problem.code).field(field);
            let finding = problem.args.iter().fold(finding, |finding, (key, value)| finding.with(key, value));
            Fail::Problem(Problem { findings: vec![finding], ..problem })
        }
        store => store,
    }
}

/// The tree while a verb works on it: nobody else changes it meanwhile.
struct Tree<'t, 'c> {
    tx: &'t mut Tx<'c>,
    ctx: &'t Ctx,
    /// Counts changes of the tree: by it the journal tells which of two words on the same thing is the later one.
    epoch: i64,
    touched: Touched,
    /// Entries that change how units stand, each with its first day.
    told: Vec<(Link, Day)>,
}

impl<'t, 'c> Tree<'t, 'c> {
    fn lock(tx: &'t mut Tx<'c>, ctx: &'t Ctx) -> Result<Self, Fail> {
        let epoch = store::tree_lock(tx)?;
        Ok(Self { tx, ctx, epoch, touched: Touched::default(), told: Vec::new() })
    }

    /// The unit of a code, if there is one that the actor may change from a day on.
    fn unit(&mut self, code: &str, day: Day) -> Result<Identity, Fail> {
        let unknown = || Problem::not_found("unit.unknown").with("unit", code);
        let unit = store::units_by_code(self.tx, &[code.to_owned()])?.pop().ok_or_else(unknown)?;
        match units_own(self.tx, &self.ctx.reach, &[unit.id], day)?.is_empty() {
            true => Err(unknown().into()),
            false => Ok(unit),
        }
    }

    /// Units below one on a day, without itself.
    fn below(&mut self, unit: &Identity, on: Day) -> Result<Vec<Identity>, Fail> {
        let mut ids = Vec::new();
        if let Some(top) = standing::standing_on(self.tx, unit.id, on)? {
            let count = standing::subtree_count(self.tx, &top, on)?;
            let page =
                standing::subtree_page(self.tx, &top, on, "", count.clamp(1, i64::from(u32::MAX)) as u32)?;
            ids.extend(page.into_iter().skip(1).map(|standing: Standing| standing.unit));
        }
        Ok(store::units_by_id(self.tx, &ids)?)
    }

    fn edges(&mut self, unit: &Identity) -> Result<Vec<Edge>, Fail> {
        Ok(facts::edges_of(self.tx, &[unit.id], Day::from_number(i32::MIN))?)
    }

    fn create(&mut self, units: &[NewUnit]) -> Result<(), Fail> {
        let ctx = self.ctx;
        let told = &mut self.told;
        units_add(self.tx, ctx, units, &mut self.touched, |tx, units| {
            let actor = ctx.actor.to_string();
            let mut links = Vec::with_capacity(units.len());
            for (id, unit) in units {
                let body = serde_json::to_vec(unit).map_err(Problem::internal)?;
                let subject = format!("unit:{id}");
                let link = tx.journal(entry(ctx, "unit.create", &subject, None, body, &actor))?;
                told.push((link, unit.since));
                links.push(link);
            }
            Ok(links)
        })?;
        self.first_unit(units)
    }

    /// The first unit at the top of the tree is the operation's.
    fn first_unit(&mut self, units: &[NewUnit]) -> Result<(), Fail> {
        let Some(top) = units.iter().find(|unit| unit.parent.is_none()) else { return Ok(()) };
        if operation_current(self.tx)?.is_none_or(|operation| operation.root_unit == 0) {
            let root_unit = self.born(&top.code)?.id;
            operation_set(self.tx, self.ctx, |operation| operation.root_unit = root_unit)?;
        }
        Ok(())
    }

    fn change(&mut self, unit: &Identity, day: Day, patch: &Patch) -> Result<(), Fail> {
        let all = facts::facts_of(self.tx, &[unit.id], Day::from_number(i32::MIN))?;
        let rows: Vec<_> = all.into_iter().map(|(_, row)| row).collect();
        let before = || Problem::conflict("unit.before_opening").with("unit", &*unit.code).with("day", day);
        let after = facts_changed(&rows, day, patch).map_err(|_| before())?;
        let after: Vec<_> = after.into_iter().map(|row| (unit.id, row)).collect();
        facts::facts_replace(self.tx, &[unit.id], Day::from_number(i32::MIN), &after)?;
        apply::classes_known(self.tx, patch.classes.iter().flatten())?;
        if patch.is_drawn() {
            self.touched.shallow.push(unit.id);
            self.touched.since(day);
        }
        let body = json!({ "day": day, "changes": patch });
        match patch.is_drawn() {
            true => self.tell(unit, "unit.change", day, &body),
            false => self.journal(unit, "unit.change", &body).map(drop),
        }
    }

    /// Puts a unit below another; nothing moves where it stands there.
    fn put(&mut self, unit: &Identity, day: Day, above: &Identity) -> Result<(), Fail> {
        let parent = above.id;
        let edges = self.edges(unit)?;
        if !edges.iter().any(|edge| edge.since <= day && day < edge.until && edge.parent == parent) {
            let ordinal = store::ordinals(self.tx, parent, 1)?;
            let before =
                || Problem::conflict("unit.before_opening").with("unit", &*unit.code).with("day", day);
            let after = edges_moved(&edges, day, parent, ordinal).map_err(|_| before())?;
            facts::edges_replace(self.tx, &[unit.id], Day::from_number(i32::MIN), &after)?;
            self.touched.deep.push(unit.id);
            self.touched.since(day);
        }
        self.tell(unit, "unit.move", day, &json!({ "day": day, "parent": &*above.code }))
    }

    fn close(&mut self, unit: &Identity, day: Day) -> Result<(), Fail> {
        let edges = self.edges(unit)?;
        let after = edges_closed(&edges, day).map_err(|why| match why {
            CannotClose::NotOpen => {
                let opens = edges.iter().any(|edge| edge.since == day);
                let code = if opens { "unit.opens_that_day" } else { "unit.not_open" };
                Problem::conflict(code).with("unit", &*unit.code).with("day", day).with("next", day.plus(1))
            }
            CannotClose::ChangesLater(later) => {
                Problem::conflict("unit.changes_later").with("unit", &*unit.code).with("day", later)
            }
        })?;
        facts::edges_replace(self.tx, &[unit.id], Day::from_number(i32::MIN), &after)?;
        self.touched.deep.push(unit.id);
        self.touched.since(day);
        Ok(())
    }

    /// Journals what was done to a unit, after what was done to it before.
    fn journal(&mut self, unit: &Identity, action: &'static str, body: &Value) -> Result<Link, Fail> {
        let subject = format!("unit:{}", unit.id);
        let body = serde_json::to_vec(body).map_err(Problem::internal)?;
        let actor = self.ctx.actor.to_string();
        let link = self.tx.journal(entry(self.ctx, action, &subject, unit.last, body, &actor))?;
        store::unit_last(self.tx, unit.id, link)?;
        Ok(link)
    }

    /// Journals what changes how units stand from a day on, and notes where.
    fn tell(&mut self, unit: &Identity, action: &'static str, day: Day, body: &Value) -> Result<(), Fail> {
        let link = self.journal(unit, action, body)?;
        self.told.push((link, day));
        Ok(())
    }

    /// Draws what was touched, and holds back reports that looked at the tree before.
    fn finish(self) -> Result<TreeChange, Fail> {
        let change = redraw(self.tx, &self.touched)?;
        tree_entries_add(self.tx, &self.told)?;
        self.tx.barrier()?;
        Ok(change)
    }
}

fn entry<'a>(
    ctx: &Ctx,
    action: &'static str,
    subject: &'a str,
    prev: Option<Link>,
    body: Vec<u8>,
    actor: &'a str,
) -> Entry<'a> {
    Entry { operation: ctx.operation, actor, action, subject, prev, request: None, body }
}
