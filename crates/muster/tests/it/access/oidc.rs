//! Logins by a group's own service: who is let in by one, and everything that must not let anybody in.

mod hand;
mod lies;
mod linking;
mod service;

use super::letters::{CHOSEN, Desk, cookie, invited, refused};
use crate::cast::{Cast, Terms};
use crate::house::{Said, story};
use axum::http::StatusCode;
use muster::app::Login;
use muster::lines::operation::operation_set;
use muster::oidc::{Claim, Oidc, Settings};
use serde_json::{Value, json};
use service::{Brought, Service, Sign};
use std::sync::Arc;
use std::time::Duration;

/// A server that people log in to, and a group with a service of its own.
struct Round<'h> {
    cast: &'h Cast<'h>,
    desk: Desk<'h>,
    service: Service,
}

/// Tells a story on every store; `said`: what the operator says of the service.
fn told(said: impl Fn(&mut Settings), tell: impl Fn(&Round<'_>)) {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let operation = (*house.app.operation()).clone();
        cast.write(move |tx, ctx| operation_set(tx, ctx, |own| own.clone_from(&operation)));
        let service = house.run(Service::start(house.app.clock.clone(), None));
        let mut app = house.app.clone();
        app.login = Login::Local;
        let mut settings = service.settings();
        said(&mut settings);
        let mut other = settings.clone();
        other.id = "other".to_owned();
        let oidc = Oidc::patient(vec![settings, other], "http://localhost/", Duration::from_millis(400));
        app.oidc = Arc::new(oidc.unwrap());
        let desk = Desk { house, router: muster::serve::router(app) };
        let round = Round { cast: &cast, desk, service };
        tell(&round);
        cast.drawn_is_stored();
    });
}

/// What an answer lets a browser keep under a name.
fn kept(said: &Said, name: &str) -> String {
    let lines = said.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let line = lines.into_iter().find(|line| line.starts_with(&format!("{name}="))).unwrap();
    assert!(
        line.contains("HttpOnly") && line.contains("SameSite=Strict") && line.contains("Path=/"),
        "{line}"
    );
    line.split(';').next().unwrap().to_owned()
}

impl Round<'_> {
    /// Liu, who came in by a letter: the id of the account, and a session.
    fn liu(&self) -> (String, String) {
        let (id, letter) = invited(self.cast);
        let opened =
            self.desk.ask("", "POST", "/letters/open", json!({ "token": letter, "password": CHOSEN }));
        (id, cookie(&opened))
    }

    /// Goes to the service; what the browser keeps, and what it brings back.
    fn go(&self) -> (String, Brought) {
        let said = self.desk.ask("", "POST", "/oidc/g1", json!({}));
        assert_eq!(said.status, StatusCode::OK, "{}", said.json());
        (kept(&said, "muster_oidc"), self.service.visit(said.json()["url"].as_str().unwrap()))
    }

    fn back(&self, cookie: &str, body: Value) -> Said {
        self.desk.ask(cookie, "POST", "/oidc/back", body)
    }

    /// Goes to the service and comes back.
    fn enter(&self) -> Said {
        let (browser, brought) = self.go();
        self.back(&browser, brought.body())
    }

    /// Goes to the service to link a login to the account of a session.
    fn link_go(&self, session: &str) -> (String, Brought) {
        let said = self.desk.ask(session, "POST", "/session/oidc/g1", json!({ "password": CHOSEN }));
        assert_eq!(said.status, StatusCode::OK, "{}", said.json());
        let browser = kept(&said, "muster_oidc");
        (format!("{session}; {browser}"), self.service.visit(said.json()["url"].as_str().unwrap()))
    }

    fn link(&self, session: &str) -> Said {
        let (cookies, brought) = self.link_go(session);
        self.back(&cookies, brought.body())
    }

    /// Liu, whose login of the service is linked.
    fn linked(&self) -> (String, String) {
        let (id, session) = self.liu();
        let said = self.link(&session);
        assert_eq!(
            (said.status, &said.json()["deed"]),
            (StatusCode::OK, &json!("linked")),
            "{}",
            said.json()
        );
        (id, session)
    }
}

