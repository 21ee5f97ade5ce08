//! `make dist`: one file with pages, fonts, migrations and the printer in it, linked statically, so that it runs on
//! a machine with nothing installed.

use crate::{Outcome, console, debian, place, sbom, step, tools};
use std::fs;
use std::path::Path;

/// The file.
const FILE: &str = "dist/muster";

/// Builds `dist/muster` for this machine's processor.
pub(crate) fn run() -> Outcome {
    tools::check()?;
    if let [lacks, ..] = debian::ensure(&[debian::CJK_FONT])?[..] {
        return Err(format!("the file carries its font with it, and {lacks} is not here to be put in"));
    }
    console::build()?;
    let triple = triple();
    // glibc itself goes in: no C library is asked of the machine. `--target` keeps the flag from the compiler's own
    // plug-ins, which must stay dynamic.
    let words = ["--features", "print,embed-fonts", "--target", &triple];
    step::run(
        "one file",
        place::cargo(&["build", "--profile", "dist", "-p", "muster"])
            .args(words)
            .env("RUSTFLAGS", "-C target-feature=+crt-static"),
    )?;
    let built = place::target().join(&triple).join("dist/muster");
    let copied = fs::create_dir_all("dist").and_then(|()| fs::copy(&built, FILE));
    let bytes = copied.map_err(|e| format!("{}: {e}", Path::new(FILE).display()))?;
    step::say(&format!("{FILE}: {:.1} MB", bytes as f64 / 1e6));
    sbom::write(&words)
}

/// Only the bills of what would be in it.
pub(crate) fn bills() -> Outcome {
    fs::create_dir_all("dist").map_err(|e| format!("dist: {e}"))?;
    sbom::write(&["--features", "print,embed-fonts", "--target", &triple()])
}

fn triple() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}
