//! Measures and tasks: registered, handed out, done, looked at by a second person, struck off; on both stores.

use crate::cast::{Cast, Terms, told_with, unit_id};
use crate::house::{House, Said, found};
use crate::notice::PAGE;
use axum::http::StatusCode;
use muster::lines::access::{Account, Role, account_set};
use serde_json::{Value, json};

mod chance;

const DUE: &str = "2020-02-05T18:00:00+08:00";
const LATER: &str = "2020-02-07T18:00:00+08:00";

/// A cast with a second person at G1, who checks, and one at S111.
fn tasked(tell: impl Fn(&Cast<'_>)) {
    told_with(Terms::default(), |cast| {
        cast.write(|tx, ctx| {
            for (id, role, at) in [("checker", Role::Checker, "G1"), ("other", Role::Office, "S111")] {
                let account = Account::at(id, role, unit_id(tx, at)?);
                account_set(tx, ctx, &account, None)?;
            }
            Ok(())
        });
        tell(cast);
    });
}

fn ok(said: &Said) -> Value {
    assert!(said.status.is_success(), "{} {}", said.status, said.json());
    said.json()
}

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

fn refused(said: &Said, status: u16, code: &str) {
    assert_eq!((said.status.as_u16(), said.code().as_str()), (status, code), "{}", said.json());
}

/// A measure that the office registers, and its task at a unit.
fn given(house: &House, to: &str) -> (String, String) {
    let measure = id(&ok(&house.post("office", "/measures", json!({ "text": "Check every gate." }))));
    let said =
        house.post("office", &format!("/measures/{measure}/tasks"), json!({ "units": [to], "due": DUE }));
    assert_eq!(ok(&said)["given"], 1, "{}", said.json());
    let tasks = ok(&house.get("office", &format!("/measures/{measure}/tasks")));
    (measure, id(&tasks["items"][0]))
}

fn step(house: &House, who: &str, task: &str, action: &str, body: Value) -> Said {
    house.post(who, &format!("/tasks/{task}/{action}"), body)
}

fn state(house: &House, task: &str) -> String {
    ok(&house.get("office", &format!("/tasks/{task}")))["state"].as_str().unwrap().to_owned()
}

/// Numbers of tasks and why they wait for somebody.
fn waiting(house: &House, who: &str) -> Vec<(String, String)> {
    let list = ok(&house.get(who, "/waiting"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["why"]), text(&one["task"]["number"])))
        .collect()
}

fn one(why: &str, number: &str) -> Vec<(String, String)> {
    vec![(why.to_owned(), number.to_owned())]
}

