//! The folder of signed heads: a file a day (UTC), to which lines are only ever added. Blocks.

use super::line::{Line, hash};
use ed25519_dalek::SigningKey;
use jiff::tz::TimeZone;
use muster_kernel::Day;
use muster_store::SavedHead;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Longer lines are none of ours: 8 lanes are 1 kB.
pub(super) const LINE_BYTES_MAX: u64 = 1 << 20;
const BEGINS: &str = "heads-";
const ENDS: &str = ".jsonl";

/// The files of the folder, the oldest first.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.starts_with(BEGINS) && name.ends_with(ENDS)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Signs the ends of the lanes and adds them as one line, which is on disk when this returns. Several servers may share a
/// folder: one adds at a time.
///
/// # Errors
/// The machine's: the folder cannot be made, read or written.
pub fn append(folder: &Path, key: &SigningKey, at: i64, heads: Vec<SavedHead>) -> io::Result<Line> {
    fs::create_dir_all(folder)?;
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("heads.lock"))?;
    lock.lock()?;
    let files = files(folder)?;
    let (mut n, mut previous, mut is_torn) = (1, String::new(), false);
    for (back, file) in files.iter().rev().enumerate() {
        let (lines, torn) = tail(file)?;
        if back == 0 {
            is_torn = torn;
        }
        if previous.is_empty() {
            previous = lines.last().map(|line| hash(line)).unwrap_or_default();
        }
        // A line that was torn by a crash has no number; the one before it has.
        if let Some(last) = lines.iter().rev().find_map(|line| Line::read(line)) {
            n = last.n + 1;
            break;
        }
    }
    let named = folder.join(format!("{BEGINS}{}{ENDS}", Day::of_instant(at, &TimeZone::UTC)));
    // A clock that was put back does not write into a file of the past: files are read in the order of their names.
    let to = files.last().filter(|last| **last > named).cloned().unwrap_or(named);
    let line = Line::sign(key, n, at, heads, previous);
    let is_same = files.last() == Some(&to);
    let start = if is_torn && is_same { "\n" } else { "" };
    let mut file = OpenOptions::new().create(true).append(true).open(&to)?;
    file.write_all(format!("{start}{}\n", line.text()).as_bytes())?;
    file.sync_all()?;
    if !is_same {
        File::open(folder)?.sync_all()?;
    }
    Ok(line)
}

/// The last lines of a file, and whether the very last lacks its end.
fn tail(file: &Path) -> io::Result<(Vec<Vec<u8>>, bool)> {
    let mut file = File::open(file)?;
    let from = file.metadata()?.len().saturating_sub(LINE_BYTES_MAX);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(LINE_BYTES_MAX).read_to_end(&mut bytes)?;
    let is_torn = bytes.last().is_some_and(|last| *last != b'\n');
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    // What is cut at its front is no line.
    Ok((lines.skip(usize::from(from > 0)).map(<[u8]>::to_vec).collect(), is_torn))
}
