//! `muster brief`.

use super::{Common, PrinterAt, Stop, day, file_problem, written_as};
use crate::lines::brief::{self, CompareBody, Shown};
use crate::lines::reporting::BookShelf;
use crate::printer::Printer;
use crate::{Ctx, Fail, say};
use clap::{Args, Subcommand, ValueEnum};
use muster_kernel::{Day, Locale, Problem, ProblemKind};
use muster_print::{Absence, BriefDoc, Cell, Lang, labels};
use muster_store::{Db, Rx, Tx};
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Show the brief of a day, freeze the day, print it, compare it.
///
/// While the day is open the brief is made at this moment; once it is frozen, what was frozen is shown, byte for byte.
/// The language of the brief is that of --lang.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Brief {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    show: Show,
}

#[derive(Subcommand)]
enum Other {
    /// Make the figures of a frozen day again and tell what differs, and which reports changed since.
    Compare(Of),
}

#[derive(Args)]
struct Of {
    /// The day, YYYY-MM-DD; today when absent.
    #[arg(long, value_parser = day)]
    day: Option<Day>,
    /// Code of the form; the operation's daily report when absent.
    #[arg(long)]
    form: Option<String>,
}

#[derive(Args)]
struct Show {
    #[command(flatten)]
    of: Of,
    /// Freeze the day first. Refused before its cut-off; a second time changes nothing.
    #[arg(long)]
    freeze: bool,
    /// What to write; text when absent, or what the ending of --out says; one that contradicts it is a wrong command line.
    #[arg(long)]
    format: Option<Format>,
    /// The file to write; standard output when absent.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    printer: PrinterAt,
}

/// What a brief is written as.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// The document, for a program.
    Json,
    /// A4 pages.
    Pdf,
    /// A4 pages whose narrative can be edited.
    Docx,
    /// Figures as numbers.
    Xlsx,
    /// One long picture for a phone.
    Png,
}

impl Format {
    fn printed(self) -> Option<muster_print::Format> {
        match self {
            Self::Text | Self::Json => None,
            Self::Pdf => Some(muster_print::Format::Pdf),
            Self::Docx => Some(muster_print::Format::Docx),
            Self::Xlsx => Some(muster_print::Format::Xlsx),
            Self::Png => Some(muster_print::Format::Png),
        }
    }
}

impl Brief {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        // What the line alone shows to be wrong is said before anything is opened.
        let format = self.show.format(common.json)?;
        let db = common.open().await?;
        let ctx = match (&self.other, self.show.freeze) {
            (None, true) => common.ctx_acting(&db).await?,
            _ => common.ctx(&db).await?,
        };
        match self.other {
            Some(Other::Compare(of)) => compare(common, &db, ctx, of).await,
            None => self.show.run(common, &db, ctx, format).await,
        }
    }
}

impl Show {
    fn format(&self, json: bool) -> Result<Format, Stop> {
        let said = match &self.out {
            Some(out) => written_as(out, self.format)?,
            None => self.format,
        };
        Ok(said.unwrap_or(if json { Format::Json } else { Format::Text }))
    }

