//! The program, serving, for a story: started with options, asked over a socket, stopped as an operator stops it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

/// A server that runs; killed with the story if nobody stopped it.
pub(crate) struct Served {
    child: Child,
    /// Where it listens.
    pub(crate) at: SocketAddr,
    /// The port from which the last request came.
    pub(crate) own: u16,
}

impl Served {
    /// Starts it on a database, with more options, at its loudest or as told.
    pub(crate) fn start(database: &str, log: &str, options: &[&str]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_muster"))
            .args(["--database", database, "serve", "--listen", "127.0.0.1:0"])
            .args(options)
            .env("MUSTER_LOG", log)
            .env("MUSTER_LANG", "en")
            .env("MUSTER_KEYS", crate::command::keys())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Whatever comes next, it does not outlive the story.
        let mut served = Self { child, at: SocketAddr::from(([127, 0, 0, 1], 0)), own: 0 };
        let mut line = String::new();
        BufReader::new(served.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        // Where it has a name it says that; it listens on loopback all the same.
        let port =
            line.split("://").nth(1).and_then(|rest| rest.split_whitespace().next()?.rsplit(':').next());
        let port = port.and_then(|port| port.trim_end_matches(['/', '.', '。']).parse().ok());
        served.at.set_port(port.unwrap_or_else(|| panic!("{line}")));
        served
    }

    /// Sends a request; status and the whole answer.
    pub(crate) fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
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
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
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
