//! An answer of the API as text for a terminal: what is said of the whole, then its list as columns. In English a column
//! bears the name of its field; in Chinese what `locales/fields.json` calls it, which also holds words of some values
//! (`severity.refuse`).

use crate::say;
use muster_kernel::Locale;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static FIELDS: LazyLock<BTreeMap<String, BTreeMap<String, String>>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../locales/fields.json")).expect("words by language, by the field")
});

/// What a field, or the word of a field, is called; none in English, and where it has no name.
pub(super) fn called(locale: Locale, key: &str) -> Option<&'static str> {
    FIELDS.get(key)?.get(locale.tag()).map(String::as_str)
}

/// The heading of a field: `unit.code` is that of `unit` and that of `code`.
fn heading(locale: Locale, key: &str) -> String {
    let parts = key.split('.').map(|part| called(locale, part).unwrap_or(part));
    parts.collect::<Vec<_>>().join(if locale == Locale::En { "." } else { "·" })
}

/// An answer with the words of its fields said in a language.
fn in_words(locale: Locale, field: &str, value: &Value) -> Value {
    let word = match value {
        // Pairs of roles that do not go together.
        Value::Array(pairs) if field == "apart" => {
            return pairs.iter().map(|pair| in_words(locale, "role", pair)).collect();
        }
        Value::Object(of) => {
            // What a dated fact of a unit says is a word of that fact: `{fact: "kind", value: "site"}`.
            let fact = of.get("fact").and_then(Value::as_str);
            let named = |field: &str| match fact.filter(|_| field == "value") {
                Some(fact) => fact.to_owned(),
                None => field.to_owned(),
            };
            return of
                .iter()
                .map(|(field, value)| (field.clone(), in_words(locale, &named(field), value)))
                .collect();
        }
        Value::Array(rows) => {
            let each = if field == "kinds" { "kind" } else { field };
            return rows.iter().map(|row| in_words(locale, each, row)).collect();
        }
        Value::Bool(is) => called(locale, &is.to_string()),
        Value::String(word) if field == "unit" => {
            say::catalogue(locale).get(&format!("measure.{word}")).map(String::as_str)
        }
        Value::String(word) => called(locale, &format!("{field}.{word}")),
        _ => None,
    };
    word.map_or_else(|| value.clone(), Value::from)
}

/// An answer in which each cell of a file is one text, as it is read at a glance: its column, what it holds, and only what is
/// odd about it: `B 　办公室`, `C 无 (merged)`.
fn with_cells(locale: Locale, answer: &Value) -> Value {
    let is_cell = |of: &Map<String, Value>| {
        of.len() == 4 && ["column", "text", "indent", "merged"].iter().all(|key| of.contains_key(*key))
    };
    match answer {
        Value::Object(of) if is_cell(of) => {
            let indent = of["indent"].as_u64().unwrap_or(0).min(CELL_CHARS_MAX as u64) as usize;
            let mut text =
                format!("{} {}{}", text_of(&of["column"]), " ".repeat(indent), text_of(&of["text"]));
            if of["merged"] == true {
                let merged = called(locale, "merged").unwrap_or("merged");
                text +=
                    &if locale == Locale::En { format!(" ({merged})") } else { format!("（{merged}）") };
            }
            Value::String(text)
        }
        Value::Object(of) => of.iter().map(|(key, value)| (key.clone(), with_cells(locale, value))).collect(),
        Value::Array(all) => all.iter().map(|one| with_cells(locale, one)).collect(),
        other => other.clone(),
    }
}

/// Widest cell, in characters.
const CELL_CHARS_MAX: usize = 40;

