//! A step: a command whose noise goes to `target/log`, shown as one line with its time.

use crate::{Outcome, place};
use std::fs::File;
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// Lines of the log shown when a step fails.
const TAIL_LINES: usize = 60;
/// How often a step that takes long says so where no terminal shows it.
const WORD_EVERY: Duration = Duration::from_secs(60);

struct Running {
    name: String,
    log: PathBuf,
    since: Instant,
    said: Duration,
}

/// The steps under way; several when they run side by side.
static BOARD: Mutex<Vec<Running>> = Mutex::new(Vec::new());
static PAINTER: OnceLock<()> = OnceLock::new();

/// Says in one line what comes next.
pub(crate) fn say(sentence: &str) {
    line(&format!("  {sentence}"));
}

/// Runs a command as a step called `name`; its output is in `target/log/<name>.log`.
pub(crate) fn run(name: &str, command: &mut Command) -> Outcome {
    let log = log_path(name);
    let file = open_log(&log)?;
    let twin = file.try_clone().map_err(|e| format!("{}: {e}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file).stderr(twin);
    let since = Instant::now();
    let mut child = command
        .spawn()
        .map_err(|e| format!("{name}: {} did not start: {e}", command.get_program().to_string_lossy()))?;
    begin(name, &log, since);
    let status = child.wait();
    end(name);
    let status = status.map_err(|e| format!("{name}: {e}"))?;
    if status.success() {
        line(&format!("  ok    {:>7}  {name}", time(since.elapsed())));
        return Ok(());
    }
    line(&format!("  FAIL  {:>7}  {name} ({status}); the end of {}:", time(since.elapsed()), log.display()));
    for text in tail(&log, TAIL_LINES) {
        line(&format!("      | {text}"));
    }
    Err(format!("{name} failed; all of it is in {}", log.display()))
}

/// Where the noise of a step is kept.
pub(crate) fn log_path(name: &str) -> PathBuf {
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    place::target().join("log").join(words.join("-") + ".log")
}

/// An empty log at `path`.
pub(crate) fn open_log(path: &Path) -> Outcome<File> {
    let at = |e| format!("{}: {e}", path.display());
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(at)?;
    File::create(path).map_err(at)
}

/// The last lines of a log, without colours.
pub(crate) fn tail(log: &Path, lines: usize) -> Vec<String> {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(log) {
        let size = file.metadata().map_or(0, |m| m.len());
        // A log may be many megabytes; what is shown is its end.
        let _ = file.seek(SeekFrom::Start(size.saturating_sub(64 * 1024)));
        let _ = file.read_to_end(&mut bytes);
    }
    let text = plain(&String::from_utf8_lossy(&bytes));
    let all: Vec<&str> = text.lines().map(str::trim_end).filter(|l| !l.is_empty()).collect();
    all[all.len().saturating_sub(lines)..].iter().map(|l| (*l).to_owned()).collect()
}

/// `3.2 s`, or `4 m 07 s` from a minute on.
pub(crate) fn time(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds < 60 {
        format!("{:.1} s", took.as_secs_f64())
    } else {
        format!("{} m {:02} s", seconds / 60, seconds % 60)
    }
}

/// Text without terminal escapes, and of a line overwritten by `\r` only what was seen last.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                // ESC [ .. letter
                for next in chars.by_ref() {
                    if next.is_ascii_alphabetic() {
                        break;
                    }
                }
            }
            '\r' => out.push('\n'),
            c => out.push(c),
        }
    }
    out
}

fn board() -> std::sync::MutexGuard<'static, Vec<Running>> {
    BOARD.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn begin(name: &str, log: &Path, since: Instant) {
    board().push(Running { name: name.into(), log: log.into(), since, said: Duration::ZERO });
    PAINTER.get_or_init(|| {
        thread::spawn(paint);
    });
}

fn end(name: &str) {
    board().retain(|r| r.name != name);
}

/// A whole line, over whatever the painter left on the last one.
fn line(text: &str) {
    let clear = if std::io::stderr().is_terminal() { "\r\u{1b}[2K" } else { "" };
    eprintln!("{clear}{text}");
}

/// Keeps one line alive at the foot of a terminal; elsewhere says once a minute that a step still runs.
fn paint() {
    let terminal = std::io::stderr().is_terminal();
    loop {
        thread::sleep(Duration::from_millis(if terminal { 250 } else { 1000 }));
        let mut running = board();
        if terminal && !running.is_empty() {
            let parts: Vec<String> = running
                .iter()
                .map(|r| {
                    let last = tail(&r.log, 1).pop().unwrap_or_default();
                    let last: String = last.trim().chars().take(44).collect();
                    format!("{} {}: {last}", time(r.since.elapsed()), r.name)
                })
                .collect();
            let text: String = parts.join("  |  ").chars().take(150).collect();
            let mut err = std::io::stderr().lock();
            let _ = write!(err, "\r\u{1b}[2K  ...   {text}");
            let _ = err.flush();
        } else if !terminal {
            for r in running.iter_mut().filter(|r| r.since.elapsed() >= r.said + WORD_EVERY) {
                r.said = r.since.elapsed();
                eprintln!("  ...   {:>7}  {}", time(r.said), r.name);
            }
        }
    }
}
