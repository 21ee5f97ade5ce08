//! The three sentences that a leader reads first. Pure: facts and a language in, text out.

use super::model::{Facts, Figure, Sort};
use crate::say;
use muster_kernel::Locale;
use std::collections::BTreeMap;

/// Figures that one sentence names at most.
const NAMED_MAX: usize = 6;

/// The three sentences: who reported; what happened, with the change since yesterday; the rates with what stands above
/// and below the line, or where the form has none, how things stand. Where the form asks for no events, how things stand
/// is the second, and without rates too the second and the third share it.
pub(super) fn sentences(facts: &Facts, locale: Locale) -> [String; 3] {
    let [second, third] = told(&facts.figures, locale);
    [reported(facts, locale), second, third]
}

/// The second and the third sentence.
fn told(figures: &[Figure], locale: Locale) -> [String; 2] {
    let of = |sort| figures.iter().filter(|figure| figure.sort == sort).collect::<Vec<&Figure>>();
    let (events, states, rates) = (of(Sort::Event), of(Sort::State), of(Sort::Rate));
    let moved = |figures: &[&Figure]| moved(figures, locale);
    let rates: Vec<String> = rates.iter().map(|figure| rate(figure, locale)).collect();
    let (second, third) = match (events.is_empty(), rates.is_empty()) {
        (false, false) => (moved(&events), rates),
        (false, true) => (moved(&events), moved(&states)),
        (true, false) => (moved(&states), rates),
        (true, true) => {
            let (first, rest) = states.split_at(states.len().div_ceil(2).min(NAMED_MAX));
            (moved(first), moved(rest))
        }
    };
    let said = |named: &[String], none: &str| match named {
        [] => say::word(locale, none),
        _ => sentence(&named[..named.len().min(NAMED_MAX)], locale),
    };
    [said(&second, "brief.sentence.nothing"), said(&third, "brief.sentence.no_more")]
}

fn reported(facts: &Facts, locale: Locale) -> String {
    let rates = &facts.rates;
    // Whoever has not reported once the day is frozen was missed; before, they still may.
    let key = if rates.afterwards {
        "brief.sentence.reported_afterwards"
    } else if facts.frozen {
        "brief.sentence.reported_frozen"
    } else {
        "brief.sentence.reported"
    };
    say_with(
        locale,
        key,
        &[
            ("at", instant(facts.made_at_ms, &facts.zone, locale)),
            ("expected", count(rates.expected)),
            ("actual", count(rates.actual)),
            ("zero", count(rates.zero)),
            ("missing", count(rates.missing)),
            ("on_time", count(rates.actual_on_time)),
            ("rate", percent(rates.actual_on_time, rates.expected)),
        ],
    )
}

/// Figures with their changes.
fn moved(figures: &[&Figure], locale: Locale) -> Vec<String> {
    // Who is compared is told at length once.
    let mut told = false;
    let change = |figure: &&Figure| {
        let said = change(figure, told, locale);
        told |= figure.other_units && figure.same.is_some_and(|(units, _)| units > 0);
        said
    };
    figures.iter().map(change).collect()
}

fn sentence(parts: &[String], locale: Locale) -> String {
    let list = parts.join(&say::word(locale, "brief.comma"));
    say_with(locale, "brief.sentence.list", &[("list", list)])
}

/// A figure with its change since yesterday. Where other units say how things stand, with both figures and how many say
/// each; of what happened shortly, for the first sentence tells who is silent, and `again` more shortly still.
fn change(figure: &Figure, again: bool, locale: Locale) -> String {
    let name = figure.names.of(locale).to_owned();
    let Some(value) = figure.value else { return say_with(locale, "brief.figure.unsaid", &[("name", name)]) };
    if let (true, Some((said, base)), Some(yesterday)) = (figure.other_units, figure.before, figure.yesterday)
    {
        let same = figure.same.filter(|(units, _)| *units > 0);
        let key = match (figure.sort, same) {
            (Sort::Event, Some(_)) if again => "brief.figure.event_same_again",
            (Sort::Event, Some(_)) => "brief.figure.event_same_units",
            (Sort::Event, None) => "brief.figure.event_other_units",
            (_, Some(_)) => "brief.figure.same_units",
            (_, None) => "brief.figure.other_units",
        };
        let (units, delta) = same.unwrap_or_default();
        let args = [
            ("name", name),
            ("n", count(units)),
            ("delta", signed(delta)),
            ("value", measured(value, &figure.unit, locale)),
            ("said", count(figure.said)),
            ("base", count(figure.base)),
            ("yesterday", number(yesterday)),
            ("said_then", count(said)),
            ("base_then", count(base)),
        ];
        return say_with(locale, key, &args);
    }
    let key = match figure.delta() {
        None => "brief.figure.alone",
        Some(0.0) => "brief.figure.same",
        Some(_) => "brief.figure.changed",
    };
    let delta = figure.delta().map(signed).unwrap_or_default();
    let value = measured(value, &figure.unit, locale);
    say_with(locale, key, &[("name", name), ("value", value), ("delta", delta)])
}

