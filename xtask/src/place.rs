//! Where things lie.

use crate::Outcome;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Goes to the root of the project, so that every other path here is relative to it.
pub(crate) fn enter_root() -> Outcome {
    // Set by `cargo run`; a binary built in one clone and copied to another must not work on the first.
    let manifest = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest).parent().unwrap_or(Path::new("."));
    env::set_current_dir(root).map_err(|e| format!("{}: {e}", root.display()))
}

/// The target directory, absolute.
pub(crate) fn target() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    std::path::absolute(&target).unwrap_or(target)
}

/// A binary of ours as a profile built it (`debug` is the folder of the profile `dev`).
pub(crate) fn binary(folder: &str, name: &str) -> PathBuf {
    target().join(folder).join(name)
}

/// `cargo`, the one that runs us.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.args(words);
    command
}

/// Everything there is, the printer's typesetter with it, which no build of the house asks for.
pub(crate) const ALL: [&str; 3] = ["--workspace", "--features", "muster-print/engine"];

/// Whether a program of this name is on the path.
pub(crate) fn on_path(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// Removes everything that was built or fetched into the clone; sources and data stay.
pub(crate) fn clean() -> Outcome {
    // Not `cargo clean`: this very program runs from the target directory, and unlinking it is allowed.
    let web =
        ["web/console/node_modules", "web/console/dist", "web/e2e/node_modules", "dist"].map(PathBuf::from);
    for folder in web.into_iter().chain([target()]) {
        match fs::remove_dir_all(&folder) {
            Ok(()) => println!("removed {}", folder.display()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(format!("{}: {e}", folder.display())),
        }
    }
    Ok(())
}

/// Whether we are the superuser.
pub(crate) fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&match std::fs::metadata("/proc/self") {
        Ok(metadata) => metadata,
        Err(_) => return false,
    }) == 0
}
