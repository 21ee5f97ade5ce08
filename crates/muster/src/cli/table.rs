//! An answer of the API as text for a terminal: what is said of the whole, then its list as columns.

use serde_json::{Map, Value};

/// Widest cell, in characters.
const CELL_CHARS_MAX: usize = 40;

/// An answer as text.
pub(super) fn table(answer: &Value) -> String {
    let Value::Object(whole) = answer else { return format!("{answer}\n") };
    let mut out = String::new();
    for (key, value) in flat(answer).iter().filter(|(key, value)| !is_list(key, value)) {
        out += &format!("{key}: {}\n", text_of(value));
    }
    for (key, value) in whole {
        if let Value::Array(rows) = value
            && is_list(key, value)
        {
            out += &format!("\n{key}: {}\n", rows.len());
            rows_to(&mut out, rows);
        }
    }
    out
}

/// Whether it is a list of its own. A path is one line, however many units or places it leads through.
fn is_list(key: &str, value: &Value) -> bool {
    key != "path" && matches!(value, Value::Array(rows) if rows.iter().all(Value::is_object))
}

fn rows_to(out: &mut String, rows: &[Value]) {
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
            flat.iter().map(|row| width(&text(row, column))).chain([width(column)]).max().unwrap_or(0)
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
    line(columns.clone());
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
        let at = |path: Value| table(&serde_json::json!({ "path": path, "items": [] }));
        assert_eq!(at(serde_json::json!([])), "path: -\n\nitems: 0\n\n");
        assert_eq!(
            at(serde_json::json!([{ "node": "unit:R", "name": "Top" }])),
            "path: unit:R Top\n\nitems: 0\n\n"
        );
    }

    #[test]
    fn what_a_finding_says_stands_last_and_whole() {
        let message = "字".repeat(2 * CELL_CHARS_MAX);
        let told = table(&serde_json::json!({ "findings": [
            { "code": "cell.needed", "message": message, "row": 2 }, { "code": "x", "cell": "A3", "message": "y" },
        ] }));
        let lines: Vec<&str> = told.lines().skip(2).collect();
        assert!(lines[0].ends_with("message"), "{told}");
        assert!(lines[1].ends_with(&message), "{told}");
        assert!(lines[2].ends_with('y'), "{told}");
    }

    #[test]
    fn every_figure_says_what_it_is() {
        let answer =
            serde_json::json!({ "rates": { "expected": 3 }, "items": [{ "unit": { "code": "a" }, "n": 1 }] });
        assert_eq!(table(&answer), "rates.expected: 3\n\nitems: 1\nunit.code  n\na          1\n");
    }
}
