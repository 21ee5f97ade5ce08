//! Personal fields are sealed before they reach a table. Pure: keys and chance come from the caller, nothing is read or
//! written.
//!
//! Three keys, each wrapped by the one above it: a **master** key lies in a file apart from the database, a **unit** key
//! is wrapped by it, a **person** key by the unit's, and seals the fields of one person. Whoever destroys a person key
//! has destroyed what it sealed, in every copy that is made from then on.
//!
//! ```
//! use muster_seal::{Key, Place, open, seal, unwrap, wrap};
//! # struct Steps(u8);
//! # impl rand_core::TryRng for Steps {
//! #     type Error = core::convert::Infallible;
//! #     fn try_next_u32(&mut self) -> Result<u32, Self::Error> { Ok(7) }
//! #     fn try_next_u64(&mut self) -> Result<u64, Self::Error> { Ok(7) }
//! #     fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
//! #         for byte in to { self.0 = self.0.wrapping_add(1); *byte = self.0; }
//! #         Ok(())
//! #     }
//! # }
//! # impl rand_core::TryCryptoRng for Steps {}
//! # let mut rng = Steps(0);
//! let (unit, person) = (Key::new(&mut rng)?, Key::new(&mut rng)?);
//! let (key, phone) = (Place::new("seal_person_key", "wrapped", "post:7"), Place::new("duty_contact", "sealed", "post:7"));
//! let wrapped = wrap(&unit, key, &person, &mut rng)?;
//! let sealed = seal(&person, phone, b"000-5550100", &mut rng)?;
//! let person = unwrap(&unit, key, &wrapped)?;
//! assert_eq!(&*open(&person, phone, &sealed)?, b"000-5550100");
//! # Ok::<_, muster_seal::SealError>(())
//! ```
//!
//! # What stands in a ciphertext
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | the algorithm: 1 is XChaCha20-Poly1305 |
//! | 8 | the id of the key: the first bytes of a hash over it |
//! | 24 | the nonce, drawn anew each time |
//! | the rest | the ciphertext, and 16 bytes of tag |
//!
//! The tag is also over the first nine bytes and over where the ciphertext stands: table, column, and whose row it is. So
//! one that is copied to another row does not open there.
//!
//! # What is deliberately absent
//!
//! Compression (it tells lengths), padding (a telephone's length tells nothing), a key from a password, and any way to
//! print a key but [`Ring::write`], which is for the key file alone.

mod index;
mod key;
mod ring;
mod sealed;

#[cfg(test)]
mod tests;

pub use index::{INDEX_BYTES, Index, digits};
pub use key::{KEY_BYTES, Key, KeyId};
pub use ring::{MASTERS_MAX, Master, Ring, RingError};
pub use sealed::{Algorithm, Place, key_of, open, seal, unwrap, wrap};

/// Why something was not sealed or opened. Says nothing of what was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Sealed by an algorithm that this program does not know.
    #[error("sealed by algorithm {0}, which this program does not know")]
    Algorithm(u8),
    /// Sealed by another key than the one that was given.
    #[error("sealed by key {0}")]
    OtherKey(KeyId),
    /// Too short to be a ciphertext.
    #[error("too short to be sealed")]
    Short,
    /// Changed, or taken from another place.
    #[error("changed, or taken from another row")]
    Broken,
    /// A ring holds as many keys as it can.
    #[error("a ring holds no more than {MASTERS_MAX} keys")]
    Full,
    /// The source of chance gave none.
    #[error("no random numbers")]
    Random,
}
