//! kill -9 in the middle of a load, twenty times: no acknowledged report is lost, none is stored twice by a retry, and
//! every chain verifies. And a disk that fails under a commit: the server says so and ends.

use crate::world;
use muster::demo::Scaled;
use muster::migrations::MIGRATIONS;
use muster_kernel::{Clock, Day, Digest};
use muster_store::testdb::{TestDb, each_store};
use muster_store::{Db, DbConfig, LANES, Stored, journal_after, verify};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

const ROUNDS: u32 = 20;
const CLIENTS: usize = 12;
/// A killed server leaves at most what is under way; between kills it answers this long.
const ROUND: Duration = Duration::from_millis(350);

#[test]
fn a_killed_server_loses_and_doubles_nothing() {
    each_store(MIGRATIONS, story);
}

/// A limit on the size of files makes the disk fail under a real commit.
#[test]
fn a_server_whose_disk_fails_says_so_and_ends_and_loses_nothing() {
    let (at, tree) = (TestDb::sqlite(MIGRATIONS), Scaled::new(Sent::UNITS));
    world::build(&at.db, tree, Clock::Wall.now_ms()).unwrap();
    at.db.close();
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 7500; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_muster")]);
    let mut server =
        Server::started(limited.env("MUSTER_LOG", "error").stderr(Stdio::piped()), &at.config.url);
    let cookie = login(server.at);
    let mut client = Client::open(server.at).unwrap();
    let mut receipts: HashMap<Sent, String> = HashMap::new();
    let unanswered = loop {
        let sent = Sent(receipts.len() as u32);
        let headers = format!("cookie: {cookie}\r\nidempotency-key: {}\r\n", sent.client_id());
        match client.ask("PUT", &sent.path(tree), &headers, &sent.body()) {
            Ok((200, body)) => {
                let said: Value = serde_json::from_str(&body).unwrap();
                receipts.insert(sent, said["receipt"].as_str().unwrap().to_owned());
            }
            Ok((503, body)) => {
                assert!(body.contains("unknown_outcome"), "{body}");
                break sent;
            }
            other => panic!("{other:?}"),
        }
    };
    assert!(receipts.len() > 20, "{}", receipts.len());
    let mut said = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(server.child.wait().unwrap().code(), Some(3), "{said}");
    assert!(said.contains("takes no more writes") && said.contains("start the program anew"), "{said}");

    // The next start finds out what is on the disk; the one that nobody could answer is sent again.
    let server = Server::start(&at.config.url);
    let receipt = Client::open(server.at).and_then(|mut client| client.file(unanswered, tree, &cookie));
    receipts.insert(unanswered, receipt.unwrap());
    check(&at.config, &receipts);
    totals(server.at, tree, &cookie, &receipts);
}

/// A report that was sent: its number says everything of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Sent(u32);

impl Sent {
    const UNITS: u32 = 300;

    fn unit(self) -> u32 {
        self.0 % Self::UNITS
    }
    fn day(self) -> Day {
        world::SINCE.plus((self.0 / Self::UNITS) as i32)
    }
    fn client_id(self) -> String {
        format!("crash-{}", self.0)
    }
    fn path(self, tree: Scaled) -> String {
        format!("/api/v1/reports/{}/{}", tree.code(self.unit()), self.day())
    }
    fn body(self) -> String {
        json!({ "act": "values", "values": { "f00": self.0, "f01": 1 } }).to_string()
    }
}

fn story(at: &TestDb) {
    let tree = Scaled::new(Sent::UNITS);
    world::build(&at.db, tree, Clock::Wall.now_ms()).unwrap();
    let next = AtomicU32::new(0);
    let mut receipts: HashMap<Sent, String> = HashMap::new();
    let mut unanswered: Vec<Sent> = Vec::new();
    let mut cookie = String::new();
    for round in 0..ROUNDS {
        let mut server = Server::start(&at.config.url);
        if cookie.is_empty() {
            cookie = login(server.at);
        }
        // What nobody answered is sent again, with the same id.
        for sent in std::mem::take(&mut unanswered) {
            let receipt = Client::open(server.at).and_then(|mut client| client.file(sent, tree, &cookie));
            receipts.insert(sent, receipt.unwrap());
        }
        let (answered, open) =
            load(&mut server, tree, &cookie, &next, ROUND + Duration::from_millis(17) * round);
        assert!(!answered.is_empty(), "round {round} was no load");
        receipts.extend(answered);
        unanswered = open;
    }
    let server = Server::start(&at.config.url);
    for sent in unanswered {
        let receipt = Client::open(server.at).and_then(|mut client| client.file(sent, tree, &cookie));
        receipts.insert(sent, receipt.unwrap());
    }
    // Opened beside the running server: what it holds must be on disk.
    check(&at.config, &receipts);
    totals(server.at, tree, &cookie, &receipts);
}

