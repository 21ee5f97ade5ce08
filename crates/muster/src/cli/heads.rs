//! `muster heads`: keys by which the server signs where the journal stood, and the check of what it signed.

use super::progress::Progress;
use super::{Common, Stop, file_problem};
use crate::heads::{self, Checked};
use crate::lines::operation::{Operation, operation_current};
use crate::say;
use clap::Subcommand;
use muster_kernel::day::rfc3339;
use muster_kernel::{Clock, Locale, Problem, ProblemKind};
use muster_store::{Db, FaultKind, SavedHeads, Verified, verify_told};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::process::ExitCode;

/// Sign where the journal stood, and check it: against whoever may write the database.
#[derive(Subcommand)]
pub(crate) enum Heads {
    /// Make a key for `muster serve --heads-key`: FILE, which only you may read, and FILE.pub, which checks.
    ///
    /// Keep FILE.pub, and the folder of signed heads, where the database's owner cannot write. No file is written over.
    Keygen {
        /// The new file.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Is what was signed still there, and does the journal still pass through every signed head?
    ///
    /// Checks each line's signature, that none is missing between the first and the last, and that each holds the hash of
    /// the one before; then walks the journal and holds it to every head. A journal that was written anew with fresh
    /// hashes, which `muster verify` alone cannot see, is told with the first head it does not pass through. That the last
    /// lines of all were taken away shows only in how old the last one is: --no-older-than.
    ///
    /// Exit codes: 0 all is as it was signed; 1 something differs (each is printed); 2 wrong command line; 3 the store or
    /// a file failed.
    Check {
        /// The key that checks: FILE.pub of keygen.
        #[arg(long, value_name = "FILE")]
        public: PathBuf,
        /// The folder of signed heads.
        folder: PathBuf,
        /// Check the lines alone, and no database: where they are kept.
        #[arg(long)]
        lines_only: bool,
        /// The last line must not be older than so many hours.
        #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=8_784))]
        no_older_than: Option<u32>,
    },
}

impl Heads {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        match self {
            Self::Keygen { to } => {
                let (beside, public) = heads::key_make(&to).map_err(|why| file_problem(&to, &why))?;
                let (file, beside) = (to.display().to_string(), beside.display().to_string());
                let public = heads::public_text(&public);
                if common.json {
                    common.answer(&json!({ "file": file, "public_file": beside, "public": public }))?;
                }
                common.tell("heads.made", &[("file", file), ("beside", beside), ("public", public)])?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Check { public, folder, lines_only, no_older_than } => {
                let db = if lines_only { None } else { Some(common.open_existing()?) };
                let key = heads::public_read(&public)?;
                let now_ms = Clock::Wall.now_ms();
                let operation = match &db {
                    Some(db) => db.read("operation.current", |rx| operation_current(rx)).await?,
                    None => None,
                };
                let zone = operation.unwrap_or_else(Operation::unnamed).time_zone();
                let locale = common.locale();
                let look = move || {
                    let checked = heads::check(&folder, &key).map_err(|why| file_problem(&folder, &why))?;
                    let journal = db.map(|db| held(&db, &checked, locale)).transpose()?;
                    Ok::<_, Stop>((checked, journal))
                };
                let looked = tokio::task::spawn_blocking(look).await;
                let (checked, journal) = looked.map_err(|error| Stop::Machine(error.to_string()))??;
                let instant = |ms: i64| rfc3339(ms, &zone);
                let old = no_older_than.filter(|hours| {
                    checked.last_at.is_none_or(|at| now_ms - at > i64::from(*hours) * 3_600_000)
                });
                let found = Found { checked, journal, old, instant: &instant };
                match common.json {
                    true => common.answer(&found.json())?,
                    false => print!("{}", found.text(locale)),
                }
                Ok(ExitCode::from(u8::from(found.faults_all() > 0)))
            }
        }
    }
}

/// What the journal makes of the signed heads.
struct Journal {
    walked: Verified,
    /// The first head it does not pass through: line, instant, lane, number.
    first: Option<(u64, i64, i32, i64)>,
}

/// Walks the journal and holds it to every signed head. Blocks.
fn held(db: &Db, checked: &Checked, locale: Locale) -> Result<Journal, Stop> {
    let all = checked.heads.iter().map(|(_, _, head)| head.clone()).collect();
    let saved = SavedHeads { muster_heads: 1, at: 0, heads: all };
    let mut progress = Progress::new(locale);
    let walked = verify_told(db, Some(&saved), &mut |done, all| progress.hear("chains", done, all))?;
    let unmet: HashMap<(i32, i32, i64), ()> = walked
        .faults
        .iter()
        .filter(|fault| matches!(fault.kind, FaultKind::Cut | FaultKind::NotAsSaved))
        .map(|fault| ((fault.bucket, fault.link.lane, fault.link.no), ()))
        .collect();
    let first =
        checked.heads.iter().find(|(_, _, head)| unmet.contains_key(&(head.bucket, head.lane, head.no)));
    let first = first.map(|(n, at, head)| (*n, *at, head.lane, head.no));
    Ok(Journal { walked, first })
}

/// What was found, all of it.
struct Found<'f> {
    checked: Checked,
    journal: Option<Journal>,
    old: Option<u32>,
    instant: &'f dyn Fn(i64) -> String,
}

