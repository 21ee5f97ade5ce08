//! Secrecy marks. A file that bears one is refused, and nothing of it is kept or logged.
//!
//! The rule. A mark is one of 秘密, 机密, 绝密 (traditional 機密, 絕密, 祕密; white space and characters that nobody sees
//! do not hide it)
//!
//! - **followed by a star**, `机密★1年`, anywhere: prose does not write that; or
//! - **as a line, cell or text box of its own**, alone, first or last in it after a space, or with what stands beside a mark
//!   (密级：, a period, 启用前, a degree of urgency, a copy number), in the first [`HEAD_LINES`] lines or beside the text: in
//!   page headers and footers, notes, comments, watermarks, text boxes, properties; or
//! - **as a part of the file's name**, between signs or in brackets: `（机密）关于….docx`, `机密-通知.txt`.
//!
//! 保密, 商业秘密 or 不得泄露秘密 in a sentence is no mark. When in doubt the rule refuses: a text that quotes `机密★10年`
//! as an example is refused too.

use muster_kernel::Finding;
use muster_sheet::{Format, Table};
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;

/// Which mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// 秘密.
    Secret,
    /// 机密.
    Confidential,
    /// 绝密.
    TopSecret,
}

/// Lines at the head of a text in which a mark may stand.
pub const HEAD_LINES: usize = 20;
/// A line in which a mark stands alone is no longer than this, in characters that are seen.
const ALONE_CHARS_MAX: usize = 40;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of this program")
}

const MARK: &str = "(?P<mark>秘密|机密|绝密)(?:级|件)?";
const TERM: &str = "(?:[0-9一二三四五六七八九十百两〇零壹贰叁伍拾]+(?:年|个月|月|天|日)|长期|永久|启用前)";

static STARRED: LazyLock<Regex> = LazyLock::new(|| {
    // Stars of every make; what is an asterisk too only before a term.
    let star = "[★☆✩✪✫✬✭✮✯✰⭐⭑⭒🌟٭⋆✦✧✡⚝🟊🟉🟌🟃🟆🟋✵✴✶✷✸✹✺]";
    let asterisk = format!("[*⁎∗✱✲✳✻✽※﹡＊]{TERM}");
    pattern(&format!(r"{MARK}[(\[【〔「]?(?:{star}|{asterisk})"))
});
static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    let urgent = "(?:特急|加急|平急|特提|急件|紧急)?";
    let kept = "(?:内部资料|内部文件|内部材料|内部使用|内部|注意保存|妥善保管)?";
    let level = "(?:密级|保密等级|保密级别|等级)?";
    pattern(&format!(
        "^(?:[0-9]{{1,8}})?{urgent}{kept}{level}{MARK}(?:文件|资料|材料|事项)?{TERM}?{kept}{urgent}(?:[0-9]{{1,8}})?$"
    ))
});
/// A mark that is written with spaces in it, among words that spaces part.
static SPACED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?P<first>[秘祕机機绝絕絶])\s+密"));
/// White space, control and format characters, variation selectors and blanks that are letters by name.
static UNSEEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[\s\p{Cc}\p{Cf}\x{034f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{2800}\x{3164}\x{ffa0}\x{fe00}-\x{fe0f}\x{e0100}-\x{e01ef}]",
    )
});

/// The mark of a text, if it bears one. `beside` holds what stands outside the run of the text.
pub fn mark(text: &str, beside: &[String], name: Option<&str>) -> Option<Mark> {
    let head = lines(text).filter(|line| !bare(line).is_empty()).take(HEAD_LINES);
    let beside_lines = || beside.iter().flat_map(|part| lines(part));
    lines(text)
        .chain(beside_lines())
        .find_map(starred)
        .or_else(|| head.chain(beside_lines()).flat_map(|line| line.split('\t')).find_map(alone))
        .or_else(|| named(name?))
}

