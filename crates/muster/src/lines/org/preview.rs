//! What a change of the tree would come to on its first day, told before it is done.

use super::model::{Standing, TreeChange};
use super::store::labels::labels;
use crate::lines::operation::Names;
use muster_kernel::Day;
use muster_store::{Result, Rows};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Units that a preview names; it counts all.
const NAMED_MAX: usize = 20;

/// What becomes of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// It is open, and was not.
    Opened,
    /// It is not open any more.
    Closed,
    /// It stands below another unit, with all that is below it.
    Moved,
    /// It stands below the same unit, which itself stands elsewhere.
    Carried,
    /// Its kind, its place or its classes are others.
    Changed,
    /// It stays as it is on the first day, and differs later.
    Later,
}

/// A unit's code and names.
pub type Label = (String, Names);

/// What a change of the tree would come to.
#[derive(Debug, Default)]
pub struct Preview {
    /// How many units become what.
    pub counts: BTreeMap<Becomes, usize>,
    /// The first of them: those that a word is about before those that are carried along.
    pub named: Vec<Foreseen>,
}

/// A unit in a preview.
#[derive(Debug)]
pub struct Foreseen {
    /// Which unit.
    pub unit: Label,
    /// What becomes of it.
    pub becomes: Becomes,
    /// The unit above it before; none at the top and where it was not open.
    pub from: Option<Label>,
    /// The unit above it after.
    pub to: Option<Label>,
}

/// What a change comes to on a day, its first; asked in the transaction that holds it.
pub fn preview(rows: &mut impl Rows, change: &TreeChange, day: Day) -> Result<Preview> {
    let mut units: BTreeMap<i64, (Option<&Standing>, Option<&Standing>)> = BTreeMap::new();
    let on = |row: &&Standing| row.since <= day && day < row.until;
    for row in change.gone.iter().chain(&change.came) {
        units.entry(row.unit).or_default();
    }
    for row in change.gone.iter().filter(on) {
        units.entry(row.unit).or_default().0 = Some(row);
    }
    for row in change.came.iter().filter(on) {
        units.entry(row.unit).or_default().1 = Some(row);
    }
    let mut found: Vec<_> = units
        .into_iter()
        .map(|(unit, (before, after))| (becomes(before, after), unit, before, after))
        .collect();
    found.sort_by_key(|(becomes, unit, ..)| (*becomes, *unit));
    let mut preview = Preview::default();
    for (becomes, ..) in &found {
        *preview.counts.entry(*becomes).or_default() += 1;
    }
    found.truncate(NAMED_MAX);
    let parent = |row: Option<&Standing>| row.map(|row| row.parent).filter(|parent| *parent != 0);
    let told =
        found.iter().flat_map(|(_, unit, before, after)| [Some(*unit), parent(*before), parent(*after)]);
    let told: Vec<i64> = told.flatten().collect();
    let names = labels(rows, &told, day)?;
    preview.named = found
        .into_iter()
        .filter_map(|(becomes, unit, before, after)| {
            let above = |row| parent(row).and_then(|parent| names.get(&parent).cloned());
            Some(Foreseen { unit: names.get(&unit)?.clone(), becomes, from: above(before), to: above(after) })
        })
        .collect();
    Ok(preview)
}

fn becomes(before: Option<&Standing>, after: Option<&Standing>) -> Becomes {
    match (before, after) {
        (None, None) => Becomes::Later,
        (None, Some(_)) => Becomes::Opened,
        (Some(_), None) => Becomes::Closed,
        (Some(before), Some(after)) if before.parent != after.parent => Becomes::Moved,
        (Some(before), Some(after)) if before.chain != after.chain => Becomes::Carried,
        (Some(before), Some(after)) => {
            let same =
                (&before.kind, before.place, &before.classes) == (&after.kind, after.place, &after.classes);
            if same { Becomes::Later } else { Becomes::Changed }
        }
    }
}
