//! How somebody comes to a password that nobody else knows; their sessions; what they see of what was done.

use crate::cast::{Cast, Terms};
use crate::house::{House, Said, story};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use muster::app::Login;
use muster::lines::operation::operation_set;
use muster_kernel::Clock;
use serde_json::{Value, json};
use std::sync::atomic::Ordering::Relaxed;

pub(super) const CHOSEN: &str = "a password of her own";
const NEWER: &str = "another one of her own";

/// A server that people log in to.
pub(super) struct Desk<'h> {
    pub(super) house: &'h House,
    pub(super) router: Router,
}

impl<'h> Desk<'h> {
    fn of(cast: &Cast<'h>) -> Self {
        let operation = (*cast.house.app.operation()).clone();
        cast.write(move |tx, ctx| operation_set(tx, ctx, |own| own.clone_from(&operation)));
        let mut app = cast.house.app.clone();
        app.login = Login::Local;
        Self { house: cast.house, router: muster::serve::router(app) }
    }
    pub(super) fn ask(&self, cookie: &str, method: &str, path: &str, body: Value) -> Said {
        // What was looked up is trusted for a second.
        let Clock::Fixed(now) = &self.house.app.clock else { panic!("a story's clock stands still") };
        now.fetch_add(1_000, Relaxed);
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = request.header("cookie", cookie).header("user-agent", "Story/1.0");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.house
            .answer(&self.router, request.header("content-type", "application/json").body(body).unwrap())
    }
    fn log_in(&self, name: &str, password: &str) -> Result<String, (u16, String)> {
        let said = self.ask("", "POST", "/session", json!({ "name": name, "password": password }));
        if said.status == StatusCode::OK { Ok(cookie(&said)) } else { Err(refused(&said)) }
    }
    pub(super) fn is_in(&self, cookie: &str) -> bool {
        self.ask(cookie, "GET", "/session", Value::Null).status == StatusCode::OK
    }
}

pub(super) fn cookie(said: &Said) -> String {
    let line = said.headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"), "{line}");
    line.split(';').next().unwrap().to_owned()
}

pub(super) fn refused(said: &Said) -> (u16, String) {
    (said.status.as_u16(), said.code())
}

/// Liu at S111, added by the group's office, with a letter.
pub(super) fn invited(cast: &Cast<'_>) -> (String, String) {
    let added = cast.house.post("group", "/accounts", json!({ "name": "liu", "unit": "S111" }));
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.json());
    let id = added.json()["id"].as_str().unwrap().to_owned();
    let letter = cast.house.post("group", &format!("/accounts/{id}/letter"), Value::Null);
    assert_eq!(letter.status, StatusCode::OK, "{}", letter.json());
    (id, letter.json()["token"].as_str().unwrap().to_owned())
}

pub(super) fn desk(tell: impl Fn(&Cast<'_>, &Desk<'_>)) {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let desk = Desk::of(&cast);
        tell(&cast, &desk);
        cast.drawn_is_stored();
    });
}

