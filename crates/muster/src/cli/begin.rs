//! `muster begin`: an operation, without a page.

use super::{Common, Stop};
use crate::App;
use crate::app::Login;
use crate::lines::operation::{Operation, operation_current};
use crate::serve::begin::{Begin, begin_operation};
use clap::Args;
use muster_kernel::{Clock, IdSource, Problem};
use std::io::BufRead;
use std::process::ExitCode;

/// Begin the operation of an empty database: the office's title and the first account.
///
/// The password is read from the first line of standard input, so that it stands in no list of processes.
#[derive(Args)]
pub(crate) struct BeginCommand {
    /// The title of the office that runs the operation.
    #[arg(long)]
    office: String,
    /// What the emergency is called; the office's title when absent.
    #[arg(long, default_value = "")]
    name: String,
    /// IANA time zone.
    #[arg(long, default_value = "Asia/Shanghai")]
    zone: String,
    /// Login name of the first account, which may do everything.
    #[arg(long)]
    account: String,
}

impl BeginCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let db = common.open_or_make().await?;
        if db.read("operation.current", |rx| operation_current(rx)).await?.is_some() {
            return Err(Problem::conflict("operation.begun").into());
        }
        if common.seals()?.ring().is_none() && common.seals()?.file().is_none() {
            return Err(Problem::conflict("seal.keys_needed").into());
        }
        common.keys_first(&db).await?;
        let mut app = App::new(db, Clock::Wall, IdSource::Random, Login::Local, Operation::unnamed());
        app.seals = common.seals()?;
        let BeginCommand { office, name, zone, account } = self;
        let begin = Begin { office: office.clone(), name, zone, account, password: password()? };
        begin_operation(&app, begin, "muster begin").await?;
        common.tell("begin.done", &[("office", office)])?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The first line of standard input.
pub(super) fn password() -> Result<String, Stop> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
