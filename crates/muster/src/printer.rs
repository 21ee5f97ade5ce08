//! The printer: a process of its own that makes paper of a brief. A crash or a blow-up of the typesetter stays there;
//! here its memory, its time and what it writes are bounded, and one file is printed at a time.

use muster_kernel::{Problem, ProblemKind};
use muster_print::Format;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

/// Requests that may wait for the printer.
const WAITING_MAX: usize = 16;
/// The longest a file may take.
const TIME_MAX: Duration = Duration::from_secs(60);
/// Address space of the process, bytes. A brief of some thousand rows needs a few hundred megabytes.
const MEMORY_BYTES_MAX: u64 = 3 << 30;
/// The largest file.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// What is read of the printer's complaint.
const COMPLAINT_BYTES_MAX: u64 = 8 << 10;
/// Where the printer is built behind the server: seconds after which asking again makes sense.
const NOT_READY_S: u32 = 10;
/// The printer's exit code where it found no font for Chinese.
const NO_FONT: i32 = 4;

/// Where the printer is, and whose turn it is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Printer {
    named: Option<Arc<Path>>,
    /// Somebody builds it at this moment.
    follows: bool,
    waiting: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

/// Whether there is a printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be started.
    Ready,
    /// Somebody builds it: it will be there by itself.
    Follows,
    /// There is none, and none will come.
    None,
}

impl Standing {
    /// Its word: `ready`, `follows`, `none`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Follows => "follows",
            Self::None => "none",
        }
    }
}

impl Default for Printer {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Printer {
    /// The printer at a path, or the one found beside this program.
    pub fn new(named: Option<PathBuf>) -> Self {
        Self {
            named: named.map(Into::into),
            follows: false,
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// The same, where somebody builds it behind the server: while it is not there, it is worth asking again. Whoever builds
    /// it and fails leaves a file `muster-print.failed` where it was to come.
    #[must_use]
    pub fn following(mut self) -> Self {
        self.follows = true;
        self
    }

    /// Prints a document (JSON).
    ///
    /// # Errors
    /// `print.none` where there is no printer, `print.not_ready` while one is being built, `print.not_built` where that
    /// failed; `busy` when too many wait; `print.no_font`; `print.too_long` when it takes more than a minute; a fault of ours for anything else.
    pub async fn print(&self, document: &[u8], format: Format) -> Result<Vec<u8>, Problem> {
        let _waiting = self.waiting.try_acquire().map_err(|_| busy("busy", 5))?;
        let _turn = self.turn.acquire().await.map_err(Problem::internal)?;
        let mut command = self.command().ok_or_else(|| self.absent())?;
        command.args(["--format", format.extension()]);
        match tokio::time::timeout(TIME_MAX, self.run(command, document)).await {
            Ok(printed) => printed,
            Err(_) => Err(busy("print.too_long", 60)),
        }
    }

    /// Whether there is one, as far as looking at its place tells.
    pub fn standing(&self) -> Standing {
        match (self.command(), self.follows && !self.place().with_extension("failed").exists()) {
            (Some(_), _) => Standing::Ready,
            (None, true) => Standing::Follows,
            (None, false) => Standing::None,
        }
    }

    /// Where the printer is looked for.
    pub fn place(&self) -> PathBuf {
        let beside = || {
            let name = format!("muster-print{}", std::env::consts::EXE_SUFFIX);
            std::env::current_exe().map_or_else(|_| PathBuf::from(&name), |own| own.with_file_name(&name))
        };
        self.named.as_deref().map_or_else(beside, Into::into)
    }

    /// The process to start; none while it is not there.
    fn command(&self) -> Option<Command> {
        let place = self.place();
        if place.is_file() {
            return Some(Command::new(place));
        }
        if self.named.is_some() {
            return None;
        }
        let own = std::env::current_exe().ok()?;
        cfg!(feature = "print").then(|| {
            let mut command = Command::new(own);
            command.arg("print");
            command
        })
    }

    /// Why there is none: only one that is being built will be there by itself.
    fn absent(&self) -> Problem {
        if !self.follows {
            return Problem::new(ProblemKind::Busy, "print.none");
        }
        match self.place().with_extension("failed").exists() {
            true => Problem::new(ProblemKind::Busy, "print.not_built"),
            false => busy("print.not_ready", NOT_READY_S),
        }
    }

    async fn run(&self, mut command: Command, document: &[u8]) -> Result<Vec<u8>, Problem> {
        let spawned = command
            // It needs no database, least of all its password.
            .env_remove("MUSTER_DATABASE")
            // The allocator would reserve a gigabyte of addresses at once, and the bound would stop it.
            .env("MIMALLOC_ARENA_RESERVE", "65536")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        // A file that is just being written cannot be started yet.
        let mut child = spawned.map_err(|_| self.absent())?;
        // It waits for its document, so that the bounds stand before it does anything.
        bound(&child)?;
        let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (mut bytes, mut complaint) = (Vec::new(), Vec::new());
        let write = async {
            if let Some(mut stdin) = stdin.take() {
                // A printer that dies early closes its end; its exit code tells.
                let _ = stdin.write_all(document).await;
            }
        };
        let read = async {
            if let Some(stdout) = stdout {
                let _ = stdout.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).await;
            }
        };
        let listen = async {
            if let Some(stderr) = stderr {
                let _ = stderr.take(COMPLAINT_BYTES_MAX).read_to_end(&mut complaint).await;
            }
        };
        tokio::join!(write, read, listen);
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(Problem::internal("the printer wrote more than a file may have"));
        }
        let ended = child.wait().await.map_err(Problem::internal)?;
        match ended.code() {
            Some(0) => Ok(bytes),
            Some(NO_FONT) => Err(busy("print.no_font", 60)),
            _ => Err(Problem::internal(format!("printer: {ended}: {}", String::from_utf8_lossy(&complaint)))),
        }
    }
}

/// Bounds the memory of a process and the time it may compute.
#[cfg(target_os = "linux")]
fn bound(child: &Child) -> Result<(), Problem> {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let limits = [(Resource::As, MEMORY_BYTES_MAX), (Resource::Cpu, TIME_MAX.as_secs()), (Resource::Core, 0)];
    for (resource, most) in limits {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        prlimit(pid, resource, limit).map_err(Problem::internal)?;
    }
    Ok(())
}

/// Elsewhere only its time on the wall is bounded.
#[cfg(not(target_os = "linux"))]
fn bound(_: &Child) -> Result<(), Problem> {
    Ok(())
}

fn busy(code: &'static str, seconds: u32) -> Problem {
    Problem::new(ProblemKind::Busy, code).retry_after(seconds)
}
