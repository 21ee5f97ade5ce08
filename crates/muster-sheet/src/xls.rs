//! Workbooks of Excel 97 to 2003. Their reader trusts the sizes that a file announces, so the stream is taken out of
//! its container by another library, its records are walked once here, and only then is it read.

use crate::options::{Format, Limits, Options};
use crate::table::{Builder, Flags, MergedArea, Table};
use crate::xlsx::{data_cell, note_others};
use crate::{Refused, refused};
use calamine::{Range, Reader, SheetType, SheetVisible, Xls, XlsError};
use cfb::{CompoundFile, Version};
use muster_kernel::Finding;
use std::collections::HashSet;
use std::io::{Cursor, Read, Write};

pub(crate) fn read(bytes: &[u8], options: &Options) -> Result<Table, Refused> {
    let stream = workbook_stream(bytes, &options.limits)?;
    walk(&stream, &options.limits)?;
    let mut book: Xls<_> = Xls::new(Cursor::new(rewrap(&stream)?)).map_err(fault)?;
    let sheets = book.sheets_metadata().to_vec();
    let wanted = |sheet: &&calamine::Sheet| match &options.sheet {
        Some(wanted) => sheet.name == *wanted,
        None => sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible,
    };
    let names: Vec<String> = sheets.iter().filter(wanted).map(|sheet| sheet.name.clone()).collect();
    if let (true, Some(wanted)) = (names.is_empty(), &options.sheet) {
        return Err(Box::new(Finding::refuse("sheet.no_such_sheet").with("sheet", wanted)));
    }
    for (at, name) in names.iter().enumerate() {
        let mut table = read_sheet(&mut book, name, options)?;
        if !table.is_empty() {
            note_others(&mut table, name, &names[at + 1..]);
            return Ok(table);
        }
    }
    Err(refused("sheet.empty"))
}

fn read_sheet(book: &mut Xls<Cursor<Vec<u8>>>, name: &str, options: &Options) -> Result<Table, Refused> {
    let range = book.worksheet_range(name).map_err(fault)?;
    let formulas = formula_cells(&book.worksheet_formula(name).map_err(fault)?);
    let mut builder = Builder::new(Format::Xls, &options.limits).with_indents(options.indents);
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (index, row) in range.rows().enumerate() {
        let row_number = first_row + index as u32;
        builder.row(u64::from(row_number) + 1)?;
        for (index, data) in row.iter().enumerate() {
            let column = first_column + index as u32;
            let formula = formulas.contains(&(row_number, column));
            let flags = if formula { Flags::FORMULA } else { Flags::default() };
            data_cell(&mut builder, column, data, flags)?;
        }
    }
    let areas = book.merge_cells_by_sheet_name(name).map_err(fault)?;
    let areas: Vec<_> = areas.iter().filter_map(|area| MergedArea::new(area.start, area.end)).collect();
    builder.merge(&areas)?;
    Ok(builder.finish())
}

fn formula_cells(range: &Range<String>) -> HashSet<(u32, u32)> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    let used = range.used_cells().filter(|(_, _, formula)| !formula.is_empty());
    used.map(|(row, column, _)| (first_row + row as u32, first_column + column as u32)).collect()
}

/// The workbook's stream; the container's chains are checked by the library that opens it.
fn workbook_stream(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Refused> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| refused("sheet.damaged"))?;
    for name in ["/Workbook", "/Book"] {
        if file.is_stream(name) {
            let stream = file.open_stream(name).map_err(|_| refused("sheet.damaged"))?;
            let mut content = Vec::new();
            let read = stream.take(limits.bytes as u64 + 1).read_to_end(&mut content);
            return match read {
                Ok(size) if size <= limits.bytes => Ok(content),
                _ => Err(refused("sheet.damaged")),
            };
        }
    }
    let format = match () {
        () if file.is_stream("/EncryptedPackage") => return Err(refused("sheet.encrypted")),
        () if file.is_stream("/WordDocument") => "doc",
        () => "ole",
    };
    Err(Box::new(Finding::refuse("sheet.format_unsupported").with("format", format)))
}

