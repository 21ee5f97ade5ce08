//! `muster verify` and `muster rebuild`: is what is stored what was filed?

use super::progress::Progress;
use super::{Common, Stop, file_problem};
use crate::lines::{org, reporting};
use crate::migrations::MIGRATIONS;
use crate::say;
use crate::verify::{Deep, deep, told};
use crate::{Ctx, Fail};
use clap::Args;
use muster_kernel::{Clock, Locale, Problem, ProblemKind};
use muster_store::{Db, Link, SavedHeads, StoreError, Verified};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Is the journal what was written, and every row what the journal says?
///
/// Walks the chains of the journal: a changed byte, a removed entry, a changed order show. Against a cut tail and against
/// whoever may write the database stand heads saved elsewhere: keep the file of --save-heads where the database's owner
/// cannot reach it, and give it with --heads. With --deep, every row is held to the journal: the operation, accounts,
/// units with their facts, edges and posts, classes, places, bodies beside the tree, elements, forms, assignments, sheets,
/// words, corrections, incidents, frozen briefs, their printed files, narratives, and a superior's texts with all that
/// was made out of them and decided. Rows that no entry brought forth are found. How units stand, totals and expected
/// counts are drawn from the rest. Not provable: what a duty telephone is, who is logged in, the order of units below
/// one unit. With its key file (see `muster keys`) each telephone is opened and held to its index. Servers may run meanwhile, and wait for nothing: this only reads. How far it is, it says on standard error.
///
/// Exit codes: 0 all is as it was written; 1 something differs (each is printed); 2 wrong command line; 3 the store or a
/// file failed, or the tables are of an older version.
#[derive(Args)]
pub(crate) struct Verify {
    /// Compare with heads that were saved before.
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
    /// Save the heads that were walked to. Not written where something differs.
    #[arg(long, value_name = "FILE")]
    save_heads: Option<PathBuf>,
    /// Make rows, figures and the tree again from the journal, and compare.
    #[arg(long)]
    deep: bool,
}

/// What was found.
struct Found {
    chains: Verified,
    deep: Option<Deep>,
}

impl Verify {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let db = common.open_current()?;
        let ctx = common.ctx(&db).await?;
        let saved = self.heads.as_deref().map(heads_read).transpose()?;
        let (now_ms, deep, locale) = (Clock::Wall.now_ms(), self.deep, common.locale());
        let looked = tokio::task::spawn_blocking(move || look(&db, &ctx, saved.as_ref(), deep, locale));
        let found = looked.await.map_err(|error| Stop::Machine(error.to_string()))??;
        match common.json {
            true => common.answer(&found.json())?,
            false => print!("{}", found.text(locale)),
        }
        if found.faults_all() > 0 {
            return Ok(ExitCode::from(1));
        }
        if let Some(path) = &self.save_heads {
            let heads = SavedHeads::new(now_ms, &found.chains.ends).to_json() + "\n";
            std::fs::write(path, heads).map_err(|error| file_problem(path, &error))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn heads_read(path: &Path) -> Result<SavedHeads, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| file_problem(path, &error))?;
    SavedHeads::from_json(&text).map_err(|error| {
        let unreadable = Problem::new(ProblemKind::Busy, "verify.heads_unreadable").with("why", error);
        unreadable.with("file", path.display()).into()
    })
}

fn look(
    db: &Db,
    ctx: &Ctx,
    saved: Option<&SavedHeads>,
    is_deep: bool,
    locale: Locale,
) -> Result<Found, Stop> {
    let mut progress = Progress::new(locale);
    let chains = muster_store::verify_told(db, saved, &mut |done, all| progress.hear("chains", done, all))?;
    if !is_deep {
        return Ok(Found { chains, deep: None });
    }
    let found = deep(db, ctx.operation, &ctx.seals, &mut |what, done, all| progress.hear(what, done, all))?;
    Ok(Found { chains, deep: Some(found) })
}

impl Found {
    fn faults_all(&self) -> u64 {
        self.chains.faults.len() as u64 + self.deep.as_ref().map_or(0, Deep::faults_all)
    }

