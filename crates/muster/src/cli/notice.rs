//! `muster notice`.

use super::{Common, Stop, file_problem};
use crate::lines::command::notice::model::ConjectureState;
use crate::lines::command::notice::{
    self, ConjectureBody, MeasureBody, MeetingBody, NoticeBody, PlaceBody, Reader, Upload, check,
    notice_conjecture_decide, notice_import, notice_list, notice_read,
};
use crate::{Ctx, say};
use clap::{Subcommand, ValueEnum};
use muster_kernel::Locale;
use muster_store::{Db, Rx, Tx};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Take in a text, read it, decide its conjectures.
#[derive(Subcommand)]
pub(crate) enum Notice {
    /// Take in a file: plain text (UTF-8, GB 18030, UTF-16), HTML, DOCX or PDF, at most 20 MB.
    ///
    /// The file is kept byte for byte with its hash. A file that bears a secrecy mark is refused and nothing of it
    /// is kept. Taking in the same file again changes nothing.
    Import {
        /// The file.
        file: PathBuf,
    },
    /// List the texts that were taken in, the newest first.
    List {
        /// Rows wanted, 1 to 1000.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// Show a text: what it is, its measures, its conjectures, and the readable text.
    Show {
        /// Id of the notice.
        id: String,
    },
    /// Decide a conjecture. It can be decided otherwise later; each decision is journalled.
    Decide {
        /// Id of the notice.
        id: String,
        /// Number of the conjecture, as `muster notice show` lists it.
        n: u32,
        /// What is said of it.
        decision: Decision,
    },
}

/// What a person says of a conjecture.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Decision {
    /// The readable text has it.
    Accept,
    /// The readable text stays as it was.
    Refuse,
}

impl Notice {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let id = match self {
            Self::Import { file } => import(common, &file).await?,
            Self::List { limit } => return list(common, limit).await,
            Self::Show { id } => id,
            Self::Decide { id, n, decision } => decide(common, id, n, decision).await?,
        };
        show(common, id).await
    }
}

async fn import(common: &Common, path: &Path) -> Result<String, Stop> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| file_problem(path, &error))?;
    // One more than the bound, so that the check sees that it is too large.
    file.take(notice::extract::FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let checked = check(Upload { bytes, media_type: None, name }, &super::pdf_text::read_apart)?;
    // A superior's text may come before anything else.
    let db = common.open_or_make().await?;
    let ctx = common.ctx_acting(&db).await?;
    let (id, now_ms, by) = (ctx.id().to_string(), ctx.now_ms, ctx.clone());
    let import = common.acted(&by, move |tx: &mut Tx| notice_import(tx, &ctx, &id, &checked));
    Ok(db.write("notice.import", now_ms, import).await?.id)
}

async fn decide(common: &Common, id: String, n: u32, decision: Decision) -> Result<String, Stop> {
    let state = match decision {
        Decision::Accept => ConjectureState::Accepted,
        Decision::Refuse => ConjectureState::Refused,
    };
    let db = common.open().await?;
    let ctx = common.ctx_acting(&db).await?;
    let (of, now_ms, by) = (id.clone(), ctx.now_ms, ctx.clone());
    let decide = common.acted(&by, move |tx: &mut Tx| notice_conjecture_decide(tx, &ctx, &of, n, state));
    db.write("notice.conjecture.decide", now_ms, decide).await?;
    Ok(id)
}

async fn list(common: &Common, limit: u32) -> Result<ExitCode, Stop> {
    let (db, ctx) = opened(common).await?;
    let reading = ctx.clone();
    let listed = db.read("notice.list", move |rx: &mut Rx| notice_list(rx, &reading, "", limit)).await?;
    let reader = Reader { locale: ctx.locale, zone: &ctx.zone };
    let bodies: Vec<_> = listed.iter().map(|one| reader.listed(one)).collect();
    if common.json {
        println!("{}", json(&serde_json::json!({ "items": bodies, "next_cursor": null })));
    }
    for one in listed.iter().filter(|_| !common.json) {
        let title = one.title.as_deref().unwrap_or("-");
        println!("{}  {title}  {}/{}", one.id, one.conjectures - one.open, one.conjectures);
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(common: &Common, id: String) -> Result<ExitCode, Stop> {
    let (db, ctx) = opened(common).await?;
    let reading = ctx.clone();
    let kept = db.read("notice.read", move |rx: &mut Rx| notice_read(rx, &reading, &id)).await?;
    let body = Reader { locale: ctx.locale, zone: &ctx.zone }.notice(&kept.opened()?);
    if common.json {
        println!("{}", json(&body));
    } else {
        print!("{}", told(common.locale(), &body));
    }
    Ok(ExitCode::SUCCESS)
}

async fn opened(common: &Common) -> Result<(Db, Ctx), Stop> {
    let db = common.open().await?;
    let ctx = common.ctx(&db).await?;
    Ok((db, ctx))
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A notice for a reader at a terminal.
fn told(locale: Locale, body: &NoticeBody) -> String {
    let word = |code: &str| say::word(locale, &format!("notice.{code}"));
    let mut out = format!("{}\n{}\n{}\n\n", body.id, body.digest, body.title.as_deref().unwrap_or("-"));
    out += &format!("{}\n", word(&format!("kind.{}", wire_word(&body.kind))));
    for feature in &body.kind_reasons {
        out += &format!("  {}\n", feature.reason);
    }
    if let Some(meeting) = &body.meeting {
        for (label, what) in meeting_rows(meeting) {
            out += &format!("  {}: {what}\n", word(&format!("meeting.{label}")));
        }
    }
    if let Some(at) = &body.published_at {
        let publisher = body.publisher.as_deref().unwrap_or("-");
        out += &format!("  {}: {at} ({publisher})\n", word("published_at"));
    }
    for MeasureBody { n, text, scope, scope_reason, .. } in &body.measures {
        let scope = word(&format!("scope.{}", wire_word(scope)));
        out += &format!("\n{n}. {text}\n   {scope}: {scope_reason}\n   {}\n", word("owner_none"));
    }
    out += "\n";
    for ConjectureBody { n, original, proposed, state, reason, .. } in &body.conjectures {
        let state = word(&format!("state.{}", wire_word(state)));
        let change =
            if original.is_empty() { format!("+{proposed}") } else { format!("{original}→{proposed}") };
        out += &format!("({n}) {change} [{state}] {reason}\n");
    }
    out + &format!("\n{}\n", body.layers.readable.text)
}

fn meeting_rows(meeting: &MeetingBody) -> Vec<(&'static str, String)> {
    let texts =
        |places: &[PlaceBody]| places.iter().map(|place| place.text.as_str()).collect::<Vec<_>>().join(" · ");
    let one = |place: &Option<PlaceBody>| place.as_ref().map_or(String::new(), |place| place.text.clone());
    let rows = vec![
        ("day", one(&meeting.said_day)),
        ("series_no", meeting.series_no.map_or(String::new(), |n| n.to_string())),
        ("bodies", texts(&meeting.bodies)),
        ("chair", format!("{} {}", texts(&meeting.chair_posts), one(&meeting.chair_name)).trim().to_owned()),
        ("present", texts(&meeting.present)),
        ("attending", texts(&meeting.attending)),
    ];
    rows.into_iter().filter(|(_, what)| !what.is_empty()).collect()
}

/// The word of an enum on the wire, which is also the end of its key in the locale files.
fn wire_word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
