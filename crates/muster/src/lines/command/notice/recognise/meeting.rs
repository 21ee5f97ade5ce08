//! The meeting that a text tells of.

use super::super::glyphs::{Glyph, View, place_of};
use super::super::model::{Meeting, Part, Place};
use super::furniture::pattern;
use super::numerals::number;
use super::outline::Outline;
use muster_kernel::Day;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

static DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:(?P<y>\d{4})年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})日(?:上午|中午|下午|晚上|晚|凌晨|早上)?")
});
/// "…书记、主任某某主持召开…会议" or, without a chair, "某委召开…会议".
static HELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?P<who>[^，,。；]{0,60}?)(?P<chaired>主持)?召开(?:了)?(?P<what>[^，,。；]{0,80}?(?:会议|会))(?:[，,。；]|$)",
    )
});
static CHAIR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?P<posts>.*(?:书记|主任|省长|市长|县长|区长|组长|厅长|局长|部长|处长|司长|院长|校长|董事长|总经理|经理|总裁|主席|秘书长|会长|指挥长|委员|所长|站长))(?P<name>[\p{Han}·]{2,12}|)$",
    )
});
static SERIES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"第\s*(?P<n>\d{1,4}|[一二三四五六七八九十]{1,3})\s*次"));
static THERE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[，,。；])(?P<who>[^，,。；]{1,80}?)(?P<how>出席|列席|参加)(?:了)?会议"));

/// The paragraph that tells of the meeting, and what it says. Only the first paragraph that does.
pub(crate) fn find(glyphs: &[Glyph], outline: &Outline, len: usize) -> Option<(Range<usize>, Meeting)> {
    outline.all(Part::Body).find_map(|paragraph| {
        let view = View::of(glyphs, paragraph.clone());
        let meeting =
            of_paragraph(&view, outline.published_at.as_deref(), |range| place_of(glyphs, range, len))?;
        Some((paragraph, meeting))
    })
}

fn of_paragraph(
    view: &View,
    published_at: Option<&str>,
    place: impl Fn(Range<usize>) -> Place,
) -> Option<Meeting> {
    let text = view.text.as_str();
    let at = |bytes: Range<usize>| place(view.glyphs(bytes));
    let said = DAY.captures(text)?;
    let said_day = said.get(0)?;
    let held = HELD.captures_at(text, said_day.end()).or_else(|| HELD.captures(text))?;
    let what = held.name("what")?;

    let mut chair_posts = Vec::new();
    let mut chair_name = None;
    if held.name("chaired").is_some()
        && let Some(who) = held.name("who")
        && let Some(chair) = CHAIR.captures(who.as_str())
        && let (Some(posts), Some(name)) = (chair.name("posts"), chair.name("name"))
    {
        chair_posts = list(posts.as_str(), who.start()).map(&at).collect();
        let name = who.start() + name.start()..who.start() + name.end();
        chair_name = (!name.is_empty()).then(|| at(name));
    }
    let series = SERIES.captures(what.as_str());
    let bodies =
        split(what.as_str(), what.start(), &['暨']).map(|body| at(without_series(text, body))).collect();
    let (mut present, mut attending) = (Vec::new(), Vec::new());
    for clause in THERE.captures_iter(text) {
        if let (Some(who), Some(how)) = (clause.name("who"), clause.name("how")) {
            let into = if how.as_str() == "列席" { &mut attending } else { &mut present };
            into.extend(list(who.as_str(), who.start()).map(&at));
        }
    }
    Some(Meeting {
        day: day(&said, published_at),
        said_day: Some(at(said_day.range())),
        series_no: series.and_then(|found| number(found.name("n")?.as_str())),
        bodies,
        chair_posts,
        chair_name,
        present,
        attending,
    })
}

/// The day, with the year of publication where the text gives none.
fn day(said: &regex::Captures<'_>, published_at: Option<&str>) -> Option<Day> {
    let number = |name| said.name(name).and_then(|part| part.as_str().parse::<u32>().ok());
    let year = number("y").or_else(|| published_at?.get(..4)?.parse().ok())?;
    format!("{year:04}-{:02}-{:02}", number("m")?, number("d")?).parse().ok()
}

/// "…领导小组第3次会议" names the body and its meeting; the body is what stands before the ordinal.
fn without_series(text: &str, body: Range<usize>) -> Range<usize> {
    match SERIES.find(&text[body.clone()]) {
        Some(series) if series.start() > 0 => body.start..body.start + series.start(),
        _ => body,
    }
}

/// The pieces between enumeration commas.
fn list(text: &str, offset: usize) -> impl Iterator<Item = Range<usize>> {
    split(text, offset, &['、'])
}

fn split(text: &str, offset: usize, at: &'static [char]) -> impl Iterator<Item = Range<usize>> {
    text.split(at).filter(|piece| !piece.is_empty()).map(move |piece| {
        let start = offset + (piece.as_ptr() as usize - text.as_ptr() as usize);
        start..start + piece.len()
    })
}
