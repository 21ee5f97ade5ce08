//! Found by its number, and who read it.

use crate::cast::{Cast, TODAY, Terms, names, told, told_with};
use crate::house::Said;
use axum::http::StatusCode;
use muster::lines::org;
use serde_json::{Value, json};

const PHONE: &str = "0551-86406421";

fn told_of(cast: &Cast<'_>) {
    cast.write(|tx, ctx| {
        for unit in ["S112", "F12", "S211"] {
            org::post_set(tx, ctx, unit, "duty", &names("值班室"), None)?;
            org::contact_set(tx, ctx, unit, "duty", PHONE)?;
        }
        org::post_set(tx, ctx, "S112", "gate", &names("门岗"), None)?;
        org::contact_set(tx, ctx, "S112", "gate", "0551-86406422")
    });
}

fn find(cast: &Cast<'_>, role: &str, phone: &str, purpose: &str) -> Said {
    cast.house.post(role, "/contacts/find", json!({ "phone": phone, "purpose": purpose }))
}

fn looks(cast: &Cast<'_>, role: &str, post: &str) -> Vec<Value> {
    let said = cast.house.get(role, &format!("/units/{post}/looks"));
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
    said.json()["items"].as_array().unwrap().clone()
}

#[test]
fn whose_a_telephone_is_is_told_to_the_office_of_its_part_for_a_purpose() {
    told(|cast| {
        told_of(cast);
        let found = |role: &str, phone: &str| -> Vec<String> {
            let said = find(cast, role, phone, "夜班核对报送").json();
            let items = said["items"].as_array().unwrap_or_else(|| panic!("{said}"));
            items.iter().map(|one| format!("{}/{}", one["unit"], one["post"]).replace('"', "")).collect()
        };
        for same in [PHONE, "055186406421", "(0551) 86406421", "０５５１－８６４０６４２１"] {
            assert_eq!(found("office", same), ["S112/duty", "F12/duty", "S211/duty"], "{same}");
        }
        assert_eq!(found("group", PHONE), ["S112/duty", "F12/duty"]);
        assert_eq!(found("beside", PHONE), ["S211/duty"]);
        for other in ["0551-8640642", "0551-86406423", "86406421"] {
            assert_eq!(found("office", other), Vec::<String>::new(), "the whole number: {other}");
        }
        for role in ["viewer", "clerk", "firm"] {
            assert_eq!(find(cast, role, PHONE, "夜班核对报送").code(), "permission.lacking", "{role}");
        }
        for (phone, purpose, code, field) in [
            (PHONE, "", "contact.purpose_form", "purpose"),
            (PHONE, "abc", "contact.purpose_form", "purpose"),
            (PHONE, "call 13812340004", "contact.purpose_number", "purpose"),
            ("", "who is it", "contact.phone_form", "phone"),
            ("x", "who is it", "contact.phone_form", "phone"),
            ("0551-1234567 0551-7654321", "who is it", "contact.two_phones", "phone"),
        ] {
            let said = find(cast, "office", phone, purpose);
            assert_eq!(
                (said.status, said.findings()),
                (StatusCode::UNPROCESSABLE_ENTITY, crate::house::found(code, field))
            );
        }
        let entries = cast.house.journalled("contact.find");
        assert_eq!(entries.len(), 9, "who is refused leaves none, who finds nothing does");
        for entry in &entries {
            let body: Value = serde_json::from_slice(&entry.body).unwrap();
            assert_eq!(body["purpose"], "夜班核对报送");
            assert!(!body.to_string().contains("8640"));
        }
        // The unit sees that it was found.
        let told = looks(cast, "beside", "S211/posts/duty");
        assert_eq!(told.len(), 5);
        assert!(told.iter().all(|look| look["place"] == "find" && look["purpose"] == "夜班核对报送"));
    });
}