/// An answer as text.
pub(super) fn table(locale: Locale, answer: &Value) -> String {
    let answer = &with_cells(locale, answer);
    let answer = match locale {
        Locale::En => answer,
        _ => &in_words(locale, "", answer),
    };
    let Value::Object(whole) = answer else { return format!("{answer}\n") };
    let colon = if locale == Locale::En { ": " } else { "：" };
    let mut out = String::new();
    for (key, value) in flat(answer).iter().filter(|(key, value)| !is_list(key, value)) {
        out += &format!("{}{colon}{}\n", heading(locale, key), text_of(value));
    }
    for (key, value) in whole {
        if let Value::Array(rows) = value
            && is_list(key, value)
        {
            out += &format!("\n{}{colon}{}\n", heading(locale, key), rows.len());
            let each: Vec<Map<String, Value>> = rows.iter().map(flat).collect();
            if each.iter().any(|row| row.get(ELEMENTS).is_some_and(is_figures)) {
                let others = each.iter().cloned().map(|mut row| {
                    row.remove(ELEMENTS);
                    row
                });
                rows_to(locale, &mut out, &others.collect::<Vec<_>>());
                out += &format!("\n{}{}\n", heading(locale, ELEMENTS), colon.trim_end());
                figures_to(locale, &mut out, &each);
            } else {
                rows_to(locale, &mut out, &each);
            }
        }
    }
    out
}

/// Whether it is a list of its own. A path is one line, however many units or places it leads through.
fn is_list(key: &str, value: &Value) -> bool {
    key != "path" && matches!(value, Value::Array(rows) if rows.iter().all(Value::is_object))
}

/// The field that holds the figures of a row, element by element.
const ELEMENTS: &str = "elements";

/// Whether it is a list of elements with their figures.
fn is_figures(value: &Value) -> bool {
    let is_figure = |one: &Value| ["element", "name", "value"].iter().all(|key| one.get(key).is_some());
    matches!(value, Value::Array(all) if !all.is_empty() && all.iter().all(is_figure))
}

/// The figures of rows as a table of their own: a column an element, under its name and unit. Behind a figure that not all
/// of those asked said stands how many did: `12 (6/8)`.
fn figures_to(locale: Locale, out: &mut String, rows: &[Map<String, Value>]) {
    let of =
        |row: &Map<String, Value>| row.get(ELEMENTS).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut elements: Vec<Value> = Vec::new();
    for figure in rows.iter().flat_map(of) {
        if !elements.iter().any(|known| known["element"] == figure["element"]) {
            elements.push(figure);
        }
    }
    let named: Vec<&String> =
        rows.first().into_iter().flat_map(Map::keys).filter(|key| key.starts_with("node.")).collect();
    let title = |figure: &Value| match figure["unit"].as_str() {
        None | Some("") => text_of(&figure["name"]),
        Some(unit) if locale == Locale::En => format!("{} ({unit})", text_of(&figure["name"])),
        Some(unit) => format!("{}（{unit}）", text_of(&figure["name"])),
    };
    let mut lines: Vec<Vec<String>> =
        vec![named.iter().map(|key| heading(locale, key)).chain(elements.iter().map(title)).collect()];
    for row in rows {
        let figures = of(row);
        let figure = |element: &Value| {
            let found = figures.iter().find(|figure| figure["element"] == element["element"]);
            let Some(found) = found else { return String::new() };
            match (&found["said"], &found["base"]) {
                (said, base) if said == base || found["value"].is_null() => text_of(&found["value"]),
                (said, base) => format!("{} ({said}/{base})", text_of(&found["value"])),
            }
        };
        let names = named.iter().map(|key| row.get(*key).map(cell).unwrap_or_default());
        lines.push(names.chain(elements.iter().map(figure)).collect());
    }
    lines_to(out, &lines);
}

/// Lines of cells, each column as wide as its widest.
fn lines_to(out: &mut String, lines: &[Vec<String>]) {
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|at| lines.iter().map(|line| width(&line[at])).max().unwrap_or(0)).collect();
    for line in lines {
        let padded =
            line.iter().zip(&widths).map(|(cell, &wide)| format!("{cell}{}", " ".repeat(wide - width(cell))));
        *out += padded.collect::<Vec<_>>().join("  ").trim_end();
        *out += "\n";
    }
}

