//! The sections of a brief, in their order.

use std::collections::BTreeSet;

use super::{Body, Column, Field, MARK, Part, Pen, Section, Table, chart, figure};
use crate::{Absence, Lang};

/// Every section, always all of them.
pub(super) fn all(pen: &mut Pen<'_>) -> Vec<Section> {
    let bodies = [
        ("totals", Body::Table(totals(pen))),
        ("chart", Body::Chart(chart::plot(pen))),
        ("rates", Body::Table(rates(pen))),
        ("groups", Body::Table(groups(pen))),
        ("absent", Body::Table(absent(pen))),
        ("contradictions", Body::Table(contradictions(pen))),
        ("disagreements", Body::Table(disagreements(pen))),
        ("corrections", Body::Table(corrections(pen))),
        ("narrative", narrative(pen)),
        ("lineage", lineage(pen)),
    ];
    let mut sections = Vec::new();
    for (i, (key, body)) in bodies.into_iter().enumerate() {
        let heading = pen.word(&format!("section.{key}"));
        let count = count(pen, key);
        sections.push(Section { key, heading, count, ordinal: ordinal(i, pen.doc.lang), body });
    }
    sections
}

/// How many things a section lists, where that is a fact of its own: `（12）`. A heading of the
/// house's own says it itself: its list may be a part of a longer one.
fn count(pen: &Pen<'_>, key: &str) -> String {
    let doc = pen.doc;
    if doc.labels.contains_key(&format!("section.{key}")) {
        return String::new();
    }
    let n = match key {
        "absent" => doc.absent.len(),
        "contradictions" => doc.contradictions.len(),
        "disagreements" => doc.disagreements.len(),
        "corrections" => doc.corrected_reports(),
        _ => return String::new(),
    };
    match doc.lang {
        Lang::ZhCn | Lang::ZhTw => format!("（{}）", figure::count(n as i64)),
        Lang::En => format!(" ({})", figure::count(n as i64)),
    }
}

/// The number of a section as its readers count.
fn ordinal(i: usize, lang: Lang) -> String {
    const ZH: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    match (lang, ZH.get(i)) {
        (Lang::ZhCn | Lang::ZhTw, Some(numeral)) => format!("{numeral}、"),
        _ => format!("{}. ", i + 1),
    }
}

impl Pen<'_> {
    /// A column of text with its share of the width; 0 for what it needs.
    fn column(&mut self, key: &str, weight: u8, phone: bool) -> Column {
        Column { label: self.word(key), number: false, weight, phone }
    }

    /// A column of figures with its share of the width; 0 for what it needs.
    fn figures(&mut self, key: &str, weight: u8, phone: bool) -> Column {
        Column { label: self.word(key), number: true, weight, phone }
    }

    /// A table of as many rows of a list as the paper takes.
    fn table<T>(
        &mut self,
        columns: Vec<Column>,
        items: &[T],
        row: impl Fn(&mut Self, &T) -> Vec<Field>,
    ) -> Table {
        self.table_of(self.extent.rows, columns, items, row)
    }

    /// A table of at most so many rows.
    fn table_of<T>(
        &mut self,
        most: usize,
        columns: Vec<Column>,
        items: &[T],
        row: impl Fn(&mut Self, &T) -> Vec<Field>,
    ) -> Table {
        let rows = items.iter().take(most).map(|item| row(self, item)).collect();
        let more = self.more(items.len(), most).into_iter().collect();
        Table { columns, rows, more }
    }
}

