//! Two at once, from two nodes: each with connections, caches and an intake of its own, on one database. Whatever comes
//! first, every total above is right, on either node.

use crate::cast::{Cast, TODAY, Terms, day, element_of, told_with};
use crate::house::Said;
use axum::http::StatusCode;
use muster::lines::org;
use muster_kernel::Day;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

/// Tells a story of two nodes on every store.
fn two_nodes(tell: impl Fn(&Cast<'_>, &Cast<'_>)) {
    told_with(Terms::default(), |cast| {
        let other = cast.house.beside();
        tell(cast, &Cast { house: &other });
        Cast { house: &other }.drawn_is_stored();
    });
}

/// Does two things at the same moment.
fn at_once<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            start.wait();
            one()
        });
        start.wait();
        let other = other();
        (one.join().unwrap(), other)
    })
}

fn days() -> impl DoubleEndedIterator<Item = Day> {
    let today = day(TODAY).number();
    (today - 8..today).map(Day::from_number)
}

fn fever(cast: &Cast<'_>, node: &str, on: Day) -> Value {
    let totals = cast.get("office", &format!("/totals?node={node}&day={on}"));
    json!([element_of(&totals, "fever")["value"], totals["rates"]["actual"]])
}

fn file(cast: &Cast<'_>, unit: &str, on: Day, fever: i64, more: Value) -> Said {
    let mut body = json!({ "act": "values", "values": { "fever": fever } });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    cast.put_on("office", unit, &on.to_string(), &[], body)
}

#[test]
fn reports_of_two_nodes_add_up_at_every_ancestor() {
    // Each unit with the nodes that its figures add up to, besides itself.
    let units: &[(&str, &[&str])] = &[
        ("G1", &["R", "place:3401"]),
        ("G2", &["R", "place:42"]),
        ("F11", &["R", "G1", "place:3401", "class:key"]),
        ("F12", &["R", "G1", "place:3401"]),
        ("F21", &["R", "G2", "place:42", "class:key"]),
        ("S111", &["R", "G1", "F11", "place:3401", "class:key"]),
        ("S112", &["R", "G1", "F11", "place:3401"]),
        ("S121", &["R", "G1", "F12", "place:3401", "class:key"]),
        ("S211", &["R", "G2", "F21", "place:42"]),
    ];
    two_nodes(|one, other| {
        std::thread::scope(|scope| {
            for (at, (unit, _)) in units.iter().enumerate() {
                let node = if at % 2 == 0 { one } else { other };
                scope.spawn(move || {
                    for (n, on) in days().take(4).enumerate() {
                        let said = file(node, unit, on, 1 + (at + n) as i64, json!({}));
                        assert_eq!(said.status, StatusCode::OK, "{unit} {on}: {}", said.json());
                    }
                });
            }
        });
        for (n, on) in days().take(4).enumerate() {
            let mut naive: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
            for (at, (unit, nodes)) in units.iter().enumerate() {
                for node in nodes.iter().chain([unit]) {
                    let sum = naive.entry(node).or_default();
                    *sum = (sum.0 + 1 + (at + n) as i64, sum.1 + 1);
                }
            }
            for (node, (sum, count)) in naive {
                for cast in [one, other] {
                    assert_eq!(fever(cast, node, on), json!([sum, count]), "{node} {on}");
                }
            }
        }
    });
}

#[test]
fn two_corrections_at_once_count_once() {
    two_nodes(|one, other| {
        for on in days() {
            assert_eq!(file(one, "S111", on, 1, json!({})).status, StatusCode::OK);
            let why = || json!({ "reason": "recounted" });
            let (a, b) = at_once(|| file(one, "S111", on, 10, why()), || file(other, "S111", on, 20, why()));
            assert_eq!((a.status, b.status), (StatusCode::OK, StatusCode::OK), "{} {}", a.json(), b.json());
            let mut revisions = [a.json()["revision"].clone(), b.json()["revision"].clone()];
            revisions.sort_by_key(|revision| revision.as_i64());
            assert_eq!(revisions, [2, 3]);
            let last = if a.json()["revision"] == 3 { 10 } else { 20 };
            for node in ["R", "G1", "F11", "S111", "place:34", "class:key"] {
                assert_eq!(fever(one, node, on), json!([last, 1]), "{node} {on}");
            }
        }
    });
}

