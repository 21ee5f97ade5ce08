//! Stories of figures: statements beside parts, who is missing, incidents and contradictions.

mod missing;

use crate::cast::{TODAY, Terms, day, element_of, form, told, told_with, unit_id};
use crate::house::found;
use axum::http::StatusCode;
use muster::lines::reporting::{Counting, form_assign, form_set};
use muster_kernel::Day;
use serde_json::{Value, json};

/// Tells a story by a counting rule, with totals kept as rows and added up from the sheets.
fn counted_by(counting: Counting, tell: impl Fn(&crate::cast::Cast<'_>)) {
    for crown_min in [2, 256] {
        told_with(Terms { counting, crown_min }, &tell);
    }
}

fn state(cast: &crate::cast::Cast<'_>, role: &str, unit: &str, staff: i64) {
    let body = json!({ "act": "values", "scope": "below", "values": { "staff": staff } });
    let said = cast.put(role, unit, body);
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
}

/// What counts, how many parts and statements are in it, and the node's own statement.
fn staff(cast: &crate::cast::Cast<'_>, node: &str) -> (Value, Value, Value, Value) {
    let totals = cast.totals(node);
    let staff = element_of(&totals, "staff");
    let coverage = &totals["coverage"];
    (
        staff["value"].clone(),
        coverage["by_parts"].clone(),
        coverage["by_statements"].clone(),
        staff["stated"].clone(),
    )
}

#[test]
fn parts_count_as_soon_as_one_has_reported() {
    counted_by(Counting::Parts, |cast| {
        state(cast, "firm", "F11", 50);
        assert_eq!(staff(cast, "F11"), (json!(50), json!(0), json!(1), json!(50)));
        assert_eq!(staff(cast, "G1"), (json!(50), json!(0), json!(1), Value::Null));
        cast.say("clerk", "S111", json!({ "staff": 20 }));
        // The two are never added; the statement stays readable beside the parts.
        assert_eq!(staff(cast, "F11").0, json!(20));
        assert_eq!(staff(cast, "F11").3, json!(50));
        assert_eq!(staff(cast, "R").0, json!(20));
        let disagreements = cast.get("office", "/disagreements");
        assert_eq!((&disagreements["compared"], &disagreements["agree"]), (&json!(1), &json!(0)));
        assert_eq!(
            (&disagreements["items"][0]["stated"], &disagreements["items"][0]["below"]),
            (&json!(50), &json!(20))
        );
        cast.say("second", "S112", json!({ "staff": 30 }));
        assert_eq!(cast.get("office", "/disagreements")["agree"], 1);
    });
}

#[test]
fn what_counts_on_a_day_is_the_rule_of_that_days_form() {
    counted_by(Counting::Parts, |cast| {
        state(cast, "firm", "F11", 50);
        cast.say("clerk", "S111", json!({ "staff": 20 }));
        let form = &cast.get("office", "/forms")["items"][0];
        let items = form["items"].clone();
        let next = json!({
            "code": "daily", "names": form["names"], "items": items, "counting": "stated",
            "as_of_min": 720, "cut_off_min": 900, "since": "2020-02-04",
        });
        let set = cast.house.post("office", "/forms", next);
        assert_eq!(set.status, StatusCode::OK, "{}", set.json());
        cast.clock("02-04 10:00");
        let body = json!({ "act": "values", "scope": "below", "values": { "staff": 70 } });
        assert_eq!(cast.put_on("firm", "F11", "2020-02-04", &[], body).status, StatusCode::OK);
        let clerk = json!({ "act": "values", "values": { "staff": 30 } });
        assert_eq!(cast.put_on("clerk", "S111", "2020-02-04", &[], clerk).status, StatusCode::OK);
        for node in ["F11", "G1", "R"] {
            let totals = cast.get("office", &format!("/totals?node={node}&day=2020-02-04"));
            let staff = element_of(&totals, "staff");
            assert_eq!((&staff["value"], &staff["yesterday"]), (&json!(70), &json!(20)), "{node}");
        }
        let range = "/totals/series?node=R&element=staff&from=2020-02-03&to=2020-02-04";
        let points = cast.get("office", range)["points"].clone();
        assert_eq!((&points[0]["value"], &points[1]["value"]), (&json!(20), &json!(70)));
    });
}

#[test]
fn days_are_put_together_by_the_rule_of_the_element() {
    told(|cast| {
        let elements = cast.get("office", "/elements");
        for (code, rule) in [("fever", "sum"), ("staff", "last"), ("confirmed", "max"), ("area", "none")] {
            let mut element =
                elements["items"].as_array().unwrap().iter().find(|one| one["code"] == code).unwrap().clone();
            element["over_time"] = json!(rule);
            element.as_object_mut().unwrap().remove("id");
            let set = cast.house.post("office", "/elements", element);
            assert_eq!(set.status, StatusCode::OK, "{}", set.json());
        }
        for (day, fever, staff, confirmed) in
            [("2020-02-01", 2, 40, 9), ("2020-02-02", 3, 44, 12), (TODAY, 5, 41, 10)]
        {
            let values =
                json!({ "fever": fever, "staff": staff, "confirmed": confirmed, "area": 1.5, "isolated": 4 });
            let said = cast.put_on("clerk", "S111", day, &[], json!({ "act": "values", "values": values }));
            assert_eq!(said.status, StatusCode::OK, "{}", said.json());
        }
        let whole = |element: &str, node: &str| {
            cast.get("office", &format!("/totals/series?node={node}&element={element}&from=2020-01-30"))["whole"].clone()
        };
        for node in ["R", "S111", "place:3401"] {
            for (element, rule, value) in
                [("fever", "sum", json!(10)), ("staff", "last", json!(41)), ("confirmed", "max", json!(12))]
            {
                let found = whole(element, node);
                let expected = (&json!(rule), &value, &json!(3));
                assert_eq!(
                    (&found["over_time"], &found["value"], &found["days_said"]),
                    expected,
                    "{node}: {found}"
                );
            }
            assert_eq!(whole("area", node)["value"], Value::Null, "not put together");
        }
        // A rate is put together from its parts, each by its own rule.
        let rate = whole("isolated_rate", "R");
        assert_eq!(rate["rate"]["denominator"], 41, "{rate}");
    });
}

#[test]
fn the_statement_counts_until_the_parts_are_complete() {
    counted_by(Counting::PartsWhenComplete, |cast| {
        state(cast, "firm", "F11", 50);
        cast.say("clerk", "S111", json!({ "staff": 20 }));
        assert_eq!(staff(cast, "F11").0, json!(50));
        assert_eq!(staff(cast, "R").0, json!(50));
        cast.say("second", "S112", json!({ "staff": 25 }));
        // The firm itself has answered with its statement: all three of them have.
        assert_eq!(staff(cast, "F11").0, json!(45));
        assert_eq!(staff(cast, "R").0, json!(45));
    });
}

#[test]
fn the_statement_counts_whatever_the_parts_say() {
    counted_by(Counting::Stated, |cast| {
        cast.say("clerk", "S111", json!({ "staff": 20 }));
        assert_eq!(staff(cast, "G1").0, json!(20));
        state(cast, "firm", "F11", 50);
        assert_eq!(staff(cast, "G1").0, json!(50));
        state(cast, "group", "G1", 70);
        assert_eq!(staff(cast, "G1"), (json!(70), json!(0), json!(1), json!(70)));
        assert_eq!(staff(cast, "R").0, json!(70));
        assert_eq!(element_of(&cast.totals("F11"), "staff")["parts"], 20, "the parts stay readable");
        // What lies below a statement is one number, wherever it is told: what counts there.
        let found = cast.get("office", "/disagreements");
        for (at, (unit, below)) in [("G1", 50), ("F11", 20)].into_iter().enumerate() {
            let item = &found["items"][at];
            assert_eq!((&item["unit"]["code"], &item["below"]), (&json!(unit), &json!(below)), "{found}");
            assert_eq!(element_of(&cast.totals(unit), "staff")["parts"], below, "{unit}");
        }
        let children = cast.get("office", "/totals/children?node=R");
        assert_eq!(element_of(&children["items"][0], "staff")["parts"], 50, "{children}");
        // Without a statement of its own it is what counts.
        assert_eq!(element_of(&cast.totals("R"), "staff")["parts"], 70);
    });
}

#[test]
fn a_figure_of_a_unit_in_which_nobody_is_asked_is_shown() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "staff": 20 }));
        let codes = |list: &Value, of: &str| -> Vec<Value> {
            list.as_array().unwrap().iter().map(|one| one.pointer(of).unwrap().clone()).collect()
        };
        let desk = || cast.get("office", "/desk")["tiles"].clone();
        assert_eq!(codes(&desk(), "/unit/code"), ["G1", "G2"], "nothing to tell of the department");
        let body = json!({ "act": "values", "scope": "below", "values": { "staff": 9 } });
        assert_eq!(cast.put("office", "D", body).status, StatusCode::OK);
        let tiles = desk();
        assert_eq!(codes(&tiles, "/unit/code"), ["G1", "G2", "D"]);
        assert_eq!(element_of(&tiles[2], "staff")["value"], 9);
        assert_eq!(tiles[2]["rates"]["expected"], 0);
        assert_eq!(element_of(&cast.totals("R"), "staff")["value"], 29, "they add up to it");
        let brief = cast.get("viewer", &format!("/briefs/{TODAY}?lang=en"));
        assert_eq!(codes(&brief["groups"], "/code"), ["G1", "G2", "D"], "{brief}");
        assert_eq!(brief["groups"][2]["values"][1]["value"], 9.0, "{brief}");
    });
}

