//! Who comes in: an account made at the very beginning of an office's day works at once.

mod acting;
mod granted;
mod grants;
mod hand_out;
mod letters;
mod links;
mod oidc;
mod oracle;
mod tokens;

use crate::cast::{TODAY, Terms, told_with};
use crate::command::{Folder, begun, muster};
use crate::house::story;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use muster::app::Login;
use muster::lines::access::{Account, Role, account_end, account_set, accounts_replay, password_hash};
use muster::migrations::MIGRATIONS;
use muster::{Fail, Reach};
use muster_kernel::{Actor, Clock, Locale};
use muster_store::testdb::each_store;
use muster_store::{StoreError, Tx, heads, journal_of};
use serde_json::{Value, json};
use std::process::{Command, Output};
use std::sync::atomic::Ordering::Relaxed;
use tower::ServiceExt as _;

/// 2020-02-06 01:00 in Shanghai, where the office is; still the day before in UTC. In ms UTC.
const ONE_IN_THE_MORNING: i64 = 1_580_922_000_000;

#[test]
fn who_is_let_in_at_one_in_the_morning_can_log_in() {
    let hash = password_hash("a long enough password").unwrap();
    story(|house| {
        let Clock::Fixed(now) = &house.app.clock else { panic!("a story's clock stands still") };
        now.store(ONE_IN_THE_MORNING, Relaxed);
        let ctx = house.app.ctx(Actor::system("test"), Reach::All, Locale::En);
        let hash = hash.clone();
        house
            .app
            .db
            .write_blocking("test.account", ONE_IN_THE_MORNING, move |tx: &mut Tx| {
                let account = Account::at("night", Role::Office, 1);
                account_set(tx, &ctx, &account, Some(("night", Some(&hash))))
            })
            .unwrap();
        let login =
            |password: &str| house.post("", "/session", json!({ "name": "night", "password": password }));
        let said = login("a long enough password");
        assert_eq!(said.status, StatusCode::OK, "{}", said.json());
        let cookie = said.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let who = house.ask("", "GET", "/session", &[("cookie", &cookie)], Vec::new());
        assert_eq!((who.status, who.json()["name"].as_str()), (StatusCode::OK, Some("night")));
        assert_eq!(login("a wrong password").status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn who_is_given_another_password_or_is_ended_is_logged_in_no_more() {
    const OLD: &str = "the password of old";
    const NEW: &str = "the password of now";
    let (old, new) = (password_hash(OLD).unwrap(), password_hash(NEW).unwrap());
    told_with(Terms::default(), |cast| {
        let (house, unit) = (cast.house, *cast.chain("S111").last().unwrap());
        let mut app = house.app.clone();
        app.login = Login::Local;
        let router = muster::serve::router(app.clone());
        let Clock::Fixed(now) = &house.app.clock else { panic!("a story's clock stands still") };
        let set = |hash: &str| {
            // A session is trusted for a second after it was looked up.
            now.fetch_add(1_000, Relaxed);
            let (ctx, hash) = (app.ctx(Actor::system("test"), Reach::All, Locale::En), hash.to_owned());
            let account = Account::at("id-of-liu", Role::Filler, unit);
            let done = move |tx: &mut Tx| account_set(tx, &ctx, &account, Some(("liu", Some(&hash))));
            app.db.write_blocking("test.account", now.load(Relaxed), done).unwrap();
        };
        let end = || {
            now.fetch_add(1_000, Relaxed);
            let ctx = app.ctx(Actor::system("test"), Reach::All, Locale::En);
            app.db.write_blocking("test.account", now.load(Relaxed), move |tx: &mut Tx| {
                account_end(tx, &ctx, "liu")
            })
        };
        let ask = |method: &str, path: &str, cookie: &str, body: Value| {
            let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
            let request = request.header("cookie", cookie).header("content-type", "application/json");
            house.answer(&router, request.body(Body::from(body.to_string())).unwrap())
        };
        let log_in = |password: &str| {
            let said = ask("POST", "/session", "", json!({ "name": "liu", "password": password }));
            let cookie = said.headers.get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
            cookie.map(|cookie| cookie.split(';').next().unwrap().to_owned()).ok_or(said.status)
        };
        let is_in = |cookie: &str| ask("GET", "/session", cookie, Value::Null).status == StatusCode::OK;

        set(&old);
        let (first, second) = (log_in(OLD).unwrap(), log_in(OLD).unwrap());
        assert!(is_in(&first) && is_in(&second));
        let body = json!({ "act": "values", "values": { "staff": 4 } });
        let path = format!("/reports/S111/{TODAY}");
        assert_eq!(ask("PUT", &path, &first, body).status, StatusCode::OK);
        set(&new);
        assert!(!is_in(&first) && !is_in(&second), "who had the old password is out");
        assert_eq!(log_in(OLD), Err(StatusCode::UNAUTHORIZED));
        let third = log_in(NEW).unwrap();
        assert!(is_in(&third));

        end().unwrap();
        assert!(!is_in(&third));
        assert_eq!(log_in(NEW), Err(StatusCode::UNAUTHORIZED));
        let again = end().unwrap_err();
        assert!(matches!(&again, Fail::Problem(problem) if problem.code == "account.unknown"), "{again}");
        assert_eq!(house.journalled("account.end").len(), 1);
        let history = cast.get("office", &format!("{path}/history")).to_string();
        assert!(history.contains("account:id-of-liu"), "what it did stays its own: {history}");
        let replayed = accounts_replay(&app.db, &app.seals).unwrap();
        assert_eq!(replayed.wrong.faults_all, 0, "{replayed:?}");

        set(&new);
        assert!(is_in(&log_in(NEW).unwrap()), "set anew, it is let in again");
    });
}

#[test]
fn an_account_is_ended_by_the_command_line() {
    each_store(MIGRATIONS, |at| {
        begun(&at.config.url);
        let run = |args: &[&str]| {
            let Output { status, stderr, .. } = muster(&at.config.url, args);
            (status.code(), String::from_utf8(stderr).unwrap())
        };
        assert_eq!(run(&["user", "end", "duty"]), (Some(0), String::new()));
        let (code, said) = run(&["user", "end", "duty"]);
        assert!(code == Some(1) && said.contains("[account.unknown]"), "{said}");
        let (code, said) = run(&["verify", "--deep"]);
        assert_eq!(code, Some(0), "{said}");
    });
}

/// Whoever reads `account:01a2…` in the journal learns here whose that is.
#[test]
fn accounts_are_listed_by_the_command_line() {
    each_store(MIGRATIONS, |at| {
        begun(&at.config.url);
        let folder = Folder::new("accounts");
        let units =
            folder.file("units.csv", "code,name,kind,parent\nHQ,总部,unit,\nG1,甲集团,group,HQ\n".as_bytes());
        let run = |args: &[&str]| {
            let Output { status, stdout, stderr } = muster(&at.config.url, args);
            let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
            (status.code(), text(stdout), text(stderr))
        };
        assert_eq!(run(&["import", "units", &units]).0, Some(0));
        let set = "echo 'another-password' | \"$0\" --database \"$1\" user set g01 --role filler --unit G1";
        let bin = env!("CARGO_BIN_EXE_muster");
        let set = ["-c", set, bin, &at.config.url];
        let done = Command::new("sh").args(set).env("MUSTER_KEYS", crate::command::keys()).status();
        assert!(done.unwrap().success());
        assert_eq!(run(&["user", "end", "g01"]).0, Some(0));
        let (code, said, _) = run(&["user", "list", "--json"]);
        assert_eq!(code, Some(0), "{said}");
        let listed: Value = serde_json::from_str(&said).unwrap();
        let [duty, filler] = listed["items"].as_array().unwrap().as_slice() else { panic!("{said}") };
        assert_eq!(
            (&duty["name"], &duty["role"], &duty["until"]),
            (&json!("duty"), &json!("office"), &Value::Null)
        );
        assert_eq!((&filler["unit_code"], &filler["unit_name"]), (&json!("G1"), &json!("甲集团")));
        assert_eq!(filler["until"], filler["since"], "ended on the day on which it was set");
        assert_eq!(listed["next_cursor"], Value::Null);
        assert!(!said.contains("argon2") && !said.contains("password"), "{said}");

        // The reference is the journal's own.
        let reference = filler["reference"].as_str().unwrap().to_owned();
        let subjects = at.db.read_blocking("test.journal", |rx| {
            let mut subjects = Vec::new();
            for end in heads(rx)? {
                let entries = journal_of(rx, (end.bucket, end.lane), (0, end.no), &["account.set"])?;
                subjects.extend(entries.into_iter().map(|entry| entry.subject));
            }
            Ok::<_, StoreError>(subjects)
        });
        assert!(subjects.unwrap().contains(&reference), "{reference}");

        let (_, first, _) = run(&["user", "list", "--limit", "1", "--json"]);
        let first: Value = serde_json::from_str(&first).unwrap();
        let cursor = first["next_cursor"].as_str().unwrap();
        let (_, rest, _) = run(&["user", "list", "--limit", "1", "--cursor", cursor, "--json"]);
        let rest: Value = serde_json::from_str(&rest).unwrap();
        assert_eq!((&rest["items"][0]["name"], &rest["next_cursor"]), (&json!("g01"), &Value::Null));
        assert_eq!(run(&["user", "list", "--limit", "0"]).0, Some(2));
        let (_, table, _) = run(&["user", "list", "--lang", "zh-CN"]);
        assert!(table.contains("办公室") && table.contains("引用") && !table.contains("office"), "{table}");
    });
}

#[test]
fn a_page_of_another_origin_does_nothing_here() {
    story(|house| {
        let notice = |headers: &[(&str, &str)]| {
            let plain = [&[("content-type", "text/plain")], headers].concat();
            house.ask("office", "POST", "/notices?name=x.txt", &plain, "各单位:今日起每日报告。".into())
        };
        let foreign: [&[(&str, &str)]; 3] = [
            &[("host", "127.0.0.1:8020"), ("origin", "http://127.0.0.1:8999")],
            &[("host", "127.0.0.1:8020"), ("origin", "null")],
            &[("host", "localhost"), ("sec-fetch-site", "cross-site")],
        ];
        for headers in foreign {
            let said = notice(headers);
            assert_eq!((said.status, said.code()), (StatusCode::FORBIDDEN, "request.cross_origin".into()));
        }
        // A name that somebody else made to point here reads nothing either.
        let said = house.ask("office", "GET", "/about", &[("host", "evil.example:8020")], Vec::new());
        assert_eq!((said.status, said.code()), (StatusCode::FORBIDDEN, "request.host_unknown".into()));
        // Nor who says no name, none that can be read, or two.
        for hosts in [&[][..], &[&b"\xff"[..]], &[&b"127.0.0.1"[..], &b"evil.example"[..]]] {
            let request =
                hosts.iter().fold(Request::get("/api/v1/about"), |to, host| to.header("host", *host));
            let router = muster::serve::router(house.app.clone());
            let said = house.run(router.oneshot(request.body(Body::empty()).unwrap())).unwrap();
            assert_eq!(said.status(), StatusCode::FORBIDDEN, "{hosts:?}");
        }
        assert!(house.journalled("notice.import").is_empty());

        let own = [("host", "127.0.0.1:8020"), ("origin", "http://127.0.0.1:8020")];
        assert_eq!(notice(&own).status, StatusCode::CREATED);
    });
}
