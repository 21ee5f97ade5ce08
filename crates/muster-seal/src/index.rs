//! A blind index: the same value gives the same bytes, and from the bytes nobody without the master key tells the value.

use crate::{KEY_BYTES, Key};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of an index: short enough to be small, long enough that two values never meet.
pub const INDEX_BYTES: usize = 16;

/// What makes blind indexes of one purpose. Its key is derived from a master key and is good for nothing else.
pub struct Index(Hmac<Sha256>);

impl Index {
    /// Of a purpose (`duty_contact.phone`): the same value has another index for another purpose.
    pub fn new(master: &Key, purpose: &str) -> Self {
        // A block of the hash: HMAC fills up a shorter key with zeros, so this is the one of 32 bytes.
        let mut key = Zeroizing::new([0_u8; 64]);
        let from = Hkdf::<Sha256>::new(None, master.bytes());
        let info = [b"muster blind index 1:", purpose.as_bytes()].concat();
        // 32 bytes are one block of the hash, and the bound is 255 of them: it cannot be refused.
        let derived = from.expand(&info, &mut key[..KEY_BYTES]);
        debug_assert!(derived.is_ok());
        Self(Hmac::new((&*key).into()))
    }
    /// The index of a value in its normal form (see [`digits`]).
    pub fn of(&self, normal: &[u8]) -> [u8; INDEX_BYTES] {
        let all = self.0.clone().chain_update(normal).finalize().into_bytes();
        let mut index = [0; INDEX_BYTES];
        index.copy_from_slice(&all[..INDEX_BYTES]);
        index
    }
}

/// A telephone in its normal form: its digits, those of full width told as ASCII; all else is dropped.
pub fn digits(text: &str) -> Zeroizing<String> {
    let digit = |c: char| match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    };
    Zeroizing::new(text.chars().filter_map(digit).collect())
}
