//! Reports in tables: the columns a stranger needs to prepare a file, and rows to drafts.

use super::book::Book;
use super::check::{Draft, Entered, Said};
use super::model::{ActKind, Element, Form, Scope, ValueType};
use crate::secrecy;
use muster_kernel::Finding;
use muster_kernel::day::parse_instant;
use muster_sheet::{Column, ColumnKind, Fields, Header, Table, header_find};
use std::borrow::Cow;
use std::collections::HashMap;

/// One row on its way: where it stands, the draft, and when it was filed if the file says so.
pub(super) struct RowDraft {
    pub(super) row: u64,
    pub(super) draft: Draft,
    pub(super) filed_at_ms: Option<i64>,
}

/// What a file of reports turned into: a draft or findings for each row, and what is to be said of the whole.
pub(super) struct RowsRead {
    pub(super) rows: Vec<Result<RowDraft, Vec<Finding>>>,
    pub(super) notes: Vec<Finding>,
    pub(super) cells: Cells,
}

/// Where in a file what is asked of a report stands.
pub(super) struct Cells {
    header: Header,
    keys: HashMap<String, usize>,
}

impl Cells {
    /// Puts a finding of the check or of a verb at the cell of a row that it is about: a value (`values.fever`), another
    /// column, the unit or the day; else at the row.
    pub(super) fn at(&self, table: &Table, row: u64, finding: Finding) -> Finding {
        let field = finding.at.field.as_deref().map(|field| field.strip_prefix("values.").unwrap_or(field));
        let index = match (field, finding.code.as_str()) {
            (Some(field), _) => self.keys.get(field).copied(),
            (
                None,
                "unit.unknown"
                | "unit.not_open"
                | "report.not_expected"
                | "report.of_another"
                | "report.row_again"
                | "report.row_twice",
            ) => Some(UNIT),
            (None, "report.future_day" | "report.expected_no_more" | "form.ended" | "form.not_assigned") => {
                Some(DAY)
            }
            (None, "request.key_reused") => Some(CLIENT_ID),
            (None, _) => None,
        };
        match index {
            Some(index) => self.header.at(table, row, index, finding),
            None => finding.row(row),
        }
    }
}

const UNIT: usize = 0;
const DAY: usize = 1;
const ACT: usize = 2;
const SCOPE: usize = 3;
const REASON: usize = 4;
const FILED_AT: usize = 5;
const CLIENT_ID: usize = 6;
const FIXED: usize = 7;

/// The columns of a file of reports on a form: seven of any form, then one for each element it asks.
pub fn columns(book: &Book, form: &Form) -> Vec<Column> {
    let column = |key: &'static str, zh: &'static str, kind, required| Column {
        key: Cow::Borrowed(key),
        names: vec![Cow::Borrowed(zh)],
        kind,
        unit: None,
        required,
        doc: format!("column.reports.{key}").into(),
    };
    let mut columns = vec![
        column("unit", "单位代码", ColumnKind::Id, true),
        column("day", "日期", ColumnKind::Day, true),
        column("act", "类别", ColumnKind::Text, false),
        column("scope", "范围", ColumnKind::Text, false),
        column("reason", "更正原因", ColumnKind::Text, false),
        column("filed_at", "报送时间", ColumnKind::Text, false),
        column("client_id", "行号标识", ColumnKind::Id, false),
    ];
    for (element, at) in asked(book, form) {
        let doc = match form.items[at].required {
            true => "column.reports.element_required",
            false => "column.reports.element",
        };
        columns.push(Column {
            key: Cow::Owned(element.code.clone()),
            names: [&element.names.zh_hans, &element.names.zh_hant, &element.names.en]
                .into_iter()
                .filter(|name| !name.is_empty())
                .map(|name| Cow::Owned(name.clone()))
                .collect(),
            kind: if element.value_type == ValueType::Text { ColumnKind::Text } else { ColumnKind::Number },
            unit: Some(element.unit.clone()).filter(|unit| !unit.is_empty()).map(Cow::Owned),
            required: false,
            doc: Cow::Borrowed(doc),
        });
    }
    columns
}

/// Whether a row must fill a column: those without which a file is refused, and the elements that a row of values must
/// say. A file of zeros alone needs none of the latter, so that they are not asked of the file.
pub fn column_needed(column: &Column, form: &Form) -> bool {
    column.required
        || form
            .items
            .iter()
            .any(|item| item.required && item.computed.is_none() && item.element == column.key)
}