#[test]
fn a_statement_answers_for_its_unit_and_for_nobody_else() {
    told(|cast| {
        state(cast, "firm", "F11", 50);
        for node in ["R", "G1", "F11", "class:key", "place:340102"] {
            assert_eq!(cast.totals(node)["rates"]["actual"], 1, "{node}");
        }
        assert_eq!(cast.totals("F11")["missing"], 2, "its sites have not answered");
        // Its own report takes the place of the statement; it is still one unit.
        cast.say("firm", "F11", json!({ "staff": 3 }));
        for node in ["R", "F11", "class:key", "place:340102"] {
            assert_eq!(cast.totals(node)["rates"]["actual"], 1, "{node}");
        }
        let known = cast
            .get("office", &format!("/totals?node=F11&day={TODAY}&as_known_at=2020-02-03T09:00:00%2B08:00"));
        assert_eq!(known["rates"]["actual"], 0);
    });
}

#[test]
fn a_zero_that_is_not_is_shown_and_not_judged() {
    told(|cast| {
        cast.clock("14:05");
        assert_eq!(cast.put("clerk", "S111", json!({ "act": "zero" })).status, StatusCode::OK);
        cast.clock("14:31");
        let incident = json!({ "unit": "S111", "element": "fever", "value": 1, "text": "夜班一人发热" });
        assert_eq!(cast.house.post("second", "/incidents", incident.clone()).status, StatusCode::NOT_FOUND);
        assert_eq!(cast.house.post("viewer", "/incidents", incident.clone()).status, StatusCode::FORBIDDEN);
        assert_eq!(cast.house.post("clerk", "/incidents", incident).status, StatusCode::CREATED);
        for role in ["office", "group", "firm", "clerk"] {
            assert_eq!(
                cast.get(role, "/incidents")["items"][0]["text"],
                "夜班一人发热",
                "every level at once: {role}"
            );
        }
        assert_eq!(cast.get("beside", "/incidents")["items"], json!([]));
        let found = cast.get("office", "/contradictions");
        let one = &found["items"][0];
        assert_eq!(
            (&one["unit"]["code"], &one["zero"], &one["reported"]),
            (&json!("S111"), &json!(true), &json!(0))
        );
        assert_eq!(one["reported_at"], "2020-02-03T14:05:00+08:00");
        assert_eq!(one["incidents"][0]["at"], "2020-02-03T14:31:00+08:00");
        assert_eq!(cast.total("R", "fever")["value"], 0, "an incident changes no report");
        let body = json!({ "act": "values", "values": { "fever": 1 }, "reason": "见快报" });
        assert_eq!(cast.put("clerk", "S111", body).status, StatusCode::OK);
        assert_eq!(cast.get("office", "/contradictions")["items"], json!([]));
        for (incident, code) in [
            (json!({ "unit": "S111", "element": "staff", "value": 1 }), "incident.element"),
            (json!({ "unit": "S111", "element": "nothing", "value": 1 }), "incident.element"),
            (json!({ "unit": "S111", "element": "fever", "value": 0 }), "value.out_of_range"),
            (
                json!({ "unit": "S111", "element": "fever", "value": 1, "text": "x".repeat(2001) }),
                "value.too_long",
            ),
        ] {
            let said = cast.house.post("office", "/incidents", incident);
            assert_eq!(
                (said.code().as_str(), &said.json()["findings"][0]["code"]),
                ("incident.refused", &json!(code))
            );
        }
    });
}

