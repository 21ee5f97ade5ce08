//! `make demo`: from a fresh clone to an open demonstration.

use crate::{Outcome, console, debian, place, step, tools};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

/// Sets up, builds the pages and the server side by side, opens the demonstration, and builds the printer behind it.
pub(crate) fn run(words: &[String]) -> Outcome {
    let since = Instant::now();
    tools::check()?;
    // The font is the printer's and may come late; nothing waits for it but the first brief.
    debian::ensure(&[debian::CJK_FONT])?;
    build()?;
    let mut server = Command::new(place::binary("demo", "muster"))
        .args(["demo", "--printer-follows"])
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("the server did not start: {e}"))?;
    let printer = follow(&mut server, since);
    let status = server.wait().map_err(|e| e.to_string())?;
    if let Some(mut printer) = printer {
        let _ = printer.kill();
        let _ = printer.wait();
    }
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
fn follow(server: &mut Child, since: Instant) -> Option<Child> {
    let mut printer = None;
    let out = server.stdout.take()?;
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        println!("{line}");
        if let (None, Some(address)) = (&printer, line.split_whitespace().find(|w| w.starts_with("http://")))
        {
            println!("  open after {}; ctrl-C ends it", step::time(since.elapsed()));
            open_browser(address);
            printer = build_printer();
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

/// Only at a desk: on a server without a screen the printed address is enough.
fn open_browser(address: &str) {
    let desk = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if desk && place::on_path("xdg-open") {
        let _ = Command::new("xdg-open").arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    }
}
