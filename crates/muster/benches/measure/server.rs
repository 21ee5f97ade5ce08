//! Servers under measurement: child processes, so that load and server share the machine but nothing else. And who
//! used the processor meanwhile, so that nobody takes a slow client for a slow server.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server; ended (SIGKILL) when dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
    /// From start to the line with its address.
    pub opened_after: Duration,
}

impl Server {
    /// Starts a program that prints its address as `http://..` on a line of its output.
    pub fn start(command: &mut Command) -> Self {
        let start = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a server starts");
        let out = child.stdout.take().expect("its output");
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let word = line.split_whitespace().find_map(|word| word.strip_prefix("http://"))?;
            word.trim_end_matches('/').parse().ok()
        });
        let opened_after = start.elapsed();
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, at: address.expect("an address"), opened_after }
    }

    /// Resident memory now, in MiB.
    pub fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
        line.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }

    /// Runs `work`, and says how many processors the server, we ourselves and the whole machine used meanwhile.
    pub fn watched<T>(&self, work: impl FnOnce() -> T) -> (T, Cpu) {
        let looked =
            || [process_seconds(&self.child.id().to_string()), process_seconds("self"), busy_seconds()];
        let (start, before) = (Instant::now(), looked());
        let done = work();
        let (after, elapsed) = (looked(), start.elapsed().as_secs_f64());
        let [server, load, machine] = std::array::from_fn(|at| (after[at] - before[at]) / elapsed);
        (done, Cpu { server, load, rest: (machine - server - load).max(0.0) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processors in use, 1.0 being one of them for the whole time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    /// By the server.
    pub server: f64,
    /// By the load generator.
    pub load: f64,
    /// By all else: a PostgreSQL, the kernel's own threads.
    pub rest: f64,
}

/// Linux counts in hundredths of a second.
const TICK: f64 = 0.01;

/// Processor time of a process.
fn process_seconds(id: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name of the program, in brackets, may hold blanks.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() * TICK
}

/// Processor time of the whole machine that was not idle and not waiting for a disk.
fn busy_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    let all: Vec<f64> = line.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    all.iter().enumerate().filter(|(at, _)| ![3, 4].contains(at) && *at < 8).map(|(_, n)| n).sum::<f64>()
        * TICK
}
