//! PDF to text, with `pdf-extract` (it follows the `ToUnicode` tables that Chinese PDFs need; `lopdf` alone does not).
//!
//! A PDF is a program in disguise: it can unpack without end, recurse, and make the reader panic. So reading one is
//! a function that is handed in ([`ReadPdf`]): the server reads in a process of its own with bounded memory and
//! time; [`read_here`] is what runs there, and what a test may use on files it has made itself.

use muster_kernel::Problem;
use std::thread;
use unicode_normalization::UnicodeNormalization as _;

/// How a PDF is read: from its bytes to its text, page after page.
pub type ReadPdf = dyn Fn(&[u8]) -> Result<String, Problem> + Send + Sync;

/// Stack of the thread that reads, bytes: the reader recurses with the depth of a page's resources.
const STACK_BYTES: usize = 64 << 20;

/// Reads a PDF in this process, in a thread of its own so that a panic of the reader is an answer.
///
/// # Errors
/// `notice.pdf_unreadable` when it cannot be read, is encrypted, or the reader panics.
pub fn read_here(bytes: &[u8]) -> Result<String, Problem> {
    let unreadable = || Problem::invalid("notice.pdf_unreadable");
    thread::scope(|scope| {
        let reading = thread::Builder::new()
            .name("pdf".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || pdf_extract::extract_text_from_mem(bytes));
        match reading.map_err(Problem::internal)?.join() {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(_)) | Err(_) => Err(unreadable()),
        }
    })
}

/// Makes paragraphs of the lines that a page shows, and characters of the look-alikes that fonts give.
///
/// A line that is as long as lines get goes on in the next one; a shorter one ends its paragraph.
pub(super) fn tidy(text: &str) -> String {
    let text: String = text.chars().map(unlike).collect();
    let width = |line: &str| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let longest = text.lines().map(|line| width(line.trim())).max().unwrap_or(0);
    let mut tidy = String::new();
    let mut goes_on = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            goes_on = false;
            continue;
        }
        if !goes_on && !tidy.is_empty() {
            tidy.push('\n');
        }
        tidy.push_str(line);
        goes_on = width(line) + 4 >= longest && longest > 20;
    }
    tidy
}

/// Fonts map some characters to the look-alikes in the blocks of radicals: `⼀` U+2F00 for `一` U+4E00.
fn unlike(c: char) -> char {
    match c {
        '\u{2e80}'..='\u{2eff}' => SUPPLEMENT.iter().find(|(like, _)| *like == c).map_or(c, |(_, is)| *is),
        '\u{2f00}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' => std::iter::once(c).nfkc().next().unwrap_or(c),
        other => other,
    }
}

/// Those of the supplement that Unicode gives no decomposition for and that stand for a whole character.
#[rustfmt::skip]
const SUPPLEMENT: &[(char, char)] = &[
    ('⺟', '母'), ('⺠', '民'), ('⻄', '西'), ('⻅', '见'), ('⻆', '角'), ('⻉', '贝'), ('⻋', '车'), ('⻓', '长'),
    ('⻔', '门'), ('⻘', '青'), ('⻙', '韦'), ('⻚', '页'), ('⻛', '风'), ('⻜', '飞'), ('⻝', '食'), ('⻢', '马'),
    ('⻣', '骨'), ('⻤', '鬼'), ('⻥', '鱼'), ('⻦', '鸟'), ('⻨', '麦'), ('⻩', '黄'), ('⻬', '齐'), ('⻮', '齿'),
    ('⻰', '龙'), ('⻳', '龟'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_page_become_paragraphs() {
        let page =
            "\n\n标题\n\n⼀要深⼊做好企业防控工作，各单位要认真落实\n有关要求。\n⼆要⻓期坚持。\n\n第二段。";
        assert_eq!(
            tidy(page),
            "标题\n一要深入做好企业防控工作，各单位要认真落实有关要求。\n二要长期坚持。\n第二段。"
        );
        assert_eq!(tidy(""), "");
    }

    #[test]
    fn what_is_no_pdf_is_refused() {
        for bytes in
            [&b"%PDF-1.7"[..], b"", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer <</Root 1 0 R>>\n%%EOF"]
        {
            let found = read_here(bytes);
            assert!(
                found.as_ref().is_err_and(|problem| problem.code == "notice.pdf_unreadable"),
                "{found:?}"
            );
        }
    }
}
