//! A server that runs: how it ends, and how it says why.

use crate::house::House;
use muster::migrations::MIGRATIONS;
use muster_store::testdb::TestDb;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tokio::sync::oneshot;

/// Serves a house until it ends, by a story that begins when it listens; how it ended. What the story keeps is kept
/// until then.
fn served<K: Send>(
    house: &House,
    story: impl FnOnce(SocketAddr, oneshot::Sender<()>) -> K + Send,
) -> std::io::Result<()> {
    let listener = house.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let app = house.app.clone();
    std::thread::scope(|scope| {
        let kept = scope.spawn(move || story(at, stop));
        let serving = muster::serve::serve(app, listener, async move { drop(stopped.await) });
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
    let ended = served(&house, |listener, stop| {
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
    let ended = served(&house, |listener, stop| {
        let page = listening(listener);
        stop.send(()).unwrap();
        page
    });
    ended.unwrap();
}
