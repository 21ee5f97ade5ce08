//! Acting for somebody: a secretary records who decided, when and by what means; the leader needs no login.

use crate::cast::{Cast, TODAY, Terms};
use crate::command::muster;
use crate::house::{Said, story};
use axum::http::StatusCode;
use muster::lines::operation::operation_set;
use muster_kernel::Clock;
use muster_kernel::day::rfc3339;
use serde_json::{Value, json};

const LEADER: &str = "unit=R; post=leader; at=2020-02-03T09:00:00+08:00; means=telephone";

fn send(cast: &Cast<'_>, by: &str, method: &str, path: &str, acting: &str, body: &Value) -> Said {
    let headers = [("content-type", "application/json"), ("acting-for", acting)];
    cast.house.ask(by, method, path, &headers, body.to_string().into_bytes())
}

/// The leader of the regulator, and of G2.
fn posts(cast: &Cast<'_>) {
    let post =
        json!({ "names": { "zh-Hans": "组长", "en": "Leader" }, "holder": "account:lead", "day": TODAY });
    for unit in ["R", "G2"] {
        let put = cast.house.ask(
            "office",
            "PUT",
            &format!("/units/{unit}/posts/leader"),
            &[("content-type", "application/json")],
            post.to_string().into(),
        );
        assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.json());
    }
}

/// Who decided each of some entries, as a list of them tells it: `unit.change R/leader telephone`.
fn told(list: &Value) -> Vec<String> {
    let one = |entry: &Value| {
        let acted = &entry["acted_for"];
        let word = |key: &str| acted[key].as_str().unwrap_or("?").to_owned();
        let who = match acted.is_null() {
            true => "-".to_owned(),
            false => format!("{}/{} {}", word("unit_code"), word("post"), word("means")),
        };
        format!("{} {who}", entry["action"].as_str().unwrap())
    };
    list.as_array().unwrap().iter().map(one).collect()
}

#[test]
fn who_decided_is_told_wherever_the_deed_is_told() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        posts(&cast);
        let name = |name: &str| json!({ "names": { "zh-Hans": name } });
        let beside = "unit=G2; post=leader; at=2020-02-03T08:30:00+08:00; means=meeting";
        let done = [
            send(&cast, "office", "PATCH", "/units/F11", LEADER, &name("甲")),
            send(&cast, "office", "PATCH", "/units/F11", beside, &name("乙")),
            house.ask(
                "office",
                "PATCH",
                "/units/F11",
                &[("content-type", "application/json")],
                name("丙").to_string().into(),
            ),
            // Several entries of one deed bear the same decision.
            send(
                &cast,
                "office",
                "PUT",
                "/units/F11/posts/night",
                LEADER,
                &json!({ "names": { "zh-Hans": "夜班" }, "duty_phone": "0551-6260 0000" }),
            ),
            send(
                &cast,
                "office",
                "POST",
                "/grants",
                LEADER,
                &json!({ "account": "clerk", "role": "viewer", "unit": "F11" }),
            ),
        ];
        for said in done {
            assert!(said.status.is_success(), "{}", said.json());
        }
        let changes = |by: &str| told(&cast.get(by, "/units/F11/history")["entries"]);
        let of = |all: Vec<String>, action: &str| -> Vec<String> {
            all.into_iter().filter(|one| one.starts_with(action)).collect()
        };
        let [by_leader, by_beside] = ["unit.change R/leader telephone", "unit.change G2/leader meeting"];
        assert_eq!(of(changes("office"), "unit.change"), ["unit.change -", by_beside, by_leader]);
        // To whom one reports one knows by name; what lies beside is told to nobody but that it was decided, and how.
        assert_eq!(
            of(changes("group"), "unit.change"),
            ["unit.change -", "unit.change ?/? meeting", by_leader]
        );
        let entry = cast.get("group", "/units/F11/history")["entries"].clone();
        let mut acted = entry.as_array().unwrap().iter().map(|one| one["acted_for"].clone());
        let acted: Value = acted.rfind(|acted| acted["unit_code"] == "R").unwrap();
        let words =
            ["unit_name", "post_name", "decided_at"].map(|key| acted[key].as_str().unwrap().to_owned());
        assert_eq!(words, ["R", "Leader", "2020-02-03T09:00:00+08:00"]);
        let posts = [of(changes("office"), "post.set"), of(changes("office"), "contact.set")].concat();
        assert_eq!(posts, ["post.set R/leader telephone", "contact.set R/leader telephone"]);

        let journal = told(&cast.get("office", "/journal?limit=1000")["items"]);
        assert_eq!(of(journal.clone(), "unit.change"), ["unit.change -", by_beside, by_leader]);
        assert_eq!(of(journal.clone(), "grant.give R"), ["grant.give R/leader telephone"]);
        // The record itself says whose it is.
        let records = of(journal, "acting.record");
        assert_eq!(records.len(), 4, "{records:?}");
        assert!(records.contains(&"acting.record G2/leader meeting".to_owned()), "{records:?}");
        let clerk = told(&cast.get("office", "/accounts/clerk/history")["items"]);
        assert_eq!(clerk[0], "grant.give R/leader telephone");
        let own = told(&cast.get("clerk", "/session/history")["items"]);
        assert_eq!(own[0], "grant.give R/leader telephone");
        cast.drawn_is_stored();
    });
}

#[test]
fn at_the_command_line_it_is_said_by_an_option_and_never_passed_over() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let operation = (*house.app.operation()).clone();
        cast.write(move |tx, ctx| operation_set(tx, ctx, |own| own.clone_from(&operation)));
        posts(&cast);
        // The program has a clock of its own.
        let at = rfc3339(Clock::Wall.now_ms() - 3_600_000, &house.app.operation().time_zone());
        let leader = format!("unit=R; post=leader; at={at}; means=written");
        let run = |args: &[&str], acting: &str| {
            let out = muster(&house.url, &[args, &["--acting-for", acting]].concat());
            (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
        };
        let give = ["grant", "give", "clerk", "viewer", "--unit", "F11"];
        assert_eq!(run(&give, &leader), (Some(0), String::new()));
        let [record] = house.journalled("acting.record").try_into().unwrap();
        let body: Value = serde_json::from_slice(&record.body).unwrap();
        let deed = house.journalled("grant.give").pop().unwrap();
        assert_eq!(
            (&body["deeds"], &body["means"], record.actor.as_str()),
            (&json!([[deed.link.lane, deed.link.no]]), &json!("written"), "system:cli")
        );
        let before = house.journalled("grant.give").len();
        let give = ["grant", "give", "clerk", "viewer", "--unit", "F12"];
        for (args, acting, status, code) in [
            (&give[..], "unit=R", 2, "unit=CODE; post=CODE"),
            (&give[..], "unit=R; post=none; at=AT; means=written", 1, "post.unknown"),
            (&["user", "end", "clerk"][..], leader.as_str(), 2, "acting.not_here"),
            (&["verify"][..], leader.as_str(), 2, "acting.not_here"),
            (&["import", "units", "none.csv"][..], leader.as_str(), 2, "acting.not_here"),
            (&["brief"][..], leader.as_str(), 2, "acting.not_here"),
        ] {
            let (got, said) = run(args, &acting.replace("AT", &at));
            assert_eq!(got, Some(status), "{args:?} {said}");
            assert!(said.contains(code), "{args:?} {said}");
        }
        assert_eq!(house.journalled("grant.give").len(), before);
        assert!(house.journalled("account.end").is_empty(), "nothing was done");
    });
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
