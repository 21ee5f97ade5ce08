//! `make demo`: from a fresh clone to an open demonstration.

use crate::{Outcome, console, debian, place, step, tools};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{fs, io};

/// How often it is looked whether the printer's build has ended.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Sets up, builds the pages and the server side by side, opens the demonstration, and builds the printer behind it.
pub(crate) fn run(words: &[String]) -> Outcome {
    let since = Instant::now();
    tools::check()?;
    // The font is the printer's and may come late; nothing waits for it but the first brief.
    debian::ensure(&[debian::CJK_FONT])?;
    build()?;
    // Of a build that failed another time.
    match fs::remove_file(failed()) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(format!("{}: {e}", failed().display())),
        _ => {}
    }
    let mut server = Command::new(place::binary("demo", "muster"))
        .args(["demo", "--printer-follows"])
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("the server did not start: {e}"))?;
    let printer = follow(&mut server, since);
    let status = server.wait().map_err(|e| e.to_string())?;
    drop(printer);
    // A demonstration is ended by ctrl-C, which is no failure.
    if status.success() || status.code().is_none() {
        Ok(())
    } else {
        Err(format!("the server ended with {status}"))
    }
}

/// Pages and server side by side: fetching packages waits for the network while the compiler computes.
fn build() -> Outcome {
    let compile = || place::cargo(&["build", "--profile", "demo", "-p", "muster"]);
    let (pages, server) = thread::scope(|scope| {
        let pages = scope.spawn(console::build);
        let server = step::run("server", &mut compile());
        (pages.join().unwrap_or_else(|_| Err("the build of the pages broke off".into())), server)
    });
    server?;
    if pages? {
        // The pages are inside the binary; where they came later than the compiler looked, it looks again.
        step::run("pages into the server", &mut compile())?;
    }
    Ok(())
}

/// Passes the server's words on; when it says its address, opens a browser and starts the printer's build.
fn follow(server: &mut Child, since: Instant) -> Option<Behind> {
    let mut printer = None;
    let out = server.stdout.take()?;
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        println!("{line}");
        if let (None, Some(address)) = (&printer, line.split_whitespace().find(|w| w.starts_with("http://")))
        {
            println!("  open after {}; ctrl-C ends it", step::time(since.elapsed()));
            open_browser(address);
            printer = Some(Behind::watch(build_printer(), failed()));
        }
    }
    printer
}

/// The printer follows behind at the lowest priority, so that the pages stay quick; until it is there the PDF
/// button says so.
fn build_printer() -> Option<Child> {
    let log = step::open_log(&step::log_path("printer")).ok()?;
    let twin = log.try_clone().ok()?;
    let cargo = place::cargo(&["build", "--profile", "demo", "-p", "muster-print", "--features", "engine"]);
    Command::new("nice")
        .args(["-n", "15"])
        .arg(cargo.get_program())
        .args(cargo.get_args())
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(twin)
        .spawn()
        .ok()
}

/// Where the server looks whether the printer that it waits for comes no more.
fn failed() -> PathBuf {
    place::binary("demo", "muster-print.failed")
}

/// The printer's build, looked after until it ends; dropped, it is ended.
struct Behind {
    end: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

impl Behind {
    /// Looks after a build. One that fails, or did not start, leaves a file: else a page would wait for the printer for ever.
    fn watch(build: Option<Child>, failed: PathBuf) -> Self {
        let (end, ended) = mpsc::channel();
        let watch = thread::spawn(move || {
            let Some(mut build) = build else { return give_up(&failed) };
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(LOOK_EVERY) {
                match build.try_wait() {
                    Ok(None) => {}
                    Ok(Some(status)) if status.success() => return,
                    _ => return give_up(&failed),
                }
            }
            let _ = build.kill();
            let _ = build.wait();
        });
        Self { end: Some(end), watch: Some(watch) }
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        drop(self.end.take());
        self.watch.take().map(JoinHandle::join);
    }
}

/// Says to whoever started it, and to the server, that there will be no printer.
fn give_up(failed: &Path) {
    let log = step::log_path("printer");
    step::say(&format!(
        "the printer could not be built, so there are no files of a brief; why is in {}",
        log.display()
    ));
    if let Err(e) = fs::write(failed, b"") {
        step::say(&format!("{}: {e}", failed.display()));
    }
}

/// Only at a desk: on a server without a screen the printed address is enough.
fn open_browser(address: &str) {
    let desk = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if desk && place::on_path("xdg-open") {
        let _ = Command::new("xdg-open").arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_build_that_failed_leaves_word_of_it() {
        let start = |line: &str| Command::new("sh").args(["-c", line]).spawn().ok();
        for (name, build, leaves) in
            [("good", start("true"), false), ("bad", start("exit 101"), true), ("none", None, true)]
        {
            let file = std::env::temp_dir().join(format!("muster-behind-{name}-{}", std::process::id()));
            let mut behind = Behind::watch(build, file.clone());
            behind.watch.take().map(JoinHandle::join);
            assert_eq!(file.exists(), leaves, "{name}");
            let _ = fs::remove_file(file);
        }
        // A demonstration that ends before the build does ends it, which is no failure.
        let file = std::env::temp_dir().join(format!("muster-behind-ended-{}", std::process::id()));
        let since = Instant::now();
        drop(Behind::watch(start("exec sleep 60"), file.clone()));
        assert!(since.elapsed() < Duration::from_secs(30) && !file.exists());
    }
}
