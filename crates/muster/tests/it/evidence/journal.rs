//! The journal's door: whose an entry is, filters, cursors, walks, steps that are bounded and say so.

use crate::cast::{Cast, TODAY, Terms, names, unit_id};
use crate::house::{House, story};
use axum::http::StatusCode;
use muster::lines::access::{Account, Role, account_end, account_set};
use muster::lines::org;
use muster_store::{Entry, StoreError, Tx};
use serde_json::{Value, json};

/// Every entry that a question finds, page after page; and how many pages it took.
fn all(house: &House, role: &str, ask: &str, limit: usize) -> (Vec<Value>, usize) {
    let (mut found, mut after, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let said = house.get(role, &format!("/journal?{ask}&limit={limit}{after}"));
        assert_eq!(said.status, StatusCode::OK, "{ask}: {}", said.json());
        let body = said.json();
        let items = body["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        found.extend(items.iter().cloned());
        pages += 1;
        match body["more"].as_str() {
            Some(more) => after = format!("&after={more}"),
            None => return (found, pages),
        }
        assert!(pages < 10_000, "a cursor that leads nowhere");
    }
}

fn actions(found: &[Value]) -> Vec<&str> {
    found.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

fn key(entry: &Value) -> (i64, i64) {
    (entry["lane"].as_i64().unwrap(), entry["no"].as_i64().unwrap())
}

/// Two reports, a correction, an incident, a post, in two groups.
fn worked(house: &House) -> Cast<'_> {
    let cast = Cast::of(house, Terms::default());
    cast.say("clerk", "S111", json!({ "staff": 91_917 }));
    cast.clock("10:05");
    let body = json!({ "act": "values", "values": { "staff": 4 }, "reason": "counted twice" });
    assert_eq!(cast.put("clerk", "S111", body).status, StatusCode::OK);
    cast.clock("10:10");
    cast.say("beside", "S211", json!({ "staff": 5 }));
    let incident = json!({ "unit": "S211", "element": "fever", "value": 1, "text": "体温偏高" });
    assert_eq!(house.post("beside", "/incidents", incident).status, StatusCode::CREATED);
    cast.clock("10:15");
    let post = json!({ "names": { "zh-Hans": "夜班" } });
    let headers = [("content-type", "application/json")];
    let set = house.ask("group", "PUT", "/units/F11/posts/night", &headers, post.to_string().into());
    assert!(set.status.is_success(), "{}", set.json());
    cast
}

#[test]
fn everybody_sees_their_own_part_and_nothing_else() {
    story(|house| {
        let _cast = worked(house);
        let (whole, _) = all(house, "office", "", 1000);
        let of =
            |found: &[Value]| found.iter().map(|e| e["subject"]["unit"]["code"].clone()).collect::<Vec<_>>();
        for action in ["operation.set", "form.assign", "account.set", "report.file", "incident.file"] {
            assert!(actions(&whole).contains(&action), "{action}: {:?}", actions(&whole));
        }
        let (own, _) = all(house, "group", "", 1000);
        let codes = of(&own);
        assert!(codes.contains(&json!("S111")) && codes.contains(&json!("F11")), "{codes:?}");
        for code in ["R", "G2", "F21", "S211", "D"] {
            assert!(!codes.contains(&json!(code)), "{code}: {codes:?}");
        }
        for entry in &own {
            let kind = entry["subject"]["kind"].as_str().unwrap();
            assert!(["unit", "sheet", "account"].contains(&kind), "{entry}");
        }
        // Accounts of the own part, by name; of others nothing.
        let accounts: Vec<_> = own.iter().filter(|e| e["subject"]["kind"] == "account").collect();
        let texts: Vec<_> = accounts.iter().map(|e| e["subject"]["text"].as_str().unwrap()).collect();
        assert!(
            texts.contains(&"Account clerk") && !texts.iter().any(|text| text.contains("beside")),
            "{texts:?}"
        );
        // What one sees of a node is what its own office sees of it, of whoever stands above.
        let (node, _) = all(house, "office", "node=unit:G1", 1000);
        assert_eq!(node.iter().map(key).collect::<Vec<_>>(), own.iter().map(key).collect::<Vec<_>>());
        for (role, node, status) in [
            ("group", "unit:G2", StatusCode::NOT_FOUND),
            ("group", "unit:NOWHERE", StatusCode::NOT_FOUND),
            ("group", "place:3401", StatusCode::UNPROCESSABLE_ENTITY),
            ("clerk", "unit:S111", StatusCode::FORBIDDEN),
            ("viewer", "unit:R", StatusCode::FORBIDDEN),
        ] {
            assert_eq!(house.get(role, &format!("/journal?node={node}")).status, status, "{role} {node}");
        }
        let beside = house.get("group", "/journal?subject=unit:S211");
        assert_eq!((beside.status, beside.code().as_str()), (StatusCode::NOT_FOUND, "unit.unknown"));
        let (none, _) = all(house, "group", "subject=form:daily", 1000);
        assert!(none.is_empty(), "{none:?}");
    });
}

#[test]
fn no_value_and_no_words_of_a_report_are_told() {
    story(|house| {
        let _cast = worked(house);
        let text = house.get("office", "/journal?limit=1000").json().to_string();
        assert!(text.contains("S111"));
        for kept in ["91917", "counted twice", "体温偏高", "夜班"] {
            assert!(!text.contains(kept), "{kept}");
        }
    });
}

#[test]
fn pages_are_the_whole_in_the_same_order_however_short() {
    story(|house| {
        let cast = worked(house);
        let (whole, pages) = all(house, "office", "", 1000);
        assert_eq!(pages, 1);
        for limit in [1, 3, 7] {
            let (paged, _) = all(house, "office", "", limit);
            assert_eq!(paged, whole, "{limit}");
        }
        // The house was opened by a clock that the cast put back: a lane is told in its own order all the same.
        let at = |entry: &Value| entry["at"].as_str().unwrap().to_owned();
        let instants: Vec<_> = whole.iter().map(at).filter(|at| at.starts_with(TODAY)).collect();
        assert!(instants.len() > 30, "{instants:?}");
        assert!(instants.is_sorted_by(|a, b| a >= b), "the latest first: {instants:?}");
        // What comes meanwhile shifts nothing.
        let first = house.get("office", "/journal?limit=2").json();
        cast.clock("11:00");
        cast.say("second", "S112", json!({ "staff": 6 }));
        let more = first["more"].as_str().unwrap();
        let rest = house.get("office", &format!("/journal?limit=1000&after={more}")).json();
        let rest = rest["items"].as_array().unwrap();
        assert_eq!(rest[..], whole[2..]);
    });
}

#[test]
fn filters_narrow_and_are_the_words_of_people() {
    story(|house| {
        let cast = worked(house);
        let found = |ask: &str| all(house, "office", ask, 1000).0;
        assert_eq!(actions(&found("action=report")), ["report.file", "report.correct", "report.file"]);
        assert_eq!(actions(&found("action=report.correct")), ["report.correct"]);
        let by = found("actor=clerk");
        assert_eq!(actions(&by), ["report.correct", "report.file"]);
        assert_eq!((&by[0]["actor"], &by[0]["actor_name"]), (&json!("role:clerk"), &json!("clerk")));
        assert_eq!(found("actor=role:clerk"), by);
        assert!(found("actor=system:test").len() > 10);
        let on = |day: &str| -> Vec<Value> {
            found("").into_iter().filter(|e| e["at"].as_str().unwrap().starts_with(day)).collect()
        };
        assert_eq!(found(&format!("from={TODAY}&to={TODAY}")), on(TODAY));
        assert!(found("action=report&from=2020-02-04").is_empty() && found("to=2020-02-02").is_empty());
        cast.clock("02-04 09:00");
        cast.say("second", "S112", json!({ "staff": 6 }));
        assert_eq!(found(&format!("to={TODAY}")), on(TODAY));
        assert_eq!(actions(&found("action=report&from=2020-02-04")), ["report.file"]);
        assert_eq!(found("action=report&from=2020-02-04"), on("2020-02-04"));
        for (ask, code) in [
            ("action=rep", "journal.action_unknown"),
            ("action=", "journal.word"),
            ("actor=", "journal.word"),
            ("subject=x:1", "journal.subject_unknown"),
            ("subject=sheet:S111", "journal.subject_unknown"),
            ("subject=sheet:S111:x", "request.day"),
            ("subject=sheet:S111:2020-02-03:up", "journal.subject_unknown"),
            ("from=x", "request.day"),
            ("from=2020-02-04&to=2020-02-03", "journal.days"),
            ("limit=0", "request.limit"),
            ("limit=1001", "request.limit"),
            ("after=%21", "request.cursor"),
            ("after=eA", "request.cursor"),
            ("subject=unit:S111&after=MDox", "request.cursor"),
            ("after=dzA6MQ", "request.cursor"),
            ("who=x", "request.field_unknown"),
        ] {
            let said = house.get("office", &format!("/journal?{ask}"));
            assert_eq!(
                (said.status, said.code().as_str()),
                (StatusCode::UNPROCESSABLE_ENTITY, code),
                "{ask}"
            );
        }
        assert_eq!(house.get("office", "/journal?actor=nobody").code(), "account.unknown");
        assert_eq!(
            house.get("group", "/journal?actor=beside").code(),
            "account.unknown",
            "as if there were none"
        );
        // A cursor that nobody was given ends, and fails nothing.
        let far = "OTk6OTk5OTk5OTk5OTk5LDA6OTk5OTk5OTk5"; // 99:999999999999,0:999999999
        assert_eq!(house.get("office", &format!("/journal?after={far}")).status, StatusCode::OK);
    });
}

#[test]
fn an_entry_is_said_in_the_readers_language_with_its_chain() {
    story(|house| {
        let _cast = worked(house);
        let (found, _) = all(house, "office", "action=report&node=unit:S111", 1000);
        let [corrected, filed] = &found[..] else { panic!("{found:?}") };
        let subject = &corrected["subject"];
        assert_eq!(subject["text"], format!("S111 S111 {TODAY} daily"));
        assert_eq!((&subject["revision"], &subject["scope"]), (&json!(2), &json!("alone")));
        assert_eq!(corrected["previous"], format!("{}:{}", filed["lane"], filed["no"]));
        assert_eq!(corrected["action_text"], "Report corrected");
        let hash = corrected["hash"].as_str().unwrap();
        assert!(hash.starts_with("sha256-1:") && hash.len() == 73, "{hash}");
        let said = house.ask(
            "office",
            "GET",
            "/journal?action=report.correct",
            &[("accept-language", "zh-TW")],
            Vec::new(),
        );
        assert_eq!(said.json()["items"][0]["action_text"], "更正填報");
        // Each hash stands before the next of its lane.
        let (whole, _) = all(house, "office", "", 1000);
        for entry in &whole {
            let (lane, no) = key(entry);
            let before = whole.iter().find(|other| key(other) == (lane, no - 1));
            assert_eq!(
                before.map(|before| &before["hash"]),
                entry.get("before").filter(|hash| !hash.is_null())
            );
        }
    });
}

#[test]
fn the_history_of_a_unit_or_a_sheet_is_a_walk_along_its_links() {
    story(|house| {
        let _cast = worked(house);
        let found = |ask: &str, limit| all(house, "office", ask, limit).0;
        let sheet = format!("subject=sheet:S111:{TODAY}");
        assert_eq!(actions(&found(&sheet, 100)), ["report.correct", "report.file"]);
        assert_eq!(found(&sheet, 1), found(&sheet, 100));
        assert_eq!(
            house.get("office", &format!("/journal?{sheet}")).json()["looked_at"],
            2,
            "no other is looked at"
        );
        let word = found(&sheet, 1)[0]["subject"]["word"].as_str().unwrap().to_owned();
        assert_eq!(found(&format!("subject={word}"), 100), found(&sheet, 100), "the word leads there");
        assert!(found(&format!("subject=sheet:S111:{TODAY}:below"), 100).is_empty());
        assert_eq!(actions(&found("subject=unit:F11", 100))[0], "post.set");
        assert_eq!(actions(&all(house, "group", "subject=unit:F11", 1).0)[0], "post.set");
        // Of the whole: by what is stored.
        assert_eq!(actions(&found("subject=form:daily", 100)), ["form.assign", "form.set"]);
        assert_eq!(actions(&found("subject=account:clerk", 100)), ["grant.give", "account.set"]);
        assert!(house.get("office", "/journal?subject=party:H9").code() == "party.unknown");
    });
}

#[test]
fn what_a_unit_did_below_another_is_told_to_who_had_it_then() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        cast.say("group", "F12", json!({ "staff": 6 }));
        cast.clock("02-04 10:00");
        assert!(house.post("office", "/units/F12/move", json!({ "parent": "G2" })).status.is_success());
        cast.clock("02-04 11:00");
        assert!(
            cast.put_on("beside", "F12", "2020-02-04", &[], json!({ "act": "zero" })).status.is_success()
        );
        let days = |role: &str| {
            let (found, _) = all(house, role, "action=report", 1000);
            found.iter().map(|e| e["subject"]["day"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(days("group"), [TODAY]);
        assert_eq!(days("beside"), ["2020-02-04"]);
        // Seen from the top, a node is what was below it on the day.
        let (now, _) = all(house, "office", "node=unit:G2&action=report", 1000);
        assert_eq!(now.len(), 1, "{now:?}");
    });
}

#[test]
fn an_account_that_left_is_told_by_its_reference() {
    story(|house| {
        let cast = worked(house);
        cast.write(|tx, ctx| {
            let unit = unit_id(tx, "S111")?;
            let account = Account::at("77", Role::Filler, unit);
            account_set(tx, ctx, &account, Some(("duty.night", None)))?;
            account_end(tx, ctx, "duty.night")
        });
        let (found, _) = all(house, "group", "subject=account:77", 10);
        assert_eq!(actions(&found), ["account.end", "grant.give", "account.set"]);
        assert_eq!(found[0]["subject"]["text"], "Account duty.night");
    });
}

/// Who read the telephones of a unit is told to whoever reads the journal of its part, by the unit's name; to nobody else.
#[test]
fn that_telephones_were_read_is_told_to_the_part_whose_they_are() {
    story(|house| {
        let cast = worked(house);
        for unit in ["S111", "S211"] {
            cast.write(move |tx, ctx| {
                org::post_set(tx, ctx, unit, "duty", &names("Duty desk"), None)?;
                org::contact_set(tx, ctx, unit, "duty", "0551-5550100")
            });
            assert_eq!(house.get("office", &format!("/units/{unit}")).status, StatusCode::OK);
        }
        let read = |who: &str| all(house, who, "action=contact.read", 100).0;
        assert_eq!(read("office").len(), 2);
        let own = read("group");
        assert_eq!(own.len(), 1, "{own:?}");
        assert_eq!(own[0]["subject"]["kind"], "contacts");
        assert_eq!(own[0]["subject"]["unit"]["code"], "S111");
        let text = own[0]["subject"]["text"].as_str().unwrap();
        assert!(text.starts_with("Duty telephones S111"), "{text}");
        let word = own[0]["subject"]["word"].as_str().unwrap();
        assert_eq!(all(house, "group", &format!("subject={word}"), 100).0.len(), 1, "the word leads there");
        assert!(all(house, "group", "subject=contacts:unit:S211", 100).0.is_empty());
        assert!(all(house, "group", "subject=privacy", 100).0.is_empty());
    });
}

/// Many entries of another, then a request of whom nothing is among the latest: it says how far it looked, and goes on.
#[test]
fn a_step_is_bounded_and_says_how_far_it_looked() {
    story(|house| {
        let cast = worked(house);
        let at = house.app.clock.now_ms();
        let other = cast.write(|tx, _| unit_id(tx, "S211"));
        for chunk in 0..42_i64 {
            let write = move |tx: &mut Tx<'_>| {
                for n in 0..500 {
                    tx.journal_at(
                        Entry {
                            operation: 1,
                            actor: "system:test",
                            action: "incident.file",
                            subject: &format!("unit:{other}"),
                            prev: None,
                            request: None,
                            body: Vec::new(),
                        },
                        at + chunk * 1000 + n,
                    )?;
                }
                Ok::<_, StoreError>(())
            };
            house.app.db.write_blocking("test.many", at, write).unwrap();
        }
        let first = house.get("group", "/journal?action=report").json();
        // How much others did is not theirs to count.
        assert_eq!((&first["looked_at"], &first["items"]), (&json!(0), &json!([])), "{first}");
        assert!(first["more"].is_string() && first["looked_back_to"].is_string());
        let (found, pages) = all(house, "group", "action=report", 100);
        assert_eq!((actions(&found), pages), (vec!["report.correct", "report.file"], 2));
        // A day before is found by halving, and not by looking at what came later.
        cast.clock("02-04 09:00");
        cast.say("second", "S112", json!({ "staff": 6 }));
        let before = house.get("office", "/journal?to=2020-02-02").json();
        assert_eq!((&before["looked_at"], &before["more"]), (&json!(0), &Value::Null), "{before}");
        let one = house.get("office", "/journal?action=report&from=2020-02-04").json();
        assert_eq!(one["items"].as_array().unwrap().len(), 1);
        assert!(one["looked_at"].as_i64().unwrap() < 10, "{}", one["looked_at"]);
    });
}
