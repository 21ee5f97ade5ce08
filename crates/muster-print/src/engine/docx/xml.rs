//! Pieces of WordprocessingML. All text passes through [`run`], which escapes it.

use std::fmt::Write;

use quick_xml::escape::escape;

/// How a run of text looks.
#[derive(Clone, Copy, Default)]
pub(super) struct Look {
    /// Half points; 0 leaves the style's.
    pub(super) size: u32,
    pub(super) bold: bool,
    /// RRGGBB; empty leaves the style's.
    pub(super) colour: &'static str,
    /// The even face (黑体) instead of the print-like one.
    pub(super) sans: bool,
}

impl Look {
    fn properties(self) -> String {
        let mut xml = String::new();
        if self.sans {
            xml.push_str(r#"<w:rStyle w:val="Even"/>"#);
        }
        if self.bold {
            xml.push_str("<w:b/>");
        }
        if !self.colour.is_empty() {
            let _ = write!(xml, r#"<w:color w:val="{}"/>"#, self.colour);
        }
        if self.size > 0 {
            let _ = write!(xml, r#"<w:sz w:val="{0}"/><w:szCs w:val="{0}"/>"#, self.size);
        }
        if xml.is_empty() { xml } else { format!("<w:rPr>{xml}</w:rPr>") }
    }
}

/// A run of text; its line feeds become line breaks.
pub(super) fn run(text: &str, look: Look) -> String {
    let properties = look.properties();
    let mut xml = String::new();
    for (i, line) in text.split('\n').enumerate() {
        let line_break = if i > 0 { "<w:br/>" } else { "" };
        let _ = write!(
            xml,
            r#"<w:r>{properties}{line_break}<w:t xml:space="preserve">{}</w:t></w:r>"#,
            escape(line)
        );
    }
    xml
}

/// A paragraph of one run; one without text is as tall as one with it.
pub(super) fn line(properties: &str, text: &str, look: Look) -> String {
    if text.is_empty() {
        return paragraph(&format!("{properties}{}", look.properties()), "");
    }
    paragraph(properties, &run(text, look))
}

/// A paragraph: `properties` and `content` are XML.
pub(super) fn paragraph(properties: &str, content: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>")
}

/// A field the word processor fills in, such as `PAGE`.
pub(super) fn field(code: &str, look: Look) -> String {
    format!(r#"<w:fldSimple w:instr="{code}">{}</w:fldSimple>"#, run("1", look))
}

/// A cell of a table: `properties` and `paragraphs` are XML.
pub(super) fn cell(properties: &str, paragraphs: &str) -> String {
    format!("<w:tc><w:tcPr>{properties}</w:tcPr>{paragraphs}</w:tc>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let xml = run("a</w:t><w:p>&\"'\n<w:", Look::default());
        assert_eq!(
            xml,
            concat!(
                r#"<w:r><w:t xml:space="preserve">a&lt;/w:t&gt;&lt;w:p&gt;&amp;&quot;&apos;</w:t></w:r>"#,
                r#"<w:r><w:br/><w:t xml:space="preserve">&lt;w:</w:t></w:r>"#
            )
        );
    }
}