#[test]
fn whoever_linked_a_login_comes_in_by_it_in_a_session_of_its_own() {
    told(
        |_| {},
        |round| {
            let list = round.desk.ask("", "GET", "/oidc", Value::Null).json();
            assert_eq!(list["items"][0], json!({ "id": "g1", "name": "Group One" }));
            assert_eq!(list["address"], "http://localhost");
            let not_yet = round.enter();
            assert_eq!(refused(&not_yet), (401, "oidc.not_linked".into()));
            assert!(not_yet.json()["title"].as_str().unwrap().contains("Group One"), "{}", not_yet.json());
            let (_, session) = round.linked();
            for sign in [Sign::Es256, Sign::Rs256, Sign::EdDsa] {
                round.service.mood().sign = sign;
                let (browser, brought) = round.go();
                // Somebody's session that was planted before is not the one that is opened.
                let planted = format!("muster_session={}; {browser}", "0".repeat(64));
                let said = round.back(&planted, brought.body());
                assert_eq!(said.status, StatusCode::OK, "{sign:?}: {}", said.json());
                assert_eq!((&said.json()["deed"], &said.json()["to"]), (&json!("in"), &json!("/")));
                assert_eq!(said.json()["session"]["name"], "liu");
                let opened = kept(&said, "muster_session");
                assert!(opened != session && !planted.contains(&opened), "a new one");
                assert_eq!(kept(&said, "muster_oidc"), "muster_oidc=", "it has done its part");
                let who = round.desk.ask(&opened, "GET", "/session", Value::Null);
                assert_eq!((who.status, &who.json()["name"]), (StatusCode::OK, &json!("liu")));
            }
            let own = round.desk.ask(&session, "GET", "/session/oidc", Value::Null).json();
            assert_eq!(
                (&own["items"][0]["provider"], &own["items"][0]["by_owner"]),
                (&json!("g1"), &json!(true))
            );
            let history = round.desk.ask(&session, "GET", "/session/history", Value::Null).json();
            assert_eq!(history["items"][0]["action"], "oidc.link");
            let entries = round.cast.house.journalled("oidc.link");
            assert_eq!(entries.len(), 1);
            let said = String::from_utf8_lossy(&entries[0].body).into_owned();
            assert!(!said.contains("s-4711") && !entries[0].subject.contains("liu"), "{said}");
            // What it says of itself is asked once.
            let asked = &round.service.mood().asked;
            assert_eq!(
                asked.iter().filter(|path| path.ends_with("openid-configuration")).count(),
                1,
                "{asked:?}"
            );
        },
    );
}

#[test]
fn a_login_ends_once_in_the_browser_in_which_it_began() {
    told(
        |_| {},
        |round| {
            round.linked();
            let elsewhere = || (401, "oidc.round".to_owned());
            let (browser, brought) = round.go();
            let (other_browser, other) = round.go();
            assert_eq!(refused(&round.back("", brought.body())), elsewhere(), "no cookie");
            assert_eq!(refused(&round.back("muster_oidc=x", brought.body())), elsewhere());
            assert_eq!(
                refused(&round.back(&other_browser, brought.body())),
                elsewhere(),
                "another browser's"
            );
            assert_eq!(refused(&round.back(&browser, other.body())), elsewhere(), "another login's state");
            for state in ["", "x", &"x".repeat(9_000)] {
                let body = json!({ "state": state, "code": brought.code, "iss": brought.iss });
                assert_eq!(refused(&round.back(&browser, body)), elsewhere(), "{}", state.len());
            }
            let first = round.back(&browser, brought.body());
            assert_eq!(first.status, StatusCode::OK, "what was refused spends nothing: {}", first.json());
            assert_eq!(refused(&round.back(&browser, brought.body())), elsewhere(), "once");
            // A code that was used already, brought back under a state that was not.
            let (browser, fresh) = round.go();
            let replayed = Brought { code: brought.code.clone(), ..fresh };
            assert_eq!(refused(&round.back(&browser, replayed.body())), (401, "oidc.code_refused".into()));
            // Somebody else's code, brought into one's own login: its verifier is not ours.
            let (_, theirs) = round.go();
            let (browser, own) = round.go();
            let injected = Brought { code: theirs.code, ..own };
            assert_eq!(refused(&round.back(&browser, injected.body())), (401, "oidc.code_refused".into()));
            // Too late.
            let (browser, brought) = round.go();
            round.cast.clock("11:00");
            assert_eq!(refused(&round.back(&browser, brought.body())), elsewhere());
            // Two at once: one of them comes in.
            let (browser, brought) = round.go();
            let both: Vec<u16> = std::thread::scope(|scope| {
                let tries =
                    [0, 1].map(|_| scope.spawn(|| round.back(&browser, brought.body()).status.as_u16()));
                tries.into_iter().map(|one| one.join().unwrap()).collect()
            });
            let mut both = both;
            both.sort_unstable();
            assert_eq!(both, [200, 401]);
        },
    );
}

