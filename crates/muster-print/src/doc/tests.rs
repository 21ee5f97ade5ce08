//! What is read and what is refused.

use super::*;

const LEAST: &str = r#"{"brief":1,"lang":"zh-CN","simulated":true,"office":"办公室","title":"日报",
    "day":"2020-02-03","as_of":"2020-02-03T15:00:00+08:00","made_at":"2020-02-03T15:00:05+08:00",
    "frozen":false,"rates":{"expected":1,"actual":0,"actual_on_time":0,"zero":0,"missing":1},
    "lineage":{"units":0,"revisions":0}}"#;

#[test]
fn the_least_document_is_read_and_absent_lists_are_empty() {
    let doc = BriefDoc::from_json(LEAST.as_bytes()).unwrap();
    assert_eq!(doc.lang, Lang::ZhCn);
    assert!(doc.corrections.is_empty() && doc.narrative.next.is_empty());
}

#[test]
fn another_version_is_refused_by_its_field() {
    let text = LEAST.replace("\"brief\":1", "\"brief\":2");
    let problem = BriefDoc::from_json(text.as_bytes()).unwrap_err();
    assert_eq!((problem.code, problem.field.as_deref()), ("print.input.version", Some("brief")));
}

#[test]
fn what_is_not_json_or_too_deep_or_too_long_is_refused() {
    assert_eq!(BriefDoc::from_json(b"{").unwrap_err().code, "print.input.json");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(BriefDoc::from_json(deep.as_bytes()).unwrap_err().code, "print.input.json");
    let long = vec![b' '; BYTES_MAX + 1];
    assert_eq!(BriefDoc::from_json(&long).unwrap_err().code, "print.input.size");
}

#[test]
fn a_value_keeps_whether_it_is_nothing_a_number_or_text() {
    let cells: Vec<Cell> = serde_json::from_str(r#"[null, 3.5, "3.5"]"#).unwrap();
    assert_eq!(cells, [Cell::None, Cell::Number(3.5), Cell::Text("3.5".into())]);
    assert_eq!(serde_json::to_string(&cells).unwrap(), r#"[null,3.5,"3.5"]"#);
}

#[test]
fn a_language_is_found_by_its_tag() {
    assert_eq!(Lang::from_tag("ZH-tw"), Some(Lang::ZhTw));
    assert_eq!(Lang::from_tag("fr"), None);
}

/// Corrections of several figures by one report are lines of one correction.
#[test]
fn corrections_are_counted_by_reports() {
    let mut doc = BriefDoc::from_json(LEAST.as_bytes()).unwrap();
    let line = |unit: &str, element: &str, revision| Correction {
        code: unit.into(),
        unit: unit.into(),
        day: "2020-02-02".into(),
        element: element.into(),
        before: Cell::None,
        after: Cell::Number(1.0),
        reason: String::new(),
        at: "2020-02-03T09:00:00+08:00".into(),
        revision,
    };
    doc.corrections =
        vec![line("A", "fever", 2), line("A", "staff", 2), line("A", "staff", 3), line("B", "fever", 2)];
    assert_eq!(doc.corrected_reports(), 3);
}
