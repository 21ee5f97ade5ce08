//! What stands on the papers.

mod hostile;

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use typst::layout::{Frame, FrameItem, Point};
use typst_layout::PagedDocument;
use zip::ZipArchive;

use super::{Fonts, Printed, pdf, png, print};
use crate::sample::brief;
use crate::{Absent, BriefDoc, Cell, Correction, Format, Lang, Lineage, Narrative, Rates, labels};

fn fonts() -> Fonts {
    Fonts::find(None).expect("tests need fonts for Chinese: apt-get install fonts-noto-cjk")
}

/// A text on a page: what it says, where it ends to the right, and whether a glyph is missing.
struct Word {
    text: String,
    right: f64,
    tofu: bool,
}

fn words(frame: &Frame) -> Vec<Word> {
    fn walk(frame: &Frame, at: Point, words: &mut Vec<Word>) {
        for (place, item) in frame.items() {
            match item {
                FrameItem::Group(group) => {
                    let moved = Point::new(group.transform.tx, group.transform.ty);
                    walk(&group.frame, at + *place + moved, words);
                }
                FrameItem::Text(text) => words.push(Word {
                    text: text.text.to_string(),
                    right: (at.x + place.x + text.width()).to_pt(),
                    tofu: text.glyphs.iter().any(|glyph| glyph.id == 0),
                }),
                _ => {}
            }
        }
    }
    let mut words_ = Vec::new();
    walk(frame, Point::zero(), &mut words_);
    words_
}

/// The text of a page, without the breaks the typesetter put in.
pub(super) fn text(frame: &Frame) -> String {
    let text: String = words(frame).into_iter().map(|w| w.text).collect();
    text.replace('\u{200B}', "")
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A day on which there is nothing to say.
fn empty(lang: Lang) -> BriefDoc {
    let mut doc = brief(lang, 0);
    doc.sentences.clear();
    doc.numbers.clear();
    doc.totals.clear();
    doc.chart = crate::Chart::default();
    doc.absent.clear();
    doc.contradictions.clear();
    doc.disagreements.clear();
    doc.corrections.clear();
    doc.narrative = Narrative::default();
    doc.lineage = Lineage::default();
    doc.rates = Rates::default();
    doc.digest = None;
    doc.simulated = false;
    doc
}

fn parts(printed: &Printed) -> Vec<(String, String)> {
    let mut zip = ZipArchive::new(Cursor::new(&printed.bytes)).unwrap();
    (0..zip.len())
        .map(|i| {
            let mut file = zip.by_index(i).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), String::from_utf8_lossy(&bytes).into_owned())
        })
        .collect()
}

fn part(printed: &Printed, name: &str) -> String {
    parts(printed).into_iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no part {name}")).1
}

/// The text of XML, and the names of its elements; panics where it is not well-formed.
pub(super) fn xml(source: &str) -> (String, Vec<String>) {
    let mut reader = Reader::from_str(source);
    let (mut text, mut names) = (String::new(), Vec::new());
    loop {
        match reader.read_event().unwrap_or_else(|e| panic!("not well-formed: {e}")) {
            Event::Start(e) | Event::Empty(e) => {
                names.push(e.name().as_ref().to_owned());
            }
            Event::Text(e) => text.push_str(e.as_ref()),
            Event::GeneralRef(e) => {
                text.push_str(quick_xml::escape::resolve_predefined_entity(e.as_ref()).unwrap());
            }
            Event::Eof => return (text, names),
            _ => {}
        }
    }
}

#[test]
fn every_section_is_on_the_pages_in_every_language_and_no_glyph_is_missing() {
    let fonts = fonts();
    for lang in Lang::ALL {
        let (document, findings) = pdf::pages(&brief(lang, 3), &fonts).unwrap();
        assert_eq!(findings, []);
        let all: String = document.pages().iter().map(|page| text(&page.frame)).collect();
        // The first section bears no heading; the day of the sample is frozen, so who is absent is missing.
        let unheaded = ["section.summary", "section.absent"];
        for key in labels::keys().filter(|key| key.starts_with("section.") && !unheaded.contains(key)) {
            assert!(squeeze(&all).contains(&squeeze(labels::get(lang, key).unwrap())), "{lang:?} {key}");
        }
        for page in document.pages() {
            let simulated = squeeze(labels::get(lang, "simulated").unwrap());
            assert!(squeeze(&text(&page.frame)).contains(&simulated), "{lang:?}: not on every page");
            assert!(words(&page.frame).iter().all(|word| !word.tofu));
        }
    }
}