#[test]
fn a_letter_opens_once_and_its_person_chooses_the_password() {
    desk(|cast, desk| {
        let (id, first) = invited(cast);
        let again = cast.house.post("group", &format!("/accounts/{id}/letter"), Value::Null).json();
        let letter = again["token"].as_str().unwrap().to_owned();
        let open = |token: &str, password: &str| {
            desk.ask("", "POST", "/letters/open", json!({ "token": token, "password": password }))
        };
        assert_eq!(desk.log_in("liu", CHOSEN), Err((401, "session.refused".into())), "nobody is let in yet");
        let unknown = || (404, "letter.unknown".to_owned());
        assert_eq!(refused(&open(&first, CHOSEN)), unknown(), "the letter before opens no more");
        assert_eq!(refused(&open("x", CHOSEN)), unknown());
        assert_eq!(refused(&open(&"x".repeat(300), CHOSEN)), unknown());
        assert_eq!(refused(&open(&letter, "short")), (422, "account.password_length".into()));
        let opened = open(&letter, CHOSEN);
        assert_eq!((opened.status, &opened.json()["name"]), (StatusCode::OK, &json!("liu")));
        let session = cookie(&opened);
        assert!(desk.is_in(&session));
        assert_eq!(refused(&open(&letter, NEWER)), unknown(), "it opens once");
        assert!(desk.log_in("liu", CHOSEN).is_ok());
        let letter = cast.house.post("group", &format!("/accounts/{id}/letter"), Value::Null);
        assert_eq!(refused(&letter), (409, "account.has_password".into()));
        let taken = cast.house.post("group", "/accounts", json!({ "name": "liu", "unit": "F11" }));
        assert_eq!(refused(&taken), (409, "account.name_taken".into()));

        let history = desk.ask(&session, "GET", "/session/history", Value::Null).json();
        let actions: Vec<&str> =
            history["items"].as_array().unwrap().iter().filter_map(|one| one["action"].as_str()).collect();
        assert_eq!(actions, ["account.enter", "account.letter", "account.letter", "account.set"]);
    });
}

#[test]
fn a_letter_that_waited_three_days_or_whose_account_ended_opens_no_more() {
    desk(|cast, desk| {
        let (id, letter) = invited(cast);
        let open = |token: &str| {
            desk.ask("", "POST", "/letters/open", json!({ "token": token, "password": CHOSEN }))
        };
        cast.clock("02-06 10:00");
        assert_eq!(refused(&open(&letter)), (404, "letter.unknown".into()));
        let letter = cast.house.post("group", &format!("/accounts/{id}/letter"), Value::Null).json();
        let ended = cast.house.post("group", &format!("/accounts/{id}/end"), json!({}));
        assert_eq!(ended.status, StatusCode::NO_CONTENT);
        assert_eq!(refused(&open(letter["token"].as_str().unwrap())), (404, "letter.unknown".into()));
    });
}

#[test]
fn who_forgot_comes_in_again_by_a_code_and_whoever_approves_learns_nothing() {
    desk(|cast, desk| {
        let (id, letter) = invited(cast);
        let open = json!({ "token": letter, "password": CHOSEN });
        let session = cookie(&desk.ask("", "POST", "/letters/open", open));
        let ask = |name: &str| desk.ask("", "POST", "/resets", json!({ "name": name }));
        let finish = |cookie: &str| desk.ask(cookie, "POST", "/resets/finish", json!({ "password": NEWER }));
        let approve = |by: &str, code: &str| {
            cast.house.post(by, &format!("/accounts/{id}/reset"), json!({ "code": code }))
        };
        let waiting = || (409, "reset.waiting".to_owned());

        let asked = ask("liu");
        let (browser, code) = (cookie(&asked), asked.json()["code"].as_str().unwrap().to_owned());
        // Of a name that nobody has the answer is the same, and nothing ever comes of it.
        let nobody = ask("nobody");
        assert_eq!(nobody.status, asked.status);
        assert_eq!(nobody.json()["code"].as_str().unwrap().len(), code.len());
        assert_eq!(refused(&finish(&cookie(&nobody))), waiting());
        assert_eq!(refused(&finish(&browser)), waiting());
        assert_eq!(refused(&finish("muster_reset=forged")), waiting());
        assert_eq!(refused(&finish("")), waiting());

        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(refused(&approve("group", wrong)), (404, "reset.unknown".into()));
        assert_eq!(refused(&approve("beside", &code)), (404, "account.unknown".into()));
        let approved = approve("group", &code);
        assert_eq!(
            (approved.status, approved.bytes.len()),
            (StatusCode::NO_CONTENT, 0),
            "it is told nothing"
        );
        // Another browser that asked gets nothing by it.
        assert_eq!(refused(&finish(&cookie(&ask("liu")))), waiting());
        let done = finish(&browser);
        assert_eq!(done.status, StatusCode::OK, "{}", done.json());
        assert!(!desk.is_in(&session), "whoever was in by the old password is not any more");
        assert!(desk.log_in("liu", CHOSEN).is_err());
        assert!(desk.log_in("liu", NEWER).is_ok());
        assert_eq!(refused(&finish(&browser)), waiting(), "it is done once");

        let history = cast.get("group", &format!("/accounts/{id}/history"));
        let reset = history["items"].as_array().unwrap().iter().find(|one| one["action"] == "account.reset");
        assert_eq!(
            reset.unwrap()["actor"],
            "role:group",
            "who approved is told to the person and the inspector"
        );
        let text = String::from_utf8_lossy(&cast.house.get("group", "/accounts").bytes).into_owned();
        assert!(!text.contains(&code) && !text.contains("argon2"));
    });
}

