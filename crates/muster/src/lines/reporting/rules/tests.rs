//! Rules and outcomes, one a line; and that no text and no number makes any of it panic.

use super::compile::Compiled;
use super::read::expression_read;
use super::{EXPRESSION_CHARS_MAX, Follows, Rule, Test};
use crate::lines::operation::Names;
use crate::lines::reporting::model::{
    ActKind, Class, Counting, Element, Form, Item, NUMBER_MAX, OverTime, OverUnits, ValueType, Values,
};
use muster_kernel::{Day, Finding};
use proptest::prelude::*;
use std::sync::Arc;

const ELEMENTS: [(&str, Option<u8>); 7] = [
    ("new", Some(0)),
    ("all", Some(0)),
    ("off", Some(0)),
    ("area", Some(2)),
    ("price", Some(6)),
    ("mood-now", None),
    ("a.b", Some(0)),
];

fn elements() -> Vec<Arc<Element>> {
    let element = |(at, (code, scale)): (usize, &(&str, Option<u8>))| Element {
        id: at as i64 + 1,
        code: (*code).into(),
        names: Names::default(),
        class: Class::Event,
        value_type: match scale {
            Some(0) => ValueType::Integer,
            Some(scale) => ValueType::Decimal { scale: *scale },
            None => ValueType::Choice { codes: vec!["good".into(), "bad".into()] },
        },
        unit: String::new(),
        over_units: OverUnits::Sum,
        over_time: OverTime::Sum,
        cumulative: false,
        owner: String::new(),
        purpose: String::new(),
        since: Day::from_number(0),
        until: Day::OPEN_END,
    };
    ELEMENTS.iter().enumerate().map(element).map(Arc::new).collect()
}

fn form(tests: &[(Test, Follows)], computed: &[(&str, &str)]) -> Form {
    let item = |(code, _): &(&str, Option<u8>)| Item {
        element: (*code).into(),
        required: false,
        min: None,
        max: None,
        computed: computed.iter().find(|(of, _)| of == code).map(|(_, text)| (*text).into()),
    };
    let rule = |(at, (test, follows)): (usize, &(Test, Follows))| Rule {
        code: format!("r{at}"),
        test: test.clone(),
        follows: *follows,
        at: "all".into(),
        says: Names { zh_hans: "请核对".into(), ..Names::default() },
    };
    Form {
        id: 1,
        code: "daily".into(),
        version: 1,
        names: Names::default(),
        items: ELEMENTS.iter().map(item).collect(),
        counting: Counting::Parts,
        as_of_min: 720,
        cut_off_min: 900,
        afterwards: false,
        rules: tests.iter().enumerate().map(rule).collect(),
        since: Day::from_number(0),
        until: Day::OPEN_END,
    }
}

fn cel(expression: &str) -> Test {
    Test::Cel { expression: expression.into() }
}

/// Values by code, as they are stored.
fn values(said: &[(&str, i64)]) -> Values {
    let id = |code: &str| ELEMENTS.iter().position(|(known, _)| *known == code).unwrap() as i64 + 1;
    said.iter().map(|(code, value)| (id(code), *value)).collect()
}

/// What one rule says: `holds`, `broken` or `failed`.
fn outcome(test: &Test, today: &[(&str, i64)], yesterday: Option<&[(&str, i64)]>) -> &'static str {
    let compiled = Compiled::of(&form(&[(test.clone(), Follows::Refuse)], &[]), &elements()).unwrap();
    let judged = compiled.judge(&values(today), yesterday.map(values).as_ref());
    match (judged.refused.len(), judged.told.as_slice()) {
        (0, []) => "holds",
        (1, []) => "broken",
        (0, [told]) if told.code == "rule.failed" => "failed",
        other => panic!("{other:?}"),
    }
}

