//! Acting for somebody: a secretary records who decided, when and by what means; the leader needs no login.

use crate::cast::{Cast, TODAY, Terms};
use crate::house::{Said, story};
use axum::http::StatusCode;
use serde_json::{Value, json};

const LEADER: &str = "unit=R; post=leader; at=2020-02-03T09:00:00+08:00; means=telephone";

fn send(cast: &Cast<'_>, by: &str, method: &str, path: &str, acting: &str, body: &Value) -> Said {
    let headers = [("content-type", "application/json"), ("acting-for", acting)];
    cast.house.ask(by, method, path, &headers, body.to_string().into_bytes())
}

#[test]
fn who_decided_when_and_by_what_means_stands_beside_the_deed() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let post = json!({ "names": { "zh-Hans": "组长" }, "holder": "account:lead", "day": TODAY });
        let headers = [("content-type", "application/json")];
        let put =
            house.ask("office", "PUT", "/units/R/posts/leader", &headers, post.to_string().into_bytes());
        assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.json());
        let renamed = json!({ "names": { "zh-Hans": "改名" } });
        let done = send(&cast, "office", "PATCH", "/units/F11", LEADER, &renamed);
        assert!(done.status.is_success(), "{}", done.json());
        let [record] = house.journalled("acting.record").try_into().unwrap();
        let body: Value = serde_json::from_slice(&record.body).unwrap();
        assert_eq!(
            (record.actor.as_str(), &body["holder"], &body["means"]),
            ("role:office", &json!("account:lead"), &json!("telephone"))
        );
        assert_eq!(body["decided_at"], 1_580_691_600_000_i64);
        let deed = house.journalled("unit.change").pop().unwrap();
        assert_eq!(body["deeds"], json!([[deed.link.lane, deed.link.no]]));

        // What one signs oneself nobody does for another; nor is anything done where it is not said who decided.
        let zero = json!({ "act": "zero" });
        let report = send(&cast, "clerk", "PUT", &format!("/reports/S111/{TODAY}"), LEADER, &zero);
        assert_eq!((report.status.as_u16(), report.code().as_str()), (422, "acting.not_here"));
        let before = house.journalled("unit.change").len();
        for (acting, status, code) in [
            ("unit=R", 422, "acting.unreadable"),
            ("unit=R; post=none; at=2020-02-03T09:00:00+08:00; means=oral", 404, "post.unknown"),
            ("unit=NOWHERE; post=leader; at=2020-02-03T09:00:00+08:00; means=oral", 404, "unit.unknown"),
            ("unit=R; post=leader; at=2020-02-03T11:00:00+08:00; means=oral", 422, "acting.when"),
            ("unit=R; post=leader; at=2020-01-01T09:00:00+08:00; means=oral", 422, "acting.when"),
        ] {
            let said = send(
                &cast,
                "office",
                "PATCH",
                "/units/F11",
                acting,
                &json!({ "names": { "zh-Hans": "又改" } }),
            );
            assert_eq!((said.status.as_u16(), said.code().as_str()), (status, code), "{acting}");
        }
        // Of a unit above one's own nobody may say who decided there.
        let above =
            send(&cast, "group", "PATCH", "/units/F11", LEADER, &json!({ "names": { "zh-Hans": "又改" } }));
        assert_eq!((above.status.as_u16(), above.code().as_str()), (404, "unit.unknown"));
        assert_eq!(house.journalled("unit.change").len(), before, "nothing was done");
        cast.drawn_is_stored();
    });
}
