//! An office's own address book: looked at, with what it would be read as, and taken in.

use super::wire::ImportReport;
use super::{day_of, operation_follow};
use crate::lines::org::{
    self, Book, BookOptions, BookUnits, BookVeil, COLUMNS_MAX, Guess, Outcome, Role, Said, check_code,
    check_kind,
};
use crate::request::refusal::FindingBody;
use crate::request::{Answer, Caller, Coming, Looking, Once, Permission, Query, Reply};
use crate::{App, Ctx, say, wiring};
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use muster_kernel::{Finding, Locale, Problem};
use muster_sheet::{Limits, Options, Table, column_letters};
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Lines that are shown as they were read.
const ROWS_SHOWN: usize = 50;
/// Units that are shown of the tree as it would be.
const UNITS_SHOWN: usize = 200;
/// Characters of a cell that are shown.
const CELL_SHOWN: usize = 80;
/// Levels that may be given a kind.
const KINDS_MAX: usize = 8;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(book_look))
        .routes(routes!(book_import))
        .layer(DefaultBodyLimit::max(Limits::default().bytes + 1))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BookAsked {
    /// Number of the header's last line; 0 where there is none; guessed when absent.
    header: Option<u64>,
    /// Number of the last line that is read; guessed when absent.
    last: Option<u64>,
    /// What the columns are, such as `A=level1,B=level2,D=post,F=phone`; guessed when absent. Those not named are skipped.
    map: Option<String>,
    /// Kinds of the levels, such as `group,firm,site`; the last of all below it.
    kinds: Option<String>,
    /// Code of the unit below which the first level goes; the top of the tree when absent.
    under: Option<String>,
    /// Day from which changes hold, and on which units open; today when absent.
    day: Option<String>,
    /// Sheet of a workbook; the first visible one that is not empty when absent.
    sheet: Option<String>,
    /// Encoding of a text file, such as `gb18030`; found out when absent.
    encoding: Option<String>,
    /// Whether only to tell what would be done.
    #[serde(default)]
    dry_run: bool,
}

/// What was asked, each part sound.
struct Sound {
    said: Said,
    options: BookOptions,
    reading: Options,
}

impl BookAsked {
    fn sound(self, ctx: &Ctx) -> Result<Sound, Problem> {
        let day = day_of(self.day.as_deref(), ctx)?;
        let columns = self.map.as_deref().filter(|map| !map.is_empty()).map(org::columns_said).transpose()?;
        let invalid = |findings| Problem::invalid("import.unreadable").findings(findings);
        let kinds = kinds_said(self.kinds.as_deref()).map_err(invalid)?;
        let under = self.under.filter(|under| !under.is_empty());
        let under = under.map(|under| check_code("under", &under)).transpose().map_err(invalid)?;
        let said = Said { header: self.header, last: self.last, columns };
        let options = BookOptions { day: Some(day), under, kinds };
        let reading = Options {
            sheet: self.sheet.filter(|sheet| !sheet.is_empty()),
            encoding: self.encoding,
            indents: true,
            limits: Limits::of_upload(),
        };
        Ok(Sound { said, options, reading })
    }
}

/// Kinds of levels as they are said: `group,firm,site`.
pub fn kinds_said(text: Option<&str>) -> Result<Vec<String>, Vec<Finding>> {
    let parts = text.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.take(KINDS_MAX).map(|kind| check_kind("kinds", kind)).collect()
}

/// A column of a book, and what it is taken for.
#[derive(Debug, Serialize, ToSchema)]
struct BookColumn {
    /// Its letters.
    column: String,
    /// Its heading; empty where there is none.
    heading: String,
    /// What it is taken for: `name`, `level1` to `level8`, `code`, `kind`, `place`, `post`, `person`, `phone`, `skip`.
    role: String,
    /// Why, in the reader's language.
    why: String,
}

/// A cell as it was read.
#[derive(Debug, Serialize, ToSchema)]
struct BookCell {
    /// Letters of its column.
    column: String,
    /// Its text, the first characters; of a name of a person only that there is one.
    text: String,
    /// How far it is moved in, in blanks.
    indent: u16,
    /// Whether it is copied from the first cell of a merged area.
    merged: bool,
}

/// A line as it was read.
#[derive(Debug, Serialize, ToSchema)]
struct BookRow {
    /// Its number.
    row: u64,
    /// Its cells that are not empty.
    cells: Vec<BookCell>,
}

