//! How a figure changed in the units that say it on two days. The two totals alone do not tell: each is of those who said
//! it on its day.

use super::query::Query;
use super::rollup::Total;
use super::store::Want;
use crate::lines::org::Standing;
use muster_kernel::Day;
use muster_store::{Rows, StoreError};
use std::collections::HashMap;

/// What the units that say an element on both of two days come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SameUnits {
    /// How many they are.
    pub units: i64,
    /// The sum of the later day less that of the earlier, as it is stored.
    pub change: i64,
}

impl Query<'_> {
    /// By position of the layout, the change from one day to a later one in the units that say the element on both, by
    /// their own sheets; nothing where the form is not asked there on one of them. All sheets of both days are read, as
    /// two ranges: for nodes with so many units below that this may be done.
    pub fn same_units(
        &self,
        rows: &mut impl Rows,
        (earlier, later): ((Day, &Standing), (Day, &Standing)),
    ) -> Result<Vec<SameUnits>, StoreError> {
        let mut spans = Vec::with_capacity(2);
        for (day, node) in [earlier, later] {
            let Some(span) = self.on(day).span(rows, node)? else { return Ok(Vec::new()) };
            spans.push((day, span));
        }
        let mut same = vec![SameUnits::default(); self.series.layout.len()];
        let (mut first, mut fits) = (HashMap::new(), Vec::new());
        self.each_below(rows, Want::Values, &spans, |at, member, sheet| {
            let Some(sheet) = sheet else { return Ok(()) };
            let mut total = Total::default();
            self.add(&mut total, &mut fits, Some(sheet), None)?;
            // The days come in no order.
            let Some(other) = first.remove(&member.unit) else {
                first.insert(member.unit, total);
                return Ok(());
            };
            let (before, after) = if at == 0 { (&total, &other) } else { (&other, &total) };
            for (position, same) in same.iter_mut().enumerate() {
                let (before, after) = (before.element(position), after.element(position));
                if before.said > 0 && after.said > 0 {
                    same.units += 1;
                    same.change += after.sum - before.sum;
                }
            }
            Ok(())
        })?;
        Ok(same)
    }
}
