//! Generated files: written by a program, committed, and checked to be current. `openapi.json` is written by
//! `muster`, and the web client is written from it.

use crate::{Outcome, console, place, stamp, step};
use std::fs;
use std::path::Path;
use std::process::Command;

const CONTRACT: &str = "openapi.json";
const CLIENT: &str = "web/console/src/api";

/// Writes all of them anew. With `check` it is a failure that anything changed; what was written stays, ready to
/// be committed.
pub(crate) fn run(check: bool) -> Outcome {
    let before = stamp::of(&[CONTRACT, CLIENT])?;
    contract()?;
    if Path::new(console::FOLDER).join("orval.config.ts").exists() {
        console::packages(console::FOLDER)?;
        step::run("web client", &mut console::npm(console::FOLDER, &["run", "api"]))?;
    }
    if check && stamp::of(&[CONTRACT, CLIENT])? != before {
        return Err(format!(
            "{CONTRACT} or {CLIENT} was not current; it is now: read the change and commit it"
        ));
    }
    Ok(())
}

fn contract() -> Outcome {
    step::run("rust: server", &mut place::cargo(&["build", "-p", "muster"]))?;
    let out = Command::new(place::binary("debug", "muster")).arg("openapi").output();
    let out = out.map_err(|e| format!("muster openapi: {e}"))?;
    if !out.status.success() {
        return Err(format!("muster openapi: {}", String::from_utf8_lossy(&out.stderr)));
    }
    fs::write(CONTRACT, out.stdout).map_err(|e| format!("{CONTRACT}: {e}"))
}