#[test]
fn rules_and_what_they_come_to() {
    type Line<'l> = (&'l str, &'l [(&'l str, i64)], Option<&'l [(&'l str, i64)]>, &'l str);
    let lines: &[Line<'_>] = &[
        ("today.new <= today.all", &[("new", 3), ("all", 3)], None, "holds"),
        ("today.new <= today.all", &[("new", 4), ("all", 3)], None, "broken"),
        // What was not said is null, and null is not compared.
        ("today.new <= today.all", &[("all", 3)], None, "failed"),
        ("today.new == null || today.new <= today.all", &[("all", 3)], None, "holds"),
        ("today.new <= today.all || today.new == null", &[("all", 3)], None, "holds"),
        ("has(today.new)", &[("all", 3)], None, "broken"),
        ("has(yesterday.new)", &[], Some(&[("new", 0)]), "holds"),
        ("today.new == today.all", &[], None, "holds"),
        ("today.all == yesterday.all + today.new", &[("all", 5), ("new", 2)], Some(&[("all", 3)]), "holds"),
        ("today.all == yesterday.all + today.new", &[("all", 6), ("new", 2)], Some(&[("all", 3)]), "broken"),
        ("today.all == yesterday.all + today.new", &[("all", 6), ("new", 2)], None, "failed"),
        // Two places and none in one expression: exactly.
        ("today.area <= today.new", &[("area", 300), ("new", 3)], None, "holds"),
        ("today.area <= today.new", &[("area", 301), ("new", 3)], None, "broken"),
        ("today.area == 3.01", &[("area", 301)], None, "holds"),
        ("today.area * 2 == today.new + 0.02", &[("area", 301), ("new", 6)], None, "holds"),
        ("today.area * 1.5 > 4.5", &[("area", 300)], None, "broken"),
        ("-today.area < today.new", &[("area", 300), ("new", -3)], None, "broken"),
        (
            "(today.new > 1 ? today.area : 0) <= today.price",
            &[("new", 2), ("area", 100), ("price", 1_000_000)],
            None,
            "holds",
        ),
        ("(today.new > 1 ? today.area : null) == null", &[("new", 1), ("area", 100)], None, "holds"),
        ("!(today.new > 1) && true", &[("new", 1)], None, "holds"),
        ("today[\"mood-now\"] == \"bad\"", &[("mood-now", 1)], None, "holds"),
        ("today[\"mood-now\"] != 'bad'", &[("mood-now", 1)], None, "broken"),
        ("today[\"mood-now\"] != yesterday[\"mood-now\"]", &[("mood-now", 1)], None, "holds"),
        ("today.a.b == 7", &[("a.b", 7)], None, "holds"),
        // Too large to reckon with is told, and wraps nowhere.
        ("today.new * today.all > 0", &[("new", NUMBER_MAX), ("all", NUMBER_MAX)], None, "failed"),
        ("today.new <= today.price", &[("new", NUMBER_MAX), ("price", 1)], None, "failed"),
        ("today.new - 9223372036854775807 - 9223372036854775807 < 0", &[("new", 1)], None, "failed"),
    ];
    for (text, today, yesterday, expected) in lines {
        assert_eq!(expression_read(text, &elements(), None), Ok(()), "{text}");
        assert_eq!(outcome(&cel(text), today, *yesterday), *expected, "{text} of {today:?} {yesterday:?}");
    }
}

#[test]
fn rules_that_are_ready_made() {
    let code = |text: &str| text.to_owned();
    let at_most = Test::AtMost { element: code("new"), most: code("all") };
    assert_eq!(outcome(&at_most, &[("new", 3), ("all", 2)], None), "broken");
    assert_eq!(outcome(&at_most, &[("new", 2), ("all", 2)], None), "holds");
    assert_eq!(outcome(&at_most, &[("new", 2)], None), "holds");

    let carried = |off: bool| Test::Carried {
        cumulative: code("all"),
        new: code("new"),
        corrected: off.then(|| code("off")),
    };
    let yesterday: &[(&str, i64)] = &[("all", 10)];
    for (today, off, expected) in [
        (&[("all", 12), ("new", 2)][..], false, "holds"),
        (&[("all", 13), ("new", 2)], false, "broken"),
        (&[("all", 11), ("new", 2), ("off", 1)], true, "holds"),
        (&[("all", 12), ("new", 2)], true, "holds"),
        (&[("all", 12), ("new", 2), ("off", 1)], true, "broken"),
    ] {
        assert_eq!(outcome(&carried(off), today, Some(yesterday)), expected, "{today:?}");
        assert_eq!(outcome(&carried(off), today, None), "holds", "nothing was said the day before");
    }

    let jump = |least, down| Test::Jump { element: code("all"), percent: 50, least, down };
    for (now, was, least, down, expected) in [
        (15, 10, 0, false, "holds"),
        (16, 10, 0, false, "broken"),
        (4, 10, 0, false, "holds"),
        (4, 10, 0, true, "broken"),
        (5, 10, 0, true, "holds"),
        (1, 0, 0, false, "broken"),
        (5, 0, 5, true, "holds"),
        (6, 0, 5, false, "broken"),
        (0, 5, 5, true, "holds"),
    ] {
        let found = outcome(&jump(least, down), &[("all", now)], Some(&[("all", was)]));
        assert_eq!(found, expected, "{now} after {was}, {least}, {down}");
    }
    let falls = Test::NeverFalls { element: code("area") };
    assert_eq!(outcome(&falls, &[("area", 99)], Some(&[("area", 100)])), "broken");
    assert_eq!(outcome(&falls, &[("area", 100)], Some(&[("area", 100)])), "holds");
    assert_eq!(outcome(&falls, &[("area", 1)], None), "holds");
}

