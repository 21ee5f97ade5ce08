//! The origins of a frozen brief: which revision of which sheet is in its figures, packed in few bytes and hashed, and
//! found again by unit. Kept for the day and for the day before, which stands beside it in every table; the days of
//! the chart are held by the cut, the heads of the journal.

use super::model::{Chunk, Key};
use super::store;
use crate::lines::reporting::{Origin, Scope};
use muster_kernel::varint::{put_i64, put_u64, take_i64, take_u64};
use muster_kernel::{Day, Digest};
use muster_store::{Link, Rows, StoreError};

/// First byte of every chunk; another layout of bytes takes another number.
const VERSION: u8 = 1;
/// Origins of one chunk: what is read to find one unit.
const CHUNK: usize = 4096;

/// The origins of a period as chunks.
pub(super) fn chunks(period: Day, mut origins: Vec<Origin>) -> Vec<Chunk> {
    origins.sort_unstable();
    let chunks = origins.chunks(CHUNK).filter_map(|some| Some((some.first()?.unit, pack(some))));
    chunks.map(|(unit, packed)| Chunk { period, unit, packed }).collect()
}

/// The digest of chunks, in order.
pub(super) fn digest(chunks: &[Chunk]) -> Digest {
    let mut all = Vec::new();
    for chunk in chunks {
        put_i64(&mut all, i64::from(chunk.period.number()));
        all.extend_from_slice(Digest::of(&chunk.packed).bytes());
    }
    Digest::of(&all)
}

fn pack(origins: &[Origin]) -> Vec<u8> {
    let mut out = Vec::with_capacity(origins.len() * 8 + 8);
    out.push(VERSION);
    put_u64(&mut out, origins.len() as u64);
    let mut before = 0;
    for origin in origins {
        put_i64(&mut out, origin.unit.wrapping_sub(before));
        before = origin.unit;
        put_i64(&mut out, origin.scope.number());
        put_i64(&mut out, origin.rev);
        put_i64(&mut out, i64::from(origin.link.lane));
        put_i64(&mut out, origin.link.no);
    }
    out
}

/// Reads packed origins; `None` when the bytes are not what [`pack`] writes.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<Origin>> {
    let (&VERSION, mut bytes) = bytes.split_first()? else { return None };
    let bytes = &mut bytes;
    let count = usize::try_from(take_u64(bytes)?).ok().filter(|&count| count <= CHUNK)?;
    let mut origins = Vec::with_capacity(count);
    let mut unit = 0i64;
    for _ in 0..count {
        unit = unit.wrapping_add(take_i64(bytes)?);
        let scope = Scope::from_number(take_i64(bytes)?);
        let rev = take_i64(bytes)?;
        let lane = i32::try_from(take_i64(bytes)?).ok()?;
        origins.push(Origin { unit, scope, rev, link: Link { lane, no: take_i64(bytes)? } });
    }
    bytes.is_empty().then_some(origins)
}

/// Whether a chunk stands under its first unit, by which it is found.
pub(super) fn is_found(chunk: &Chunk) -> bool {
    unpack(&chunk.packed).is_some_and(|origins| origins.first().is_some_and(|first| first.unit == chunk.unit))
}

/// An origin with the day of its sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The day of the sheet.
    pub period: Day,
    /// Which revision.
    pub origin: Origin,
}

/// The origins of one unit in a frozen brief: the day's first, then those of the day before.
pub fn listed(rows: &mut impl Rows, key: &Key, unit: i64) -> Result<Vec<Listed>, StoreError> {
    let mut all = Vec::new();
    for period in [key.day, key.day.before()] {
        let Some(chunk) = store::origin_chunk(rows, key, period, unit)? else { continue };
        let origins = unpack(&chunk).ok_or_else(corrupt)?;
        let own = origins.into_iter().filter(|origin| origin.unit == unit);
        all.extend(own.map(|origin| Listed { period, origin }));
    }
    Ok(all)
}

/// All origins of the day itself, in the order of their units.
pub(super) fn of_day(rows: &mut impl Rows, key: &Key) -> Result<Vec<Origin>, StoreError> {
    let mut all = Vec::new();
    for chunk in store::origin_chunks(rows, key)?.iter().filter(|chunk| chunk.period == key.day) {
        all.extend(unpack(&chunk.packed).ok_or_else(corrupt)?);
    }
    Ok(all)
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("the origins of a brief".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn origin(unit: i64) -> Origin {
        Origin { unit, scope: Scope::Alone, rev: 1, link: Link { lane: 0, no: unit * 3 } }
    }

    #[test]
    fn many_are_parted_and_a_unit_is_in_one_part() {
        let day = Day::from_number(18_295);
        let parts = chunks(day, (1..=10_000).rev().map(origin).collect());
        assert_eq!(parts.iter().map(|part| part.unit).collect::<Vec<_>>(), [1, 4097, 8193]);
        assert!(parts[0].packed.len() < CHUNK * 10, "{}", parts[0].packed.len());
        let mut changed = parts.clone();
        assert_eq!(digest(&parts), digest(&changed));
        *changed[1].packed.last_mut().unwrap() ^= 1;
        assert_ne!(digest(&parts), digest(&changed));
    }

    proptest! {
        #[test]
        fn origins_come_back(units in prop::collection::btree_set(any::<i64>(), 0..40), rev in 1i64..99, lane in 0i32..8) {
            let all: Vec<Origin> = units.into_iter().map(|unit| Origin { rev, link: Link { lane, no: rev * 7 }, ..origin(unit / 4) }).collect();
            prop_assert_eq!(unpack(&pack(&all)), Some(all));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let _ = unpack(&bytes);
        }
    }
}