#[test]
fn of_two_first_reports_one_is_the_first() {
    two_nodes(|one, other| {
        for on in days() {
            let (a, b) =
                at_once(|| file(one, "S111", on, 3, json!({})), || file(other, "S111", on, 4, json!({})));
            let (taken, refused, value) = if a.status == StatusCode::OK { (a, b, 3) } else { (b, a, 4) };
            assert_eq!((taken.status, taken.json()["revision"].as_i64()), (StatusCode::OK, Some(1)));
            assert_eq!(refused.code(), "report.reason_needed", "{}", refused.json());
            assert_eq!(fever(other, "R", on), json!([value, 1]), "{on}");
            // The same words at once are one report with one receipt.
            let (a, b) =
                at_once(|| file(one, "S112", on, 5, json!({})), || file(other, "S112", on, 5, json!({})));
            assert_eq!((a.status, &a.json()["receipt"]), (b.status, &b.json()["receipt"]), "{}", a.json());
            assert_eq!(fever(other, "R", on), json!([value + 5, 2]), "{on}");
        }
    });
}

#[test]
fn a_report_and_a_freeze_from_two_nodes_agree_on_which_side_it_lies() {
    two_nodes(|one, other| {
        for on in days() {
            let path = format!("/briefs/{on}/freeze?form=daily");
            let (filed, frozen) = at_once(
                || file(one, "S211", on, 2, json!({})),
                || other.house.post("office", &path, json!({})),
            );
            assert_eq!((filed.status, frozen.status), (StatusCode::OK, StatusCode::OK), "{}", frozen.json());
            let lineage = one.get("office", &format!("/briefs/{on}/lineage?form=daily&unit=S211"));
            let mut sheets = lineage["sheets"].as_array().unwrap().iter();
            let inside = sheets.any(|sheet| sheet["period"] == on.to_string());
            let next = one.get("office", &format!("/briefs/{}?form=daily&lang=en", on.plus(1)));
            let mut told = next["corrections"].as_array().unwrap().iter();
            let told = told.any(|c| c["unit"] == "S211" && c["day"] == on.to_string());
            assert_ne!(inside, told, "{on}: either in the brief or told the next day");
        }
    });
}

#[test]
fn a_report_and_a_move_that_meet_put_it_below_the_right_group() {
    two_nodes(|one, other| {
        for (n, on) in days().enumerate() {
            let (to, from) = if n % 2 == 0 { ("G2", "G1") } else { ("G1", "G2") };
            let moving = || other.tree(move |tx, ctx| org::unit_move(tx, ctx, "F12", on, to));
            let (filed, ()) = at_once(|| file(one, "S121", on, 7, json!({})), moving);
            assert_eq!(filed.status, StatusCode::OK, "{}", filed.json());
            for (node, sum) in [("R", json!([7, 1])), (to, json!([7, 1])), (from, json!([null, 0]))] {
                assert_eq!(fever(one, node, on), sum, "{node} {on}");
            }
        }
    });
}

#[test]
fn of_a_report_and_a_closing_that_meet_one_is_done() {
    two_nodes(|one, other| {
        // Closing earlier takes the place of the later closing.
        for on in days().rev() {
            let closing = || other.house.post("office", "/units/S121/close", json!({ "day": on }));
            let (filed, closed) = at_once(|| file(one, "S121", on, 7, json!({})), closing);
            let told = (filed.status.as_u16(), closed.status.as_u16());
            let sum = match told {
                (200, 409) => {
                    assert_eq!(closed.code(), "unit.has_reported", "{}", closed.json());
                    json!([7, 1])
                }
                (404, 204) => json!([null, 0]),
                _ => panic!("{told:?}: {} {}", filed.json(), closed.json()),
            };
            for node in ["R", "G1", "F12"] {
                assert_eq!(fever(one, node, on), sum, "{node} {on}, {told:?}");
            }
        }
    });
}