fn rows_to(locale: Locale, out: &mut String, flat: &[Map<String, Value>]) {
    let mut columns: Vec<String> = Vec::new();
    for row in flat {
        for key in row.keys().filter(|key| !columns.contains(key)).cloned().collect::<Vec<_>>() {
            columns.push(key);
        }
    }
    // What a finding says, advice included, is read to its end: it stands last.
    if let Some(at) = columns.iter().position(|column| column == "message") {
        let message = columns.remove(at);
        columns.push(message);
    }
    // Nothing stands behind the last column, so it may be as long as it is.
    let last = columns.last().cloned().unwrap_or_default();
    let text = |row: &Map<String, Value>, column: &String| {
        row.get(column).map(if *column == last { text_of } else { cell }).unwrap_or_default()
    };
    let mut lines: Vec<Vec<String>> = vec![columns.iter().map(|column| heading(locale, column)).collect()];
    lines.extend(flat.iter().map(|row| columns.iter().map(|column| text(row, column)).collect()));
    lines_to(out, &lines);
}

/// One level of objects becomes columns of their own: `unit.code`, `rates.expected`.
fn flat(row: &Value) -> Map<String, Value> {
    let mut out = Map::new();
    for (key, value) in row.as_object().into_iter().flatten() {
        match value {
            Value::Object(inner) => {
                for (below, value) in inner {
                    out.insert(format!("{key}.{below}"), value.clone());
                }
            }
            other => drop(out.insert(key.clone(), other.clone())),
        }
    }
    out
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.replace(['\n', '\r', '\t'], " "),
        Value::Array(rows) if rows.is_empty() => "-".to_owned(),
        Value::Array(rows) => rows.iter().map(item).collect::<Vec<_>>().join("; "),
        Value::Object(inner) => {
            let change = ["before", "after"].map(|key| inner.get(key).map(text_of));
            let changes = matches!(change, [Some(_), Some(_)]);
            let others =
                inner.iter().filter(|(key, _)| !changes || !["before", "after"].contains(&key.as_str()));
            let mut said: Vec<String> = others.map(|(_, value)| text_of(value)).collect();
            if let [Some(before), Some(after)] = change {
                said.push(format!("{before} → {after}"));
            }
            said.join(" ")
        }
        other => other.to_string(),
    }
}

/// What stands in a list: a list of its own, such as a pair, keeps together.
fn item(value: &Value) -> String {
    match value {
        Value::Array(pair) if !pair.is_empty() => pair.iter().map(text_of).collect::<Vec<_>>().join(" × "),
        other => text_of(other),
    }
}

