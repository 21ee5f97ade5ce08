//! The command line: the same verbs as the HTTP doors, on the machine itself.
//!
//! Exit codes: 0 done; 1 a refusal or findings (said on standard error, or in the JSON); 2 the command line itself is
//! wrong; 3 the store or the machine failed. They are part of the contract.

mod backup;
mod begin;
mod book;
mod brief;
mod demo;
mod door;
mod finding;
mod form;
mod grant;
mod heads;
mod help;
mod import;
mod install;
mod keys;
mod link;
mod log;
mod misread;
mod notice;
mod oidc;
mod outbound;
mod outside;
mod pdf_text;
mod post;
mod privacy;
mod progress;
mod query;
mod serve;
mod table;
mod task;
mod unit;
mod units;
mod user;
mod verify;

use crate::Fail;
use crate::lines::access::{Acting, acting_record};
use crate::lines::operation::{Operation, operation_current};
use crate::migrations::MIGRATIONS;
use crate::printer::Printer;
use crate::request::acting::acting_said;
use crate::seal::Seals;
use crate::{Ctx, Reach, say};
use clap::{Parser, Subcommand, ValueEnum};
use muster_kernel::{Actor, Clock, Day, IdSource, Locale, Problem, ProblemKind};
use muster_store::{Db, DbConfig, StoreError, Tx};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const HELP: &str = "\
Look around (simulated figures of February 2020, an address to open):
  muster demo

Your own operation, in the file muster.db beside you:
  echo 'a-long-password' | muster begin --office 'General Office' --account duty
  muster import units units.xlsx --dry-run     what would be added, changed, closed; findings by cell
  muster import units units.xlsx
  muster form starter                          a daily form to start with
  muster import reports day.csv --dry-run      the columns: muster import reports --columns
  muster query missing                         who has not reported
  muster brief --out today.pdf
  muster serve

Exit codes of every command: 0 done; 1 refused, or rows were refused (said on standard error, with --json on
standard output); 2 the command line is wrong; 3 the database or the machine failed.";

/// Muster (百应): the emergency command system of an organisation of organisations.
///
/// One call, a hundred answers; zero is an answer, silence is not.
#[derive(Parser)]
#[command(name = "muster", version, max_term_width = 110, after_help = HELP)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// The database where none is named.
const HERE: &str = "muster.db";

/// What every command takes.
#[derive(clap::Args, Clone)]
pub(crate) struct Common {
    /// The database: a file for SQLite, or postgres://user:password@host/name.
    #[arg(long, global = true, env = "MUSTER_DATABASE", default_value = HERE)]
    pub(crate) database: String,
    /// Language of messages and of help: zh-CN, zh-TW or en; the machine's (LANG) when absent.
    #[arg(long, global = true, env = "MUSTER_LANG", default_value = "en", value_parser = language)]
    pub(crate) lang: Locale,
    /// Answer as JSON on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The file of master keys, by which telephones and login names are sealed; beside a SQLite database, as its name with
    /// .keys, when absent.
    #[arg(long, global = true, value_name = "FILE", env = "MUSTER_KEYS")]
    pub(crate) keys: Option<PathBuf>,
    /// Who decided this, where you do it for them; a change of a unit, a post, a role and the like is recorded with it:
    /// 'unit=R; post=leader; at=2020-02-03T09:00:00+08:00; means=telephone' (or oral, message, written, meeting).
    #[arg(long, global = true, value_name = "WHO", value_parser = acting)]
    pub(crate) acting_for: Option<Acting>,
    /// The keys, once they were read.
    #[arg(skip)]
    pub(crate) held: Arc<OnceLock<Seals>>,
}

/// The language of a tag; another one is a wrong command line.
fn language(tag: &str) -> Result<Locale, String> {
    Locale::from_tag(tag).ok_or_else(|| wrong(&Problem::invalid("request.lang").with("lang", tag)))
}

/// Who decided; anything else is a wrong command line.
fn acting(text: &str) -> Result<Acting, String> {
    acting_said(text).map_err(|refusal| wrong(&refusal))
}

/// A day; anything else is a wrong command line.
pub(crate) fn day(text: &str) -> Result<Day, String> {
    text.parse().map_err(|_| wrong(&Problem::invalid("request.day").with("day", text)))
}

/// What is wrong with the value of an option.
fn wrong(refusal: &Problem) -> String {
    say::problem(help::spoken_here(), refusal)
}

