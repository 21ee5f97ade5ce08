//! Office Open XML workbooks, read cell by cell: a sheet that claims a far corner costs nothing.

use crate::options::{Format, Options};
use crate::table::{Builder, Flags, Kind, MergedArea, Table};
use crate::value::number_text;
use crate::{Refused, guard, refused};
use calamine::{
    CellErrorType, Data, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError,
};
use muster_kernel::Finding;
use std::collections::HashMap;
use std::io::Cursor;

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

pub(crate) fn read(bytes: &[u8], options: &Options) -> Result<Table, Refused> {
    let contents = guard::inspect(bytes, &options.limits)?;
    let has = |name: &str| contents.names.iter().any(|entry| entry == name);
    if !has("[Content_Types].xml") || has("word/document.xml") || has("xl/workbook.bin") {
        let format = match () {
            () if has("word/document.xml") => "docx",
            () if has("xl/workbook.bin") => "xlsb",
            () if has("content.xml") => "ods",
            () => "zip",
        };
        return Err(Box::new(Finding::refuse("sheet.format_unsupported").with("format", format)));
    }
    let mut book: Book = Xlsx::new(Cursor::new(bytes)).map_err(fault)?;
    let sheets = book.sheets_metadata().iter();
    let visible = |sheet: &&calamine::Sheet| {
        sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible
    };
    let names: Vec<String> = match &options.sheet {
        Some(wanted) => sheets.map(|sheet| sheet.name.clone()).filter(|name| name == wanted).collect(),
        None => sheets.filter(visible).map(|sheet| sheet.name.clone()).collect(),
    };
    if let (true, Some(wanted)) = (names.is_empty(), &options.sheet) {
        return Err(Box::new(Finding::refuse("sheet.no_such_sheet").with("sheet", wanted)));
    }
    for (at, name) in names.iter().enumerate() {
        let mut table = read_sheet(&mut book, name, contents.merges, options)?;
        if !table.is_empty() {
            note_others(&mut table, name, &names[at + 1..]);
            return Ok(table);
        }
    }
    Err(refused("sheet.empty"))
}

/// Says which sheet was read where there are others that a person can see.
pub(crate) fn note_others(table: &mut Table, name: &str, others: &[String]) {
    table.sheet = Some(name.to_owned());
    if !others.is_empty() {
        let note = Finding::note("sheet.other_sheets").with("sheet", name).with("others", others.join(", "));
        table.notes.push(note);
    }
}

fn read_sheet(book: &mut Book<'_>, name: &str, merges: bool, options: &Options) -> Result<Table, Refused> {
    let mut builder = Builder::new(Format::Xlsx, &options.limits).with_indents(options.indents);
    let mut cells = book.worksheet_cells_reader(name).map_err(fault)?;
    let mut current = None;
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(fault)? {
        let (row, column) = record.pos;
        if matches!(record.value, DataRef::Empty) {
            if record.formula.is_some() {
                builder.formula_empty(row, column);
            }
            continue;
        }
        if current != Some(row) {
            builder.row(u64::from(row) + 1)?;
            current = Some(row);
        }
        let formula = if record.formula.is_some() { Flags::FORMULA } else { Flags::default() };
        if let DataRef::SharedString(text) = record.value {
            builder.cell(column, text, Kind::Text, formula)?;
        } else {
            data_cell(&mut builder, column, &record.value.into(), formula)?;
        }
    }
    drop(cells);
    if options.indents {
        builder.indented(&indents(book, name, options)?);
    }
    if merges {
        let areas = book.merge_cells_by_sheet_name(name).map_err(fault)?;
        let areas: Vec<_> = areas.iter().filter_map(|area| MergedArea::new(area.start, area.end)).collect();
        builder.merge(&areas)?;
    }
    Ok(builder.finish())
}

/// Steps of the indents that cells have by their style, by row and column from 0.
fn indents(book: &mut Book<'_>, name: &str, options: &Options) -> Result<HashMap<(u32, u16), u8>, Refused> {
    let mut cells = book.worksheet_cells_reader(name).map_err(fault)?;
    let steps: Vec<u8> = cells
        .styles()
        .iter()
        .map(|style| style.alignment.as_ref().and_then(|a| a.indent).unwrap_or(0))
        .collect();
    let mut found = HashMap::new();
    if steps.iter().all(|steps| *steps == 0) {
        return Ok(found);
    }
    let mut seen = 0;
    while let Some((row, column, style)) = cells.next_style_id().map_err(fault)? {
        seen += 1;
        if seen > options.limits.cells {
            let limit = options.limits.cells;
            return Err(Box::new(Finding::refuse("sheet.too_many_cells").with("limit", limit)));
        }
        let steps = steps.get(style).copied().unwrap_or(0);
        if let (1.., Ok(column)) = (steps, u16::try_from(column)) {
            found.insert((row, column), steps);
        }
    }
    Ok(found)
}

/// Adds a workbook's value as a cell.
pub(crate) fn data_cell(b: &mut Builder<'_>, column: u32, data: &Data, flags: Flags) -> Result<(), Refused> {
    match data {
        Data::Empty => Ok(()),
        Data::String(text) => b.cell(column, text, Kind::Text, flags),
        Data::Int(number) => b.cell(column, &number.to_string(), Kind::Number, flags),
        Data::Float(number) => {
            let (text, lost) = number_text(*number);
            let flags = if lost { flags.with(Flags::DIGITS_LOST) } else { flags };
            b.cell(column, &text, Kind::Number, flags)
        }
        Data::Bool(value) => b.cell(column, if *value { "true" } else { "false" }, Kind::Bool, flags),
        Data::DateTime(at) => b.cell(column, &date_text(at), Kind::Date, flags),
        Data::DateTimeIso(text) | Data::DurationIso(text) => b.cell(column, text, Kind::Date, flags),
        Data::Error(error) => b.cell(column, error_text(error), Kind::Error, flags),
    }
}

/// A date without its midnight; a duration as hours, minutes and seconds.
fn date_text(at: &ExcelDateTime) -> String {
    if at.is_duration() {
        let seconds = (at.as_f64() * 86_400.0).round() as i64;
        return format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
    }
}

fn error_text(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#DATA!",
    }
}

fn fault(error: XlsxError) -> Refused {
    match error {
        XlsxError::Password => refused("sheet.encrypted"),
        _ => refused("sheet.damaged"),
    }
}
