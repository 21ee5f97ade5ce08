//! `muster demo`.

use super::{Common, PrinterAt, Stop};
use crate::App;
use crate::app::Login;
use crate::demo;
use crate::lines::operation::operation_current;
use crate::migrations::MIGRATIONS;
use crate::play::{self, Stage};
use clap::Args;
use muster_kernel::{Clock, IdSource};
use muster_store::{Db, DbConfig, Dialect};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Play the demonstration: simulated figures of February 2020, roles instead of logins, a clock that runs.
#[derive(Args)]
pub(crate) struct Demo {
    /// Address to listen on; only loopback.
    #[arg(long, env = "MUSTER_LISTEN", default_value = "127.0.0.1:8020")]
    listen: SocketAddr,
    /// Folder for the demonstration's own database, written anew at each start; a folder for temporary files when
    /// absent. With --database postgres://… that database is used instead, and must be empty.
    #[arg(long, env = "MUSTER_DEMO_FOLDER")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    printer: PrinterAt,
}

impl Demo {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        if !self.listen.ip().is_loopback() {
            return Err(Stop::Machine("the demonstration has no logins: listen on loopback only".to_owned()));
        }
        let seed = Arc::new(demo::generate(demo::SEED));
        let folder = self.folder.clone().unwrap_or_else(|| std::env::temp_dir().join("muster-demo"));
        let postgres = common.database.starts_with("postgres");
        let db = if postgres { open(&common.database)? } else { prepare(&folder)? };
        let operation = match db.read("operation.current", |rx| operation_current(rx)).await? {
            Some(operation) => operation,
            None => {
                print!("Filing forty simulated days ");
                let shown = std::cell::Cell::new(0);
                let operation = play::load(&db, seed.clone(), |percent| {
                    while shown.get() < percent / 5 {
                        print!(".");
                        shown.set(shown.get() + 1);
                        let _ = std::io::stdout().flush();
                    }
                })
                .await?;
                println!(" done.");
                keep(&db, &folder)?;
                operation
            }
        };
        let opens_ms = demo::instant(demo::TODAY, demo::OPENS_MINUTE * 60);
        let mut app = App::new(db, Clock::starting_at(opens_ms), IdSource::Random, Login::Demo, operation);
        app.printer = self.printer.printer();
        let stage = Stage::new(seed, folder);
        app.stage = Some(stage.clone());
        tokio::spawn(stage.run(app.clone()));
        super::serve::run(app, self.listen).await
    }
}

fn open(url: &str) -> Result<Db, Stop> {
    let db = Db::open(&DbConfig::new(url))?;
    db.migrate(Clock::Wall.now_ms(), MIGRATIONS)?;
    Ok(db)
}

/// The seeded database that an earlier start kept, named by what it depends on.
fn seeded(folder: &Path) -> PathBuf {
    let migrations = MIGRATIONS.last().map_or(0, |last| last.number);
    folder.join(format!("seed-{}-{}-{migrations}.db", env!("CARGO_PKG_VERSION"), demo::SEED))
}

/// A database for this start: a copy of the seeded one if there is one, else an empty one.
fn prepare(folder: &Path) -> Result<Db, Stop> {
    std::fs::create_dir_all(folder)?;
    let running = folder.join("running.db");
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("running.db{end}")));
    }
    if seeded(folder).exists() {
        std::fs::copy(seeded(folder), &running)?;
    }
    open(&running.display().to_string())
}

/// Keeps what was just filed, so that the next start only copies it.
fn keep(db: &Db, folder: &Path) -> Result<(), Stop> {
    if db.dialect() == Dialect::Sqlite {
        let (to, partial) = (seeded(folder), folder.join("seed.partial"));
        let _ = std::fs::remove_file(&partial);
        db.backup(&partial, &mut |_, _| ())?;
        std::fs::rename(partial, to)?;
    }
    Ok(())
}