    async fn run(self, common: &Common, db: &Db, ctx: Ctx, format: Format) -> Result<ExitCode, Stop> {
        if format.printed().is_some() && self.out.is_none() && std::io::stdout().is_terminal() {
            return Err(Stop::Line(Problem::invalid("brief.out_needed")));
        }
        let (day, form) = (self.of.day.unwrap_or_else(|| ctx.today()), self.of.form);
        let shelf = BookShelf::default();
        if self.freeze {
            let now_ms = ctx.now_ms;
            let (by, ctx, shelf, form) = (ctx.clone(), ctx.clone(), shelf.clone(), form.clone());
            let freeze = move |tx: &mut Tx<'_>| brief::brief_freeze(tx, &ctx, &shelf, form.as_deref(), day);
            let freeze = common.acted(&by, freeze);
            db.write("brief.freeze", now_ms, freeze).await?;
        }
        let reading = ctx.clone();
        let read = move |rx: &mut Rx<'_>| {
            brief::brief_shown(rx, &reading, &shelf, form.as_deref(), day, reading.locale)
        };
        let shown = db.read("brief.read", read).await?;
        let bytes = match format.printed() {
            Some(format) => {
                let printer = self.printer.printer();
                paper(db, &ctx, &printer, &shown, format).await.map_err(|stop| without(&printer, stop))?
            }
            None if format == Format::Json => format!("{}\n", shown.body).into_bytes(),
            None => {
                let doc = BriefDoc::from_json(shown.body.as_bytes());
                told(&doc.map_err(|why| Stop::Machine(why.to_string()))?).into_bytes()
            }
        };
        match &self.out {
            Some(out) => std::fs::write(out, bytes).map_err(|error| file_problem(out, &error))?,
            None => std::io::stdout().write_all(&bytes)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Here nobody builds a printer behind the program: where there is none, says where it was looked for and what to do.
fn without(printer: &Printer, stop: Stop) -> Stop {
    match stop {
        Stop::Fail(Fail::Problem(problem)) if problem.code == "print.none" => {
            Problem::new(ProblemKind::Busy, "print.no_printer").with("file", printer.place().display()).into()
        }
        other => other,
    }
}

/// The printed file: of a frozen brief the one that is kept.
async fn paper(
    db: &Db,
    ctx: &Ctx,
    printer: &Printer,
    shown: &Shown,
    format: muster_print::Format,
) -> Result<Vec<u8>, Stop> {
    let (key, locale) = (shown.key, ctx.locale);
    if shown.frozen.is_none() {
        return Ok(printer.print(shown.body.as_bytes(), format).await?);
    }
    let kept =
        db.read("brief.file", move |rx: &mut Rx<'_>| brief::file_kept(rx, &key, locale, format)).await?;
    if let Some(kept) = kept {
        return Ok(kept.bytes);
    }
    let bytes = printer.print(shown.body.as_bytes(), format).await?;
    let (ctx, now_ms) = (ctx.clone(), ctx.now_ms);
    let keep = move |tx: &mut Tx<'_>| brief::file_keep(tx, &ctx, &key, locale, format, &bytes);
    Ok(db.write("brief.print", now_ms, keep).await?.bytes)
}

/// Exits with 1 when a figure differs, or when what is kept is not what was frozen.
async fn compare(common: &Common, db: &Db, ctx: Ctx, of: Of) -> Result<ExitCode, Stop> {
    let day = of.day.unwrap_or_else(|| ctx.today());
    let (reading, form) = (ctx.clone(), of.form);
    let read = move |rx: &mut Rx<'_>| {
        let shelf = BookShelf::default();
        brief::compare(rx, &reading, &shelf, form.as_deref(), day, reading.locale)
    };
    let comparison = db.read("brief.compare", read).await?;
    let same = comparison.intact && comparison.differences.is_empty();
    let body = CompareBody::new(&comparison, &ctx);
    if common.json {
        println!("{}", serde_json::to_string_pretty(&body).unwrap_or_default());
    } else {
        print!("{}", compared(&body, ctx.locale));
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn compared(body: &CompareBody, locale: Locale) -> String {
    let word = |code: &str| say::word(locale, &format!("brief.compare.{code}"));
    let mut out =
        format!("{}  {}\n{}\n", body.day, body.digest, word(if body.intact { "intact" } else { "broken" }));
    if body.differences.is_empty() {
        let _ = writeln!(out, "{}", word("same"));
    }
    for difference in &body.differences {
        let unit = difference.unit.as_deref().map(|unit| format!("{unit}: ")).unwrap_or_default();
        let (frozen, now) = (figure(difference.frozen), figure(difference.now));
        let _ = writeln!(out, "  {unit}{}  {frozen} → {now}", difference.name);
    }
    if !body.causes.is_empty() {
        let _ = writeln!(out, "{}", word("causes"));
    }
    for cause in &body.causes {
        let rev = |rev: Option<i64>| rev.map_or_else(|| "—".to_owned(), |rev| rev.to_string());
        let (before, now) = (rev(cause.revision_frozen), rev(cause.revision_now));
        let receipt = cause.receipt.as_deref().unwrap_or("—");
        let _ = writeln!(out, "  {} {}  {before} → {now}  {receipt}", cause.unit, cause.name);
        for change in &cause.changes {
            let _ = writeln!(
                out,
                "      {}  {} → {}",
                change.element,
                figure(change.before),
                figure(change.after)
            );
        }
    }
    if body.more {
        let _ = writeln!(out, "  …");
    }
    if !body.tree.is_empty() {
        let _ = writeln!(out, "{}", word("tree"));
    }
    for change in &body.tree {
        let unit = [&change.unit, &change.name].map(|word| word.as_deref().unwrap_or_default()).join(" ");
        let to = change.to.as_deref().map(|to| format!(" → {to}")).unwrap_or_default();
        let (since, at, action, actor) = (&change.since, &change.at, &change.action, &change.actor);
        let _ = writeln!(out, "  {since}  {action}  {}{to}  {at} {actor}", unit.trim());
    }
    if body.tree_more {
        let _ = writeln!(out, "  …");
    }
    out
}

/// A figure as the terminal shows it; what was not said is a dash, never a zero.
fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "—".to_owned(), |value| value.to_string())
}

/// A brief for a reader at a terminal: every section, also an empty one.
fn told(doc: &BriefDoc) -> String {
    let mut text = Text { out: String::new(), lang: doc.lang, own: doc };
    text.head();
    text.numbers();
    text.lists();
    text.out
}

struct Text<'a> {
    out: String,
    lang: Lang,
    own: &'a BriefDoc,
}

impl Text<'_> {
    fn word(&self, key: &str) -> String {
        let own = self.own.labels.get(key).map(String::as_str);
        own.or_else(|| labels::of_day(self.lang, key, self.own.frozen)).unwrap_or(key).to_owned()
    }
    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }
    fn section(&mut self, key: &str, rows: Vec<Vec<String>>) {
        let heading = self.word(&format!("section.{key}"));
        self.line("");
        self.line(&format!("■ {heading}"));
        if rows.is_empty() {
            let none = self.word("none");
            self.line(&format!("  {none}"));
        }
        for line in table(&rows) {
            self.line(&line);
        }
    }
    fn head(&mut self) {
        let doc = self.own;
        if doc.simulated {
            let simulated = self.word("simulated");
            self.line(&format!("[{simulated}]"));
        }
        self.line(&doc.office);
        self.line(&format!("{}  {}", doc.title, doc.number.as_deref().unwrap_or_default()));
        let state = self.word(if doc.frozen { "head.frozen" } else { "head.open" });
        let as_of = self.word("head.as_of");
        self.line(&format!("{}  {as_of} {}  {state}", doc.day, doc.as_of));
        self.line("");
        for sentence in &doc.sentences {
            self.line(sentence);
        }
    }
    fn numbers(&mut self) {
        let doc = self.own;
        let change = |delta: Option<f64>| match delta {
            Some(delta) if delta > 0.0 => format!("+{delta}"),
            other => figure(other),
        };
        let count = |count: Option<i64>| count.map_or_else(|| "—".to_owned(), |count| count.to_string());
        let of = |said, base| format!("{}/{}", count(said), count(base));
        let [yesterday, other_units, same_units] =
            ["yesterday", "other_units", "same_units"].map(|key| self.word(&format!("total.{key}")));
        let rows = doc.totals.iter().map(|row| {
            let value = format!("{} {}", figure(row.value), row.unit);
            let change = match &row.same_units {
                Some(same) if same.units > 0 => same_units
                    .replace("{n}", &same.units.to_string())
                    .replace("{change}", &change(Some(same.change))),
                _ if row.other_units => other_units.clone(),
                _ => change(row.delta),
            };
            let before = of(row.yesterday_said, row.yesterday_base);
            let before = format!("{yesterday} {} {before}", figure(row.yesterday));
            let before = if row.note.is_empty() { before } else { format!("{before} *") };
            vec![row.name.clone(), value, of(row.said, row.base), change, before]
        });
        self.section("totals", rows.collect());
        let notes: Vec<&str> =
            doc.totals.iter().map(|row| &*row.note).filter(|note| !note.is_empty()).collect();
        if !notes.is_empty() {
            let note = self.word("total.frozen").replace("{list}", &notes.join("; "));
            self.line(&format!("  * {note}"));
        }
        let rates = &doc.rates;
        let keys = ["expected", "actual", "on_time", "zero", "missing"];
        let counts = [rates.expected, rates.actual, rates.actual_on_time, rates.zero, rates.missing];
        let named = keys.map(|key| self.word(&format!("group.{key}")));
        let told = named.iter().zip(counts).enumerate();
        // Who was in time nobody knows of a day that was taken in afterwards.
        let told = told.filter(|(at, _)| !(rates.afterwards && keys[*at] == "on_time"));
        let rows = told.map(|(_, (name, count))| vec![name.clone(), count.to_string()]);
        self.section("rates", rows.collect());
        let rows = doc.chart.days.iter().enumerate().map(|(at, day)| {
            let points = doc.chart.series.iter().map(|series| {
                format!("{} {}", series.name, figure(series.points.get(at).copied().flatten()))
            });
            std::iter::once(day.clone()).chain(points).collect()
        });
        self.section("chart", rows.collect());
        let rows = doc.groups.iter().map(|group| {
            let counts = [group.expected, group.actual, group.on_time, group.zero, group.missing];
            let counts = named.iter().zip(counts).map(|(name, count)| format!("{name} {count}"));
            std::iter::once(group.name.clone()).chain(counts).collect()
        });
        self.section("groups", rows.collect());
    }
    fn lists(&mut self) {
        let doc = self.own;
        let (missing, late) = (self.word("absent.missing"), self.word("absent.late"));
        let rows = doc.absent.iter().map(|absent| {
            let status = if absent.status == Absence::Missing { &missing } else { &late };
            let at = absent.at.clone().unwrap_or_default();
            vec![status.clone(), absent.unit.clone(), absent.path.clone(), at]
        });
        self.section("absent", rows.collect());
        let rows = doc.contradictions.iter().map(|one| vec![one.unit.clone(), one.text.clone()]);
        self.section("contradictions", rows.collect());
        let rows = doc.disagreements.iter().map(|one| {
            vec![
                one.unit.clone(),
                one.element.clone(),
                format!("{} ≠ {}", figure(one.stated), figure(one.parts)),
            ]
        });
        self.section("disagreements", rows.collect());
        let cell = |cell: &Cell| match cell {
            Cell::None => "—".to_owned(),
            Cell::Number(value) => value.to_string(),
            Cell::Text(text) => text.clone(),
        };
        let rows = doc.corrections.iter().map(|one| {
            let change = format!("{} → {}", cell(&one.before), cell(&one.after));
            let what = [self.word(one.kind()), one.day.clone(), one.unit.clone(), one.element.clone()];
            [&what[..], &[change, one.reason.clone()]].concat()
        });
        self.section("corrections", rows.collect());
        let narrative = &doc.narrative;
        for (key, paragraphs) in
            [("progress", &narrative.progress), ("problems", &narrative.problems), ("next", &narrative.next)]
        {
            let heading = self.word(&format!("narrative.{key}"));
            self.line("");
            self.line(&format!("■ {heading}"));
            let unwritten = self.word("narrative.unwritten");
            for paragraph in if paragraphs.is_empty() { std::slice::from_ref(&unwritten) } else { paragraphs }
            {
                self.line(&format!("  {paragraph}"));
            }
        }
        let lineage = &doc.lineage;
        let mut rows = vec![
            vec![self.word("lineage.units"), lineage.units.to_string()],
            vec![self.word("lineage.revisions"), lineage.revisions.to_string()],
            vec![self.word("lineage.heads"), lineage.heads.clone()],
        ];
        rows.push(vec![
            self.word("lineage.digest"),
            doc.digest.clone().unwrap_or_else(|| self.word("lineage.none")),
        ]);
        self.section("lineage", rows);
    }
}

/// Columns that stand below one another; a character of Chinese is two columns wide.
fn table(rows: &[Vec<String>]) -> Vec<String> {
    let wide = |c: char| {
        if ('\u{1100}'..='\u{ffdc}').contains(&c) && !('\u{2010}'..='\u{2e7f}').contains(&c) { 2 } else { 1 }
    };
    let width = |text: &str| text.chars().map(wide).sum::<usize>();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells =
            row.iter().zip(&widths).map(|(cell, most)| format!("{cell}{}", " ".repeat(most - width(cell))));
        format!("  {}", cells.collect::<Vec<_>>().join("  "))
    };
    rows.iter().map(line).collect()
}
