//! The key by which heads are signed, and the one by which they are checked: each a file of one line.

use ed25519_dalek::{SigningKey, VerifyingKey};
use muster_kernel::{Problem, ProblemKind};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What stands before the 64 hex digits of a key that signs.
const SECRET: &str = "muster-heads-key-1 ";
/// What stands before those of a key that checks.
const PUBLIC: &str = "muster-heads-public-1 ";
/// Larger files are no keys.
const FILE_BYTES_MAX: u64 = 1_024;

/// Makes a key in a new file that only its owner may read, and beside it (`.pub`) the one that checks; that one's place.
///
/// # Errors
/// The machine's: a file of the name is there already, the folder cannot be written, no chance to be had.
pub fn key_make(to: &Path) -> io::Result<(PathBuf, VerifyingKey)> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    let key = SigningKey::from_bytes(&seed);
    let mut name = to.as_os_str().to_owned();
    name.push(".pub");
    let beside = PathBuf::from(name);
    if beside.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    written(to, 0o600, &format!("{SECRET}{}\n", hex::encode(seed)))?;
    written(&beside, 0o644, &format!("{}\n", public_text(&key.verifying_key())))?;
    Ok((beside, key.verifying_key()))
}

fn written(to: &Path, mode: u32, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(to)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A key that checks, as it stands in its file and is printed.
pub fn public_text(key: &VerifyingKey) -> String {
    format!("{PUBLIC}{}", hex::encode(key.to_bytes()))
}

/// Reads a key that signs.
///
/// # Errors
/// `heads.key` where the file is none, or cannot be read; `heads.key_open` where others may read it.
pub fn key_read(from: &Path) -> Result<SigningKey, Problem> {
    let at = |code| Problem::new(ProblemKind::Busy, code).with("file", from.display());
    let open = fs::metadata(from).is_ok_and(|file| file.mode() & 0o077 != 0);
    if open {
        return Err(at("heads.key_open"));
    }
    let bytes = digits(from, SECRET).map_err(|why| at("heads.key").with("why", why))?;
    Ok(SigningKey::from_bytes(&bytes))
}

/// Reads a key that checks.
///
/// # Errors
/// `heads.key` where the file is none, or cannot be read.
pub fn public_read(from: &Path) -> Result<VerifyingKey, Problem> {
    let at = || Problem::new(ProblemKind::Busy, "heads.key").with("file", from.display());
    let bytes = digits(from, PUBLIC).map_err(|why| at().with("why", why))?;
    VerifyingKey::from_bytes(&bytes).map_err(|why| at().with("why", why))
}

fn digits(from: &Path, kind: &str) -> io::Result<[u8; 32]> {
    if fs::metadata(from)?.len() > FILE_BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let text = fs::read_to_string(from)?;
    let wanted = || io::Error::other(format!("{kind}and 64 hex digits"));
    let digits = text.trim_end().strip_prefix(kind).ok_or_else(wanted)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| wanted())?;
    Ok(bytes)
}
