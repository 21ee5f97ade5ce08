//! What a text is: its parts, its sort, the meeting it tells of, the measures it orders. Pure; by rules of shape
//! and wording that hold for official Chinese texts in general.

pub(crate) mod furniture;
pub(crate) mod measures;
pub(crate) mod meeting;
pub(crate) mod numerals;
pub(crate) mod outline;
pub(crate) mod scope;

use super::glyphs::{Glyph, View, place_of};
use super::model::{Feature, Kind, Part, Place};
use furniture::pattern;
use outline::Outline;
use regex::Regex;
use std::sync::LazyLock;

static DEADLINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)
        (?:\d{1,2}月\d{1,2}日|今[日天]|明[日天]|每[日天]|当[日天]|本周[一二三四五六日]?|下周[一二三四五六日]?|月底)
            (?:上午|中午|下午|晚上|晚)?(?:\d{1,2}\s*(?:时|点|[:：]\d{2})(?:\d{1,2}分)?)?\s*(?:之前|以前|前|截止)
      | 截止(?:时间|日期|到|至)
      | [一二三四五六七八九十\d]{1,3}(?:个工作日|个小时|小时|日|天)(?:之内|以内|内)[^，,。；]{0,12}(?:报|完成|整改|落实|反馈|答复|上交)
      | 每[日天](?:上午|中午|下午|晚上|晚)?\d{1,2}\s*(?:时|点|[:：]\d{2})",
    )
});

/// The sort of a text, and the features that tell it. A notice in form has a number, or both an addressee and a
/// signer; news of a meeting has a meeting and is no notice in form.
pub(crate) fn kind(
    glyphs: &[Glyph],
    outline: &Outline,
    meeting: Option<Place>,
    original_len: usize,
) -> (Kind, Vec<Feature>) {
    let place = |part| outline.first(part).map(|range| place_of(glyphs, range, original_len));
    let deadline = outline.all(Part::Body).find_map(|paragraph| {
        let view = View::of(glyphs, paragraph);
        let found = DEADLINE.find(&view.text)?;
        Some(place_of(glyphs, view.of_match(found), original_len))
    });
    let (number, addressee, signer) = (place(Part::Number), place(Part::Addressee), place(Part::Signer));
    let kind = if number.is_some() || (addressee.is_some() && signer.is_some()) {
        Kind::FormalNotice
    } else if meeting.is_some() {
        Kind::MeetingNews
    } else {
        Kind::Other
    };
    let features = [
        ("number", number),
        ("addressee", addressee),
        ("deadline", deadline),
        ("signer", signer),
        ("meeting", meeting),
    ];
    (kind, features.map(|(feature, found)| Feature { feature: feature.to_owned(), found }).to_vec())
}
