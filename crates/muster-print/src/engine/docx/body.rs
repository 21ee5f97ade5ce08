//! The body, the head and the foot of the pages.

use std::fmt::Write;

use super::Picture;
use super::xml::{Look, cell, field, line, paragraph, run};
use crate::paper::{Big, Body, Paper, Part, Section, Table};

pub(super) const NAMESPACES: &str = concat!(
    r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" "#,
    r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" "#,
    r#"xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" "#,
    r#"xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" "#,
    r#"xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture""#
);
pub(super) const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

pub(super) const RED: &str = "C00D0E";
pub(super) const SOFT: &str = "6A6A6A";
pub(super) const CENTER: &str = r#"<w:jc w:val="center"/>"#;

/// The width of the text on A4 with margins of 20 mm, in twentieths of a point.
pub(super) const WIDTH: u32 = 9638;

pub(super) const SMALL: Look = Look { size: 17, bold: false, colour: "", sans: true };
pub(super) const GREY: Look = Look { size: 17, bold: false, colour: SOFT, sans: true };

/// The main part.
pub(super) fn document(paper: &Paper, chart: Option<&Picture>) -> String {
    let mut xml = format!("{XML}<w:document {NAMESPACES}><w:body>");
    xml.push_str(&first_page(paper));
    for section in &paper.sections {
        xml.push_str(&heading(1, &format!("{}{}{}", section.ordinal, section.heading, section.count)));
        xml.push_str(&section_body(paper, section, chart));
    }
    xml.push_str(END);
    xml
}

/// The page's size and margins, its head and its foot; the end of a body.
pub(super) const END: &str = concat!(
    r#"<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/>"#,
    r#"<w:pgSz w:w="11906" w:h="16838"/>"#,
    r#"<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="500" w:footer="500" w:gutter="0"/>"#,
    "</w:sectPr></w:body></w:document>"
);