#[test]
fn five_rates_each_with_its_base() {
    told(|cast| {
        let empty = cast.get("office", "/totals?node=D");
        assert_eq!(empty["rates"]["expected"], 0);
        assert_eq!(empty["rates"]["reporting_rate"], Value::Null, "no base, no rate");
        cast.say("clerk", "S111", json!({ "fever": 0 }));
        cast.clock("16:00");
        cast.say("second", "S112", json!({ "fever": 0 }));
        let rates = cast.totals("R")["rates"].clone();
        let wanted = json!({ "expected": 9, "actual": 2, "actual_on_time": 1, "reporting_rate": 22.2, "reporting_rate_on_time": 11.1 });
        assert_eq!(rates, wanted);
        let children = cast.get("office", "/totals/children");
        let of = |code: &str| {
            children["items"].as_array().unwrap().iter().find(|t| t["node"]["code"] == code).unwrap()["rates"]
                ["actual"]
                .clone()
        };
        assert_eq!((of("G1"), of("G2")), (json!(2), json!(0)));
        let series = cast.get("office", "/totals/series?element=fever&from=2020-02-01");
        let whole = &series["whole"];
        assert_eq!((&whole["value"], &whole["days_said"]), (&json!(0), &json!(1)), "{whole}");
        let points = series["points"].as_array().unwrap();
        assert_eq!((points.len(), &points[0]["value"], &points[2]["value"]), (3, &Value::Null, &json!(0)));
    });
}

