//! `muster verify` and `muster rebuild`: is what is stored what was filed?

use super::{Common, Stop};
use crate::lines::reporting::{self, Replayed};
use clap::Args;
use muster_kernel::Clock;
use muster_store::{Db, Head, SavedHeads, heads};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Is the journal what was written, and every row what the journal says?
///
/// Walks the chains of the journal: a changed byte, a removed entry, a changed order show. Against a cut tail and against
/// whoever may write the database stand heads saved elsewhere: keep the file of --save-heads where the database's owner
/// cannot reach it, and give it with --heads. With --deep, every sheet, its words, corrections, incidents, forms and
/// elements are replayed from the journal, and totals and expected counts drawn from the sheets.
///
/// Exit codes: 0 all is as it was written; 1 something differs (each is printed); 2 wrong command line; 3 the store or a
/// file failed.
#[derive(Args)]
pub(crate) struct Verify {
    /// Compare with heads that were saved before.
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
    /// Save the heads of this moment. Not written where something differs.
    #[arg(long, value_name = "FILE")]
    save_heads: Option<PathBuf>,
    /// Replay sheets and totals from the journal.
    #[arg(long)]
    deep: bool,
}

impl Verify {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let db = existing(common)?;
        let ctx = common.ctx(&db).await?;
        let saved = match &self.heads {
            Some(path) => Some(heads_read(path)?),
            None => None,
        };
        // Before the walk: what is journalled meanwhile is the next one's.
        let now_ms = Clock::Wall.now_ms();
        let ends: Vec<Head> = db.read("heads.read", |rx| heads(rx)).await?;
        let deep = self.deep;
        let (faults, replayed) =
            tokio::task::spawn_blocking(move || look(&db, ctx.operation, now_ms, saved, deep))
                .await
                .map_err(|error| Stop::Machine(error.to_string()))??;
        let faults_all = faults.len() as u64 + replayed.as_ref().map_or(0, |replayed| replayed.faults_all);
        let entries: i64 = ends.iter().map(|end| end.no).sum();
        let mut answer = json!({ "faults_all": faults_all, "entries": entries, "faults": faults });
        if let Some(replayed) = replayed {
            answer["deep"] = json!(replayed);
            answer["faults_of_rows"] = answer["deep"]["faults"].take();
        }
        common.answer(&answer)?;
        if faults_all > 0 {
            return Ok(ExitCode::from(1));
        }
        if let Some(path) = &self.save_heads {
            let file = |error| Stop::Machine(format!("{}: {error}", path.display()));
            std::fs::write(path, SavedHeads::new(now_ms, &ends).to_json() + "\n").map_err(file)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The database, which must be there: an empty one that this command makes would verify very well.
fn existing(common: &Common) -> Result<Db, Stop> {
    let postgres = common.database.starts_with("postgres://") || common.database.starts_with("postgresql://");
    let path = common.database.strip_prefix("sqlite:").unwrap_or(&common.database);
    if !postgres && !Path::new(path).exists() {
        return Err(Stop::Machine(format!("{path}: there is no such database")));
    }
    common.open_patiently()
}

fn heads_read(path: &Path) -> Result<SavedHeads, Stop> {
    let file = |error: &dyn std::fmt::Display| Stop::Machine(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| file(&error))?;
    SavedHeads::from_json(&text).map_err(|error| file(&error))
}

fn look(
    db: &Db,
    operation: i64,
    now_ms: i64,
    saved: Option<SavedHeads>,
    deep: bool,
) -> Result<(Vec<Value>, Option<Replayed>), Stop> {
    let faults = muster_store::verify(db, saved.as_ref())?;
    let told = faults.iter().map(|fault| {
        let (lane, no) = (fault.link.lane, fault.link.no);
        json!({ "bucket": fault.bucket, "lane": lane, "no": no, "what": fault.to_string() })
    });
    let told: Vec<Value> = told.collect();
    let replayed = if deep { Some(reporting::replay(db, operation, now_ms)?) } else { None };
    Ok((told, replayed))
}

/// Draw totals, expected counts and the list of nodes that keep them anew, from the sheets and the tree.
///
/// What differs is put right and told. Reports wait while one day of one form is drawn, about two seconds for a million
/// units.
///
/// Exit codes: 0 all is right (or was put right); 1 with --check, something differs; 3 the store failed.
#[derive(Args)]
pub(crate) struct Rebuild {
    /// Only look, change nothing.
    #[arg(long)]
    check: bool,
}

impl Rebuild {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let db = existing(common)?;
        let ctx = common.ctx(&db).await?;
        let (check, now_ms) = (self.check, Clock::Wall.now_ms());
        let rebuilt =
            tokio::task::spawn_blocking(move || reporting::rebuild(&db, ctx.operation, now_ms, check))
                .await
                .map_err(|error| Stop::Machine(error.to_string()))??;
        common.answer(&json!(rebuilt))?;
        Ok(ExitCode::from(u8::from(check && rebuilt.differed())))
    }
}
