//! From what somebody sent to what may be stored: every finding, each at its field. Pure; what the tree and the sheet
//! know comes later, in the verb.

mod value;

pub use value::{Entered, parse_scaled, show_scaled};
pub(super) use value::{out_of_range, within, words_finding, words_worth_a_look};

use super::model::{ActKind, Class, Element, Form, Scope, Values};
use compact_str::CompactString;
use muster_kernel::varint::put_bytes;
use muster_kernel::{Day, Digest, Finding, Locale};
use std::collections::BTreeMap;
use std::sync::Arc;
use value::{Read, read};

/// What was entered, by element code, in the order in which it came.
pub type Said = Vec<(CompactString, Entered)>;

/// A report as it came in, from any door.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Code of the unit.
    pub unit: String,
    /// The day it speaks of.
    pub day: Day,
    /// Code of the form.
    pub form: String,
    /// About what it speaks.
    pub scope: Scope,
    /// What it does.
    pub act: ActKind,
    /// What was entered, by element code.
    pub values: Said,
    /// Why an earlier report is corrected.
    pub reason: Option<String>,
    /// Reasons that rules ask, by the code of the element at which they are told. Where there is none, the report's own reason
    /// is taken.
    pub remarks: Vec<(CompactString, String)>,
    /// The sender's own id of this report: sent twice, stored once.
    pub client_id: Option<String>,
    /// The revision the sender saw (`If-Match`).
    pub seen_rev: Option<i64>,
}

/// A draft that the rules of its form let through.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Code of the unit.
    pub unit: String,
    /// The day.
    pub day: Day,
    /// Number of the form.
    pub form: i64,
    /// Its version on that day.
    pub version: i64,
    /// As-of instant within the day.
    pub slot: i64,
    /// About what it speaks.
    pub scope: Scope,
    /// What it does.
    pub act: ActKind,
    /// Numbers said.
    pub values: Values,
    /// Elements unsaid.
    pub unsaid: Vec<i64>,
    /// Words said, by element.
    pub words: BTreeMap<i64, String>,
    /// Of a zero report the event elements of its form: it is refused when one of them stands above zero.
    pub events: Vec<i64>,
    /// Why an earlier report is corrected.
    pub reason: Option<String>,
    /// Reasons that rules ask, by element.
    pub remarks: BTreeMap<i64, String>,
    /// The sender's own id of this report.
    pub request: Option<Request>,
    /// The revision the sender saw.
    pub seen_rev: Option<i64>,
    /// Taken in, and worth a look.
    pub notes: Vec<Finding>,
}

/// A report that bears its sender's own id: answered once, stored once.
#[derive(Clone, Debug)]
pub struct Request {
    /// The sender's id.
    pub client_id: String,
    /// SHA-256 of what was sent under it: another report under the same id is a mistake.
    pub fingerprint: [u8; 32],
}

impl Request {
    fn of(draft: &Draft) -> Option<Self> {
        let client_id = draft.client_id.clone()?;
        let mut bytes = Vec::with_capacity(256);
        let mut part = |text: &str| put_bytes(&mut bytes, text.as_bytes());
        let day = draft.day.to_string();
        let scope = if draft.scope == Scope::Alone { "alone" } else { "below" };
        let act = if draft.act == ActKind::Zero { "zero" } else { "values" };
        [&draft.unit, &day, &draft.form, scope, act].into_iter().for_each(&mut part);
        part(draft.reason.as_deref().unwrap_or_default());
        // The same figures in another order are the same report.
        let mut values: Vec<_> = draft.values.iter().collect();
        values.sort_unstable_by_key(|(element, _)| element);
        for (element, entered) in values {
            part(element);
            match entered {
                Entered::Written(text) => [text.as_str(), "written"].into_iter().for_each(&mut part),
                Entered::Whole(number) => {
                    [number.to_string().as_str(), "written"].into_iter().for_each(&mut part)
                }
                Entered::Unsaid => part("unsaid"),
            }
        }
        let mut remarks: Vec<_> = draft.remarks.iter().collect();
        remarks.sort_unstable();
        for (element, remark) in remarks {
            ["remark", element, remark].into_iter().for_each(&mut part);
        }
        Some(Self { client_id, fingerprint: *Digest::of(&bytes).bytes() })
    }
}

/// Longest reason or client id, in characters.
const SHORT_CHARS_MAX: usize = 400;

/// A version of a form, with its elements at hand.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'b> {
    /// The form.
    pub form: &'b Form,
    /// The element of each item, in the form's order.
    pub elements: &'b [Arc<Element>],
    /// Positions of the items in the order of their elements' codes.
    pub by_code: &'b [usize],
}

