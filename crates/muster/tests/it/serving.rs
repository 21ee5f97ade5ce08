//! A server that runs: how it ends, and how it says why.

use crate::command::{Folder, begun, muster};
use crate::evidence::served::Served;
use crate::house::House;
use muster::lines::operation::{Operation, operation_begin};
use muster::migrations::MIGRATIONS;
use muster::serve::{Listening, Patience, Tls};
use muster::{App, Reach};
use muster_kernel::{Actor, Locale};
use muster_store::Tx;
use muster_store::testdb::{TestDb, each_store};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Serves a house until it ends, by a story that begins when it listens; how it ended. What the story keeps is kept
/// until then.
fn served<K: Send>(
    house: &House,
    patience: Patience,
    story: impl FnOnce(SocketAddr, oneshot::Sender<()>) -> K + Send,
) -> std::io::Result<()> {
    served_as(house, house.app.clone(), patience, None, story)
}

/// As [`served`]: another app of the house, and over TLS where there is a certificate.
pub(crate) fn served_as<K: Send>(
    house: &House,
    app: App,
    patience: Patience,
    tls: Option<Arc<Tls>>,
    story: impl FnOnce(SocketAddr, oneshot::Sender<()>) -> K + Send,
) -> std::io::Result<()> {
    let listener = house.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let at = listener.local_addr().unwrap();
    let listener = match tls {
        Some(tls) => Listening::encrypted(listener, tls),
        None => listener.into(),
    };
    let (stop, stopped) = oneshot::channel::<()>();
    std::thread::scope(|scope| {
        let kept = scope.spawn(move || story(at, stop));
        let serving = muster::serve::serve(app, listener, patience, async move { drop(stopped.await) });
        let ended = house.block_on(async { tokio::time::timeout(Duration::from_secs(20), serving).await });
        drop(kept.join().unwrap());
        ended.expect("it ends")
    })
}

/// Opens a page's stream of live events, which never ends by itself.
fn listening(at: SocketAddr) -> TcpStream {
    let mut page = TcpStream::connect(at).unwrap();
    let ask = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nX-Muster-Role: office\r\n\r\n";
    page.write_all(ask.as_bytes()).unwrap();
    let mut said = [0; 12];
    page.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"HTTP/1.1 200");
    page
}

#[test]
fn a_store_that_is_down_for_good_ends_the_server_with_a_plain_word() {
    let at = TestDb::sqlite(MIGRATIONS);
    let house = House::on(&at);
    let ended = served(&house, Patience::of_machine(), |listener, stop| {
        let page = listening(listener);
        at.db.close();
        // Nobody tells it to stop, and the page goes on listening.
        (page, stop)
    });
    let why = ended.unwrap_err().to_string();
    assert!(why.contains("takes no more writes"), "{why}");
}

#[test]
fn a_page_that_listens_does_not_keep_the_server_from_stopping() {
    let at = TestDb::sqlite(MIGRATIONS);
    let house = House::on(&at);
    let ended = served(&house, Patience::of_machine(), |listener, stop| {
        let page = listening(listener);
        stop.send(()).unwrap();
        page
    });
    ended.unwrap();
}

/// What comes until the other side hangs up; how long it took.
fn until_hung_up(stream: &mut TcpStream) -> (String, Duration) {
    let (begun, mut said) = (Instant::now(), Vec::new());
    // Reset or ended: both are the end.
    drop(stream.read_to_end(&mut said));
    (String::from_utf8_lossy(&said).into_owned(), begun.elapsed())
}