impl Found<'_> {
    fn faults_all(&self) -> u64 {
        let of_journal = self.journal.as_ref().map_or(0, |journal| journal.walked.faults.len() as u64);
        // A folder without a signed line proves nothing.
        let empty = u64::from(self.checked.lines == 0 && self.checked.faults_all == 0);
        self.checked.faults_all + of_journal + u64::from(self.old.is_some()) + empty
    }

    fn json(&self) -> Value {
        let Checked { lines, torn, last_at, heads, faults_all, faults } = &self.checked;
        let line = |fault: &heads::LineFault| json!({ "file": fault.file, "line": fault.line, "kind": fault.kind.word() });
        let journal = self.journal.as_ref().map(|Journal { walked, first }| {
            let faults = walked.faults.iter().map(|fault| {
                json!({ "lane": fault.link.lane, "no": fault.link.no, "kind": fault.kind.word() })
            });
            let first = first.map(|(n, at, lane, no)| {
                json!({ "line": n, "at": (self.instant)(at), "lane": lane, "no": no })
            });
            json!({ "entries": walked.entries, "faults": faults.collect::<Vec<_>>(), "first_head_failing": first })
        });
        json!({
            "faults_all": self.faults_all(), "lines": lines, "heads": heads.len(), "torn": torn,
            "last_at": last_at.map(|at| (self.instant)(at)), "too_old": self.old.is_some(),
            "faults_of_lines_all": faults_all, "faults_of_lines": faults.iter().map(line).collect::<Vec<_>>(),
            "journal": journal,
        })
    }

    fn text(&self, locale: Locale) -> String {
        let say = |code: &str, args: &[(&str, String)]| {
            let args: BTreeMap<_, _> =
                args.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
            say::say(locale, code, &args) + "\n"
        };
        let checked = &self.checked;
        let mut out = String::new();
        for fault in &checked.faults {
            let code = format!("heads.fault.{}", fault.kind.word());
            out += &say(&code, &[("file", fault.file.clone()), ("line", fault.line.to_string())]);
        }
        let more = checked.faults_all - checked.faults.len() as u64;
        if more > 0 {
            out += &say("heads.more", &[("n", more.to_string())]);
        }
        if let Some(Journal { walked, first }) = &self.journal {
            for fault in &walked.faults {
                let place = [("lane", fault.link.lane.to_string()), ("no", fault.link.no.to_string())];
                out += &say(&format!("heads.journal.{}", fault.kind.word()), &place);
            }
            if let Some((n, at, lane, no)) = first {
                let place = [
                    ("n", n.to_string()),
                    ("at", (self.instant)(*at)),
                    ("lane", lane.to_string()),
                    ("no", no.to_string()),
                ];
                out += &say("heads.first", &place);
            }
        }
        if let Some(hours) = self.old {
            out += &say("heads.too_old", &[("hours", hours.to_string())]);
        }
        let last = checked.last_at.map(|at| (self.instant)(at)).unwrap_or_default();
        let counts =
            [("lines", checked.lines.to_string()), ("heads", checked.heads.len().to_string()), ("at", last)];
        out += &match (self.faults_all(), checked.lines, &self.journal) {
            (_, 0, _) => say("heads.none", &[]),
            (0, _, Some(_)) => say("heads.whole", &counts),
            (0, _, None) => say("heads.lines_whole", &counts),
            (n, _, _) => say("heads.faults", &[("n", n.to_string())]),
        };
        out
    }
}

/// Where and how often the server signs heads.
#[derive(clap::Args, Clone)]
pub(crate) struct HeadsTo {
    /// Sign the heads of the journal with this key, of `muster heads keygen`.
    #[arg(long, value_name = "FILE", env = "MUSTER_HEADS_KEY", requires = "heads_to")]
    heads_key: Option<PathBuf>,
    /// The folder to which signed heads are added, a file a day; where the database's owner cannot write.
    #[arg(long, value_name = "FOLDER", env = "MUSTER_HEADS_TO", requires = "heads_key")]
    heads_to: Option<PathBuf>,
    /// How often, such as 15m or 1h; from 1s to 24h. And when the server stops.
    #[arg(long, value_name = "TIME", env = "MUSTER_HEADS_EVERY", default_value = "1h", value_parser = every)]
    heads_every: std::time::Duration,
}

impl HeadsTo {
    /// Who signs; none where nobody is to.
    pub(crate) fn keeper(&self) -> Result<Option<heads::Keeper>, Stop> {
        let (Some(key), Some(folder)) = (&self.heads_key, &self.heads_to) else { return Ok(None) };
        Ok(Some(heads::Keeper::new(heads::key_read(key)?, folder.clone(), self.heads_every)))
    }
}

/// A time between a second and a day; anything else is a wrong command line.
fn every(text: &str) -> Result<std::time::Duration, String> {
    let read =
        text.parse::<jiff::SignedDuration>().ok().filter(|time| (1..=86_400).contains(&time.as_secs()));
    let wrong = || super::wrong(&Problem::new(ProblemKind::Invalid, "line.heads_every").with("text", text));
    read.map(|time| time.unsigned_abs()).ok_or_else(wrong)
}