/// A stranger who asks in somebody's name over and over is slowed down, and does not keep them from asking.
#[test]
fn whoever_asks_in_anothers_name_over_and_over_keeps_them_from_nothing() {
    desk(|cast, desk| {
        let (id, letter) = invited(cast);
        desk.ask("", "POST", "/letters/open", json!({ "token": letter, "password": CHOSEN }));
        let ask = || desk.ask("", "POST", "/resets", json!({ "name": "liu" }));
        let mut refused_after = None;
        for at in 0..40 {
            let said = ask();
            if said.status == StatusCode::TOO_MANY_REQUESTS {
                assert_eq!(refused(&said).1, "request.too_many");
                refused_after = Some(at);
                break;
            }
            assert_eq!(said.status, StatusCode::OK, "{}", said.json());
        }
        assert!(refused_after.is_some_and(|after| after >= 5), "{refused_after:?}");
        // A quarter of an hour later the person asks, and is let in.
        cast.clock("10:20");
        let asked = ask();
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.json());
        let (browser, code) = (cookie(&asked), asked.json()["code"].as_str().unwrap().to_owned());
        let approved = cast.house.post("group", &format!("/accounts/{id}/reset"), json!({ "code": code }));
        assert_eq!(approved.status, StatusCode::NO_CONTENT, "{}", approved.json());
        let done = desk.ask(&browser, "POST", "/resets/finish", json!({ "password": NEWER }));
        assert_eq!(done.status, StatusCode::OK, "{}", done.json());
    });
}

#[test]
fn an_hour_later_a_code_is_worth_nothing() {
    desk(|cast, desk| {
        let (id, letter) = invited(cast);
        desk.ask("", "POST", "/letters/open", json!({ "token": letter, "password": CHOSEN }));
        let asked = desk.ask("", "POST", "/resets", json!({ "name": "liu" }));
        let code = asked.json()["code"].as_str().unwrap().to_owned();
        cast.clock("11:05");
        let late = cast.house.post("group", &format!("/accounts/{id}/reset"), json!({ "code": code }));
        assert_eq!(refused(&late), (404, "reset.unknown".into()));
    });
}

#[test]
fn a_person_sees_where_they_are_logged_in_and_ends_it() {
    desk(|cast, desk| {
        let (_, letter) = invited(cast);
        let open = json!({ "token": letter, "password": CHOSEN });
        let first = cookie(&desk.ask("", "POST", "/letters/open", open));
        let second = desk.log_in("liu", CHOSEN).unwrap();
        let list = |cookie: &str| desk.ask(cookie, "GET", "/sessions", Value::Null).json()["items"].clone();
        let sessions = list(&first);
        assert_eq!(sessions.as_array().unwrap().len(), 2);
        let other = sessions.as_array().unwrap().iter().find(|one| one["this"] == false).unwrap();
        assert_eq!(other["agent"], "Story/1.0");
        let id = other["id"].as_str().unwrap();
        assert!(!second.contains(id), "what it is ended by opens nothing");
        let end =
            |cookie: &str, id: &str| desk.ask(cookie, "DELETE", &format!("/sessions/{id}"), Value::Null);
        // Not somebody else's.
        let office = {
            let token = desk.house.log_in(&desk.house.app, "office");
            format!("muster_session={token}")
        };
        assert_eq!(refused(&end(&office, id)), (404, "session.unknown".into()));
        assert_eq!(end(&first, id).status, StatusCode::NO_CONTENT);
        assert!(!desk.is_in(&second) && desk.is_in(&first));

        let third = desk.log_in("liu", CHOSEN).unwrap();
        let change =
            |old: &str| desk.ask(&first, "PUT", "/session/password", json!({ "old": old, "new": NEWER }));
        assert_eq!(refused(&change("wrong enough")), (401, "session.refused".into()));
        assert_eq!(change(CHOSEN).status, StatusCode::NO_CONTENT);
        assert!(desk.is_in(&first) && !desk.is_in(&third), "everywhere else one is logged in no more");
        assert!(desk.log_in("liu", CHOSEN).is_err() && desk.log_in("liu", NEWER).is_ok());
    });
}

