//! Files that an installation puts in place, and the note of what it put: so that a file that somebody changed since is
//! neither written over nor taken away.

use crate::cli::{Stop, file_problem};
use muster_kernel::{Digest, Problem};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Where the note stands.
const NOTE: &str = "/etc/muster/installed.json";

/// What was done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Did {
    /// It was not there.
    Written,
    /// It was as an installation left it, and is as this one wants it.
    Replaced,
    /// It is as it should be.
    Same,
    /// Somebody changed it: it stays, and the new one stands beside it, as `.new`.
    Beside,
    /// It is gone.
    Removed,
    /// Somebody changed it: it was not taken away.
    Kept,
    /// It was gone already.
    Absent,
}

impl Did {
    /// The code of its sentence.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Written => "install.written",
            Self::Replaced => "install.replaced",
            Self::Same => "install.same",
            Self::Beside => "install.beside",
            Self::Removed => "install.removed",
            Self::Kept => "install.kept",
            Self::Absent => "install.absent",
        }
    }
    /// The code of the sentence that says what would be done.
    pub(super) fn would(self) -> &'static str {
        match self {
            Self::Written => "install.dry.written",
            Self::Replaced => "install.dry.replaced",
            Self::Beside => "install.dry.beside",
            Self::Removed => "install.dry.removed",
            Self::Kept => "install.dry.kept",
            Self::Same | Self::Absent => self.code(),
        }
    }
}

/// What an installation put in place: path, digest.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Note {
    files: BTreeMap<PathBuf, String>,
}

/// A machine, or a folder that stands for one, and what was put there.
pub(super) struct Place {
    root: PathBuf,
    dry: bool,
    note: Note,
    /// What was done, in order.
    pub(super) done: Vec<(PathBuf, Did)>,
}

impl Place {
    /// A machine by its root. `dry`: nothing is written, only said.
    pub(super) fn open(root: &Path, dry: bool) -> Result<Self, Stop> {
        let mut place = Self { root: root.to_owned(), dry, note: Note::default(), done: Vec::new() };
        if let Some(text) = place.read(Path::new(NOTE))? {
            place.note = serde_json::from_slice(&text)
                .map_err(|error| Problem::conflict("install.note").with("file", NOTE).with("why", error))?;
        }
        Ok(place)
    }

    /// Where a path of the machine is.
    pub(super) fn at(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Stop> {
        let at = self.at(path);
        match fs::read(&at) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_problem(&at, &error)),
        }
    }

    /// Makes a folder, and all above it. `mode` is that of the folder itself, where it is new.
    pub(super) fn folder(&self, path: &Path, mode: u32) -> Result<(), Stop> {
        let at = self.at(path);
        if self.dry || at.is_dir() {
            return Ok(());
        }
        let made =
            fs::create_dir_all(&at).and_then(|()| fs::set_permissions(&at, Permissions::from_mode(mode)));
        made.map_err(|error| file_problem(&at, &error))
    }

    /// Puts settings in place, never over what somebody changed.
    pub(super) fn settle(&mut self, path: &Path, text: &str, mode: u32) -> Result<(), Stop> {
        let (there, new) = (self.read(path)?, Digest::of(text.as_bytes()).to_string());
        let did = match there.map(|bytes| Digest::of(&bytes).to_string()) {
            None => Did::Written,
            Some(there) if there == new => Did::Same,
            Some(there) if self.note.files.get(path) == Some(&there) => Did::Replaced,
            Some(_) => Did::Beside,
        };
        let (to, said) = match did {
            Did::Beside => (PathBuf::from(format!("{}.new", path.display())), None),
            _ => (path.to_owned(), Some(new)),
        };
        if did != Did::Same {
            self.write(&to, text.as_bytes(), mode)?;
        }
        // What stands beside is ours to take away again; what it stands beside is not.
        let said = said.unwrap_or_else(|| Digest::of(text.as_bytes()).to_string());
        self.note.files.insert(to, said);
        self.done.push((path.to_owned(), did));
        Ok(())
    }

    /// Puts a program in place, over an older one: a program is nothing that one changes.
    pub(super) fn program(&mut self, path: &Path, from: &Path) -> Result<(), Stop> {
        let bytes = fs::read(from).map_err(|error| file_problem(from, &error))?;
        let (there, new) = (self.read(path)?, Digest::of(&bytes).to_string());
        let did = match there.map(|bytes| Digest::of(&bytes).to_string()) {
            None => Did::Written,
            Some(there) if there == new => Did::Same,
            Some(_) => Did::Replaced,
        };
        if did != Did::Same {
            self.write(path, &bytes, 0o755)?;
        }
        self.note.files.insert(path.to_owned(), new);
        self.done.push((path.to_owned(), did));
        Ok(())
    }

    /// Takes away what was put in place and nobody changed, and the note.
    pub(super) fn remove_all(&mut self) -> Result<(), Stop> {
        for (path, said) in std::mem::take(&mut self.note.files) {
            let did = match self.read(&path)?.map(|bytes| Digest::of(&bytes).to_string()) {
                None => Did::Absent,
                Some(there) if there == said => Did::Removed,
                Some(_) => Did::Kept,
            };
            if did == Did::Removed && !self.dry {
                let at = self.at(&path);
                fs::remove_file(&at).map_err(|error| file_problem(&at, &error))?;
            }
            self.done.push((path, did));
        }
        let note = self.at(Path::new(NOTE));
        if !self.dry && note.exists() {
            fs::remove_file(&note).map_err(|error| file_problem(&note, &error))?;
            // Only where nothing of anybody's is left in it.
            drop(fs::remove_dir(self.at(Path::new("/etc/muster"))));
        }
        Ok(())
    }

    /// Keeps the note of what was put in place.
    pub(super) fn keep_note(&self) -> Result<(), Stop> {
        let text = serde_json::to_string_pretty(&self.note).map_err(Problem::internal)? + "\n";
        self.write(Path::new(NOTE), text.as_bytes(), 0o600)
    }

    /// Writes a file whole or not at all; a program that runs is not disturbed. It is never readable by more than it
    /// should be, not for a moment.
    fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> Result<(), Stop> {
        if self.dry {
            return Ok(());
        }
        if let Some(above) = path.parent() {
            self.folder(above, 0o755)?;
        }
        let at = self.at(path);
        let partial = at.with_file_name(format!(
            ".{}.partial",
            at.file_name().map(|name| name.to_string_lossy()).unwrap_or_default()
        ));
        let written = || -> std::io::Result<()> {
            match fs::remove_file(&partial) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
            file.write_all(bytes)?;
            file.set_permissions(Permissions::from_mode(mode))?;
            file.sync_all()?;
            fs::rename(&partial, &at)
        };
        written().map_err(|error| file_problem(&at, &error))
    }
}
