//! `muster import units`, `muster import cn-divisions`, `muster export units`.

use super::{Common, Stop, day, file_problem, written_as};
use crate::lines::operation::Operation;
use crate::lines::org::{self, ColumnBody, Held, ImportOptions, ImportReport, Look, Outcome, UnitRows};
use crate::request::Ended;
use crate::{Ctx, Reach, say, wiring};
use clap::{Args, Subcommand, ValueEnum};
use muster_kernel::{Clock, Day, Finding, Problem, ProblemKind};
use muster_sheet::{Limits, Options, OutFormat, SheetWriter, Table, WriteError};
use muster_store::{Db, Rx, Tx};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Largest file taken in here: eight times what comes over HTTP, since nobody else waits for the memory.
const FILE_BYTES_MAX: usize = 512 << 20;
/// Units read at once for a file.
const EXPORT_ROWS: u32 = 5_000;

const UNITS_HELP: &str = "\
All columns with their types, other names and meaning:  muster import units --columns

Example of a file (only code, name and, below the top, parent are needed):
  code,name,kind,parent,place,classes,opened,post,duty_phone
  HQ,省国资委,regulator,,340000,,2020-01-01,,
  G1,第一集团,group,HQ,340100,key,2020-01-01,值班室,0551-5550101
  S1,北区项目部,site,G1,340102,key;mine,2020-02-01,值班室,0551-5550111

An empty cell says nothing; - takes a value away. Exit code 0: all rows taken in; 1: some refused, each finding at its
cell; 3: the database or the machine failed.";

/// Units: CSV, XLSX, XLS or NDJSON (also in gzip), looked at by its bytes.
///
/// All that can come in comes in at once; rows with a finding that refuses them are left out and told with their
/// cells. Parents may stand in any order, or as names of levels in columns. The same file again changes nothing.
#[derive(Args)]
#[command(after_help = UNITS_HELP)]
pub(crate) struct UnitsImport {
    /// The file.
    #[arg(required_unless_present = "columns")]
    file: Option<PathBuf>,
    /// Say which columns a file may have, with their types and meaning, and stop.
    #[arg(long)]
    columns: bool,
    /// Encoding of a text file, such as gb18030; found out when absent.
    #[arg(long)]
    encoding: Option<String>,
    /// Sheet of a workbook; the first visible one that is not empty when absent.
    #[arg(long)]
    sheet: Option<String>,
    /// The file is the whole list below --under: units that it leaves out close.
    #[arg(long, requires = "under")]
    complete: bool,
    #[command(flatten)]
    into: Into,
}

/// China's administrative divisions as published in four files: provinces, cities, areas, streets (.csv or .csv.gz).
///
/// Columns: code, name, and provinceCode, cityCode, areaCode below. Kinds become place-province to place-street; each
/// unit bears its code as its place.
#[derive(Args)]
pub(crate) struct DivisionsImport {
    /// The folder with the files.
    folder: PathBuf,
    #[command(flatten)]
    into: Into,
}

/// Where and when a file is taken in.
#[derive(Args)]
struct Into {
    /// Only tell what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Day from which changes hold, and on which units open that say no day; today when absent.
    #[arg(long, value_parser = day)]
    day: Option<Day>,
    /// Code of the unit below which rows without a parent go.
    #[arg(long)]
    under: Option<String>,
}

impl UnitsImport {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let Some(file) = self.file.filter(|_| !self.columns) else {
            let columns = org::columns();
            let locale = common.locale();
            let items: Vec<ColumnBody> =
                columns.iter().map(|column| ColumnBody::new(column, locale)).collect();
            common.answer(&json!({ "items": items }))?;
            return Ok(ExitCode::SUCCESS);
        };
        let table = read_table(&file, self.sheet, self.encoding, false)?;
        let rows = org::rows_read(table).map_err(unreadable)?;
        let Some(db) = self.into.open(common)? else {
            return foreseen(common, &rows, &self.into, self.complete);
        };
        let ctx = common.ctx(&db).await?;
        import(common, &db, &ctx, rows, &self.into, self.complete).await
    }
}

impl DivisionsImport {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let mut files = Vec::new();
        for name in ["provinces", "cities", "areas", "streets"] {
            let paths = [".csv", ".csv.gz"].map(|end| self.folder.join(format!("{name}{end}")));
            if let Some(path) = paths.iter().find(|path| path.is_file()) {
                files.push((name.to_owned(), read_table(path, None, None, false)?));
            }
        }
        if files.is_empty() {
            let none = Problem::new(ProblemKind::Busy, "divisions.none");
            return Err(none.with("folder", self.folder.display()).into());
        }
        let read = |ctx: &Ctx| {
            let since = self.into.day(ctx);
            org::divisions_read(files, self.into.under.as_deref(), since).map_err(unreadable)
        };
        let Some(db) = self.into.open(common)? else {
            let rows = read(&common.ctx_of(&Operation::unnamed()))?;
            return foreseen(common, &rows, &self.into, false);
        };
        let ctx = common.ctx(&db).await?;
        let rows = read(&ctx)?;
        import(common, &db, &ctx, rows, &self.into, false).await
    }
}

