//! `muster keys`: the file of master keys. Ids and dates; no key is ever printed.

use super::{Common, Stop};
use crate::seal::{self, Seals, file};
use crate::{say, wiring};
use clap::Subcommand;
use muster_kernel::day::rfc3339;
use muster_kernel::{Clock, Problem, ProblemKind};
use muster_seal::KeyId;
use muster_store::{Db, Rx};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The master keys, by which telephones and login names are sealed.
///
/// They lie in a file apart from the database: beside a SQLite file, as its name with .keys, or where --keys (MUSTER_KEYS) says,
/// which PostgreSQL needs. Copy it, and keep the copy apart from those of the database: without it they are lost,
/// and nobody comes in; whoever has both reads them.
#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Which keys there are: ids, when they were made, and how many units are sealed by each.
    Show,
    /// Add a new master key, and wrap all unit keys by it.
    ///
    /// The file is written first, whole: broken off in the middle, nothing is lost, and --resume goes on. Servers
    /// may run meanwhile. The old keys stay in the file, since older copies of the database need them.
    Rotate {
        /// Wrap what is still sealed by an older key, and make no new one.
        #[arg(long)]
        resume: bool,
    },
    /// Does the file open what is sealed? Opens every telephone and login name, and shows none.
    ///
    /// Exit codes: 0 all open; 1 some do not, or there is no key; 2 wrong command line; 3 the store or the file failed.
    Check,
}

impl KeysCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let db = common.open().await?;
        let seals = common.seals()?;
        match self {
            Self::Show => show(common, &db, &seals).await,
            Self::Rotate { resume } => rotate(common, db, seals, resume).await,
            Self::Check => check(common, db, seals).await,
        }
    }
}

