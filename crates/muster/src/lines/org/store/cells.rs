//! Cells of the tree's rows that more than one table has.

use jiff::tz::TimeZone;
use muster_kernel::{Day, varint};
use muster_store::{Result, Row, StoreError};

pub(super) fn day(row: &Row<'_>, column: usize) -> Result<Day> {
    Ok(Day::from_number(row.int32(column)?))
}

/// A time zone by the name that a row has.
pub(super) fn zone_named(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| StoreError::Corrupt(format!("a time zone: {name}")))
}

pub(super) fn unpacked(mut bytes: &[u8]) -> Result<Vec<i64>> {
    let mut ids = Vec::with_capacity(bytes.len() / 2 + 1);
    while !bytes.is_empty() {
        let id = varint::take_u64(&mut bytes).and_then(|id| i64::try_from(id).ok());
        ids.push(id.ok_or_else(|| StoreError::Corrupt("ids of a standing".into()))?);
    }
    Ok(ids)
}
