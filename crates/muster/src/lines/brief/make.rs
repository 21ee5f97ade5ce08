//! The facts of a day as a document in one language. Pure.
//!
//! Every section stands in it, also when it is empty: the printer and the page then say "none". A list that was cut
//! says so in its heading.

use super::model::{AbsentFacts, Changed, ContradictionFacts, CorrectionFacts, Facts, Figure};
use super::sentence::{count, instant, measure, measure_of, measured, say_with, sentences};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Locale};
use muster_print::{
    Absence, Absent, BigNumber, BriefDoc, Cell, Chart, Contradiction, Correction, Disagreement, Group,
    GroupValue, Lang, Lineage, SameUnits, Series, TotalRow, VERSION, Yesterday, labels,
};
use std::collections::BTreeMap;

/// The document of a day's facts in a language.
pub fn document(facts: &Facts, locale: Locale) -> BriefDoc {
    let at = |ms| rfc3339(ms, &facts.zone);
    let figure = |place: &usize| &facts.figures[*place];
    BriefDoc {
        brief: VERSION,
        lang: lang(locale),
        simulated: facts.simulated,
        office: facts.office.of(locale).to_owned(),
        title: facts.title.of(locale).to_owned(),
        number: facts.number.map(|n| say_with(locale, "brief.number", &[("n", count(n))])),
        day: facts.day.to_string(),
        as_of: at(facts.made_at_ms),
        made_at: at(facts.made_at_ms),
        frozen: facts.frozen,
        digest: None,
        sentences: sentences(facts, locale).to_vec(),
        numbers: facts.leading.iter().map(figure).map(|figure| big(figure, locale)).collect(),
        totals: facts.figures.iter().map(|figure| total(figure, locale)).collect(),
        rates: facts.rates.clone(),
        chart: chart(facts, locale),
        groups: groups(facts, locale),
        absent: facts.absent.items.iter().map(|one| absent(facts, one, locale)).collect(),
        contradictions: facts.contradictions.iter().map(|one| contradiction(facts, one, locale)).collect(),
        disagreements: disagreements(facts, locale),
        corrections: facts.corrections.items.iter().map(|one| correction(facts, one, locale)).collect(),
        narrative: muster_print::Narrative {
            progress: facts.narrative.progress.clone(),
            problems: facts.narrative.problems.clone(),
            next: facts.narrative.next.clone(),
        },
        lineage: Lineage { units: facts.units, revisions: facts.revisions, heads: facts.heads.short() },
        labels: cut_labels(facts, locale),
    }
}

/// The printer's language.
pub(super) fn lang(locale: Locale) -> Lang {
    match locale {
        Locale::ZhCn => Lang::ZhCn,
        Locale::ZhTw => Lang::ZhTw,
        Locale::En => Lang::En,
    }
}

fn name(facts: &Facts, unit: i64, locale: Locale) -> String {
    facts.names.get(&unit).map(|names| names.of(locale).to_owned()).unwrap_or_default()
}

fn code(facts: &Facts, unit: i64) -> String {
    facts.codes.get(&unit).cloned().unwrap_or_default()
}

fn big(figure: &Figure, locale: Locale) -> BigNumber {
    BigNumber {
        code: figure.code.clone(),
        name: figure.names.of(locale).to_owned(),
        value: figure.value,
        unit: figure
            .value
            .map_or_else(|| measure(&figure.unit, locale), |value| measure_of(value, &figure.unit, locale)),
        delta: figure.delta(),
        base: Some(figure.base),
        said: Some(figure.said),
        other_units: figure
            .yesterday
            .zip(figure.before)
            .filter(|_| figure.other_units)
            .map(|(value, (said, base))| Yesterday { value, said, base, same_units: same_units(figure) }),
    }
}

fn same_units(figure: &Figure) -> Option<SameUnits> {
    figure.same.map(|(units, change)| SameUnits { units, change })
}

/// The element and what the frozen page of the day before has of it, where yesterday's figure is another one now.
fn note(figure: &Figure, locale: Locale) -> String {
    let Some(frozen) = figure.yesterday_frozen else { return String::new() };
    let unsaid = || labels::get(lang(locale), "number.unknown").unwrap_or_default().to_owned();
    let frozen = frozen.map_or_else(unsaid, |value| measured(value, &figure.unit, locale));
    say_with(
        locale,
        "brief.figure.frozen",
        &[("name", figure.names.of(locale).to_owned()), ("value", frozen)],
    )
}

fn total(figure: &Figure, locale: Locale) -> TotalRow {
    TotalRow {
        code: figure.code.clone(),
        name: figure.names.of(locale).to_owned(),
        unit: measure(&figure.unit, locale),
        value: figure.value,
        yesterday: figure.yesterday,
        delta: figure.delta(),
        said: Some(figure.said),
        base: Some(figure.base),
        yesterday_said: figure.before.map(|(said, _)| said),
        yesterday_base: figure.before.map(|(_, base)| base),
        other_units: figure.other_units,
        same_units: same_units(figure),
        note: note(figure, locale),
    }
}

fn chart(facts: &Facts, locale: Locale) -> Chart {
    let series = facts.chart.iter().map(|(place, points)| Series {
        name: facts.figures[*place].names.of(locale).to_owned(),
        points: points.clone(),
    });
    Chart {
        title: say_with(locale, "brief.chart", &[("n", facts.chart_days.len().to_string())]),
        days: facts.chart_days.iter().map(ToString::to_string).collect(),
        series: series.collect(),
    }
}