impl Into {
    /// Units may be the first thing of a database; who only looks makes none, and looks at nothing where there is none.
    fn open(&self, common: &Common) -> Result<Option<Db>, Stop> {
        if self.dry_run && !common.is_there() {
            return Ok(None);
        }
        common.open_or_make_patiently().map(Some)
    }
    fn options(&self, ctx: &Ctx, complete: bool) -> ImportOptions {
        let (day, under) = (self.day(ctx), self.under.clone());
        ImportOptions { day, under, complete, top: true, held: Held::new() }
    }
    fn day(&self, ctx: &Ctx) -> Day {
        self.day.unwrap_or_else(|| ctx.today())
    }
}

pub(super) fn unreadable(findings: Vec<Finding>) -> Problem {
    Problem::invalid("import.unreadable").findings(findings)
}

/// Reads a file as a table; with how far its cells are moved in, where that tells levels.
pub(super) fn read_table(
    path: &Path,
    sheet: Option<String>,
    encoding: Option<String>,
    indents: bool,
) -> Result<Table, Stop> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| file_problem(path, &error))?;
    // One more than the bound, so that it is seen to be too large.
    file.take(FILE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| file_problem(path, &error))?;
    let limits = Limits { bytes: FILE_BYTES_MAX, ..Limits::default() };
    let options = Options { sheet, encoding, indents, limits };
    let table = muster_sheet::read(&bytes, &options).map_err(|finding| unreadable(vec![*finding]))?;
    Ok(table)
}

/// What a file would do where there is no database yet: the same as in an empty one.
fn foreseen(common: &Common, rows: &UnitRows, into: &Into, complete: bool) -> Result<ExitCode, Stop> {
    let options = into.options(&common.ctx_of(&Operation::unnamed()), complete);
    let plan = org::units_plan(rows, &options, &org::Known::default())?;
    told(common, &org::outcome(&plan), true, rows.columns.clone())
}

async fn import(
    common: &Common,
    db: &Db,
    ctx: &Ctx,
    rows: UnitRows,
    into: &Into,
    complete: bool,
) -> Result<ExitCode, Stop> {
    let options = into.options(ctx, complete);
    let (rows, options) = (Arc::new(rows), Arc::new(options));
    let plan = {
        let (rows, options, ctx) = (rows.clone(), options.clone(), ctx.clone());
        Arc::new(db.read("units.plan", move |rx: &mut Rx| org::plan_now(rx, &ctx, &rows, &options)).await?)
    };
    let (columns, now_ms) = (rows.columns.clone(), ctx.now_ms);
    let dry_run = into.dry_run;
    // Where there is no tree yet, nothing that is there can be in the way.
    let outcome: Outcome = if dry_run && !plan.is_of_a_tree() {
        org::outcome(&plan)
    } else {
        let ctx = ctx.clone();
        let import =
            move |tx: &mut Tx<'_>| Ended::of(wiring::units_import(tx, &ctx, &rows, &options, &plan), dry_run);
        Ended::answer(db.write_bulk("units.import", now_ms, import).await)?
    };
    told(common, &outcome, dry_run, columns)
}

/// Prints what a file did, or would do.
pub(super) fn told(
    common: &Common,
    outcome: &Outcome,
    dry_run: bool,
    columns: Vec<String>,
) -> Result<ExitCode, Stop> {
    let report = ImportReport::new(outcome, dry_run, columns, common.locale());
    common.answer(&serde_json::to_value(&report).map_err(Problem::internal)?)?;
    Ok(ExitCode::from(u8::from(report.has_refusals())))
}

/// Write files that can be taken in again.
#[derive(Subcommand)]
pub(crate) enum Export {
    Units(UnitsExport),
}

/// A unit and all below it on a day.
#[derive(Args)]
pub(crate) struct UnitsExport {
    /// The file to write; it must not be there.
    file: PathBuf,
    /// Its make; when absent what its ending says, and CSV where it has none.
    #[arg(long)]
    format: Option<Make>,
    /// YYYY-MM-DD; today when absent.
    #[arg(long, value_parser = day)]
    day: Option<Day>,
    /// Code of the unit at the top; the first of the tree when absent.
    #[arg(long)]
    under: Option<String>,
    /// Write duty telephones too. Personal data: only for a purpose, which is journalled.
    #[arg(long, requires = "purpose")]
    phones: bool,
    /// With --phones: for what, 4 to 200 characters, without a telephone in it.
    #[arg(long, requires = "phones")]
    purpose: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Make {
    Csv,
    Xlsx,
    /// Excel 97 to 2003: at most 65,535 units.
    Xls,
}

impl Make {
    /// What a file is written as: an ending that is never written is a wrong command line too.
    fn of(file: &Path, asked: Option<Self>) -> Result<Self, Stop> {
        match (written_as(file, asked)?, file.extension()) {
            (None, Some(ending)) => {
                let refusal = Problem::invalid("export.format");
                Err(Stop::Line(refusal.with("format", ending.display())))
            }
            (said, _) => Ok(said.unwrap_or(Self::Csv)),
        }
    }
}

impl Export {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let Self::Units(units) = self;
        units.run(common).await
    }
}

