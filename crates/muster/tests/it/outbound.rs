//! Letters leave the house: written with a deed, carried out once, told how far they came; on both stores, by every
//! courier, against stand-ins that hold them to the formats that are documented.

mod couriers;
mod secrets;
mod standin;
mod when;

use crate::cast::{Cast, TODAY, Terms, told_with};
use crate::house::{House, Said};
use axum::http::StatusCode;
use muster::outbound::courier::Message;
use muster::outbound::{Carried, Outbound, Settings, round};
use serde_json::{Value, json};
use std::sync::Arc;

/// A server on the story's database that sends letters: by these settings, and into memory.
fn sending(cast: &Cast<'_>, settings: Settings) -> House {
    let mut house = cast.house.beside();
    house.app.outbound = Arc::new(Outbound::for_testing(settings).unwrap());
    house
}

fn put(house: &House, who: &str, path: &str, body: &Value) -> Said {
    house.ask(who, "PUT", path, &[("content-type", "application/json")], body.to_string().into_bytes())
}

/// Sets the channel `duty` of a unit.
fn channel(house: &House, unit: &str, body: &Value) -> Value {
    let said = put(house, "office", &format!("/units/{unit}/channels/duty"), body);
    assert_eq!(said.status, StatusCode::OK, "{unit}: {}", said.json());
    said.json()
}

fn in_memory(house: &House, unit: &str) {
    channel(house, unit, &json!({ "kind": "memory", "address": unit.to_lowercase() }));
}

fn test(house: &House, unit: &str) -> Value {
    let said = house.post("office", &format!("/units/{unit}/channels/duty/test"), Value::Null);
    assert_eq!(said.status, StatusCode::CREATED, "{}", said.json());
    said.json()
}

fn carried(house: &House) -> Carried {
    house.run(round(&house.app)).unwrap()
}

fn sent(count: u64) -> Carried {
    Carried { sent: count, ..Carried::default() }
}

/// What came to memory, by address.
fn came(house: &House) -> Vec<(String, Message)> {
    let memory = house.app.outbound.post().unwrap().memory().unwrap();
    std::mem::take(&mut *memory.lock())
}

fn outbox(house: &House, who: &str, ask: &str) -> Vec<Value> {
    let said = house.get(who, &format!("/outbox{ask}"));
    assert_eq!(said.status, StatusCode::OK, "{who}{ask}: {}", said.json());
    said.json()["items"].as_array().unwrap().clone()
}

fn remind(house: &House, who: &str, body: Value) -> Said {
    house.post(who, "/missing/remind", body)
}

