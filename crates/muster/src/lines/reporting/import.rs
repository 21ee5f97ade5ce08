//! Taking in a file of reports: dry run first, then row by row; rows in = rows accepted + rows refused.

use super::book::{Book, BookShelf};
use super::check::check;
use super::intake::file_many;
use super::model::Form;
use super::sheet::{RowDraft, at_row, rows_read};
use super::verbs::Filing;
use crate::{Ctx, Fail};
use muster_kernel::{Finding, Problem};
use muster_sheet::{Options, read};
use muster_store::Db;

/// Rows that one transaction takes.
const CHUNK_ROWS: usize = 500;
/// Findings that are told; beyond it they are only counted.
const FINDINGS_MAX: usize = 1000;

/// What became of a file of reports.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Rows in the file.
    pub rows: usize,
    /// Rows taken in (in a dry run: that would be).
    pub accepted: usize,
    /// Of them, those that said nothing new.
    pub unchanged: usize,
    /// Rows refused.
    pub refused: usize,
    /// What was found, each at its cell; at most a thousand.
    pub findings: Vec<Finding>,
    /// How many findings there were.
    pub findings_all: usize,
}

impl Imported {
    fn find(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.findings_all += 1;
            if self.findings.len() < FINDINGS_MAX {
                self.findings.push(finding);
            }
        }
    }
}

/// Takes in a file of reports on a form: CSV, XLSX, XLS or NDJSON. A dry run checks all that can be checked without
/// storing: form, values, days, units twice.
pub async fn reports_import(
    db: &Db,
    shelf: &BookShelf,
    ctx: &Ctx,
    form: &str,
    bytes: &[u8],
    dry_run: bool,
    told: impl Fn(usize, usize),
) -> Result<Imported, Fail> {
    let refused = |findings| Problem::invalid("import.refused").findings(findings);
    let table = read(bytes, &Options::default()).map_err(|finding| refused(vec![*finding]))?;
    let (all, operation) = (shelf.clone(), ctx.operation);
    let book = db.read("book.read", move |rx| all.current(rx, operation)).await?;
    let newest = book.forms().iter().filter(|known| known.code == form).max_by_key(|known| known.version);
    let newest = newest.ok_or_else(|| Problem::not_found("form.unknown").with("form", form))?;
    let read = rows_read(&table, &book, newest).map_err(refused)?;
    let mut imported = Imported { rows: read.rows.len(), ..Imported::default() };
    imported.find(read.notes);
    let mut done = 0;
    let mut waiting: Vec<(u64, Filing)> = Vec::new();
    for row in read.rows {
        match row.and_then(|row| filing(&book, ctx, newest, row)) {
            Err(findings) => {
                imported.refused += 1;
                imported.find(findings);
            }
            Ok(_) if dry_run => imported.accepted += 1,
            Ok(row) => waiting.push(row),
        }
        done += 1;
        if waiting.len() == CHUNK_ROWS {
            store(db, shelf, &mut waiting, &mut imported).await?;
            told(done, imported.rows);
        }
    }
    store(db, shelf, &mut waiting, &mut imported).await?;
    told(done, imported.rows);
    Ok(imported)
}

fn filing(book: &Book, ctx: &Ctx, newest: &Form, row: RowDraft) -> Result<(u64, Filing), Vec<Finding>> {
    let RowDraft { row, draft, filed_at_ms } = row;
    let unknown = || Finding::refuse("form.unknown").with("form", &newest.code).row(row);
    let form = book.form(&draft.form, draft.day).ok_or_else(|| vec![unknown()])?;
    let checked = check(&draft, form, |code| book.element_by_code(code));
    let draft = checked
        .map_err(|findings| findings.into_iter().map(|finding| at_row(row, finding)).collect::<Vec<_>>())?;
    let at_ms = filed_at_ms.unwrap_or(ctx.now_ms).min(ctx.now_ms);
    Ok((row, Filing { ctx: ctx.clone(), draft, at_ms }))
}

async fn store(
    db: &Db,
    shelf: &BookShelf,
    waiting: &mut Vec<(u64, Filing)>,
    imported: &mut Imported,
) -> Result<(), Fail> {
    let (rows, filings): (Vec<u64>, Vec<Filing>) = waiting.drain(..).unzip();
    for (row, filed) in rows.into_iter().zip(file_many(db, shelf, filings).await?) {
        match filed {
            Ok(receipt) => {
                imported.accepted += 1;
                imported.unchanged +=
                    usize::from(receipt.findings.iter().any(|f| f.code == "report.unchanged"));
                imported.find(
                    receipt
                        .findings
                        .into_iter()
                        .filter(|f| f.code != "report.unchanged")
                        .map(|f| at_row(row, f)),
                );
            }
            Err(problem) => {
                imported.refused += 1;
                let whole = problem
                    .args
                    .iter()
                    .fold(Finding::refuse(problem.code), |f, (key, value)| f.with(key, value));
                imported.find(if problem.findings.is_empty() {
                    vec![at_row(row, whole)]
                } else {
                    problem.findings.into_iter().map(|f| at_row(row, f)).collect()
                });
            }
        }
    }
    Ok(())
}
