//! The command: a document on the standard input, a file on the standard output.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser};

use crate::{BYTES_MAX, BriefDoc, Fonts, Format, Lang, PrintProblem, Printed, SheetDoc, print, print_sheet};

/// Prints a daily brief, or one unit's report: reads one document (JSON, at most 32 MB) and writes one file.
///
/// What goes wrong, and what a person should know about a file that was written, is said on the
/// standard error, one line of JSON each: {"code", "message", "field"} for a problem,
/// {"finding", "message"} for a finding.
#[derive(Debug, Parser)]
#[command(name = "muster-print", version, after_help = EXIT_CODES)]
pub struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

/// What the command is told.
#[derive(Debug, Args)]
struct Arguments {
    /// pdf (A4), docx (A4, narrative editable), xlsx (figures as numbers) or png (for a phone); a report: pdf or docx
    #[arg(long, short)]
    format: Format,

    /// The language of a brief's fixed words: zh-CN, zh-TW or en [default: the document's]
    #[arg(long, value_parser = language)]
    lang: Option<Lang>,

    /// Where to write [default: the standard output]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Where the document is [default: the standard input]
    #[arg(value_name = "FILE")]
    document: Option<PathBuf>,

    /// A folder with fonts for Chinese [default: MUSTER_FONTS, the binary's own, the system's]
    #[arg(long, value_name = "DIR")]
    fonts: Option<PathBuf>,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  the file was written
  2  the command line is wrong
  3  the document is wrong: too large, not JSON, another version, a day that is none
  4  no font for Chinese was found
  5  the printer failed
  6  the document could not be read or the file not written";

impl Command {
    /// Runs the command with the words it was called with, its own name first.
    pub fn main(words: impl Iterator<Item = OsString>) -> ExitCode {
        Self::parse_from(words).arguments.run()
    }
}

impl Arguments {
    /// Prints, and says on the standard error what there is to say.
    fn run(&self) -> ExitCode {
        match self.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => {
                say(&problem);
                ExitCode::from(exit_code(&problem))
            }
        }
    }

    fn print(&self) -> Result<(), PrintProblem> {
        let bytes = self.read()?;
        if SheetDoc::is_one(&bytes) {
            let doc = SheetDoc::from_json(&bytes)?;
            let fonts = Fonts::for_format(self.format, self.fonts.as_deref())?;
            return self.hand_out(&print_sheet(&doc, self.format, &fonts)?);
        }
        let mut doc = BriefDoc::from_json(&bytes)?;
        if let Some(lang) = self.lang.filter(|lang| *lang != doc.lang) {
            // Its own words are of the other language.
            doc.lang = lang;
            doc.labels.clear();
        }
        let fonts = Fonts::for_format(self.format, self.fonts.as_deref())?;
        self.hand_out(&print(&doc, self.format, &fonts)?)
    }

    fn hand_out(&self, printed: &Printed) -> Result<(), PrintProblem> {
        printed.findings.iter().for_each(say);
        self.write(&printed.bytes).map_err(|e| PrintProblem::new("print.io.write", e.to_string()))
    }

    fn read(&self) -> Result<Vec<u8>, PrintProblem> {
        let problem = |e: std::io::Error| PrintProblem::new("print.io.read", e.to_string());
        let input: Box<dyn Read> = match &self.document {
            Some(path) => Box::new(std::fs::File::open(path).map_err(problem)?),
            None => Box::new(std::io::stdin().lock()),
        };
        let mut bytes = Vec::new();
        // One byte more than allowed, so that too much is seen to be too much.
        input.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(problem)?;
        Ok(bytes)
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        match &self.out {
            Some(path) => std::fs::write(path, bytes),
            None => {
                let mut out = std::io::stdout().lock();
                out.write_all(bytes)?;
                out.flush()
            }
        }
    }
}

/// One line of JSON on the standard error; when nobody listens, there is nobody to tell.
fn say(what: &impl serde::Serialize) {
    if let Ok(line) = serde_json::to_string(what) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

fn exit_code(problem: &PrintProblem) -> u8 {
    match problem.code.split('.').nth(1) {
        Some("input") => 3,
        Some("font") => 4,
        Some("io") => 6,
        _ => 5,
    }
}

fn language(tag: &str) -> Result<Lang, String> {
    Lang::from_tag(tag).ok_or_else(|| format!("`{tag}` is no language; it is one of zh-CN, zh-TW, en"))
}
