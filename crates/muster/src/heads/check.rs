//! Is the folder what was signed, line after line? What the journal makes of it, `muster heads check` asks the store.

use super::folder::{LINE_BYTES_MAX, files};
use super::line::{Line, Unread, hash};
use ed25519_dalek::VerifyingKey;
use muster_store::SavedHead;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

/// Faults that are told one by one.
const FAULTS_MAX: usize = 100;

/// What can be wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFaultKind {
    /// It has not the form of one.
    Unreadable,
    /// Its signature is not of this key, or not over what stands in it.
    Signature,
    /// Its number is not the next: lines before it are gone, or stand elsewhere.
    Gap,
    /// The line before it is not the one it was written after.
    Broken,
    /// A lane ends before where an earlier line has it.
    LaneBack,
}

impl LineFaultKind {
    /// A word for programs, and for whoever has sentences by word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Signature => "signature",
            Self::Gap => "gap",
            Self::Broken => "broken",
            Self::LaneBack => "lane_back",
        }
    }
}

/// Something wrong with one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Name of the file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What is wrong.
    pub kind: LineFaultKind,
}

/// What a walk through the folder found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Lines that are signed by the key.
    pub lines: u64,
    /// Lines that a crash left unfinished: the one after them says so.
    pub torn: u64,
    /// When the last of them was signed, ms UTC.
    pub last_at: Option<i64>,
    /// All heads that were signed, each with the number and the instant (ms UTC) of its first line, in their order.
    pub heads: Vec<(u64, i64, SavedHead)>,
    /// How many faults there are.
    pub faults_all: u64,
    /// The first hundred.
    pub faults: Vec<LineFault>,
}

impl Checked {
    fn fault(&mut self, file: &str, line: usize, kind: LineFaultKind) {
        self.faults_all += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(LineFault { file: file.to_owned(), line, kind });
        }
    }
}

/// Walks the folder. Blocks.
///
/// # Errors
/// The machine's: a file cannot be read.
pub fn check(folder: &Path, key: &VerifyingKey) -> io::Result<Checked> {
    let mut checked = Checked::default();
    let mut walk = Walk::default();
    for path in files(folder)? {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut reader = BufReader::new(File::open(&path)?);
        for at in 1.. {
            let mut line = Vec::new();
            if (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            walk.line(&mut checked, key, (&file, at), &line);
        }
    }
    walk.end(&mut checked);
    Ok(checked)
}

/// What of the lines before is needed for the next.
#[derive(Default)]
struct Walk {
    /// Number of the last line that could be read.
    n: u64,
    /// Hash of the last line, whatever it is.
    hash: String,
    /// A line that is none: a crash left it, if the next one knows of it; else it was put there.
    odd: Option<(String, usize)>,
    /// Where the lanes were.
    lanes: BTreeMap<(i32, i32), SavedHead>,
}

impl Walk {
    fn line(&mut self, checked: &mut Checked, key: &VerifyingKey, (file, at): (&str, usize), bytes: &[u8]) {
        let before = std::mem::replace(&mut self.hash, hash(bytes));
        let (line, is_signed) = match Line::check(bytes, key) {
            Ok(line) => (line, true),
            Err(Unread::Signature) => match Line::read(bytes) {
                Some(line) => (line, false),
                None => return,
            },
            Err(Unread::Form) => {
                self.end(checked);
                self.odd = Some((file.to_owned(), at));
                return;
            }
        };
        if let Some((file, at)) = self.odd.take() {
            match is_signed && line.previous == before {
                true => checked.torn += 1,
                false => checked.fault(&file, at, LineFaultKind::Unreadable),
            }
        }
        if !is_signed {
            checked.fault(file, at, LineFaultKind::Signature);
        }
        if line.n != self.n + 1 {
            checked.fault(file, at, LineFaultKind::Gap);
        }
        if line.previous != before {
            checked.fault(file, at, LineFaultKind::Broken);
        }
        self.n = line.n;
        // What nobody signed says nothing of the journal.
        if !is_signed {
            return;
        }
        checked.lines += 1;
        checked.last_at = Some(line.at);
        let mut is_back = false;
        for head in line.heads {
            let place = (head.bucket, head.lane);
            let was = self.lanes.get(&place);
            is_back |= was.is_some_and(|was| head.no < was.no);
            if head.no > 0 && was != Some(&head) {
                checked.heads.push((line.n, line.at, head.clone()));
            }
            self.lanes.insert(place, head);
        }
        if is_back {
            checked.fault(file, at, LineFaultKind::LaneBack);
        }
    }

    fn end(&mut self, checked: &mut Checked) {
        if let Some((file, at)) = self.odd.take() {
            checked.fault(&file, at, LineFaultKind::Unreadable);
        }
    }
}