fn first_page(paper: &Paper) -> String {
    let mut xml = String::new();
    let size = if paper.office.chars().count() <= 20 { 60 } else { 44 };
    let office = Look { size, bold: true, colour: RED, sans: false };
    xml.push_str(&paragraph(&format!(r#"<w:spacing w:after="160"/>{CENTER}"#), &run(&paper.office, office)));
    // The number to the left, the day to the right, a red rule below.
    let plain = Look { size: 21, sans: true, ..Look::default() };
    let rule = format!(
        r#"<w:pBdr><w:bottom w:val="thickThinSmallGap" w:sz="18" w:space="4" w:color="{RED}"/></w:pBdr><w:tabs><w:tab w:val="right" w:pos="{WIDTH}"/></w:tabs><w:spacing w:after="240"/>"#
    );
    let content = format!("{}<w:r><w:tab/></w:r>{}", run(&paper.number, plain), run(&paper.day, plain));
    xml.push_str(&paragraph(&rule, &content));
    let title = Look { size: 38, bold: true, ..Look::default() };
    xml.push_str(&paragraph(CENTER, &run(&paper.title, title)));
    let state = format!("{}　{}", paper.as_of, paper.state);
    xml.push_str(&paragraph(
        &format!(r#"<w:spacing w:before="60" w:after="120"/>{CENTER}"#),
        &run(&state, GREY),
    ));
    let sentence = Look { size: 27, ..Look::default() };
    let sentences =
        if paper.sentences.is_empty() { std::slice::from_ref(&paper.none) } else { &paper.sentences };
    for text in sentences {
        xml.push_str(&paragraph(
            &format!("{}<w:jc w:val=\"both\"/>", text_spacing(paper, 27)),
            &run(text, sentence),
        ));
    }
    xml.push_str(&paragraph(r#"<w:spacing w:line="160" w:lineRule="exact"/>"#, ""));
    if paper.numbers.is_empty() {
        xml.push_str(&none(paper));
    } else {
        xml.push_str(&numbers(&paper.numbers));
    }
    xml
}

/// Line spacing of one and a third; in Chinese the first line stands in by two characters.
fn text_spacing(paper: &Paper, size: u32) -> String {
    let indent = match paper.lang {
        "en" => String::new(),
        // Twice the size: half points times 20.
        _ => format!(r#"<w:ind w:firstLineChars="200" w:firstLine="{}"/>"#, size * 20),
    };
    format!(r#"<w:spacing w:line="320" w:lineRule="auto"/>{indent}"#)
}

/// The figures a leader reads first, four in a row on a light ground.
fn numbers(numbers: &[Big]) -> String {
    let columns = numbers.len().min(4);
    let width = WIDTH / columns as u32;
    let longest = numbers.iter().filter(|n| !n.unknown).map(|n| n.value.chars().count()).max().unwrap_or(0);
    let size = if longest <= 7 {
        52
    } else if longest <= 10 {
        40
    } else {
        28
    };
    let ground = format!(
        r#"<w:tcW w:w="{width}" w:type="dxa"/><w:tcBorders><w:left w:val="single" w:sz="4" w:color="C9C9C9"/></w:tcBorders><w:shd w:val="clear" w:color="auto" w:fill="F4F2EF"/><w:vAlign w:val="center"/>"#
    );
    let cells = |row: &[Big]| -> String {
        row.iter()
            .map(|n| {
                let name = Look { size: 20, bold: true, sans: true, ..Look::default() };
                let value = Look {
                    size: if n.unknown { 32 } else { size },
                    bold: true,
                    sans: true,
                    colour: if n.unknown { SOFT } else { "" },
                };
                let figure = format!("{}{}", run(&n.value, value), run(&format!(" {}", n.unit), SMALL));
                let lines = [
                    paragraph(&format!(r#"<w:spacing w:before="120"/>{CENTER}"#), &run(&n.name, name)),
                    paragraph(CENTER, &figure),
                    paragraph(CENTER, &run(&n.change, SMALL)),
                    paragraph(
                        &format!(r#"<w:spacing w:after="120"/>{CENTER}"#),
                        &run(&n.base, Look { size: 15, ..GREY }),
                    ),
                ];
                cell(&ground, &lines.concat())
            })
            .collect()
    };
    let rows: String = numbers.chunks(columns).map(|row| format!("<w:tr>{}</w:tr>", cells(row))).collect();
    let grid = format!(r#"<w:gridCol w:w="{width}"/>"#).repeat(columns);
    format!(
        r#"<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"#
    )
}

fn heading(level: u8, text: &str) -> String {
    paragraph(&format!(r#"<w:pStyle w:val="Heading{level}"/>"#), &run(text, Look::default()))
}

fn none(paper: &Paper) -> String {
    paragraph("", &run(&paper.none, Look { size: 19, ..GREY }))
}

fn section_body(paper: &Paper, section: &Section, chart: Option<&Picture>) -> String {
    match &section.body {
        Body::Table(table) if table.rows.is_empty() => none(paper),
        Body::Table(table) => format!("{}{}", rows(table), more(&table.more)),
        Body::Chart(plot) => match chart {
            Some(picture) => {
                format!(
                    "{}{}{}",
                    paragraph(r#"<w:keepNext/><w:spacing w:after="100"/>"#, &run(&plot.title, GREY)),
                    image(picture, &plot.title),
                    more(&plot.more)
                )
            }
            None => none(paper),
        },
        Body::Narrative { parts } => narrative(paper, parts),
        Body::Facts { facts } => {
            let lines = facts.iter().map(|[name, value]| {
                paragraph("", &format!("{}{}", run(&format!("{name}　"), GREY), run(value, SMALL)))
            });
            lines.collect()
        }
    }
}

fn more(lines: &[String]) -> String {
    lines.iter().map(|line| paragraph(r#"<w:spacing w:before="60"/>"#, &run(line, GREY))).collect()
}

/// A table whose head is repeated on every page.
fn rows(table: &Table) -> String {
    let widths = widths(table);
    let dense = table.columns.len() > 8;
    let size = if dense { 15 } else { 17 };
    let edge = |thick: bool| {
        if thick {
            r#"w:val="single" w:sz="8" w:color="1C1C1C""#
        } else {
            r#"w:val="single" w:sz="3" w:color="C9C9C9""#
        }
    };
    let row = |fields: Vec<(&str, bool, bool)>, head: bool| {
        let mut xml = String::from("<w:tr><w:trPr><w:cantSplit/>");
        if head {
            xml.push_str("<w:tblHeader/>");
        }
        xml.push_str("</w:trPr>");
        for (i, (text, number, alert)) in fields.into_iter().enumerate() {
            let look = Look { size, bold: head || alert, colour: if alert { RED } else { "" }, sans: true };
            let side = if number { r#"<w:jc w:val="right"/>"# } else { "" };
            let top = if head { format!("<w:top {}/>", edge(true)) } else { String::new() };
            let properties = format!(
                r#"<w:tcW w:w="{}" w:type="dxa"/><w:tcBorders>{top}<w:bottom {}/></w:tcBorders><w:vAlign w:val="center"/>"#,
                widths[i],
                edge(head)
            );
            let lines = line(&format!(r#"<w:spacing w:before="30" w:after="30"/>{side}"#), text, look);
            xml.push_str(&cell(&properties, &lines));
        }
        xml.push_str("</w:tr>");
        xml
    };
    let mut xml = format!(
        r#"<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/>{}</w:tblPr><w:tblGrid>"#,
        if dense {
            r#"<w:tblCellMar><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/></w:tblCellMar>"#
        } else {
            ""
        }
    );
    for width in &widths {
        let _ = write!(xml, r#"<w:gridCol w:w="{width}"/>"#);
    }
    xml.push_str("</w:tblGrid>");
    xml.push_str(&row(table.columns.iter().map(|c| (c.label.as_str(), c.number, false)).collect(), true));
    for fields in &table.rows {
        let fields = fields.iter().zip(&table.columns).map(|(f, c)| (f.text.as_str(), c.number, f.alert));
        xml.push_str(&row(fields.collect(), false));
    }
    xml.push_str("</w:tbl>");
    xml
}

/// Columns that take what they need get it by their longest text, whose letters may be wide: no number breaks in a
/// reader that has other fonts. The others share the rest.
fn widths(table: &Table) -> Vec<u32> {
    let narrow = |text: &str| -> u32 { text.chars().map(|c| if c as u32 >= 0x1100 { 2 } else { 1 }).sum() };
    let need: Vec<u32> = table
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let longest = table.rows.iter().map(|row| narrow(&row[i].text)).max().unwrap_or(0);
            if column.weight == 0 { longest.max(narrow(&column.label) + 1).min(22) * 115 + 200 } else { 0 }
        })
        .collect();
    let shares: u32 = table.columns.iter().map(|c| u32::from(c.weight)).sum();
    let rest = WIDTH.saturating_sub(need.iter().sum()).max(WIDTH / 3);
    let width = |(column, need): (&crate::paper::Column, &u32)| match column.weight {
        0 => *need,
        weight => rest * u32::from(weight) / shares.max(1),
    };
    table.columns.iter().zip(&need).map(width).collect()
}

/// The three parts people write: each text range may be edited by everyone, its heading not.
fn narrative(paper: &Paper, parts: &[Part]) -> String {
    let mut xml = paragraph("", &run(&paper.editable, GREY));
    let spacing = format!("{}<w:jc w:val=\"both\"/>", text_spacing(paper, 21));
    for (id, part) in parts.iter().enumerate() {
        xml.push_str(&heading(2, &part.heading));
        let texts = if part.texts.is_empty() { std::slice::from_ref(&paper.unwritten) } else { &part.texts };
        for (i, text) in texts.iter().enumerate() {
            let mut content = String::new();
            if i == 0 {
                let _ = write!(content, r#"<w:permStart w:id="{}" w:edGrp="everyone"/>"#, id + 1);
            }
            content.push_str(&run(text, Look { size: 21, ..Look::default() }));
            if i + 1 == texts.len() {
                let _ = write!(content, r#"<w:permEnd w:id="{}"/>"#, id + 1);
            }
            xml.push_str(&paragraph(&spacing, &content));
        }
    }
    xml
}

pub(super) fn image(picture: &Picture, title: &str) -> String {
    // 12,700 English metric units a point.
    let (width, height) = ((picture.width * 12_700.0) as u64, (picture.height * 12_700.0) as u64);
    let title = quick_xml::escape::escape(title);
    let drawing = format!(
        r#"<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/><wp:docPr id="1" name="chart" descr="{title}"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="chart.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId5"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"#
    );
    paragraph("", &drawing)
}

/// The head of every page: that the figures are simulated, when they are.
pub(super) fn header(simulated: Option<&str>) -> String {
    let look = Look { size: 17, bold: true, colour: RED, sans: true };
    let text = simulated.map(|text| run(text, look)).unwrap_or_default();
    format!("{XML}<w:hdr {NAMESPACES}>{}</w:hdr>", paragraph(CENTER, &text))
}

/// The foot of every page: when it was made, the digest, the page.
pub(super) fn footer(foot: &[String], of: &str) -> String {
    let look = Look { size: 14, colour: SOFT, sans: true, ..Look::default() };
    let mut xml = String::new();
    let right = format!(r#"<w:tabs><w:tab w:val="right" w:pos="{WIDTH}"/></w:tabs>"#);
    for (i, line) in foot.iter().enumerate() {
        let page = if i == 0 { format!("<w:r><w:tab/></w:r>{}", page(of, look)) } else { String::new() };
        xml.push_str(&paragraph(&right, &format!("{}{page}", run(line, look))));
    }
    format!("{XML}<w:ftr {NAMESPACES}>{xml}</w:ftr>")
}

/// `Page {page} of {pages}` with the two holes as fields.
fn page(of: &str, look: Look) -> String {
    let (before, rest) = of.split_once("{page}").unwrap_or((of, ""));
    let (between, after) = rest.split_once("{pages}").unwrap_or((rest, ""));
    let mut xml = run(before, look);
    if of.contains("{page}") {
        xml.push_str(&field("PAGE", look));
    }
    xml.push_str(&run(between, look));
    if rest.contains("{pages}") {
        xml.push_str(&field("NUMPAGES", look));
    }
    xml + &run(after, look)
}