#[test]
fn who_takes_long_to_say_what_they_want_keeps_nobody_out() {
    let at = TestDb::sqlite(MIGRATIONS);
    let house = House::on(&at);
    let patience = Patience { head: Duration::from_secs(1), connections: 3 };
    let ended = served(&house, patience, |listener, stop| {
        let open = || TcpStream::connect(listener).unwrap();
        let (mut silent, mut half, mut dripping) = (open(), open(), open());
        half.write_all(b"GET /api/v1/about HTTP/1.1\r\nHost: localhost\r\nX-Half: ").unwrap();
        let mut drips = dripping.try_clone().unwrap();
        std::thread::spawn(move || {
            while drips.write_all(b"G").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        // All places are taken: who comes now waits for one, and has it within the patience.
        let mut next = open();
        let ask = "GET /api/v1/about HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        next.write_all(ask.as_bytes()).unwrap();
        let (said, took) = until_hung_up(&mut next);
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
        assert!(took > Duration::from_millis(500) && took < Duration::from_secs(5), "{took:?}");
        for slow in [&mut silent, &mut half, &mut dripping] {
            let (said, took) = until_hung_up(slow);
            assert!(!said.contains("200 OK") && took < Duration::from_secs(5), "{took:?} {said}");
        }
        // Between two requests a connection is kept as long, and no longer.
        let mut kept = open();
        for _ in 0..2 {
            let ask = "GET /api/v1/about HTTP/1.1\r\nHost: localhost\r\n\r\n";
            kept.write_all(ask.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(600));
        }
        let (said, took) = until_hung_up(&mut kept);
        assert_eq!(said.matches("HTTP/1.1 200").count(), 2, "{said}");
        assert!(took < Duration::from_secs(5), "{took:?}");
        // A page that listens to live events says nothing more, and stays.
        let mut page = listening(listener);
        page.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let (_, took) = until_hung_up(&mut page);
        assert!(took >= Duration::from_secs(2), "{took:?}");
        stop.send(()).unwrap();
        page
    });
    ended.unwrap();
}

#[test]
fn what_another_process_makes_of_the_operation_is_seen_by_a_server_that_runs() {
    each_store(MIGRATIONS, |at| {
        let house = House::on(at);
        let ctx = house.app.ctx(Actor::system("test"), Reach::All, Locale::En);
        let begun = move |tx: &mut Tx<'_>| operation_begin(tx, &ctx, &Operation::unnamed());
        at.db.write_blocking("test.begin", 0, begun).unwrap();
        let files = Folder::new("beside");
        let units = files.file("units.csv", "code,name,kind\nHQ,Head,unit\n".as_bytes());
        let database = &at.config.url;
        let ended = served(&house, Patience::of_machine(), |listener, stop| {
            let ask = |path: &str| {
                let mut page = TcpStream::connect(listener).unwrap();
                let head = format!("GET /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
                page.write_all(format!("{head}X-Muster-Role: office\r\n\r\n").as_bytes()).unwrap();
                until_hung_up(&mut page).0
            };
            let before = ask("/totals");
            assert!(before.contains("unit.none") || before.contains("form.none"), "{before}");
            for line in [&["import", "units", &units, "--day", "2020-01-01"][..], &["form", "starter"]] {
                let done = muster(database, line);
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            }
            std::thread::sleep(Duration::from_millis(2_500));
            let forms = ask("/forms");
            assert!(forms.contains("\"code\""), "{forms}");
            // The clock of the house stands before the form's first day, which the answer says of that form.
            let totals = ask("/totals");
            assert!(!totals.contains("unit.none") && !totals.contains("form.none"), "{totals}");
            stop.send(()).unwrap();
        });
        ended.unwrap();
    });
}

#[test]
fn a_server_that_stopped_leaves_its_figures_in_one_file() {
    let folder = Folder::new("stopped");
    let database = folder.path("muster.db");
    begun(&database);
    let mut served = Served::start(&database, "error", &[]);
    let log_in = json!({ "name": "duty", "password": "a-long-password" }).to_string();
    assert_eq!(served.ask("POST", "/api/v1/session", "", &log_in).0, 200);
    let beside = |end: &str| std::fs::metadata(format!("{database}{end}")).map_or(0, |file| file.len());
    assert!(beside("-wal") > 0, "while it runs, what was written last stands in the log");
    assert_eq!(served.stop().0, Some(0));
    assert_eq!([beside("-wal"), beside("-shm")], [0, 0]);
    // The file alone has all of it.
    let copy = folder.path("copy.db");
    std::fs::copy(&database, &copy).unwrap();
    let held = rusqlite::Connection::open(&copy).unwrap();
    let sessions = held.query_row("select count(*) from session", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(sessions, 2, "of the beginning, and of the login");
}
