//! How many people are behind a unit, by what it last said.

use super::below::{OfDays, Want};
use super::buckets;
use super::sheets::values_of;
use crate::lines::reporting::model::Class;
use crate::lines::reporting::query::Query;
use muster_kernel::Day;
use muster_store::{Ask, Rows, StoreError};
use std::collections::HashMap;

/// What units last said of their staff, in the week before a day: the largest of a report's counts of staff, whichever
/// stands first on the form; of nobody where the form counts none. Tells how many people are behind a report that is
/// missing.
pub(in crate::lines::reporting) fn last_staff(
    rows: &mut impl Rows,
    query: &Query<'_>,
    units: &[i64],
) -> Result<HashMap<i64, i64>, StoreError> {
    let heads = heads(query);
    let mut last = HashMap::with_capacity(units.len());
    if heads.is_empty() {
        return Ok(last);
    }
    // Nearly everybody said it yesterday.
    for days in staff_days(query.day, units.len()) {
        let mut unsaid: Vec<i64> = units.iter().copied().filter(|unit| !last.contains_key(unit)).collect();
        unsaid.sort_unstable();
        let mut said: HashMap<i64, (Day, i64)> = HashMap::new();
        for bucket in buckets(rows).into_iter().filter(|_| !unsaid.is_empty()) {
            let key = (query.operation, bucket, query.slot());
            OfDays { key, days: &days, units: &unsaid, want: Want::Values }.each(
                rows,
                |day, unit, sheet| {
                    let values = values_of(query.book, sheet.layout, sheet.vals)?;
                    if let Some(heads) = heads.iter().filter_map(|id| values.get(id).copied()).max() {
                        let latest = said.entry(unit).or_insert((day, heads));
                        *latest = (*latest).max((day, heads));
                    }
                    Ok(())
                },
            )?;
        }
        last.extend(said.into_iter().map(|(unit, (_, heads))| (unit, heads)));
    }
    Ok(last)
}

/// The first question of [`last_staff`], to be sent ahead.
pub(in crate::lines::reporting) fn staff_asks(
    rows: &impl Rows,
    query: &Query<'_>,
    units: &[i64],
) -> Vec<Ask> {
    let Some(days) = staff_days(query.day, units.len()).into_iter().next() else { return Vec::new() };
    if heads(query).is_empty() {
        return Vec::new();
    }
    let mut units = units.to_vec();
    units.sort_unstable();
    let asks = |bucket| {
        let key = (query.operation, bucket, query.slot());
        OfDays { key, days: &days, units: &units, want: Want::Values }.asks()
    };
    buckets(rows).into_iter().flat_map(asks).collect()
}

/// The form's elements that count staff, by id: `staff`, and those whose code begins with it (`staff_on_register` of the
/// ready-made form). Other people that a report counts, such as the sick, are not those behind it.
fn heads(query: &Query<'_>) -> Vec<i64> {
    let elements = query.form.items.iter().filter_map(|item| query.book.element_by_code(&item.element));
    let staff = |code: &str| code == "staff" || code.starts_with("staff_");
    let heads = elements.filter(|e| staff(&e.code) && e.class == Class::State && e.is_added());
    heads.map(|element| element.id).collect()
}

/// So few units are looked for on all days at once.
const FEW: usize = 16;

/// The days on which it is looked for, in the order in which that is done.
fn staff_days(day: Day, units: usize) -> Vec<Vec<Day>> {
    let before = |days: std::ops::RangeInclusive<i32>| days.map(|back| day.plus(-back)).collect();
    if units <= FEW { vec![before(1..=7)] } else { vec![before(1..=1), before(2..=7)] }
}
