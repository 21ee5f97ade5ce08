//! DOCX to text: the paragraphs of the document, and beside them page headers and footers, notes, comments, text boxes,
//! watermarks, descriptions of pictures, what was struck out, and the document's properties. Read as a stream of XML
//! events, so that depth costs nothing; external entities are never asked for.

use super::{ENTRIES_MAX, UNPACKED_BYTES_MAX};
use muster_kernel::{Problem, ProblemKind};
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::io::{Cursor, Read};
use zip::ZipArchive;

const DOCUMENT: &str = "word/document.xml";
/// How the names of parts begin that are printed or shown beside the document.
const BESIDE: [&str; 6] = [
    "word/header",
    "word/footer",
    "word/footnotes",
    "word/endnotes",
    "word/comments",
    "word/glossary/document",
];
/// Attributes that hold words: those of a watermark, and what is said of a picture.
const SAID: [&str; 4] = ["string", "descr", "title", "alt"];

/// The text of a document, and what stands beside it.
pub(super) fn text(bytes: &[u8]) -> Result<(String, Vec<String>), Problem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > ENTRIES_MAX {
        return Err(Problem::new(ProblemKind::TooLarge, "notice.docx_entries").with("limit", ENTRIES_MAX));
    }
    let names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
    if !names.iter().any(|name| name == DOCUMENT) {
        return Err(Problem::new(ProblemKind::Unsupported, "notice.docx_no_document"));
    }
    let mut budget = UNPACKED_BYTES_MAX;
    let mut beside = Vec::new();
    let text = paragraphs(&part(&mut archive, DOCUMENT, &mut budget)?, &mut beside)?;
    for name in names.iter().filter(|name| name.ends_with(".xml")) {
        if BESIDE.iter().any(|start| name.starts_with(start)) {
            let part = part(&mut archive, name, &mut budget)?;
            let part = paragraphs(&part, &mut beside)?;
            beside.push(part);
        } else if name.starts_with("docProps/") {
            beside.push(properties(&part(&mut archive, name, &mut budget)?)?);
        }
    }
    Ok((text, beside))
}

/// One part, unpacked as far as the budget for all of them reaches.
fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str, budget: &mut u64) -> Result<String, Problem> {
    let entry = archive.by_name(name).map_err(|_| broken())?;
    let mut part = String::new();
    entry.take(*budget + 1).read_to_string(&mut part).map_err(|_| broken())?;
    *budget = budget.checked_sub(part.len() as u64).ok_or_else(|| {
        Problem::new(ProblemKind::TooLarge, "notice.docx_unpacked").with("limit_mb", UNPACKED_BYTES_MAX >> 20)
    })?;
    Ok(part)
}

/// What the properties of a document say, a line each: title, subject, keywords, whatever somebody added.
fn properties(part: &str) -> Result<String, Problem> {
    let mut reader = quick_xml::Reader::from_str(part);
    let mut said = String::new();
    loop {
        match reader.read_event().map_err(|_| broken())? {
            Event::Text(chars) => said.push_str(&chars.xml10_content()),
            Event::CData(chars) => said.push_str(&chars.xml10_content()),
            Event::GeneralRef(name) => said.extend(name.resolve_char_ref().ok().flatten()),
            Event::End(_) => said.push('\n'),
            Event::Eof => return Ok(said),
            _ => {}
        }
    }
}

/// What attributes of an element say in words.
fn said_by(element: &BytesStart<'_>, beside: &mut Vec<String>) {
    let mut attributes = element.attributes();
    let attributes = attributes.with_checks(false).flatten();
    let said = attributes.filter(|attribute| SAID.contains(&attribute.key.local_name().as_ref()));
    beside.extend(
        said.filter_map(|one| one.normalized_value(XmlVersion::Implicit1_0).ok()).map(Cow::into_owned),
    );
}

/// The text of one part. What was deleted or moved away under tracked changes is not text, and of alternatives for
/// older programs only the first is read; both stand beside.
fn paragraphs(part: &str, boxes: &mut Vec<String>) -> Result<String, Problem> {
    let mut reader = quick_xml::Reader::from_str(part);
    let mut text = String::new();
    let mut left = String::new();
    let mut in_text = false;
    let mut left_out = 0_usize;
    let mut box_starts: Vec<usize> = Vec::new();
    loop {
        let event = reader.read_event().map_err(|_| broken())?;
        if let Event::Start(element) | Event::Empty(element) = &event {
            said_by(element, boxes);
        }
        let to = if left_out == 0 { &mut text } else { &mut left };
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "Fallback" | "del" | "moveFrom" => left_out += 1,
                "t" | "delText" => in_text = true,
                "txbxContent" => {
                    text.push('\n');
                    box_starts.push(text.len());
                }
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "Fallback" | "del" | "moveFrom" => left_out = left_out.saturating_sub(1),
                "t" | "delText" => in_text = false,
                "p" => {
                    left.push('\n');
                    if left_out == 0 {
                        text.push('\n');
                    }
                }
                "tc" if left_out == 0 => end_cell(&mut text),
                "tr" if left_out == 0 => text.push('\n'),
                "txbxContent" => boxes.extend(box_starts.pop().map(|start| text[start..].to_owned())),
                _ => {}
            },
            Event::Empty(element) if left_out == 0 => match element.local_name().as_ref() {
                "tab" => text.push('\t'),
                "br" | "cr" => text.push('\n'),
                "p" => text.push('\n'),
                _ => {}
            },
            Event::Text(chars) if in_text => to.push_str(&chars.xml10_content()),
            Event::CData(chars) if in_text => to.push_str(&chars.xml10_content()),
            Event::GeneralRef(name) if in_text => match name.resolve_char_ref() {
                Ok(Some(c)) => to.push(c),
                Ok(None) => {
                    to.push_str(resolve_predefined_entity(name.as_ref()).unwrap_or_default());
                }
                Err(_) => return Err(broken()),
            },
            Event::Eof => {
                boxes.extend(Some(left).filter(|left| !left.trim().is_empty()));
                return Ok(text);
            }
            _ => {}
        }
    }
}