/// Clients file until the server is killed under them; answers the receipts they got, and what stayed unanswered.
fn load(
    server: &mut Server,
    tree: Scaled,
    cookie: &str,
    next: &AtomicU32,
    length: Duration,
) -> (Vec<(Sent, String)>, Vec<Sent>) {
    let at = server.at;
    let work = || {
        let (mut answered, mut open) = (Vec::new(), Vec::new());
        let Ok(mut client) = Client::open(at) else { return (answered, open) };
        loop {
            let sent = Sent(next.fetch_add(1, Relaxed));
            match client.file(sent, tree, cookie) {
                Ok(receipt) => answered.push((sent, receipt)),
                Err(_) => {
                    open.push(sent);
                    return (answered, open);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
        std::thread::sleep(length);
        server.kill();
        let mut all = (Vec::new(), Vec::new());
        for client in clients {
            let (answered, open) = client.join().unwrap();
            all.0.extend(answered);
            all.1.extend(open);
        }
        all
    })
}

/// Chains, and the journal against the receipts.
fn check(config: &DbConfig, receipts: &HashMap<Sent, String>) {
    let db = Db::open(config).unwrap();
    assert_eq!(verify(&db, None).unwrap(), []);
    let mut filed: HashMap<String, Vec<Stored>> = HashMap::new();
    let mut actor = String::new();
    for entry in journal(&db) {
        if let Some(request) = entry.request.clone() {
            actor.clone_from(&entry.actor);
            filed.entry(request).or_default().push(entry);
        }
    }
    for (sent, receipt) in receipts {
        // The journal knows a request by a digest of who sent it and its id.
        let known = Digest::of(format!("{actor}/{}", sent.client_id()).as_bytes()).short();
        let entries = filed.remove(&known).unwrap_or_default();
        assert_eq!(entries.len(), 1, "{receipt} is in the journal {} times", entries.len());
        let link = entries[0].link;
        assert!(receipt.ends_with(&format!("-{}-{}", link.lane, link.no)), "{receipt} is not {link:?}");
    }
    // Everything that was ever sent has its receipt by now, so nothing else may be there.
    assert_eq!(filed.keys().collect::<Vec<_>>(), Vec::<&String>::new());
    db.close();
}

fn journal(db: &Db) -> Vec<Stored> {
    let read = |rx: &mut muster_store::Rx<'_>| {
        let mut all = Vec::new();
        for lane in 0..=LANES {
            let mut after = 0;
            loop {
                let page = journal_after(rx, 1, lane, after, 10_000)?;
                let Some(last) = page.last() else { break };
                after = last.link.no;
                all.extend(page);
            }
        }
        std::result::Result::<_, muster_store::StoreError>::Ok(all)
    };
    db.read_blocking("test.journal", read).unwrap()
}

/// The root's totals are those of the receipts, day by day: each counted once.
fn totals(at: SocketAddr, tree: Scaled, cookie: &str, receipts: &HashMap<Sent, String>) {
    let mut days: HashMap<Day, (i64, i64)> = HashMap::new();
    for sent in receipts.keys() {
        let day = days.entry(sent.day()).or_default();
        *day = (day.0 + 1, day.1 + i64::from(sent.0));
    }
    let mut client = Client::open(at).unwrap();
    for (day, (reports, sum)) in days {
        let path = format!("/api/v1/totals?node=unit:{}&day={day}", tree.code(0));
        let (status, body) = client.ask("GET", &path, cookie, "").unwrap();
        assert_eq!(status, 200, "{body}");
        let said: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(said["rates"]["actual"], reports, "{day}");
        let value = said["elements"].as_array().unwrap().iter().find(|e| e["element"] == "f00").unwrap();
        assert_eq!(value["value"], sum, "{day}");
    }
}

/// `muster serve`, as a process of its own.
struct Server {
    child: Child,
    at: SocketAddr,
}

impl Server {
    fn start(database: &str) -> Self {
        Self::started(Command::new(env!("CARGO_BIN_EXE_muster")).stderr(Stdio::null()), database)
    }

    fn started(command: &mut Command, database: &str) -> Self {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--limits", "off", "--database", database])
            .env("MUSTER_KEYS", crate::command::keys())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| line.split("http://").nth(1).and_then(|at| at.trim().parse().ok()));
        Self { child, at: address.expect("the server's address") }
    }

    /// SIGKILL: nothing is flushed, nobody is told.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn login(at: SocketAddr) -> String {
    let mut client = Client::open(at).unwrap();
    let [name, password] = world::ACCOUNT;
    let body = json!({ "name": name, "password": password }).to_string();
    let (status, _) = client.ask("POST", "/api/v1/session", "", &body).unwrap();
    assert_eq!(status, 200);
    let cookie = client.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// A keep-alive connection, as plain as can be.
struct Client {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Client {
    fn open(at: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(at)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self { stream: BufReader::new(stream), head: String::new() })
    }

    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Result<(u16, String)> {
        let headers = if headers.starts_with("muster_session=") {
            format!("cookie: {headers}\r\n")
        } else {
            headers.to_owned()
        };
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{headers}\
             content-length: {length}\r\n\r\n{body}"
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.head.clear();
        while !self.head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut self.head)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        let status = self.head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        let length = self.head.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.ok_or_else(|| Error::other("no content-length"))?];
        self.stream.read_exact(&mut body)?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    /// Files a report; the receipt, or no answer. An answer that is a refusal is a failed test, except that a busy
    /// server may ask to come back.
    fn file(&mut self, sent: Sent, tree: Scaled, cookie: &str) -> Result<String> {
        let since = Instant::now();
        loop {
            let headers = format!("cookie: {cookie}\r\nidempotency-key: {}\r\n", sent.client_id());
            let (status, body) = self.ask("PUT", &sent.path(tree), &headers, &sent.body())?;
            match status {
                200 => {
                    let said: Value = serde_json::from_str(&body)?;
                    return Ok(said["receipt"].as_str().expect("a receipt").to_owned());
                }
                503 if since.elapsed() < Duration::from_secs(20) => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                _ => panic!("{status}: {body}"),
            }
        }
    }
}
