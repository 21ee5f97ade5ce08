//! The parts of a text: what each line is, from its shape and its place. Rules for official Chinese texts in
//! general (GB/T 9704-2012 for those in form), and no positions of any one text.

use super::super::glyphs::{Glyph, View, lines, trim};
use super::super::model::Part;
use super::furniture::{self, pattern};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What each line is. Ranges are of glyphs.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// Each line that is not blank, in order: a line of text without the white space at its ends, a line of
    /// furniture with its line end.
    pub(crate) parts: Vec<(Range<usize>, Part)>,
    /// The publisher, as the page says.
    pub(crate) publisher: Option<String>,
    /// When it was put on the page, as it says.
    pub(crate) published_at: Option<String>,
}

impl Outline {
    /// The first part of a sort.
    pub(crate) fn first(&self, part: Part) -> Option<Range<usize>> {
        self.all(part).next()
    }
    /// All parts of a sort.
    pub(crate) fn all(&self, part: Part) -> impl Iterator<Item = Range<usize>> {
        self.parts.iter().filter(move |(_, is)| *is == part).map(|(range, _)| range.clone())
    }
}

/// A title is shorter than a paragraph.
const TITLE_CHARS_MAX: usize = 80;
const ADDRESSEE_CHARS_MAX: usize = 160;

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\p{Han}{1,12}\s*[〔\[（(【]\s*\d{4}\s*[〕\]）)】]\s*第?\s*\d{1,5}\s*号(?:\s.*)?$")
});
static ADDRESSED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:各|单位|企业|公司|部门|处室|机关|委员会|委|办|局|厅|政府|学校|医院|同志|成员)[^。；]*[:：]$")
});
static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"关于.*(?:通知|通报|意见|决定|公告|通告|函|方案|办法|报告|请示|批复|纪要|规定)(?:[（(].*[）)])?$",
    )
});
static SIGNER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^[\p{Han}（）()、·\s]{2,60}(?:委|委员会|办公室|局|厅|部|公司|集团|小组|指挥部|政府|中心|学校|学院|大学|医院|协会|总会|处|院|党组)$",
    )
});
static SIGNED_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|[〇○零一二三四五六七八九十]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)$",
    )
});

/// Makes out the parts.
pub(crate) fn outline(glyphs: &[Glyph]) -> Outline {
    let mut outline = Outline::default();
    let mut in_head = true;
    let mut has_subject = false;
    for whole in lines(glyphs) {
        let line = trim(glyphs, whole.clone());
        if line.is_empty() {
            continue;
        }
        let text = View::of(glyphs, line.clone()).text;
        let part = if let Some(found) = furniture::of_line(&text, in_head) {
            outline.publisher = outline.publisher.take().or(found.publisher);
            outline.published_at = outline.published_at.take().or(found.published_at);
            found.part
        } else if in_head {
            of_head(&text, &outline, &mut has_subject)
        } else {
            Part::Body
        };
        in_head &= !matches!(part, Part::Body | Part::Addressee);
        // Furniture goes with its line end, or the readable text would have a blank line in its place.
        let furniture = whole.start..glyphs.len().min(whole.end + 1);
        outline.parts.push((if part.is_furniture() { furniture } else { line }, part));
    }
    sign(glyphs, &mut outline);
    outline
}

/// What a line is before the first paragraph. The title is the line that begins with its subject ("关于…的通知"),
/// and otherwise the first that can be one; the others are lines of the head.
fn of_head(text: &str, so_far: &Outline, has_subject: &mut bool) -> Part {
    let chars = text.chars().count();
    if NUMBER.is_match(text) {
        Part::Number
    } else if chars <= ADDRESSEE_CHARS_MAX && ADDRESSED.is_match(text) {
        Part::Addressee
    } else if chars > TITLE_CHARS_MAX
        || text.contains('。')
        || text.ends_with(['；', ';', '：', ':', '，', ','])
    {
        Part::Body
    } else if so_far.first(Part::Title).is_none() || (SUBJECT.is_match(text) && !*has_subject) {
        *has_subject = SUBJECT.is_match(text);
        Part::Title
    } else {
        Part::Head
    }
}

/// Demotes titles before the one with the subject, and finds signer and day at the end.
fn sign(glyphs: &[Glyph], outline: &mut Outline) {
    let titles = outline.all(Part::Title).count();
    let earlier = outline.parts.iter_mut().filter(|(_, part)| *part == Part::Title).take(titles.max(1) - 1);
    earlier.for_each(|(_, part)| *part = Part::Head);

    let tail: Vec<usize> = (0..outline.parts.len())
        .rev()
        .filter(|at| !outline.parts[*at].1.is_furniture())
        .take_while(|at| outline.parts[*at].1 == Part::Body)
        .take(8)
        .collect();
    let text = |at: usize| View::of(glyphs, outline.parts[at].0.clone()).text;
    let Some(&day) = tail.iter().find(|at| SIGNED_ON.is_match(&text(**at))) else { return };
    let signers: Vec<usize> = tail
        .iter()
        .copied()
        .skip_while(|at| *at >= day)
        .take_while(|at| SIGNER.is_match(&text(*at)))
        .collect();
    outline.parts[day].1 = Part::SignedOn;
    signers.into_iter().for_each(|at| outline.parts[at].1 = Part::Signer);
}

#[cfg(test)]
mod tests {
    use super::super::super::repair::repair;
    use super::*;

    fn parts(text: &str) -> Vec<(String, Part)> {
        let chars: Vec<char> = text.chars().collect();
        let repaired = repair(&chars);
        let outline = outline(&repaired.glyphs);
        let text = |at: &Range<usize>| View::of(&repaired.glyphs, at.clone()).text;
        outline.parts.iter().map(|(at, part)| (text(at), *part)).collect()
    }

    fn check(text: &str, expected: &[Part]) {
        let found: Vec<Part> = parts(text).into_iter().map(|(_, part)| part).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_page_and_a_notice_in_form_are_told_apart_line_by_line() {
        use Part::*;
        check(
            "EN\n我委召开会议部署防控工作\n • 发布人:admin\n\n2月3日，我委召开会议。\n\n各单位要认真落实。\n【打印】",
            &[LanguageSwitch, Title, Publisher, Body, Body, Tools],
        );
        check(
            "某省国资委文件\n某国资〔2020〕3号\n关于做好防控工作的通知\n各省属企业：\n请于2月5日前报送。\n某省国资委办公室\n2020年2月4日\n",
            &[Head, Number, Title, Addressee, Body, Signer, SignedOn],
        );
        check("一段没有标题的文字，到这里结束。\n又一段。", &[Body, Body]);
        check("", &[]);
        check("\n \n", &[]);
    }

    #[test]
    fn the_number_of_another_document_in_a_sentence_is_not_the_number() {
        check("标题\n根据国发明电〔2020〕4号要求，各单位要落实。", &[Part::Title, Part::Body]);
    }
}