/// The mark of a table: with a star in any cell, alone in the rows above its header or as the name of its sheet. `header`
/// is how many rows stand above the data.
pub fn mark_of_table(table: &Table, header: usize) -> Option<Finding> {
    let refused = || Finding::refuse("sheet.secrecy_mark");
    let above = header.saturating_sub(1);
    let is_marked = |at: usize, text: &str| starred(text).or_else(|| alone(text).filter(|_| at < above));
    let mut cells = table.rows(0).enumerate().flat_map(|(at, row)| row.cells().map(move |cell| (at, cell)));
    if let Some((_, cell)) = cells.find(|(at, cell)| is_marked(*at, cell.text).is_some()) {
        let mut finding = refused().row(cell.row);
        // A line of NDJSON has no cells.
        finding.at.cell = (table.format != Format::Ndjson).then(|| cell.address());
        return Some(finding);
    }
    let sheet = table.sheet.as_deref()?;
    named(sheet).map(|_| refused())
}

/// A mark with a star in a line.
pub fn starred(line: &str) -> Option<Mark> {
    // Most lines of a long text are done with by this look.
    line.contains('密').then(|| of(&STARRED, &bare(line)))?
}

/// A mark as a line or cell of its own, or first or last in it after a space.
fn alone(cell: &str) -> Option<Mark> {
    if !cell.contains('密') {
        return None;
    }
    let whole = bare(cell);
    if whole.chars().count() > ALONE_CHARS_MAX {
        return None;
    }
    let words = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let cell = SPACED.replace_all(cell, "${first}密");
    let mut parts = cell.split_whitespace().map(bare).filter(|part| !part.is_empty());
    let ends = [parts.next(), parts.next_back()].into_iter().flatten();
    [whole].into_iter().chain(ends).find_map(|part| of(&ALONE, &words(&part)))
}

/// A mark in the name of a file or a sheet: between signs, in brackets, with a star.
fn named(name: &str) -> Option<Mark> {
    let parts = |text: &str| {
        let mut parts = text.split(|c: char| !c.is_alphanumeric());
        parts.find_map(|part| of(&ALONE, &bare(part)))
    };
    // What is not seen goes, but for the spaces that part words.
    let seen = |c: &char| *c == ' ' || !UNSEEN.is_match(c.encode_utf8(&mut [0; 4]));
    let seen: String = name.chars().filter(seen).collect();
    starred(name).or_else(|| parts(&SPACED.replace_all(&seen, "${first}密"))).or_else(|| parts(&bare(name)))
}

fn of(pattern: &Regex, text: &str) -> Option<Mark> {
    match pattern.captures(text)?.name("mark")?.as_str() {
        "绝密" => Some(Mark::TopSecret),
        "机密" => Some(Mark::Confidential),
        _ => Some(Mark::Secret),
    }
}

/// Lines, whatever ends them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
}

/// A line without what is not seen, in plain forms and simplified characters.
fn bare(line: &str) -> String {
    let seen: Cow<'_, str> = UNSEEN.replace_all(line, "");
    seen.nfkc().map(simplify).collect()
}

