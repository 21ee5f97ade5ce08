//! Secrecy marks. A text that bears one is refused, and nothing of it is kept or logged.
//!
//! The rule. A mark is one of 秘密, 机密, 绝密 (traditional 機密, 絕密, 祕密; spaces between the characters and readings
//! behind them do not hide it)
//!
//! - **followed by a star**, `机密★1年`, anywhere: prose does not write that; or
//! - **as a line, cell or text box of its own**, alone or with what stands beside a mark (密级：, a period, a degree of
//!   urgency, a copy number), in the first [`HEAD_LINES`] lines, a page header or footer, or a text box; or
//! - **in brackets at the head of the file's name**, `（机密）关于….docx`.
//!
//! 保密, 商业秘密 or 不得泄露秘密 in a sentence is no mark. When in doubt the rule refuses: a text that quotes `机密★10年`
//! as an example is refused too.

use super::recognise::furniture::pattern;
use super::repair::{readings, script};
use regex::Regex;
use std::sync::LazyLock;

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

static STARRED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?P<mark>秘密|机密|绝密)(?:级|件)?(?:[★☆✩✪✭⭐]|[*＊](?:\d+(?:年|个月|月|天|日)|长期))")
});
static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:\d{1,8})?(?:特急|加急|平急|特提|急件|紧急)?(?:密级|保密等级|保密级别|等级)?(?P<mark>秘密|机密|绝密)(?:级|件)?(?:\d+(?:年|个月|月|天|日)|长期)?(?:特急|加急|平急|特提|急件|紧急)?(?:\d{1,8})?$",
    )
});
static NAMED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[（(【\[](?P<mark>秘密|机密|绝密)(?:级|件)?(?:★.{0,8})?[）)】\]]"));

/// The mark of a text, if it bears one. `beside` holds what stands outside the run of the text: page headers and
/// footers, text boxes.
pub fn mark(text: &str, beside: &[String], name: Option<&str>) -> Option<Mark> {
    let starred = |text: &str| text.lines().find_map(|line| of(&STARRED, &bare(line)));
    let alone = |cell: &str| {
        of(&ALONE, &bare(cell).replace(|c: char| "【】[]（）()《》“”\"—-·•:：★".contains(c), ""))
    };
    let head = text.lines().filter(|line| !line.trim().is_empty()).take(HEAD_LINES);
    let cells = head.chain(beside.iter().flat_map(|part| part.lines())).flat_map(|line| line.split('\t'));
    starred(text)
        .or_else(|| beside.iter().find_map(|part| starred(part)))
        .or_else(|| cells.filter(|cell| cell.chars().count() <= 40).find_map(alone))
        .or_else(|| of(&NAMED, &bare(name?)))
}

fn of(pattern: &Regex, text: &str) -> Option<Mark> {
    match pattern.captures(text)?.name("mark")?.as_str() {
        "绝密" => Some(Mark::TopSecret),
        "机密" => Some(Mark::Confidential),
        _ => Some(Mark::Secret),
    }
}

/// A line without inserted readings and white space, in simplified characters.
fn bare(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let mut keep = vec![true; chars.len()];
    for reading in readings::find(&chars) {
        keep[reading.place.start..reading.place.end].fill(false);
    }
    let kept = chars.into_iter().zip(keep).filter(|(c, keep)| *keep && !c.is_whitespace());
    kept.map(|(c, _)| if script::is_han(c) { simplify(c) } else { c }).collect()
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
        check("机密★1年\n关于做好工作的通知", Some(Mark::Confidential));
        check("000012\n秘 密 ★ 1 年\n特 急", Some(Mark::Secret));
        check("某国资〔2020〕3号　　绝密★长期", Some(Mark::TopSecret));
        check("機密\n關於做好工作的通知", Some(Mark::Confidential));
        check("【絕 密】\n通知", Some(Mark::TopSecret));
        check("機(jī)密\n通知", Some(Mark::Confidential));
        check("密级：机密\n通知", Some(Mark::Confidential));
        check("特急 秘密 1年\n通知", Some(Mark::Secret));
        check("文件头\t机密\n通知", Some(Mark::Confidential));
        check("通知\n\n正文很长。\n本文所附材料为秘密★5年，请妥善保管。", Some(Mark::Secret));
        check("祕密\n通知", Some(Mark::Secret));
        check("机密*10年\n通知", Some(Mark::Confidential));
    }

    #[test]
    fn words_in_prose_are_no_mark() {
        check("各单位要做好保密工作，不得泄露国家秘密和商业秘密。", None);
        check("关于加强秘密管理的通知\n各单位：", None);
        check("机密文件一律不得上网。", None);
        check("第三条 商业秘密", None);
        check("", None);
        let below = format!("{}机密\n", "正文。\n".repeat(HEAD_LINES));
        check(&below, None);
    }

    #[test]
    fn a_mark_beside_the_text_or_in_the_name_counts() {
        let beside = |text: &str| mark("正文。", &[text.to_owned()], None);
        assert_eq!(beside("机密"), Some(Mark::Confidential));
        assert_eq!(beside("第1页\n秘密★3年"), Some(Mark::Secret));
        assert_eq!(beside("某省国资委"), None);
        assert_eq!(mark("正文。", &[], Some("（机密）关于某事.docx")), Some(Mark::Confidential));
        assert_eq!(mark("正文。", &[], Some("【絕密★】某事.pdf")), Some(Mark::TopSecret));
        assert_eq!(mark("正文。", &[], Some("商业秘密保护办法（秘密）.docx")), None);
    }
}