/// Whoever checks while others write finds what they wrote, or not yet; never something wrong.
#[test]
fn a_look_beside_those_who_write_finds_nothing_wrong() {
    two_nodes(|one, other| {
        let (looks, done) = (AtomicU32::new(0), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for (n, on) in days().enumerate() {
                    for (at, unit) in ["S111", "S112", "S121", "S211"].iter().enumerate() {
                        assert_eq!(file(one, unit, on, at as i64, json!({})).status, StatusCode::OK);
                        let why = json!({ "reason": "recounted", "scope": "alone" });
                        assert_eq!(file(one, unit, on, 7, why).status, StatusCode::OK);
                    }
                    let stated = json!({ "scope": "below" });
                    assert_eq!(file(one, "G1", on, 9, stated).status, StatusCode::OK);
                    let to = if n % 2 == 0 { "G2" } else { "G1" };
                    one.tree(move |tx, ctx| org::unit_move(tx, ctx, "F12", on, to));
                    let incident =
                        json!({ "unit": "S112", "element": "fever", "value": 1, "text": "一人发热" });
                    assert_eq!(one.house.post("office", "/incidents", incident).status, StatusCode::CREATED);
                }
                // As long as it takes for two looks at least to lie beside it.
                for _ in 0..5_000 {
                    if looks.load(SeqCst) < 2 {
                        one.say("second", "S112", json!({ "staff": 40, "difficulties": "缺口罩" }));
                    }
                }
                done.store(true, SeqCst);
            });
            while !done.load(SeqCst) {
                other.drawn_is_stored();
                looks.fetch_add(1, SeqCst);
            }
        });
    });
}

#[test]
fn a_report_sent_to_two_nodes_under_one_key_is_one_until_its_end_date() {
    two_nodes(|one, other| {
        let send = |cast: &Cast<'_>, values: Value| {
            let body = json!({ "act": "values", "values": values, "reason": "sent again" });
            cast.put_on("clerk", "S111", TODAY, &[("idempotency-key", "k-1")], body)
        };
        let (a, b) = at_once(|| send(one, json!({ "fever": 6 })), || send(other, json!({ "fever": 6 })));
        assert_eq!((a.status, b.status), (StatusCode::OK, StatusCode::OK), "{} {}", a.json(), b.json());
        assert_eq!(a.json()["receipt"], b.json()["receipt"]);
        assert_eq!(one.house.journalled("report.file").len(), 1);
        assert_eq!(fever(other, "R", day(TODAY)), json!([6, 1]));
        assert_eq!(send(other, json!({ "fever": 7 })).code(), "request.key_reused");
        // Kept for a week, and not a moment longer.
        let swept = || one.house.block_on(muster::work::keys_sweep(&one.house.app)).unwrap();
        one.clock("02-10 09:59");
        assert_eq!((send(other, json!({ "fever": 7 })).code().as_str(), swept()), ("request.key_reused", 0));
        one.clock("02-10 10:00");
        assert_eq!((swept(), swept()), (1, 0));
        let later = send(other, json!({ "fever": 7 }));
        assert_eq!(
            (later.status, &later.json()["revision"]),
            (StatusCode::OK, &json!(2)),
            "{}",
            later.json()
        );
        assert_eq!(fever(one, "R", day(TODAY)), json!([7, 1]));
    });
}

