//! `make lint`: what a machine can see without running anything, in order of speed.

use crate::{Outcome, generated, place, step};
use std::process::Command;

/// Runs every lint, also after one failed.
pub(crate) fn run() -> Outcome {
    let mut outcomes = vec![step::run("rust: format", &mut place::cargo(&["fmt", "--all", "--", "--check"]))];
    outcomes.push(optional("typos", &mut Command::new("typos")));
    outcomes.push(optional("cargo-deny", &mut place::cargo(&["deny", "--log-level", "error", "check"])));
    let mut clippy = place::cargo(&["clippy", "--all-targets"]);
    outcomes.push(step::run("rust: clippy", clippy.args(place::ALL).args(["--", "-D", "warnings"])));
    outcomes.push(generated::run(true));
    let failed: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n      ")) }
}

/// Formats the Rust code.
pub(crate) fn format() -> Outcome {
    step::run("rust: format", &mut place::cargo(&["fmt", "--all"]))
}

/// A check whose program not everybody has; said when left out, so that nobody takes silence for a pass.
fn optional(program: &str, command: &mut Command) -> Outcome {
    if place::on_path(program) {
        step::run(program, command)
    } else {
        step::say(&format!("skip           {program} is not installed (cargo install --locked {program})"));
        Ok(())
    }
}
