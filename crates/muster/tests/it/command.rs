//! The command line for a story: a folder that goes away, and the program run in it.

use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder that goes away with the story, also when that fails.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// A new one.
    pub(crate) fn new(name: &str) -> Self {
        Self(tempfile::Builder::new().prefix(&format!("muster-story-{name}-")).tempdir().unwrap())
    }
    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
    /// Writes a file in it; its path.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
        self.path(name)
    }
}

/// Runs the program on a database, in English.
pub(crate) fn muster(database: &str, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_muster"))
        .args(["--database", database])
        .args(args)
        .env("MUSTER_LANG", "en")
        .env("MUSTER_LOG", "error")
        .env("MUSTER_KEYS", keys())
        .output()
        .unwrap()
}

/// The file of the keys that the stories' house has. One for all stories and all their processes, in the folder that cargo
/// keeps for such; a copy, since a file that others may read is refused, as the one in the tree may be.
pub(crate) fn keys() -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    const KEYS: &[u8] = include_bytes!("../../src/seal/demo.keys");
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("stories.keys");
    if std::fs::read(&path).is_ok_and(|held| held == KEYS) {
        return path;
    }
    // Readable by its owner from the beginning; whoever comes second puts the same there.
    let mut part = tempfile::NamedTempFile::new_in(folder).unwrap();
    std::io::Write::write_all(&mut part, KEYS).unwrap();
    assert_eq!(part.as_file().metadata().unwrap().permissions().mode() & 0o077, 0);
    part.persist(&path).unwrap();
    path
}

/// Begins an operation in an empty database.
pub(crate) fn begun(database: &str) {
    let script = "echo 'a-long-password' | \"$0\" --database \"$1\" begin --office O --account duty";
    let status = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_muster"), database])
        .env("MUSTER_KEYS", keys())
        .status();
    assert!(status.unwrap().success());
}
