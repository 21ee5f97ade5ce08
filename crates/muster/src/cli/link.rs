//! `muster link`: links by which units file without an account, through the same doors as a page. What a link says is shown
//! once, so it goes into files that only their owner reads, made before anything is issued.

mod cards;

use super::door::{ask, escape, tell};
use super::user::told;
use super::{Common, Stop, file_problem, wrong};
use axum::http::Method;
use cards::{Card, Sheet};
use clap::{Args, Subcommand};
use muster_kernel::Problem;
use muster_sheet::{Column, ColumnKind, Out, OutFormat, SheetWriter, WriteError};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Links by which units file one form without an account: an address for a telephone, and a PIN that comes by another way.
#[derive(Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum LinkCommand {
    Issue(LinksIssue),
    /// The links of a unit and all below it that open now: on how many devices, and when last.
    List {
        /// Code of the unit.
        #[arg(long)]
        under: String,
        /// Units looked over, 1 to 1000.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Where the page before ended.
        #[arg(long)]
        cursor: Option<String>,
    },
    /// End a link: it opens no more, and whoever has it open is out.
    End {
        /// Its id, from muster link list.
        id: String,
    },
}

const HELP: &str = "\
Examples:
  muster link issue --under G1 --address https://desk.example --out links.csv --pins pins.csv --cards cards.html
  muster link issue --under S111 --alone --days 3 --no-pin --address https://desk.example --out links.csv
  muster link list --under G1
  muster link end 0199c0de-8a7b-7c3d-9e21-5f60a1b2c3d4

Print cards.html and hand the cards out; say the PINs by telephone, from pins.csv. Whoever has a card and its PIN files for
that unit, and nothing else. A link that was issued before for the same unit and form opens no more.
Exit codes: 0 done; 1 refused; 2 wrong command line; 3 the database or the machine failed.";

/// Issue a link for a unit and each below it of whom the form is asked.
#[derive(Args)]
pub(crate) struct LinksIssue {
    /// Code of the unit.
    #[arg(long)]
    under: String,
    /// Only for that unit itself.
    #[arg(long)]
    alone: bool,
    /// Code of the form; the operation's daily report when absent.
    #[arg(long)]
    form: Option<String>,
    /// Days for which they open, 1 to 180.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Without PINs: whoever has the address files.
    #[arg(long, conflicts_with = "pins")]
    no_pin: bool,
    /// Where the server is reached from a telephone, such as <https://desk.example>
    #[arg(long, value_parser = address)]
    address: String,
    /// The file of the links (CSV); it must not be there. Only its owner can read it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The file of the PINs (CSV), for whoever makes the calls; it must not be there. Only its owner can read it.
    #[arg(long, value_name = "FILE", required_unless_present = "no_pin")]
    pins: Option<PathBuf>,
    /// A page to print, with a card for each unit (HTML); it must not be there. Only its owner can read it.
    #[arg(long, value_name = "FILE")]
    cards: Option<PathBuf>,
}

/// The beginning of an address: `https://desk.example`, with a path at most.
fn address(text: &str) -> Result<String, String> {
    let uri = text.parse::<axum::http::Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && uri.query().is_none()
    });
    match uri {
        Some(_) if !text.contains(['#', '@']) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(wrong(&Problem::invalid("link.address").with("address", text))),
    }
}

impl LinkCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        common.must_be_there()?;
        match self {
            Self::Issue(issue) => issue.run(common).await,
            Self::List { under, limit, cursor } => {
                let cursor = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
                told(common, &format!("/links?under={}&limit={limit}{cursor}", escape(&under))).await
            }
            Self::End { id } => {
                tell(common, Method::POST, &format!("/links/{}/end", escape(&id)), &json!({})).await
            }
        }
    }
}

/// A file that only its owner reads, and that was not there.
fn private(path: &Path) -> Result<File, Stop> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| file_problem(path, &error))
}

/// A file of rows that grows with each answer.
struct Rows(SheetWriter<BufWriter<File>>);