/// The elements of a form that can be entered, with their place among its items.
fn asked<'b>(book: &'b Book, form: &'b Form) -> impl Iterator<Item = (&'b Element, usize)> {
    let elements = form
        .items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| Some((book.element_by_code(&item.element)?, at)));
    elements.filter(|(element, _)| !matches!(element.value_type, ValueType::Rate { .. }))
}

/// Reads all rows of a table. `form_of` finds the version of the form on a day.
pub(super) fn rows_read(table: &Table, book: &Book, form: &Form) -> Result<RowsRead, Vec<Finding>> {
    let dictionary = columns(book, form);
    let header = header_find(table, &dictionary)?;
    if let Some(marked) = secrecy::mark_of_table(table, header.first_data_row) {
        return Err(vec![marked]);
    }
    let mut notes = table.notes.clone();
    notes.extend(header.notes.clone());
    let mut rows = Vec::new();
    for row in table.rows(header.first_data_row) {
        if let Some(why) = row.broken() {
            rows.push(Err(vec![why]));
            continue;
        }
        if row.cells().all(|cell| cell.text.trim().is_empty()) {
            continue;
        }
        let fields = header.fields(row);
        rows.push(row_read(&fields, &dictionary, &form.code));
    }
    let keys = dictionary.iter().enumerate().map(|(index, column)| (column.key.to_string(), index)).collect();
    Ok(RowsRead { rows, notes, cells: Cells { header, keys } })
}

fn row_read(fields: &Fields<'_>, dictionary: &[Column], form: &str) -> Result<RowDraft, Vec<Finding>> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut take = |read: Result<Option<Cow<'_, str>>, Box<Finding>>| match read {
        Ok(text) => text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        Err(finding) => {
            findings.push(*finding);
            None
        }
    };
    let text = |at: usize| fields.text(at).map(|text| text.map(Cow::Borrowed));
    let unit = take(fields.id(UNIT));
    let act = take(text(ACT));
    let scope = take(text(SCOPE));
    let reason = take(text(REASON));
    let filed_at = take(text(FILED_AT));
    let client_id = take(fields.id(CLIENT_ID));
    let mut values = Said::new();
    for (at, column) in dictionary.iter().enumerate().skip(FIXED) {
        if let Some(written) = take(fields.value(at).map(|text| text.map(Cow::Borrowed))) {
            values.push((column.key.as_ref().into(), Entered::Written(written)));
        }
    }
    let day = fields.day(DAY).unwrap_or_else(|finding| {
        findings.push(*finding);
        None
    });
    let act = match act.as_deref() {
        None | Some("values" | "数据" | "數據") => Some(ActKind::Values),
        Some("zero" | "零报告" | "零報告" | "零报" | "零報") => Some(ActKind::Zero),
        Some(_) => None,
    };
    let scope = match scope.as_deref() {
        None | Some("alone" | "本级" | "本級") => Some(Scope::Alone),
        Some("below" | "合计" | "合計") => Some(Scope::Below),
        Some(_) => None,
    };
    let filed_at_ms = match filed_at.as_deref().map(parse_instant) {
        Some(None) => {
            findings.push(fields.refuse(FILED_AT, "request.instant").with("field", "filed_at"));
            None
        }
        Some(at) => at,
        None => None,
    };
    for (missing, at, code) in [
        (unit.is_none(), UNIT, "cell.needed"),
        (day.is_none(), DAY, "cell.needed"),
        (act.is_none(), ACT, "report.act_word"),
        (scope.is_none(), SCOPE, "report.scope_word"),
    ] {
        let said = findings.iter().any(|finding| finding.at.field.as_deref() == Some(&*dictionary[at].key));
        if missing && !said {
            findings.push(fields.refuse(at, code));
        }
    }
    let (Some(unit), Some(day), Some(act), Some(scope), true) = (unit, day, act, scope, findings.is_empty())
    else {
        return Err(findings);
    };
    let form = form.to_owned();
    let (remarks, seen_rev) = (Vec::new(), None);
    let draft = Draft { unit, day, form, scope, act, values, reason, remarks, client_id, seen_rev };
    Ok(RowDraft { row: fields.row(), draft, filed_at_ms })
}
