//! Live events: a slow client is told that it lagged and waits for nobody's memory; too many are told to come back.

use crate::cast::{Cast, TODAY, Terms};
use crate::house::story;
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt as _;
use muster::app::Login;
use muster::serve::events::{CLIENTS_MAX, CLIENTS_OWN_MAX, Live, WAITING_MAX};
use std::time::Duration;
use tower::ServiceExt as _;

fn ask(role: &str) -> Request<Body> {
    Request::builder()
        .uri("/api/v1/events")
        .header("host", "localhost")
        .header("x-muster-role", role)
        .body(Body::empty())
        .unwrap()
}

/// The next event of a stream, as it stands on the wire.
async fn next(stream: &mut BodyDataStream) -> String {
    let chunk = tokio::time::timeout(Duration::from_secs(5), stream.next()).await.unwrap();
    String::from_utf8(chunk.unwrap().unwrap().to_vec()).unwrap()
}

#[test]
fn a_slow_client_is_told_that_it_lagged_and_goes_on() {
    story(|house| {
        let top = Cast::of(house, Terms::default()).chain("R");
        house.run(async {
            let router = muster::serve::router(house.app.clone());
            let mut stream = router.oneshot(ask("office")).await.unwrap().into_body().into_data_stream();
            for _ in 0..WAITING_MAX + 7 {
                house.app.hub.tell(Live::Incident { day: TODAY.to_owned(), chain: top.as_slice().into() });
            }
            let lagged = next(&mut stream).await;
            assert_eq!(lagged, "event: lagged\ndata: 7\n\n");
            for _ in 0..WAITING_MAX {
                assert!(next(&mut stream).await.starts_with("event: incident"));
            }
            house.app.hub.tell(Live::Clock);
            assert!(next(&mut stream).await.starts_with("event: clock"));
        });
    });
}

#[test]
fn of_too_many_the_last_is_told_to_come_back() {
    story(|house| {
        let _ = Cast::of(house, Terms::default());
        house.run(async {
            let router = muster::serve::router(house.app.clone());
            let mut open = Vec::with_capacity(CLIENTS_MAX);
            for _ in 0..CLIENTS_MAX {
                let answer = router.clone().oneshot(ask("viewer")).await.unwrap();
                assert_eq!(answer.status().as_u16(), 200);
                open.push(answer);
            }
            let full = router.clone().oneshot(ask("viewer")).await.unwrap();
            assert_eq!(
                (full.status().as_u16(), full.headers()["retry-after"].to_str().unwrap()),
                (503, "10")
            );
            open.pop();
            let again = router.clone().oneshot(ask("viewer")).await.unwrap();
            assert_eq!(again.status().as_u16(), 200, "who goes makes room");
        });
    });
}

#[test]
fn one_account_takes_its_own_seats_and_nobody_elses() {
    story(|house| {
        let _ = Cast::of(house, Terms::default());
        let mut app = house.app.clone();
        app.login = Login::Local;
        let (viewer, office) = (house.log_in(&app, "viewer"), house.log_in(&app, "office"));
        house.run(async {
            let router = muster::serve::router(app);
            let listen = async |token: &str| {
                let request = Request::builder().uri("/api/v1/events").header("host", "localhost");
                let request = request.header("cookie", format!("muster_session={token}"));
                router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
            };
            let mut open = Vec::new();
            for _ in 0..CLIENTS_OWN_MAX {
                open.push(listen(&viewer).await);
                assert_eq!(open.last().unwrap().status().as_u16(), 200);
            }
            let full = listen(&viewer).await;
            assert_eq!(
                (full.status().as_u16(), &full.headers()["retry-after"]),
                (503, &"10".parse().unwrap())
            );
            let body = axum::body::to_bytes(full.into_body(), 10_000).await.unwrap();
            assert!(String::from_utf8_lossy(&body).contains("live.own_full"));
            assert_eq!(listen(&office).await.status().as_u16(), 200);
            open.pop();
            assert_eq!(listen(&viewer).await.status().as_u16(), 200, "who goes makes room");
        });
    });
}

#[test]
fn one_hears_of_ones_own_part_only() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let (chain, own) = (cast.chain("S111"), cast.chain("G2"));
        house.run(async {
            let router = muster::serve::router(house.app.clone());
            let mut beside = router.oneshot(ask("beside")).await.unwrap().into_body().into_data_stream();
            house.app.hub.tell(Live::Totals { day: TODAY.to_owned(), chains: vec![chain.as_slice().into()] });
            let incident = |chain: &[i64]| Live::Incident { day: TODAY.to_owned(), chain: chain.into() };
            house.app.hub.tell(incident(&chain));
            house.app.hub.tell(Live::Clock);
            assert!(
                next(&mut beside).await.starts_with("event: clock"),
                "another's report or incident is not told"
            );
            house.app.hub.tell(incident(&own));
            assert!(next(&mut beside).await.starts_with("event: incident"), "one's own is");
        });
    });
}
