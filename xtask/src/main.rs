//! All automation of the project: set-up, demonstration, tests, checks, generated files, the one file.
//!
//! Only the standard library, so that it is there seconds after a fresh clone. Each word says what it does,
//! shows each step with its time, and keeps the noise in `target/log`, of which the end is shown when a step
//! fails. `make` is a short way to the same words.
#![expect(
    clippy::disallowed_methods,
    reason = "automation stands outside the house: its clock and environment are real"
)]

mod audit;
mod bench;
mod console;
mod debian;
mod demo;
mod dist;
mod fuzz;
mod generated;
mod lint;
mod place;
mod postgres;
mod sbom;
mod stamp;
mod step;
mod test;
mod tools;

use std::process::ExitCode;

/// What a word answers: nothing, or the sentence to end with.
type Outcome<T = ()> = Result<T, String>;

const HELP: &str = "\
cargo xtask WORD

  demo    set up, build, and open the demonstration; further words go to `muster demo`
  test    set up what the tests need, and run them all
  lint    formatting, spelling, clippy, licences, generated files current
  audit   known faults, licences and sources of all that is built in; asks the network
  ci      lint and test
  pg      run the command that follows beside a PostgreSQL of its own (MUSTER_TEST_POSTGRES)
  fmt     format the Rust code
  gen     write openapi.json and the web client anew (--check: only say whether they are current)
  dist    one offline file: dist/muster, and beside it what is in it (CycloneDX)
  sbom    only what would be in it
  fuzz    try the contract as nobody and as each role (schemathesis); a number says how often each door
  bench   measure, and write docs/performance.md; further words go to `muster bench`
  clean   remove what was built
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let word = words.next().unwrap_or_default();
    let rest: Vec<String> = words.collect();
    let outcome = place::enter_root().and_then(|()| match word.as_str() {
        "demo" => demo::run(&rest),
        "test" => test::run(),
        "lint" => lint::run(),
        "audit" => audit::run(),
        "ci" => lint::run().and_then(|()| test::run()),
        "pg" => test::beside_postgres(&rest),
        "fmt" => lint::format(),
        "gen" => generated::run(rest.iter().any(|word| word == "--check")),
        "dist" => dist::run(),
        "sbom" => dist::bills(),
        "bench" => bench::run(&rest),
        "fuzz" => fuzz::run(&rest),
        "clean" => place::clean(),
        _ => {
            print!("{HELP}");
            Ok(())
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("\n{word}: {sentence}");
            ExitCode::FAILURE
        }
    }
}
