//! A message's words, cut as its channel takes them. Nothing is dropped in silence: what does not fit says how much is
//! left out. Pure.

use super::model::{Kept, Kind};
use crate::say;
use muster_kernel::{Digest, Locale};

/// Parts of one message: a flood of parts is read by nobody.
const PARTS_MAX: usize = 5;

/// Bytes of one part: what 企业微信 documents for a text; for 钉钉, which documents none for robots, what it documents for
/// messages of its other robots.
fn part_bytes_max(kind: Kind) -> Option<usize> {
    match kind {
        Kind::Wecom => Some(2_048),
        Kind::Dingtalk => Some(15_000),
        Kind::Mail | Kind::Webhook | Kind::Folder | Kind::Memory => None,
    }
}

/// Kind, subject and text of a message of some letters.
pub(super) fn words(letters: &[Kept], locale: Locale) -> (String, String, String) {
    if let [only] = letters {
        let letter = &only.letter;
        return (letter.kind.word().to_owned(), letter.subject.clone(), letter.text.clone());
    }
    let args = [("count".to_owned(), letters.len().to_string())].into();
    let texts = letters.iter().map(|one| format!("【{}】\n{}", one.letter.subject, one.letter.text));
    let text = texts.collect::<Vec<_>>().join("\n\n");
    ("digest".to_owned(), say::say(locale, "outbound.digest", &args), text)
}

/// The parts of a message as they are sent. To a robot the subject goes along, and each part bears a mark, by which a
/// repeat is known: there is no other place for it.
pub(super) fn parts(kind: Kind, key: &str, subject: &str, text: &str, locale: Locale) -> Vec<String> {
    let Some(bytes_max) = part_bytes_max(kind) else { return vec![text.to_owned()] };
    let digest = Digest::of(key.as_bytes()).to_string();
    let mark =
        digest.rsplit_once(':').map_or(&*digest, |(_, hex)| hex).get(..8).unwrap_or_default().to_owned();
    // Room for the mark with its count.
    let room = bytes_max - mark.len() - 16;
    let mut rest = &*format!("{subject}\n{text}");
    let mut parts = Vec::new();
    while rest.len() > room && parts.len() + 1 < PARTS_MAX {
        let (part, after) = cut(rest, room);
        parts.push(part.to_owned());
        rest = after;
    }
    if rest.len() <= room {
        parts.push(rest.to_owned());
    } else {
        let told = |count: usize| {
            let args = [("count".to_owned(), count.to_string())].into();
            format!("\n{}", say::say(locale, "outbound.shortened", &args))
        };
        let (part, after) = cut(rest, room - told(usize::MAX).len());
        parts.push(format!("{}{}", part.trim_end(), told(after.chars().count())));
    }
    let all = parts.len();
    let marked = |(n, part): (usize, String)| match all {
        1 => format!("{}\n[{mark}]", part.trim_end()),
        _ => format!("{}\n[{mark} {}/{all}]", part.trim_end(), n + 1),
    };
    parts.into_iter().enumerate().map(marked).collect()
}

/// The first bytes of a text, whole characters and if possible whole lines; and the rest.
fn cut(text: &str, bytes: usize) -> (&str, &str) {
    let end = text.floor_char_boundary(bytes);
    let line = text[..end].rfind('\n').map(|at| at + 1).filter(|at| *at > end / 2);
    text.split_at(line.unwrap_or(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_robot_gets_what_it_takes_and_is_told_what_is_left_out() {
        let parts = |text: &str| parts(Kind::Wecom, "k", "标题", text, Locale::ZhCn);
        let [one] = &parts("一行")[..] else { panic!("one part") };
        assert!(one.starts_with("标题\n一行\n[") && one.ends_with(']'), "{one}");
        let lines: String = (0..200).map(|n| format!("第{n}家单位还没有报送\n")).collect();
        let all = parts(&lines);
        assert!((2..=PARTS_MAX).contains(&all.len()), "{}", all.len());
        assert!(all.iter().all(|part| part.len() <= 2_048));
        let joined: String = all.iter().map(|part| &part[..part.rfind("\n[").unwrap() + 1]).collect();
        assert!(
            (0..200).all(|n| joined.contains(&format!("第{n}家单位还没有报送\n"))),
            "nothing is lost at the seams"
        );
        // A line without end is cut between characters.
        let all = parts(&"字".repeat(20_000));
        assert_eq!(all.len(), PARTS_MAX);
        assert!(all.iter().all(|part| part.len() <= 2_048));
        let told: usize = all.iter().map(|part| part.matches('字').count()).sum();
        let left = (20_000 + 1 - told).to_string();
        assert!(
            all[PARTS_MAX - 1].contains(&left) || all[PARTS_MAX - 1].contains(&(20_000 - told).to_string()),
            "{}",
            all[4]
        );
        assert_eq!(super::parts(Kind::Mail, "k", "s", &"字".repeat(20_000), Locale::En).len(), 1);
    }
}
