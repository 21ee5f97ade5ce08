//! The command line for a story: a folder that goes away, and the program run in it.

use std::process::{Command, Output};

/// A folder that goes away with the story.
pub(crate) struct Folder(std::path::PathBuf);

impl Folder {
    /// A new one.
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("muster-story-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
    /// Writes a file in it; its path.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.0.join(name), bytes).unwrap();
        self.path(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
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

/// The file of the keys that the stories' house has.
pub(crate) fn keys() -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("muster-story-{}.keys", std::process::id()));
    if !path.exists() {
        use std::os::unix::fs::PermissionsExt as _;
        let part = path.with_extension(format!("{:?}", std::thread::current().id()));
        std::fs::write(&part, include_str!("../../src/seal/demo.keys")).unwrap();
        std::fs::set_permissions(&part, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::rename(part, &path).unwrap();
    }
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
