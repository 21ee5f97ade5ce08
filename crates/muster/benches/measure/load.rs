//! The load generator: keep-alive connections on one thread, raw HTTP/1.1, so that it costs little beside the server
//! on the same cores.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Makes the whole request of a number, headers and all; numbers are drawn once each, in order.
pub type Make = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// Before this much of a run nothing is counted: connections open, caches fill.
const WARM_UP: Duration = Duration::from_secs(1);

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Answers that were not 2xx, and connections that broke off, ever.
    pub refused: u64,
    /// Answers a second with 2xx, after the warm-up.
    pub rate: f64,
    /// Microseconds, sorted.
    latencies: Vec<u32>,
}

impl Measured {
    /// A quantile in milliseconds: 0.5, 0.99.
    pub fn quantile_ms(&self, q: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * q) as usize).map_or(f64::NAN, |us| f64::from(*us) / 1000.0)
    }

    fn of(tallies: Vec<Tally>, counted: Duration) -> Self {
        let mut latencies: Vec<u32> = tallies.iter().flat_map(|t| t.latencies.iter().copied()).collect();
        latencies.sort_unstable();
        let refused = tallies.iter().map(|t| t.refused).sum();
        Self { refused, rate: latencies.len() as f64 / counted.as_secs_f64(), latencies }
    }
}

#[derive(Default)]
struct Tally {
    latencies: Vec<u32>,
    refused: u64,
}

impl Tally {
    fn count(&mut self, status: u16, counts: bool, took: Duration) {
        if !(200..300).contains(&status) {
            self.refused += 1;
        } else if counts {
            self.latencies.push(took.as_micros().min(u128::from(u32::MAX)) as u32);
        }
    }
}

/// Closed loop: each connection sends its next request when the last is answered.
pub fn closed(at: SocketAddr, connections: usize, seconds: u64, next: &AtomicU64, make: &Make) -> Measured {
    let length = Duration::from_secs(seconds);
    // The counter outlives the run: the next run goes on where this one stopped.
    let base = next.load(Relaxed);
    let drawn = Rc::new(AtomicU64::new(base));
    let (make, shared) = (make.clone(), drawn.clone());
    let measured = on_one_thread(async move {
        let start = Instant::now();
        let tasks: Vec<_> = (0..connections)
            .map(|_| {
                let (make, drawn) = (make.clone(), shared.clone());
                tokio::task::spawn_local(async move {
                    let (mut tally, mut line) = (Tally::default(), Line::open(at).await?);
                    while start.elapsed() < WARM_UP + length {
                        let request = make(drawn.fetch_add(1, Relaxed));
                        let sent = Instant::now();
                        let status = line.ask(&request).await?;
                        tally.count(status, sent >= start + WARM_UP, sent.elapsed());
                    }
                    std::io::Result::Ok(tally)
                })
            })
            .collect();
        Measured::of(gather(tasks).await, length)
    });
    next.store(drawn.load(Relaxed), Relaxed);
    measured
}

/// Open loop: requests fall due at a fixed rate whether or not the server keeps up, and wait for a free connection.
/// They fall due in bundles, a millisecond apart (a timer is no finer), and their time counts from then on.
pub fn open(
    at: SocketAddr,
    connections: usize,
    rate: f64,
    seconds: u64,
    next: &AtomicU64,
    make: &Make,
) -> Measured {
    let length = Duration::from_secs(seconds);
    let base = next.load(Relaxed);
    let total = (rate * (WARM_UP + length).as_secs_f64()) as u64;
    next.store(base + total, Relaxed);
    let make = make.clone();
    on_one_thread(async move {
        let due: Rc<std::cell::RefCell<VecDeque<(u64, Instant)>>> = Rc::default();
        let (wake, done) = (Rc::new(tokio::sync::Semaphore::new(0)), Rc::new(AtomicU64::new(0)));
        let start = Instant::now() + Duration::from_millis(100);
        let tasks: Vec<_> = (0..connections)
            .map(|_| {
                let (make, due, wake, done) = (make.clone(), due.clone(), wake.clone(), done.clone());
                tokio::task::spawn_local(async move {
                    let (mut tally, mut line) = (Tally::default(), Line::open(at).await?);
                    while let Ok(permit) = wake.acquire().await {
                        permit.forget();
                        let Some((n, fell_due)) = due.borrow_mut().pop_front() else { continue };
                        let status = line.ask(&make(n)).await?;
                        tally.count(status, fell_due >= start + WARM_UP, fell_due.elapsed());
                        done.fetch_add(1, Relaxed);
                    }
                    std::io::Result::Ok(tally)
                })
            })
            .collect();
        let mut issued = 0;
        while issued < total {
            let millis = (Instant::now().saturating_duration_since(start)).as_millis() as u64;
            let falls_due = ((millis as f64 * rate / 1000.0) as u64).min(total);
            if falls_due > issued {
                let at = start + Duration::from_millis(millis);
                due.borrow_mut().extend((issued..falls_due).map(|n| (base + n, at)));
                wake.add_permits((falls_due - issued) as usize);
                issued = falls_due;
            }
            tokio::time::sleep_until((start + Duration::from_millis(millis + 1)).into()).await;
        }
        // What is still under way is waited for, but not for ever.
        let patience = Instant::now() + Duration::from_secs(10);
        while done.load(Relaxed) < total && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        wake.close();
        Measured::of(gather(tasks).await, length)
    })
}

async fn gather(tasks: Vec<tokio::task::JoinHandle<std::io::Result<Tally>>>) -> Vec<Tally> {
    let mut tallies = Vec::with_capacity(tasks.len());
    for task in tasks {
        // A connection that breaks off is a refused request, never a silently shorter run.
        tallies.push(match task.await {
            Ok(Ok(tally)) => tally,
            _ => Tally { refused: 1, ..Tally::default() },
        });
    }
    tallies
}

fn on_one_thread<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

/// One request and its answer, for what is not measured; the status and the body.
pub fn once(at: SocketAddr, request: &[u8]) -> std::io::Result<(u16, String)> {
    let (head, body) = headers(at, request)?;
    Ok((status_of(&head), body))
}

/// The same; the head of the answer, and the body.
pub fn headers(at: SocketAddr, request: &[u8]) -> std::io::Result<(String, String)> {
    on_one_thread(async {
        let mut line = Line::open(at).await?;
        line.ask(request).await?;
        Ok((line.head(), String::from_utf8_lossy(&line.body).into_owned()))
    })
}

fn status_of(head: &str) -> u16 {
    head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// The bytes of a request. `headers` are whole lines, each with its `\r\n`.
pub fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// A keep-alive connection.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
    body: Vec<u8>,
}

impl Line {
    async fn open(at: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(at).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024), body: Vec::new() })
    }

    /// Sends a request and reads its whole answer.
    async fn ask(&mut self, request: &[u8]) -> std::io::Result<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let Some(head) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let text = self.head();
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .and_then(|value| value.trim().parse().ok())
                .ok_or_else(|| std::io::Error::other("an answer without content-length"))?;
            while self.buffer.len() < head + 4 + length {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
            }
            self.body.clear();
            self.body.extend_from_slice(&self.buffer[head + 4..head + 4 + length]);
            return Ok(status_of(&text));
        }
    }

    /// The head of the last answer. hyper writes header names in lower case.
    fn head(&self) -> String {
        let end = self.buffer.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(self.buffer.len());
        String::from_utf8_lossy(&self.buffer[..end]).into_owned()
    }
}
