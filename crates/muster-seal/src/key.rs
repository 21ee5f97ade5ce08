//! Keys: 32 bytes that are wiped when they go and printed by nothing.

use crate::SealError;
use rand_core::TryCryptoRng;
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// A key. Wiped from memory when it goes; `Debug` tells its id alone.
#[derive(Clone)]
pub struct Key {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    id: KeyId,
}

impl Key {
    /// A new key of a source of chance.
    ///
    /// # Errors
    /// [`SealError::Random`].
    pub fn new<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        rng.try_fill_bytes(&mut *bytes).map_err(|_| SealError::Random)?;
        Ok(Self::of(bytes))
    }
    /// The key of these bytes.
    pub fn of(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let digest = Sha256::new_with_prefix(b"muster key id").chain_update(*bytes).finalize();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        Self { bytes, id: KeyId(id) }
    }
    /// What it is called; tells nothing of it.
    pub fn id(&self) -> KeyId {
        self.id
    }
    /// Its bytes, for whoever computes with them.
    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.bytes.ct_eq(&*other.bytes).into()
    }
}
impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

/// What a key is called: the first eight bytes of a hash over it. Not secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

impl KeyId {
    /// From eight bytes; none where there are more or fewer.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}