fn groups(facts: &Facts, locale: Locale) -> Vec<Group> {
    let names: Vec<&str> = facts.leading.iter().map(|&place| facts.figures[place].names.of(locale)).collect();
    let value = |(name, value): (&&str, &Option<f64>)| GroupValue { name: (*name).to_owned(), value: *value };
    let group = |group: &super::model::GroupFacts| Group {
        code: code(facts, group.unit),
        name: match group.own {
            true => say_with(locale, "brief.own", &[("name", name(facts, group.unit, locale))]),
            false => name(facts, group.unit, locale),
        },
        own: group.own,
        expected: group.rates.expected,
        actual: group.rates.actual,
        on_time: group.rates.actual_on_time,
        zero: group.rates.zero,
        missing: group.rates.missing,
        values: names.iter().zip(&group.values).map(value).collect(),
    };
    facts.groups.items.iter().map(group).collect()
}

fn absent(facts: &Facts, absent: &AbsentFacts, locale: Locale) -> Absent {
    let mut above: Vec<String> = absent.chain.iter().map(|unit| name(facts, *unit, locale)).collect();
    let unit = above.pop().unwrap_or_default();
    Absent {
        code: absent.chain.last().map(|unit| code(facts, *unit)).unwrap_or_default(),
        unit,
        group: above.first().cloned().unwrap_or_default(),
        path: above.join(" / "),
        status: if absent.late_at_ms.is_some() { Absence::Late } else { Absence::Missing },
        at: absent.late_at_ms.map(|ms| rfc3339(ms, &facts.zone)),
    }
}

fn contradiction(facts: &Facts, one: &ContradictionFacts, locale: Locale) -> Contradiction {
    let key = if one.zero { "brief.contradiction.zero" } else { "brief.contradiction.value" };
    let text = say_with(
        locale,
        key,
        &[
            ("reported_at", moment(facts, one.reported_at_ms, locale)),
            ("incident_at", moment(facts, one.incident_at_ms, locale)),
            ("element", one.names.of(locale).to_owned()),
            ("reported", measured(one.reported, &one.measure, locale)),
            ("value", measured(one.incidents, &one.measure, locale)),
        ],
    );
    Contradiction { code: code(facts, one.unit), unit: name(facts, one.unit, locale), text }
}

/// An instant to the minute, with its date only where it is not of the brief's own day.
fn moment(facts: &Facts, ms: i64, locale: Locale) -> String {
    if Day::of_instant(ms, &facts.zone) != facts.day {
        return instant(ms, &facts.zone, locale);
    }
    rfc3339(ms, &facts.zone).get(11..16).unwrap_or_default().to_owned()
}

fn disagreements(facts: &Facts, locale: Locale) -> Vec<Disagreement> {
    let one = |one: &super::model::DisagreementFacts| Disagreement {
        code: code(facts, one.unit),
        unit: name(facts, one.unit, locale),
        element: one.names.of(locale).to_owned(),
        stated: Some(one.stated),
        parts: Some(one.parts),
        said: Some(one.said),
    };
    facts.disagreements.items.iter().map(one).collect()
}

fn correction(facts: &Facts, one: &CorrectionFacts, locale: Locale) -> Correction {
    let word = |key: &str| crate::say::word(locale, key);
    let act = |zero: bool| Cell::Text(word(if zero { "brief.report.zero" } else { "brief.report.values" }));
    let cell = |value: Option<f64>| value.map_or(Cell::None, Cell::Number);
    let (element, before, after) = match &one.what {
        // A first report has one line, with what happened in it: before there was no report.
        Changed::Figure(names, None, after) if one.revision == 1 => {
            (names.of(locale).to_owned(), Cell::Text(word("brief.report.missing")), cell(*after))
        }
        Changed::Figure(names, before, after) => (names.of(locale).to_owned(), cell(*before), cell(*after)),
        Changed::Words(names) => {
            (names.of(locale).to_owned(), Cell::None, Cell::Text(word("brief.report.words_changed")))
        }
        Changed::Came(zero) => (word("brief.report"), Cell::Text(word("brief.report.missing")), act(*zero)),
        Changed::Act(zero) => (word("brief.report"), act(!zero), act(*zero)),
    };
    Correction {
        code: code(facts, one.unit),
        unit: name(facts, one.unit, locale),
        day: one.day.to_string(),
        element,
        before,
        after,
        reason: one.reason.clone(),
        at: rfc3339(one.at_ms, &facts.zone),
        revision: one.revision,
    }
}

/// Headings of the lists that were cut: a brief does not pass over what it leaves off.
fn cut_labels(facts: &Facts, locale: Locale) -> BTreeMap<String, String> {
    let lists = [
        ("section.groups", facts.groups.more, facts.groups.items.len()),
        ("section.absent", facts.absent.more, facts.absent.items.len()),
        ("section.disagreements", facts.disagreements.more, facts.disagreements.items.len()),
        ("section.corrections", facts.corrections.more, facts.corrections.items.len()),
    ];
    let cut = lists.into_iter().filter(|(_, more, _)| *more).map(|(key, _, shown)| {
        let section = labels::of_day(lang(locale), key, facts.frozen).unwrap_or_default().to_owned();
        let shown = count(shown as i64);
        (key.to_owned(), say_with(locale, "brief.cut", &[("section", section), ("n", shown)]))
    });
    cut.collect()
}
