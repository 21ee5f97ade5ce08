//! Which sheets a batch of reports is about.

use super::Filing;
use crate::lines::org::Called;
use crate::lines::reporting::store;
use muster_kernel::Day;
use muster_store::Ask;
use std::collections::BTreeMap;

/// Units whose sheets a batch is about, ascending, by bucket, day and slot.
pub(super) type SheetsWanted = BTreeMap<(i64, Day, i64), Vec<i64>>;

pub(super) fn sheets_wanted<'c>(
    filings: &[Filing],
    called: impl Iterator<Item = Option<&'c Called>>,
) -> SheetsWanted {
    let mut wanted: BTreeMap<(i64, Day, i64), Vec<i64>> = BTreeMap::new();
    for (Filing { draft, .. }, called) in filings.iter().zip(called) {
        let Some(Called { standing, .. }) = called else { continue };
        wanted.entry((standing.bucket, draft.day, draft.slot)).or_default().push(standing.unit);
    }
    for units in wanted.values_mut() {
        units.sort_unstable();
        units.dedup();
    }
    wanted
}

/// The questions by which they are locked, to be sent ahead.
pub(super) fn sheets_asks(wanted: &SheetsWanted, operation: i64) -> Vec<Ask> {
    wanted.iter().map(|(key, units)| store::sheets_ask(operation, *key, units)).collect()
}