#[test]
fn nobody_is_sent_elsewhere_afterwards() {
    told(
        |_| {},
        |round| {
            round.linked();
            let go = |to: &str| round.desk.ask("", "POST", "/oidc/g1", json!({ "to": to }));
            for bad in
                ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "", "x"]
            {
                assert_eq!(refused(&go(bad)), (422, "oidc.path".into()), "{bad}");
            }
            let said = go("/figures?day=2020-02-03");
            let brought = round.service.visit(said.json()["url"].as_str().unwrap());
            let done = round.back(&kept(&said, "muster_oidc"), brought.body());
            assert_eq!(done.json()["to"], "/figures?day=2020-02-03");
            assert_eq!(
                refused(&round.desk.ask("", "POST", "/oidc/nobody", json!({}))),
                (404, "oidc.unknown".into())
            );
            // Another origin's page begins no login here, and ends none.
            for path in ["/oidc/g1", "/oidc/back"] {
                let request = axum::http::Request::builder()
                    .method("POST")
                    .uri(format!("/api/v1{path}"))
                    .header("sec-fetch-site", "cross-site")
                    .header("content-type", "application/json");
                let said = round.desk.house.answer(&round.desk.router, request.body("{}".into()).unwrap());
                assert_eq!(refused(&said), (403, "request.cross_origin".into()));
            }
        },
    );
}

#[test]
fn whoever_has_an_authenticator_is_asked_for_its_code_still() {
    told(
        |_| {},
        |round| {
            let (_, session) = round.linked();
            let begun = round.desk.ask(&session, "POST", "/session/totp", Value::Null).json();
            let secret = begun["secret"].as_str().unwrap().to_owned();
            let now = || round.cast.house.app.clock.now_ms();
            let code = || super::tokens::code_of(&secret, now() + 1_000);
            let confirm = json!({ "code": code() });
            assert_eq!(round.desk.ask(&session, "POST", "/session/totp/confirm", confirm).status, 204);
            round.cast.clock("10:30");
            let (browser, brought) = round.go();
            let said = round.back(&browser, brought.body());
            assert_eq!(refused(&said), (401, "session.code_needed".into()));
            assert!(!said.headers.contains_key("set-cookie"), "nobody is in");
            let finish = |browser: &str, code: &str| {
                round.desk.ask(browser, "POST", "/oidc/code", json!({ "state": brought.state, "code": code }))
            };
            assert_eq!(refused(&finish("", &code())), (401, "oidc.round".into()), "another browser");
            assert_eq!(refused(&finish(&browser, "000000")), (422, "totp.code".into()));
            assert_eq!(refused(&round.back(&browser, brought.body())), (401, "oidc.round".into()));
            let spent = code();
            let said = finish(&browser, &spent);
            assert_eq!((said.status, &said.json()["session"]["name"]), (StatusCode::OK, &json!("liu")));
            assert_eq!(refused(&finish(&browser, &code())), (401, "oidc.round".into()), "once");
            // Whoever guesses waits.
            let (browser, brought) = round.go();
            round.back(&browser, brought.body());
            let guess = |code: &str| {
                round.desk.ask(
                    &browser,
                    "POST",
                    "/oidc/code",
                    json!({ "state": brought.state, "code": code }),
                )
            };
            let seen: Vec<u16> = (0..9).map(|_| guess("123456").status.as_u16()).collect();
            assert!(seen[0] == 422 && seen.contains(&429), "{seen:?}");
            // One that was taken away meanwhile opens nothing.
            round.cast.clock("12:00");
            let (browser, brought) = round.go();
            round.back(&browser, brought.body());
            assert_eq!(round.desk.ask(&session, "DELETE", "/session/oidc/g1", Value::Null).status, 204);
            let body = json!({ "state": brought.state, "code": code() });
            let said = round.desk.ask(&browser, "POST", "/oidc/code", body);
            assert_eq!(refused(&said), (401, "oidc.not_linked".into()));
        },
    );
}

#[test]
fn the_claim_that_the_operator_named_says_who_it_is() {
    told(
        |settings| settings.claim = Claim::Email,
        |round| {
            let with: fn(&mut Value) = |claims| {
                claims["email"] = json!("Liu@Example.org");
                claims["email_verified"] = json!(true);
            };
            round.service.mood().claims = with;
            round.linked();
            round.service.mood().subject = "another key of the same address".to_owned();
            assert_eq!(round.enter().status, StatusCode::OK);
            let refuses: [fn(&mut Value); 4] = [
                |claims| claims["email"] = json!("liu@example.org"),
                |claims| {
                    claims["email"] = json!("liu@example.org");
                    claims["email_verified"] = json!(false);
                },
                |_| {},
                |claims| {
                    claims["email"] = json!("x".repeat(300));
                    claims["email_verified"] = json!(true);
                },
            ];
            for claims in refuses {
                round.service.mood().claims = claims;
                assert_eq!(refused(&round.enter()), (401, "oidc.no_claim".into()));
            }
        },
    );
    told(
        |settings| settings.claim = Claim::PreferredUsername,
        |round| {
            round.linked();
            round.service.mood().subject = "another".to_owned();
            assert_eq!(round.enter().status, StatusCode::OK);
            round.service.mood().claims = |claims| claims["preferred_username"] = json!("wang");
            assert_eq!(refused(&round.enter()), (401, "oidc.not_linked".into()));
        },
    );
}
