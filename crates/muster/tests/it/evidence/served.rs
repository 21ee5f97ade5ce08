//! The program, serving, for a story: started with options, asked over a socket, stopped as an operator stops it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

/// A server that runs; killed with the story if nobody stopped it.
pub(super) struct Served {
    child: Child,
    at: SocketAddr,
    /// The port from which the last request came.
    pub(super) own: u16,
}

impl Served {
    /// Starts it on a database, with more options, at its loudest or as told.
    pub(super) fn start(database: &str, log: &str, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_muster"))
            .args(["--database", database, "serve", "--listen", "127.0.0.1:0"])
            .args(options)
            .env("MUSTER_LOG", log)
            .env("MUSTER_LANG", "en")
            .env("MUSTER_KEYS", crate::command::keys())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let at = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        let at = at.unwrap_or_else(|| panic!("{line}")).trim_end_matches(['/', '.', '。']).parse().unwrap();
        Self { child, at, own: 0 }
    }

    /// Sends a request; status and the whole answer.
    pub(super) fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.at).unwrap();
        self.own = stream.local_addr().unwrap().port();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n{headers}\r\n"
        );
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).unwrap();
        let said = String::from_utf8_lossy(&said).into_owned();
        (said[9..12].parse().unwrap(), said)
    }

    /// Stops it by SIGTERM; its exit code, and what it said on standard error.
    pub(super) fn stop(mut self) -> (Option<i32>, String) {
        let stopped = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(stopped.success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