/// Where the printer is.
#[derive(clap::Args, Clone)]
pub(crate) struct PrinterAt {
    /// The printer of briefs; the program muster-print beside this one when absent.
    #[arg(long, value_name = "FILE", env = "MUSTER_PRINT")]
    printer: Option<std::path::PathBuf>,
}
impl PrinterAt {
    pub(crate) fn printer(&self) -> Printer {
        Printer::new(self.printer.clone())
    }
}

/// What each says of itself stands at its own type: a comment here would take the place of the longer one there.
#[derive(Subcommand)]
enum Command {
    Demo(demo::Demo),
    Begin(begin::BeginCommand),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Grant(grant::Grant),
    #[command(subcommand)]
    Link(link::LinkCommand),
    #[command(subcommand)]
    Finding(finding::FindingCommand),
    #[command(subcommand)]
    Task(task::TaskCommand),
    #[command(subcommand)]
    Channel(outbound::ChannelCommand),
    Outbox(outbound::Outbox),
    #[command(subcommand)]
    Privacy(privacy::PrivacyCommand),
    Serve(serve::Serve),
    Brief(brief::Brief),
    #[command(subcommand)]
    Form(form::FormCommand),
    #[command(subcommand)]
    Notice(notice::Notice),
    #[command(subcommand)]
    Unit(unit::UnitCommand),
    #[command(subcommand)]
    Post(post::PostCommand),
    #[command(subcommand)]
    Party(unit::Party),
    #[command(subcommand)]
    Import(import::Import),
    #[command(subcommand)]
    Export(units::Export),
    Query(query::Query),
    Verify(verify::Verify),
    Rebuild(verify::Rebuild),
    Backup(backup::Backup),
    Install(install::Install),
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    #[command(subcommand)]
    Heads(heads::Heads),
    /// Write the contract (OpenAPI 3.1) to standard output.
    Openapi,
    /// Read a PDF on standard input and write its text to standard output; what the server starts for each PDF.
    #[command(hide = true)]
    PdfText,
}

/// Why a command ended without doing what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// A verb failed or refused.
    #[error(transparent)]
    Fail(#[from] Fail),
    /// The command line is wrong in a way that only its parts together show.
    #[error("{}", .0.code)]
    Line(Problem),
    /// The machine failed: a file, a socket.
    #[error("{0}")]
    Machine(String),
}
impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Fail(Fail::Problem(problem))
    }
}
impl From<muster_store::StoreError> for Stop {
    fn from(error: muster_store::StoreError) -> Self {
        Self::Fail(Fail::Store(error))
    }
}
impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Machine(error.to_string())
    }
}

/// A file that could not be read or written: which, why, and what to do.
pub(crate) fn file_problem(file: &Path, error: &std::io::Error) -> Stop {
    use std::io::ErrorKind;
    let problem = match error.kind() {
        ErrorKind::AlreadyExists => Problem::conflict("file.there"),
        // The machine's, not the caller's: exit code 3.
        ErrorKind::NotFound => Problem::new(ProblemKind::Busy, "file.none"),
        ErrorKind::PermissionDenied => Problem::new(ProblemKind::Busy, "file.denied"),
        _ => Problem::new(ProblemKind::Busy, "file.failed").with("why", error),
    };
    problem.with("file", file.display()).into()
}

/// What a file is written as: what is asked for, or what its ending says; none where it says nothing that is known. A name
/// that says one thing and a file that is another would be opened by the wrong program, so that a contradiction is a wrong
/// command line.
pub(crate) fn written_as<F: ValueEnum + PartialEq>(file: &Path, asked: Option<F>) -> Result<Option<F>, Stop> {
    let ending = file.extension().map(|ending| ending.to_string_lossy());
    let says = ending.as_ref().and_then(|ending| F::from_str(ending, true).ok());
    match (asked, says, &ending) {
        (Some(asked), Some(says), Some(ending)) if asked != says => {
            let refusal = Problem::invalid("export.ending").with("file", file.display());
            let format = asked.to_possible_value().map(|value| value.get_name().to_owned());
            Err(Stop::Line(refusal.with("ending", ending).with("format", format.unwrap_or_default())))
        }
        (asked, says, _) => Ok(asked.or(says)),
    }
}

