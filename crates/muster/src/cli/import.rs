//! `muster import`.

use super::book::BookImport;
use super::units::{DivisionsImport, UnitsImport};
use super::{Common, Stop, file_problem};
use crate::lines::reporting::{BookShelf, ReportImport, ReportsFile, reports_import};
use crate::{real, say};
use clap::Subcommand;
use muster_kernel::Problem;
use muster_kernel::day::rfc3339;
use muster_sheet::Limits;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Largest file that is taken in.
const FILE_BYTES_MAX: u64 = 64 << 20;

const REPORTS_HELP: &str = "\
A row is a report. The columns, in any order, by their code or one of their names:
  unit       code of the unit                                          needed
  day        2020-02-03, 2020/2/3, 2020年2月3日, or a date cell         needed
  act        values, or zero (零报告); values when empty
  scope      alone (本级), or below (合计): with all below it; alone when empty
  reason     why an earlier report is corrected; needed for a correction
  filed_at   RFC 3339, for reports of the past; now when empty
  client_id  the sender's own id of the row: sent twice, stored once
and one for each element of the form, a number in the element's unit or words; an empty cell is not said, never zero.
Those of your form, with types and units:  muster import reports --columns

Example of a file:
  unit,day,act,fever,staff
  S1,2020-02-03,values,0,120
  S2,2020-02-03,zero,,

Rows in = accepted + refused. Exit code 0: all rows taken in; 1: some refused, each finding at its cell; 3: the
database or the machine failed.";

/// Take in files: units, reports, and public data.
///
/// Exit code 0: all rows taken in; 1: some were refused, each with where and why.
#[derive(Subcommand)]
pub(crate) enum Import {
    Units(UnitsImport),
    Book(BookImport),
    CnDivisions(DivisionsImport),
    /// Reports on a form: CSV, XLSX, XLS or NDJSON (also in gzip), looked at by its bytes.
    #[command(after_help = REPORTS_HELP)]
    Reports {
        /// The file.
        #[arg(required_unless_present = "columns")]
        file: Option<PathBuf>,
        /// Code of the form; the operation's daily report when absent.
        #[arg(long)]
        form: Option<String>,
        /// Only look, the same way to the last step: what would be accepted, refused, unchanged, corrected.
        #[arg(long)]
        dry_run: bool,
        /// Say which columns a file has, with their types and units, and stop.
        #[arg(long)]
        columns: bool,
    },
    /// The public daily figures of Chinese provinces and cities, January and February 2020 (daily.csv.gz,
    /// bulletins.csv.gz). They have dates only: known as of now, and nobody is judged to be late.
    Covid {
        /// The folder with both files.
        folder: PathBuf,
    },
}

impl Import {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        match self {
            Self::Units(units) => units.run(common).await,
            Self::Book(book) => book.run(common).await,
            Self::CnDivisions(divisions) => divisions.run(common).await,
            Self::Covid { folder } => {
                let daily = read_file(&folder.join("daily.csv.gz"))?;
                let bulletins = read_file(&folder.join("bulletins.csv.gz"))?;
                let db = common.open_or_make().await?;
                let ctx = common.ctx(&db).await?;
                let sources = real::covid_import(&db, &ctx, &daily, &bulletins, progress()).await?;
                let refused = sources.iter().any(|source| source.refused > 0);
                common.answer(&serde_json::json!({
                    "sources": sources,
                    "known_as_of": rfc3339(ctx.now_ms, &ctx.zone),
                    "note": crate::say::word(ctx.locale, "import.afterwards"),
                }))?;
                Ok(ExitCode::from(u8::from(refused)))
            }
            Self::Reports { file, form, dry_run, columns } => {
                let db = common.open().await?;
                let ctx = common.ctx(&db).await?;
                let operation =
                    db.read("operation.current", |rx| crate::lines::operation::operation_current(rx)).await?;
                let form =
                    form.unwrap_or_else(|| operation.map(|operation| operation.form).unwrap_or_default());
                if columns {
                    return self::columns(&db, &ctx, &form, common).await;
                }
                let file = file.ok_or_else(|| Problem::invalid("query.needs").with("option", "FILE"))?;
                let bytes = read_file(&file)?;
                let limits = Limits::default();
                let file =
                    ReportsFile { form, bytes: bytes.into(), limits, dry_run, key: None, may_date: true };
                let imported = reports_import(&db, &BookShelf::default(), &ctx, file, progress()).await?;
                let refused = imported.refused;
                let body = ReportImport::new(ctx.locale, &imported, dry_run);
                let answer = serde_json::to_value(&body).map_err(Problem::internal)?;
                common.answer(&answer)?;
                Ok(ExitCode::from(u8::from(refused > 0)))
            }
        }
    }
}

async fn columns(
    db: &muster_store::Db,
    ctx: &crate::Ctx,
    form: &str,
    common: &Common,
) -> Result<ExitCode, Stop> {
    let operation = ctx.operation;
    let book = db.read("book.read", move |rx| crate::lines::reporting::Book::load(rx, operation)).await?;
    let newest = book.forms().iter().filter(|known| known.code == form).max_by_key(|known| known.version);
    let newest = newest.ok_or_else(|| crate::lines::reporting::form_unknown(form))?;
    let columns = crate::lines::reporting::report_columns(&book, newest);
    let rows = columns.iter().map(|column| {
        serde_json::json!({
            "column": column.key, "names": column.names.join(" / "), "type": format!("{:?}", column.kind).to_lowercase(),
            "unit": column.unit, "required": crate::lines::reporting::report_column_needed(column, newest),
            "meaning": say::word(ctx.locale, &column.doc),
        })
    });
    let answer =
        serde_json::json!({ "form": form, "version": newest.version, "columns": rows.collect::<Vec<_>>() });
    common.answer(&answer)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a file within the bound.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Stop> {
    let too_large = || Problem::new(muster_kernel::ProblemKind::TooLarge, "request.too_large");
    let failed = |error: std::io::Error| file_problem(path, &error);
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > FILE_BYTES_MAX {
        return Err(too_large().into());
    }
    std::fs::read(path).map_err(failed)
}

/// Says on a terminal how many rows are done.
pub(super) fn progress() -> impl Fn(usize, usize) {
    let terminal = std::io::stderr().is_terminal();
    move |done, all| {
        if terminal {
            eprint!("\r{done} / {all} ");
            let _ = std::io::stderr().flush();
            if done == all {
                eprintln!();
            }
        }
    }
}
