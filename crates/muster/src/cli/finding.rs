//! `muster finding`: what inspectors found, read through the same door as a page.
//!
//! It lists and files nothing: whoever is on the machine is the office there, and a finding is an inspector's.

use super::door::escape;
use super::user::told;
use super::{Common, Stop};
use clap::Subcommand;
use std::process::ExitCode;

/// What inspectors found of units, with what the office answered and why one was closed.
#[derive(Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum FindingCommand {
    /// Findings, the latest first.
    List {
        /// Code of a unit: only about it and those below it.
        #[arg(long)]
        unit: Option<String>,
        /// Rows wanted, 1 to 1000.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Where the page before ended.
        #[arg(long)]
        cursor: Option<String>,
    },
}

const HELP: &str = "\
Example:
  muster finding list --unit G07

A finding is written by an inspector on the page, and by nobody on the machine.
Exit codes: 0 done; 1 refused; 2 wrong command line; 3 the database or the machine failed.";

impl FindingCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        common.must_be_there()?;
        match self {
            Self::List { unit, limit, cursor } => {
                let unit = unit.map(|unit| format!("&node=unit:{}", escape(&unit))).unwrap_or_default();
                let cursor = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
                told(common, &format!("/findings?limit={limit}{unit}{cursor}")).await
            }
        }
    }
}
