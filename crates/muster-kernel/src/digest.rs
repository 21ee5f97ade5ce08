//! Hashes that say how they were made, so that another algorithm (SM3) can follow without a guess.

use sha2::Digest as _;
use std::fmt;
use std::str::FromStr;

/// The algorithm of a digest. The number is stored; it never changes meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Algorithm {
    /// SHA-256, FIPS 180-4.
    Sha256 = 1,
}

/// A hash with its algorithm, written `sha256:<64 hex digits>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    bytes: [u8; 32],
}

impl Digest {
    /// Its first 64 bits in hex: enough to tell one state from another, not to prove one.
    pub fn short(&self) -> String {
        hex::encode(&self.bytes()[..8])
    }
    /// The digest of some bytes, with today's algorithm.
    pub fn of(bytes: &[u8]) -> Self {
        Self { algorithm: Algorithm::Sha256, bytes: sha2::Sha256::digest(bytes).into() }
    }
    /// The raw hash, without the algorithm.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex::encode(self.bytes))
    }
}
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not `sha256:` and 64 hex digits.
#[derive(Debug, thiserror::Error)]
#[error("not a digest (sha256:<64 hex digits>)")]
pub struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let digits = text.strip_prefix("sha256:").ok_or(NotADigest)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| NotADigest)?;
        Ok(Self { algorithm: Algorithm::Sha256, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_as_it_is_read() {
        let digest = Digest::of(b"abc");
        let text = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse::<Digest>().unwrap(), digest);
        assert!("md5:00".parse::<Digest>().is_err());
        assert!("sha256:ba78".parse::<Digest>().is_err());
    }
}