#[test]
fn what_follows_is_what_the_rule_says() {
    let wrong = cel("today.new > 5");
    let rules =
        [(wrong.clone(), Follows::Refuse), (wrong.clone(), Follows::Reason), (wrong.clone(), Follows::Note)];
    let compiled = Compiled::of(&form(&rules, &[]), &elements()).unwrap();
    let judged = compiled.judge(&values(&[("new", 1)]), None);
    let codes = |all: &[Finding]| -> Vec<String> { all.iter().map(|finding| finding.code.clone()).collect() };
    assert_eq!(codes(&judged.refused), ["rule.refuses"]);
    assert_eq!(judged.refused[0].at.field.as_deref(), Some("values.all"));
    assert_eq!(judged.asked.len(), 1);
    assert_eq!((judged.asked[0].0, judged.asked[0].1.code.as_str()), (2, "rule.reason_needed"));
    assert_eq!(codes(&judged.told), ["rule.notes"]);
    assert_eq!(judged.told[0].args["says"], "请核对");
}

#[test]
fn what_may_not_stand_in_an_expression() {
    for (text, code) in [
        ("today.new <", "rule.unreadable"),
        ("", "rule.unreadable"),
        ("today.new / 2 > 1", "rule.division"),
        ("today.new % 2 == 1", "rule.division"),
        ("today.nothing > 1", "rule.element"),
        ("tomorrow.new > 1", "rule.not_allowed"),
        ("today > 1", "rule.not_allowed"),
        ("new > 1", "rule.not_allowed"),
        ("[1, 2].all(x, x > 1)", "rule.not_allowed"),
        ("[1, 2].map(x, x * 2) == []", "rule.not_allowed"),
        ("today.new in [1, 2]", "rule.not_allowed"),
        ("{1: 2}[1] == 2", "rule.not_allowed"),
        ("size('abc') == 3", "rule.not_allowed"),
        ("'a'.matches('(a+)+b')", "rule.not_allowed"),
        ("b'a' == b'a'", "rule.not_allowed"),
        ("today.new", "rule.not_a_condition"),
        ("null", "rule.not_a_condition"),
        ("today.new > true", "rule.kinds"),
        ("today.new && true", "rule.kinds"),
        ("today.new == 'a'", "rule.kinds"),
        ("today[\"mood-now\"] == 1", "rule.kinds"),
        ("today[\"mood-now\"] == 'sad'", "rule.unknown_choice"),
        ("'a' + 'b' == 'ab'", "rule.kinds"),
        ("today.new > 0.0000001", "rule.number"),
        ("today.price * today.price * today.price > 1", "rule.kinds"),
        ("today.new > 99999999999999999999", "rule.unreadable"),
        ("today.price > 9223372036854775807", "rule.number"),
    ] {
        let found = expression_read(text, &elements(), None).map_err(|finding| finding.code);
        assert_eq!(found, Err(code.to_owned()), "{text}");
    }
    let long = format!("today.new > {}1", " ".repeat(EXPRESSION_CHARS_MAX));
    assert_eq!(expression_read(&long, &elements(), None).unwrap_err().code, "rule.too_long");
    let parts = [("(", ")"), ("[", "]"), ("- ", ""), ("true?true:", ""), ("1+", ""), (".a", "")];
    for (open, close) in parts {
        let count = 490 / (open.len() + close.len());
        let text = format!("{}true{}", open.repeat(count), close.repeat(count));
        let code = expression_read(&text, &elements(), None).unwrap_err().code;
        assert!(
            matches!(&*code, "rule.too_deep" | "rule.unreadable" | "rule.not_allowed" | "rule.kinds"),
            "{text}: {code}"
        );
    }
}

