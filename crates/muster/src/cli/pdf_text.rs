//! Reading a PDF in a process of its own, with bounded memory and time: whatever a hostile file does to the reader
//! (endless unpacking, recursion, a panic), the server only sees that it could not be read.

use super::Stop;
use crate::lines::command::notice::extract::{FILE_BYTES_MAX, TEXT_CHARS_MAX, pdf};
use muster_kernel::Problem;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{Read, Write};
use std::process::{Command, ExitCode, Stdio};

/// Address space of the process, bytes. A PDF of 20 MB needs a few hundred.
const MEMORY_BYTES_MAX: u64 = 1 << 30;
/// Processor time, seconds.
const CPU_S_MAX: u64 = 20;
/// Most bytes of text that are read back: more than the longest text that is taken in.
const TEXT_BYTES_MAX: u64 = TEXT_CHARS_MAX as u64 * 4 + 4096;

/// The process: a PDF on standard input, its text on standard output. Exits with 1 when it cannot be read.
pub(super) fn run() -> Result<ExitCode, Stop> {
    for (resource, most) in
        [(Resource::As, MEMORY_BYTES_MAX), (Resource::Cpu, CPU_S_MAX), (Resource::Core, 0)]
    {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(|error| Stop::Machine(error.to_string()))?;
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    let text = pdf::read_here(&bytes)?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The text of a PDF, read by another process of this program.
///
/// # Errors
/// `notice.pdf_unreadable` when that process ends in any other way than well.
pub(crate) fn read_apart(bytes: &[u8]) -> Result<String, Problem> {
    let program = std::env::current_exe().map_err(Problem::internal)?;
    let mut child = Command::new(program)
        .arg("pdf-text")
        .env_clear()
        // The allocator would reserve a gigabyte of addresses at once, and the bound would stop it.
        .env("MIMALLOC_ARENA_RESERVE", "65536")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Problem::internal)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let mut text = Vec::new();
    std::thread::scope(|scope| {
        // A process that dies early closes its end; what it could not read is no error of ours.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(bytes)));
        if let Some(stdout) = stdout {
            let _ = stdout.take(TEXT_BYTES_MAX).read_to_end(&mut text);
        }
    });
    let ended = child.wait().map_err(Problem::internal)?;
    let text = String::from_utf8(text).ok().filter(|_| ended.success());
    text.ok_or_else(|| Problem::invalid("notice.pdf_unreadable"))
}
