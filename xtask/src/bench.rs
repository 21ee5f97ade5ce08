//! `make bench`: measures on this machine, on both stores, and writes docs/performance.md.

use crate::postgres::Cluster;
use crate::{Outcome, place, step, tools};

/// As the one file is built, so that what is measured is what is handed out.
const BENCH: [&str; 7] = ["bench", "-p", "muster", "--bench", "measure", "--profile", "dist"];

/// Builds everything with all optimisation and measures; words go to the measuring program.
pub(crate) fn run(words: &[String]) -> Outcome {
    tools::check()?;
    step::run("measuring program", place::cargo(&BENCH).arg("--no-run"))?;
    let cluster = Cluster::start()?;
    let mut bench = place::cargo(&BENCH);
    bench.arg("--quiet").arg("--").args(words).env("MUSTER_TEST_POSTGRES", cluster.url());
    let status = bench.status().map_err(|e| format!("cargo bench: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("the measuring program ended with {status}")) }
}