impl Common {
    /// The language of messages.
    pub(crate) fn locale(&self) -> Locale {
        self.lang
    }
    /// Writes an answer to standard output: JSON, or a table for people. A reader that has gone away is no failure.
    pub(crate) fn answer(&self, answer: &serde_json::Value) -> Result<(), Stop> {
        let text = match self.json {
            true => serde_json::to_string_pretty(answer).map_err(Problem::internal)? + "\n",
            false => table::table(self.locale(), answer),
        };
        printed(&text)
    }
    /// A row, where a finding stands at nothing narrower.
    fn row(&self, row: u64) -> String {
        say::say(self.locale(), "finding.row", &[("row".to_owned(), row.to_string())].into())
    }
    /// Says to a person what was done; a program reads the exit code.
    pub(crate) fn tell(&self, code: &str, args: &[(&str, String)]) -> Result<(), Stop> {
        let args = args.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        if self.json { Ok(()) } else { printed(&(say::say(self.locale(), code, &args) + "\n")) }
    }
    /// Says why a door refused: on standard error, or with --json as the door said it, on standard output.
    pub(crate) fn refused(
        &self,
        status: axum::http::StatusCode,
        problem: &serde_json::Value,
    ) -> Result<ExitCode, Stop> {
        if self.json {
            self.answer(problem)?;
        } else {
            let text = |of: &serde_json::Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
            eprintln!("{} [{}]", text(problem, "title"), text(problem, "code"));
            for finding in problem["findings"].as_array().into_iter().flatten() {
                let at =
                    [text(finding, "cell"), text(finding, "field")].into_iter().find(|at| !at.is_empty());
                let at = at.or_else(|| finding["row"].as_u64().map(|row| self.row(row))).unwrap_or_default();
                eprintln!("  {at} {} [{}]", text(finding, "message"), text(finding, "code"));
            }
        }
        Ok(ExitCode::from(if status.is_server_error() { 3 } else { 1 }))
    }
    /// Opens the database, or makes it, and brings its tables up to date: for what may be the first thing that is done.
    pub(crate) async fn open_or_make(&self) -> Result<Db, Stop> {
        self.open_with(DbConfig::new(&self.database))
    }
    /// Opens a database that must be there and brings its tables up to date.
    pub(crate) async fn open(&self) -> Result<Db, Stop> {
        self.must_be_there()?;
        self.open_or_make().await
    }
    /// Opens the database for a server. Where none is named and none is here, it is made, and that is said: a person then begins
    /// on the page. One that is named must be there: a name that was mistyped would serve an empty one.
    pub(crate) async fn open_to_serve(&self) -> Result<Db, Stop> {
        if self.database != HERE || self.is_there() {
            return self.open().await;
        }
        let db = self.open_or_make().await?;
        let made = Problem::conflict("database.made").with("file", self.file());
        eprintln!("{}", say::problem(self.locale(), &made));
        Ok(db)
    }
    /// As [`Common::open_or_make`], for work on everything at once, which may read for minutes.
    pub(crate) fn open_or_make_patiently(&self) -> Result<Db, Stop> {
        self.open_with(self.patient())
    }
    /// As [`Common::open`], for work on everything at once.
    pub(crate) fn open_patiently(&self) -> Result<Db, Stop> {
        self.must_be_there()?;
        self.open_or_make_patiently()
    }
    fn patient(&self) -> DbConfig {
        DbConfig { read_deadline: Duration::from_secs(600), ..DbConfig::new(&self.database) }
    }
    /// Opens a database that must be there, to look at it patiently: its tables stay as they are. (An empty one that a
    /// command makes would verify very well.)
    pub(crate) fn open_existing(&self) -> Result<Db, Stop> {
        self.must_be_there()?;
        self.opened(&self.patient())
    }
    /// As [`Common::open_existing`], for whoever reads its tables: refuses those of an older version.
    pub(crate) fn open_current(&self) -> Result<Db, Stop> {
        let db = self.open_existing()?;
        match db.migrations_lacking(MIGRATIONS)? {
            0 => Ok(db),
            lacking => Err(Problem::new(ProblemKind::Busy, "database.older").with("steps", lacking).into()),
        }
    }
    /// Refuses where there is no such database: what asks, or changes what should be there, makes none.
    pub(crate) fn must_be_there(&self) -> Result<(), Stop> {
        if self.is_there() {
            return Ok(());
        }
        Err(Problem::new(ProblemKind::Busy, "database.none").with("file", self.file()).into())
    }
    /// Whether there is such a database; of one that a server holds, the server tells.
    pub(crate) fn is_there(&self) -> bool {
        let postgres = self.database.starts_with("postgres://") || self.database.starts_with("postgresql://");
        postgres || Path::new(self.file()).exists()
    }
    fn file(&self) -> &str {
        self.database.strip_prefix("sqlite:").unwrap_or(&self.database)
    }
    /// What an address of a database is good for shows when it is opened.
    fn opened(&self, config: &DbConfig) -> Result<Db, Stop> {
        Db::open(config).map_err(|error| match error {
            StoreError::Busy | StoreError::Lost | StoreError::Timeout => error.into(),
            other => Problem::new(ProblemKind::Busy, "store.unreachable").with("why", other).into(),
        })
    }
    fn open_with(&self, config: DbConfig) -> Result<Db, Stop> {
        let db = self.opened(&config)?;
        db.migrate(Clock::Wall.now_ms(), MIGRATIONS)?;
        self.plain_sealed(&db)?;
        Ok(db)
    }
    /// The context of a command that records nothing of who decided: where that is said, it is refused rather than passed
    /// over in silence.
    pub(crate) async fn ctx(&self, db: &Db) -> Result<Ctx, Stop> {
        match self.acting_for {
            Some(_) => Err(Stop::Line(Problem::invalid("acting.not_here"))),
            None => self.ctx_acting(db).await,
        }
    }
    /// The context of a command: the machine's own hand, seeing all. For one that does its deed within [`Common::acted`],
    /// or does none.
    pub(crate) async fn ctx_acting(&self, db: &Db) -> Result<Ctx, Stop> {
        self.seals()?;
        let operation = db.read("operation.current", |rx| operation_current(rx)).await?;
        Ok(self.ctx_of(&operation.unwrap_or_else(Operation::unnamed)))
    }
    /// A deed that records who decided it, where that is said.
    pub(crate) fn acted<T>(
        &self,
        ctx: &Ctx,
        deed: impl Fn(&mut Tx<'_>) -> Result<T, Fail> + Send + 'static,
    ) -> impl Fn(&mut Tx<'_>) -> Result<T, Fail> + Send + 'static {
        let (acting, ctx) = (self.acting_for.clone(), ctx.clone());
        move |tx: &mut Tx<'_>| {
            let mark = tx.journalled();
            let done = deed(tx)?;
            if let Some(acting) = &acting {
                acting_record(tx, &ctx, acting, mark)?;
            }
            Ok(done)
        }
    }
    /// The context of a command in an operation; days are those of its time zone, also before it is begun.
    pub(crate) fn ctx_of(&self, operation: &Operation) -> Ctx {
        Ctx {
            actor: Actor::system("cli"),
            now_ms: Clock::Wall.now_ms(),
            ids: IdSource::Random,
            operation: operation.id,
            zone: operation.time_zone(),
            locale: self.locale(),
            reach: Reach::All,
            seals: self.held.get().cloned().unwrap_or_else(Seals::none),
            lent_ms: None,
        }
    }
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    // The printer of the one file: what the server starts, with a command line of its own.
    #[cfg(feature = "print")]
    if std::env::args_os().nth(1).is_some_and(|word| word == "print") {
        return muster_print::command::Command::main(std::env::args_os().skip(1));
    }
    let args: Vec<_> = std::env::args_os().collect();
    let cli = match help::read(&args) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    undumped();
    // A command of a person answers in its own words; a server tells its log.
    let serves = matches!(cli.command, Command::Serve(_) | Command::Demo(_));
    let log_to = match &cli.command {
        Command::Serve(serve) => Some(&serve.log),
        _ => None,
    };
    let _log = match log::begin(serves, log_to) {
        Ok(log) => log,
        Err(stop) => return told(&cli.common, stop),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return told(&cli.common, Stop::Machine(error.to_string())),
    };
    let common = cli.common.clone();
    let done = runtime.block_on(run(cli));
    common.made_told();
    match done {
        Ok(code) => code,
        Err(stop) => told(&common, stop),
    }
}

/// Telephones and keys stand in memory while they are shown: no dump of it is written, and no other process of the same
/// user looks into it. Where the machine does not let that be said, the program runs all the same.
fn undumped() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

impl Command {
    /// Whether it may do something that somebody else decided.
    fn is_acted_for(&self) -> bool {
        matches!(
            self,
            Self::Brief(_)
                | Self::Form(_)
                | Self::Grant(_)
                | Self::Notice(_)
                | Self::Party(_)
                | Self::Post(_)
                | Self::Unit(_)
                | Self::User(_)
        )
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Stop> {
    if cli.common.acting_for.is_some() && !cli.command.is_acted_for() {
        return Err(Stop::Line(Problem::invalid("acting.not_here")));
    }
    match cli.command {
        Command::Demo(command) => command.run(&cli.common).await,
        Command::Begin(command) => command.run(&cli.common).await,
        Command::Grant(command) => command.run(&cli.common).await,
        Command::Link(command) => command.run(&cli.common).await,
        Command::Finding(command) => command.run(&cli.common).await,
        Command::Task(command) => command.run(&cli.common).await,
        Command::Channel(command) => command.run(&cli.common).await,
        Command::Outbox(command) => command.run(&cli.common).await,
        Command::Privacy(command) => command.run(&cli.common).await,
        Command::User(command) => command.run(&cli.common).await,
        Command::Serve(command) => command.run(&cli.common).await,
        Command::Brief(command) => command.run(&cli.common).await,
        Command::Form(command) => command.run(&cli.common).await,
        Command::Notice(command) => command.run(&cli.common).await,
        Command::Unit(command) => command.run(&cli.common).await,
        Command::Post(command) => command.run(&cli.common).await,
        Command::Party(command) => command.run(&cli.common).await,
        Command::Import(command) => command.run(&cli.common).await,
        Command::Export(command) => command.run(&cli.common).await,
        Command::Query(command) => command.run(&cli.common).await,
        Command::Verify(command) => command.run(&cli.common).await,
        Command::Rebuild(command) => command.run(&cli.common).await,
        Command::Heads(command) => command.run(&cli.common).await,
        Command::Backup(command) => command.run(&cli.common).await,
        Command::Install(command) => command.run(&cli.common),
        Command::Keys(command) => command.run(&cli.common).await,
        Command::PdfText => pdf_text::run(),
        Command::Openapi => {
            printed(&crate::serve::openapi())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Writes to standard output. A reader that has gone away is no failure.
fn printed(text: &str) -> Result<(), Stop> {
    match std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// What the machine or the store could not do, for a reader.
fn machine(stop: Stop) -> Stop {
    let failed = |code: &'static str, why: String| Problem::new(ProblemKind::Busy, code).with("why", why);
    let problem = match stop {
        Stop::Machine(why) => failed("machine.failed", why),
        Stop::Fail(Fail::Store(error)) => match error {
            StoreError::Busy | StoreError::Conflict => failed("store.busy", String::new()),
            StoreError::Lost => failed("store.lost", String::new()),
            StoreError::Timeout => failed("store.timeout", String::new()),
            StoreError::Unknown => Problem::new(ProblemKind::Unknown, "unknown_outcome"),
            StoreError::Corrupt(what) => failed("store.corrupt", what),
            other => failed("store.failed", other.to_string()),
        },
        other => return other,
    };
    problem.into()
}

/// Says why a command stopped, and with which code.
fn told(common: &Common, stop: Stop) -> ExitCode {
    let locale = common.locale();
    let stop = machine(stop);
    match &stop {
        Stop::Line(problem) | Stop::Fail(Fail::Problem(problem)) if problem.kind != ProblemKind::Internal => {
            if common.json {
                let body = crate::request::refusal::ProblemBody::new(locale, problem);
                println!("{}", serde_json::to_string_pretty(&body).unwrap_or_default());
            } else {
                eprintln!("{} [{}]", say::problem(locale, problem), problem.code);
                for finding in &problem.findings {
                    let at = finding.at.cell.clone().or_else(|| finding.at.field.clone());
                    let at = at.or_else(|| finding.at.row.map(|row| common.row(row))).unwrap_or_default();
                    eprintln!("  {at} {} [{}]", say::finding(locale, finding), finding.code);
                }
            }
            // What cannot be done just now is the machine's; what may not be done is the caller's.
            let machine = matches!(problem.kind, ProblemKind::Busy | ProblemKind::Unknown);
            ExitCode::from(match &stop {
                Stop::Line(_) => 2,
                _ if machine => 3,
                _ => 1,
            })
        }
        other => {
            eprintln!("muster: {other}");
            ExitCode::from(3)
        }
    }
}
