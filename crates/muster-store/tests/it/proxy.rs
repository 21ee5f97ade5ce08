//! A wire to PostgreSQL that can be cut at the end of a write: at COMMIT, or at the one statement that is all of it.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering::SeqCst},
    },
};

/// A subject in the journal by which a write of one statement is known on the wire.
pub(crate) const AT_ONCE: &str = "wire:at-once";

/// What the wire does with the next COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum AtCommit {
    /// Cuts before the server hears of it.
    CutBefore = 1,
    /// Lets the server do it, and swallows the answer.
    CutAfter = 2,
    /// Lets the server do it, and says nothing more, without cutting.
    Silent = 3,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    mode: Arc<AtomicU8>,
}

impl Proxy {
    /// Listens on a port of its own and passes on to `server` (`host:port`).
    pub(crate) fn start(server: String) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mode = Arc::new(AtomicU8::new(0));
        let arm = mode.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, arm) = (TcpStream::connect(&server).unwrap(), arm.clone());
                std::thread::spawn(move || pass(client, server, &arm));
            }
        });
        Proxy { port, mode }
    }

    /// For the next COMMIT only.
    pub(crate) fn arm(&self, mode: AtCommit) {
        self.mode.store(mode as u8, SeqCst);
    }
}

fn pass(mut client: TcpStream, mut server: TcpStream, mode: &AtomicU8) {
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let swallow = Arc::new(AtomicU8::new(0));
    let swallowing = swallow.clone();
    let back = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            match swallowing.load(SeqCst) {
                0 => drop(to.write_all(&buffer[..n])),
                // Not before the server says it has done it: else it may see the cut first.
                2 if has(&buffer[..n], b"COMMIT\0") || has(&buffer[..n], b"SELECT 1\0") => break,
                _ => {}
            }
        }
        if swallowing.load(SeqCst) != 3 {
            drop((to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both)));
        }
    });
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = client.read(&mut buffer) {
        // A simple query: its text ends with a zero byte.
        if has(&buffer[..n], b"commit\0") || has(&buffer[..n], AT_ONCE.as_bytes()) {
            match mode.swap(0, SeqCst) {
                0 => {}
                1 => break,
                armed => swallow.store(armed, SeqCst),
            }
        }
        if server.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    drop((client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both)));
    drop(back.join());
}

fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}