/// A container of our own around the stream, so that the reader meets no hostile one.
fn rewrap(stream: &[u8]) -> Result<Vec<u8>, Refused> {
    let wrap = || -> std::io::Result<Vec<u8>> {
        let into = Cursor::new(Vec::with_capacity(stream.len() + 4096));
        // The version that workbooks have: of the other the reader finds no root where no stream is a small one.
        let mut file = CompoundFile::create_with_version(Version::V3, into)?;
        file.create_stream("/Workbook")?.write_all(stream)?;
        file.flush()?;
        Ok(file.into_inner().into_inner())
    };
    wrap().map_err(|_| refused("sheet.damaged"))
}

/// Walks the records of all sheets: the extent of each must be in proportion to its cells, because the reader lays
/// a sheet out as a full rectangle and reserves what DIMENSIONS announces.
fn walk(stream: &[u8], limits: &Limits) -> Result<(), Refused> {
    const BOF: u16 = 0x0809;
    const BOUND_SHEET: u16 = 0x0085;
    const DIMENSIONS: u16 = 0x0200;
    const MUL_RK: u16 = 0x00bd;
    const CELLS: [u16; 9] = [0x0203, 0x0204, 0x00d6, 0x0205, 0x027e, 0x00fd, MUL_RK, 0x0006, 0x0201];
    let number = |data: &[u8], at: usize, width: usize| -> Option<u64> {
        data.get(at..at + width).map(|part| part.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    };
    let mut extent = Extent::default();
    let mut area = 0_u64;
    let mut cells = 0_u64;
    let (mut begins, mut sheets) = (HashSet::new(), Vec::new());
    let mut rest = stream;
    while let [t0, t1, l0, l1, tail @ ..] = rest {
        let (kind, length) = (u16::from_le_bytes([*t0, *t1]), usize::from(u16::from_le_bytes([*l0, *l1])));
        let Some(data) = tail.get(..length) else { break };
        let begin = (stream.len() - rest.len()) as u64;
        rest = &tail[length..];
        match kind {
            BOF => {
                begins.insert(begin);
                area += std::mem::take(&mut extent).area();
            }
            BOUND_SHEET => sheets.extend(number(data, 0, 4)),
            DIMENSIONS => {
                let bounds = match length {
                    10 => [number(data, 0, 2), number(data, 2, 2), number(data, 4, 2), number(data, 6, 2)],
                    _ => [number(data, 0, 4), number(data, 4, 4), number(data, 8, 2), number(data, 10, 2)],
                };
                let [Some(first_row), Some(last_row), Some(first_column), Some(last_column)] = bounds else {
                    return Err(refused("sheet.damaged"));
                };
                let sound = first_row <= last_row
                    && last_row <= 65_536
                    && first_column <= last_column
                    && last_column <= 256;
                if !sound {
                    return Err(refused("sheet.damaged"));
                }
            }
            kind if CELLS.contains(&kind) => {
                let (Some(row), Some(column)) = (number(data, 0, 2), number(data, 2, 2)) else {
                    return Err(refused("sheet.damaged"));
                };
                // A run of numbers names its last column at its end.
                let last = if kind == MUL_RK {
                    number(data, length.saturating_sub(2), 2).unwrap_or(column)
                } else {
                    column
                };
                cells += 1 + last.saturating_sub(column);
                extent.add(row, column);
                extent.add(row, last);
            }
            _ => {}
        }
    }
    area += extent.area();
    // Each sheet begins at a place of its own; two names for one sheet would read it twice.
    if !sheets.iter().all(|begin| begins.remove(begin)) {
        return Err(refused("sheet.damaged"));
    }
    let spread_max = 2_000_000 + cells.saturating_mul(16);
    if area > spread_max || cells > (limits.rows as u64).saturating_mul(256) {
        return Err(Box::new(Finding::refuse("sheet.too_sparse").with("cells", cells).with("area", area)));
    }
    Ok(())
}

/// The rectangle that the cells of a sheet span, from the top left corner.
#[derive(Default)]
struct Extent {
    rows: u64,
    columns: u64,
}

impl Extent {
    fn add(&mut self, row: u64, column: u64) {
        self.rows = self.rows.max(row + 1);
        self.columns = self.columns.max(column + 1);
    }
    fn area(&self) -> u64 {
        self.rows * self.columns
    }
}

fn fault(error: XlsError) -> Refused {
    match error {
        XlsError::Password => refused("sheet.encrypted"),
        _ => refused("sheet.damaged"),
    }
}
