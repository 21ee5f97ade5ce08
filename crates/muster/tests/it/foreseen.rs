//! What a read asks ahead is all that it asks.

use crate::cast::{TODAY, Terms, told_with};
use axum::http::StatusCode;
use muster::lines::reporting::Counting;
use serde_json::json;

#[test]
fn a_total_asks_nothing_beyond_what_was_foreseen() {
    for crown_min in [2, 256] {
        told_with(Terms { counting: Counting::Parts, crown_min }, |cast| {
            cast.say("clerk", "S111", json!({ "staff": 20 }));
            let young = json!({
                "code": "S113", "names": { "zh-Hans": "S113" }, "kind": "site", "parent": "F11", "opened": TODAY,
            });
            assert_eq!(cast.house.post("office", "/units", young).status, StatusCode::CREATED);
            let ask = |node: &str, day: &str, status: u16| {
                let path = format!("/totals?node=unit:{node}&day={day}");
                assert_eq!(cast.house.get("office", &path).status.as_u16(), status, "{path}");
            };
            // A node, a leaf, one that is not asked, one that opened today; a day with one before it, the form's first, the
            // first of all. The first round may find that the tree is another, and be wary for a while.
            let nodes = ["R", "G1", "F11", "S111", "D", "S113"];
            let mut missed = 0;
            for round in 0..7 {
                for node in nodes {
                    ask(node, TODAY, 200);
                    if node != "S113" {
                        ask(node, "2020-01-20", 200);
                        ask(node, "2020-01-01", 404);
                    }
                }
                if round < 5 {
                    missed = cast.house.app.db.reads_missed();
                }
            }
            assert_eq!(cast.house.app.db.reads_missed(), missed, "reads ran twice");
        });
    }
}
