//! Who is missing: of a unit, a place, a class, and as it was known.

use super::state;
use crate::cast::{TODAY, told};
use axum::http::StatusCode;
use serde_json::{Value, json};

#[test]
fn those_who_are_missing_are_found_with_their_telephone() {
    told(|cast| {
        cast.write(|tx, ctx| {
            muster::lines::org::post_set(tx, ctx, "S112", "duty", &crate::cast::names("值班室"), None)?;
            muster::lines::org::contact_set(tx, ctx, "S112", "duty", "0551-5550112")
        });
        cast.put_on(
            "second",
            "S112",
            "2020-02-02",
            &[],
            json!({ "act": "values", "values": { "staff": 77, "confirmed": 900 } }),
        );
        let sick = json!({ "act": "values", "values": { "confirmed": 5 } });
        cast.put_on("office", "S121", "2020-02-02", &[], sick);
        cast.say("clerk", "S111", json!({ "fever": 0 }));
        cast.say("firm", "F11", json!({ "fever": 0 }));
        let missing = cast.get("office", "/missing");
        assert_eq!(missing["missing"], 7);
        let groups: Vec<_> = missing["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|g| (g["unit"]["code"].clone(), g["missing"].clone()))
            .collect();
        assert_eq!(groups, [(json!("G1"), json!(4)), (json!("G2"), json!(3))]);
        let codes = |body: &Value| -> Vec<String> {
            body["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["unit"]["code"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(codes(&missing), ["G1", "S112", "F12", "S121", "G2", "F21", "S211"]);
        let second = &missing["items"][1];
        assert_eq!((&second["duty_phone"], &second["people"]), (&json!("0551-5550112"), &json!(77)));
        assert_eq!(missing["items"][3].get("people"), None, "the sick are not its staff");
        let text = missing["reminder_text"].as_str().unwrap();
        assert!(
            text.contains("S112") && !text.contains("5550112"),
            "no telephone in a text for a chat: {text}"
        );
        // It names all who are missing, whichever page is read, and parts them by what stands in no name.
        for code in codes(&missing) {
            assert!(text.contains(&code), "{code}: {text}");
        }
        let second = cast.get("office", "/missing?limit=3");
        let third = format!("/missing?limit=3&cursor={}", second["next_cursor"].as_str().unwrap());
        assert_eq!(second["reminder_text"], text);
        assert_eq!(cast.get("office", &third)["reminder_text"], text);
        // Page by page, none twice, none left out.
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = cast.get("office", &format!("/missing?limit=3{cursor}"));
            seen.extend(codes(&page));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, codes(&missing));
        assert_eq!(codes(&cast.get("firm", "/missing")), ["S112"], "each sees its own part");
        assert_eq!(cast.house.get("office", "/missing?cursor=%21").code(), "request.cursor");
        // Until the day is frozen they have not reported; from then on they are missing.
        let word = |text: &str| cast.get("office", "/missing")["reminder_text"].to_string().contains(text);
        assert!(word(", still to report: 7:"));
        cast.clock("15:30");
        let frozen = cast.house.post("office", &format!("/briefs/{TODAY}/freeze"), json!({}));
        assert_eq!(frozen.status, StatusCode::OK, "{}", frozen.json());
        assert!(word(", missing: 7:"));
    });
}

#[test]
fn the_reminder_tells_units_of_one_name_apart_and_says_when_nobody_is_missing() {
    told(|cast| {
        let json = [("content-type", "application/json")];
        for unit in ["S121", "S211"] {
            let change = json!({ "names": { "zh-Hans": "物业公司", "en": "Estates" } }).to_string();
            let path = format!("/units/{unit}");
            assert_eq!(cast.house.ask("office", "PATCH", &path, &json, change.into()).status, StatusCode::OK);
        }
        let text =
            |role: &str, path: &str| cast.get(role, path)["reminder_text"].as_str().unwrap().to_owned();
        let whole = text("office", "/missing");
        assert!(whole.contains("Estates (F12)") && whole.contains("Estates (F21)"), "{whole}");
        assert_eq!(text("office", "/missing?limit=2"), whole);
        assert!(text("group", "/missing").contains("; Estates."), "of one there is nothing to tell apart");
        cast.say("clerk", "S111", json!({ "fever": 0 }));
        let nobody = "Daily report of 2020-02-03: cut-off 15:00, nobody is missing.";
        let told = text("clerk", "/missing");
        assert!(told.ends_with(nobody), "{told}");
        for (language, words) in
            [("zh-CN", "截止 15:00，没有未报单位。"), ("zh-TW", "截止 15:00，沒有未報單位。")]
        {
            let said = cast
                .house
                .ask("clerk", "GET", "/missing", &[("accept-language", language)], Vec::new())
                .json();
            let told = said["reminder_text"].as_str().unwrap();
            assert!(told.ends_with(words), "{told}");
        }
    });
}

/// Codes of the units in a list of who is missing.
fn codes(body: &Value) -> Vec<String> {
    let items = body["items"].as_array().unwrap().iter();
    items.map(|item| item["unit"]["code"].as_str().unwrap().to_owned()).collect()
}

/// Every page of who is missing, put together.
fn paged(cast: &crate::cast::Cast<'_>, role: &str, node: &str, limit: usize) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = cast.get(role, &format!("/missing?node={node}&limit={limit}{cursor}"));
        let page_codes = codes(&page);
        assert!(page_codes.len() <= limit);
        seen.extend(page_codes);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

/// Groups of who is missing: node, missing, expected.
fn groups(body: &Value) -> Vec<(String, i64, i64)> {
    let groups = body["groups"].as_array().unwrap().iter();
    groups
        .map(|group| {
            let count = |field: &str| group[field].as_i64().unwrap();
            (group["node"].as_str().unwrap().to_owned(), count("missing"), count("expected"))
        })
        .collect()
}

#[test]
fn who_is_missing_in_a_place_or_of_a_class() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 0 }));
        cast.say("firm", "F11", json!({ "fever": 0 }));
        let province = cast.get("office", "/missing?node=place:34");
        assert_eq!(
            (&province["node"], &province["label"]["code"]),
            (&json!("place:340000"), &json!("340000"))
        );
        assert_eq!((&province["missing"], &province["expected"]), (&json!(4), &json!(6)));
        assert_eq!(codes(&province), ["G1", "S112", "F12", "S121"]);
        assert_eq!(groups(&province), [("place:340100".to_owned(), 4, 6)]);
        let city = cast.get("office", "/missing?node=place:3401");
        let districts = [("place:340102".to_owned(), 2, 4), ("place:340103".to_owned(), 2, 2)];
        assert_eq!(groups(&city), districts);
        assert_eq!(codes(&cast.get("office", "/missing?node=place:420100")), ["G2", "F21", "S211"]);
        let class = cast.get("office", "/missing?node=class:key");
        assert_eq!(
            (&class["node"], &class["missing"], &class["expected"]),
            (&json!("class:key"), &json!(2), &json!(4))
        );
        assert_eq!(codes(&class), ["S121", "F21"]);
        assert_eq!(groups(&class), [("unit:G1".to_owned(), 1, 3), ("unit:G2".to_owned(), 1, 1)]);
        for node in ["place:34", "place:3401", "place:42", "class:key", "R", "G1"] {
            let whole = codes(&cast.get("office", &format!("/missing?node={node}")));
            for limit in 1..=4 {
                assert_eq!(paged(cast, "office", node, limit), whole, "{node} by {limit}");
            }
            let totals = cast.get("office", &format!("/totals?node={node}"));
            assert_eq!(totals["missing"], whole.len(), "the list is as long as the total says: {node}");
        }
        assert_eq!(paged(cast, "firm", "place:34", 1), ["S112"], "each sees its own part of a place");
        assert_eq!(paged(cast, "beside", "class:key", 1), ["F21"], "and of a class");
        assert_eq!(codes(&cast.get("office", "/missing?node=place:11")), [""; 0]);
        for (node, code) in [
            ("place:3401x", "node.unknown"),
            ("place:9999", "node.unknown"),
            ("place:340199", "node.unknown"),
            ("class:nothing", "node.unknown"),
            ("unit:nothing", "unit.unknown"),
        ] {
            assert_eq!(cast.house.get("office", &format!("/missing?node={node}")).code(), code);
        }
        // Of a place without a name those know who have a unit in it; to others it is as one that is nowhere.
        for door in [
            "/missing?",
            "/totals?",
            "/totals/children?",
            "/totals/series?element=fever&from=2020-02-01&to=2020-02-03&",
        ] {
            for (role, place, known) in [
                ("group", "340103", true),
                ("firm", "340102", true),
                ("firm", "340103", false),
                ("beside", "340102", false),
                ("beside", "340100", true),
            ] {
                let said = cast.house.get(role, &format!("{door}node=place:{place}"));
                let told = (said.status.as_u16(), if known { String::new() } else { said.code() });
                let expected = if known { (200, String::new()) } else { (404, "node.unknown".to_owned()) };
                assert_eq!(told, expected, "{role} {door} {place}: {}", said.json());
            }
        }
        // Classes are words of the whole organisation: all read them, and count of them what is theirs.
        assert_eq!(cast.get("second", "/classes")["items"][0]["code"], "key");
        assert_eq!(cast.get("second", "/missing?node=class:key")["expected"], 0);
        let page = cast.get("office", "/missing?node=R&limit=1");
        let of_unit = page["next_cursor"].as_str().unwrap();
        let wrong = cast.house.get("office", &format!("/missing?node=place:34&cursor={of_unit}"));
        assert_eq!(wrong.code(), "request.cursor", "a cursor of another node's list");
        assert_eq!(cast.house.get("office", "/disagreements?node=place:34").code(), "node.unit_only");
    });
}

