//! What the roll reads: how units stand, and the time zones they have of their own.

use super::LIST_MAX;
use super::cells::{day, zone_named};
use super::standing::Reader;
use crate::lines::org::Called;
use muster_kernel::Day;
use muster_store::{Ask, Result, Rows, Stmt, args};
use std::collections::{BTreeMap, BTreeSet};

const CALLED: Stmt = Stmt::new(
    "org.called_by_code",
    "select st.unit, u.code, st.bucket, st.since, st.until, st.parent, st.path, st.chain, st.kind, st.place, st.classes,
         f.since, f.until, f.time_zone
     from unit u join standing st on st.unit = u.id and st.since <= $2 and st.until > $2
     join unit_facts f on f.unit = u.id and f.since <= $2 and f.until > $2
     where u.code {in:$1} order by u.code",
);
pub(super) const STATEMENTS: &[Stmt] = &[CALLED];

/// The questions of [`called_by_code`] for some days, to be sent ahead.
pub(in crate::lines::org) fn called_asks(by_day: &BTreeMap<Day, BTreeSet<&str>>) -> Vec<Ask> {
    let asks = by_day.iter().flat_map(|(day, codes)| listed(codes).into_iter().map(move |list| (day, list)));
    asks.map(|(day, list)| Ask::new(CALLED, args![list, day.number()])).collect()
}

/// How the units of some codes stand on a day, and their own time zones, both for as long as both hold.
pub(in crate::lines::org) fn called_by_code(
    rows: &mut impl Rows,
    codes: &BTreeSet<&str>,
    on: Day,
) -> Result<Vec<Called>> {
    let (mut read, mut called) = (Reader::default(), Vec::with_capacity(codes.len()));
    for list in listed(codes) {
        rows.each(&CALLED, args![list, on.number()], |row| {
            let mut standing = read.standing(row)?;
            standing.since = standing.since.max(day(row, 11)?);
            standing.until = standing.until.min(day(row, 12)?);
            let zone = Some(row.text(13)?).filter(|name| !name.is_empty()).map(zone_named).transpose()?;
            called.push(Called { standing, zone });
            Ok(())
        })?;
    }
    Ok(called)
}

fn listed(codes: &BTreeSet<&str>) -> Vec<Vec<String>> {
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    codes.chunks(LIST_MAX).map(<[String]>::to_vec).collect()
}
