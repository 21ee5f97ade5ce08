//! Whatever anybody does with tasks in whatever order: nothing is struck off by whoever did it, the counts add up, and what is
//! stored is what the journal says.

use super::{DUE, LATER, id, ok, tasked};
use crate::house::Said;
use muster::lines::command::task::Action;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers that look like chance and are the same each time (Knuth's MMIX).
struct Chance(u64);

impl Chance {
    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all[((self.0 >> 33) as usize) % all.len()]
    }
}

const PEOPLE: &[&str] =
    &["office", "lead", "group", "checker", "beside", "firm", "clerk", "other", "second", "viewer"];
/// What is tried, and how often beside the rest.
const ACTIONS: &[&str] = &[
    "sign", "sign", "start", "start", "report", "report", "report", "report", "verify", "verify", "verify",
    "verify", "return", "return", "contest", "uphold", "uphold", "transfer", "extend", "reopen", "reopen",
    "reopen", "give", "parts", "parts", "withdraw",
];
const UNITS: &[&str] = &["G1", "G2", "F11", "F21", "S111", "S112"];
const STEPS: usize = 600;

fn body(action: &str, unit: &str) -> Value {
    match action {
        "contest" | "uphold" | "return" | "withdraw" => json!({ "reason": "Because." }),
        "extend" | "reopen" => json!({ "reason": "Because.", "due": LATER }),
        "transfer" => json!({ "reason": "Because.", "unit": unit }),
        "parts" => json!({ "unit": unit, "text": "A part." }),
        "give" => json!({}),
        _ => json!({ "text": "Done." }),
    }
}

#[test]
fn whatever_anybody_does_the_rules_hold() {
    tasked(|cast| {
        let house = cast.house;
        let measure = id(&ok(&house.post("office", "/measures", json!({ "text": "Count." }))));
        let hand = json!({ "node": "unit:R", "which": "all", "due": DUE });
        ok(&house.post("office", &format!("/measures/{measure}/tasks"), hand));
        let mut chance = Chance(7);
        let mut did: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let (mut taken, mut ended) = (0, 0);
        let list = ok(&house.get("office", &format!("/measures/{measure}/tasks")));
        let mut ids: Vec<String> = list["items"].as_array().unwrap().iter().map(id).collect();
        for _ in 0..STEPS {
            let all: Vec<&str> = ids.iter().map(String::as_str).collect();
            let (task, who) = (chance.of(&all).to_owned(), chance.of(PEOPLE));
            let (action, unit) = (chance.of(ACTIONS), chance.of(UNITS));
            let said: Said = house.post(who, &format!("/tasks/{task}/{action}"), body(action, unit));
            assert!(!said.status.is_server_error(), "{action} {who}: {}", said.json());
            if !said.status.is_success() {
                continue;
            }
            taken += 1;
            if action == "parts" {
                ids.push(id(&said.json()));
            }
            let doers = did.entry(task).or_default();
            match action {
                "sign" | "start" | "report" => {
                    doers.insert(who);
                }
                "verify" | "return" => {
                    assert!(!doers.contains(who), "{who} did it and looked at it");
                    ended += usize::from(action == "verify");
                }
                _ => {}
            }
        }
        assert!(taken > 25 && ended > 0, "{taken} steps, {ended} ends");
        // By node and state, the tasks that units have themselves.
        let list = ok(&house.get("office", &format!("/measures/{measure}/tasks?limit=1000")));
        let mut states: BTreeMap<String, i64> = BTreeMap::new();
        let mut steps = 0;
        for one in list["items"].as_array().unwrap() {
            steps += one["steps"].as_i64().unwrap();
            let state = one["state"].as_str().unwrap();
            if one["parent"].is_null() && state != "withdrawn" {
                *states.entry(state.to_owned()).or_default() += 1;
            }
        }
        let stand = ok(&house.get("office", &format!("/measures/{measure}/progress")));
        for (state, count) in stand["progress"]["states"].as_object().unwrap() {
            assert_eq!(count.as_i64().unwrap(), states.get(state).copied().unwrap_or(0), "{state}");
        }
        let parts = stand["parts"].as_array().unwrap().iter();
        assert_eq!(
            parts.map(|one| one["progress"]["all"].as_i64().unwrap()).sum::<i64>(),
            stand["progress"]["all"]
        );
        let entries: usize =
            Action::ALL.iter().map(|action| house.journalled(action.journalled()).len()).sum();
        assert_eq!(entries as i64, steps, "each step has its entry");
    });
}