    fn json(&self) -> Value {
        let faults = self.chains.faults.iter().map(|fault| {
            json!({
                "bucket": fault.bucket, "lane": fault.link.lane, "no": fault.link.no,
                "kind": fault.kind.word(), "what": fault.to_string(),
            })
        });
        let back = self.chains.backwards.iter();
        let back = back.map(|b| json!({ "lane": b.link.lane, "no": b.link.no, "by_ms": b.by_ms }));
        let mut answer = json!({
            "faults_all": self.faults_all(), "entries": self.chains.entries,
            "faults": faults.collect::<Vec<_>>(), "clock_went_back": back.collect::<Vec<_>>(),
        });
        if let Some(deep) = &self.deep {
            let Deep {
                operation,
                accounts,
                tree,
                rows,
                briefs,
                notices,
                scans,
                findings,
                tasks,
                outbound,
                privacy,
                unreadable,
            } = deep;
            let parts = [
                ("operation", "faults_of_operation", json!(operation)),
                ("accounts", "faults_of_accounts", json!(accounts)),
                ("tree", "faults_of_tree", json!(tree)),
                ("deep", "faults_of_rows", json!(rows)),
                ("briefs", "faults_of_briefs", json!(briefs)),
                ("notices", "faults_of_notices", json!(notices)),
                ("scans", "faults_of_scans", json!(scans)),
                ("findings", "faults_of_findings", json!(findings)),
                ("tasks", "faults_of_tasks", json!(tasks)),
                ("outbound", "faults_of_outbound", json!(outbound)),
                ("privacy", "faults_of_privacy", json!(privacy)),
            ];
            for (part, faults, mut found) in parts {
                answer[faults] = found["faults"].take();
                answer[part] = found;
            }
            answer["unreadable"] = json!(unreadable);
        }
        answer
    }

    fn text(&self, locale: Locale) -> String {
        let chains = &self.chains;
        let say = |key: &str, args: &[(&str, &dyn ToString)]| sentence(locale, key, args);
        let mut lines =
            vec![say("verify.chains", &[("entries", &chains.entries), ("lanes", &chains.ends.len())])];
        for fault in &chains.faults {
            let key = format!("verify.fault.{}", fault.kind.word());
            lines.push(say(&key, &[("lane", &fault.link.lane), ("no", &fault.link.no)]));
        }
        for back in &chains.backwards {
            let (Link { lane, no }, seconds) = (back.link, back.by_ms / 1000);
            let args: [(&str, &dyn ToString); 3] = [("lane", &lane), ("no", &no), ("seconds", &seconds)];
            lines.push(say("verify.clock_went_back", &args));
        }
        if let Some(deep) = &self.deep {
            lines.extend(deep_lines(deep, locale));
        }
        lines.push(match self.faults_all() {
            0 => say("verify.whole", &[]),
            faults => say("verify.differs", &[("faults", &faults)]),
        });
        lines.join("\n") + "\n"
    }
}

/// What was compared, part by part, each with what is wrong there.
fn deep_lines(deep: &Deep, locale: Locale) -> Vec<String> {
    let Deep {
        operation,
        accounts,
        tree,
        rows,
        briefs,
        notices,
        scans,
        findings,
        tasks,
        outbound,
        privacy,
        unreadable,
    } = deep;
    let say = |key: &str, args: &[(&str, &dyn ToString)]| sentence(locale, key, args);
    let fault = |(key, at): (String, &str)| sentence(locale, &key, &[("at", &at)]);
    let own = [("operations", &operation.operations as &dyn ToString), ("accounts", &accounts.accounts)];
    let mut lines = vec![say("verify.operation", &own)];
    lines.extend(told("operation", &operation.wrong).chain(told("account", &accounts.wrong)).map(fault));
    lines.push(say("verify.tree", &[("units", &tree.units), ("entries", &tree.entries)]));
    lines.extend(told("tree", &tree.wrong).map(fault));
    let counts: [(&str, &dyn ToString); 4] = [
        ("revisions", &rows.revisions),
        ("sheets", &rows.sheets),
        ("words", &rows.words),
        ("drawn", &rows.drawn),
    ];
    lines.push(say("verify.rows", &counts));
    lines.extend(told("row", &rows.wrong).map(fault));
    let counts: [(&str, &dyn ToString); 3] =
        [("briefs", &briefs.briefs), ("files", &briefs.files), ("narratives", &briefs.narratives)];
    lines.push(say("verify.briefs", &counts));
    lines.extend(told("brief", &briefs.wrong).map(fault));
    lines.push(say("verify.notices", &[("notices", &notices.notices), ("decisions", &notices.decisions)]));
    lines.extend(told("notice", &notices.wrong).map(fault));
    lines.push(say("verify.scans", &[("scans", &scans.scans)]));
    lines.extend(told("scan", &scans.wrong).map(fault));
    lines.push(say("verify.findings", &[("findings", &findings.findings), ("steps", &findings.steps)]));
    lines.extend(told("finding", &findings.wrong).map(fault));
    lines.push(say("verify.tasks", &[("measures", &tasks.measures), ("steps", &tasks.steps)]));
    lines.extend(told("task", &tasks.wrong).map(fault));
    if outbound.channels + outbound.letters > 0 {
        let counts: [(&str, &dyn ToString); 2] =
            [("channels", &outbound.channels), ("letters", &outbound.letters)];
        lines.push(say("verify.outbound", &counts));
    }
    lines.extend(told("outbound", &outbound.wrong).map(fault));
    if privacy.rules > 0 {
        lines.push(say("verify.privacy", &[("rules", &privacy.rules)]));
    }
    lines.extend(told("privacy", &privacy.wrong).map(fault));
    lines.extend(unreadable.iter().map(|what| say("verify.unreadable", &[("at", what)])));
    lines
}