impl Rows {
    fn new(file: File, columns: &[(&'static str, ColumnKind)]) -> Result<Self, Stop> {
        let column = |(name, kind): &(&'static str, ColumnKind)| Column {
            key: (*name).into(),
            names: Vec::new(),
            kind: *kind,
            unit: None,
            required: false,
            doc: "".into(),
        };
        let columns: Vec<Column> = columns.iter().map(column).collect();
        let to = SheetWriter::new(OutFormat::Csv, BufWriter::new(file), "links", &columns);
        to.map(Self).map_err(fault)
    }
    fn row(&mut self, cells: &[&str]) -> Result<(), Stop> {
        let cells: Vec<Out<'_>> = cells.iter().map(|cell| Out::Text(cell)).collect();
        self.0.row(&cells).map_err(fault)
    }
    fn end(self) -> Result<(), Stop> {
        let file = self.0.finish().map_err(fault)?;
        Ok(file.into_inner().map_err(|error| error.into_error())?.sync_all()?)
    }
}

fn fault(error: WriteError) -> Stop {
    match error {
        WriteError::Io(error) => error.into(),
        other => Stop::Machine(other.to_string()),
    }
}

impl LinksIssue {
    async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let mut made = Vec::new();
        let mut make = |path: &PathBuf| private(path).inspect(|_| made.push(path.clone()));
        // Made first: what is issued and cannot be written down is lost, and those before it open no more.
        let files = make(&self.out).and_then(|out| {
            let pins = self.pins.as_ref().map(&mut make).transpose()?;
            Ok((out, pins, self.cards.as_ref().map(&mut make).transpose()?))
        });
        let issued = match files {
            Ok((out, pins, cards)) => self.issue(common, out, pins, cards).await,
            Err(stop) => Err(stop),
        };
        let (count, end) = match issued {
            Ok(done) => done,
            Err(stop) => {
                made.iter().for_each(|path| drop(std::fs::remove_file(path)));
                return Err(stop);
            }
        };
        // Where nothing was issued there is nothing to keep; what was issued before a refusal is kept.
        if count == 0 {
            made.iter().for_each(|path| drop(std::fs::remove_file(path)));
        }
        if let Some((status, problem)) = end {
            return common.refused(status, &problem);
        }
        if count == 0 {
            return Err(Problem::conflict("link.nobody").with("unit", &self.under).into());
        }
        let files = json!({ "links": count, "file": self.out, "pins": self.pins, "cards": self.cards });
        common.answer(&files)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Issues page by page, and writes down each page before the next; how many, and what refused to go on.
    async fn issue(
        &self,
        common: &Common,
        out: File,
        pins: Option<File>,
        cards: Option<File>,
    ) -> Result<(usize, Option<(axum::http::StatusCode, Value)>), Stop> {
        use ColumnKind::{Id, Text};
        let unit = [("unit", Id), ("name", Text)];
        let links = [("form", Id), ("expires_at", Text), ("id", Id), ("address", Text)];
        let mut out = Rows::new(out, &[&unit[..], &links[..]].concat())?;
        let mut pins = pins.map(|file| Rows::new(file, &[&unit[..], &[("pin", Id)]].concat())).transpose()?;
        let (_, about) = ask(common, Method::GET, "/about", None).await?;
        let mut sheet = Sheet::new(common.locale(), &about["office"], !self.no_pin);
        let (mut cursor, mut count, mut end) = (Value::Null, 0, None);
        loop {
            let wanted = json!({ "under": self.under, "alone": self.alone, "form": self.form, "days": self.days,
                "pin": !self.no_pin, "cursor": cursor });
            let (status, answer) = ask(common, Method::POST, "/links", Some(&wanted)).await?;
            if !status.is_success() {
                end = Some((status, answer));
                break;
            }
            let said = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
            let (form, expires_at) = (said(&answer, "form"), said(&answer, "expires_at"));
            if cards.is_some() && count == 0 {
                let (_, named) = ask(common, Method::GET, &format!("/forms/{}", escape(&form)), None).await?;
                sheet.form(&named["names"], &form);
            }
            for link in answer["items"].as_array().into_iter().flatten() {
                let (code, name) = (said(link, "unit_code"), said(link, "unit_name"));
                let address = format!("{}/fill#{}", self.address, said(link, "token"));
                out.row(&[&code, &name, &form, &expires_at, &said(link, "id"), &address])?;
                if let Some(pins) = &mut pins {
                    pins.row(&[&code, &name, &said(link, "pin")])?;
                }
                if cards.is_some() {
                    sheet.add(&Card { code: &code, name: &name, address: &address, until: &expires_at })?;
                }
                count += 1;
            }
            cursor = answer["next_cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        out.end()?;
        pins.map(Rows::end).transpose()?;
        if let Some(mut cards) = cards {
            cards.write_all(sheet.page().as_bytes())?;
            cards.sync_all()?;
        }
        Ok((count, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_a_telephone_can_open() {
        for (text, taken) in [
            ("https://desk.example", Some("https://desk.example")),
            ("http://10.0.0.5:8020/", Some("http://10.0.0.5:8020")),
            ("https://desk.example/muster/", Some("https://desk.example/muster")),
            ("desk.example", None),
            ("ftp://desk.example", None),
            ("https://", None),
            ("https://desk.example/?a=b", None),
            ("https://desk.example/#x", None),
            ("https://me@desk.example", None),
            ("https://desk example", None),
            ("", None),
        ] {
            assert_eq!(address(text).ok().as_deref(), taken, "{text}");
        }
    }
}
