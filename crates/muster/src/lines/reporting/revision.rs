//! What the journal holds of a report: the whole sheet as it was after it, packed, and only hashes of its words. From
//! these entries alone `muster verify --deep` and `muster rebuild` redraw every sheet and total.

use super::model::{Scope, SheetKey};
use muster_kernel::varint::{put_bytes, put_i64, put_u64, take_bytes, take_i64, take_u64};
use muster_kernel::{Day, Digest};

/// First byte of every body; another layout of bytes takes another number.
const VERSION: u8 = 1;

/// A sheet after one report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Which sheet; the operation stands in the entry itself.
    pub key: SheetKey,
    /// The revision that this report made, from 1.
    pub rev: i64,
    /// The form on which it was made.
    pub form: i64,
    /// Layout of the numbers.
    pub layout: i64,
    /// All numbers of the sheet after it, packed.
    pub vals: Vec<u8>,
    /// All acts of the sheet after it, packed.
    pub acts: Vec<u8>,
    /// Hashes of the words it said, by element; element 0 is the reason of a correction, and an element's number with the
    /// other sign the reason that a rule asked at it.
    pub words: Vec<(i64, [u8; 32])>,
}

impl Revision {
    /// To bytes.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.vals.len() + self.acts.len() + 24);
        out.push(VERSION);
        for number in [
            self.key.bucket,
            i64::from(self.key.day.number()),
            self.key.slot,
            self.key.unit,
            self.key.scope.number(),
            self.rev,
            self.form,
            self.layout,
        ] {
            put_i64(&mut out, number);
        }
        put_bytes(&mut out, &self.vals);
        put_bytes(&mut out, &self.acts);
        put_u64(&mut out, self.words.len() as u64);
        for (element, hash) in &self.words {
            put_i64(&mut out, *element);
            out.extend_from_slice(hash);
        }
        out
    }
    /// From bytes and the entry's operation; `None` when they are not what [`Revision::pack`] writes.
    pub fn unpack(operation: i64, bytes: &[u8]) -> Option<Self> {
        let (&VERSION, mut bytes) = bytes.split_first()? else { return None };
        let bytes = &mut bytes;
        let bucket = take_i64(bytes)?;
        let day = Day::from_number(i32::try_from(take_i64(bytes)?).ok()?);
        let (slot, unit) = (take_i64(bytes)?, take_i64(bytes)?);
        let scope = Scope::from_number(take_i64(bytes)?);
        let (rev, form, layout) = (take_i64(bytes)?, take_i64(bytes)?, take_i64(bytes)?);
        let vals = take_bytes(bytes)?.to_vec();
        let acts = take_bytes(bytes)?.to_vec();
        let mut words = Vec::new();
        for _ in 0..take_u64(bytes)? {
            let element = take_i64(bytes)?;
            let (hash, rest) = bytes.split_first_chunk::<32>()?;
            words.push((element, *hash));
            *bytes = rest;
        }
        let key = SheetKey { bucket, operation, day, slot, unit, scope };
        bytes.is_empty().then_some(Self { key, rev, form, layout, vals, acts, words })
    }
}

/// The hash of words, as the journal holds it.
pub fn words_hash(words: &str) -> [u8; 32] {
    *Digest::of(words.as_bytes()).bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_revision_comes_back(unit: i64, day in -10_000i32..40_000, rev in 1i64..99, vals: Vec<u8>, acts: Vec<u8>, words in prop::collection::vec((0i64..99, any::<[u8; 32]>()), 0..4)) {
            let key = SheetKey { bucket: 1, operation: 1, day: Day::from_number(day), slot: 720, unit, scope: Scope::Below };
            let revision = Revision { key, rev, form: 3, layout: 2, vals, acts, words };
            prop_assert_eq!(Revision::unpack(1, &revision.pack()), Some(revision));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let _ = Revision::unpack(1, &bytes);
        }
    }
}
