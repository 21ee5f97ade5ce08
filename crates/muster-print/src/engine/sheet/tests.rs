//! What stands on a sheet, and that a telephone reads its square.

use std::io::{Cursor, Read};

use typst_render::RenderOptions;
use zip::ZipArchive;

use super::pdf::pages;
use super::print;
use crate::engine::Fonts;
use crate::sheet::{SHEET_VERSION, SheetCheck, SheetDoc, SheetRow};
use crate::{Format, Lang};

fn fonts() -> Fonts {
    Fonts::find(None).expect("tests need fonts for Chinese: apt-get install fonts-noto-cjk")
}

const CHECK: &str = "https://desk.example/check#unit=G07-F10-S01&day=2020-02-06&form=daily&scope=alone&rev=2&hash=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn doc(lang: Lang) -> SheetDoc {
    let row = |name: &str, value: &str, said| SheetRow {
        name: name.into(),
        value: value.into(),
        unit: "人".into(),
        said,
    };
    SheetDoc {
        sheet: SHEET_VERSION,
        lang,
        simulated: Some("模拟数据".into()),
        office: "省国资委应对疫情工作领导小组办公室".into(),
        title: "每日疫情报表".into(),
        unit: "宿州站 G07-F10-S01".into(),
        day: "2020年2月6日".into(),
        statement: "零报告：本单位当日没有情况。".into(),
        facts: vec![["版次".into(), "第 2 版（更正）".into()]],
        columns: ["项目".into(), "填报".into(), "单位".into()],
        rows: vec![row("在岗人数", "1,204", true), row("发热人数", "未填", false)],
        texts: vec![["更正原因".into(), "#set text(red) </w:t> 漏统计一人".into()]],
        sign: vec!["填报人".into(), "单位盖章".into()],
        check: SheetCheck {
            text: CHECK.into(),
            hash: format!("sha256:{}", &CHECK[CHECK.len() - 64..]),
            label: "校验值".into(),
            hint: "扫码核对。".into(),
        },
        made_at: "2020-02-06T15:03:00+08:00".into(),
        page: "第 {page} 页 共 {pages} 页".into(),
    }
}

/// The texts of all squares in a grey picture.
fn squares(width: usize, height: usize, grey: impl FnMut(usize, usize) -> u8) -> Vec<String> {
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    picture.detect_grids().into_iter().map(|grid| grid.decode().unwrap().1).collect()
}

fn part(bytes: &[u8], name: &str) -> Vec<u8> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut bytes = Vec::new();
    zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn the_square_on_a_page_and_in_a_document_is_read_as_its_text() {
    let fonts = fonts();
    let (document, findings) = pages(&doc(Lang::ZhCn), &fonts).unwrap();
    assert_eq!((document.pages().len(), findings), (1, vec![]));
    let options = RenderOptions { pixel_per_pt: typst::utils::Scalar::new(2.0), render_bleed: false };
    let canvas = typst_render::render(&document.pages()[0], &options);
    let (width, height) = (canvas.width() as usize, canvas.height() as usize);
    let pixels = canvas.data();
    let read = squares(width, height, |x, y| pixels[(y * width + x) * 4]);
    assert_eq!(read, [CHECK]);

    let docx = print(&doc(Lang::ZhCn), Format::Docx, &fonts).unwrap().bytes;
    let mut reader = png::Decoder::new(Cursor::new(part(&docx, "word/media/chart.png"))).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let width = info.width as usize;
    assert_eq!(squares(width, info.height as usize, |x, y| pixels[y * width + x]), [CHECK]);
}

#[test]
fn every_word_stands_on_both_papers_and_none_becomes_markup() {
    let fonts = fonts();
    for lang in Lang::ALL {
        let doc = doc(lang);
        let (document, _) = pages(&doc, &fonts).unwrap();
        let page = crate::engine::tests::text(&document.pages()[0].frame);
        let docx = print(&doc, Format::Docx, &fonts).unwrap().bytes;
        let xml = String::from_utf8(part(&docx, "word/document.xml")).unwrap();
        let (body, _) = crate::engine::tests::xml(&xml);
        let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let mut words = vec![&*doc.office, &doc.title, &doc.unit, &doc.day, &doc.statement, &doc.check.hash];
        words.extend(doc.columns.iter().chain(&doc.sign).map(String::as_str));
        words.extend(doc.rows.iter().flat_map(|row| [&*row.name, &row.value]));
        words.extend(doc.texts.iter().chain(&doc.facts).flatten().map(String::as_str));
        for word in words {
            assert!(squeeze(&page).contains(&squeeze(word)), "{lang:?} {word}");
            assert!(squeeze(&body).contains(&squeeze(word)), "{lang:?} {word}");
        }
        assert!(page.contains("模拟数据"));
    }
}

#[test]
fn the_same_sheet_gives_the_same_bytes_and_another_revision_others() {
    let fonts = fonts();
    for format in [Format::Pdf, Format::Docx] {
        let once = print(&doc(Lang::ZhCn), format, &fonts).unwrap().bytes;
        assert_eq!(print(&doc(Lang::ZhCn), format, &fonts).unwrap().bytes, once);
        let mut other = doc(Lang::ZhCn);
        other.check.text = CHECK.replace("rev=2", "rev=3");
        assert_ne!(print(&other, format, &fonts).unwrap().bytes, once);
    }
    for format in [Format::Xlsx, Format::Png] {
        assert_eq!(print(&doc(Lang::En), format, &fonts).unwrap_err().code, "print.input.format");
    }
}

#[test]
fn a_form_of_many_items_goes_over_pages_and_is_signed_once() {
    let mut long = doc(Lang::En);
    long.rows = (0..500).map(|n| SheetRow { name: format!("item {n}"), ..long.rows[0].clone() }).collect();
    let (document, _) = pages(&long, &fonts()).unwrap();
    assert!(document.pages().len() > 5);
    let texts: Vec<_> = document.pages().iter().map(|page| crate::engine::tests::text(&page.frame)).collect();
    assert_eq!(texts.iter().filter(|text| text.contains("单位盖章")).count(), 1);
    assert!(texts.last().unwrap().contains("单位盖章") && texts.iter().all(|text| text.contains("填报")));
}

#[test]
fn a_document_that_is_none_is_refused_with_its_field() {
    let bytes = |doc: &SheetDoc| serde_json::to_vec(doc).unwrap();
    let code = |doc: &SheetDoc| SheetDoc::from_json(&bytes(doc)).map_err(|problem| problem.code);
    assert!(SheetDoc::is_one(&bytes(&doc(Lang::En))) && code(&doc(Lang::En)).is_ok());
    assert!(!SheetDoc::is_one(b"{\"brief\": 1}") && !SheetDoc::is_one(b"[]"));
    assert_eq!(code(&SheetDoc { sheet: 2, ..doc(Lang::En) }).unwrap_err(), "print.input.version");
    let rows = vec![doc(Lang::En).rows[0].clone(); 1_001];
    assert_eq!(code(&SheetDoc { rows, ..doc(Lang::En) }).unwrap_err(), "print.input.rows");
    let check = SheetCheck { text: "x".repeat(601), ..doc(Lang::En).check };
    assert_eq!(code(&SheetDoc { check, ..doc(Lang::En) }).unwrap_err(), "print.input.check");
    assert_eq!(SheetDoc::from_json(b"{").unwrap_err().code, "print.input.json");
    let late = SheetDoc { made_at: "yesterday".into(), ..doc(Lang::En) };
    for format in [Format::Pdf, Format::Docx] {
        assert_eq!(print(&late, format, &fonts()).unwrap_err().code, "print.input.instant");
    }
}