fn sentence(locale: Locale, key: &str, args: &[(&str, &dyn ToString)]) -> String {
    let args: BTreeMap<String, String> =
        args.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
    say::say(locale, key, &args)
}

/// Draw the tree's projection, totals, expected counts and the list of nodes that keep them anew, from the tree's facts
/// and the sheets.
///
/// What differs is put right and told, and rows of units, classes or assignments that there are not go. Sheets, facts and
/// the journal are never touched: what is wrong there is found by `muster verify --deep`. Reports wait while one day of one form is drawn, about two seconds for a million
/// units; with --check nobody waits and nothing changes. How far it is, it says on standard error.
///
/// Exit codes: 0 all is right (or was put right); 1 with --check, something differs; 2 wrong command line; 3 the store
/// failed.
#[derive(Args)]
pub(crate) struct Rebuild {
    /// Only look, change nothing.
    #[arg(long)]
    check: bool,
}

impl Rebuild {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let db = if self.check { common.open_current()? } else { common.open_existing()? };
        if !self.check {
            db.migrate(Clock::Wall.now_ms(), MIGRATIONS)?;
        }
        let ctx = common.ctx(&db).await?;
        let (check, now_ms, locale) = (self.check, Clock::Wall.now_ms(), common.locale());
        let rebuilt = tokio::task::spawn_blocking(move || {
            let mut progress = Progress::new(locale);
            let units = db.read_blocking("units.count", |rx| org::unit_count(rx))?.unsigned_abs();
            let tree =
                org::standings_redraw(&db, now_ms, check, &mut |done| progress.hear("units", done, units))?;
            let told = &mut |done, all| progress.hear("totals", done, all);
            let figures = reporting::rebuild(&db, ctx.operation, now_ms, check, told)?;
            Ok::<_, Stop>((tree, figures))
        });
        let rebuilt = rebuilt.await.map_err(|error| Stop::Machine(error.to_string()))?;
        let (tree, figures) = rebuilt.map_err(undrawable)?;
        let strays = tree.strays + figures.strays;
        let differed = tree.differed + strays > 0 || figures.differed();
        if common.json {
            let mut answer = json!(figures);
            answer["units"] = json!(tree.units);
            answer["units_differed"] = json!(tree.differed);
            answer["strays"] = json!(strays);
            common.answer(&answer)?;
        } else {
            let tell =
                |key: &str, args: &[(&str, &dyn ToString)]| println!("{}", sentence(locale, key, args));
            tell("rebuild.tree", &[("all", &tree.units), ("differed", &tree.differed)]);
            match figures.totals {
                // Small nodes keep no totals: to have looked at none of them is not to have looked.
                0 => tell("rebuild.no_totals", &[]),
                all => tell("rebuild.totals", &[("all", &all), ("differed", &figures.totals_differed)]),
            }
            tell("rebuild.expected", &[("all", &figures.expected), ("differed", &figures.expected_differed)]);
            for wrong in &figures.wrong {
                let kind = if wrong.day.is_some() { "total_differs" } else { "expected_differs" };
                tell(&format!("verify.row.{kind}"), &[("at", &wrong)]);
            }
            for (key, count) in [("rebuild.strays", strays), ("rebuild.crown", figures.crown_missing)] {
                if count > 0 {
                    tell(key, &[("count", &count)]);
                }
            }
            let added = !check && figures.crown_missing > 0;
            match (differed || added, check) {
                (false, _) => tell("rebuild.right", &[]),
                (true, true) => tell("rebuild.differs", &[]),
                (true, false) => tell("rebuild.put_right", &[]),
            }
        }
        Ok(ExitCode::from(u8::from(check && differed)))
    }
}

/// What figures are drawn from cannot be read: that is not a rebuild's to put right, and is said.
fn undrawable(stop: Stop) -> Stop {
    match stop {
        Stop::Fail(Fail::Store(StoreError::Corrupt(what))) => {
            Problem::conflict("rebuild.unreadable").with("at", what).into()
        }
        other => other,
    }
}