async fn show(common: &Common, db: &Db, seals: &Seals) -> Result<ExitCode, Stop> {
    let counts = db.read("keys.masters", |rx: &mut Rx<'_>| seal::masters(rx)).await?;
    let ring = seals.ring();
    let zone = common.ctx(db).await?.zone;
    let mut items: Vec<Value> = Vec::new();
    for master in ring.iter().flat_map(|ring| ring.masters()) {
        let id = master.key.id();
        let units = counts.iter().find(|(of, _)| of[..] == id.0).map_or(0, |(_, units)| *units);
        items.push(json!({ "id": id.to_string(), "made": rfc3339(master.made_ms, &zone), "units": units, "held": true }));
    }
    for (of, units) in counts {
        let Some(id) = KeyId::from_slice(&of) else { continue };
        if ring.as_ref().and_then(|ring| ring.key(id)).is_none() {
            items.push(json!({ "id": id.to_string(), "made": null, "units": units, "held": false }));
        }
    }
    common.answer(&json!({ "file": seals.file(), "items": items }))?;
    Ok(ExitCode::SUCCESS)
}

async fn rotate(common: &Common, db: Db, seals: Seals, resume: bool) -> Result<ExitCode, Stop> {
    let path: PathBuf =
        seals.file().map(Path::to_owned).ok_or_else(|| Problem::conflict("seal.keys_needed"))?;
    let fitting = seals.clone();
    let fits = db.read("keys.fits", move |rx: &mut Rx<'_>| fitting.fits(rx)).await?;
    if fits.is_some_and(|(_, closed)| closed > 0) {
        return Err(seal::key_missing().into());
    }
    common.keys_first(&db).await?;
    let ring = seals.ring().ok_or_else(seal::key_missing)?;
    if !resume {
        // On disk before anything is wrapped by it.
        let turned = ring.rotated(Clock::Wall.now_ms(), &mut seal::Chance);
        let turned =
            turned.map_err(|_| Problem::conflict("seal.ring_full").with("max", muster_seal::MASTERS_MAX))?;
        file::replace(&path, &turned)?;
        seals.turn(turned);
    }
    let rewrapping = seals.clone();
    let turn = move || wiring::keys_turned(&db, &rewrapping, Clock::Wall.now_ms());
    let wrapped = tokio::task::spawn_blocking(turn);
    let wrapped = wrapped.await.map_err(|error| Stop::Machine(error.to_string()))??;
    let id = seals.ring().map(|ring| ring.newest().id().to_string()).unwrap_or_default();
    match common.json {
        true => common.answer(&json!({ "id": id, "units": wrapped }))?,
        false => common.tell("seal.rotated", &[("id", id), ("count", wrapped.to_string())])?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn check(common: &Common, db: Db, seals: Seals) -> Result<ExitCode, Stop> {
    if seals.ring().is_none() {
        return Err(Problem::conflict("seal.no_keys")
            .with("file", seals.file().unwrap_or(Path::new("")).display())
            .into());
    }
    let looked = tokio::task::spawn_blocking(move || wiring::seals_look(&db, &seals));
    let found = looked.await.map_err(|error| Stop::Machine(error.to_string()))??;
    let [open, closed, broken] = [found.open, found.closed, found.broken].map(|count| count.to_string());
    match common.json {
        true => {
            common.answer(&json!({ "open": found.open, "closed": found.closed, "broken": found.broken }))?
        }
        false => common.tell("seal.checked", &[("open", open), ("closed", closed), ("broken", broken)])?,
    }
    Ok(ExitCode::from(u8::from(found.closed + found.broken > 0)))
}

impl Common {
    /// The keys of this command line: read once.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(crate) fn seals(&self) -> Result<Seals, Stop> {
        if let Some(seals) = self.held.get() {
            return Ok(seals.clone());
        }
        let seals = match &self.keys {
            Some(path) => Seals::open(path, true)?,
            None if self.is_postgres() => Seals::none(),
            None => Seals::open(&file::beside(&self.database), true)?,
        };
        Ok(self.held.get_or_init(|| seals).clone())
    }

    /// Makes the key file where nothing is sealed yet.
    pub(crate) async fn keys_first(&self, db: &Db) -> Result<(), Stop> {
        let seals = self.seals()?;
        db.read("keys.first", move |rx: &mut Rx<'_>| seals.make_first(rx)).await?;
        self.made_told();
        Ok(())
    }

    /// The keys for a server: PostgreSQL needs to be told where they are, and those of another database are told.
    pub(crate) async fn keys_to_serve(&self, db: &Db) -> Result<Seals, Stop> {
        if self.is_postgres() && self.keys.is_none() {
            return Err(Problem::conflict("seal.keys_needed").into());
        }
        self.keys_first(db).await?;
        let (seals, fitting) = (self.seals()?, self.seals()?);
        let fits = db.read("keys.fits", move |rx: &mut Rx<'_>| fitting.fits(rx)).await?;
        if let Some((open, closed)) = fits.filter(|(_, closed)| *closed > 0) {
            let code = if seals.ring().is_none() { "seal.no_keys" } else { "seal.other_keys" };
            let told = Problem::new(ProblemKind::Busy, code).with("closed", closed).with("open", open);
            let told = told.with("file", seals.file().unwrap_or(Path::new("")).display());
            eprintln!("{} [{code}]", say::problem(self.locale(), &told));
        }
        Ok(seals)
    }

    /// Says that the key file was made, and what that means, once.
    pub(crate) fn made_told(&self) {
        if let Some(seals) = self.held.get().filter(|seals| seals.made()) {
            let told =
                Problem::conflict("seal.made").with("file", seals.file().unwrap_or(Path::new("")).display());
            eprintln!("{}", say::problem(self.locale(), &told));
        }
    }

    /// Seals what an older version left in plain.
    pub(super) fn plain_sealed(&self, db: &Db) -> Result<(), Stop> {
        let told = |code, count: u64| {
            let count = [("count".to_owned(), count.to_string())].into();
            eprintln!("{}", say::say(self.locale(), code, &count));
        };
        let sealed = wiring::plain_seal(db, &self.seals()?, Clock::Wall.now_ms(), |count| {
            told("seal.sealing", count)
        })?;
        if sealed > 0 {
            told("seal.sealed", sealed);
        }
        Ok(())
    }

    fn is_postgres(&self) -> bool {
        self.database.starts_with("postgres://") || self.database.starts_with("postgresql://")
    }
}