/// Names, units and who lies below small ones are kept in memory, each node for itself: what another node changes in the
/// tree is seen in the next answer, on the day and on the days before, and nowhere as it was.
#[test]
fn what_a_node_keeps_in_memory_follows_the_tree() {
    told_with(Terms { crown_min: 256, ..Terms::default() }, |one| {
        let other = one.house.beside();
        let other = &Cast { house: &other };
        let (today, yesterday) = (day(TODAY), day(TODAY).before());
        for (unit, fevers) in [("F11", 1), ("S111", 2), ("S112", 4), ("F12", 8), ("S121", 16)] {
            for on in [yesterday, today] {
                assert_eq!(file(one, unit, on, fevers, json!({})).status, StatusCode::OK, "{unit} {on}");
            }
        }
        // Whom a node lacks, what it is called, and what the one above it is called.
        let looks = |cast: &Cast<'_>, node: &str, on: Day| {
            let missing = cast.get("office", &format!("/missing?node={node}&day={on}"));
            let above = missing["path"].as_array().unwrap().last().cloned().unwrap_or_default();
            let units: Vec<&Value> =
                missing["items"].as_array().unwrap().iter().map(|item| &item["unit"]["code"]).collect();
            let groups: Vec<&Value> =
                missing["groups"].as_array().unwrap().iter().map(|group| &group["unit"]["code"]).collect();
            json!([missing["label"]["name"], above["name"], units, groups])
        };
        let check = |node: &str, on: Day, figures: Value, look: Value| {
            // The second answer comes from memory, the first may.
            for (at, cast) in [one, other, one, other].into_iter().enumerate() {
                assert_eq!(fever(cast, node, on), figures, "{node} {on}, answer {at}");
                assert_eq!(looks(cast, node, on), look, "{node} {on}, answer {at}");
            }
        };
        check("F11", today, json!([7, 3]), json!(["F11", "G1", [], []]));
        check("F12", today, json!([24, 2]), json!(["F12", "G1", [], []]));
        check("G1", today, json!([31, 5]), json!(["G1", "R", ["G1"], ["G1"]]));

        other.tree(move |tx, ctx| org::unit_move(tx, ctx, "S112", today, "F12"));
        check("F11", today, json!([3, 2]), json!(["F11", "G1", [], []]));
        check("F12", today, json!([28, 3]), json!(["F12", "G1", [], []]));
        check("F11", yesterday, json!([7, 3]), json!(["F11", "G1", [], []]));
        check("F12", yesterday, json!([24, 2]), json!(["F12", "G1", [], []]));
        let before = |node: &str| element_of(&one.totals(node), "fever")["yesterday"].clone();
        assert_eq!([before("F11"), before("F12")], [json!(7), json!(24)], "each as it stood yesterday");

        let renamed = org::Patch { en: Some("Ferry".into()), ..org::Patch::default() };
        let rename = renamed.clone();
        one.tree(move |tx, ctx| org::unit_change(tx, ctx, "F12", today, &rename));
        check("S112", today, json!([4, 1]), json!(["S112", "Ferry", [], []]));
        check("F12", today, json!([28, 3]), json!(["Ferry", "G1", [], []]));
        check("F12", yesterday, json!([24, 2]), json!(["F12", "G1", [], []]));
        other.tree(move |tx, ctx| org::unit_change(tx, ctx, "G1", today, &renamed));
        check("F12", today, json!([28, 3]), json!(["Ferry", "Ferry", [], []]));

        let tomorrow = today.plus(1);
        one.tree(move |tx, ctx| org::unit_close(tx, ctx, "S121", tomorrow, false));
        assert_eq!(other.house.get("office", &format!("/totals?node=S121&day={tomorrow}")).status, 404);
        check("F12", today, json!([28, 3]), json!(["Ferry", "Ferry", [], []]));
        check("S121", yesterday, json!([16, 1]), json!(["S121", "F12", [], []]));
    });
}

/// Two administrators add the same login name, each at another node: one is told that it is taken, and nothing breaks.
#[test]
fn a_name_that_two_add_at_once_is_ones() {
    two_nodes(|here, there| {
        for round in 0..8 {
            let add = |cast: &Cast<'_>| {
                let body = json!({ "name": format!("liu-{round}"), "unit": "S111" });
                let said = cast.house.post("office", "/accounts", body);
                (said.status.as_u16(), said.code())
            };
            let (one, other) = at_once(|| add(here), || add(there));
            let mut both = [one, other];
            both.sort();
            assert_eq!(both[0].0, 201, "{both:?}");
            assert_eq!(both[1], (409, "account.name_taken".to_owned()), "{both:?}");
        }
    });
}
