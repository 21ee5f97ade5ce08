//! Telephones as they stand in one cell: several of them, with words between, of full width, with an extension.

use crate::lines::org::check;
use muster_sheet::halfwidth;

/// What a cell says of telephones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Phones {
    /// The first that can be dialled.
    pub(super) first: Option<String>,
    /// How many others there are.
    pub(super) others: usize,
}

/// Reads the telephones of a cell.
pub(super) fn phones(text: &str) -> Phones {
    let text = halfwidth(text).replace("分机", "转").replace("分機", "轉");
    let text = lower_extension(&text);
    // Words part as signs do: 办公：0551-… 手机：138….
    let parted: String = text
        .chars()
        .map(|c| match c {
            '0'..='9' | '+' | '-' | '(' | ')' | '#' | ' ' | '转' | '轉' => c,
            '\u{2010}'..='\u{2015}' => '-',
            '\t' | '\u{a0}' => ' ',
            _ => '|',
        })
        .collect();
    let mut found: Vec<String> = Vec::new();
    for part in parted.split('|') {
        for piece in pieces(part) {
            let digits = piece.chars().filter(char::is_ascii_digit).count();
            match found.last_mut() {
                Some(before) if piece.starts_with(['转', '轉']) => before.push_str(&piece),
                _ if digits > 0 => found.push(piece),
                _ => {}
            }
        }
    }
    let first = found.iter().position(|piece| check::phone(piece).is_ok());
    Phones { first: first.map(|at| found[at].clone()), others: found.len() - usize::from(first.is_some()) }
}

/// `ext. 801`, `x801`: as the word that a telephone is kept with.
fn lower_extension(text: &str) -> String {
    let mut text = text.to_lowercase();
    for word in ["extension", "ext.", "ext", "x"] {
        text = text.replace(word, "转");
    }
    text
}

/// Telephones that only spaces part: where there are seven digits and more on both sides.
fn pieces(part: &str) -> Vec<String> {
    let long = |text: &str| text.chars().filter(char::is_ascii_digit).count() >= 7;
    let mut pieces: Vec<String> = Vec::new();
    for word in part.split(' ').filter(|word| !word.is_empty()) {
        match pieces.last_mut() {
            Some(before) if long(before) && long(word) => pieces.push(word.to_owned()),
            Some(before) if word.starts_with(['转', '轉']) || before.ends_with(['转', '轉']) => {
                before.push_str(word)
            }
            Some(before) => {
                before.push(' ');
                before.push_str(word);
            }
            None => pieces.push(word.to_owned()),
        }
    }
    // A bracket whose other half parted with the words in it.
    let tidy = |piece: String| {
        let piece = piece.replace("()", "");
        let piece = piece.trim_start_matches([' ', '-', ')']).trim_end_matches([' ', '-', '(']);
        piece.to_owned()
    };
    pieces.into_iter().map(tidy).collect()
}