/// As deep as may be, read and judged on less than the stack of a thread of the server.
#[test]
fn the_deepest_expression_fits_any_stack() {
    let deepest = [
        format!("{}today.new{} > 1", "(".repeat(16), ")".repeat(16)),
        format!("{}today.new > 1{}", "!(".repeat(16), ")".repeat(16)),
        format!("today.new{} > 1", "+1".repeat(22)),
        format!("today.new > 1{}", "*1".repeat(22)),
        format!("{}true", "true?true:".repeat(23)),
        format!("{}true{}", "(true?".repeat(16), ":true)".repeat(16)),
        format!("{}true{}", "true&&(1<2||".repeat(11), ")".repeat(11)),
        format!("{}true", "true||".repeat(80)),
    ];
    let read = || {
        for text in deepest {
            assert_eq!(expression_read(&text, &elements(), None), Ok(()), "{text}");
            outcome(&cel(&text), &[("new", 3)], None);
        }
    };
    std::thread::scope(|scope| {
        let small = std::thread::Builder::new().stack_size(3 << 19).spawn_scoped(scope, read);
        small.unwrap().join().unwrap();
    });
}

/// What is computed, by code, and the findings.
fn computed(
    formulas: &[(&str, &str)],
    act: ActKind,
    typed: &[(&str, i64)],
    yesterday: &[(&str, i64)],
) -> (Vec<(String, i64)>, Vec<String>) {
    let compiled = Compiled::of(&form(&[], formulas), &elements()).unwrap();
    let (mut today, yesterday) = (values(typed), values(yesterday));
    let of = (Day::from_number(18_295), act);
    let found = compiled.compute(of, &mut today, Some(&yesterday), &values(typed));
    let code = |id: i64| ELEMENTS[id as usize - 1].0.to_owned();
    (
        today.iter().map(|(id, value)| (code(*id), *value)).collect(),
        found.into_iter().map(|f| f.code).collect(),
    )
}