/// A rate with what stands above and below its line.
fn rate(figure: &Figure, locale: Locale) -> String {
    let name = figure.names.of(locale).to_owned();
    match (figure.value, figure.line) {
        (Some(value), Some((above, below))) => {
            let value = measured(value, &figure.unit, locale);
            let args = [("name", name), ("value", value), ("above", number(above)), ("below", number(below))];
            // Only of a share the one number is part of the other.
            let share = measure(&figure.unit, locale) == "%";
            say_with(locale, if share { "brief.figure.share" } else { "brief.figure.rate" }, &args)
        }
        _ => say_with(locale, "brief.figure.no_rate", &[("name", name)]),
    }
}

/// A sentence with its arguments.
pub(super) fn say_with(locale: Locale, key: &str, args: &[(&str, String)]) -> String {
    let args: BTreeMap<String, String> =
        args.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    say::say(locale, key, &args)
}

/// A number with its unit of measurement, in the reader's words.
pub(super) fn measured(value: f64, unit: &str, locale: Locale) -> String {
    let (unit, value) = (measure_of(value, unit, locale), number(value));
    match (unit, locale) {
        (unit, _) if unit.is_empty() => value,
        (unit, _) if unit == "%" => format!("{value}%"),
        (unit, Locale::En) => format!("{value} {unit}"),
        (unit, _) => format!("{value}{unit}"),
    }
}

/// The word of a unit of measurement beside a number.
pub(super) fn measure_of(value: f64, unit: &str, locale: Locale) -> String {
    let one = say::word(locale, &format!("measure.{unit}.one"));
    if value == 1.0 && !one.starts_with("measure.") { one } else { measure(unit, locale) }
}

/// The word of a unit of measurement; its code where there is none.
pub(super) fn measure(unit: &str, locale: Locale) -> String {
    let key = format!("measure.{unit}");
    let word = say::word(locale, &key);
    if word == key { unit.to_owned() } else { word }
}

/// An instant to the minute, in the reader's words.
pub(super) fn instant(ms: i64, zone: &jiff::tz::TimeZone, locale: Locale) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let at = at.to_zoned_datetime(zone.clone());
    let form = if locale == Locale::En { "%H:%M on %-d %B %Y" } else { "%-m月%-d日%H:%M" };
    at.strftime(form).to_string()
}

/// A whole count with its thousands parted.
pub(super) fn count(value: i64) -> String {
    number(value as f64)
}

