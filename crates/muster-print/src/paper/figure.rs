//! Figures and days as they are written on paper.

use jiff::civil::{Date, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

use crate::{Cell, Lang, PrintProblem};

/// What stands where nothing was said. Never a zero.
pub(crate) const NOT_SAID: &str = "—";

/// A figure with its thousands parted: `12,345.5`, `−3`.
pub(crate) fn figure(value: Option<f64>) -> String {
    let Some(value) = value else { return NOT_SAID.into() };
    let size = value.abs();
    if size >= 1e15 {
        return format!("{value:.6e}").replace('-', "−");
    }
    let plain = format!("{size}");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = String::new();
    if value < 0.0 {
        text.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A whole count.
pub(crate) fn count(value: i64) -> String {
    figure(Some(value as f64))
}

/// A change, always with its sign: `+3`, `−3`, `0`.
pub(crate) fn change(value: Option<f64>) -> String {
    match value {
        Some(v) if v > 0.0 => format!("+{}", figure(value)),
        _ => figure(value),
    }
}

/// A reported value, which may be text.
pub(crate) fn value(cell: &Cell) -> String {
    match cell {
        Cell::None => NOT_SAID.into(),
        Cell::Number(v) => figure(Some(*v)),
        Cell::Text(text) => text.clone(),
    }
}

/// `part` of `whole` in percent, to a tenth. What is not all is never written as 100 %, and what
/// is not nothing never as 0 %.
pub(crate) fn rate(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return NOT_SAID.into();
    }
    let tenths = (part as f64 / whole as f64 * 1000.0).round();
    if part < whole && tenths >= 1000.0 {
        return ">99.9%".into();
    }
    if part > 0 && tenths < 1.0 {
        return "<0.1%".into();
    }
    format!("{:.1}%", tenths / 10.0)
}

/// A day of the document.
///
/// # Errors
/// `print.input.day`, naming the field.
pub(crate) fn day(text: &str, field: &str) -> Result<Date, PrintProblem> {
    let wrong =
        || PrintProblem::new("print.input.day", format!("`{field}` is no day (YYYY-MM-DD)")).at(field);
    if text.len() != 10 {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

/// A day in words.
pub(crate) fn day_long(day: Date, lang: Lang) -> String {
    const ZH: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
    let weekday = ZH[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs()) % 7];
    match lang {
        Lang::ZhCn | Lang::ZhTw => {
            format!("{}年{}月{}日　星期{weekday}", day.year(), day.month(), day.day())
        }
        Lang::En => day.strftime("%A, %-d %B %Y").to_string(),
    }
}

/// An instant with the offset it was written in: what a reader's wall clock showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) date: Date,
    pub(crate) time: Time,
    pub(crate) offset: Offset,
}

impl Moment {
    /// Reads an RFC 3339 instant.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > 40 {
            return None;
        }
        let pieces = Pieces::parse(text).ok()?;
        Some(Self { date: pieces.date(), time: pieces.time()?, offset: pieces.to_numeric_offset()? })
    }

    /// Reads an instant of the document.
    ///
    /// # Errors
    /// `print.input.instant`, naming the field.
    pub(crate) fn field(text: &str, field: &str) -> Result<Self, PrintProblem> {
        Self::parse(text).ok_or_else(|| {
            PrintProblem::new("print.input.instant", format!("`{field}` is no instant (RFC 3339)")).at(field)
        })
    }

    /// In words: `2020年2月3日15:00`.
    pub(crate) fn long(self, lang: Lang) -> String {
        let (d, t) = (self.date, self.time);
        match lang {
            Lang::ZhCn | Lang::ZhTw => {
                format!("{}年{}月{}日{:02}:{:02}", d.year(), d.month(), d.day(), t.hour(), t.minute())
            }
            Lang::En => format!("{} {:02}:{:02}", d.strftime("%-d %B %Y"), t.hour(), t.minute()),
        }
    }

    /// For a column: `02-03 15:00`.
    pub(crate) fn short(self) -> String {
        let (d, t) = (self.date, self.time);
        format!("{:02}-{:02} {:02}:{:02}", d.month(), d.day(), t.hour(), t.minute())
    }
}

/// An instant for a column; what is no instant stays as it was written.
pub(crate) fn instant_short(text: &str) -> String {
    Moment::parse(text).map_or_else(|| text.to_owned(), Moment::short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_thousands_and_keep_their_fraction() {
        let cases = [
            (0.0, "0"),
            (7.0, "7"),
            (-1234.0, "−1,234"),
            (275_000.0, "275,000"),
            (1_234_567.25, "1,234,567.25"),
            (0.1, "0.1"),
            (9_007_199_254_740_992.0, "9.007199e15"),
        ];
        for (value, text) in cases {
            assert_eq!(figure(Some(value)), text);
        }
        assert_eq!(figure(None), "—");
    }

    #[test]
    fn a_change_has_a_sign_unless_there_is_none() {
        assert_eq!([Some(3.0), Some(-3.0), Some(0.0), None].map(change), ["+3", "−3", "0", "—"]);
    }

    #[test]
    fn nearly_all_is_not_all_and_nearly_nothing_is_not_nothing() {
        assert_eq!(rate(1, 3), "33.3%");
        assert_eq!(rate(9999, 10_000), ">99.9%");
        assert_eq!(rate(1, 10_000), "<0.1%");
        assert_eq!(rate(5, 5), "100.0%");
        assert_eq!(rate(0, 5), "0.0%");
        assert_eq!(rate(0, 0), "—");
    }

    #[test]
    fn days_and_instants_are_read_strictly() {
        let date = day("2020-02-03", "day").unwrap();
        assert_eq!(day_long(date, Lang::ZhCn), "2020年2月3日　星期一");
        assert_eq!(day_long(date, Lang::En), "Monday, 3 February 2020");
        for wrong in ["2020-2-3", "2020-02-30", "20200203", "2020-02-03T00", ""] {
            assert_eq!(day(wrong, "day").unwrap_err().code, "print.input.day", "{wrong}");
        }
        let moment = Moment::parse("2020-02-03T15:00:05.250+08:00").unwrap();
        assert_eq!(moment.long(Lang::ZhTw), "2020年2月3日15:00");
        assert_eq!(moment.short(), "02-03 15:00");
        for wrong in ["2020-02-03", "2020-02-03T15:00", "15:00", "x"] {
            assert_eq!(Moment::field(wrong, "as_of").unwrap_err().code, "print.input.instant", "{wrong}");
        }
    }
}
