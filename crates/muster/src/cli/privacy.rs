//! `muster privacy`: what is kept of persons, on what legal basis, until when.

use super::door::{escape, given, tell};
use super::user::told;
use super::{Common, Stop, day};
use axum::http::Method;
use clap::Subcommand;
use muster_kernel::Day;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What is kept of persons: what for, on what legal basis, until when.
///
/// Names of accounts that ended and telephones of units that closed are erased by themselves, after the days that are
/// said here; all telephones after the operation ended.
#[derive(Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum PrivacyCommand {
    /// Every personal field, and when the operation ends.
    Show,
    /// Say on what legal basis a field is kept, or for how many days after its occasion ended.
    Set {
        /// The field, from muster privacy show.
        field: String,
        /// The legal basis; '' takes the words from the start.
        #[arg(long)]
        basis: Option<String>,
        /// Days after its occasion ended, at most 3650.
        #[arg(long, value_name = "DAYS")]
        keep: Option<u32>,
    },
    /// Say on which day the operation ends as far as persons are concerned. Said again, it is another decision.
    End {
        /// First day on which it is over, YYYY-MM-DD.
        #[arg(value_parser = day)]
        day: Day,
        /// Why then; journalled.
        #[arg(long)]
        reason: String,
    },
}

const HELP: &str = "\
Examples:
  muster privacy show
  muster privacy set duty_phone --keep 14
  muster privacy end 2020-06-30 --reason 'the response is stood down'
  muster user data wang --purpose 'he asked for it'
  muster user erase wang --purpose 'he asked for it'
  muster post forget 0551-5550100 --purpose 'she asked for it'

Exit codes: 0 done; 1 refused, and nothing is changed; 2 wrong command line; 3 the database or the machine failed.";

impl PrivacyCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        match self {
            Self::Show => {
                common.must_be_there()?;
                told(common, "/privacy").await
            }
            Self::Set { field, basis, keep } => {
                let body =
                    given(vec![("basis", basis.map(Value::from)), ("keep_days", keep.map(Value::from))]);
                tell(common, Method::PUT, &format!("/privacy/fields/{}", escape(&field)), &body.into()).await
            }
            Self::End { day, reason } => {
                tell(
                    common,
                    Method::PUT,
                    "/privacy/end",
                    &json!({ "day": day.to_string(), "reason": reason }),
                )
                .await
            }
        }
    }
}
