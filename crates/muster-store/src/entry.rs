//! Entries of the journal: what stands in one, where it stands, and the hash that chains it to the one before. Pure.

use sha2::{Digest as _, Sha256};

/// Lanes on PostgreSQL; SQLite uses the first.
pub const LANES: i32 = 8;
/// The longest body of an entry in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Names how hashes of the journal are made: SHA-256 over the layout of [`chain`].
const SHA256_V1: u8 = 1;

/// What is to be journalled.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The operation it belongs to; 0 for the installation as a whole.
    pub operation: i64,
    /// Who did it: a reference such as `account:7`, never a name.
    pub actor: &'a str,
    /// The word for what was done, as in `report.file`.
    pub action: &'static str,
    /// What it was done to, as in `sheet:1:20200203`.
    pub subject: &'a str,
    /// The previous entry about the same subject; makes its history a linked list.
    pub prev: Option<Link>,
    /// A word for the request, such as the digest of its sender's id: never what somebody wrote.
    pub request: Option<&'a str>,
    /// What changed, in the action's own form; at most [`BODY_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The lane.
    pub lane: i32,
    /// The number in the lane, from 1.
    pub no: i64,
}

/// An entry as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The bucket; 1 on one machine.
    pub bucket: i32,
    /// Lane and number.
    pub link: Link,
    /// When, in ms UTC.
    pub at: i64,
    /// See [`Entry::actor`].
    pub actor: String,
    /// See [`Entry::operation`].
    pub operation: i64,
    /// See [`Entry::action`].
    pub action: String,
    /// See [`Entry::subject`].
    pub subject: String,
    /// See [`Entry::prev`].
    pub prev: Option<Link>,
    /// See [`Entry::request`].
    pub request: Option<String>,
    /// See [`Entry::body`].
    pub body: Vec<u8>,
    /// Algorithm id and hash over this entry and the hash before it.
    pub hash: Vec<u8>,
}

/// The end of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The bucket; 1 on one machine.
    pub bucket: i32,
    /// The lane.
    pub lane: i32,
    /// Number of the last entry; 0 when there is none.
    pub no: i64,
    /// Its hash with algorithm id; empty when there is none.
    pub hash: Vec<u8>,
    /// Counts the writes through the lane: unchanged, its rows are as whoever holds it left them.
    pub(crate) turn: i64,
    /// Differs from the row in `lane`.
    pub(crate) moved: bool,
}

/// Hash of an entry: SHA-256 over version, the hash before it, every column with its length, and
/// SHA-256 of the body. The first byte of the result is the algorithm id.
pub(crate) fn chain(before: &[u8], e: &Stored) -> Vec<u8> {
    let mut sha = Sha256::new_with_prefix([SHA256_V1]);
    let mut part = |bytes: &[u8]| {
        sha.update((bytes.len() as u64).to_le_bytes());
        sha.update(bytes);
    };
    part(before);
    for n in [i64::from(e.bucket), i64::from(e.link.lane), e.link.no, e.at, e.operation] {
        part(&n.to_le_bytes());
    }
    part(e.actor.as_bytes());
    part(e.action.as_bytes());
    part(e.subject.as_bytes());
    match e.prev {
        Some(prev) => {
            part(&prev.lane.to_le_bytes());
            part(&prev.no.to_le_bytes());
        }
        None => part(&[]),
    }
    match &e.request {
        Some(request) => {
            part(&[1]);
            part(request.as_bytes());
        }
        None => part(&[]),
    }
    part(&Sha256::digest(&e.body));
    let mut hash = Vec::with_capacity(33);
    hash.push(SHA256_V1);
    hash.extend_from_slice(&sha.finalize());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_covers_every_part_and_the_hash_before() {
        let entry = Stored {
            bucket: 1,
            link: Link { lane: 2, no: 3 },
            at: 4,
            actor: "account:5".into(),
            operation: 6,
            action: "test.do".into(),
            subject: "sheet:7".into(),
            prev: Some(Link { lane: 0, no: 2 }),
            request: None,
            body: vec![8],
            hash: Vec::new(),
        };
        let changed: [fn(&mut Stored); 13] = [
            |e| e.bucket = 2,
            |e| e.link.lane = 3,
            |e| e.link.no = 4,
            |e| e.at = 5,
            |e| e.actor.push('1'),
            |e| e.operation = 7,
            |e| e.action.push('1'),
            |e| e.subject.push('1'),
            |e| e.prev = None,
            |e| e.prev = Some(Link { lane: 1, no: 2 }),
            |e| e.prev = Some(Link { lane: 0, no: 1 }),
            |e| e.request = Some(String::new()),
            |e| e.body.push(9),
        ];
        let mut hashes = vec![chain(b"before", &entry), chain(b"", &entry), chain(b"other", &entry)];
        for change in changed {
            let mut other = entry.clone();
            change(&mut other);
            hashes.push(chain(b"before", &other));
        }
        let all = hashes.len();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
        assert!(hashes.iter().all(|hash| hash.len() == 33 && hash[0] == SHA256_V1));
    }
}