/// Sums of a field over parts.
fn sum(parts: &Value, field: &str) -> i64 {
    parts.as_array().unwrap().iter().map(|part| part.pointer(field).unwrap().as_i64().unwrap()).sum()
}

#[test]
fn what_a_node_consists_of_adds_up_to_it() {
    counted_by(Counting::Parts, |cast| {
        // A form that the regulator and its department are asked too.
        cast.write(|tx, ctx| {
            form_set(tx, ctx, form("all", &["fever", "staff"], Counting::Parts))?;
            let root = unit_id(tx, "R")?;
            form_assign(tx, ctx, "all", root, Vec::new(), day("2020-01-20"), Day::OPEN_END)
        });
        let say = |unit: &str, fever: i64| {
            let body = json!({ "act": "values", "values": { "fever": fever } }).to_string();
            let path = format!("/reports/{unit}/{TODAY}?form=all");
            let said =
                cast.house.ask("office", "PUT", &path, &[("content-type", "application/json")], body.into());
            assert_eq!(said.status, StatusCode::OK, "{unit}: {}", said.json());
        };
        let check = |missing: i64| {
            for node in ["unit:R", "unit:G1", "unit:F11", "place:all", "place:34", "place:3401", "place:42"] {
                let of = |door: &str| cast.get("office", &format!("{door}?form=all&node={node}"));
                let (whole, parts) = (of("/totals"), &of("/totals/children")["items"]);
                for field in ["/rates/expected", "/rates/actual", "/zero", "/missing", "/elements/0/said"] {
                    let wanted = whole.pointer(field).unwrap().as_i64().unwrap();
                    assert_eq!(sum(parts, field), wanted, "{node} {field}: {parts}");
                }
                let fever = |totals: &Value| totals["elements"][0]["value"].as_i64().unwrap_or(0);
                let fevers: i64 = parts.as_array().unwrap().iter().map(&fever).sum();
                assert_eq!(fevers, fever(&whole), "{node}");
                let absent = of("/missing");
                assert_eq!(sum(&absent["groups"], "/missing"), absent["missing"], "{node}: {absent}");
                assert_eq!(absent["missing"], whole["missing"], "{node}");
            }
            let desk = cast.get("office", "/desk?form=all");
            assert_eq!(desk["totals"]["missing"], missing);
            assert_eq!(sum(&desk["tiles"], "/missing"), missing);
            assert_eq!(
                (&desk["tiles"][0]["own"], &desk["tiles"][0]["unit"]["code"]),
                (&json!(true), &json!("R"))
            );
            let brief = cast.get("office", &format!("/briefs/{TODAY}?form=all"));
            let groups = &brief["groups"];
            assert_eq!(groups[0]["own"], true);
            for (field, whole) in [
                ("/expected", "/rates/expected"),
                ("/actual", "/rates/actual"),
                ("/on_time", "/rates/actual_on_time"),
                ("/zero", "/rates/zero"),
                ("/missing", "/rates/missing"),
            ] {
                assert_eq!(sum(groups, field), brief.pointer(whole).unwrap().as_i64().unwrap(), "{groups}");
            }
        };
        check(11);
        say("S111", 2);
        say("G1", 1);
        check(9);
        say("R", 4);
        say("D", 3);
        check(7);
        let own = cast.get("office", "/totals/children?form=all")["items"][0].clone();
        assert_eq!((&own["own"], &own["rates"]["actual"]), (&json!(true), &json!(1)));
        assert_eq!(own["elements"][0]["value"], 4);
        // Of the form that asks neither, nothing stands beside the groups.
        let groups = cast.get("office", "/desk")["tiles"].clone();
        assert_eq!(groups.as_array().unwrap().len(), 2);
        assert!(groups[0].get("own").is_none());
        let provinces = cast.get("office", "/totals/children?form=all&node=place:all");
        let codes: Vec<&Value> =
            provinces["items"].as_array().unwrap().iter().map(|item| &item["node"]["code"]).collect();
        assert_eq!(codes, ["340000", "420000"]);
    });
}