/// A cell ends with a tab in place of the line end of its last paragraph.
fn end_cell(text: &mut String) {
    text.truncate(text.trim_end_matches('\n').len());
    text.push('\t');
}

fn broken() -> Problem {
    Problem::invalid("notice.docx_broken")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::write::SimpleFileOptions;

    pub(in super::super) fn docx(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn document(body: &str) -> String {
        format!("<w:document xmlns:w='w' xmlns:mc='mc'><w:body>{body}</w:body></w:document>")
    }

    fn check(body: &str, expected: &str) {
        let (found, _) = text(&docx(&[(DOCUMENT, &document(body))])).unwrap();
        assert_eq!(found, expected, "{body}");
    }

    #[test]
    fn paragraphs_cells_and_changes() {
        check(
            "<w:p><w:r><w:t>一</w:t></w:r><w:r><w:t>要 &amp; &#20108;</w:t></w:r></w:p><w:p/>",
            "一要 & 二\n\n",
        );
        check(
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>乙</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
            "甲\t乙\t\n",
        );
        check(
            "<w:p><w:del><w:r><w:delText>x</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>y</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>新</w:t></w:r></w:ins></w:p>",
            "新\n",
        );
        check("<w:p><w:r><w:t>a</w:t><w:tab/><w:br/></w:r></w:p>", "a\t\n\n");
    }

    #[test]
    fn headers_and_text_boxes_stand_beside() {
        let boxed = "<w:p><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>机密</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:r><w:t>机密</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>";
        let header = "<w:hdr xmlns:w='w'><w:p><w:r><w:t>秘密★1年</w:t></w:r></w:p></w:hdr>";
        let file = docx(&[(DOCUMENT, &document(boxed)), ("word/header1.xml", header)]);
        let (found, beside) = text(&file).unwrap();
        assert_eq!(found, "\n机密\n\n");
        let beside: Vec<&str> = beside.iter().map(|part| part.trim()).collect();
        assert_eq!(beside, ["机密", "机密", "秘密★1年"], "the box, its alternative, the header");
    }

    #[test]
    fn whatever_is_shown_or_kept_beside_a_document_is_looked_at() {
        let words = |text: &str| format!("<w:x xmlns:w='w'><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:x>");
        let watermark = "<w:hdr xmlns:w='w' xmlns:v='v'><w:p><w:pict><v:shape><v:textpath string='机密'/></v:shape></w:pict></w:p></w:hdr>";
        let title = "<p xmlns:dc='dc'><dc:creator>x</dc:creator><dc:title>机密</dc:title></p>";
        let plain = document("<w:p><w:r><w:t>通知</w:t></w:r></w:p>");
        for (name, part) in [
            ("word/header1.xml", watermark.to_owned()),
            ("word/footnotes.xml", words("机密")),
            ("word/endnotes.xml", words("机密")),
            ("word/comments.xml", words("机密")),
            ("docProps/core.xml", title.to_owned()),
            ("docProps/custom.xml", title.to_owned()),
        ] {
            let (_, beside) = text(&docx(&[(DOCUMENT, &plain), (name, &part)])).unwrap();
            let lines: Vec<&str> = beside.iter().flat_map(|part| part.lines()).collect();
            assert!(lines.contains(&"机密"), "{name}: {beside:?}");
        }
        for body in [
            "<w:p><w:del><w:r><w:delText>机</w:delText></w:r><w:r><w:delText>密</w:delText></w:r></w:del></w:p>",
            "<w:docPr descr='机密'/>",
        ] {
            let (_, beside) = text(&docx(&[(DOCUMENT, &document(body))])).unwrap();
            assert!(beside.iter().any(|part| part.trim() == "机密"), "{body}: {beside:?}");
        }
    }

    #[test]
    fn broken_and_oversized_files_are_refused() {
        let code = |bytes: &[u8]| text(bytes).unwrap_err().code;
        assert_eq!(code(b"PK\x03\x04"), "notice.docx_broken");
        assert_eq!(code(&docx(&[("xl/workbook.xml", "<a/>")])), "notice.docx_no_document");
        assert_eq!(code(&docx(&[(DOCUMENT, "<w:a><w:b></w:a>")])), "notice.docx_broken");
        let mut cut = docx(&[(DOCUMENT, &document("<w:p/>"))]);
        cut.truncate(cut.len() / 2);
        assert_eq!(code(&cut), "notice.docx_broken");
        let bomb = " ".repeat(UNPACKED_BYTES_MAX as usize + 1);
        assert_eq!(code(&docx(&[(DOCUMENT, &bomb)])), "notice.docx_unpacked");
        let many: Vec<String> = (0..=ENTRIES_MAX).map(|n| format!("word/{n}.xml")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
        assert_eq!(code(&docx(&many)), "notice.docx_entries");
        let billion = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><w:p><w:t>&c;</w:t></w:p>";
        assert_eq!(
            text(&docx(&[(DOCUMENT, billion)])).unwrap().0,
            "\n",
            "entities of a file are not expanded"
        );
    }
}