fn totals(pen: &mut Pen<'_>) -> Table {
    let columns = vec![
        pen.column("total.name", 4, true),
        pen.column("total.unit", 0, false),
        pen.figures("total.value", 0, true),
        pen.figures("total.yesterday", 0, false),
        pen.figures("total.delta", 0, true),
        pen.figures("total.said", 0, false),
        pen.figures("total.base", 0, false),
        pen.figures("total.yesterday_said", 0, false),
    ];
    let doc = pen.doc;
    let mut table = pen.table_of(pen.extent.figures, columns, &doc.totals, |pen, t| {
        let before = t.yesterday_said.zip(t.yesterday_base);
        vec![
            Field::text(pen.name(&t.name)),
            Field::text(pen.name(&t.unit)),
            Field::figure(t.value),
            Field::figure(t.yesterday).marked_if(!t.note.is_empty()),
            match t.other_units {
                true => Field::text(pen.same_units("total", t.same_units.as_ref())),
                false => Field::change(t.delta),
            },
            Field::figure(t.said.map(|n| n as f64)),
            Field::figure(t.base.map(|n| n as f64)),
            Field::text(before.map_or_else(
                || figure::NOT_SAID.to_owned(),
                |(said, base)| format!("{}/{}", figure::count(said), figure::count(base)),
            )),
        ]
    });
    let noted = doc.totals.iter().take(pen.extent.figures).filter(|t| !t.note.is_empty());
    let notes: Vec<String> = noted.map(|t| pen.name(&t.note)).collect();
    if !notes.is_empty() {
        let list = notes.join(if doc.lang == Lang::En { "; " } else { "；" });
        table.more.push(format!("{MARK} {}", pen.word("total.frozen").replace("{list}", &list)));
    }
    table
}

fn rates(pen: &mut Pen<'_>) -> Table {
    let r = &pen.doc.rates;
    let columns = vec![
        pen.column("rate.name", 3, true),
        pen.figures("rate.count", 2, true),
        pen.figures("rate.base", 2, true),
        pen.figures("rate.rate", 2, true),
    ];
    let rates = [
        ("rate.actual", r.actual, r.expected),
        ("rate.actual_on_time", r.actual_on_time, r.expected),
        ("rate.zero", r.zero, r.actual),
        ("rate.missing", r.missing, r.expected),
    ];
    let rows = rates
        .into_iter()
        .filter(|(name, ..)| !(r.afterwards && *name == "rate.actual_on_time"))
        .map(|(name, part, whole)| {
            let alert = name == "rate.missing" && part > 0;
            vec![
                Field::text(pen.word(name)),
                Field::count(part).alert_if(alert),
                Field::count(whole),
                Field::rate(part, whole),
            ]
        })
        .collect();
    Table { columns, rows, more: Vec::new() }
}

fn groups(pen: &mut Pen<'_>) -> Table {
    let doc = pen.doc;
    let mut columns = vec![
        pen.column("group.name", 4, true),
        pen.figures("group.expected", 2, true),
        pen.figures("group.actual", 2, true),
        pen.figures("group.on_time", 2, false),
        pen.figures("group.zero", 2, false),
        pen.figures("group.missing", 2, true),
    ];
    // Groups need not all have the same figures: the columns are those any of them has.
    let mut names: Vec<&str> = Vec::new();
    let mut over = BTreeSet::new();
    for value in doc.groups.iter().take(pen.extent.figures).flat_map(|g| &g.values) {
        if names.contains(&value.name.as_str()) {
            continue;
        } else if names.len() < pen.extent.values {
            names.push(&value.name);
        } else {
            over.insert(&value.name);
        }
    }
    for name in &names {
        let label = pen.name(name);
        columns.push(Column { label, number: true, weight: 2, phone: false });
    }
    let mut table = pen.table_of(pen.extent.figures, columns, &doc.groups, |pen, g| {
        let mut row = vec![
            Field::text(pen.name(&g.name)),
            Field::count(g.expected),
            Field::count(g.actual),
            Field::figure((!doc.rates.afterwards).then_some(g.on_time as f64)),
            Field::count(g.zero),
            Field::count(g.missing).alert_if(g.missing > 0),
        ];
        row.extend(
            names
                .iter()
                .map(|name| Field::figure(g.values.iter().find(|v| v.name == *name).and_then(|v| v.value))),
        );
        row
    });
    if !over.is_empty() {
        pen.lists_cut += 1;
        table.more.push(pen.word_with("list.more_figures", &[("{n}", over.len() as i64)]));
    }
    table
}

