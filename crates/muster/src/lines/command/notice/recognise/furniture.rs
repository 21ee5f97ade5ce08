//! Furniture of a page: what a text brings along when it is copied out of a portal, and what it tells.

use super::super::model::Part;
use regex::Regex;
use std::sync::LazyLock;

/// What a line of furniture says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Furniture {
    /// Which piece of furniture.
    pub(crate) part: Part,
    /// The publisher, if it names one.
    pub(crate) publisher: Option<String>,
    /// The time of publication, `2020-02-06T09:35:03`, if it gives one.
    pub(crate) published_at: Option<String>,
}

/// A line of a page's furniture, and never a paragraph.
const LINE_CHARS_MAX: usize = 120;

static KEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)
        (?P<publisher>发布人|发布者|发布单位|责任编辑|编辑|录入|作者)\s*[:：]
      | (?P<time>发布时间|发布日期|发表时间|更新时间|时间|日期)\s*[:：]
      | (?P<source>信息来源|文章来源|来源|稿源)\s*[:：]
      | (?P<views>浏览次数|浏览量|阅读次数|阅读量|点击次数|点击数|点击量|点击|访问量)\s*[:：]
      | (?P<share>分享至|分享到|分享)\s*[:：]?
      | (?P<tools>打印本页|打印|关闭窗口|关闭|收藏|字号|字体)\s*[:：]?",
    )
});
static MOMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[\sT]+(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?)?")
});
const LANGUAGES: &[&str] =
    &["EN", "ENGLISH", "ENG", "英文", "英文版", "中文", "中文版", "简体", "繁体", "简体中文", "繁体中文"];

/// What a line is as furniture. `in_head` says that no paragraph has come yet: below one, only what cannot be part
/// of a text is furniture (a notice in form may well end with "联系人" or "时间：").
pub(crate) fn of_line(line: &str, in_head: bool) -> Option<Furniture> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || "•·●▪◆■-|｜【】[]".contains(c));
    if line.is_empty() || line.chars().count() > LINE_CHARS_MAX {
        return None;
    }
    if in_head && LANGUAGES.contains(&line.to_uppercase().as_str()) {
        return Some(furniture(Part::LanguageSwitch));
    }
    if KEY.find(line)?.start() > 0 {
        return None;
    }
    let keys: Vec<_> = KEY.captures_iter(line).collect();
    let mut made: Option<Furniture> = None;
    for (index, key) in keys.iter().enumerate() {
        let whole = key.get(0)?;
        let end = keys.get(index + 1).and_then(|next| next.get(0)).map_or(line.len(), |next| next.start());
        let value =
            line[whole.end()..end].trim_matches(|c: char| c.is_whitespace() || "|｜【】[]".contains(c));
        let one = of_pair(key, value, in_head)?;
        let made = made.get_or_insert_with(|| furniture(one.part));
        made.publisher = made.publisher.take().or(one.publisher);
        made.published_at = made.published_at.take().or(one.published_at);
    }
    made
}

fn of_pair(key: &regex::Captures<'_>, value: &str, in_head: bool) -> Option<Furniture> {
    let is = |name: &str| key.name(name).is_some();
    let short = value.chars().count() <= 40 && !value.contains('。');
    if is("publisher") {
        let publisher = (!value.is_empty()).then(|| value.to_owned());
        (short && in_head).then(|| Furniture { publisher, ..furniture(Part::Publisher) })
    } else if is("time") {
        let published_at = moment(value);
        // "时间：2月5日上午" in a notice in form is when to come, not when it was published.
        (in_head && (published_at.is_some() || value.is_empty()))
            .then(|| Furniture { published_at, ..furniture(Part::PublishedAt) })
    } else if is("source") {
        short.then(|| furniture(Part::Source))
    } else if is("views") {
        value.chars().all(|c| c.is_ascii_digit() || ",次 ".contains(c)).then(|| furniture(Part::Views))
    } else if is("share") {
        short.then(|| furniture(Part::Share))
    } else {
        (value.chars().count() <= 12).then(|| furniture(Part::Tools))
    }
}

/// A wall clock as ISO 8601 without a zone; midnight where no time is given.
fn moment(text: &str) -> Option<String> {
    let found = MOMENT.captures(text)?;
    let number = |n: usize| -> i64 { found.get(n).map_or(0, |part| part.as_str().parse().unwrap_or(-1)) };
    let date = jiff::civil::Date::new(
        i16::try_from(number(1)).ok()?,
        i8::try_from(number(2)).ok()?,
        i8::try_from(number(3)).ok()?,
    )
    .ok()?;
    let time = jiff::civil::Time::new(
        i8::try_from(number(4)).ok()?,
        i8::try_from(number(5)).ok()?,
        i8::try_from(number(6)).ok()?,
        0,
    )
    .ok()?;
    Some(date.to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

fn furniture(part: Part) -> Furniture {
    Furniture { part, publisher: None, published_at: None }
}

/// A pattern of our own; that each is one is what the tests of its file show first.
pub(crate) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of this program")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, in_head: bool, expected: Option<(Part, Option<&str>, Option<&str>)>) {
        let found = of_line(line, in_head);
        let found =
            found.as_ref().map(|one| (one.part, one.publisher.as_deref(), one.published_at.as_deref()));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn furniture_is_told_from_text() {
        check("EN", true, Some((Part::LanguageSwitch, None, None)));
        check("EN", false, None);
        check("  • 发布人:admin", true, Some((Part::Publisher, Some("admin"), None)));
        check(
            "  • 发布时间:2020-02-06 09:35:03",
            true,
            Some((Part::PublishedAt, None, Some("2020-02-06T09:35:03"))),
        );
        check("发布日期：2020年2月6日", true, Some((Part::PublishedAt, None, Some("2020-02-06T00:00:00"))));
        check("  • 浏览次数:", true, Some((Part::Views, None, None)));
        check("点击量：1,204 次", false, Some((Part::Views, None, None)));
        check("  • 分享至:", true, Some((Part::Share, None, None)));
        check("【打印】【关闭】", false, Some((Part::Tools, None, None)));
        check(
            "来源:某省国资委 时间:2020-02-29 浏览量:3974",
            true,
            Some((Part::Source, None, Some("2020-02-29T00:00:00"))),
        );
        check("时间：2月5日上午9时", true, None);
        check("时间：2020-13-45", true, None);
        check("来源于各单位的数据要核实。", true, None);
        check("关闭的场所要张贴告示，不得擅自开放。", true, None);
        check("会议要求打印材料", true, None);
        check("", true, None);
    }
}