#[test]
fn who_reads_telephones_leaves_one_entry_in_ten_minutes_and_the_unit_sees_it() {
    told_with(Terms::default(), |cast| {
        let entries = || cast.house.journalled("contact.read").len();
        // Where none is shown, nothing is told.
        cast.get("lead", "/missing");
        cast.get("lead", "/units/S112");
        assert_eq!(entries(), 0);
        told_of(cast);
        for _ in 0..3 {
            cast.get("lead", "/missing");
        }
        assert_eq!(entries(), 1);
        cast.get("office", "/missing");
        cast.get("lead", "/missing?node=unit:G1");
        cast.get("lead", "/missing?node=place:340102");
        cast.get("lead", "/units/S112");
        assert_eq!(entries(), 5);
        cast.clock("10:09");
        cast.get("lead", "/missing");
        assert_eq!(entries(), 5);
        cast.clock("10:10");
        cast.get("lead", "/missing");
        assert_eq!(entries(), 6);
        // A file always, and never without a purpose.
        let export = |words: &str| cast.house.get("office", &format!("/exports/units?day={TODAY}{words}"));
        assert_eq!(export("&phones=true").findings(), crate::house::found("contact.purpose_form", "purpose"));
        assert_eq!(export("&purpose=nightly").code(), "contact.purpose_alone");
        for _ in 0..2 {
            assert_eq!(export("&phones=true&purpose=night%20shift").status, StatusCode::OK);
        }
        assert_eq!((entries(), export("").status), (8, StatusCode::OK));
        // A preview shows the telephone that is there.
        let look = cast.house.ask(
            "group",
            "PUT",
            "/units/S112/posts/duty/contact?dry_run=true",
            &[("content-type", "application/json")],
            json!({ "phone": "" }).to_string().into(),
        );
        assert_eq!(look.json()["before"]["duty_phone"], PHONE);
        assert_eq!(entries(), 9);
        for entry in cast.house.journalled("contact.read") {
            assert!(!String::from_utf8_lossy(&entry.body).contains("8640"));
        }

        let told = looks(cast, "group", "S112/posts/duty");
        let told: Vec<_> = told
            .iter()
            .map(|look| {
                ["actor", "place", "node", "purpose"]
                    .map(|key| look[key].as_str().unwrap_or("-").to_owned())
                    .join(" ")
            })
            .collect();
        let mut sorted = told.clone();
        sorted.sort();
        assert_eq!(
            sorted,
            [
                "role:group unit unit:S112 -",
                "role:lead missing place:340102 -",
                "role:lead missing unit:G1 -",
                "role:lead missing unit:R -",
                "role:lead missing unit:R -",
                "role:lead unit unit:S112 -",
                "role:office export unit:R night shift",
                "role:office export unit:R night shift",
                "role:office missing unit:R -",
            ]
        );
        // Of another part of the tree only what was read of the whole.
        let beside = looks(cast, "beside", "S211/posts/duty");
        assert!(beside.iter().all(|look| look["node"] == "unit:R"), "{beside:?}");
        // Page by page, none twice, none left out.
        let mut paged = Vec::new();
        let mut path = "/units/S112/posts/duty/looks?limit=2".to_owned();
        loop {
            let page = cast.get("group", &path);
            paged.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            path = format!("/units/S112/posts/duty/looks?limit=2&cursor={next}");
        }
        assert_eq!(paged, looks(cast, "group", "S112/posts/duty"));

        for (role, path, code) in [
            ("lead", "/units/S112/posts/duty/looks", "permission.lacking"),
            ("second", "/units/S112/posts/duty/looks", "permission.lacking"),
            ("beside", "/units/S112/posts/duty/looks", "unit.unknown"),
            ("clerk", "/units/S211/posts/duty/looks", "permission.lacking"),
            ("office", "/units/S112/posts/none/looks", "post.unknown"),
            ("office", "/units/NOPE/posts/duty/looks", "unit.unknown"),
            ("office", "/units/S112/posts/duty/looks?cursor=eA", "request.cursor"),
            ("office", "/units/S112/posts/duty/looks?limit=0", "request.limit"),
        ] {
            assert_eq!(cast.house.get(role, path).code(), code, "{role} {path}");
        }
        // Who holds the post sees who read it.
        cast.write(|tx, ctx| {
            let from = Some((ctx.today(), "role:second"));
            org::post_set(tx, ctx, "S112", "duty", &names("值班室"), from).map(drop)
        });
        assert_eq!(looks(cast, "second", "S112/posts/duty").len(), 9);
        assert_eq!(cast.house.get("second", "/units/S112/posts/gate/looks").code(), "permission.lacking");
    });
}