fn cell(value: &Value) -> String {
    let text = text_of(value);
    match text.char_indices().nth(CELL_CHARS_MAX) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

/// Columns of a terminal: a Chinese character takes two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c as u32 >= 0x1100 { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns_and_long_cells_are_cut() {
        assert_eq!(width("安徽ab"), 6);
        assert_eq!(cell(&Value::String("字".repeat(50))).chars().count(), CELL_CHARS_MAX + 1);
        assert_eq!(cell(&Value::Null), "-");
    }

    #[test]
    fn a_list_in_a_cell_is_what_it_holds() {
        let path =
            serde_json::json!([{ "code": "HQ", "name": "省国资委" }, { "code": "G1", "name": "第一集团" }]);
        assert_eq!(cell(&path), "HQ 省国资委; G1 第一集团");
        assert_eq!(cell(&serde_json::json!(["key", "mine"])), "key; mine");
        let change = serde_json::json!([{ "element": "fever", "before": 0, "after": 4 }, { "element": "staff", "before": null, "after": 7 }]);
        assert_eq!(cell(&change), "fever 0 → 4; staff - → 7");
        assert_eq!(cell(&serde_json::json!([])), "-");
    }

    #[test]
    fn pairs_keep_together_and_cells_say_what_they_hold() {
        let answer =
            serde_json::json!({ "apart": [["system_admin", "security_admin"], ["filler", "checker"]] });
        assert_eq!(table(Locale::En, &answer), "apart: system_admin × security_admin; filler × checker\n");
        assert_eq!(table(Locale::ZhCn, &answer), "不能兼任：系统管理员 × 安全管理员; 填报员 × 审核人\n");
        let cell = |column: &str, text: &str, indent: u16, merged: bool| serde_json::json!({ "column": column, "text": text, "indent": indent, "merged": merged });
        let cells = [cell("A", "一集团", 0, false), cell("B", "办公室", 2, false), cell("C", "无", 0, true)];
        let answer = serde_json::json!({ "shown": [{ "row": 2, "cells": cells }] });
        let last = |locale: Locale| table(locale, &answer).lines().last().unwrap_or_default().to_owned();
        assert!(last(Locale::En).ends_with("A 一集团; B   办公室; C 无 (merged)"), "{}", last(Locale::En));
        assert!(last(Locale::ZhCn).ends_with("A 一集团; B   办公室; C 无（合并）"), "{}", last(Locale::ZhCn));
    }

    #[test]
    fn a_path_is_a_line_and_at_the_top_an_empty_one() {
        let at = |path: Value| table(Locale::En, &serde_json::json!({ "path": path, "items": [] }));
        assert_eq!(at(serde_json::json!([])), "path: -\n\nitems: 0\n\n");
        assert_eq!(
            at(serde_json::json!([{ "node": "unit:R", "name": "Top" }])),
            "path: unit:R Top\n\nitems: 0\n\n"
        );
    }

    #[test]
    fn what_a_finding_says_stands_last_and_whole() {
        let message = "字".repeat(2 * CELL_CHARS_MAX);
        let told = table(
            Locale::En,
            &serde_json::json!({ "findings": [
            { "code": "cell.needed", "message": message, "row": 2 }, { "code": "x", "cell": "A3", "message": "y" },
        ] }),
        );
        let lines: Vec<&str> = told.lines().skip(2).collect();
        assert!(lines[0].ends_with("message"), "{told}");
        assert!(lines[1].ends_with(&message), "{told}");
        assert!(lines[2].ends_with('y'), "{told}");
    }

    #[test]
    fn every_figure_says_what_it_is() {
        let answer =
            serde_json::json!({ "rates": { "expected": 3 }, "items": [{ "unit": { "code": "a" }, "n": 1 }] });
        assert_eq!(table(Locale::En, &answer), "rates.expected: 3\n\nitems: 1\nunit.code  n\na          1\n");
    }

    /// Answers of doors that `muster query` asks, and of those that change something, are tables to a reader.
    #[test]
    fn every_field_of_an_answer_has_a_name_in_every_language() {
        fn walk<'v>(all: &'v Value, schema: &'v Value, seen: &mut Vec<&'v str>, fields: &mut Vec<&'v str>) {
            match schema {
                Value::Array(schemas) => schemas.iter().for_each(|one| walk(all, one, seen, fields)),
                Value::Object(of) => {
                    let name =
                        of.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
                    if let Some(name) = name.filter(|name| !seen.contains(name)) {
                        seen.push(name);
                        walk(all, &all["components"]["schemas"][name], seen, fields);
                    }
                    for (field, below) in
                        of.get("properties").and_then(Value::as_object).into_iter().flatten()
                    {
                        fields.push(field);
                        walk(all, below, seen, fields);
                    }
                    for key in ["items", "allOf", "oneOf", "anyOf"] {
                        walk(all, &schema[key], seen, fields);
                    }
                }
                _ => {}
            }
        }
        let all: Value = serde_json::from_str(&crate::serve::openapi()).unwrap();
        let (mut seen, mut fields) = (Vec::new(), Vec::new());
        let others = [
            "/about",
            "/briefs",
            "/demo",
            "/desk",
            "/notices",
            "/requests",
            "/session",
            "/play",
            "/begin",
            "/events",
        ];
        for (path, verbs) in all["paths"].as_object().unwrap() {
            if others.iter().any(|other| path.trim_start_matches("/api/v1").starts_with(other)) {
                continue;
            }
            for verb in verbs.as_object().unwrap().values() {
                let answers = verb["responses"].as_object().into_iter().flatten();
                for (_, answer) in answers.filter(|(status, _)| status.starts_with('2')) {
                    walk(&all, &answer["content"]["application/json"]["schema"], &mut seen, &mut fields);
                }
            }
        }
        assert!(fields.len() > 100, "{fields:?}");
        for locale in [Locale::ZhCn, Locale::ZhTw] {
            fields.retain(|field| called(locale, field).is_none());
            assert!(fields.is_empty(), "locales/fields.json lacks {fields:?}");
            assert!(FIELDS.values().all(|words| words.contains_key(locale.tag())));
        }
    }

    /// Each figure stands under the name of its element, whole; how many said it where not all did.
    #[test]
    fn figures_of_rows_are_a_table_of_their_own() {
        let figure = |element: &str, value: Value, said: i64| {
            serde_json::json!({ "element": element, "name": element.to_uppercase(), "unit": "person", "value": value,
                "said": said, "base": 8 })
        };
        let answer = serde_json::json!({ "items": [
            { "node": { "code": "G1", "name": "One" }, "zero": 1, "elements": [figure("fever", 3.into(), 8), figure("staff", 120.into(), 6)] },
            { "node": { "code": "G2", "name": "Two" }, "zero": 0, "elements": [figure("fever", Value::Null, 0)] },
        ] });
        assert_eq!(
            table(Locale::En, &answer),
            "\nitems: 2\nnode.code  node.name  zero\nG1         One        1\nG2         Two        0\n\nelements:\n\
             node.code  node.name  FEVER (person)  STAFF (person)\n\
             G1         One        3               120 (6/8)\n\
             G2         Two        -\n"
        );
    }

    /// A word that the API has a list of is never shown to a Chinese reader as a code.
    #[test]
    fn words_of_the_api_are_words_in_chinese() {
        let all: Value = serde_json::from_str(&crate::serve::openapi()).unwrap();
        let words = |schema: &str| -> Vec<String> {
            let listed = all["components"]["schemas"][schema]["enum"].as_array().unwrap().iter();
            listed.map(|word| word.as_str().unwrap().to_owned()).collect()
        };
        let said = |field: &str, list: &str| -> (String, Vec<String>) {
            (field.to_owned(), list.split(' ').map(str::to_owned).collect())
        };
        let fields = [
            ("act".to_owned(), words("ActKind")),
            ("class".to_owned(), words("Class")),
            ("counting".to_owned(), words("Counting")),
            ("over_time".to_owned(), words("OverTime")),
            ("over_units".to_owned(), words("OverUnits")),
            ("scope".to_owned(), words("Scope")),
            said("status", "not_asked expected overdue missing values zero late"),
            said("kind", "unit place class group site integer decimal choice text rate"),
            said("fact", "opened closed parent name kind place classes time_zone merge split"),
            said(
                "action",
                "unit.create unit.change unit.move unit.close unit.merge unit.split units.import report.file",
            ),
        ];
        for (field, words) in fields {
            for word in words {
                for locale in [Locale::ZhCn, Locale::ZhTw] {
                    assert!(called(locale, &format!("{field}.{word}")).is_some(), "{field}.{word}");
                }
            }
        }
        let facts =
            serde_json::json!({ "facts": [{ "fact": "kind", "value": "site" }], "kinds": ["site", "firm"] });
        let told = table(Locale::ZhCn, &facts);
        assert!(told.contains("项目") && told.contains("企业") && !told.contains("site"), "{told}");
    }

    #[test]
    fn headings_and_words_are_those_of_the_reader() {
        let answer = serde_json::json!({ "dry_run": true, "rates": { "expected": 3 },
            "findings": [{ "unit": { "code": "S1" }, "severity": "refuse" }] });
        let told = table(Locale::ZhCn, &answer);
        assert!(told.contains("试运行：是\n") && told.contains("报送率·应报：3\n"), "{told}");
        assert!(told.contains("单位·代码  程度\nS1         退回\n"), "{told}");
    }
}
