//! A workbook: a sheet a section, figures as numbers, everything locked but the narrative.
//!
//! Text is always written as text: nothing of the document becomes a formula, a link or a format.

use std::collections::{HashMap, HashSet};

use rust_xlsxwriter::{
    Chart, ChartEmptyCells, ChartType, Color, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::Printed;
use crate::paper::{Body, Extent, Field, MARK, Moment, Paper, Part, Plot, Style, Table};
use crate::{BriefDoc, Lang, PrintProblem};

/// The workbook is where what no paper takes still stands: as much as a sheet can hold.
const EXTENT: Extent =
    Extent { rows: 1_000_000, figures: 1_000_000, values: 256, text: 32_000, name: 1_000, all: usize::MAX };

const RED: u32 = 0x00C0_0D0E;
const GREY: u32 = 0x006A_6A6A;

/// Rows that are free to write in, below what a part of the narrative has.
const FREE_ROWS: u32 = 8;

/// Prints the workbook.
///
/// # Errors
/// See [`super::print`].
pub(super) fn print(doc: &BriefDoc) -> Result<Printed, PrintProblem> {
    let (paper, findings) = Paper::new(doc, EXTENT, None)?;
    let bytes = Book::new(doc, &paper)
        .and_then(Book::bytes)
        .map_err(|e| PrintProblem::new("print.engine.xlsx", e.to_string()))?;
    Ok(Printed { bytes, findings })
}

struct Book<'a> {
    workbook: Workbook,
    paper: &'a Paper,
    font: &'static str,
    names: HashSet<String>,
}

impl<'a> Book<'a> {
    fn new(doc: &BriefDoc, paper: &'a Paper) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        let mut properties = DocProperties::new().set_title(&paper.title).set_author(&paper.office);
        if let Some(made_at) = Moment::parse(&doc.made_at) {
            let (d, t) = (made_at.date, made_at.time);
            let date = ExcelDateTime::from_ymd(
                d.year().unsigned_abs(),
                d.month().unsigned_abs(),
                d.day().unsigned_abs(),
            )?;
            let time = date.and_hms(
                t.hour().unsigned_abs().into(),
                t.minute().unsigned_abs(),
                f64::from(t.second()),
            )?;
            properties = properties.set_creation_datetime(&time);
        }
        workbook.set_properties(&properties);
        let font = match doc.lang {
            Lang::ZhCn => "Microsoft YaHei",
            Lang::ZhTw => "Microsoft JhengHei",
            Lang::En => "Calibri",
        };
        Ok(Self { workbook, paper, font, names: HashSet::new() })
    }

    fn bytes(mut self) -> Result<Vec<u8>, XlsxError> {
        self.summary()?;
        for section in &self.paper.sections {
            let mut sheet = self.sheet(&section.heading)?;
            let heading = format!("{}{}", section.heading, section.count);
            sheet.write_string_with_format(0, 0, heading, &self.bold().set_font_size(14))?;
            match &section.body {
                Body::Table(table) => self.table(&mut sheet, table)?,
                Body::Chart(plot) => self.chart(&mut sheet, plot)?,
                Body::Narrative { parts } => self.narrative(&mut sheet, parts)?,
                Body::Facts { facts } => self.facts(&mut sheet, facts)?,
            }
            self.workbook.push_worksheet(sheet);
        }
        self.workbook.save_to_buffer()
    }

    fn plain(&self) -> Format {
        Format::new().set_font_name(self.font).set_font_size(10)
    }

    fn bold(&self) -> Format {
        self.plain().set_bold()
    }

