//! `muster import book`.

use super::units::{read_table, told, unreadable};
use super::{Common, Stop, day};
use crate::lines::org::{self, BookLook, BookOptions, Said};
use crate::request::Ended;
use crate::wiring;
use clap::Args;
use muster_kernel::{Day, Problem};
use muster_store::{Rx, Tx};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

const BOOK_HELP: &str = "\
First look, which stores nothing; then say what was guessed wrongly, and take it in:
  muster import book 通讯录.xlsx --dry-run
  muster import book 通讯录.xlsx --header 3 --map 'A=level1,B=level2,D=post,F=phone'

A column is one of name (levels by indent or numbering), level1 to level8, code, kind, place, post, person, phone, skip.
Codes are made where the book has none, and stay: units are matched by name below the same unit. Names of persons are
never stored. Exit code 0: all lines taken in; 1: some refused, each finding at its cell; 3: the database or the machine
failed.";

/// An office's own address book as it is: XLSX, XLS or CSV, with titles, merged cells, indents, several telephones in a
/// cell.
///
/// With --dry-run it prints how the book is read: what each column is taken for and why, and the tree as it would be.
#[derive(Args)]
#[command(after_help = BOOK_HELP)]
pub(crate) struct BookImport {
    /// The file.
    file: PathBuf,
    /// Sheet of a workbook; the first visible one that is not empty when absent.
    #[arg(long)]
    sheet: Option<String>,
    /// Encoding of a text file, such as gb18030; found out when absent.
    #[arg(long)]
    encoding: Option<String>,
    /// What the columns are, such as A=level1,B=level2,D=post,F=phone; guessed when absent.
    #[arg(long)]
    map: Option<String>,
    /// Number of the header's last line; 0 where there is none; guessed when absent.
    #[arg(long)]
    header: Option<u64>,
    /// Number of the last line that is read; guessed when absent.
    #[arg(long)]
    last: Option<u64>,
    /// Kinds of the levels, the last of all below it: group,firm,site.
    #[arg(long)]
    kinds: Option<String>,
    /// Code of the unit below which the first level goes; the top of the tree when absent.
    #[arg(long)]
    under: Option<String>,
    /// Day from which changes hold, and on which units open; today when absent.
    #[arg(long, value_parser = day)]
    day: Option<Day>,
    /// Only tell how it is read and what would be done.
    #[arg(long)]
    dry_run: bool,
}

impl BookImport {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let columns = self.map.as_deref().map(org::columns_said).transpose()?;
        let kinds = org::kinds_said(self.kinds.as_deref()).map_err(unreadable)?;
        let table = read_table(&self.file, self.sheet, self.encoding, true)?;
        let said = Said { header: self.header, last: self.last, columns };
        let guess = org::book_guess(&table, &said);
        let book = Arc::new(org::book_read(&table, &guess).map_err(unreadable)?);
        let options = BookOptions { day: self.day, under: self.under, kinds: kinds.clone() };
        if self.dry_run {
            let db = common.open().await?;
            let ctx = common.ctx(&db).await?;
            let (asking, reading) = (ctx.clone(), book.clone());
            let (placed, outcome) = db
                .read("book.place", move |rx: &mut Rx| org::book_look(rx, &asking, &reading, &options))
                .await?;
            let look = BookLook::new(ctx.locale, (&table, &guess, &book), (&placed, &outcome), &kinds);
            let refuses = look.has_refusals();
            common.answer(&serde_json::to_value(&look).map_err(Problem::internal)?)?;
            return Ok(ExitCode::from(u8::from(refuses)));
        }
        let db = common.open_or_make_patiently()?;
        let ctx = common.ctx(&db).await?;
        let (roles, now_ms, acting) = (book.roles(), ctx.now_ms, ctx.clone());
        let import =
            move |tx: &mut Tx<'_>| Ended::of(wiring::book_import(tx, &acting, &book, &options), false);
        let outcome = Ended::answer(db.write_bulk("units.import", now_ms, import).await)?;
        told(common, &outcome, false, roles)
    }
}
