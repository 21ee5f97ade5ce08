//! Live events: a slow client is told that it lagged and waits for nobody's memory; too many are told to come back.

use crate::cast::{Cast, TODAY, Terms};
use crate::house::{House, story};
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt as _;
use muster::app::Login;
use muster::serve::events::{CLIENTS_MAX, CLIENTS_OWN_MAX, Live, WAITING_MAX};
use muster_kernel::Clock;
use serde_json::json;
use std::sync::atomic::Ordering;
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

/// What a stream tells until it is over; none where it goes on for longer than that.
async fn rest(stream: &mut BodyDataStream, within: Duration) -> Option<String> {
    let mut told = String::new();
    let all = async {
        while let Some(Ok(chunk)) = stream.next().await {
            told.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    tokio::time::timeout(within, all).await.ok().map(|()| told)
}

/// A stream of somebody who is logged in.
async fn opened(router: &axum::Router, token: &str) -> BodyDataStream {
    let request = Request::builder().uri("/api/v1/events").header("host", "localhost");
    let request = request.header("cookie", format!("muster_session={token}"));
    let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    answer.into_body().into_data_stream()
}

/// Longer than a story takes.
const NEVER: Duration = Duration::from_secs(3_600);
/// Longer than what is done at once takes.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_role_that_is_taken_away_ends_its_streams_at_once_and_nobody_elses() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let mut app = house.app.clone();
        app.login = Login::Local;
        app.hub = app.hub.clone().looking_every(NEVER);
        let draft = json!({ "account": "clerk", "role": "viewer", "unit": "F11" });
        let given = house.post("office", "/grants", draft);
        let grant = given.json()["id"].as_str().unwrap().to_owned();
        let (clerk, second) = (house.log_in(&app, "clerk"), house.log_in(&app, "second"));
        let own = cast.chain("S111");
        let (mut theirs, mut beside) = house.run(async {
            let router = muster::serve::router(app.clone());
            (opened(&router, &clerk).await, opened(&router, &second).await)
        });
        let ended = house.post("office", &format!("/grants/{grant}/end"), json!({}));
        assert_eq!(ended.status.as_u16(), 204, "{}", ended.json());
        house.run(async {
            assert_eq!(rest(&mut theirs, SOON).await.as_deref(), Some(""), "over another part: it ends");
            app.hub.tell(Live::Clock);
            assert!(next(&mut beside).await.starts_with("event: clock"), "what did not change goes on");
            let router = muster::serve::router(app.clone());
            let mut anew = opened(&router, &clerk).await;
            app.hub.tell(Live::Incident { day: TODAY.to_owned(), chain: own.as_slice().into() });
            assert!(next(&mut anew).await.starts_with("event: incident"), "its own unit's it may still hear");
        });
        // Whoever goes out hears no more either, and again nobody else.
        let mut mine = house.run(async { opened(&muster::serve::router(app.clone()), &clerk).await });
        let out = Request::builder().method("DELETE").uri("/api/v1/session").header("host", "localhost");
        let out = out.header("cookie", format!("muster_session={clerk}")).body(Body::empty()).unwrap();
        assert_eq!(house.answer(&muster::serve::router(app.clone()), out).status.as_u16(), 204);
        house.run(async {
            assert_eq!(rest(&mut mine, SOON).await.as_deref(), Some(""));
            assert_eq!(rest(&mut beside, Duration::from_millis(300)).await, None, "it goes on");
        });
    });
}

#[test]
fn what_another_server_takes_away_is_seen_at_the_next_look() {
    story(|house| {
        let _ = Cast::of(house, Terms::default());
        let mut app = house.app.clone();
        app.login = Login::Local;
        let (clerk, second) = (house.log_in(&app, "clerk"), house.log_in(&app, "second"));
        let mut streams = house.run(async {
            let slow = app.clone();
            app.hub = app.hub.clone().looking_every(Duration::from_millis(100));
            let (quick, slow) = (muster::serve::router(app.clone()), muster::serve::router(slow));
            [opened(&quick, &clerk).await, opened(&quick, &second).await, opened(&slow, &clerk).await]
        });
        // Many looks, each with its session's second over: none ends what nobody changed.
        let clock = |house: &House, ms: i64| match &house.app.clock {
            Clock::Fixed(now) => drop(now.fetch_add(ms, Ordering::Relaxed)),
            _ => unreachable!("a story's clock stands still"),
        };
        for _ in 0..4 {
            clock(house, 1_000);
            house.run(async { assert_eq!(rest(&mut streams[0], Duration::from_millis(150)).await, None) });
        }
        let other = house.beside();
        let ended = other.post("office", "/accounts/clerk/end", json!({}));
        assert_eq!(ended.status.as_u16(), 204, "{}", ended.json());
        clock(house, 1_000);
        let [quick, beside, slow] = &mut streams;
        house.run(async {
            assert_eq!(rest(quick, SOON).await.as_deref(), Some(""), "it looked");
            assert_eq!(rest(beside, Duration::from_millis(300)).await, None, "another account's goes on");
            // One that looks each quarter of a minute has not looked yet: without a look nothing would have ended.
            assert_eq!(rest(slow, Duration::from_millis(300)).await, None);
        });
    });
}
