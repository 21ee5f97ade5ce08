//! What the rules of forms make of a sheet: what they compute in it, and what they refuse, ask and tell.

use super::{Filing, SheetKey, Standings, Work, growing_elements};
use crate::lines::reporting::book::Book;
use crate::lines::reporting::check::{Checked, of_element};
use crate::lines::reporting::model::{ActKind, Sheet, Values};
use crate::lines::reporting::rules::Judged;
use crate::lines::reporting::store;
use muster_kernel::{Day, Finding};
use muster_store::{StoreError, Tx};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Numbers of the day before, by the sheet they stand on.
pub(super) type Yesterday = HashMap<SheetKey, Values>;

/// Reads the day before of the units whose report is compared with it: those that say something that only grows, or whose
/// form has rules that ask for it. In a few steps for a whole batch.
pub(super) fn yesterday_read(
    tx: &mut Tx<'_>,
    operation: i64,
    book: &Book,
    filings: &[Filing],
    standings: &Standings,
) -> Result<Yesterday, StoreError> {
    let mut wanted: BTreeMap<(i64, Day, i64), BTreeSet<i64>> = BTreeMap::new();
    for (Filing { draft, .. }, called) in filings.iter().zip(standings) {
        let Ok(called) = called else { continue };
        let by_rules = || book.rules(draft.form, draft.day).is_some_and(|rules| rules.asks_yesterday());
        if growing_elements(book, draft).next().is_some() || by_rules() {
            let before = (called.standing.bucket, draft.day.before(), draft.slot);
            wanted.entry(before).or_default().insert(called.standing.unit);
        }
    }
    let mut yesterday = Yesterday::new();
    for ((bucket, day, slot), units) in wanted {
        let units: Vec<i64> = units.into_iter().collect();
        for (unit, scope, sheet) in store::sheets_read(tx, book, operation, bucket, day, slot, &units)? {
            yesterday.insert(SheetKey { bucket, operation, day, slot, unit, scope }, sheet.values);
        }
    }
    Ok(yesterday)
}

impl Work<'_> {
    /// What the same sheet says of the day before: in this batch, or in the table.
    fn before(&self, key: &SheetKey) -> Option<&Values> {
        let yesterday = SheetKey { day: key.day.before(), ..*key };
        let in_batch = self.sheets.get(&yesterday).map(|open| &open.sheet.values);
        in_batch.or_else(|| self.yesterday.get(&yesterday))
    }

    /// Computes what the forms of a sheet compute, and judges it by the rules of the form that is filed.
    /// Beside what the rules say, why what is computed keeps the report out.
    pub(super) fn ruled(&self, key: &SheetKey, after: &mut Sheet, draft: &Checked) -> (Vec<Finding>, Judged) {
        let before = self.before(key);
        let mut refused = Vec::new();
        for at in 0..after.acts.len() {
            let form = after.acts[at].form;
            let Some(rules) = self.book.rules(form, draft.day) else { continue };
            // A zero speaks of its own form's events alone.
            let act = if form == draft.form { draft.act } else { ActKind::Values };
            let of = (draft.day, act);
            refused.extend(rules.compute(of, &mut after.values, before, &draft.values));
        }
        let rules = self.book.rules(draft.form, draft.day);
        (refused, rules.map(|rules| rules.judge(&after.values, before)).unwrap_or_default())
    }

    /// Elements that only grow, and fell since the day before: taken in, and said. Where the form has a rule for it, that
    /// says what follows.
    pub(super) fn falls(&self, key: &SheetKey, draft: &Checked) -> Vec<Finding> {
        let Some(before) = self.before(key) else { return Vec::new() };
        let rules = self.book.rules(draft.form, draft.day);
        let minded = |element: i64| rules.is_some_and(|rules| rules.minds_fall_of(element));
        let growing = growing_elements(&self.book, draft).filter(|(element, _)| !minded(element.id));
        let fell = growing.filter_map(|(element, value)| {
            let was = *before.get(&element.id)?;
            (value < was).then(|| {
                let finding = Finding::warn("value.falls").field(format!("values.{}", element.code));
                of_element(finding, element).with("before", was).with("after", value)
            })
        });
        fell.collect()
    }
}

/// What of the reasons that rules ask was given: each that was is told, those that were not are returned. A report that has a
/// reason of its own gives it for all of them.
pub(super) fn answered(
    draft: &Checked,
    asked: Vec<(i64, Finding)>,
    told: &mut Vec<Finding>,
) -> (BTreeMap<i64, String>, Vec<Finding>) {
    let (mut remarks, mut missing) = (draft.remarks.clone(), Vec::new());
    for (element, finding) in asked {
        let given = remarks.get(&element).or(draft.reason.as_ref()).cloned();
        match given {
            Some(given) => {
                remarks.insert(element, given);
                told.push(Finding {
                    code: "rule.reason_given".to_owned(),
                    severity: muster_kernel::Severity::Note,
                    ..finding
                });
            }
            None => missing.push(finding),
        }
    }
    (remarks, missing)
}