/// Checks a draft against the version of its form on its day. `element` looks an element up by code.
pub fn check<'a>(
    draft: &Draft,
    asked: Asked<'_>,
    element: impl Fn(&str) -> Option<&'a Element>,
) -> Result<Checked, Vec<Finding>> {
    let Asked { form, elements, by_code } = asked;
    let mut findings = Vec::new();
    let mut checked = Checked {
        unit: draft.unit.clone(),
        day: draft.day,
        form: form.id,
        version: form.version,
        slot: i64::from(form.as_of_min),
        scope: draft.scope,
        act: draft.act,
        values: Values::new(),
        unsaid: Vec::new(),
        words: BTreeMap::new(),
        events: Vec::new(),
        reason: draft.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned),
        request: Request::of(draft),
        remarks: BTreeMap::new(),
        seen_rev: draft.seen_rev,
        notes: Vec::new(),
    };
    for (name, text) in [("reason", &draft.reason), ("client_id", &draft.client_id)] {
        findings.extend(short_findings(name, text.as_deref()));
    }
    remarks_read(draft, asked, &mut checked, &mut findings);
    let mut numbers = Vec::with_capacity(form.items.len());
    let mut sent = vec![false; form.items.len()];
    // Most senders keep the order of the form, or that of the codes: then the next one is known.
    let (mut next, mut rank) = (0, 0);
    for (code, entered) in &draft.values {
        let field = || format!("values.{code}");
        let is = |item: &usize| form.items[*item].element == code.as_str();
        let guess = Some(next).filter(|item| *item < form.items.len() && is(item));
        let guess = guess.or_else(|| by_code.get(rank).copied().filter(is));
        let item = guess.or_else(|| {
            let at = by_code.binary_search_by(|&item| form.items[item].element.as_str().cmp(code)).ok()?;
            rank = at;
            Some(by_code[at])
        });
        (next, rank) = (item.map_or(next, |item| item + 1), rank + 1);
        let Some(item) = item else {
            findings.push(match element(code) {
                Some(element) => of_element(Finding::refuse("value.not_on_form").field(field()), element),
                None => Finding::refuse("value.unknown_element").field(field()).with("element", code),
            });
            continue;
        };
        let element = &*elements[item];
        if std::mem::replace(&mut sent[item], true) {
            // Nobody knows which of the two was meant.
            findings.push(of_element(Finding::refuse("value.twice").field(field()), element));
            continue;
        }
        if !element.holds(draft.day) {
            let finding = Finding::refuse("value.not_asked_then").field(field());
            findings.push(of_element(finding, element).with("day", draft.day));
            continue;
        }
        match read(element, &form.items[item], entered) {
            Ok(Read::Number(number)) => {
                if draft.act == ActKind::Zero && element.class == Class::Event && number != 0 {
                    let finding = Finding::refuse("zero.event_not_zero").field(field());
                    findings.push(of_element(finding, element));
                }
                numbers.push((element.id, number));
            }
            Ok(Read::Words(words)) => {
                let note = words_worth_a_look(&words).map(|note| of_element(note.field(field()), element));
                checked.notes.extend(note);
                checked.words.insert(element.id, words);
            }
            Ok(Read::Unsaid) => checked.unsaid.push(element.id),
            Err(finding) => findings.push(of_element(finding.field(field()), element)),
        }
    }
    checked.values = numbers.into_iter().collect();
    // A report that comes this far says what it must on its sheet: the verb knows what stands there. Where it is refused
    // anyway, what it lacks is told with the rest.
    let refused =
        draft.reason.is_none() && (draft.values.is_empty() || findings.iter().any(Finding::refuses));
    for (at, (item, element)) in form.items.iter().zip(elements).enumerate() {
        if !element.holds(draft.day) {
            continue;
        }
        if draft.act == ActKind::Zero && element.class == Class::Event && element.is_number() {
            checked.events.push(element.id);
            // What is computed is not said by whoever says zero.
            if item.computed.is_none() {
                checked.values.insert(element.id, 0);
            }
            checked.unsaid.retain(|&id| id != element.id);
        }
        if refused && item.required && item.computed.is_none() && !sent[at] && draft.act == ActKind::Values {
            let field = format!("values.{}", item.element);
            findings.push(of_element(Finding::refuse("value.required").field(field), element));
        }
    }
    if draft.act == ActKind::Values && draft.values.is_empty() {
        findings.push(Finding::refuse("report.empty").field("values"));
    }
    if findings.iter().any(Finding::refuses) { Err(findings) } else { Ok(checked) }
}

