//! `muster backup`: a copy that is whole while others write.

use super::progress::Progress;
use super::{Common, Stop};
use clap::Args;
use muster_kernel::Problem;
use muster_store::Dialect;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Copy a running SQLite database to a file, whole, as it is at this moment.
///
/// Servers go on writing meanwhile. The copy appears under its name once it is complete and on disk; only its owner may
/// read it, since it holds what the database holds. It is a database like the one it was made of, so there is no command
/// to restore: start on it with --database, or put it in its place: stop the server, move the old file and its -wal and
/// -shm away, put the copy there, look at it with `muster verify --deep`, start. What was acknowledged after the copy began is not in it:
/// `muster verify --heads`, with heads that were saved later, says where the copy ends. PostgreSQL is copied with pg_dump.
///
/// Exit codes: 0 the copy is there; 1 refused (a file of that name is there, or the database is PostgreSQL); 2 wrong
/// command line; 3 the store or the disk failed, and there is no copy.
#[derive(Args)]
pub(crate) struct Backup {
    /// Where to; never over a file that is there.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let db = common.open_existing()?;
        if db.dialect() == Dialect::Postgres {
            return Err(Problem::invalid("backup.postgres").into());
        }
        if self.file.exists() {
            return Err(Problem::conflict("backup.file_there").with("file", self.file.display()).into());
        }
        let (file, mut progress) = (self.file.clone(), Progress::new(common.locale()));
        let copied = tokio::task::spawn_blocking(move || {
            db.backup(&file, &mut |done, all| progress.hear("pages", done, all))
        });
        copied.await.map_err(|error| Stop::Machine(error.to_string()))??;
        let bytes = self.file.metadata()?.len();
        match common.json {
            true => common.answer(&json!({ "file": self.file, "bytes": bytes }))?,
            false => {
                let done =
                    Problem::invalid("backup.done").with("file", self.file.display()).with("bytes", bytes);
                println!("{}", crate::say::problem(common.locale(), &done));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
