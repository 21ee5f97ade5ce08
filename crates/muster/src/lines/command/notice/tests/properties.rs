//! What holds for every text, shown on texts harmed at random.

use super::super::extract::{self, pdf};
use super::super::{secrecy, study};
use super::sound;
use proptest::prelude::*;

/// Pieces that the rules look for, so that chance meets them.
const PIECES: &[&str] = &[
    "實(shí)",
    "(dǎo)",
    "（",
    "）",
    "?shù)",
    "脑嚱鹗\u{e1ef}湍サ妒",
    "?",
    "當",
    "\u{fffd}",
    "省委省中国",
    "进步",
    "组织导",
    "第时间",
    "一要",
    "二要",
    "三是",
    "要求，要",
    "召开会议",
    "主持召开",
    "2020年2月3日上午,",
    "2月",
    "出席会议",
    "、",
    "。",
    "，",
    ":",
    "\n",
    "\r\n",
    "  • 发布人:",
    "发布时间:2020-02-06 09:35:03",
    "EN",
    "一、",
    "（一）",
    "1.",
    "各单位：",
    "某国资〔2020〕3号",
    "2020年2月8日",
    "某省国资委办公室",
    "机密★1年",
    "省国资系统",
    "省属企业",
    " ",
    "\t",
    "字",
    "阻击一体战",
    "阻击体战",
    "🦠",
    "a",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_character_is_in_exactly_one_span(text in texts()) {
        let found = study(&text);
        sound(&text, &found);
        prop_assert_eq!(&found, &study(&text), "the same every time");
    }

    #[test]
    fn a_mark_is_found_behind_any_text(text in texts()) {
        let marked = format!("{text}\n秘 密★1年");
        prop_assert!(secrecy::mark(&marked, &[], None).is_some());
    }

    #[test]
    fn any_bytes_are_a_text_or_a_refusal(bytes in prop::collection::vec(any::<u8>(), 0..300), prefix in prop::sample::select(&["", "<html>", "PK\x03\x04", "\u{feff}"][..])) {
        let file = [prefix.as_bytes(), &bytes].concat();
        if let Ok(found) = extract::extract(&file, None, &pdf::read_here) {
            sound(&found.text, &study(&found.text));
        }
    }

    #[test]
    fn the_bytes_of_a_place_hold_its_characters(text in texts(), utf16: bool, from in 0_usize..40, len in 0_usize..40) {
        let file: Vec<u8> = if utf16 {
            std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        } else {
            text.clone().into_bytes()
        };
        let Ok(found) = extract::extract(&file, Some("text/plain"), &pdf::read_here) else { return Ok(()) };
        prop_assume!(found.media_type == extract::MediaType::Text);
        let count = found.text.chars().count();
        let start = from.min(count);
        let end = (start + len).min(count);
        let place = found.bytes_of(super::super::model::Place { start, end }).unwrap();
        let expected: String = found.text.chars().skip(start).take(end - start).collect();
        let bytes = &file[place.start..place.end];
        let decoded = if utf16 {
            encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()
        } else {
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        prop_assert_eq!(decoded, expected);
    }
}