#[test]
fn a_line_of_a_text_becomes_tasks_that_a_second_person_strikes_off() {
    tasked(|cast| {
        let house = cast.house;
        let plain = [("content-type", "text/plain; charset=utf-8")];
        let said = house.ask("office", "POST", "/notices", &plain, PAGE.into());
        let notice = ok(&said);
        let lines = notice["measures"].as_array().unwrap();
        assert!(!lines.is_empty(), "{notice}");
        let line = json!({ "notice": notice["id"], "n": lines[0]["n"] });
        let measure = ok(&house.post("office", "/measures", json!({ "line": line })));
        assert_eq!((&measure["source"], &measure["number"]), (&json!("notice"), &json!("M1")));
        assert_eq!(measure["text"], lines[0]["text"]);
        assert_eq!(measure["line"], line);
        let measure = id(&measure);
        let all = json!({ "node": "unit:R", "kind": "group", "due": DUE });
        let handed = ok(&house.post("office", &format!("/measures/{measure}/tasks"), all.clone()));
        assert_eq!(
            (&handed["units"], &handed["given"], &handed["had"]),
            (&json!(2), &json!(2), &json!(0)),
            "{handed}"
        );
        // The same again gives nobody a second one.
        let again = ok(&house.post("office", &format!("/measures/{measure}/tasks"), all));
        assert_eq!((&again["given"], &again["had"]), (&json!(0), &json!(2)));

        let list = ok(&house.get("group", "/tasks"));
        let [task] = &list["items"].as_array().unwrap()[..] else { panic!("{list}") };
        assert_eq!(
            (&task["unit"]["code"], &task["state"], &task["light"]),
            (&json!("G1"), &json!("assigned"), &json!("green"))
        );
        assert_eq!(task["text"], lines[0]["text"]);
        assert_eq!(waiting(house, "group"), one("do", "M1-1"));
        let task = id(task);
        let signed = ok(&step(house, "group", &task, "sign", json!({})));
        assert_eq!((&signed["state"], &signed["steps"]), (&json!("signed"), &json!(2)));
        assert_eq!(signed["signed_at"], "2020-02-03T10:00:00+08:00");

        // Split: the firm gets a part, and the whole waits for it.
        let part = json!({ "unit": "F11", "text": "The gates of the firm." });
        let part = ok(&house.post("group", &format!("/tasks/{task}/parts"), part));
        assert_eq!(
            (&part["parent"], &part["set_at"]["code"], &part["due"]),
            (&json!(task), &json!("G1"), &json!(DUE))
        );
        let part = id(&part);
        assert_eq!(state(house, &task), "under_way");
        refused(&step(house, "group", &task, "report", json!({ "text": "Done." })), 409, "task.parts_open");
        cast.clock("11:00");
        ok(&step(house, "firm", &part, "start", json!({})));
        let filed = cast.say("clerk", "S111", json!({ "staff": 5 }));
        let receipt = filed["receipt"].as_str().unwrap().to_owned();
        let report = json!({ "text": "Three gates, one closed.", "evidence": [receipt] });
        ok(&step(house, "firm", &part, "report", report));
        assert_eq!(waiting(house, "checker"), one("check", "M1-3"));
        refused(&step(house, "firm", &part, "verify", json!({})), 403, "permission.lacking");
        ok(&step(house, "checker", &part, "verify", json!({ "text": "Seen." })));
        assert_eq!(state(house, &part), "struck_off");

        // The whole: reported, sent back, reported again, struck off above.
        ok(&step(house, "group", &task, "report", json!({ "text": "Done." })));
        assert_eq!(waiting(house, "office"), one("check", "M1-1"));
        refused(&step(house, "group", &task, "verify", json!({})), 403, "task.not_yours");
        let back = ok(&step(house, "office", &task, "return", json!({ "reason": "How many gates?" })));
        assert_eq!((&back["state"], &back["reported_at"]), (&json!("under_way"), &Value::Null));
        ok(&step(house, "group", &task, "report", json!({ "text": "Three gates." })));
        let ended = ok(&step(house, "lead", &task, "verify", json!({})));
        assert_eq!((&ended["state"], &ended["light"]), (&json!("struck_off"), &json!("off")));
        refused(
            &step(house, "office", &task, "extend", json!({ "reason": "x", "due": LATER })),
            409,
            "task.state",
        );

        // Every step stays, each entry names the one before, and the journal holds no words.
        let steps = ok(&house.get("office", &format!("/tasks/{task}/steps")));
        let told: Vec<(&str, &str)> = steps["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["action"].as_str().unwrap(), one["text"].as_str().unwrap()))
            .collect();
        let expected = [
            ("verify", ""),
            ("report", "Three gates."),
            ("return", "How many gates?"),
            ("report", "Done."),
            ("split", ""),
            ("sign", ""),
            ("assign", ""),
        ];
        assert_eq!(told, expected);
        let entries = house.journalled("task.report");
        assert_eq!(entries.len(), 3);
        for entry in &entries {
            let body = String::from_utf8(entry.body.clone()).unwrap();
            assert!(!body.contains("gates") && !body.contains("Done"), "{body}");
            assert!(entry.prev.is_some());
        }
        let progress = ok(&house.get("office", &format!("/measures/{measure}/progress")));
        let whole = &progress["progress"];
        assert_eq!(
            (&whole["all"], &whole["states"]["struck_off"], &whole["states"]["assigned"]),
            (&json!(2), &json!(1), &json!(1))
        );
        let parts: Vec<(&Value, &Value)> = progress["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["unit"]["code"], &one["progress"]["weight_done"]))
            .collect();
        assert_eq!(parts, [(&json!("G1"), &json!(1)), (&json!("G2"), &json!(0))]);
        assert_eq!(
            ok(&house.get("office", &format!("/measures/{measure}")))["tasks"],
            3,
            "parts are counted too"
        );
    });
}

#[test]
fn nobody_strikes_off_their_own_work_and_what_is_out_of_sight_is_not_there() {
    tasked(|cast| {
        let house = cast.house;
        let (measure, task) = given(house, "S111");
        ok(&step(house, "clerk", &task, "sign", json!({})));
        // Whoever has the unit above may report for it; then they are not the second person.
        ok(&step(house, "office", &task, "report", json!({ "text": "Seen there." })));
        refused(&step(house, "office", &task, "verify", json!({})), 403, "task.own_work");
        refused(&step(house, "office", &task, "return", json!({ "reason": "x" })), 403, "task.own_work");
        refused(&step(house, "viewer", &task, "verify", json!({})), 403, "permission.lacking");
        ok(&step(house, "lead", &task, "verify", json!({})));

        for who in ["beside", "second"] {
            for ask in
                [format!("/tasks/{task}"), format!("/tasks/{task}/steps"), format!("/tasks/{task}/parts")]
            {
                refused(&house.get(who, &ask), 404, "task.unknown");
            }
            assert_eq!(ok(&house.get(who, "/tasks"))["items"], json!([]));
            refused(&house.get(who, &format!("/measures/{measure}")), 404, "measure.unknown");
            assert_eq!(ok(&house.get(who, "/measures"))["items"], json!([]));
        }
        refused(&step(house, "second", &task, "report", json!({ "text": "x" })), 404, "task.unknown");
        // Whoever has a task is told of it, not of the measure as a whole, which is the office's.
        assert_eq!(ok(&house.get("clerk", &format!("/tasks/{task}")))["text"], "Check every gate.");
        refused(&house.get("clerk", &format!("/measures/{measure}/progress")), 404, "measure.unknown");
        refused(&house.get("office", "/tasks/none"), 404, "task.unknown");
        assert_eq!(waiting(house, "viewer"), []);
    });
}

#[test]
fn a_measure_is_handed_out_by_line_place_class_and_hand() {
    tasked(|cast| {
        let house = cast.house;
        let units = |who: &str, body: Value| {
            let measure = id(&ok(&house.post(who, "/measures", json!({ "text": "Count the masks." }))));
            let mut body = body;
            body["due"] = json!(DUE);
            let handed = house.post(who, &format!("/measures/{measure}/tasks"), body);
            let tasks = ok(&house.get(who, &format!("/measures/{measure}/tasks")));
            let mut codes: Vec<String> = tasks["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["unit"]["code"].as_str().unwrap().to_owned())
                .collect();
            codes.sort();
            (handed, codes)
        };
        for (who, body, expected) in [
            ("office", json!({ "node": "unit:R" }), &["D", "G1", "G2"][..]),
            ("office", json!({ "node": "unit:G1", "which": "all" }), &["F11", "F12", "S111", "S112", "S121"]),
            (
                "office",
                json!({ "node": "unit:R", "which": "all", "kind": "site" }),
                &["S111", "S112", "S121", "S211"],
            ),
            ("office", json!({ "node": "place:420100" }), &["F21", "G2", "S211"]),
            ("office", json!({ "node": "class:key" }), &["F11", "F21", "S111", "S121"]),
            ("office", json!({ "units": ["S211", "D", "D"] }), &["D", "S211"]),
            // Of a place or class, only those of one's own part.
            ("group", json!({ "node": "class:key" }), &["F11", "S111", "S121"]),
            ("group", json!({ "node": "place:420100" }), &[]),
        ] {
            let (said, codes) = units(who, body.clone());
            assert_eq!(codes, expected, "{body}");
            assert_eq!(ok(&said)["given"], expected.len(), "{body}");
        }
        // Rows in = rows given + had + refused, each with where and why; what is outside is as if it were not there.
        let (said, codes) = units("group", json!({ "units": ["F11", "G2", "NONE", "F12"] }));
        let handed = ok(&said);
        assert_eq!(codes, ["F11", "F12"]);
        let counts = ["units", "given", "had", "refused"].map(|key| handed[key].as_i64().unwrap());
        assert_eq!(counts, [4, 2, 0, 2]);
        let rows: Vec<(i64, &str)> = handed["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["row"].as_i64().unwrap(), one["code"].as_str().unwrap()))
            .collect();
        assert_eq!(rows, [(2, "unit.unknown"), (3, "unit.unknown")]);

        let (measure, _) = given(house, "D");
        let hand = |body: Value| house.post("office", &format!("/measures/{measure}/tasks"), body);
        for (body, status, code) in [
            (json!({ "due": DUE }), 422, "task.scope"),
            (json!({ "due": DUE, "units": ["D"], "node": "unit:R" }), 422, "task.scope"),
            (json!({ "due": "tomorrow", "units": ["D"] }), 422, "request.instant"),
            (json!({ "due": "2020-02-01T10:00:00+08:00", "units": ["D"] }), 422, "task.refused"),
            (json!({ "due": "2030-02-01T10:00:00+08:00", "units": [] }), 422, "task.refused"),
            (json!({ "due": DUE, "units": ["D"], "weight": 0 }), 422, "task.refused"),
            (json!({ "due": DUE, "node": "unit:NONE" }), 404, "unit.unknown"),
            (json!({ "due": DUE, "node": "class:none" }), 404, "node.unknown"),
            (json!({ "due": DUE, "node": "place:xx" }), 404, "node.unknown"),
            (json!({ "due": DUE, "node": "else" }), 404, "node.unknown"),
        ] {
            refused(&hand(body), status, code);
        }
        refused(&house.post("clerk", "/measures", json!({ "text": "x" })), 403, "permission.lacking");
        refused(&house.post("office", "/measures", json!({ "text": " " })), 422, "task.refused");
        refused(
            &house.post("office", "/measures", json!({ "line": { "notice": "none", "n": 1 } })),
            404,
            "notice.unknown",
        );
        refused(&house.post("group", "/measures", json!({ "text": "x", "unit": "G2" })), 404, "unit.unknown");
    });
}

#[test]
fn who_answers_follows_the_posts_of_the_unit() {
    tasked(|cast| {
        let house = cast.house;
        let (_, task) = given(house, "S111");
        let owner = || ok(&house.get("clerk", &format!("/tasks/{task}")))["owner"].clone();
        let post = |code: &str, holder: &str| {
            let body = json!({ "names": { "zh-Hans": code }, "holder": holder });
            let headers = [("content-type", "application/json")];
            let said = house.ask(
                "office",
                "PUT",
                &format!("/units/S111/posts/{code}"),
                &headers,
                body.to_string().into(),
            );
            assert!(said.status.is_success(), "{}", said.json());
        };
        assert_eq!(
            (&owner()["person"], &owner()["raised"]),
            (&Value::Null, &json!(false)),
            "the unit's office"
        );
        post("head", "account:other");
        post("gate", "account:clerk");
        assert_eq!((&owner()["person"], &owner()["post"]["code"]), (&json!("account:other"), &json!("head")));
        let give = |body: Value| step(house, "clerk", &task, "give", body);
        ok(&give(json!({ "post": "gate", "person": "account:clerk" })));
        assert_eq!((&owner()["person"], &owner()["raised"]), (&json!("account:clerk"), &json!(false)));
        // They leave: it is raised to the head, the same day.
        post("gate", "");
        assert_eq!((&owner()["person"], &owner()["raised"]), (&json!("account:other"), &json!(true)));
        post("gate", "account:clerk");
        assert_eq!((&owner()["person"], &owner()["raised"]), (&json!("account:clerk"), &json!(false)));
        let unknown = give(json!({ "post": "none" }));
        assert_eq!(unknown.findings(), found("task.post_unknown", "post"));
        let holds_none = give(json!({ "person": "account:firm" }));
        assert!(!holds_none.status.is_success(), "{}", holds_none.json());
        // Back to the unit.
        ok(&give(json!({})));
        assert_eq!((&owner()["person"], &owner()["raised"]), (&json!("account:other"), &json!(false)));
    });
}

#[test]
fn what_is_contested_transferred_extended_and_taken_back_says_why() {
    tasked(|cast| {
        let house = cast.house;
        let (_, task) = given(house, "G1");
        ok(&step(house, "group", &task, "contest", json!({ "reason": "We have no gate." })));
        assert_eq!(waiting(house, "group"), [], "it waits for whoever set it");
        assert_eq!(waiting(house, "office"), one("decide", "M1-1"));
        refused(&step(house, "group", &task, "sign", json!({})), 409, "task.state");
        refused(&step(house, "group", &task, "uphold", json!({ "reason": "x" })), 403, "task.not_yours");
        ok(&step(house, "office", &task, "uphold", json!({ "reason": "The east gate is yours." })));
        ok(&step(house, "group", &task, "sign", json!({})));
        for (body, expected) in [
            (json!({ "unit": "G1", "reason": "x" }), found("task.same_unit", "unit")),
            (json!({ "unit": "G2", "reason": " " }), found("words.missing", "reason")),
            (json!({ "unit": "G2", "reason": "联系 13812340004" }), found("words.number", "reason")),
            (json!({ "unit": "G2", "reason": "机密★1年" }), found("words.secrecy", "reason")),
        ] {
            assert_eq!(step(house, "office", &task, "transfer", body).findings(), expected);
        }
        let moved =
            ok(&step(house, "office", &task, "transfer", json!({ "unit": "G2", "reason": "They have it." })));
        assert_eq!(
            (&moved["unit"]["code"], &moved["state"], &moved["signed_at"]),
            (&json!("G2"), &json!("assigned"), &Value::Null)
        );
        refused(&house.get("group", &format!("/tasks/{task}")), 404, "task.unknown");
        for (due, expected) in [
            (DUE, found("task.due_earlier", "due")),
            (
                "2020-02-03T09:00:00+08:00",
                [found("task.due_past", "due"), found("task.due_earlier", "due")].concat(),
            ),
        ] {
            let said = step(house, "office", &task, "extend", json!({ "reason": "It snows.", "due": due }));
            assert_eq!(said.findings(), expected);
        }
        refused(
            &step(house, "beside", &task, "extend", json!({ "reason": "x", "due": LATER })),
            403,
            "task.not_yours",
        );
        ok(&step(house, "office", &task, "extend", json!({ "reason": "It snows.", "due": LATER })));
        // A part is not due after the whole, even later.
        let part = |due: &str, unit: &str| {
            house.post(
                "beside",
                &format!("/tasks/{task}/parts"),
                json!({ "unit": unit, "due": due, "text": "A part." }),
            )
        };
        assert_eq!(part("2020-02-09T18:00:00+08:00", "F21").findings(), found("task.due_beyond", "due"));
        refused(&part(DUE, "G1"), 404, "unit.unknown");
        let below = id(&ok(&part(DUE, "F21")));
        let deeper = ok(&house.post(
            "office",
            &format!("/tasks/{below}/parts"),
            json!({ "unit": "S211", "text": "A part of it." }),
        ));
        let back = ok(&step(house, "office", &task, "withdraw", json!({ "reason": "The gate is gone." })));
        assert_eq!(back["state"], "withdrawn");
        for part in [&below, &id(&deeper)] {
            assert_eq!(state(house, part), "withdrawn", "parts go with it");
        }
        refused(
            &step(house, "office", &below, "reopen", json!({ "reason": "x", "due": LATER })),
            409,
            "task.state",
        );
        assert_eq!(waiting(house, "beside"), []);
    });
}

#[test]
fn a_report_says_something_and_rests_on_what_there_is() {
    tasked(|cast| {
        let house = cast.house;
        let (_, task) = given(house, "S111");
        let report = |body: Value| step(house, "clerk", &task, "report", body);
        assert_eq!(report(json!({})).findings(), found("words.missing", "text"));
        assert_eq!(report(json!({ "text": "字".repeat(2_001) })).findings(), found("words.long", "text"));
        let rests = |what: &str| report(json!({ "text": "Done.", "evidence": [what] })).findings();
        assert_eq!(rests("0/99999999"), found("reference.unknown", "evidence"));
        assert_eq!(rests("a photograph"), found("reference.word", "evidence"));
        assert_eq!(state(house, &task), "assigned", "nothing was stored");
        assert_eq!(report(json!({ "text": "Done.", "more": 1 })).status, StatusCode::UNPROCESSABLE_ENTITY);
        // Late: red while it is owed; reported late it stays so until somebody looks.
        let light = || ok(&house.get("office", &format!("/tasks/{task}")))["light"].clone();
        assert_eq!(light(), "green");
        cast.clock("02-05 12:00");
        assert_eq!(light(), "amber");
        cast.clock("02-06 10:00");
        assert_eq!(light(), "red");
        let stand = ok(&house.get("office", "/measures"))["items"][0]["id"].as_str().unwrap().to_owned();
        let behind =
            || ok(&house.get("office", &format!("/measures/{stand}/progress")))["progress"]["behind"].clone();
        assert_eq!(behind(), 1);
        ok(&report(json!({ "text": "Done." })));
        assert_eq!((light(), behind()), (json!("red"), json!(1)));
        ok(&step(house, "office", &task, "verify", json!({})));
        assert_eq!((light(), behind()), (json!("off"), json!(0)));
        let again = ok(&step(
            house,
            "office",
            &task,
            "reopen",
            json!({ "reason": "It broke.", "due": "2020-02-08T10:00:00+08:00" }),
        ));
        assert_eq!((&again["state"], &again["ended_at"]), (&json!("under_way"), &Value::Null));
    });
}

#[test]
fn lists_are_told_page_by_page_the_nearest_date_first() {
    tasked(|cast| {
        let house = cast.house;
        let measure = id(&ok(&house.post("office", "/measures", json!({ "text": "Count." }))));
        let hand = |node: &str, due: &str| {
            let body = json!({ "node": node, "which": "all", "due": due });
            ok(&house.post("office", &format!("/measures/{measure}/tasks"), body));
        };
        hand("unit:G2", DUE);
        hand("unit:R", LATER);
        let all = |who: &str, ask: &str, limit: usize| {
            let (mut cursor, mut numbers, mut dues) = (String::new(), Vec::new(), Vec::new());
            loop {
                let page = ok(&house.get(who, &format!("{ask}limit={limit}{cursor}")));
                for one in page["items"].as_array().unwrap() {
                    let task = if one["task"].is_object() { &one["task"] } else { one };
                    numbers.push(task["number"].as_str().unwrap().to_owned());
                    dues.push(task["due"].as_str().unwrap().to_owned());
                }
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return (numbers, dues),
                }
            }
        };
        for (who, ask, count) in [
            ("office", "/tasks?", 10),
            ("office", "/tasks?node=unit:G1&", 6),
            ("group", "/tasks?", 6),
            ("beside", "/tasks?", 3),
            ("clerk", "/tasks?", 1),
            ("clerk", "/waiting?", 1),
            ("group", "/waiting?", 1),
            ("office", "/waiting?", 0),
        ] {
            let (whole, dues) = all(who, ask, 1_000);
            assert_eq!(whole.len(), count, "{who} {ask}");
            assert!(dues.is_sorted(), "{dues:?}");
            for limit in [1, 2, 3] {
                assert_eq!(all(who, ask, limit).0, whole, "{who} {ask} {limit}");
            }
        }
        let (numbers, _) = all("office", &format!("/measures/{measure}/tasks?"), 3);
        assert_eq!(numbers.len(), 10);
        refused(&house.get("office", "/tasks?cursor=eA"), 422, "request.cursor");
    });
}
