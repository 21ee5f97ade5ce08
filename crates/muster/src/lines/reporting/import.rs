//! Taking in a file of reports: dry run first, then row by row; rows in = rows accepted + rows refused.

use super::book::{Book, form_absent, form_unknown};
use super::check::{Checked, check};
use super::model::Scope;
use super::sheet::{Cells, RowDraft, rows_read};
use super::shelf::BookShelf;
use super::verbs::{Earlier, Filed, Filing, Receipt, UNCHANGED, report_file};
use crate::{Ctx, Fail};
use bytes::Bytes;
use muster_kernel::{Day, Finding, Problem};
use muster_sheet::{Limits, Options, Table, read};
use muster_store::{Db, StoreError, Tx};
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// Rows that one transaction takes; rows of one unit stay together up to twice as many.
const CHUNK_ROWS: usize = 500;
/// Findings that are told; beyond it they are only counted.
const FINDINGS_MAX: usize = 1000;

/// What became of a file of reports, or would become of it.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Rows in the file.
    pub rows: usize,
    /// Rows taken in.
    pub accepted: usize,
    /// Of them, those that said nothing new.
    pub unchanged: usize,
    /// Of them, those that changed what was said before.
    pub corrections: usize,
    /// Rows refused.
    pub refused: usize,
    /// What was found, each at its cell, in the order of the rows; at most a thousand.
    pub findings: Vec<Finding>,
    /// How many findings there were.
    pub findings_all: usize,
}

impl Imported {
    fn find(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.findings_all += 1;
            // More than are told, so that those of the first rows are among them when all are in order.
            if self.findings.len() < 10 * FINDINGS_MAX {
                self.findings.push(finding);
            }
        }
    }

    fn refuse(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.refused += 1;
        self.find(findings);
    }

    fn take(&mut self, receipt: &Receipt) {
        self.accepted += 1;
        self.unchanged += usize::from(receipt.findings.iter().any(|f| f.code == UNCHANGED));
        self.corrections += usize::from(receipt.corrects);
    }

    fn in_order(mut self) -> Self {
        self.findings.sort_by_key(|finding| finding.at.row);
        self.findings.truncate(FINDINGS_MAX);
        self
    }
}

/// A file of reports on its way in.
#[derive(Clone, Debug)]
pub struct ReportsFile {
    /// Code of the form.
    pub form: String,
    /// The file: CSV, XLSX, XLS or NDJSON.
    pub bytes: Bytes,
    /// Bounds on what is read of it.
    pub limits: Limits,
    /// Only look: nothing is stored.
    pub dry_run: bool,
    /// The sender's own id of the file; a row without an id bears this one and its number.
    pub key: Option<String>,
    /// Whether a row may say when it was filed. Who files for a unit would else make its own late reports timely: only who
    /// has the whole may, for reports of the past.
    pub may_date: bool,
}

/// Takes in a file of reports on a form: CSV, XLSX, XLS or NDJSON. A dry run does the same to the last step, tree and
/// earlier reports included, and takes it back before anything is stored.
pub async fn reports_import(
    db: &Db,
    shelf: &BookShelf,
    ctx: &Ctx,
    file: ReportsFile,
    told: impl Fn(usize, usize),
) -> Result<Imported, Fail> {
    let (all, operation, dry_run) = (shelf.clone(), ctx.operation, file.dry_run);
    let book = db.read("book.read", move |rx| all.current(rx, operation)).await?;
    let reading = ctx.clone();
    // A large file takes seconds, which no thread that serves others has.
    let drafted = spawn_blocking(move || Drafted::of(file, &book, &reading));
    let Drafted { place, mut imported, waiting } = drafted.await.map_err(Problem::internal)??;
    let mut waiting = waiting.into_iter().peekable();
    let mut accepted = LastAccepted::default();
    while let Some(first) = waiting.next() {
        let mut chunk = vec![first];
        while let Some(next) = waiting.next_if(|(_, next)| {
            let same_unit = chunk.last().is_some_and(|(_, last)| last.draft.unit == next.draft.unit);
            chunk.len() < CHUNK_ROWS || (same_unit && chunk.len() < 2 * CHUNK_ROWS)
        }) {
            chunk.push(next);
        }
        let (rows, filings): (Vec<u64>, Vec<Filing>) = chunk.into_iter().unzip();
        let filings = Arc::new(filings);
        let filed = file_chunk(db, shelf, filings.clone(), dry_run).await?;
        for ((row, filed), filing) in rows.into_iter().zip(filed).zip(filings.iter()) {
            let draft = &filing.draft;
            let first = accepted.first(draft);
            match (filed, first) {
                // Where a row of this file was taken in, one without a reason stores nothing, whatever became of it:
                // that it stands twice is what its sender has to know.
                (_, Some(first)) if draft.reason.is_none() => {
                    let twice = Finding::refuse("report.row_twice").with("first", first);
                    imported.refuse([place.at(row, twice)]);
                }
                (Ok(receipt), first) => {
                    match first {
                        // It is the correction of what stands above it; somebody may have meant another unit.
                        Some(first) => {
                            let again = Finding::warn("report.row_again").with("first", first);
                            imported.find([place.at(row, again)]);
                        }
                        None => accepted.keep(draft, row),
                    }
                    imported.take(&receipt);
                    let worth_a_look = receipt.findings.into_iter().filter(|f| f.code != UNCHANGED);
                    imported.find(worth_a_look.map(|finding| place.at(row, finding)));
                }
                (Err(problem), _) => imported.refuse(place.refusal(row, problem)),
            }
        }
        told(imported.accepted + imported.refused, imported.rows);
    }
    told(imported.rows, imported.rows);
    Ok(imported.in_order())
}