#[test]
fn an_empty_day_says_none_in_every_section_on_every_paper() {
    let fonts = fonts();
    let doc = empty(Lang::ZhCn);
    // Sentences, numbers, totals, chart, groups, absent, contradictions, disagreements and corrections. The three parts
    // of the narrative are not said: nobody wrote that there is nothing.
    let unwritten = |text: &str| text.matches("未填写").count();
    let nones = |text: &str| text.matches('无').count() - text.matches("无摘要").count();
    let pages = pdf::pages(&doc, &fonts).unwrap().0;
    let all: String = pages.pages().iter().map(|page| text(&page.frame)).collect();
    assert_eq!((nones(&all), unwritten(&all)), (9, 3), "{all}");
    assert!(!all.contains("模拟"), "a real day is not said to be simulated");
    let picture = png::document(&doc, &fonts).unwrap().0;
    let picture = text(&picture.pages()[0].frame);
    assert_eq!((nones(&picture), unwritten(&picture)), (9, 3));
    let docx = print(&doc, Format::Docx, &fonts).unwrap();
    let docx = xml(&part(&docx, "word/document.xml")).0;
    assert_eq!((nones(&docx), unwritten(&docx)), (9, 3));
    let xlsx = print(&doc, Format::Xlsx, &fonts).unwrap();
    // A workbook keeps a text once, however often it stands in it.
    let strings = xml(&part(&xlsx, "xl/sharedStrings.xml")).0;
    assert_eq!((nones(&strings), unwritten(&strings)), (1, 1));
    assert_eq!(parts(&xlsx).iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")).count(), 11);
}

#[test]
fn a_correction_and_a_first_report_that_came_late_are_told_apart_on_every_paper() {
    let fonts = fonts();
    for lang in Lang::ALL {
        let [anew, first] =
            ["correction.anew", "correction.first"].map(|key| labels::get(lang, key).unwrap());
        let doc = brief(lang, 3);
        assert_eq!(doc.corrections.iter().filter(|c| c.revision == 1).count(), 1);
        let laid = |document: &PagedDocument| {
            let text: String = document.pages().iter().map(|page| text(&page.frame)).collect();
            squeeze(&text)
        };
        let sheet = parts(&print(&doc, Format::Xlsx, &fonts).unwrap());
        let papers = [
            laid(&pdf::pages(&doc, &fonts).unwrap().0),
            laid(&png::document(&doc, &fonts).unwrap().0),
            squeeze(&xml(&part(&print(&doc, Format::Docx, &fonts).unwrap(), "word/document.xml")).0),
        ];
        for paper in papers {
            // The heading of the list has the word too.
            assert!(paper.matches(&squeeze(anew)).count() >= 4, "{lang:?} {paper}");
            assert!(paper.contains(&squeeze(first)), "{lang:?} {paper}");
        }
        let (_, texts) = sheet.iter().find(|(name, _)| name == "xl/sharedStrings.xml").unwrap();
        assert!(texts.contains(&format!(">{anew}<")) && texts.contains(&format!(">{first}<")), "{lang:?}");
    }
}

#[test]
fn the_head_of_a_long_table_is_repeated_and_every_group_is_there() {
    let mut doc = brief(Lang::ZhCn, 120);
    doc.labels.insert("group.zero".into(), "零栏".into());
    let (document, findings) = pdf::pages(&doc, &fonts()).unwrap();
    assert_eq!(findings, []);
    let pages: Vec<String> = document.pages().iter().map(|page| text(&page.frame)).collect();
    assert!(pages.iter().filter(|page| page.contains("零栏")).count() >= 3);
    let all = pages.concat();
    for group in &doc.groups {
        assert!(all.contains(&group.name), "{}", group.name);
    }
}

#[test]
fn the_picture_is_as_wide_as_a_phone_and_no_taller_than_it_can_show() {
    let fonts = fonts();
    let mut doc = brief(Lang::ZhCn, 60);
    doc.absent = vec![doc.absent[0].clone(); 3_000];
    doc.narrative.next = vec!["字".repeat(10_000); 3];
    let printed = print(&doc, Format::Png, &fonts).unwrap();
    let reader = ::png::Decoder::new(Cursor::new(&printed.bytes)).read_info().unwrap();
    assert_eq!(reader.info().width, 1080);
    assert!(f64::from(reader.info().height) <= png::HEIGHT_MAX, "{}", reader.info().height);
    assert!(printed.findings.iter().any(|f| f.finding == "print.list.cut"));
    // What is left out is counted in the picture.
    let (document, _) = png::document(&doc, &fonts).unwrap();
    let all = text(&document.pages()[0].frame);
    assert!(all.contains("行未列") && all.contains("字略"), "{all}");
}

#[test]
fn only_the_narrative_of_the_text_document_can_be_edited() {
    let printed = print(&brief(Lang::ZhCn, 28), Format::Docx, &fonts()).unwrap();
    let settings = part(&printed, "word/settings.xml");
    assert!(settings.contains(r#"<w:documentProtection w:edit="readOnly" w:enforcement="1"/>"#));
    let body = part(&printed, "word/document.xml");
    let ranges: Vec<String> = body
        .split("<w:permStart ")
        .skip(1)
        .map(|rest| {
            let (range, _) = rest.split_once("<w:permEnd ").expect("a range that ends");
            let (attributes, inner) = range.split_once("/>").unwrap();
            assert!(attributes.contains(r#"w:edGrp="everyone""#));
            // It starts inside one paragraph and ends inside another.
            xml(&format!("<w:p>{inner}</w:p>")).0
        })
        .collect();
    assert_eq!(ranges.len(), 3);
    let narrative = brief(Lang::ZhCn, 28).narrative;
    assert_eq!(ranges, [narrative.progress.concat(), narrative.problems.concat(), "未填写".into()]);
}

/// That the same document gives the same bytes in two processes is tested on the command.
#[test]
fn the_time_inside_a_file_is_the_documents() {
    let fonts = fonts();
    let doc = brief(Lang::ZhCn, 2);
    let pdf = print(&doc, Format::Pdf, &fonts).unwrap().bytes;
    assert!(pdf.windows(30).any(|w| w.starts_with(b"/CreationDate(D:20200203150004")));
    let docx = print(&doc, Format::Docx, &fonts).unwrap();
    assert!(part(&docx, "docProps/core.xml").contains("2020-02-03T07:00:04Z"));
    let xlsx = print(&doc, Format::Xlsx, &fonts).unwrap();
    assert!(part(&xlsx, "docProps/core.xml").contains("2020-02-03T15:00:04Z"));
    for bytes in [docx.bytes, xlsx.bytes] {
        let mut zip = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        for i in 0..zip.len() {
            assert_eq!(zip.by_index(i).unwrap().last_modified(), Some(zip::DateTime::default()));
        }
    }
}

#[test]
fn a_wrong_day_or_instant_is_refused_by_its_field_on_every_paper() {
    let fonts = fonts();
    for (field, wrong) in [("day", "2020-13-01"), ("as_of", "yesterday"), ("made_at", "2020-02-03")] {
        let mut doc = serde_json::to_value(brief(Lang::En, 3)).unwrap();
        doc[field] = wrong.into();
        let doc: BriefDoc = serde_json::from_value(doc).unwrap();
        for format in Format::ALL {
            let problem = print(&doc, format, &fonts).unwrap_err();
            assert!(problem.code.starts_with("print.input."), "{problem}");
            assert_eq!(problem.field.as_deref(), Some(field));
        }
    }
}

#[test]
fn a_folder_without_fonts_is_said_and_the_workbook_needs_none() {
    let folder = std::env::temp_dir();
    let nothing = folder.join("no-such-folder");
    assert_eq!(Fonts::find(Some(&nothing)).err().map(|p| p.code), Some("print.font.none"));
    let fonts = Fonts::for_format(Format::Xlsx, Some(&nothing)).unwrap();
    assert!(print(&brief(Lang::ZhCn, 2), Format::Xlsx, &fonts).is_ok());
}

#[test]
fn more_rows_than_a_paper_takes_are_counted_on_it_and_all_in_the_workbook() {
    let mut doc = empty(Lang::En);
    let one = Absent {
        code: String::new(),
        unit: "Site".into(),
        path: "A / B".into(),
        group: "A".into(),
        status: crate::Absence::Missing,
        at: None,
    };
    doc.absent = (0..2_500).map(|i| Absent { unit: format!("Site {i}"), ..one.clone() }).collect();
    doc.corrections = Vec::<Correction>::new();
    let fonts = fonts();
    let docx = print(&doc, Format::Docx, &fonts).unwrap();
    let (text, _) = xml(&part(&docx, "word/document.xml"));
    assert!(text.contains("Rows not shown here: 1,500."), "the paper says how many are left out");
    assert!(!text.contains("Site 2499"));
    assert_eq!(docx.findings.len(), 1);
    let xlsx = print(&doc, Format::Xlsx, &fonts).unwrap();
    assert_eq!(xlsx.findings, []);
    assert!(part(&xlsx, "xl/sharedStrings.xml").contains("Site 2499"));
}

/// Not a test: prints how long each paper takes, the first time and the third.
/// `cargo test --profile demo -p muster-print --features engine timings -- --ignored --nocapture`
#[test]
#[ignore = "measures, asserts nothing"]
fn timings() {
    for (what, groups) in [("28 groups", 28), ("400 groups", 400)] {
        let mut doc = brief(Lang::ZhCn, groups);
        for format in Format::ALL {
            let mut times = Vec::new();
            let mut size = 0;
            for turn in 0..3 {
                // Another document each time, so that nothing is remembered but the fonts' parts.
                doc.totals[0].value = Some(f64::from(1000 + turn));
                let start = std::time::Instant::now();
                let fonts = Fonts::for_format(format, None).unwrap();
                let found = start.elapsed();
                size = print(&doc, format, &fonts).unwrap().bytes.len();
                times.push((found, start.elapsed()));
            }
            let [(found, first), _, (_, third)] = times[..] else { unreachable!() };
            println!("{what} {format}: first {first:?} (fonts {found:?}), third {third:?}, {size} bytes");
        }
    }
}

#[test]
fn only_the_narrative_of_the_workbook_can_be_edited() {
    let printed = print(&brief(Lang::ZhCn, 3), Format::Xlsx, &fonts()).unwrap();
    let styles = part(&printed, "xl/styles.xml");
    let (_, formats) = styles.split_once("<cellXfs").unwrap();
    // The places of the formats that take the lock off.
    let open: Vec<String> = formats
        .split("<xf ")
        .skip(1)
        .enumerate()
        .filter(|(_, format)| format.contains(r#"<protection locked="0"/>"#))
        .map(|(i, _)| format!(r#" s="{i}""#))
        .collect();
    assert_eq!(open.len(), 1);
    let sheets: Vec<String> = parts(&printed)
        .into_iter()
        .filter(|(name, source)| name.starts_with("xl/worksheets/sheet") && source.contains(&open[0]))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(sheets, ["xl/worksheets/sheet10.xml"]);
}

/// Figures of other units than yesterday's are no change on any paper, and a note stands where its mark leads.
#[test]
fn a_change_that_is_none_and_a_note_are_said_on_every_paper() {
    let doc = brief(Lang::En, 3);
    let big = doc.numbers.iter().find(|n| n.other_units.is_some()).unwrap();
    let told = "not the same units as yesterday";
    let mark = format!("was frozen, which has: {}.", doc.totals[1].note);
    let same = doc.totals[2].same_units.as_ref().unwrap();
    let same = format!("+7 (in both: {})", same.units);
    let docx = print(&doc, Format::Docx, &fonts()).unwrap();
    let text = part(&docx, "word/document.xml");
    let xlsx = print(&doc, Format::Xlsx, &fonts()).unwrap();
    let strings = part(&xlsx, "xl/sharedStrings.xml");
    for text in [&text, &strings] {
        assert!(text.contains(told) && text.contains("other units") && text.contains(&big.name));
        assert!(text.contains(&mark), "{mark}");
        assert!(text.contains(&same), "{same}");
    }
    assert!(
        part(&xlsx, "xl/styles.xml").contains(r##"#,##0&quot;*&quot;"##),
        "the marked figure stays a number"
    );
}