    /// A new locked sheet; the name is made one a workbook may have.
    fn sheet(&mut self, name: &str) -> Result<Worksheet, XlsxError> {
        let all: Vec<char> = name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).collect();
        let allowed: String = all.iter().take(28).collect();
        // A name that is too long ends with a whole word, where it has words.
        let allowed = match allowed.rsplit_once(' ') {
            Some((words, _)) if all.len() > 28 => words.to_owned(),
            _ => allowed,
        };
        let base = if allowed.trim().is_empty() { "-".to_owned() } else { allowed.trim().to_owned() };
        let mut unique = base.clone();
        let mut n = 2;
        while !self.names.insert(unique.to_lowercase()) {
            unique = format!("{base} {n}");
            n += 1;
        }
        let mut sheet = Worksheet::new();
        sheet.set_name(unique)?;
        sheet.protect();
        sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_print_gridlines(false);
        // `&` starts a code in heads and feet; both may have 255 characters.
        let plain = |text: &str, max: usize| text.chars().take(max).collect::<String>().replace('&', "&&");
        let simulated = plain(self.paper.simulated.as_deref().unwrap_or_default(), 60);
        sheet.set_header(format!(
            "&L{}&C{simulated}&R{}",
            plain(&self.paper.title, 50),
            plain(&self.paper.day, 30)
        ));
        sheet.set_footer(format!("&L&7{}&R&8&P / &N", plain(&self.paper.foot.join("  "), 110)));
        // Said on the sheet too, not only on its print.
        if let Some(simulated) = &self.paper.simulated {
            sheet.write_string_with_format(1, 0, simulated, &self.bold().set_font_color(Color::RGB(RED)))?;
        }
        Ok(sheet)
    }

    /// The first sheet: what a leader reads first.
    fn summary(&mut self) -> Result<(), XlsxError> {
        let paper = self.paper;
        let mut sheet = self.sheet(&paper.title)?;
        let (plain, bold) = (self.plain(), self.bold());
        let office = bold.clone().set_font_size(20).set_font_color(Color::RGB(RED));
        sheet.write_string_with_format(0, 0, &paper.office, &office)?;
        sheet.set_row_height(0, 30)?;
        sheet.write_string_with_format(2, 0, &paper.title, &bold.clone().set_font_size(14))?;
        for (i, text) in [&paper.number, &paper.day, &paper.as_of, &paper.state].into_iter().enumerate() {
            sheet.write_string_with_format(3 + i as u32, 0, text, &plain)?;
        }
        let mut row = 8;
        let wrapped = plain.clone().set_text_wrap().set_align(FormatAlign::Top);
        let sentences =
            if paper.sentences.is_empty() { std::slice::from_ref(&paper.none) } else { &paper.sentences };
        for sentence in sentences {
            sheet.merge_range(row, 0, row, 4, sentence, &wrapped)?;
            sheet.set_row_height(row, 16.0 * (1 + width(sentence) / 100) as f64)?;
            row += 1;
        }
        row += 1;
        for n in &paper.numbers {
            let middle = FormatAlign::VerticalCenter;
            let figure = bold.clone().set_font_size(16).set_align(FormatAlign::Right).set_align(middle);
            sheet.set_row_height(row, 26)?;
            sheet.write_string_with_format(row, 0, &n.name, &bold.clone().set_align(middle))?;
            match n.number {
                Some(v) => sheet.write_number_with_format(
                    row,
                    1,
                    v,
                    &figure.set_num_format(pattern(v, Style::Plain)),
                )?,
                None => sheet.write_string_with_format(row, 1, &n.value, &figure)?,
            };
            for (column, text) in [(2, &n.unit), (3, &n.change), (4, &n.base)] {
                sheet.write_string_with_format(row, column, text, &plain.clone().set_align(middle))?;
            }
            row += 1;
        }
        for (column, width) in [(0, 24), (1, 16), (2, 8), (3, 24), (4, 34)] {
            sheet.set_column_width(column, width)?;
        }
        self.workbook.push_worksheet(sheet);
        Ok(())
    }

    fn none(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.write_string_with_format(3, 0, &self.paper.none, &self.plain())?;
        Ok(())
    }

    /// Column heads in row 4, then the rows; all of it stands still on the screen and is repeated
    /// on paper.
    fn table(&self, sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
        let head = self.head();
        let mut widths: Vec<usize> = Vec::new();
        for (i, column) in table.columns.iter().enumerate() {
            let head = if column.number {
                head.clone().set_align(FormatAlign::Right)
            } else {
                head.clone().set_indent(1)
            };
            sheet.write_string_with_format(2, i as u16, &column.label, &head)?;
            widths.push(width(&column.label) + 3);
        }
        if table.rows.is_empty() {
            self.none(sheet)?;
        }
        let mut formats: HashMap<(Style, bool, bool, bool, bool), Format> = HashMap::new();
        for (r, row) in table.rows.iter().enumerate() {
            for (c, field) in row.iter().enumerate() {
                let whole = field.number.is_none_or(|v| v.fract() == 0.0);
                let column = &table.columns[c];
                let format = formats
                    .entry((field.style, whole, field.marked, field.alert, column.number))
                    .or_insert_with(|| self.field_format(field, column.number));
                write(sheet, 3 + r as u32, c as u16, field, format)?;
                widths[c] = widths[c].max(width(&field.text) + 3);
            }
        }
        for (i, width) in widths.iter().enumerate() {
            sheet.set_column_width(i as u16, (*width + 1).clamp(9, 60) as f64)?;
        }
        let below = 4 + table.rows.len() as u32;
        for (i, more) in table.more.iter().enumerate() {
            sheet.write_string_with_format(below + i as u32, 0, more, &self.plain())?;
        }
        if table.columns.len() > 7 {
            sheet.set_landscape();
        }
        sheet.set_freeze_panes(3, 1)?;
        sheet.set_repeat_rows(2, 2)?;
        Ok(())
    }

    fn head(&self) -> Format {
        let line = FormatBorder::Thin;
        self.bold()
            .set_border_top(line)
            .set_border_bottom(line)
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter)
    }

    fn field_format(&self, field: &Field, number: bool) -> Format {
        let mut format = self.plain().set_align(FormatAlign::VerticalCenter);
        if let Some(v) = field.number {
            let mark = if field.marked { format!("\"{MARK}\"") } else { String::new() };
            format = format.set_num_format(format!("{}{mark}", pattern(v, field.style)));
        } else if !number {
            format = format.set_text_wrap();
        }
        // A text beside a figure keeps its distance.
        format = if number { format.set_align(FormatAlign::Right) } else { format.set_indent(1) };
        if field.alert {
            format = format.set_bold().set_font_color(Color::RGB(RED));
        }
        format
    }

    /// The figures of the last days, and a line chart of each series to their right.
    fn chart(&self, sheet: &mut Worksheet, plot: &Plot) -> Result<(), XlsxError> {
        if plot.panels.is_empty() {
            return self.none(sheet);
        }
        let (plain, head) = (self.plain(), self.head());
        let figure = plain.clone().set_num_format("#,##0.####").set_align(FormatAlign::Right);
        sheet.write_string_with_format(2, 0, &plot.title, &head)?;
        sheet.set_column_width(0, 24)?;
        for (r, day) in plot.days.iter().enumerate() {
            sheet.write_string_with_format(3 + r as u32, 0, day, &plain)?;
        }
        let last = 2 + plot.days.len() as u32;
        let name = sheet.name();
        for (c, panel) in plot.panels.iter().enumerate() {
            let column = 1 + c as u16;
            sheet.write_string_with_format(2, column, &panel.name, &head)?;
            sheet.set_column_width(column, (width(&panel.name) + 4).clamp(10, 30) as f64)?;
            for (r, value) in panel.values.iter().enumerate() {
                // A day nobody spoke for stays empty: the line has a gap there.
                if let Some(v) = value {
                    let format = if v.fract() == 0.0 {
                        figure.clone().set_num_format("#,##0")
                    } else {
                        figure.clone()
                    };
                    sheet.write_number_with_format(3 + r as u32, column, *v, &format)?;
                }
            }
            let mut chart = Chart::new(ChartType::Line);
            chart
                .add_series()
                .set_categories((name.as_str(), 3, 0, last, 0))
                .set_values((name.as_str(), 3, column, last, column))
                .set_format(
                    rust_xlsxwriter::ChartLine::new().set_color(Color::RGB(0x001C_1C1C)).set_width(1.5),
                );
            // By its cell: a title given as text is read as a formula when it begins with `=`.
            chart.title().set_name((name.as_str(), 2, column));
            chart.legend().set_hidden();
            chart.x_axis().set_label_interval((plot.days.len() / 4).max(1) as u16);
            chart.y_axis().set_major_gridlines_line(
                rust_xlsxwriter::ChartLine::new().set_color(Color::RGB(0x00C9_C9C9)),
            );
            chart.show_empty_cells_as(ChartEmptyCells::Gaps).set_width(420).set_height(220);
            sheet.set_landscape();
            let place = (2 + 12 * (c as u32 / 2), plot.panels.len() as u16 + 2 + 7 * (c as u16 % 2));
            sheet.insert_chart(place.0, place.1, &chart)?;
        }
        for (i, more) in plot.more.iter().enumerate() {
            sheet.write_string_with_format(last + 2 + i as u32, 0, more, &plain)?;
        }
        Ok(())
    }

    /// The only cells that may be written in.
    fn narrative(&self, sheet: &mut Worksheet, parts: &[Part]) -> Result<(), XlsxError> {
        let free = self
            .plain()
            .set_unlocked()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_border(FormatBorder::Hair);
        let grey = self.plain().set_font_color(Color::RGB(GREY));
        sheet.write_string_with_format(2, 0, &self.paper.editable, &grey)?;
        sheet.set_column_width(0, 88)?;
        let mut row = 4;
        for part in parts {
            sheet.write_string_with_format(row, 0, &part.heading, &self.bold().set_font_size(12))?;
            row += 1;
            for text in &part.texts {
                sheet.write_string_with_format(row, 0, text, &free)?;
                row += 1;
            }
            if part.texts.is_empty() {
                sheet.write_string_with_format(row, 0, &self.paper.unwritten, &free)?;
                row += 1;
            }
            for _ in 0..FREE_ROWS {
                sheet.write_blank(row, 0, &free)?;
                row += 1;
            }
            row += 1;
        }
        Ok(())
    }

    fn facts(&self, sheet: &mut Worksheet, facts: &[[String; 2]]) -> Result<(), XlsxError> {
        let (plain, bold) = (self.plain(), self.bold());
        for (r, [name, value]) in facts.iter().enumerate() {
            sheet.write_string_with_format(3 + r as u32, 0, name, &bold)?;
            sheet.write_string_with_format(3 + r as u32, 1, value, &plain)?;
        }
        sheet.set_column_width(0, 24)?;
        sheet.set_column_width(1, 90)?;
        Ok(())
    }
}

/// A number as a number, a text as a text whatever it begins with.
fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    field: &Field,
    format: &Format,
) -> Result<(), XlsxError> {
    match field.number {
        Some(v) => sheet.write_number_with_format(row, column, v, format)?,
        None => sheet.write_string_with_format(row, column, &field.text, format)?,
    };
    Ok(())
}

fn pattern(value: f64, style: Style) -> &'static str {
    match (style, value.fract() == 0.0) {
        (Style::Percent, _) => "0.0%",
        (Style::Signed, true) => "+#,##0;-#,##0;0",
        (Style::Signed, false) => "+#,##0.0###;-#,##0.0###;0",
        (Style::Plain, true) => "#,##0",
        (Style::Plain, false) => "#,##0.0###",
    }
}

/// How wide a text is, in narrow characters.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c as u32 >= 0x1100 { 2 } else { 1 }).sum()
}
