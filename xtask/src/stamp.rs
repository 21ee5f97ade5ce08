//! What need not be done again: a step's inputs by content, remembered in `target/stamp`.

use crate::{Outcome, place};
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Folders that are made from the inputs and so are none themselves.
const MADE: [&str; 3] = ["node_modules", "dist", "test-results"];

/// The fingerprint of some files and folders: names and contents. A file that is not there counts as absent.
pub(crate) fn of(inputs: &[&str]) -> Outcome<String> {
    let mut hasher = DefaultHasher::new();
    for input in inputs {
        add(Path::new(input), &mut hasher).map_err(|e| format!("{input}: {e}"))?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Whether `name` was last done with exactly this fingerprint.
pub(crate) fn is_current(name: &str, fingerprint: &str) -> bool {
    fs::read_to_string(path(name)).is_ok_and(|kept| kept == fingerprint)
}

/// Remembers that `name` was done.
pub(crate) fn keep(name: &str, fingerprint: &str) -> Outcome {
    let path = path(name);
    let at = |e| format!("{}: {e}", path.display());
    fs::create_dir_all(place::target().join("stamp")).map_err(at)?;
    fs::write(&path, fingerprint).map_err(at)
}

fn path(name: &str) -> PathBuf {
    place::target().join("stamp").join(name)
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    hasher.write(path.as_os_str().as_encoded_bytes());
    if path.is_dir() {
        let mut children: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        children.retain(|child| child.file_name().is_none_or(|name| !MADE.iter().any(|made| name == *made)));
        children.sort();
        children.iter().try_for_each(|child| add(child, hasher))
    } else {
        match fs::read(path) {
            Ok(bytes) => {
                hasher.write_usize(bytes.len());
                hasher.write(&bytes);
                Ok(())
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                hasher.write_u8(0);
                Ok(())
            }
            Err(e) => Err(e),
        }
    }
}
