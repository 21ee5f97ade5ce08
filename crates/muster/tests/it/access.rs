//! Who comes in: an account made at the very beginning of an office's day works at once.

use crate::house::story;
use axum::http::StatusCode;
use muster::Reach;
use muster::lines::access::{Account, Role, account_set, password_hash};
use muster_kernel::{Actor, Clock, Locale};
use muster_store::{StoreError, Tx};
use serde_json::json;
use std::sync::atomic::Ordering::Relaxed;

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
                let account =
                    Account { id: "night".into(), name: "night".into(), role: Role::Office, unit: 1 };
                account_set(tx, &ctx, &account, Some(&hash))?;
                Ok::<_, StoreError>(())
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
        assert!(house.journalled("notice.import").is_empty());

        let own = [("host", "127.0.0.1:8020"), ("origin", "http://127.0.0.1:8020")];
        assert_eq!(notice(&own).status, StatusCode::CREATED);
    });
}
