//! The key file: read, made, written anew. Only its owner may read it.

use super::Chance;
use muster_kernel::{Problem, ProblemKind};
use muster_seal::Ring;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest key file: far more than a full ring.
const BYTES_MAX: u64 = 16 * 1024;
/// Who else may do what with it: nobody, nothing.
const OTHERS: u32 = 0o077;

/// Where the keys of a SQLite file lie where nothing is said: beside it.
pub fn beside(database: &str) -> PathBuf {
    PathBuf::from(format!("{}.keys", database.strip_prefix("sqlite:").unwrap_or(database)))
}

/// By what it shows that a file was written anew: inode, time of change in seconds and nanoseconds.
pub(super) type Stamp = (u64, i64, i64);

/// The stamp of a file as it is now.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let about = std::fs::metadata(path).ok()?;
    Some((about.ino(), about.mtime(), about.mtime_nsec()))
}

fn failed(path: &Path, why: impl ToString) -> Problem {
    let problem = Problem::new(ProblemKind::Busy, "seal.file_unreadable").with("why", why.to_string());
    problem.with("file", path.display())
}

/// Reads a key file; none where there is none.
///
/// # Errors
/// `seal.file_open_to_others` where others than its owner may read or write it; `seal.file_unreadable`.
pub fn read(path: &Path) -> Result<Option<Ring>, Problem> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| failed(path, error))?,
    };
    // Of the file that is open, not of what stands under its name by now.
    let mode = file.metadata().map_err(|error| failed(path, error))?.mode();
    if mode & OTHERS != 0 {
        let refused = Problem::conflict("seal.file_open_to_others").with("file", path.display());
        return Err(refused.with("mode", format!("{:04o}", mode & 0o7777)));
    }
    let mut text = Zeroizing::new(String::with_capacity(BYTES_MAX as usize));
    file.take(BYTES_MAX).read_to_string(&mut text).map_err(|error| failed(path, error))?;
    Ring::read(&text).map(Some).map_err(|error| failed(path, error))
}

/// Makes a key file of one new key; of two that make it at the same moment both have the one that is there. Whether it
/// was this one.
///
/// # Errors
/// `seal.file_unreadable`.
pub fn make(path: &Path, now_ms: i64) -> Result<(Ring, bool), Problem> {
    let ring = Ring::new(now_ms, &mut Chance).map_err(Problem::internal)?;
    let part = part(path, &ring)?;
    // Unlike a renaming, a link never takes the place of a file that came meanwhile.
    let linked = std::fs::hard_link(&part, path);
    let _ = std::fs::remove_file(&part);
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there = read(path)?.ok_or_else(|| failed(path, error))?;
            Ok((there, false))
        }
        Err(error) => Err(failed(path, error)),
        Ok(()) => settled(path).map(|()| (ring, true)),
    }
}

/// Writes a ring in the place of the one that is there: whole or not at all.
///
/// # Errors
/// `seal.file_unreadable`.
pub fn replace(path: &Path, ring: &Ring) -> Result<(), Problem> {
    let part = part(path, ring)?;
    std::fs::rename(&part, path).map_err(|error| failed(path, error))?;
    settled(path)
}

/// The ring on disk under another name.
fn part(path: &Path, ring: &Ring) -> Result<PathBuf, Problem> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(name);
    let _ = std::fs::remove_file(&part);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part);
    let written = file.and_then(|mut file| {
        file.write_all(ring.write().as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| failed(&part, error))?;
    Ok(part)
}

/// The folder knows the name once it is on disk too.
fn settled(path: &Path) -> Result<(), Problem> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| failed(path, error))
}
