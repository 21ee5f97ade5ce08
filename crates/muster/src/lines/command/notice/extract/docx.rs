//! DOCX to text: the paragraphs of the document, and beside them page headers and footers and text boxes. Read as a
//! stream of XML events, so that depth costs nothing; external entities are never asked for.

use super::{ENTRIES_MAX, UNPACKED_BYTES_MAX};
use muster_kernel::{Problem, ProblemKind};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use std::borrow::Cow;
use std::io::{Cursor, Read};
use zip::ZipArchive;

const DOCUMENT: &str = "word/document.xml";

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
    let is_beside = |name: &&String| {
        name.ends_with(".xml") && (name.starts_with("word/header") || name.starts_with("word/footer"))
    };
    for name in names.iter().filter(is_beside) {
        let part = part(&mut archive, name, &mut budget)?;
        let part = paragraphs(&part, &mut beside)?;
        beside.push(part);
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

/// The text of one part. What was deleted or moved away under tracked changes is not text, and of alternatives for
/// older programs only the first is read.
fn paragraphs(part: &str, boxes: &mut Vec<String>) -> Result<String, Problem> {
    let mut reader = quick_xml::Reader::from_str(part);
    let mut text = String::new();
    let mut in_text = false;
    let mut left_out = 0_usize;
    let mut box_starts: Vec<usize> = Vec::new();
    loop {
        match reader.read_event().map_err(|_| broken())? {
            Event::Start(element) => match element.local_name().as_ref() {
                "Fallback" | "del" | "moveFrom" => left_out += 1,
                "t" if left_out == 0 => in_text = true,
                "txbxContent" => {
                    text.push('\n');
                    box_starts.push(text.len());
                }
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "Fallback" | "del" | "moveFrom" => left_out = left_out.saturating_sub(1),
                "t" => in_text = false,
                "p" if left_out == 0 => text.push('\n'),
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
            Event::Text(chars) if in_text => text.push_str(&chars.xml10_content()),
            Event::CData(chars) if in_text => text.push_str(&chars.xml10_content()),
            Event::GeneralRef(name) if in_text => match name.resolve_char_ref() {
                Ok(Some(c)) => text.push(c),
                Ok(None) => {
                    text.push_str(resolve_predefined_entity(name.as_ref()).unwrap_or_default());
                }
                Err(_) => return Err(broken()),
            },
            Event::Eof => return Ok(text),
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
        assert_eq!(beside, ["机密\n", "秘密★1年\n"]);
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