#[test]
fn what_is_computed() {
    let closing = [("all", "yesterday.all + today.new - today.off")];
    let run = |typed: &[(&str, i64)], yesterday: &[(&str, i64)]| {
        computed(&closing, ActKind::Values, typed, yesterday)
    };
    let said = |all: &[(&str, i64)]| -> Vec<(String, i64)> {
        all.iter().map(|(code, value)| ((*code).to_owned(), *value)).collect()
    };
    let none = Vec::<String>::new();
    let all = [("new", 3), ("off", 1)];
    assert_eq!(run(&all, &[("all", 5)]), (said(&[("new", 3), ("all", 7), ("off", 1)]), none.clone()));
    assert_eq!(run(&all, &[]), (said(&all), none.clone()), "of what was not said nothing is computed");
    let typed = [("new", 3), ("all", 7), ("off", 1)];
    assert_eq!(run(&typed, &[("all", 5)]).1, none, "the same may be typed");
    assert_eq!(run(&typed, &[("all", 6)]).1, ["value.computed_differs"]);
    assert_eq!(run(&typed, &[]).1, ["value.computed_differs"]);
    assert_eq!(run(&[("new", 0), ("off", 9)], &[("all", 5)]).1, ["value.out_of_range"]);
    let zero = computed(&closing, ActKind::Zero, &[("new", 0), ("off", 0)], &[("all", 5)]);
    assert_eq!(zero.1, ["zero.event_not_zero"]);

    // One after another, whatever the order of the items; with decimal places up and down.
    let chain = [
        ("new", "today.all + 1"),
        ("all", "today.off * 2"),
        ("area", "today.new"),
        ("a.b", "today.price * 2"),
    ];
    let found = computed(&chain, ActKind::Values, &[("off", 4), ("price", 500_000)], &[]);
    let wanted = [("new", 9), ("all", 8), ("off", 4), ("area", 900), ("price", 500_000), ("a.b", 1)];
    assert_eq!(found, (said(&wanted), none.clone()));
    let rest = computed(&chain, ActKind::Values, &[("price", 700_000)], &[]);
    assert_eq!(rest.1, ["value.too_many_decimals"], "nothing is rounded");
    let large = [("all", "today.new * today.new")];
    assert_eq!(computed(&large, ActKind::Values, &[("new", NUMBER_MAX)], &[]).1, ["value.compute_failed"]);
    assert_eq!(
        computed(&large, ActKind::Values, &[("new", NUMBER_MAX / 1000)], &[]).1,
        ["value.compute_failed"]
    );
    assert_eq!(computed(&large, ActKind::Values, &[("new", 100_000_000)], &[]).1, ["value.out_of_range"]);

    let elements = elements();
    for circle in
        [&[("all", "today.all")][..], &[("all", "today.new"), ("new", "today.off"), ("off", "today.all")]]
    {
        let compiled = Compiled::of(&form(&[], circle), &elements).unwrap();
        assert!(compiled.circle().is_some(), "{circle:?}");
        computed(circle, ActKind::Values, &[("new", 1)], &[]);
    }
    let straight = Compiled::of(&form(&[], &chain), &elements).unwrap();
    assert!(straight.circle().is_none());
    let wrong = |text: &str| expression_read(text, &elements, Some(&elements[0])).unwrap_err().code;
    assert_eq!(wrong("today.new > 1"), "rule.not_a_number");
    assert_eq!(wrong("null"), "rule.not_a_number");
}

/// Texts that look like expressions.
fn texts() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        "today.new",
        "today.all",
        "yesterday.all",
        "today.area",
        "today.price",
        "today[\"mood-now\"]",
        "null",
        "true",
        "false",
        "0",
        "1",
        "1.5",
        "9223372036854775807",
        "-",
        "+",
        "*",
        "/",
        "%",
        "<",
        "<=",
        ">",
        "==",
        "!=",
        "&&",
        "||",
        "!",
        "(",
        ")",
        "?",
        ":",
        "[",
        "]",
        "{",
        "}",
        ".",
        ",",
        "'bad'",
        "has(",
        "in",
        "x",
        "\"",
        "\\",
        "'",
        "🦀",
        "0x",
        "u",
        "1e9",
        "today",
        "..",
        "b'",
        "r'",
        "\n",
        "//",
    ]);
    prop::collection::vec(sign, 0..24).prop_map(|signs| signs.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_and_no_number_panics(
        text in prop_oneof![texts(), any::<String>()],
        said in prop::collection::vec(prop::option::of(prop_oneof![any::<i64>(), -3i64..3]), 14),
    ) {
        let of = |from: usize| -> Values {
            said[from..from + 7].iter().enumerate().filter_map(|(at, value)| Some((at as i64 + 1, (*value)?))).collect()
        };
        let (mut today, yesterday) = (of(0), of(7));
        let _ = expression_read(&text, &elements(), None);
        let all = form(&[(cel(&text), Follows::Refuse)], &[("all", &text), ("area", "today.all * today.price")]);
        let compiled = Compiled::of(&all, &elements()).unwrap();
        let judged = compiled.judge(&today, Some(&yesterday));
        prop_assert!(judged.refused.len() + judged.told.len() <= 1);
        let typed = today.clone();
        let _ = compiled.compute((Day::from_number(18_295), ActKind::Values), &mut today, Some(&yesterday), &typed);
    }

    /// Any sum, difference and comparison of small numbers comes to what it comes to.
    #[test]
    fn numbers_are_reckoned_exactly(a in -5000i64..5000, b in -5000i64..5000, c in 0i64..500) {
        let sum = cel("today.area + today.new * 2 <= today.all - 0.5");
        let found = outcome(&sum, &[("area", a), ("new", c), ("all", b)], None);
        prop_assert_eq!(found == "holds", a + c * 200 <= b * 100 - 50);
    }
}