/// Names the element of a finding as its reader calls it; by its code where it has no name.
pub(super) fn of_element(finding: Finding, element: &Element) -> Finding {
    let named = |locale| match element.names.of(locale) {
        "" => element.code.clone(),
        name => name.to_owned(),
    };
    let finding = finding.with("element", named(Locale::ZhCn));
    finding.with("element@zh-TW", named(Locale::ZhTw)).with("element@en", named(Locale::En))
}

/// Reads the reasons that a report gives at elements.
fn remarks_read(draft: &Draft, asked: Asked<'_>, checked: &mut Checked, findings: &mut Vec<Finding>) {
    for (code, remark) in &draft.remarks {
        let field = format!("remarks.{code}");
        let Some(at) = asked.form.items.iter().position(|item| item.element == code.as_str()) else {
            findings.push(Finding::refuse("value.not_on_form").field(field).with("element", code));
            continue;
        };
        let element = &asked.elements[at];
        findings.extend(short_findings(&field, Some(remark)));
        let note = words_worth_a_look(remark).map(|note| of_element(note.field(field), element));
        checked.notes.extend(note);
        if !remark.trim().is_empty() {
            checked.remarks.insert(element.id, remark.trim().to_owned());
        }
    }
}

/// What is wrong with a short text, such as a reason.
pub(super) fn short_findings(field: &str, text: Option<&str>) -> Vec<Finding> {
    let found = text.and_then(|text| words_finding(text, SHORT_CHARS_MAX));
    found.map(|finding| finding.field(field)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::operation::Names;
    use crate::lines::reporting::model::{Counting, Item, NUMBER_MAX, OverTime, OverUnits, ValueType};
    use proptest::prelude::*;

    fn element(id: i64, code: &str, class: Class, value_type: ValueType) -> Element {
        Element {
            id,
            code: code.into(),
            names: Names::default(),
            class,
            value_type,
            unit: "person".into(),
            over_units: OverUnits::Sum,
            over_time: OverTime::Last,
            cumulative: false,
            owner: "office".into(),
            purpose: "test".into(),
            since: Day::from_number(0),
            until: Day::OPEN_END,
        }
    }

    fn run(act: ActKind, values: &[(&str, Entered)]) -> Result<Checked, Vec<String>> {
        let elements = [
            element(1, "fever", Class::Event, ValueType::Integer),
            element(2, "on_site", Class::State, ValueType::Integer),
            element(3, "area", Class::State, ValueType::Decimal { scale: 2 }),
            element(4, "words", Class::Text, ValueType::Text),
            element(
                5,
                "rate",
                Class::State,
                ValueType::Rate { numerator: "fever".into(), denominator: "on_site".into() },
            ),
            element(6, "elsewhere", Class::State, ValueType::Integer),
        ];
        let item = |code: &str, required| Item {
            element: code.into(),
            required,
            min: None,
            max: Some(1000),
            computed: None,
        };
        let form = Form {
            id: 9,
            code: "daily".into(),
            version: 2,
            names: Names::default(),
            items: vec![
                item("fever", true),
                item("on_site", false),
                item("area", false),
                item("words", false),
                item("rate", false),
            ],
            counting: Counting::Parts,
            as_of_min: 720,
            cut_off_min: 900,
            afterwards: false,
            rules: Vec::new(),
            since: Day::from_number(0),
            until: Day::OPEN_END,
        };
        let draft = Draft {
            unit: "U".into(),
            day: Day::from_number(18_295),
            form: "daily".into(),
            scope: Scope::Alone,
            act,
            values: values.iter().map(|(code, entered)| ((*code).into(), entered.clone())).collect(),
            reason: None,
            remarks: Vec::new(),
            client_id: None,
            seen_rev: None,
        };
        let mut by_code: Vec<usize> = (0..form.items.len()).collect();
        by_code.sort_by_key(|&item| &form.items[item].element);
        let known = |code: &str| elements.iter().find(|element| element.code == code);
        let on_form: Vec<_> =
            form.items.iter().filter_map(|item| known(&item.element)).cloned().map(Arc::new).collect();
        check(&draft, Asked { form: &form, elements: &on_form, by_code: &by_code }, known)
            .map_err(|findings| findings.into_iter().map(|finding| finding.code).collect())
    }

    fn written(text: &str) -> Entered {
        Entered::Written(text.into())
    }

    #[test]
    fn every_finding_is_said_not_only_the_first() {
        let refused = run(
            ActKind::Values,
            &[
                ("nothing", written("1")),
                ("elsewhere", written("1")),
                ("on_site", written("1.5")),
                ("area", written("x")),
                ("rate", written("3")),
            ],
        );
        let mut codes = refused.unwrap_err();
        codes.sort();
        assert_eq!(
            codes,
            [
                "value.computed",
                "value.not_a_number",
                "value.not_on_form",
                "value.required",
                "value.too_many_decimals",
                "value.unknown_element",
            ]
        );
    }

    #[test]
    fn the_order_of_figures_does_not_matter_and_none_is_given_twice() {
        let values = [
            ("words", written("w")),
            ("area", written("1.5")),
            ("fever", written("2")),
            ("on_site", written("3")),
        ];
        let there = run(ActKind::Values, &values).unwrap();
        let mut back = values.clone();
        back.reverse();
        let back = run(ActKind::Values, &back).unwrap();
        assert_eq!((&there.values, &there.words), (&back.values, &back.words));
        assert_eq!(
            there.values.iter().map(|(id, value)| (*id, *value)).collect::<Vec<_>>()[..2],
            [(1, 2), (2, 3)]
        );
        for again in ["fever", "area", "words"] {
            let mut twice = values.to_vec();
            twice.push((again, written("2")));
            assert_eq!(run(ActKind::Values, &twice).unwrap_err(), ["value.twice"], "{again}");
        }
        let request = |values: &[(&str, Entered)]| {
            let values = values.iter().map(|(code, entered)| ((*code).into(), entered.clone())).collect();
            let draft = Draft {
                unit: "U".into(),
                day: Day::from_number(18_295),
                form: "daily".into(),
                scope: Scope::Alone,
                act: ActKind::Values,
                values,
                reason: None,
                remarks: Vec::new(),
                client_id: Some("one".into()),
                seen_rev: None,
            };
            Request::of(&draft).unwrap().fingerprint
        };
        let mut other = values.clone();
        other.reverse();
        assert_eq!(request(&values), request(&other));
        other[0].1 = written("4");
        assert_ne!(request(&values), request(&other));
    }

    #[test]
    fn zero_fills_the_events_and_nothing_else() {
        let zero = run(ActKind::Zero, &[("on_site", written("12"))]).unwrap();
        assert_eq!(zero.values, Values::from_iter([(1, 0), (2, 12)]));
        assert_eq!(run(ActKind::Zero, &[("fever", written("1"))]).unwrap_err(), ["zero.event_not_zero"]);
        assert_eq!(run(ActKind::Values, &[]).unwrap_err(), ["value.required", "report.empty"]);
    }

    #[test]
    fn numbers_are_read_as_written() {
        for (text, scale, expected) in [
            ("0", 0, Ok(0)),
            (" 12 ", 0, Ok(12)),
            ("12.50", 2, Ok(1250)),
            ("-3", 0, Ok(-3)),
            ("12.0", 0, Ok(12)),
            ("１２．５", 1, Ok(125)),
            ("－３", 0, Ok(-3)),
            ("3.5E17", 0, Err("value.scientific")),
            ("1e3", 0, Err("value.scientific")),
            ("", 0, Err("value.not_a_number")),
            ("-", 0, Err("value.not_a_number")),
            (".5", 1, Err("value.not_a_number")),
            ("5.", 1, Err("value.not_a_number")),
            ("1,000", 0, Err("value.not_a_number")),
            ("NaN", 2, Err("value.not_a_number")),
            ("0.123", 2, Err("value.too_many_decimals")),
            ("9007199254740993", 0, Err("value.out_of_range")),
            ("99999999999999999999999999", 0, Err("value.out_of_range")),
        ] {
            assert_eq!(
                parse_scaled(text, scale).map_err(|finding| finding.code),
                expected.map_err(str::to_owned),
                "{text}"
            );
        }
        let refused = run(ActKind::Values, &[("fever", written("1001"))]).unwrap_err();
        assert_eq!(refused, ["value.out_of_range"]);
        assert_eq!(run(ActKind::Values, &[("fever", written("-1"))]).unwrap_err(), ["value.out_of_range"]);
    }

    proptest! {
        #[test]
        fn a_number_shown_is_the_number_read(number in -NUMBER_MAX..NUMBER_MAX, scale in 0u8..6) {
            prop_assert_eq!(parse_scaled(&show_scaled(number, scale), scale).unwrap(), number);
        }
    }
}