/// A unit as it would stand.
#[derive(Debug, Serialize, ToSchema)]
struct BookUnit {
    /// Its code.
    code: String,
    /// Code of the unit above; none at the top of the tree.
    parent: Option<String>,
    /// Its name.
    name: String,
    /// Its kind.
    kind: String,
    /// How deep it stands in the book, from 1; 0 of a top that the book does not name.
    depth: usize,
    /// Whether it is in the tree already.
    known: bool,
    /// Address of the cell that names it; empty of a top that the book does not name.
    cell: String,
    /// The post of its duty telephone.
    post: Option<String>,
    /// Whether it has a duty telephone.
    phone: bool,
}

/// How many units of a level there are.
#[derive(Debug, Serialize, ToSchema)]
struct BookLevel {
    /// The level, from 1.
    depth: usize,
    /// Kind of a unit of that level where the book says none.
    kind: String,
    /// How many units.
    count: usize,
}

/// What an address book is read as. Nothing of it is stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookLook {
    /// Name of the sheet, in a workbook.
    sheet: Option<String>,
    /// Number of the header's last line; 0 where there is none.
    header: u64,
    /// Number of the last line that is read; none where all are.
    last: Option<u64>,
    /// The columns as `map` says them.
    map: String,
    /// What a column may be.
    roles: Vec<String>,
    /// The columns.
    columns: Vec<BookColumn>,
    /// The first fifty lines as they were read.
    shown: Vec<BookRow>,
    /// Lines that are about a unit: accepted and refused.
    rows: usize,
    /// Lines that would come in.
    accepted: usize,
    /// Lines that are refused.
    refused: usize,
    /// Units in the book.
    units: usize,
    /// Units of them that are not in the tree.
    added: usize,
    /// Units that get a duty telephone.
    phones: usize,
    /// Telephones that are left out.
    phones_left: usize,
    /// Names of persons that are left out: names stay at home.
    persons: usize,
    /// Units by level.
    levels: Vec<BookLevel>,
    /// The first two hundred units.
    tree: Vec<BookUnit>,
    /// Findings at their cells, the first thousand.
    findings: Vec<FindingBody>,
    /// How many more findings there are.
    findings_more: usize,
}

impl BookLook {
    /// What is told of a book, with its units placed in the tree.
    pub fn new(
        locale: Locale,
        (table, guess, book): (&Table, &Guess, &Book),
        (placed, outcome): (&BookUnits, &Outcome),
        kinds: &[String],
    ) -> Self {
        let units = book.units.iter().zip(&placed.placed);
        let mut levels: BTreeMap<usize, BookLevel> = BTreeMap::new();
        for unit in &book.units {
            let kind = || Book::level_kind(unit.level, kinds);
            let level = levels.entry(unit.depth);
            level.or_insert_with(|| BookLevel { depth: unit.depth, kind: kind(), count: 0 }).count += 1;
        }
        let top = placed.top.iter().map(|(code, name)| BookUnit {
            code: code.clone(),
            parent: None,
            name: name.clone(),
            kind: "regulator".to_owned(),
            depth: 0,
            known: false,
            cell: String::new(),
            post: None,
            phone: false,
        });
        let each = units.clone().map(|(unit, placed)| BookUnit {
            code: placed.code.clone(),
            parent: placed.parent.clone(),
            name: unit.name.clone(),
            kind: unit.kind(kinds),
            depth: unit.depth,
            known: placed.known,
            cell: unit.cell(),
            post: unit.post.clone(),
            phone: unit.phone.is_some(),
        });
        let columns = guess.columns.iter().map(|column| BookColumn {
            column: column_letters(column.column),
            heading: column.heading.clone(),
            role: column.role.word(),
            why: say::finding(locale, &column.why),
        });
        Self {
            sheet: table.sheet.clone(),
            header: guess.mapping.header,
            last: guess.mapping.last,
            map: guess.mapping.columns_text(),
            roles: Role::all().map(Role::word).collect(),
            columns: columns.collect(),
            shown: shown(table, guess),
            rows: outcome.rows,
            accepted: outcome.rows - outcome.refused,
            refused: outcome.refused,
            units: book.units.len(),
            added: units.clone().filter(|(_, placed)| !placed.known).count() + placed.top.iter().count(),
            phones: book.units.iter().filter(|unit| unit.phone.is_some()).count(),
            phones_left: book.phones_left,
            persons: book.persons,
            levels: levels.into_values().collect(),
            tree: top.chain(each).take(UNITS_SHOWN).collect(),
            findings: outcome.findings.iter().map(|finding| FindingBody::new(locale, finding)).collect(),
            findings_more: outcome.findings_more,
        }
    }
}