/// Only what marks are written with: a long text is looked through line by line before it is known to be taken in.
fn simplify(c: char) -> char {
    match c {
        '機' => '机',
        '絕' | '絶' => '绝',
        '祕' => '秘',
        '級' => '级',
        '長' => '长',
        '個' => '个',
        '緊' => '紧',
        '兩' => '两',
        '啟' | '啓' => '启',
        '內' => '内',
        '資' => '资',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<Mark>) {
        assert_eq!(mark(text, &[], None), expected, "{text}");
    }

    #[test]
    fn a_mark_is_a_line_of_its_own_or_has_a_star() {
        for (text, expected) in [
            ("机密★1年\n关于做好工作的通知", Mark::Confidential),
            ("000012\n秘 密 ★ 1 年\n特 急", Mark::Secret),
            ("某国资〔2020〕3号　　绝密★长期", Mark::TopSecret),
            ("機密\n關於做好工作的通知", Mark::Confidential),
            ("【絕 密】\n通知", Mark::TopSecret),
            ("密级：机密\n通知", Mark::Confidential),
            ("特急 秘密 1年\n通知", Mark::Secret),
            ("文件头\t机密\n通知", Mark::Confidential),
            ("通知\n\n正文很长。\n本文所附材料为秘密★5年，请妥善保管。", Mark::Secret),
            ("祕密\n通知", Mark::Secret),
            ("机密*10年\n通知", Mark::Confidential),
            ("秘密 一年\n通知", Mark::Secret),
            ("机密（一年）\n通知", Mark::Confidential),
            ("机密。\n通知", Mark::Confidential),
            ("秘密 启用前\n通知", Mark::Secret),
            ("机密文件\n通知", Mark::Confidential),
            ("内部资料 机密\n通知", Mark::Confidential),
            ("内部资料　机 密\n通知", Mark::Confidential),
            ("某省文件 绝密\n通知", Mark::TopSecret),
            ("机密﹡1年\n通知", Mark::Confidential),
            ("机密٭1年\n通知", Mark::Confidential),
            ("正文。本件机密（★1年）", Mark::Confidential),
            ("机\u{200b}密\n通知", Mark::Confidential),
            ("\u{feff}机密\u{202e}\n通知", Mark::Confidential),
            ("正文，绝\u{ad}密\u{2060}★\u{200d}长\u{fe0f}期", Mark::TopSecret),
            ("\u{202e}通知\u{2028}秘密\u{2028}正文", Mark::Secret),
        ] {
            check(text, Some(expected));
        }
    }

    #[test]
    fn words_in_prose_are_no_mark() {
        for text in [
            "各单位要做好保密工作，不得泄露国家秘密和商业秘密。",
            "关于加强秘密管理的通知\n各单位：",
            "机密文件一律不得上网。",
            "第三条 商业秘密",
            "保守国家秘密",
            "中华人民共和国保守国家秘密法",
            "绝密、机密、秘密三级",
            "什么是“秘密”？",
            "",
        ] {
            check(text, None);
        }
        let below = format!("{}机密\n", "正文。\n".repeat(HEAD_LINES));
        check(&below, None);
    }

    #[test]
    fn a_mark_beside_the_text_or_in_the_name_counts() {
        let beside = |text: &str| mark("正文。", &[text.to_owned()], None);
        assert_eq!(beside("机密"), Some(Mark::Confidential));
        assert_eq!(beside("第1页\n秘密★3年"), Some(Mark::Secret));
        assert_eq!(beside("某省国资委"), None);
        let name = |name: &str| mark("正文。", &[], Some(name));
        for marked in [
            "（机密）关于某事.docx",
            "【絕密★】某事.pdf",
            "通知机密★1年.txt",
            "通知（机密）.txt",
            "机密-通知.txt",
            "通知_机\u{200b}密.txt",
            "机密文件.txt",
            "通知 秘 密.txt",
            "绝密.txt",
        ] {
            assert!(name(marked).is_some(), "{marked}");
        }
        for plain in ["商业秘密保护办法.docx", "保守国家秘密-学习.txt", "机密文件管理办法.docx", ""]
        {
            assert_eq!(name(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_table_is_looked_at_cell_by_cell() {
        let found = |text: &str| {
            let table = muster_sheet::read(text.as_bytes(), &muster_sheet::Options::default()).unwrap();
            mark_of_table(&table, 2).map(|finding| finding.at.cell.unwrap_or_default())
        };
        assert_eq!(found("机密,\ncode,name\nA,甲"), Some("A1".into()));
        assert_eq!(found("名册,\ncode,name\nA,甲 绝密★长期"), Some("B3".into()));
        assert_eq!(found("名册,\ncode,name\nA,秘密\nB,保守国家秘密"), None);
    }
}
