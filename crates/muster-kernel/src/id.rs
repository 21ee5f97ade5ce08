//! Ids that sort by time and carry the bucket of their home, so that a read by id goes to one shard.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A UUIDv8 (RFC 9562): 48 bits of milliseconds, 12 bits of bucket, 62 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(Uuid);

impl Id {
    /// The bucket of the unit at which it was made.
    pub fn bucket(self) -> u16 {
        let bytes = self.0.as_bytes();
        u16::from_be_bytes([bytes[6] & 0x0f, bytes[7]])
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl FromStr for Id {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::parse_str(text).map(Self)
    }
}

/// Where ids come from: chance, or a counter in a test.
#[derive(Clone, Debug)]
pub enum IdSource {
    /// The machine's randomness.
    Random,
    /// Counts from a start: every test run sees the same ids.
    Counting(Arc<AtomicU64>),
}

impl IdSource {
    /// A new id at a time (milliseconds) and a bucket (below 4096).
    #[expect(clippy::disallowed_methods, reason = "this is the source that everything else must ask")]
    pub fn next(&self, now_ms: i64, bucket: u16) -> Id {
        let chance = match self {
            Self::Random => *Uuid::new_v4().as_bytes(),
            Self::Counting(count) => u128::from(count.fetch_add(1, Ordering::Relaxed)).to_be_bytes(),
        };
        let mut bytes = chance;
        bytes[..6].copy_from_slice(&now_ms.to_be_bytes()[2..]);
        bytes[6..8].copy_from_slice(&(bucket & 0x0fff).to_be_bytes());
        Id(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_keep_their_bucket() {
        let early = IdSource::Random.next(1_580_712_420_000, 7);
        let late = IdSource::Random.next(1_580_712_420_001, 3);
        assert!(early < late);
        assert_eq!((early.bucket(), late.bucket()), (7, 3));
        assert_eq!(early.to_string().parse::<Id>().unwrap(), early);
    }
}
