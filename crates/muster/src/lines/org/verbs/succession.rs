//! Merge and split: units end, others go on; the past stays where it was.

use super::{Tree, of_parent};
use crate::lines::org::check::NewUnit;
use crate::lines::org::model::{Facts, Succession, SuccessionKind, TreeChange};
use crate::lines::org::store::{self, Identity, facts, standing};
use crate::{Ctx, Fail};
use muster_kernel::{Day, Finding, Problem};
use muster_store::Tx;
use serde_json::json;
use std::collections::BTreeMap;

/// Findings of one refusal at most.
const FINDINGS_MAX: usize = 100;

/// Units become part of another from a day on: what is right below them moves below it, and they close.
pub fn unit_merge(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    from: &[String],
    into: &str,
    day: Day,
) -> Result<TreeChange, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let into = tree.unit(into, day).map_err(|fail| of_parent(fail, "into"))?;
    for unit in tree.merging(from, &into, day)? {
        for child in tree.children(&unit, day)? {
            tree.put(&child, day, &into)?;
        }
        tree.close(&unit, day)?;
        tree.succeeds(&unit, &into, day, SuccessionKind::Merge)?;
        tree.tell(&unit, "unit.merge", day, &json!({ "day": day, "into": &*into.code }))?;
    }
    tree.journal(&into, "unit.merge", &json!({ "day": day, "from": from }))?;
    tree.finish()
}

/// A unit becomes several new ones from a day on. Each unit right below it goes below the one it is given to (child
/// code → new code); the unit closes when none is left.
pub fn unit_split(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    code: &str,
    day: Day,
    into: &[NewUnit],
    given: &BTreeMap<String, String>,
) -> Result<TreeChange, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let unit = tree.unit(code, day)?;
    let not_open = || Problem::conflict("unit.not_open").with("unit", code).with("day", day);
    let on = standing::standing_on(tree.tx, unit.id, day)?.ok_or_else(not_open)?;
    // The new units stand where the old one stood, and are of its place, classes and time zone where they do not say.
    let old =
        facts::facts_on(tree.tx, &[unit.id], day)?.pop().map(|(_, dated)| dated.facts).unwrap_or_default();
    let said = |facts: &Facts| {
        let mut facts = facts.clone();
        facts.place = facts.place.or(old.place);
        if facts.classes.is_empty() {
            facts.classes.clone_from(&old.classes);
        }
        if facts.time_zone.is_empty() {
            facts.time_zone.clone_from(&old.time_zone);
        }
        facts
    };
    let parent = store::units_by_id(tree.tx, &[on.parent])?.pop().map(|parent| parent.code.to_string());
    let into: Vec<NewUnit> = into
        .iter()
        .map(|new| NewUnit { parent: parent.clone(), since: day, facts: said(&new.facts), ..new.clone() })
        .collect();
    tree.create(&into)?;
    let mut left = 0;
    let children = tree.children(&unit, day)?;
    tree.giving(&unit, day, &children, &into, given)?;
    for child in children {
        match given.get(&*child.code) {
            Some(to) => {
                let to = tree.born(to)?;
                tree.put(&child, day, &to)?;
            }
            None => left += 1,
        }
    }
    if left == 0 {
        tree.close(&unit, day)?;
    }
    for new in &into {
        let new = tree.born(&new.code)?;
        tree.succeeds(&unit, &new, day, SuccessionKind::Split)?;
    }
    let codes: Vec<&str> = into.iter().map(|new| new.code.as_str()).collect();
    let body = json!({ "day": day, "into": codes, "given": given, "closed": left == 0 });
    tree.tell(&unit, "unit.split", day, &body)?;
    tree.finish()
}

/// Refuses where something that a merge or a split names does not fit; what is not the actor's to know is not found.
fn succeeding(mut findings: Vec<Finding>) -> Result<(), Fail> {
    findings.truncate(FINDINGS_MAX);
    let unknown = findings.iter().find(|finding| finding.code == "unit.unknown");
    let problem = match (unknown, findings.is_empty()) {
        (_, true) => return Ok(()),
        (Some(finding), _) => {
            let unit = finding.args.get("unit").cloned().unwrap_or_default();
            Problem::not_found("unit.unknown").with("unit", unit)
        }
        (None, _) => Problem::invalid("unit.succession"),
    };
    Err(problem.findings(findings).into())
}

