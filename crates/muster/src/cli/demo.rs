//! `muster demo`.

use super::{Common, PrinterAt, Stop};
use crate::app::Login;
use crate::demo;
use crate::lines::operation::operation_current;
use crate::migrations::MIGRATIONS;
use crate::play::{self, OwnFolder, Stage};
use crate::seal::Seals;
use crate::{App, say};
use clap::Args;
use muster_kernel::{Clock, IdSource, Problem, ProblemKind};
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
    #[arg(long, env = "MUSTER_LISTEN", default_value = "127.0.0.1:8020", value_parser = super::outside::loopback)]
    listen: SocketAddr,
    /// Folder for the demonstration's own database, written anew at each start; a folder for temporary files when
    /// absent. With --database postgres://… that database is used instead, and must be empty.
    #[arg(long, env = "MUSTER_DEMO_FOLDER")]
    folder: Option<PathBuf>,
    /// Folder where operations of your own that are begun from the demonstration are kept (muster-own.db, and so on);
    /// where you are when absent. Unlike the demonstration's figures they stay.
    #[arg(long, env = "MUSTER_OWN_FOLDER", default_value = ".")]
    own_folder: PathBuf,
    #[command(flatten)]
    printer: PrinterAt,
    /// The printer is being built meanwhile (`make demo`): while it is not there, the page asks again.
    #[arg(long, hide = true)]
    printer_follows: bool,
}

impl Demo {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let seed = Arc::new(demo::generate(demo::SEED));
        // First of all the address: nobody waits for forty days of reports to hear that it is taken.
        let listener = super::outside::listen(self.listen).await?;
        let folder = self.folder.clone().unwrap_or_else(|| std::env::temp_dir().join("muster-demo"));
        let seat = Seat::take(&folder)?;
        let postgres = common.database.starts_with("postgres");
        let db = if postgres { open(&common.database)? } else { prepare(&folder, &seat)? };
        let operation = match db.read("operation.current", |rx| operation_current(rx)).await? {
            // Roles instead of logins, over somebody's own figures.
            Some(_) if postgres => return Err(Problem::conflict("demo.database_not_empty").into()),
            Some(operation) => operation,
            None => {
                print!("{} ", say::word(common.locale(), "demo.filing"));
                let shown = std::cell::Cell::new(0);
                let operation = play::load(&db, seed.clone(), |percent| {
                    while shown.get() < percent / 5 {
                        print!(".");
                        shown.set(shown.get() + 1);
                        let _ = std::io::stdout().flush();
                    }
                })
                .await?;
                println!(" {}", say::word(common.locale(), "demo.filed"));
                keep(&db, &folder, &seat)?;
                operation
            }
        };
        let opens_ms = demo::instant(demo::TODAY, demo::OPENS_MINUTE * 60);
        let mut app = App::new(db, Clock::starting_at(opens_ms), IdSource::Random, Login::Demo, operation);
        app.seals = Seals::of_demo();
        let printer = self.printer.printer();
        app.printer = if self.printer_follows { printer.following() } else { printer };
        let own = OwnFolder::new(std::path::absolute(&self.own_folder)?.components().collect(), program());
        let stage = Stage::new(seed, own);
        app.stage = Some(stage.clone());
        tokio::spawn(stage.run(app.clone()));
        let stop = super::serve::stopped();
        super::outside::say_open(common.locale(), &[format!("http://{}", listener.local_addr()?)]);
        super::serve::run(app, listener, stop).await
    }
}

/// What one types to run this program: its name where the shell finds it, else its path.
fn program() -> String {
    let said = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    match said.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::env::current_exe().unwrap_or(said).display().to_string()
        }
        _ => "muster".to_owned(),
    }
}

/// Demonstrations that one folder takes at a time.
const SEATS_MAX: u32 = 16;

/// A demonstration's own files in its folder. Two may run at a time: the lock says which number is taken, and goes
/// with the process.
struct Seat {
    number: u32,
    _lock: std::fs::File,
}

impl Seat {
    fn take(folder: &Path) -> Result<Self, Stop> {
        std::fs::create_dir_all(folder)?;
        for number in 1..=SEATS_MAX {
            let path = folder.join(format!("running-{number}.lock"));
            let lock = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            match lock.try_lock() {
                Ok(()) => return Ok(Self { number, _lock: lock }),
                Err(std::fs::TryLockError::WouldBlock) => {}
                Err(std::fs::TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        let folder = folder.display();
        let full = Problem::new(ProblemKind::Busy, "demo.seats_full").with("max", SEATS_MAX);
        Err(full.with("folder", folder).into())
    }
    /// A database of this demonstration.
    fn file(&self, name: &str) -> String {
        if self.number == 1 { format!("{name}.db") } else { format!("{name}-{}.db", self.number) }
    }
}

fn open(url: &str) -> Result<Db, Stop> {
    // Whoever watches a demonstration start is not told how long each of its five hundred writes took.
    let db = Db::open(&DbConfig { slow_warns: false, ..DbConfig::new(url) })?;
    db.migrate(Clock::Wall.now_ms(), MIGRATIONS)?;
    Ok(db)
}

/// The seeded database that an earlier start of this very program kept; another build may file otherwise.
fn seeded(folder: &Path) -> PathBuf {
    let built = std::env::current_exe().and_then(std::fs::metadata).and_then(|file| file.modified()).ok();
    let built = built.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let built = built.map_or(0, |at| at.as_millis());
    folder.join(format!("seed-{}-{}-{built}.db", env!("CARGO_PKG_VERSION"), demo::SEED))
}

/// A database for this start: a copy of the seeded one if there is one, else an empty one.
fn prepare(folder: &Path, seat: &Seat) -> Result<Db, Stop> {
    let file = seat.file("running");
    let running = folder.join(&file);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("{file}{end}")));
    }
    if seeded(folder).exists() {
        std::fs::copy(seeded(folder), &running)?;
    }
    open(&running.display().to_string())
}

/// Keeps what was just filed, so that the next start only copies it; what another build kept goes.
fn keep(db: &Db, folder: &Path, seat: &Seat) -> Result<(), Stop> {
    if db.dialect() == Dialect::Sqlite {
        let (to, partial) = (seeded(folder), folder.join(seat.file("partial")));
        let _ = std::fs::remove_file(&partial);
        for entry in std::fs::read_dir(folder)?.filter_map(Result::ok) {
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.starts_with("seed-") && name.ends_with(".db")) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        db.backup(&partial, &mut |_, _| ())?;
        std::fs::rename(partial, to)?;
    }
    Ok(())
}
