//! Sealing and opening: one text for fields and for keys.

use crate::{KEY_BYTES, Key, KeyId, SealError};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

const NONCE_BYTES: usize = 24;
const HEAD_BYTES: usize = 1 + 8;
const TAG_BYTES: usize = 16;

/// How something is sealed. The number stands in each ciphertext, so that another can follow while the old ones open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Algorithm {
    /// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): the nonce is long enough to be drawn.
    XChaCha20Poly1305 = 1,
}

impl Algorithm {
    /// Of its number.
    ///
    /// # Errors
    /// [`SealError::Algorithm`] with the number, where it is not known.
    pub fn of(number: u8) -> Result<Self, SealError> {
        match number {
            1 => Ok(Self::XChaCha20Poly1305),
            other => Err(SealError::Algorithm(other)),
        }
    }
}

/// Where a ciphertext stands. It opens there and nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    table: &'p str,
    column: &'p str,
    subject: &'p str,
}

impl<'p> Place<'p> {
    /// A column of a table, and whose row it is (`post:7`).
    pub const fn new(table: &'p str, column: &'p str, subject: &'p str) -> Self {
        Self { table, column, subject }
    }

    /// What the tag is over beside the ciphertext: the head and the place, each part with its length.
    fn bound(&self, head: &[u8]) -> Vec<u8> {
        let parts = [head, self.table.as_bytes(), self.column.as_bytes(), self.subject.as_bytes()];
        let mut bound = Vec::with_capacity(64 + self.subject.len());
        for part in parts {
            bound.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bound.extend_from_slice(part);
        }
        bound
    }
}

/// Seals a field for its place.
///
/// # Errors
/// [`SealError::Random`].
pub fn seal<R: TryCryptoRng + ?Sized>(
    key: &Key,
    place: Place<'_>,
    plain: &[u8],
    rng: &mut R,
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_BYTES];
    rng.try_fill_bytes(&mut nonce).map_err(|_| SealError::Random)?;
    let mut sealed = Vec::with_capacity(HEAD_BYTES + NONCE_BYTES + plain.len() + TAG_BYTES);
    sealed.push(Algorithm::XChaCha20Poly1305 as u8);
    sealed.extend_from_slice(&key.id().0);
    let aad = place.bound(&sealed);
    let cipher = XChaCha20Poly1305::new(key.bytes().into());
    let payload = Payload { msg: plain, aad: &aad };
    let text = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::Broken)?;
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    Ok(sealed)
}

/// Opens what was sealed for a place by a key. What comes out is wiped when it goes.
///
/// # Errors
/// All but [`SealError::Random`] and [`SealError::Full`].
pub fn open(key: &Key, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let by = key_of(sealed)?;
    if by != key.id() {
        return Err(SealError::OtherKey(by));
    }
    let (head, rest) = sealed.split_at(HEAD_BYTES);
    let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Short)?;
    let aad = place.bound(head);
    let cipher = XChaCha20Poly1305::new(key.bytes().into());
    let payload = Payload { msg: text, aad: &aad };
    cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| SealError::Broken)
}

/// Which key sealed something.
///
/// # Errors
/// [`SealError::Algorithm`], [`SealError::Short`].
pub fn key_of(sealed: &[u8]) -> Result<KeyId, SealError> {
    let number = *sealed.first().ok_or(SealError::Short)?;
    let Algorithm::XChaCha20Poly1305 = Algorithm::of(number)?;
    if sealed.len() < HEAD_BYTES + NONCE_BYTES + TAG_BYTES {
        return Err(SealError::Short);
    }
    KeyId::from_slice(&sealed[1..HEAD_BYTES]).ok_or(SealError::Short)
}

/// Seals a key by the one above it.
///
/// # Errors
/// [`SealError::Random`].
pub fn wrap<R: TryCryptoRng + ?Sized>(
    by: &Key,
    place: Place<'_>,
    key: &Key,
    rng: &mut R,
) -> Result<Vec<u8>, SealError> {
    seal(by, place, key.bytes(), rng)
}

/// Opens a key that was wrapped.
///
/// # Errors
/// Those of [`open`].
pub fn unwrap(by: &Key, place: Place<'_>, wrapped: &[u8]) -> Result<Key, SealError> {
    let plain = open(by, place, wrapped)?;
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    match plain.len() == KEY_BYTES {
        true => bytes.copy_from_slice(&plain),
        false => return Err(SealError::Broken),
    }
    Ok(Key::of(bytes))
}

#[cfg(test)]
pub(crate) fn raw(key: &[u8; 32], nonce: &[u8; 24], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad }).unwrap()
}