impl Tree<'_, '_> {
    /// A unit of this very transaction: not yet drawn, so that reach cannot be asked of it.
    pub(super) fn born(&mut self, code: &str) -> Result<Identity, Fail> {
        let unknown = || Problem::not_found("unit.unknown").with("unit", code);
        Ok(store::units_by_code(self.tx, &[code.to_owned()])?.pop().ok_or_else(unknown)?)
    }

    /// Refuses to give away what is not right below the unit that is split, or to one that is not among the new: each of
    /// them told, at `given.CODE`.
    fn giving(
        &mut self,
        unit: &Identity,
        day: Day,
        children: &[Identity],
        into: &[NewUnit],
        given: &BTreeMap<String, String>,
    ) -> Result<(), Fail> {
        let mut findings = Vec::new();
        for (code, to) in given {
            let at = format!("given.{code}");
            if !children.iter().any(|child| *child.code == **code) {
                let elsewhere = Finding::refuse("unit.split_not_below").with("unit", code);
                let elsewhere = elsewhere.with("split", &*unit.code).with("day", day);
                findings.push(self.named(code, day)?.err().unwrap_or(elsewhere).field(&at));
            }
            if !into.iter().any(|new| new.code == *to) {
                let new: Vec<&str> = into.iter().map(|new| new.code.as_str()).collect();
                let finding = Finding::refuse("unit.split_not_new").with("to", to);
                findings.push(finding.with("new", new.join(", ")).field(&at));
            }
        }
        succeeding(findings)
    }

    /// The units of a merge; refuses what is not there on the day, what is named twice, and a unit that would become part of
    /// itself: each of them told, at `from[0]` or `into`.
    fn merging(&mut self, from: &[String], into: &Identity, day: Day) -> Result<Vec<Identity>, Fail> {
        let (mut units, mut findings) = (Vec::with_capacity(from.len()), Vec::new());
        findings.extend(self.named(&into.code, day)?.err().map(|finding| finding.field("into")));
        for (at, code) in from.iter().enumerate() {
            let finding = match self.named(code, day)? {
                Ok(unit) if unit.id == into.id => {
                    Finding::refuse("unit.merge_into_itself").with("unit", code)
                }
                Ok(_) if from[..at].contains(code) => Finding::refuse("unit.merge_twice").with("unit", code),
                Ok(unit) => {
                    units.push(unit);
                    continue;
                }
                Err(finding) => finding,
            };
            findings.push(finding.field(format!("from[{at}]")));
        }
        succeeding(findings).map(|()| units)
    }

    /// A unit that is the actor's to change and open on a day, or why it is none.
    fn named(&mut self, code: &str, day: Day) -> Result<Result<Identity, Finding>, Fail> {
        let refused = |word: &str| Ok(Err(Finding::refuse(word).with("unit", code).with("day", day)));
        match self.unit(code, day) {
            Ok(unit) if standing::standing_on(self.tx, unit.id, day)?.is_some() => Ok(Ok(unit)),
            Ok(_) => refused("unit.not_open"),
            Err(Fail::Problem(Problem { code: "unit.unknown", .. })) => refused("unit.unknown"),
            Err(other) => Err(other),
        }
    }

    /// Units right below one from a day on, as the facts say.
    fn children(&mut self, unit: &Identity, day: Day) -> Result<Vec<Identity>, Fail> {
        let mut edges = facts::edges_below(self.tx, &[unit.id], day)?;
        edges.sort_by_key(|edge| (edge.unit, edge.since));
        if let Some(later) = edges.iter().find(|edge| edge.since > day) {
            let code = store::units_by_id(self.tx, &[later.unit])?.pop().map(|unit| unit.code.to_string());
            let problem = Problem::conflict("unit.changes_later").with("unit", code.unwrap_or_default());
            return Err(problem.with("day", later.since).into());
        }
        let ids: Vec<i64> = edges.into_iter().map(|edge| edge.unit).collect();
        Ok(store::units_by_id(self.tx, &ids)?)
    }

    fn succeeds(
        &mut self,
        from: &Identity,
        to: &Identity,
        day: Day,
        kind: SuccessionKind,
    ) -> Result<(), Fail> {
        let succession = Succession { from: from.id, to: to.id, day, kind };
        Ok(facts::succession_add(self.tx, &succession)?)
    }
}
