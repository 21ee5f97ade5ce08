//! A line of signed heads: what stands in it, and the text that is signed. Pure.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use muster_store::SavedHead;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Version of this form.
const VERSION: u32 = 1;

/// Where all lanes ended at a moment, under a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Version of this form; 1.
    muster_heads: u32,
    /// Its number, from 1, without a gap over all files.
    pub n: u64,
    /// When, in ms UTC.
    pub at: i64,
    /// The ends of the lanes.
    pub heads: Vec<SavedHead>,
    /// SHA-256 of the line before it, byte for byte, in hex; empty in the first.
    pub previous: String,
    /// Ed25519 over [`Line::signed`], in hex.
    signature: String,
}

/// Why a line is none, or not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It has not the form of one.
    Form,
    /// Its signature is not of this key, or not over what stands in it.
    Signature,
}

impl Line {
    /// Signs heads.
    pub fn sign(key: &SigningKey, n: u64, at: i64, heads: Vec<SavedHead>, previous: String) -> Line {
        let mut line = Line { muster_heads: VERSION, n, at, heads, previous, signature: String::new() };
        line.signature = hex::encode(key.sign(line.signed().as_bytes()).to_bytes());
        line
    }

    /// The text that is signed: not the JSON, of which there are many for one meaning.
    fn signed(&self) -> String {
        let mut text = format!(
            "muster-heads-{}\nn {}\nat {}\nprevious {}\n",
            self.muster_heads, self.n, self.at, self.previous
        );
        for head in &self.heads {
            text += &format!("lane {} {} {} {}\n", head.bucket, head.lane, head.no, head.hash);
        }
        text
    }

    /// As it stands in a file, without the end of the line.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a line without asking who signed it: to go on after it.
    pub(super) fn read(text: &[u8]) -> Option<Line> {
        let line: Line = serde_json::from_slice(text).ok()?;
        // A hash with a line's end in it would say two things in one signed text.
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_plain = plain(&line.previous) && line.heads.iter().all(|head| plain(&head.hash));
        (line.muster_heads == VERSION && is_plain).then_some(line)
    }

    /// Reads a line and holds it to a key.
    ///
    /// # Errors
    /// It is none, or another signed it, or something in it was changed.
    pub fn check(text: &[u8], key: &VerifyingKey) -> Result<Line, Unread> {
        let line = Self::read(text).ok_or(Unread::Form)?;
        let mut signature = [0; 64];
        hex::decode_to_slice(&line.signature, &mut signature).map_err(|_| Unread::Form)?;
        let signature = Signature::from_bytes(&signature);
        key.verify_strict(line.signed().as_bytes(), &signature).map_err(|_| Unread::Signature)?;
        Ok(line)
    }
}

/// What the next line holds of this one.
pub(super) fn hash(line: &[u8]) -> String {
    hex::encode(Sha256::digest(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn line() -> Line {
        let head = |lane| SavedHead { bucket: 1, lane, no: 7 + i64::from(lane), hash: "sha256-1:ab".into() };
        Line::sign(&key(1), 3, 1_580_000_000_000, vec![head(0), head(1)], hash(b"before"))
    }

    #[test]
    fn a_line_comes_back_by_its_own_key_and_no_other() {
        let text = line().text();
        assert_eq!(Line::check(text.as_bytes(), &key(1).verifying_key()), Ok(line()));
        assert_eq!(Line::check(text.as_bytes(), &key(2).verifying_key()), Err(Unread::Signature));
    }

    #[test]
    fn nothing_in_a_line_can_be_changed() {
        let changes: [fn(&mut Line); 8] = [
            |l| l.n += 1,
            |l| l.at += 1,
            |l| l.previous = hash(b"other"),
            |l| l.heads[0].no += 1,
            |l| l.heads[1].lane = 4,
            |l| l.heads[0].bucket = 2,
            |l| l.heads[0].hash.push('c'),
            |l| l.heads.truncate(1),
        ];
        for change in changes {
            let mut other = line();
            change(&mut other);
            let checked = Line::check(other.text().as_bytes(), &key(1).verifying_key());
            assert_eq!(checked, Err(Unread::Signature));
        }
        for text in ["", "{}", "null", "[1]", &line().text().replace("\"n\":3", "\"n\":3,\"m\":4")] {
            assert_eq!(Line::check(text.as_bytes(), &key(1).verifying_key()), Err(Unread::Form), "{text}");
        }
        // Two lines of the signed text are not one hash.
        let mut split = line();
        split.heads[0].hash = format!("x\nlane 1 1 8 {}", split.heads[1].hash);
        assert_eq!(Line::check(split.text().as_bytes(), &key(1).verifying_key()), Err(Unread::Form));
    }
}