#[test]
fn who_has_not_reported_is_reminded_once_a_step_and_who_has_no_channel_is_counted() {
    told_with(Terms::default(), |cast| {
        let house = sending(cast, Settings::default());
        for unit in ["S111", "S112", "F21"] {
            in_memory(&house, unit);
        }
        cast.say("clerk", "S111", json!({ "staff": 5 }));
        let missing = cast.get("office", &format!("/missing?day={TODAY}"))["missing"].as_i64().unwrap();
        let said = remind(&house, "office", json!({}));
        assert_eq!(said.status, StatusCode::OK, "{}", said.json());
        let body = said.json();
        assert_eq!(
            (&body["sent"], &body["already"], &body["left"]),
            (&json!(2), &json!(0), &json!(0)),
            "{body}"
        );
        assert_eq!((&body["no_channel"], &body["missing"]), (&json!(missing - 2), &json!(missing)));
        assert_eq!((&body["step"], &body["sending"]), (&json!("due"), &json!(true)));
        assert_eq!(carried(&house), sent(2));
        let mut letters = came(&house);
        letters.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(letters.iter().map(|(to, _)| &**to).collect::<Vec<_>>(), ["f21", "s112"]);
        let text = &letters[1].1.parts[0];
        assert!(text.starts_with("S112: the daily of 2020-02-03") && text.contains("15:00"), "{text}");
        // Said again in the same step it is no second letter; in the next it is one.
        let again = remind(&house, "office", json!({})).json();
        assert_eq!((&again["sent"], &again["already"]), (&json!(0), &json!(2)));
        assert_eq!(carried(&house), sent(0));
        cast.clock("15:01");
        let late = remind(&house, "office", json!({ "node": "unit:G1" })).json();
        assert_eq!((&late["sent"], &late["step"]), (&json!(1), &json!("late")));
        assert_eq!(
            house.post("office", &format!("/briefs/{TODAY}/freeze"), json!({})).status,
            StatusCode::OK
        );
        let frozen = remind(&house, "office", json!({ "node": "class:key" })).json();
        assert_eq!((&frozen["step"], &frozen["sent"]), (&json!("missing"), &json!(1)), "{frozen}");
        carried(&house);
        let texts: Vec<String> = came(&house).into_iter().map(|(_, one)| one.parts[0].clone()).collect();
        assert!(texts.iter().any(|text| text.contains("was due at 15:00")), "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("is frozen")), "{texts:?}");

        let entries = house.journalled("report.remind");
        assert_eq!(entries.len(), 4);
        for entry in &entries {
            let body = String::from_utf8(entry.body.clone()).unwrap();
            assert!(body.contains("\"digest\":\"sha256:") && !body.contains("zero report"), "{body}");
        }
        // The chain reads how far they came; what they say only who sets channels there.
        let seen = |who: &str| outbox(&house, who, "");
        let units = |who: &str| {
            let mut units: Vec<_> =
                seen(who).iter().map(|one| one["unit"]["code"].as_str().unwrap().to_owned()).collect();
            units.sort_unstable();
            units
        };
        assert_eq!(units("office"), ["F21", "F21", "S112", "S112"]);
        assert_eq!(units("group"), ["S112", "S112"]);
        assert_eq!(units("clerk"), [""; 0]);
        assert!(seen("office").iter().all(|one| one["state"] == "sent" && one["text"].is_string()));
        assert!(
            seen("viewer")
                .iter()
                .all(|one| one["state"] == "sent" && one["text"].is_null() && one["title"].is_null())
        );
        assert_eq!(outbox(&house, "office", "?state=given_up").len(), 0);
        assert_eq!(outbox(&house, "office", "?node=unit:F11&state=sent").len(), 2);
    });
}

#[test]
fn only_who_chases_a_part_reminds_in_it_and_only_its_office_sets_channels() {
    told_with(Terms::default(), |cast| {
        let house = sending(cast, Settings::default());
        in_memory(&house, "S112");
        in_memory(&house, "F21");
        for who in ["viewer", "clerk", "lead"] {
            assert_eq!(remind(&house, who, json!({})).code(), "permission.lacking", "{who}");
            assert_eq!(house.get(who, "/units/S112/channels").code(), "permission.lacking", "{who}");
            let body = json!({ "kind": "memory", "address": "x" });
            assert_eq!(
                put(&house, who, "/units/S112/channels/x", &body).code(),
                "permission.lacking",
                "{who}"
            );
        }
        assert_eq!(remind(&house, "group", json!({ "node": "unit:F21" })).code(), "unit.unknown");
        assert_eq!(
            remind(&house, "group", json!({ "node": "place:all" })).json()["sent"],
            1,
            "its own part alone"
        );
        assert_eq!(house.get("group", "/units/F21/channels").code(), "unit.unknown");
        assert_eq!(
            put(&house, "group", "/units/F21/channels/x", &json!({ "kind": "folder", "address": "x" }))
                .code(),
            "unit.unknown"
        );
        assert_eq!(
            house.ask("group", "DELETE", "/units/F21/channels/duty", &[], Vec::new()).code(),
            "unit.unknown"
        );
        assert_eq!(house.post("group", "/units/F21/channels/duty/test", Value::Null).code(), "unit.unknown");
        for (body, code) in [
            (json!({ "node": "unit:NOWHERE" }), "unit.unknown"),
            (json!({ "node": "place:99" }), "node.unknown"),
            (json!({ "day": "2020-02-31" }), "request.day"),
            (json!({ "form": "none" }), "form.unknown"),
            (json!({ "who": "all" }), "request.field_unknown"),
            (json!({ "node": 7 }), "request.field_shape"),
        ] {
            let said = remind(&house, "office", body.clone());
            assert!(!said.status.is_success() && said.code() == code, "{body}: {}", said.json());
        }
    });
}

#[test]
fn a_channel_is_set_whole_told_without_where_it_leads_and_ended() {
    told_with(Terms::default(), |cast| {
        let house = sending(cast, Settings::default());
        let set = json!({ "kind": "mail", "address": " duty@g1.example ", "quiet_from": "22:00", "quiet_until": "07:00" });
        let told = channel(&house, "G1", &set);
        assert_eq!((&told["host"], &told["allowed"]), (&json!("g1.example"), &json!(false)));
        assert_eq!((&told["quiet_from"], &told["quiet_until"]), (&json!("22:00"), &json!("07:00")));
        assert!(!told.to_string().contains("duty@"), "{told}");
        // Set anew: what is not said is not kept.
        let told = channel(&house, "G1", &json!({ "kind": "memory", "address": "g1" }));
        assert_eq!(
            (&told["kind"], &told["quiet_from"], &told["allowed"]),
            (&json!("memory"), &Value::Null, &json!(true))
        );
        let list = house.get("group", "/units/G1/channels").json();
        assert_eq!((list["items"].as_array().unwrap().len(), &list["sending"]), (1, &json!(true)));
        // A server that was told nothing sends nothing, and says so.
        let own = cast.get("office", "/units/G1/channels");
        assert_eq!((&own["sending"], &own["items"][0]["allowed"]), (&json!(false), &json!(false)));
        assert_eq!(cast.house.run(round(&cast.house.app)).unwrap(), sent(0));

        test(&house, "G1");
        let end = || house.ask("group", "DELETE", "/units/G1/channels/duty", &[], Vec::new());
        assert_eq!(end().status, StatusCode::NO_CONTENT);
        assert_eq!(end().code(), "channel.unknown");
        assert_eq!(
            house.post("office", "/units/G1/channels/duty/test", Value::Null).code(),
            "channel.unknown"
        );
        // What waited is given up, and told.
        assert_eq!(carried(&house), Carried { given_up: 1, ..Carried::default() });
        let letter = &outbox(&house, "office", "?state=given_up")[0];
        assert_eq!((&letter["error"], &letter["attempts"]), (&json!("channel_ended"), &json!(1)));
        assert_eq!(letter["error_text"], "The channel was ended");
        assert_eq!(house.journalled("letter.give_up").len(), 1);
        // Under the same code it is another rev of the same.
        in_memory(&house, "G1");
        test(&house, "G1");
        assert_eq!(carried(&house), sent(1));
        let actions: Vec<_> = ["channel.set", "channel.end", "channel.test"]
            .map(|action| house.journalled(action).len())
            .into();
        assert_eq!(actions, [3, 1, 2]);
    });
}

#[test]
fn what_is_no_channel_is_refused_with_all_that_is_wrong() {
    told_with(Terms::default(), |cast| {
        // Outside tests there is no memory.
        let house = cast.house;
        let refused = |code: &str, body: &Value| {
            let said = put(house, "office", &format!("/units/G1/channels/{code}"), body);
            assert!(!said.status.is_success(), "{body}");
            if said.code() != "channel.refused" {
                return vec![said.code()];
            }
            let mut found: Vec<String> =
                said.findings().into_iter().map(|(code, field)| format!("{code} {field}")).collect();
            for finding in said.json()["findings"].as_array().unwrap() {
                let text = finding["message"].as_str().or(finding["text"].as_str()).unwrap_or_default();
                assert!(!text.contains("hidden"), "{text}");
            }
            found.sort_unstable();
            found
        };
        for (body, wanted) in [
            (json!({ "kind": "memory", "address": "x" }), vec!["channel.kind kind"]),
            (
                json!({ "kind": "mail", "address": "x", "user": "me" }),
                vec!["channel.login user", "channel.mail address"],
            ),
            (
                json!({ "kind": "wecom", "key": "x", "secret": "hidden", "quiet_from": "25:00" }),
                vec!["channel.key key", "channel.not_of_kind secret", "channel.quiet quiet_from"],
            ),
            (
                json!({ "kind": "webhook", "address": "http://user:hidden@h.example" }),
                vec!["channel.url address"],
            ),
            (
                json!({ "kind": "dingtalk", "key": "12345678", "mentions": ["x"] }),
                vec!["channel.mentions mentions"],
            ),
            (json!({ "kind": "folder", "address": "../../etc" }), vec!["channel.folder address"]),
            (json!({ "kind": "pigeon" }), vec!["request.word"]),
            (json!({ "kind": "mail", "adress": "x" }), vec!["request.field_unknown"]),
            (json!({}), vec!["request.field_missing"]),
        ] {
            assert_eq!(refused("duty", &body), wanted, "{body}");
        }
        assert_eq!(
            refused("Duty%20Desk", &json!({ "kind": "folder", "address": "x" })),
            ["channel.code channel"]
        );
        for n in 0..20 {
            let said = put(
                house,
                "office",
                &format!("/units/G1/channels/c{n}"),
                &json!({ "kind": "folder", "address": "x" }),
            );
            assert_eq!(said.status, StatusCode::OK);
        }
        assert_eq!(refused("more", &json!({ "kind": "folder", "address": "x" })), ["channel.many"]);
        for ask in [
            "/outbox?state=lost",
            "/outbox?limit=0",
            "/outbox?cursor=!",
            "/outbox?node=place:34",
            "/outbox?node=unit:NOWHERE",
        ] {
            assert!(!house.get("office", ask).status.is_success(), "{ask}");
        }
    });
}
