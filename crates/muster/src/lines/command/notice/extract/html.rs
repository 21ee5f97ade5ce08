//! HTML to text, with the tokenizer of `html5ever`: flat, so that a page nested ten thousand deep costs nothing.

use super::plain;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use muster_kernel::Problem;
use regex::bytes::Regex;
use std::cell::RefCell;
use std::sync::LazyLock;

/// The text of a page: a line for each block, a tab between the cells of a row, runs of white space as one space. Beside
/// it what a reader does not see in its run: title, comments, what attributes say, what elements hold that are left out.
pub(super) fn text(bytes: &[u8]) -> Result<(String, Vec<String>), Problem> {
    let page = decode(bytes)?;
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(&page));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    let Written { text, mut beside, hidden, .. } = tokenizer.sink.0.into_inner();
    beside.push(hidden);
    Ok((text, beside))
}

static CHARSET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i-u)<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-z0-9_:.-]{2,40})"#)
        .expect("a pattern of this program")
});

/// As UTF-8 where it can hardly be anything else (saved pages often keep the word of another encoding), else by the
/// page's own word where it holds for every byte, else as a plain text is decoded.
fn decode(bytes: &[u8]) -> Result<String, Problem> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.chars().any(|c| c >= '\u{800}')
    {
        return Ok(text.to_owned());
    }
    let said = CHARSET
        .captures(&bytes[..bytes.len().min(4096)])
        .and_then(|found| encoding_rs::Encoding::for_label(&found[1]))
        .filter(|_| !bytes.starts_with(b"\xFF\xFE") && !bytes.starts_with(b"\xFE\xFF"));
    let by_its_word = said.and_then(|encoding| {
        let (text, _, broken) = encoding.decode(bytes);
        (!broken).then(|| text.into_owned())
    });
    by_its_word.map_or_else(|| plain::decode(bytes).map(|(text, _)| text), Ok)
}

#[derive(Default)]
struct Sink(RefCell<Written>);

/// The text so far.
#[derive(Default)]
struct Written {
    text: String,
    /// Comments and attributes that may bear a secrecy mark.
    beside: Vec<String>,
    /// What stands in elements that are left out, a line for each tag.
    hidden: String,
    /// The element whose content is left out, and how often it was opened inside itself.
    left_out: Option<(String, usize)>,
    /// A space is due before the next word.
    space: bool,
    /// Inside `pre` white space counts.
    pre: usize,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut written = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let said = tag.attrs.iter().map(|attribute| &*attribute.value);
                written.beside.extend(said.filter(may_be_marked).map(str::to_owned));
                return written.tag(&tag);
            }
            Token::CharacterTokens(chars) if written.left_out.is_none() => written.chars(&chars),
            Token::CharacterTokens(chars) => written.hidden.push_str(&chars),
            Token::CommentToken(comment) if may_be_marked(&&*comment) => {
                written.beside.push(comment.to_string());
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Written {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let opens = tag.kind == TagKind::StartTag;
        if let Some((left_out, depth)) = &mut self.left_out {
            self.hidden.push('\n');
            if left_out == name {
                *depth = if opens { *depth + 1 } else { *depth - 1 };
                if *depth == 0 {
                    self.left_out = None;
                }
            }
            return TokenSinkResult::Continue;
        }
        if opens && !tag.self_closing && is_left_out(name) {
            self.left_out = Some((name.to_owned(), 1));
        } else if name == "td" || name == "th" {
            if !opens {
                self.text.push('\t');
            }
        } else if is_block(name) {
            self.line();
            if name == "pre" {
                self.pre = if opens { self.pre + 1 } else { self.pre.saturating_sub(1) };
            }
        }
        // The tokenizer does not know by itself which elements hold raw text.
        match name {
            "script" if opens => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "noscript" | "iframe" | "xmp" if opens => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" if opens => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    fn chars(&mut self, chars: &str) {
        for c in chars.chars() {
            if self.pre > 0 {
                self.text.push(c);
            } else if matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0C') {
                self.space = !self.text.is_empty() && !self.text.ends_with(['\n', '\t']);
            } else {
                if std::mem::take(&mut self.space) {
                    self.text.push(' ');
                }
                self.text.push(c);
            }
        }
    }

    fn line(&mut self) {
        self.space = false;
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

/// All marks end in this character.
fn may_be_marked(said: &&str) -> bool {
    said.contains('密')
}

fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "title"
            | "textarea"
            | "select"
            | "svg"
            | "iframe"
            | "xmp"
    )
}

#[rustfmt::skip]
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address" | "article" | "aside" | "blockquote" | "body" | "br" | "caption" | "center" | "dd" | "details"
        | "dialog" | "div" | "dl" | "dt" | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "h1" | "h2"
        | "h3" | "h4" | "h5" | "h6" | "head" | "header" | "hr" | "html" | "legend" | "li" | "main" | "nav" | "ol"
        | "p" | "pre" | "section" | "summary" | "table" | "tbody" | "tfoot" | "thead" | "tr" | "ul"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str, expected: &str) {
        assert_eq!(text(page.as_bytes()).unwrap().0, expected, "{page}");
    }

    #[test]
    fn a_page_becomes_lines() {
        check(
            "<!doctype html><html><head><title>x</title><style>p{}</style></head><body><h1>标题</h1><p>第一段，\n  <b>加粗</b>。<p>第二段<br>续</body></html>",
            "标题\n第一段， 加粗。\n第二段\n续\n",
        );
        check("<table><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>", "甲\t乙\t\n丙\t\n");
        check("a<script>if (a < b) { '</p>' }</script>b", "ab");
        check("<p>&#20108;&nbsp;&amp;&lt;</p>", "二\u{a0}&<\n");
        check("<pre>a\n  b</pre>", "a\n  b\n");
        check("<svg><svg><text>x</text></svg>y</svg>z", "z");
        check("", "");
        check("<", "<");
        check("<script>", "");
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = format!("{}字{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
        assert_eq!(text(deep.as_bytes()).unwrap().0.trim(), "字");
    }

    #[test]
    fn the_page_says_its_encoding() {
        let page = b"<meta charset=gb2312><p>\xD2\xBB\xD2\xAA</p>";
        assert_eq!(text(page).unwrap().0, "一要\n");
        let wrong = "<meta charset=gb2312><p>一要x</p>";
        assert_eq!(text(wrong.as_bytes()).unwrap().0, "一要x\n", "its bytes say otherwise");
    }

    #[test]
    fn what_is_not_in_the_run_of_a_page_stands_beside() {
        for page in [
            "<title>机密</title><p>通知",
            "<!-- 机密 --><p>通知",
            "<p>通知<img alt='机密'>",
            "<meta name=keywords content='&#26426;密'><p>通知",
            "<p>通知<svg><text>机密</text></svg>",
            "<p>通知<textarea>机密</textarea>",
        ] {
            let (_, beside) = text(page.as_bytes()).unwrap();
            let found = beside.iter().flat_map(|part| part.lines()).any(|line| line.trim() == "机密");
            assert!(found, "{page}: {beside:?}");
        }
    }
}
