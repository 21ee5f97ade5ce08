//! Nothing people write can change how the papers are made.

use super::*;

/// Texts that would do harm if any writer took them for more than text.
const HOSTILE: [&str; 9] = [
    "#set page(width: 1cm) #panic()",
    "$x$ *b* _i_ `r` <label> @ref [c] \\ // /* ~",
    "</w:t></w:r><w:p><w:r><w:t>&amp;<![CDATA[",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1-1",
    "@SUM(A1)",
    "&L&\"Arial\"&P {page} {n}",
    "http://example.org/ mailto:a@b.c",
];

/// The sample with hostile text wherever people's text can stand.
fn hostile() -> BriefDoc {
    let mut doc = brief(Lang::ZhCn, 28);
    let all = HOSTILE.join(" ");
    doc.office = HOSTILE[0].into();
    doc.title = HOSTILE[1].into();
    doc.number = Some(HOSTILE[7].into());
    doc.digest = Some(HOSTILE[2].into());
    doc.sentences = HOSTILE.map(String::from).to_vec();
    doc.lineage.heads = all.clone();
    for (i, text) in HOSTILE.iter().enumerate() {
        doc.groups[i].name = (*text).into();
        doc.totals[i].name = (*text).into();
        doc.totals[i].unit = "=1".into();
        doc.absent[i].unit = (*text).into();
        doc.absent[i].path = all.clone();
        doc.absent[i].at = Some((*text).into());
    }
    doc.numbers[0].name = HOSTILE[0].into();
    doc.chart.series[0].name = HOSTILE[3].into();
    doc.chart.days[0] = HOSTILE[3].into();
    doc.contradictions[0].text = all.clone();
    doc.corrections[0].before = Cell::Text(HOSTILE[3].into());
    doc.corrections[0].reason = "很长".repeat(5_000);
    doc.corrections[0].day = "x".repeat(500);
    doc.corrections[1].unit = "W".repeat(250);
    doc.corrections[1].reason = "\0\u{1}\u{202E}abc\u{FFFE}\u{200F}".into();
    doc.narrative.progress = HOSTILE.map(String::from).to_vec();
    doc.narrative.problems = vec!["囍".repeat(10_000)];
    doc.labels.insert("none".into(), HOSTILE[3].into());
    doc.labels.insert("section.totals".into(), "a/b:c*[d]?".into());
    doc.labels.insert("section.groups".into(), "a/b:c*[d]?".into());
    doc
}

#[test]
fn hostile_text_stands_on_the_pages_as_it_was_written_and_nothing_runs_over_the_edge() {
    let fonts = fonts();
    let doc = hostile();
    for (document, width) in
        [(pdf::pages(&doc, &fonts).unwrap(), 595.3), (png::document(&doc, &fonts).unwrap(), 360.0)]
    {
        let all: String = document.0.pages().iter().map(|page| text(&page.frame)).collect();
        for text in HOSTILE {
            assert!(squeeze(&all).contains(&squeeze(text)), "{text}");
        }
        assert!(all.contains("abc") && !all.contains(['\0', '\u{202E}', '\u{FFFE}', '\u{200F}']));
        assert!(document.1.iter().any(|f| f.finding == "print.text.control"));
        if width > 500.0 {
            assert_eq!(all.matches('囍').count(), 10_000, "a long note is printed whole");
            assert_eq!(all.matches("很长").count(), 5_000);
        }
        for word in document.0.pages().iter().flat_map(|page| words(&page.frame)) {
            assert!(word.right < width, "over the edge by {} pt: {}", word.right - width, word.text);
        }
    }
}

#[test]
fn hostile_text_in_the_text_document_is_text() {
    let printed = print(&hostile(), Format::Docx, &fonts()).unwrap();
    for (name, source) in parts(&printed).into_iter().filter(|(name, _)| !name.ends_with(".png")) {
        let (_, names) = xml(&source);
        assert!(!names.iter().any(|n| n.contains("hyperlink") || n.contains("instrText")), "{name}");
    }
    let (text, _) = xml(&part(&printed, "word/document.xml"));
    for hostile in HOSTILE {
        assert!(text.contains(hostile), "{hostile}");
    }
}

#[test]
fn hostile_text_in_the_workbook_is_text_and_figures_are_numbers() {
    let printed = print(&hostile(), Format::Xlsx, &fonts()).unwrap();
    let (text, _) = xml(&part(&printed, "xl/sharedStrings.xml"));
    for hostile in HOSTILE {
        assert!(text.contains(hostile), "{hostile}");
    }
    let mut unlocked = 0;
    for (name, source) in parts(&printed) {
        if name.starts_with("xl/worksheets/sheet") {
            let (_, names) = xml(&source);
            assert!(!names.iter().any(|n| n == "f" || n == "hyperlink"), "{name}");
            assert!(source.contains("<sheetProtection sheet=\"1\""), "{name}");
            unlocked += usize::from(source.contains("&amp;P / &amp;N"));
        }
    }
    assert_eq!(unlocked, 11, "every sheet has its page in the foot");
    // The totals: their figures are cells without a type, which are numbers.
    let sheet = part(&printed, "xl/worksheets/sheet2.xml");
    let value = brief(Lang::ZhCn, 28).totals[0].value.unwrap();
    assert!(sheet.contains(&format!("<v>{value}</v>")), "{sheet}");
    assert!(printed.findings.iter().any(|f| f.finding == "print.text.control"));
}

#[test]
fn a_character_no_font_has_is_marked_and_said_not_left_blank() {
    let mut doc = brief(Lang::ZhCn, 28);
    // Lydian: in no font for Chinese.
    doc.absent[0].unit = "甲\u{10920}乙".into();
    let fonts = fonts();
    let (document, findings) = pdf::pages(&doc, &fonts).unwrap();
    assert!(findings.iter().any(|f| f.finding == "print.glyph.missing" && f.message.contains("U+10920")));
    let all: String = document.pages().iter().map(|page| text(&page.frame)).collect();
    assert!(all.contains("甲〓乙"));
    assert!(document.pages().iter().flat_map(|page| words(&page.frame)).all(|word| !word.tofu));
    // Where the reader's machine brings the fonts, the character stays.
    let docx = print(&doc, Format::Docx, &fonts).unwrap();
    assert!(xml(&part(&docx, "word/document.xml")).0.contains("甲\u{10920}乙"));
}
