//! The pages: packages, build and checks of `web/console`.

use crate::{Outcome, stamp, step};
use std::path::Path;
use std::process::Command;

/// Where the pages live.
pub(crate) const FOLDER: &str = "web/console";

/// `npm` in a folder of `web/`.
pub(crate) fn npm(folder: &str, words: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder).args(words).env("npm_config_update_notifier", "false").env("CI", "1");
    command
}

/// Packages exactly as locked; nothing to do where the lock did not change.
pub(crate) fn packages(folder: &str) -> Outcome {
    let name = format!("packages-{}", folder.replace('/', "-"));
    let (manifest, lock) = (format!("{folder}/package.json"), format!("{folder}/package-lock.json"));
    let fingerprint = stamp::of(&[&manifest, &lock])?;
    if stamp::is_current(&name, &fingerprint) && Path::new(folder).join("node_modules").is_dir() {
        return Ok(());
    }
    let words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
    step::run(&format!("packages of {folder}"), &mut npm(folder, &words))?;
    stamp::keep(&name, &fingerprint)
}

/// The built pages in `web/console/dist`; answers whether they were built anew.
pub(crate) fn build() -> Outcome<bool> {
    packages(FOLDER)?;
    let fingerprint = stamp::of(&[FOLDER])?;
    if stamp::is_current("pages", &fingerprint) && Path::new(FOLDER).join("dist/index.html").is_file() {
        return Ok(false);
    }
    step::run("pages", &mut npm(FOLDER, &["run", "build"]))?;
    stamp::keep("pages", &fingerprint)?;
    Ok(true)
}

/// Lint, types and unit tests of the pages; all of them, also after one failed.
pub(crate) fn check() -> Vec<(&'static str, Outcome)> {
    let checks = [("pages: lint", "lint"), ("pages: types", "types"), ("pages: tests", "test")];
    checks.map(|(name, script)| (name, step::run(name, &mut npm(FOLDER, &["run", script])))).into()
}
