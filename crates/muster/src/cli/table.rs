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
fn called(locale: Locale, key: &str) -> Option<&'static str> {
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
        Value::Object(of) => {
            return of.iter().map(|(field, value)| (field.clone(), in_words(locale, field, value))).collect();
        }
        Value::Array(rows) => return rows.iter().map(|row| in_words(locale, field, row)).collect(),
        Value::Bool(is) => called(locale, &is.to_string()),
        Value::String(word) if field == "unit" => {
            say::catalogue(locale).get(&format!("measure.{word}")).map(String::as_str)
        }
        Value::String(word) => called(locale, &format!("{field}.{word}")),
        _ => None,
    };
    word.map_or_else(|| value.clone(), Value::from)
}

/// Widest cell, in characters.
const CELL_CHARS_MAX: usize = 40;

/// An answer as text.
pub(super) fn table(locale: Locale, answer: &Value) -> String {
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
            rows_to(locale, &mut out, rows);
        }
    }
    out
}

/// Whether it is a list of its own. A path is one line, however many units or places it leads through.
fn is_list(key: &str, value: &Value) -> bool {
    key != "path" && matches!(value, Value::Array(rows) if rows.iter().all(Value::is_object))
}

fn rows_to(locale: Locale, out: &mut String, rows: &[Value]) {
    let flat: Vec<Map<String, Value>> = rows.iter().map(flat).collect();
    let mut columns: Vec<String> = Vec::new();
    for row in &flat {
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
    let widths: Vec<usize> = columns
        .iter()
        .map(|column| {
            flat.iter()
                .map(|row| width(&text(row, column)))
                .chain([width(&heading(locale, column))])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut line = |cells: Vec<String>| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, &wide)| format!("{cell}{}", " ".repeat(wide - width(cell))));
        *out += padded.collect::<Vec<_>>().join("  ").trim_end();
        *out += "\n";
    };
    line(columns.iter().map(|column| heading(locale, column)).collect());
    for row in &flat {
        line(columns.iter().map(|column| text(row, column)).collect());
    }
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
        Value::Array(rows) => rows.iter().map(text_of).collect::<Vec<_>>().join("; "),
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

    #[test]
    fn headings_and_words_are_those_of_the_reader() {
        let answer = serde_json::json!({ "dry_run": true, "rates": { "expected": 3 },
            "findings": [{ "unit": { "code": "S1" }, "severity": "refuse" }] });
        let told = table(Locale::ZhCn, &answer);
        assert!(told.contains("试运行：是\n") && told.contains("报送率·应报：3\n"), "{told}");
        assert!(told.contains("单位·代码  程度\nS1         退回\n"), "{told}");
    }
}