impl UnitsExport {
    async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let format = match Make::of(&self.file, self.format)? {
            Make::Csv => OutFormat::Csv,
            Make::Xlsx => OutFormat::Xlsx,
            Make::Xls => OutFormat::Xls,
        };
        let db = common.open().await?;
        let ctx = common.ctx(&db).await?;
        let asked = Into { dry_run: false, day: self.day, under: self.under };
        let (day, phones) = (asked.day(&ctx), self.phones);
        let purpose = self.purpose.as_deref().map(org::check_purpose).transpose()?;
        let reading = ctx.clone();
        let top = db.read("units.export", move |rx: &mut Rx| match &asked.under {
            Some(code) => org::unit_standing(rx, &reading, code, day),
            None => match org::children(rx, 0, day)?.into_iter().next() {
                Some(top) => Ok(top),
                None => Err(Problem::not_found("unit.none").with("day", day).into()),
            },
        });
        let top = Arc::new(top.await?);
        let file = File::create_new(&self.file).map_err(|error| file_problem(&self.file, &error))?;
        let sheet = say::word(ctx.locale, "export.units_sheet");
        let written = write_units(&db, &ctx, &top, day, (format, phones, &sheet), file).await;
        // Half a file would be taken for the whole.
        let gone = |_: &Stop| drop(std::fs::remove_file(&self.file));
        let (count, shown) = written.inspect_err(gone)?;
        if let Some(purpose) = purpose {
            let look =
                Look { node: format!("unit:{}", top.code), at: "export".to_owned(), purpose, count: shown };
            let read = move |tx: &mut Tx<'_>| org::contacts_read(tx, &ctx, &look);
            db.write("contact.read", Clock::Wall.now_ms(), read)
                .await
                .map_err(Stop::from)
                .inspect_err(gone)?;
        }
        common.answer(&json!({ "file": self.file, "units": count, "day": day }))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a unit and all below it; how many, and how many telephones.
async fn write_units(
    db: &Db,
    ctx: &Ctx,
    top: &Arc<org::Standing>,
    day: Day,
    (format, phones, sheet): (OutFormat, bool, &str),
    file: File,
) -> Result<(usize, usize), Stop> {
    let columns = org::export_columns(phones);
    let mut to = SheetWriter::new(format, BufWriter::new(file), sheet, &columns).map_err(fault)?;
    let (mut after, mut count, mut shown) = (Some(String::new()), 0, 0);
    while let Some(from) = after {
        let top = top.clone();
        let seals = ctx.seals.clone();
        let page = move |rx: &mut Rx<'_>| {
            let asks = phones.then_some((&seals, Reach::All, day));
            org::export_page(rx, &top, day, &from, EXPORT_ROWS, asks)
        };
        let (rows, next) = db.read("units.export", page).await?;
        count += rows.len();
        shown += rows.iter().filter(|row| row.duty.is_some()).count();
        for row in rows {
            row.cells(phones, |cells| to.row(cells)).map_err(fault)?;
        }
        after = next;
    }
    let file = to.finish().map_err(fault)?;
    file.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    Ok((count, shown))
}

fn fault(error: WriteError) -> Stop {
    match error {
        WriteError::TooManyRows => Problem::new(ProblemKind::TooLarge, "export.too_many_rows").into(),
        WriteError::Io(error) => error.into(),
        other => Stop::Machine(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_as_its_ending_says() {
        for (file, asked, made) in [
            ("units.csv", None, Some(Make::Csv)),
            ("units", None, Some(Make::Csv)),
            ("a.b/units.XLSX", None, Some(Make::Xlsx)),
            ("units.xls", None, Some(Make::Xls)),
            ("units.xls", Some(Make::Xls), Some(Make::Xls)),
            ("units.txt", Some(Make::Csv), Some(Make::Csv)),
            ("units.xlsx", Some(Make::Csv), None),
            ("units.ods", None, None),
        ] {
            let of = Make::of(Path::new(file), asked);
            assert!(!matches!(&of, Err(stop) if !matches!(stop, Stop::Line(_))), "{file}");
            assert_eq!(of.ok(), made, "{file}");
        }
    }
}