fn absent(pen: &mut Pen<'_>) -> Table {
    let columns = vec![
        pen.column("absent.unit", 3, true),
        pen.column("absent.group", 2, false),
        pen.column("absent.path", 5, false),
        pen.column("absent.status", 0, true),
        pen.column("absent.at", 0, false),
    ];
    let doc = pen.doc;
    pen.table(columns, &doc.absent, |pen, a| {
        let status = match a.status {
            Absence::Missing => pen.word("absent.missing"),
            Absence::Late => pen.word("absent.late"),
        };
        let at = a.at.as_deref().map(figure::instant_short).unwrap_or_default();
        vec![
            Field::text(pen.name(&a.unit)),
            Field::text(pen.name(&a.group)),
            Field::text(pen.name(&a.path)),
            Field::text(status).alert_if(a.status == Absence::Missing),
            Field::text(pen.short(&at)),
        ]
    })
}

fn contradictions(pen: &mut Pen<'_>) -> Table {
    let columns = vec![pen.column("contradiction.unit", 2, true), pen.column("contradiction.text", 5, false)];
    let doc = pen.doc;
    pen.table(columns, &doc.contradictions, |pen, c| {
        vec![Field::text(pen.name(&c.unit)).alert_if(true), Field::text(pen.text(&c.text))]
    })
}

fn disagreements(pen: &mut Pen<'_>) -> Table {
    let columns = vec![
        pen.column("disagreement.unit", 3, true),
        pen.column("disagreement.element", 2, false),
        pen.figures("disagreement.stated", 0, true),
        pen.figures("disagreement.parts", 0, true),
        pen.figures("disagreement.difference", 0, true),
        pen.figures("disagreement.said", 0, false),
    ];
    let doc = pen.doc;
    pen.table(columns, &doc.disagreements, |pen, d| {
        let difference = d.stated.zip(d.parts).map(|(stated, parts)| stated - parts);
        vec![
            Field::text(pen.name(&d.unit)),
            Field::text(pen.name(&d.element)),
            Field::figure(d.stated),
            Field::figure(d.parts),
            Field::change(difference),
            Field::figure(d.said.map(|n| n as f64)),
        ]
    })
}

fn corrections(pen: &mut Pen<'_>) -> Table {
    let columns = vec![
        pen.column("correction.unit", 5, true),
        pen.column("correction.kind", 0, true),
        pen.column("correction.day", 0, false),
        pen.column("correction.element", 3, false),
        pen.figures("correction.before", 2, true),
        pen.figures("correction.after", 2, true),
        pen.column("correction.reason", 6, false),
        pen.column("correction.at", 0, false),
        pen.figures("correction.revision", 0, false),
    ];
    let doc = pen.doc;
    pen.table(columns, &doc.corrections, |pen, c| {
        let side = |pen: &mut Pen<'_>, cell: &crate::Cell| {
            let number = if let crate::Cell::Number(v) = cell { Some(*v) } else { None };
            Field { number, ..Field::text(pen.name(&figure::value(cell))) }
        };
        vec![
            Field::text(pen.name(&c.unit)),
            Field::text(pen.word(c.kind())),
            Field::text(pen.short(&c.day)),
            Field::text(pen.name(&c.element)),
            side(pen, &c.before),
            side(pen, &c.after),
            Field::text(pen.text(&c.reason)),
            Field::text(pen.short(&figure::instant_short(&c.at))),
            Field::count(c.revision),
        ]
    })
}

fn narrative(pen: &mut Pen<'_>) -> Body {
    let n = &pen.doc.narrative;
    let parts = [("progress", &n.progress), ("problems", &n.problems), ("next", &n.next)];
    let parts = parts
        .into_iter()
        .map(|(key, texts)| Part { heading: pen.word(&format!("narrative.{key}")), texts: pen.texts(texts) })
        .collect();
    Body::Narrative { parts }
}

fn lineage(pen: &mut Pen<'_>) -> Body {
    let doc = pen.doc;
    let digest = match &doc.digest {
        Some(digest) => pen.code(digest),
        None => pen.word("lineage.none"),
    };
    let facts = vec![
        [pen.word("lineage.units"), figure::count(doc.lineage.units)],
        [pen.word("lineage.revisions"), figure::count(doc.lineage.revisions)],
        [pen.word("head.as_of"), pen.name(&doc.as_of)],
        [pen.word("head.made_at"), pen.name(&doc.made_at)],
        [pen.word("lineage.heads"), pen.text(&doc.lineage.heads)],
        [pen.word("lineage.digest"), digest],
    ];
    Body::Facts { facts }
}