impl BookLook {
    /// Whether a line is refused.
    pub fn has_refusals(&self) -> bool {
        self.refused > 0
    }
}

/// The first lines; no name and no number of a person is repeated.
fn shown(table: &Table, guess: &Guess) -> Vec<BookRow> {
    let cell = |veil: &BookVeil<'_>, cell: muster_sheet::Cell<'_>| BookCell {
        column: column_letters(cell.column),
        text: veil.shown(&cell).chars().take(CELL_SHOWN).collect(),
        indent: cell.indent(),
        merged: cell.is_merged(),
    };
    let rows = table.rows(0).take(ROWS_SHOWN).map(|row| {
        let veil = BookVeil::of(&guess.mapping, &row);
        let cells = row.cells().filter(|one| one.column < COLUMNS_MAX);
        BookRow { row: row.number(), cells: cells.map(|one| cell(&veil, one)).collect() }
    });
    rows.collect()
}

/// A book read as far as nobody needs the tree for.
type ReadBook = (Table, Guess, Book);

async fn read(coming: Coming, caller: &Caller, said: Said, reading: Options) -> Answer<ReadBook> {
    let upload = coming.come_in(caller).await?;
    let _turn = upload.turn().await?;
    let bytes = upload.bytes.clone();
    let read = spawn_blocking(move || -> Result<ReadBook, Vec<Finding>> {
        let table = muster_sheet::read(&bytes, &reading).map_err(|finding| vec![*finding])?;
        let guess = org::book_guess(&table, &said);
        let book = org::book_read(&table, &guess)?;
        Ok((table, guess, book))
    });
    let read = read.await.map_err(Problem::internal)?;
    Ok(read.map_err(|findings| Problem::invalid("import.unreadable").findings(findings))?)
}

/// Looks at an address book as it is (XLSX, XLS, CSV, by its bytes; at most 64 MB): which line is the header, what each
/// column is taken for and why, the tree as it would be, findings at cells. Nothing is stored.
#[utoipa::path(post, path = "/imports/book/look", operation_id = "book_look", tag = "org", params(BookAsked),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = BookLook)))]
async fn book_look(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<BookAsked>,
    coming: Coming,
) -> Answer<Json<BookLook>> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let Sound { said, options, reading } = asked.sound(&ctx)?;
    let read = Arc::new(read(coming, &caller, said, reading).await?);
    let (book, asking, kinds) = (read.clone(), ctx.clone(), options.kinds.clone());
    let placed = app.db.read("book.place", move |rx: &mut Rx| org::book_look(rx, &asking, &book.2, &options));
    let (placed, outcome) = placed.await.map_err(Problem::from)?;
    let (table, guess, book) = &*read;
    Ok(Json(BookLook::new(ctx.locale, (table, guess, book), (&placed, &outcome), &kinds)))
}

/// Takes in an address book as it is, read as `map` and `header` say or as it is guessed.
///
/// Units are matched by name below the same unit; codes are made for those that are not there, from the code of the unit above
/// and a number. The same book again changes nothing. Names of persons are never stored.
#[utoipa::path(post, path = "/imports/book", operation_id = "book_import", tag = "org", params(BookAsked),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportReport)))]
async fn book_import(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(asked): Query<BookAsked>,
    coming: Coming,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let dry_run = asked.dry_run;
    let Sound { said, options, reading } = asked.sound(&ctx)?;
    let read = Arc::new(read(coming, &caller, said, reading).await?);
    let locale = ctx.locale;
    let deed = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        let outcome = wiring::book_import(tx, ctx, &read.2, &options)?;
        Ok(Reply::json(&ImportReport::new(&outcome, dry_run, read.2.roles(), locale))?)
    };
    let done = Looking { dry_run }.write_bulk(&app, ctx, once, "units.import", deed).await?;
    operation_follow(&app).await?;
    Ok(done)
}
