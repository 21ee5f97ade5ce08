//! `make test`: sets up what the tests need, runs everything, and says what came of each part.

use crate::postgres::Cluster;
use crate::{Outcome, console, debian, place, step, tools};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Instant;

const E2E: &str = "web/e2e";

/// Runs all tests; a part that fails does not keep the others from being run.
pub(crate) fn run() -> Outcome {
    let since = Instant::now();
    tools::check()?;
    let lacking = debian::ensure(&[debian::POSTGRES, debian::CHROMIUM, debian::CJK_FONT])?;
    let mut parts: Vec<(&str, Outcome)> = Vec::new();

    // Side by side: the pages wait for the network and one core, the compiler takes the rest.
    let (pages, built) = thread::scope(|scope| {
        let pages = scope.spawn(|| {
            if !Path::new(console::FOLDER).exists() {
                return Vec::new();
            }
            let mut parts = vec![("pages: build", console::build().map(drop))];
            if parts[0].1.is_ok() {
                parts.extend(console::check());
            }
            parts
        });
        let built = step::run("rust: build", &mut tests("--no-run"));
        (pages.join().unwrap_or_default(), built)
    });
    let rust = built.is_ok();
    parts.extend(pages);
    parts.push(("rust: build", built));

    if rust {
        let cluster = Cluster::start();
        let mut command = tests("--no-fail-fast");
        match &cluster {
            Ok(cluster) => {
                command.env("MUSTER_TEST_POSTGRES", cluster.url());
            }
            Err(sentence) => step::say(&format!("on SQLite only: {sentence}")),
        }
        parts.push(("rust: tests", step::run("rust: tests", &mut command)));
        if place::on_path("cargo-nextest") {
            // nextest does not run the examples in the documentation; `cargo test` does both.
            let mut examples = place::cargo(&["test", "--doc", "--quiet"]);
            examples.args(place::ALL);
            parts.push(("rust: examples", step::run("rust: examples", &mut examples)));
        }
        parts.push(("PostgreSQL", cluster.map(drop)));
        parts.push(("contract", crate::fuzz::run(&[])));
        if Path::new(E2E).join("run.mjs").exists() {
            parts.push(("browser", browser()));
        }
    }
    summary(&parts, &lacking, since)
}

/// All Rust tests, by nextest where it is installed.
fn tests(last: &str) -> Command {
    if place::on_path("cargo-nextest") {
        let mut command = place::cargo(&["nextest", "run"]);
        command.args(place::ALL).arg(last);
        command.env("NEXTEST_STATUS_LEVEL", "fail").env("NEXTEST_FINAL_STATUS_LEVEL", "fail");
        command
    } else {
        let mut command = place::cargo(&["test"]);
        command.args(place::ALL).arg(last);
        command
    }
}

/// Any command, with the address of a cluster that lives as long as it does: for one test on both stores.
pub(crate) fn beside_postgres(words: &[String]) -> Outcome {
    let (program, words) = words.split_first().ok_or("which command?")?;
    let cluster = Cluster::start()?;
    let status = Command::new(program).args(words).env("MUSTER_TEST_POSTGRES", cluster.url()).status();
    let status = status.map_err(|e| format!("{program}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}")) }
}

/// The stories in a real browser, against the server just built.
fn browser() -> Outcome {
    if Path::new(E2E).join("package.json").exists() {
        console::packages(E2E)?;
    }
    // The stories look for the printer beside the server.
    step::run("rust: server", place::cargo(&["build", "--bins"]).args(place::ALL))?;
    let mut stories = Command::new("node");
    stories.arg(Path::new(E2E).join("run.mjs")).env("MUSTER_BIN", place::binary("debug", "muster"));
    step::run("browser: stories", &mut stories)
}

fn summary(parts: &[(&str, Outcome)], lacking: &[&str], since: Instant) -> Outcome {
    eprintln!();
    for (name, outcome) in parts {
        let counts = |text: &&String| {
            text.contains("tests run:") || text.contains(" passed") && !text.contains(" 0 passed")
        };
        for text in step::tail(&step::log_path(name), 400).iter().filter(counts) {
            step::say(&format!("      {}", text.trim()));
        }
        step::say(&format!("{}  {name}", if outcome.is_ok() { "ok  " } else { "FAIL" }));
    }
    let failed = parts.iter().filter(|(_, outcome)| outcome.is_err()).count();
    let took = step::time(since.elapsed());
    match (failed, lacking) {
        (0, []) => {
            step::say(&format!("all of it in {took}"));
            Ok(())
        }
        (0, lacking) => Err(format!("what was run passed, but this lacks: {} ({took})", lacking.join(", "))),
        (n, _) => Err(format!("{n} of {} parts failed ({took})", parts.len())),
    }
}
