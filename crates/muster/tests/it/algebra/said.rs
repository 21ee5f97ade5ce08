//! The naive picture of what was reported.

use muster::lines::reporting::{ActKind, Assignment, Filing, Scope};
use muster_kernel::Day;
use std::collections::BTreeMap;

/// What somebody who kept a list of all that was taken in would know.
#[derive(Clone, Default)]
pub(super) struct Said(BTreeMap<(String, Day, i64, Scope), Sheet>);

#[derive(Clone, Default)]
struct Sheet {
    values: BTreeMap<i64, i64>,
    /// By form: zero, on time.
    acts: BTreeMap<i64, (bool, bool)>,
}

impl Said {
    pub(super) fn hear(&mut self, filing: &Filing, on_time: bool) {
        let draft = &filing.draft;
        let sheet = self.0.entry((draft.unit.clone(), draft.day, draft.slot, draft.scope)).or_default();
        sheet.values.retain(|id, _| !draft.unsaid.contains(id));
        sheet.values.extend(&draft.values);
        let zero = draft.act == ActKind::Zero;
        sheet.acts.entry(draft.form).and_modify(|act| act.0 = zero).or_insert((zero, on_time));
    }

    pub(super) fn act(&self, unit: &str, on: Day, slot: i64, form: i64) -> Option<(bool, bool)> {
        let act = |scope| self.0.get(&(unit.to_owned(), on, slot, scope))?.acts.get(&form).copied();
        act(Scope::Alone).or_else(|| act(Scope::Below))
    }

    /// Adds what a unit said to a total, place by place.
    pub(super) fn add(&self, total: &mut Vec<i64>, series: &Assignment, unit: &str, on: Day, slot: i64) {
        total.resize(3 + 2 * series.layout.len(), 0);
        if let Some((zero, on_time)) = self.act(unit, on, slot, series.form) {
            total[0] += 1;
            total[1] += i64::from(on_time);
            total[2] += i64::from(zero);
        }
        let Some(sheet) = self.0.get(&(unit.to_owned(), on, slot, Scope::Alone)) else { return };
        for (place, element) in series.layout.iter().enumerate() {
            if let Some(value) = sheet.values.get(element) {
                total[3 + 2 * place] += value;
                total[4 + 2 * place] += 1;
            }
        }
    }
}

/// A total without the places at its end that hold nothing.
pub(super) fn trimmed(mut total: Vec<i64>) -> Vec<i64> {
    while total.last() == Some(&0) {
        total.pop();
    }
    total
}