/// A number with its thousands parted, as the paper writes it: `12,345.5`, `−3`.
pub(super) fn number(value: f64) -> String {
    let plain = value.abs().to_string();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = String::new();
    if value < 0.0 {
        text.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if fraction.is_empty() { text } else { format!("{text}.{fraction}") }
}

/// A change, with its sign.
pub(super) fn signed(value: f64) -> String {
    match value {
        0.0 => "±0".to_owned(),
        value if value > 0.0 => format!("+{}", number(value)),
        value => number(value),
    }
}

/// A part of a base, to a tenth. What is not all is never written as 100 %.
pub(super) fn percent(part: i64, base: i64) -> String {
    if base <= 0 {
        return "—".to_owned();
    }
    let tenths = (part as f64 / base as f64 * 1000.0).round();
    if part < base && tenths >= 1000.0 {
        return ">99.9%".to_owned();
    }
    if part > 0 && tenths < 1.0 {
        return "<0.1%".to_owned();
    }
    format!("{:.1}%", tenths / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::operation::Names;

    fn figure(name: &str, sort: Sort) -> Figure {
        Figure {
            element: 1,
            code: name.into(),
            names: Names { zh_hans: name.into(), zh_hant: String::new(), en: name.into() },
            unit: String::new(),
            sort,
            scale: 0,
            value: Some(2.0),
            yesterday: Some(2.0),
            yesterday_frozen: None,
            said: 3,
            base: 3,
            before: Some((3, 3)),
            other_units: false,
            same: None,
            line: (sort == Sort::Rate).then_some((40.0, 20.0)),
        }
    }

    #[test]
    fn the_second_and_the_third_sentence_tell_what_there_is() {
        let (event, state, rate) = (Sort::Event, Sort::State, Sort::Rate);
        let no_more = "The form asks for no further figures.";
        for (asked, second, third) in [
            (vec![], "The form asks for no figures.", no_more),
            (vec![event], "a: 2 (as yesterday).", no_more),
            (vec![event, state], "a: 2 (as yesterday).", "b: 2 (as yesterday)."),
            (vec![event, state, rate], "a: 2 (as yesterday).", "c: 2 (40 ÷ 20)."),
            (vec![state, rate], "a: 2 (as yesterday).", "b: 2 (40 ÷ 20)."),
            (vec![state], "a: 2 (as yesterday).", no_more),
            (vec![state; 3], "a: 2 (as yesterday); b: 2 (as yesterday).", "c: 2 (as yesterday)."),
        ] {
            let figures: Vec<Figure> =
                asked.iter().zip(["a", "b", "c"]).map(|(sort, name)| figure(name, *sort)).collect();
            assert_eq!(told(&figures, Locale::En), [second, third], "{asked:?}");
        }
    }

    #[test]
    fn a_share_is_told_as_part_of_a_base_and_another_rate_as_a_quotient() {
        let share = Figure { unit: "%".into(), ..figure("Share", Sort::Rate) };
        assert_eq!(rate(&share, Locale::En), "Share: 2% (40 of 20)");
        let days = figure("Days", Sort::Rate);
        assert_eq!(rate(&days, Locale::En), "Days: 2 (40 ÷ 20)");
        assert_eq!(rate(&days, Locale::ZhCn), "Days2（40÷20）");
    }

    #[test]
    fn a_change_is_told_only_of_the_same_units() {
        let staff = Figure {
            element: 1,
            code: "staff".into(),
            names: Names { zh_hans: "在岗".into(), zh_hant: String::new(), en: "On site".into() },
            unit: "person".into(),
            sort: Sort::State,
            scale: 0,
            value: Some(900.0),
            yesterday: Some(1200.0),
            yesterday_frozen: None,
            said: 3,
            base: 4,
            before: Some((3, 4)),
            other_units: false,
            same: None,
            line: None,
        };
        assert_eq!(change(&staff, false, Locale::En), "On site: 900 people (−300 since yesterday)");
        let fewer = Figure { before: Some((4, 4)), other_units: true, ..staff };
        let both = Figure { same: Some((3, 15.0)), ..fewer.clone() };
        let told = "On site: 900 people, said by 3 of 4 (yesterday 1,200 by 4 of 4; +15 in the 3 that said it on both days)";
        assert_eq!(change(&both, false, Locale::En), told);
        let told = "On site: 900 people, said by 3 of 4 (yesterday 1,200 by 4 of 4: not the same units)";
        assert_eq!(change(&fewer, false, Locale::En), told);
        let told = "在岗900人（3/4家已填；昨日1,200，4/4家已填，填报单位不同，不作增减）";
        assert_eq!(change(&fewer, false, Locale::ZhCn), told);
    }

    #[test]
    fn what_happened_is_told_shortly_of_the_same_units() {
        let check = |same, en: &str, zh: &str| {
            let fever = Figure {
                element: 1,
                code: "fever".into(),
                names: Names { zh_hans: "发热".into(), zh_hant: String::new(), en: "Fever".into() },
                unit: "person".into(),
                sort: Sort::Event,
                scale: 0,
                value: Some(63.0),
                yesterday: Some(42.0),
                yesterday_frozen: None,
                said: 2_300,
                base: 2_308,
                before: Some((2_280, 2_308)),
                other_units: true,
                same,
                line: None,
            };
            assert_eq!(change(&fever, false, Locale::En), en);
            assert_eq!(change(&fever, false, Locale::ZhCn), zh);
            if same.is_some_and(|(units, _)| units > 1) {
                let both = sentence(&moved(&[&fever, &fever], Locale::En), Locale::En);
                assert_eq!(both, format!("{en}; Fever: 63 people (+19 in 2,260 units)."));
            }
        };
        check(
            Some((2_260, 19.0)),
            "Fever: 63 people (+19 in the 2,260 units that reported both days)",
            "发热63人（较昨日+19，同2,260家）",
        );
        check(
            Some((1, 0.0)),
            "Fever: 63 people (±0 in the 1 unit that reported both days)",
            "发热63人（较昨日±0，同1家）",
        );
        let other =
            ("Fever: 63 people (yesterday 42, not the same units)", "发热63人（昨日42，填报单位不同）");
        check(Some((0, 0.0)), other.0, other.1);
        check(None, other.0, other.1);
    }
}
