//! A report of one unit as a text document: read-only, with the lines for signatures left free for a hand.

use super::body::{self, CENTER, END, GREY, NAMESPACES, SMALL, WIDTH, XML};
use super::xml::{Look, cell, line, paragraph, run};
use super::{Picture, Printed, Written, parts, utc};
use crate::PrintProblem;
use crate::engine::sheet::Sheet;
use crate::sheet::SheetDoc;

/// The side of the square on paper, in points.
const SQUARE_POINTS: f64 = 105.0;
/// Shares of the columns of the items.
const SHARES: [u32; 3] = [5, 3, 2];

/// Prints the document.
///
/// # Errors
/// See [`crate::print_sheet`].
pub(in crate::engine) fn print(doc: &SheetDoc) -> Result<Printed, PrintProblem> {
    // The reader's machine brings its own fonts.
    let (sheet, findings) = Sheet::new(doc, None)?;
    let (bytes, _) = sheet.square.picture()?;
    let picture = Picture { bytes, width: SQUARE_POINTS, height: SQUARE_POINTS };
    let title = format!("{} {}", sheet.title, sheet.unit);
    let written = Written {
        core: parts::core(&title, &sheet.office, sheet.lang, &utc(&doc.made_at)?),
        body: document(&sheet, &picture),
        header: body::header(sheet.simulated.as_deref()),
        footer: body::footer(&[format!("{}　{}", sheet.unit, sheet.day)], &sheet.page),
    };
    Ok(Printed { bytes: written.package(doc.lang, Some(picture.bytes))?, findings })
}

fn document(sheet: &Sheet, picture: &Picture) -> String {
    let bold = |size| Look { size, bold: true, sans: true, ..Look::default() };
    let mut xml = format!("{XML}<w:document {NAMESPACES}><w:body>");
    xml.push_str(&paragraph(CENTER, &run(&sheet.office, GREY)));
    xml.push_str(&paragraph(CENTER, &run(&sheet.title, Look { size: 38, bold: true, ..Look::default() })));
    let rule = format!(
        r#"<w:pBdr><w:bottom w:val="single" w:sz="8" w:space="4" w:color="1C1C1C"/></w:pBdr><w:tabs><w:tab w:val="right" w:pos="{WIDTH}"/></w:tabs><w:spacing w:before="120" w:after="160"/>"#
    );
    let head = format!("{}<w:r><w:tab/></w:r>{}", run(&sheet.unit, bold(24)), run(&sheet.day, bold(24)));
    xml.push_str(&paragraph(&rule, &head));
    let ground = r#"<w:shd w:val="clear" w:color="auto" w:fill="F4F2EF"/><w:spacing w:after="120"/>"#;
    xml.push_str(&paragraph(ground, &run(&sheet.statement, bold(22))));
    for [name, value] in &sheet.facts {
        xml.push_str(&paragraph("", &format!("{}{}", run(&format!("{name}　"), GREY), run(value, SMALL))));
    }
    xml.push_str(&paragraph(r#"<w:spacing w:line="160" w:lineRule="exact"/>"#, ""));
    xml.push_str(&rows(sheet));
    for [heading, text] in &sheet.texts {
        let above = r#"<w:keepNext/><w:spacing w:before="160" w:after="60"/>"#;
        xml.push_str(&paragraph(above, &run(heading, bold(19))));
        xml.push_str(&paragraph("", &run(text, Look { size: 19, ..Look::default() })));
    }
    // A tab that draws a line to the margin: free for a hand.
    let signed = format!(
        r#"<w:keepNext/><w:tabs><w:tab w:val="left" w:leader="underscore" w:pos="{}"/></w:tabs><w:spacing w:before="320"/>"#,
        WIDTH * 3 / 5
    );
    for label in &sheet.sign {
        xml.push_str(&paragraph(
            &signed,
            &format!("{}<w:r><w:tab/></w:r>", run(&format!("{label} "), SMALL)),
        ));
    }
    let before = r#"<w:keepNext/><w:spacing w:before="240"/>"#;
    xml.push_str(&paragraph(before, &run(&sheet.hint, SMALL)));
    xml.push_str(&body::image(picture, &sheet.hint));
    xml.push_str(&paragraph(
        "",
        &format!("{}{}", run(&format!("{}　", sheet.label), GREY), run(&sheet.hash, SMALL)),
    ));
    xml.push_str(END);
    xml
}

/// The items, their head on every page.
fn rows(sheet: &Sheet) -> String {
    let all: u32 = SHARES.iter().sum();
    let widths = SHARES.map(|share| WIDTH * share / all);
    let row = |fields: [&str; 3], head: bool, said: bool| -> String {
        let cells = fields.into_iter().zip(widths).enumerate().map(|(at, (text, width))| {
            let colour = if said || at != 1 { "" } else { body::SOFT };
            let look = Look { size: 18, bold: head, colour, sans: true };
            let side = if at == 1 { r#"<w:jc w:val="right"/>"# } else { "" };
            let edge = if head { r#"w:val="single" w:sz="8" w:color="1C1C1C""# } else { r#"w:val="single" w:sz="3" w:color="C9C9C9""# };
            let properties = format!(
                r#"<w:tcW w:w="{width}" w:type="dxa"/><w:tcBorders><w:bottom {edge}/></w:tcBorders><w:vAlign w:val="center"/>"#
            );
            cell(&properties, &line(&format!(r#"<w:spacing w:before="40" w:after="40"/>{side}"#), text, look))
        });
        let repeated = if head { "<w:tblHeader/>" } else { "" };
        format!("<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{}</w:tr>", cells.collect::<String>())
    };
    let [item, value, unit] = &sheet.columns;
    let mut xml = row([item, value, unit], true, true);
    xml.extend(sheet.rows.iter().map(|r| row([&r.name, &r.value, &r.unit], false, r.said)));
    let grid: String = widths.iter().map(|width| format!(r#"<w:gridCol w:w="{width}"/>"#)).collect();
    format!(
        r#"<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{xml}</w:tbl>"#
    )
}