#[test]
fn corrections_are_told_of_the_form_that_is_asked_for() {
    told(|cast| {
        // Another form of the same instant, with one figure that the daily asks too and one that it does not.
        let staff = json!({ "code": "beds", "names": { "zh-Hans": "床位" }, "class": "state", "value_type": { "kind": "integer" },
            "unit": "bed", "over_units": "sum", "over_time": "last", "owner": "office", "purpose": "beds", "since": "2020-01-20" });
        assert!(cast.house.post("office", "/elements", staff).status.is_success());
        let form = json!({ "code": "beds", "names": { "zh-Hans": "床位表" }, "counting": "parts", "as_of_min": 720,
            "cut_off_min": 900, "since": "2020-01-20", "items": [{ "element": "beds" }, { "element": "fever" }] });
        assert!(cast.house.post("office", "/forms", form).status.is_success());
        let given = json!({ "form": "beds", "unit": "R", "since": "2020-01-20" });
        assert!(cast.house.post("office", "/assignments", given).status.is_success());
        let put = |form: &str, values: Value| {
            let body = json!({ "act": "values", "values": values, "reason": "recounted" }).to_string();
            let json = [("content-type", "application/json")];
            let path = format!("/reports/S111/{TODAY}?form={form}");
            let said = cast.house.ask("clerk", "PUT", &path, &json, body.into());
            assert_eq!(said.status, StatusCode::OK, "{}", said.json());
        };
        put("daily", json!({ "fever": 1, "staff": 40 }));
        put("beds", json!({ "beds": 7, "fever": 1 }));
        put("daily", json!({ "staff": 41 }));
        put("beds", json!({ "beds": 8 }));
        put("beds", json!({ "fever": 2 }));
        let told = |form: &str| -> Vec<Value> {
            let all = cast.get("office", &format!("/corrections?form={form}"))["items"].clone();
            let of = |one: &Value| {
                json!([one["changes"][0]["element"], one["changes"][0]["after"], one["reason"]])
            };
            all.as_array().unwrap().iter().map(of).collect()
        };
        let why = "recounted";
        assert_eq!(told("daily"), [json!(["staff", 41, why]), json!(["fever", 2, why])]);
        // The first report by a form corrects nothing.
        assert_eq!(told("beds"), [json!(["beds", 8, why]), json!(["fever", 2, why])]);
        for form in ["daily", "beds"] {
            assert_eq!(cast.get("office", &format!("/desk?form={form}"))["corrections"], 2, "{form}");
        }
    });
}

#[test]
fn an_element_that_adds_up_no_more_has_no_total() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 1, "confirmed": 40, "isolated": 3 }));
        let element = |code: &str, over_units: &str| {
            let all = cast.get("office", "/elements")["items"].clone();
            let mut one = all.as_array().unwrap().iter().find(|one| one["code"] == code).unwrap().clone();
            one["over_units"] = json!(over_units);
            one.as_object_mut().unwrap().remove("id");
            cast.house.post("office", "/elements", one)
        };
        let alone = |code: &str| {
            let totals = cast.totals("R");
            totals["elements"].as_array().unwrap().iter().find(|one| one["element"] == code).cloned()
        };
        let said = element("confirmed", "none");
        assert!(said.status.is_success(), "{}", said.json());
        assert_eq!(alone("confirmed"), None);
        // A share is made of what adds up.
        let in_rate = element("isolated", "none");
        assert_eq!(in_rate.findings(), found("element.in_rate", "over_units"), "{}", in_rate.json());
        assert!(element("confirmed", "sum").status.is_success());
        assert_eq!(alone("confirmed").unwrap()["value"], 40);
    });
}
