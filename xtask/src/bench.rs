//! `make bench`: measures on this machine, on both stores.

use crate::postgres::Cluster;
use crate::{Outcome, place, step, tools};

/// Builds `muster` with all optimisation and lets it measure itself; it writes docs/performance.md.
pub(crate) fn run(words: &[String]) -> Outcome {
    tools::check()?;
    step::run("muster", &mut place::cargo(&["build", "--release", "-p", "muster"]))?;
    let cluster = Cluster::start()?;
    let mut bench = std::process::Command::new(place::binary("release", "muster"));
    bench.arg("bench").args(words).env("MUSTER_TEST_POSTGRES", cluster.url());
    let status = bench.status().map_err(|e| format!("muster bench: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("muster bench ended with {status}")) }
}
