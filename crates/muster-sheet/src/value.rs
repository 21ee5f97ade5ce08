//! Values as people write them: numbers, days, digits of full width.

use muster_kernel::Day;
use std::borrow::Cow;

/// From this size on, a whole number in a floating-point cell has lost its tail: a workbook keeps 15 digits.
const EXACT_MAX: f64 = 1e15;

/// A number as a workbook shows it: without exponent, 15 significant digits; and whether it is a whole number whose
/// last digits are gone, as happens to an identity number of 18 digits.
pub fn number_text(number: f64) -> (String, bool) {
    if number.fract() == 0.0 {
        return (format!("{number:.0}"), number.abs() >= EXACT_MAX);
    }
    // 0.1 + 0.2 is stored as 0.30000000000000004 and shown as 0.3.
    let shown: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    (shown.to_string(), false)
}

/// A whole number in scientific notation, such as `3.5E17`: what a workbook leaves of a long id.
pub fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(exponent) && digits(whole) && digits(fraction) && whole.len() == 1
}

/// Full-width letters, digits and marks (`１２３`, `Ａ`, `－`, the ideographic space) as their ASCII twins.
pub fn halfwidth(text: &str) -> Cow<'_, str> {
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    };
    if text.chars().all(|c| narrow(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(narrow).collect())
}

/// A day as people write it: `2020-02-03`, `2020/2/3`, `2020.2.3`, `20200203`, `2020年2月3日`, also with a time after it.
pub fn day_parse(text: &str) -> Option<Day> {
    let text = halfwidth(text);
    let text = text.trim();
    let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        let date = text.split([' ', 'T']).next().unwrap_or_default().trim_end_matches('日');
        date.split(['-', '/', '.', '年', '月']).collect()
    };
    let [year, month, day] = parts[..] else { return None };
    let plain =
        |part: &str, max: usize| (1..=max).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || !plain(year, 4) || !plain(month, 2) || !plain(day, 2) {
        return None;
    }
    format!("{year}-{month:0>2}-{day:0>2}").parse().ok()
}

/// A day from a workbook's serial number (days since 1899-12-30), where a date cell lost its format. Only from 1954
/// to 2119, so that a stray quantity is not read as a day.
pub(crate) fn day_from_serial(serial: f64) -> Option<Day> {
    const UNIX_EPOCH_SERIAL: i32 = 25_569;
    let plausible = serial.fract() == 0.0 && (20_000.0..80_000.0).contains(&serial);
    plausible.then(|| Day::from_number(serial as i32 - UNIX_EPOCH_SERIAL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_a_workbook_shows_them() {
        for (number, text, lost) in [
            (0.0, "0", false),
            (340_123.0, "340123", false),
            (-12.5, "-12.5", false),
            (0.1 + 0.2, "0.3", false),
            (123_456_789_012_345.0, "123456789012345", false),
            (3.401_231_990_010_11e17, "340123199001011008", true),
            (1e15, "1000000000000000", true),
        ] {
            assert_eq!(number_text(number), (text.to_owned(), lost));
        }
    }

    #[test]
    fn scientific_notation_is_recognised() {
        for text in ["3.5E17", "3.5e+17", "3E17"] {
            assert!(is_scientific(text), "{text}");
        }
        for text in ["E17", "3.5", "12E3", "3.5E", "A3E5", "3..5E1", "3.5E-2x"] {
            assert!(!is_scientific(text), "{text}");
        }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        let day: Day = "2020-02-03".parse().unwrap();
        for text in [
            "2020-02-03",
            "2020/2/3",
            "2020.2.3",
            "20200203",
            "2020年2月3日",
            "２０２０年２月３日",
            "2020-02-03 15:00:00",
        ] {
            assert_eq!(day_parse(text), Some(day), "{text}");
        }
        for text in ["", "2020", "2020-02", "2020-13-01", "20-2-3", "3/2/2020", "2020-02-30", "43864"] {
            assert_eq!(day_parse(text), None, "{text}");
        }
        assert_eq!(day_from_serial(43_864.0), Some(day));
        assert_eq!(day_from_serial(12.0), None);
        assert_eq!(day_from_serial(43_864.5), None);
    }

    #[test]
    fn full_width_becomes_ascii() {
        assert_eq!(halfwidth("３４０１－Ａ　公司"), "3401-A 公司");
        assert!(matches!(halfwidth("plain 公司"), Cow::Borrowed(_)));
    }
}
