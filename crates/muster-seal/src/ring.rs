//! The ring of master keys, and the text of the file that it is kept in.

use crate::{KEY_BYTES, Key, KeyId, SealError};
use rand_core::TryCryptoRng;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// The first line of a key file.
const HEAD: &str = "muster keys 1";
/// Keys that a ring holds at most: so many rotations, one at a time, can be under way or behind.
pub const MASTERS_MAX: usize = 32;

/// A master key and when it was made.
#[derive(Clone, Debug)]
pub struct Master {
    /// The key.
    pub key: Key,
    /// When it was made: milliseconds since 1970-01-01 UTC.
    pub made_ms: i64,
}

/// Master keys, the newest first: that one seals, all of them open.
#[derive(Clone, Debug)]
pub struct Ring(Vec<Master>);

/// What is wrong with the text of a key file. Says where, never what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// It does not begin as a key file does.
    #[error("not a key file")]
    Head,
    /// A line is not an id, a time and a key.
    #[error("line {0} is not a key")]
    Line(usize),
    /// The key of a line is not the one whose id stands before it.
    #[error("the key of line {0} is not the one its id names")]
    Id(usize),
    /// A key stands there twice.
    #[error("the key of line {0} stands there twice")]
    Twice(usize),
    /// There is no key, or there are too many.
    #[error("no key, or more than {MASTERS_MAX}")]
    Count,
}

impl Ring {
    /// A ring of one new key.
    ///
    /// # Errors
    /// [`SealError::Random`].
    pub fn new<R: TryCryptoRng + ?Sized>(made_ms: i64, rng: &mut R) -> Result<Self, SealError> {
        Ok(Self(vec![Master { key: Key::new(rng)?, made_ms }]))
    }
    /// The same with a new key before all others.
    ///
    /// # Errors
    /// [`SealError::Full`], [`SealError::Random`].
    pub fn rotated<R: TryCryptoRng + ?Sized>(&self, made_ms: i64, rng: &mut R) -> Result<Self, SealError> {
        // None is dropped to make room: it may still be the only one that opens something.
        if self.0.len() >= MASTERS_MAX {
            return Err(SealError::Full);
        }
        let mut keys = vec![Master { key: Key::new(rng)?, made_ms }];
        keys.extend(self.0.iter().cloned());
        Ok(Self(keys))
    }
    /// The key that seals.
    pub fn newest(&self) -> &Key {
        &self.0[0].key
    }
    /// All keys, the newest first.
    pub fn masters(&self) -> &[Master] {
        &self.0
    }
    /// The key of an id.
    pub fn key(&self, id: KeyId) -> Option<&Key> {
        self.0.iter().map(|master| &master.key).find(|key| key.id() == id)
    }
    /// Reads the text of a key file.
    ///
    /// # Errors
    /// See [`RingError`].
    pub fn read(text: &str) -> Result<Self, RingError> {
        let mut lines = text.lines().enumerate();
        if lines.next().is_none_or(|(_, line)| line != HEAD) {
            return Err(RingError::Head);
        }
        let mut keys: Vec<Master> = Vec::new();
        for (at, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let no = at + 1;
            let mut words = line.split(' ');
            let parts = (words.next(), words.next(), words.next(), words.next());
            let (Some(id), Some(made_ms), Some(key), None) = parts else { return Err(RingError::Line(no)) };
            let made_ms = made_ms.parse().map_err(|_| RingError::Line(no))?;
            let mut bytes = Zeroizing::new([0; KEY_BYTES]);
            hex::decode_to_slice(key, &mut *bytes).map_err(|_| RingError::Line(no))?;
            let key = Key::of(bytes);
            if key.id().to_string() != id {
                return Err(RingError::Id(no));
            }
            if keys.iter().any(|known| known.key.id() == key.id()) {
                return Err(RingError::Twice(no));
            }
            keys.push(Master { key, made_ms });
        }
        match keys.len() {
            1..=MASTERS_MAX => Ok(Self(keys)),
            _ => Err(RingError::Count),
        }
    }
    /// The text of the key file: for that file and nothing else. Wiped when it goes.
    pub fn write(&self) -> Zeroizing<String> {
        // As long as it will be, so that no part of it stays behind where it had to grow.
        let mut text = Zeroizing::new(String::with_capacity(512 + self.0.len() * 128));
        text.push_str(HEAD);
        text.push_str(
            "\n# Whoever has this file and the database reads what is sealed. Without it nobody does.\n",
        );
        for Master { key, made_ms } in &self.0 {
            let mut bytes = Zeroizing::new([0_u8; KEY_BYTES * 2]);
            let encoded = hex::encode_to_slice(key.bytes(), &mut *bytes);
            debug_assert!(encoded.is_ok());
            let _ = write!(text, "{} {made_ms} ", key.id());
            text.extend(bytes.iter().map(|byte| char::from(*byte)));
            text.push('\n');
        }
        text
    }
}