#[test]
fn nobody_lets_in_an_account_that_may_do_more_than_is_theirs_to_let_in() {
    desk(|cast, desk| {
        let (id, letter) = invited(cast);
        desk.ask("", "POST", "/letters/open", json!({ "token": letter, "password": CHOSEN }));
        let approve = |by: &str, id: &str| {
            let asked = desk.ask("", "POST", "/resets", json!({ "name": "liu" }));
            let code = asked.json()["code"].as_str().unwrap().to_owned();
            cast.house.post(by, &format!("/accounts/{id}/reset"), json!({ "code": code }))
        };
        let give = |role: &str, unit: &str| {
            let given =
                cast.house.post("office", "/grants", json!({ "account": id, "role": role, "unit": unit }));
            assert_eq!(given.status, StatusCode::CREATED, "{}", given.json());
        };
        give("filler", "S111");
        assert_eq!(approve("group", &id).status, StatusCode::NO_CONTENT);
        // At home in the group, and of the whole besides: the group's office would have the whole.
        give("office", "R");
        assert_eq!(refused(&approve("group", &id)), (403, "account.beyond".into()));
        assert_eq!(approve("office", &id).status, StatusCode::NO_CONTENT);
        // Nor by a letter, where nobody was in yet.
        let added = cast.house.post("office", "/accounts", json!({ "name": "wang", "unit": "S111" }));
        let wang = added.json()["id"].as_str().unwrap().to_owned();
        let watch = json!({ "account": wang, "role": "inspector", "unit": "G1" });
        assert_eq!(cast.house.post("office", "/grants", watch).status, StatusCode::CREATED);
        let write = |by: &str| cast.house.post(by, &format!("/accounts/{wang}/letter"), Value::Null);
        assert_eq!(refused(&write("group")), (403, "account.beyond".into()));
        assert_eq!(write("office").status, StatusCode::OK);
    });
}

#[test]
fn who_is_let_in_again_has_no_token_of_before() {
    desk(|cast, desk| {
        let (id, letter) = invited(cast);
        let given =
            cast.house.post("group", "/grants", json!({ "account": id, "role": "filler", "unit": "S111" }));
        assert_eq!(given.status, StatusCode::CREATED);
        let open = json!({ "token": letter, "password": CHOSEN });
        let session = cookie(&desk.ask("", "POST", "/letters/open", open));
        let wanted = json!({ "label": "x", "scope": ["figure.read"], "days": 30 });
        assert_eq!(desk.ask(&session, "POST", "/session/tokens", wanted).status, StatusCode::OK);
        let asked = desk.ask("", "POST", "/resets", json!({ "name": "liu" }));
        let code = asked.json()["code"].as_str().unwrap().to_owned();
        cast.house.post("group", &format!("/accounts/{id}/reset"), json!({ "code": code }));
        let done = desk.ask(&cookie(&asked), "POST", "/resets/finish", json!({ "password": NEWER }));
        let tokens = desk.ask(&cookie(&done), "GET", "/session/tokens", Value::Null).json();
        assert_eq!(tokens["items"], json!([]));
        assert_eq!(cast.house.journalled("token.end").len(), 1);
    });
}