#[test]
fn who_was_missing_as_known_at_a_past_moment() {
    told(|cast| {
        cast.clock("11:00");
        cast.say("clerk", "S111", json!({ "fever": 0 }));
        state(cast, "firm", "F11", 50);
        cast.clock("13:00");
        cast.say("second", "S112", json!({ "fever": 0 }));
        let at = |time: &str| format!("day={TODAY}&as_known_at={TODAY}T{time}:00%2B08:00");
        for (time, missing) in [("10:30", 9), ("11:30", 7), ("13:00", 6)] {
            for node in ["R", "class:key", "place:34"] {
                let known = cast.get("office", &format!("/missing?node={node}&{}", at(time)));
                let totals = cast.get("office", &format!("/totals?node={node}&{}", at(time)));
                assert_eq!(known["missing"], totals["missing"], "{node} at {time}");
                assert_eq!(known["missing"], codes(&known).len(), "{node} at {time}");
                let grouped: i64 = groups(&known).iter().map(|(_, missing, _)| missing).sum();
                assert_eq!(known["missing"], grouped, "{node} at {time}");
            }
            assert_eq!(cast.get("office", &format!("/missing?{}", at(time)))["missing"], missing, "{time}");
        }
    });
}

#[test]
fn who_has_reported_is_found_page_by_page_and_nobody_else() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 0 }));
        cast.say("firm", "F11", json!({ "fever": 0 }));
        cast.say("office", "G2", json!({ "fever": 0 }));
        let item = |unit: &str, path: &[&str], late: bool| (unit.to_owned(), path.join("/"), late);
        let told = |who: &str, ask: &str| -> (Vec<(String, String, bool)>, Value) {
            let body = cast.get(who, ask);
            let code = |label: &Value| label["code"].as_str().unwrap().to_owned();
            let items = body["items"].as_array().unwrap().iter();
            let items = items.map(|item| {
                let path: Vec<_> = item["path"].as_array().unwrap().iter().map(code).collect();
                (code(&item["unit"]), path.join("/"), item["late"] == true)
            });
            (items.collect(), body["next_cursor"].clone())
        };
        let all = [
            item("F11", &["R", "G1"], false),
            item("S111", &["R", "G1", "F11"], false),
            item("G2", &["R"], false),
        ];
        assert_eq!(told("office", "/reported").0, all);
        assert_eq!(told("office", "/reported?node=unit:G1").0[1], item("S111", &["G1", "F11"], false));
        let (first, cursor) = told("office", "/reported?limit=2");
        let second = told("office", &format!("/reported?limit=2&cursor={}", cursor.as_str().unwrap()));
        assert_eq!([first, second.0].concat(), all);
        assert_eq!(told("firm", "/reported").0.len(), 2, "no further than one's own part");
        assert_eq!(told("office", "/reported?day=2020-02-02").0, []);
        cast.clock("23:00");
        cast.say("second", "S112", json!({ "fever": 0 }));
        assert_eq!(told("office", "/reported").0[2], item("S112", &["R", "G1", "F11"], true));
    });
}
