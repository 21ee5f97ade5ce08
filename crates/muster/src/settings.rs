//! Files that an operator writes: settings, and secrets and certificates beside them, read with a bound.

use muster_kernel::{Problem, ProblemKind};
use std::fmt::Display;
use std::io::Read as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Largest file that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Longest secret, in bytes.
const SECRET_BYTES_MAX: usize = 4_096;

/// A sort of settings, by the code under which is told what is wrong with a file of it.
pub struct Settings(pub &'static str);

impl Settings {
    /// The bytes of a file.
    ///
    /// # Errors
    /// Its own code: there is no such file, it cannot be read, it is above 1 MiB.
    pub fn bytes(&self, file: &Path) -> Result<Vec<u8>, Problem> {
        let opened = std::fs::File::open(file).map_err(|error| self.wrong(file, &error))?;
        let mut read = Vec::new();
        opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut read).map_err(|error| self.wrong(file, &error))?;
        if read.len() as u64 > FILE_BYTES_MAX {
            return Err(self.wrong(file, &"it is too large"));
        }
        Ok(read)
    }

    /// The one line of a file that holds a secret.
    ///
    /// # Errors
    /// As [`Settings::bytes`], and where it is no line of 1 to 4096 bytes.
    pub fn secret(&self, file: &Path) -> Result<Zeroizing<String>, Problem> {
        let raw = Zeroizing::new(self.bytes(file)?);
        let text = std::str::from_utf8(&raw).map_err(|_| self.wrong(file, &"it is no UTF-8"))?.trim();
        if text.is_empty() || text.len() > SECRET_BYTES_MAX || text.chars().any(char::is_control) {
            return Err(self.wrong(file, &format_args!("one line of 1 to {SECRET_BYTES_MAX} bytes")));
        }
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// What is wrong with a file.
    pub fn wrong(&self, file: &Path, why: &dyn Display) -> Problem {
        Problem::new(ProblemKind::Busy, self.0).with("file", file.display()).with("why", why)
    }
}