/// The first rows of a file that were taken in of the unit and day it has come to; a refused row counts for nothing.
#[derive(Default)]
struct LastAccepted {
    of: Option<(String, Day)>,
    rows: Vec<(Scope, u64)>,
}

impl LastAccepted {
    /// The row that was taken in for the same unit, day and scope. Rows of one unit and day come one after another.
    fn first(&self, draft: &Checked) -> Option<u64> {
        let (unit, day) = self.of.as_ref()?;
        let same = *unit == draft.unit && *day == draft.day;
        self.rows.iter().find(|(scope, _)| same && *scope == draft.scope).map(|(_, row)| *row)
    }
    fn keep(&mut self, draft: &Checked, row: u64) {
        let of = Some((draft.unit.clone(), draft.day));
        if self.of != of {
            (self.of, self.rows) = (of, Vec::new());
        }
        self.rows.push((draft.scope, row));
    }
}

/// A file that was read: its rows that may be filed, in the order in which they go in, and what became of the others.
struct Drafted {
    place: Place,
    imported: Imported,
    waiting: Vec<(u64, Filing)>,
}

impl Drafted {
    fn of(file: ReportsFile, book: &Book, ctx: &Ctx) -> Result<Self, Problem> {
        let ReportsFile { form, bytes, limits, key, may_date, .. } = file;
        let refused = |findings| Problem::invalid("import.unreadable").findings(findings);
        let options = Options { limits, ..Options::default() };
        let table = read(&bytes, &options).map_err(|finding| refused(vec![*finding]))?;
        drop(bytes);
        let newest = book.forms().iter().filter(|known| known.code == form).max_by_key(|known| known.version);
        let newest = newest.ok_or_else(|| form_unknown(&form))?;
        let read = rows_read(&table, book, newest).map_err(refused)?;
        let place = Place { table, cells: read.cells, may_date };
        let mut imported = Imported { rows: read.rows.len(), ..Imported::default() };
        imported.find(read.notes);
        let mut waiting: Vec<(u64, Filing)> = Vec::new();
        for row in read.rows {
            match row.and_then(|row| place.filing(book, ctx, key.as_deref(), row)) {
                Err(findings) => imported.refuse(findings),
                Ok(row) => waiting.push(row),
            }
        }
        // Rows of one unit go in together, day by day: each then meets what those before it said, in a dry run too.
        waiting.sort_by(|(_, a), (_, b)| (&a.draft.unit, a.draft.day).cmp(&(&b.draft.unit, b.draft.day)));
        Ok(Self { place, imported, waiting })
    }
}

/// Where findings are put.
struct Place {
    table: Table,
    cells: Cells,
    may_date: bool,
}

impl Place {
    fn at(&self, row: u64, finding: Finding) -> Finding {
        self.cells.at(&self.table, row, finding)
    }

    /// A refusal as findings of its row.
    fn refusal(&self, row: u64, problem: Problem) -> Vec<Finding> {
        if problem.findings.is_empty() {
            let whole = Finding::refuse(problem.code);
            let whole = problem.args.iter().fold(whole, |finding, (key, value)| finding.with(key, value));
            return vec![self.at(row, whole)];
        }
        problem.findings.into_iter().map(|finding| self.at(row, finding)).collect()
    }

    fn filing(
        &self,
        book: &Book,
        ctx: &Ctx,
        key: Option<&str>,
        row: RowDraft,
    ) -> Result<(u64, Filing), Vec<Finding>> {
        let RowDraft { row, mut draft, filed_at_ms } = row;
        if let (Some(key), None) = (key, &draft.client_id) {
            draft.client_id = Some(format!("{key}/{row}"));
        }
        if filed_at_ms.is_some() && !self.may_date {
            return Err(vec![self.at(row, Finding::refuse("report.filed_at").field("filed_at"))]);
        }
        let absent = || self.refusal(row, form_absent(book, &draft.form, draft.day));
        let asked = book.asked(&draft.form, draft.day).ok_or_else(absent)?;
        let checked = check(&draft, asked, |code| book.element_by_code(code));
        let draft = checked.map_err(|findings| -> Vec<Finding> {
            findings.into_iter().map(|finding| self.at(row, finding)).collect()
        })?;
        let at_ms = filed_at_ms.unwrap_or(ctx.now_ms).min(ctx.now_ms);
        Ok((row, Filing { ctx: ctx.clone(), draft, at_ms }))
    }
}

/// Why the transaction of a chunk ended without being stored.
enum Ended {
    /// It was only a look: this is what would have become of it.
    Looked(Filed),
    /// It failed.
    Failed(Fail),
}
impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(Fail::Store(error))
    }
}

/// Files a chunk in one transaction; a dry run takes it back.
async fn file_chunk(
    db: &Db,
    shelf: &BookShelf,
    filings: Arc<Vec<Filing>>,
    dry_run: bool,
) -> Result<Filed, Fail> {
    let Some((operation, now_ms)) = filings.first().map(|one| (one.ctx.operation, one.ctx.now_ms)) else {
        return Ok(Filed::new());
    };
    let shelf = shelf.clone();
    let filed = db.write_bulk("report.import", now_ms, move |tx: &mut Tx<'_>| {
        match report_file(tx, operation, &shelf, &filings, Earlier::Look) {
            Ok((filed, _)) if dry_run => Err(Ended::Looked(filed)),
            other => other.map(|(filed, _)| filed).map_err(Ended::Failed),
        }
    });
    match filed.await {
        Ok(filed) | Err(Ended::Looked(filed)) => Ok(filed),
        Err(Ended::Failed(fail)) => Err(fail),
    }
}
