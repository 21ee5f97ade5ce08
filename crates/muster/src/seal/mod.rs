//! Sealed fields: the keys that this program has, and the two tables that hold the wrapped ones.
//!
//! Below the lines, as `request` is: several seal fields of their own (telephones of posts; names and secrets of accounts).
//! `seal_unit_key` and `seal_person_key` are no line's tables: the statement that reads a page of sealed fields joins
//! them, so that a page is one question. Only this module writes them.
//!
//! The master keys lie in a file ([`file`]), never in the database. Without it nothing opens, and nothing is sealed
//! where something was sealed before: a new key beside a database of other keys would hide that the old one is lost.

pub mod file;
mod kept;
mod store;

pub use kept::UNITS_KEPT_MAX;
pub use store::{STATEMENTS, masters, person_keys_drop};

use crate::Fail;
use kept::Kept;
use muster_kernel::{Clock, Problem, ProblemKind};
use muster_seal::{Index, Key, KeyId, Place, Ring, SealError, open, seal, unwrap, wrap};
use muster_store::{Result as Stored, Rows, Tx};
use parking_lot::{Mutex, RwLock};
use rand_core::{TryCryptoRng, TryRng};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::Zeroizing;

/// The table of wrapped unit keys, as it is bound into them.
const UNIT_TABLE: &str = "seal_unit_key";
/// The table of wrapped person keys, as it is bound into them.
const PERSON_TABLE: &str = "seal_person_key";
const WRAPPED: &str = "wrapped";

/// The keys that this program has. Cheap to clone; `Debug` tells no key.
#[derive(Clone)]
pub struct Seals(Arc<Inner>);

struct Inner {
    /// Where the master keys lie; none where they are in memory only, or nowhere.
    file: Option<PathBuf>,
    /// Whether the file is made where it is not there and nothing was sealed yet.
    makes: bool,
    held: RwLock<Option<Arc<Ring>>>,
    /// The file as it was when it was last read.
    stamp: Mutex<Option<file::Stamp>>,
    units: Mutex<Kept>,
    erased: AtomicBool,
    made: AtomicBool,
}

impl fmt::Debug for Seals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seals({:?})", self.0.file)
    }
}

/// Why a field was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The key file does not hold the master key by which it is sealed, or there is none.
    KeyMissing,
    /// The row was changed, is of another row, or its keys are gone.
    Broken,
}

impl Closed {
    /// What it means to a caller, of a field at a unit.
    pub fn problem(self, unit: i64) -> Problem {
        match self {
            Self::KeyMissing => key_missing(),
            Self::Broken => Problem::conflict("seal.broken").with("unit", unit),
        }
    }
}

/// A field and its keys, as one row of a joined statement tells them.
#[derive(Clone, Copy, Debug)]
pub struct SealedRow<'r> {
    /// The unit whose key wraps the person's.
    pub unit: i64,
    /// `seal_unit_key.wrapped`.
    pub unit_key: Option<&'r [u8]>,
    /// `seal_person_key.wrapped`.
    pub person_key: Option<&'r [u8]>,
    /// Whose field it is.
    pub subject: &'r str,
    /// The sealed field.
    pub sealed: &'r [u8],
}

/// Chance of the operating system.
pub struct Chance;

impl TryRng for Chance {
    type Error = getrandom::Error;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        getrandom::u32()
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        getrandom::u64()
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
        getrandom::fill(to)
    }
}
impl TryCryptoRng for Chance {}

/// What keeps a field from being sealed.
fn unsealed(error: SealError) -> Fail {
    Problem::internal(error).into()
}

/// The refusal where the key file is not there, or is of another database.
pub fn key_missing() -> Problem {
    Problem::new(ProblemKind::Busy, "seal.key_missing")
}

impl Seals {
    /// Without any key: nothing opens, nothing is sealed.
    pub fn none() -> Self {
        Self::with(None, false, None)
    }
    /// Of a ring that is in no file: tests, and the demonstration, whose figures are nobody's.
    pub fn of(ring: Ring) -> Self {
        Self::with(None, false, Some(ring))
    }
    /// The demonstration's: its telephones are simulated, so its key is a constant that everybody may know.
    ///
    /// # Panics
    /// Never: the text is a constant that is read in a test.
    pub fn of_demo() -> Self {
        Self::of(Ring::read(include_str!("demo.keys")).expect("a constant"))
    }
    /// Of a key file. Where there is none, one is made at the first need if `makes` is set and nothing was sealed yet.
    ///
    /// # Errors
    /// `seal.file_open_to_others`, `seal.file_unreadable`.
    pub fn open(path: &Path, makes: bool) -> Result<Self, Problem> {
        let ring = file::read(path)?;
        Ok(Self::with(Some(path.to_owned()), makes, ring))
    }
    fn with(file: Option<PathBuf>, makes: bool, ring: Option<Ring>) -> Self {
        let held = RwLock::new(ring.map(Arc::new));
        Self(Arc::new(Inner {
            file,
            makes,
            held,
            stamp: Mutex::default(),
            units: Mutex::default(),
            erased: AtomicBool::new(false),
            made: AtomicBool::new(false),
        }))
    }
    /// The ring, if there is one.
    pub fn ring(&self) -> Option<Arc<Ring>> {
        self.0.held.read().clone()
    }
    /// Where the key file is, or would be.
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }
    /// Takes another ring in the place of the one that is held.
    pub fn turn(&self, ring: Ring) {
        *self.0.held.write() = Some(Arc::new(ring));
    }
    /// Reads the file again where it changed: another process may have turned the ring. What cannot be read leaves it as
    /// it was.
    pub fn follow(&self) {
        let Some(path) = self.0.file.as_deref() else { return };
        let is = file::stamp(path);
        if std::mem::replace(&mut *self.0.stamp.lock(), is) != is
            && let Ok(Some(ring)) = file::read(path)
        {
            self.turn(ring);
        }
    }
    /// The master key of an id; where it is not held, it may have been made by another process meanwhile.
    fn master(&self, id: KeyId) -> Result<Key, Closed> {
        let held = || self.ring()?.key(id).cloned();
        if let Some(key) = held() {
            return Ok(key);
        }
        self.follow();
        held().ok_or(Closed::KeyMissing)
    }
    /// Whether something was erased since it was last asked: then the log that stands beside the database is to be emptied.
    pub fn erased(&self) -> bool {
        self.0.erased.swap(false, Ordering::Relaxed)
    }
    /// Whether the key file was made by this program since it was last asked: whoever runs it is to be told.
    pub fn made(&self) -> bool {
        self.0.made.swap(false, Ordering::Relaxed)
    }
    /// Notes that something was erased.
    pub fn note_erased(&self) {
        self.0.erased.store(true, Ordering::Relaxed);
    }

    /// Makes the key file where there is none and nothing was sealed yet; whether it was made now.
    ///
    /// # Errors
    /// What keeps it from being written; the store's.
    pub fn make_first(&self, rows: &mut impl Rows) -> Result<bool, Fail> {
        if self.ring().is_none() {
            self.follow();
        }
        if self.ring().is_some() {
            return Ok(false);
        }
        match &self.0.file {
            Some(path) if self.0.makes && store::any_master(rows)?.is_none() => {
                let (ring, made) = file::make(path, Clock::Wall.now_ms())?;
                self.turn(ring);
                self.0.made.store(made, Ordering::Relaxed);
                Ok(made)
            }
            _ => Ok(false),
        }
    }

    /// Whether the keys are those of this database: `None` where nothing is sealed yet; else how many unit keys open, and
    /// how many do not.
    ///
    /// # Errors
    /// The store's.
    pub fn fits(&self, rows: &mut impl Rows) -> Stored<Option<(i64, i64)>> {
        let ring = self.ring();
        let (mut open, mut closed) = (0, 0);
        for (id, count) in masters(rows)? {
            match KeyId::from_slice(&id).and_then(|id| ring.as_ref()?.key(id).map(drop)) {
                Some(()) => open += count,
                None => closed += count,
            }
        }
        Ok((open + closed > 0).then_some((open, closed)))
    }

    /// Indexes of a purpose under every master key, the newest first; empty without keys.
    pub fn indexes(&self, purpose: &str) -> Vec<Index> {
        let ring = self.ring();
        let masters = ring.iter().flat_map(|ring| ring.masters());
        masters.map(|master| Index::new(&master.key, purpose)).collect()
    }

    /// The keys of units, for sealing: those that are there, and new ones for those that have none.
    ///
    /// # Errors
    /// `seal.key_missing` where there is no master key, or not that of this database.
    pub fn unit_keys(&self, tx: &mut Tx<'_>, units: &[i64]) -> Result<HashMap<i64, Key>, Fail> {
        self.make_first(tx)?;
        let ring = self.ring().ok_or_else(key_missing)?;
        let mut keys = self.unit_keys_there(tx, units)?;
        let mut lacking: Vec<i64> = units.iter().copied().filter(|unit| !keys.contains_key(unit)).collect();
        lacking.sort_unstable();
        lacking.dedup();
        if lacking.is_empty() {
            return Ok(keys);
        }
        // A ring of another database: what it sealed here would be all that anybody can open.
        if let Some(id) = store::any_master(tx)?
            && KeyId::from_slice(&id).is_none_or(|id| self.master(id).is_err())
        {
            return Err(key_missing().into());
        }
        let mut rows = Vec::with_capacity(lacking.len());
        for unit in &lacking {
            let key = Key::new(&mut Chance).map_err(unsealed)?;
            rows.push((*unit, ring.newest().id().0, self.wrapped(&ring, *unit, &key)?));
            keys.insert(*unit, key);
        }
        // Somebody else may have made one at the same moment: then theirs is the unit's.
        if store::unit_keys_add(tx, &rows)? < rows.len() as u64 {
            keys.extend(self.unit_keys_there(tx, &lacking)?);
        }
        Ok(keys)
    }

    fn wrapped(&self, ring: &Ring, unit: i64, key: &Key) -> Result<Vec<u8>, Fail> {
        let subject = format!("unit:{unit}");
        wrap(ring.newest(), Place::new(UNIT_TABLE, WRAPPED, &subject), key, &mut Chance).map_err(unsealed)
    }

    fn unit_keys_there(&self, rows: &mut impl Rows, units: &[i64]) -> Result<HashMap<i64, Key>, Fail> {
        let mut keys = HashMap::with_capacity(units.len());
        for (unit, wrapped) in store::unit_keys(rows, units)? {
            match self.unit_key(unit, &wrapped) {
                Ok(key) => drop(keys.insert(unit, key)),
                Err(closed) => return Err(closed.problem(unit).into()),
            }
        }
        Ok(keys)
    }

    /// A unit's key, from memory where it was unwrapped a moment ago.
    fn unit_key(&self, unit: i64, wrapped: &[u8]) -> Result<Key, Closed> {
        if let Some(key) = self.0.units.lock().get(unit, wrapped) {
            return Ok(key);
        }
        let id = muster_seal::key_of(wrapped).map_err(|_| Closed::Broken)?;
        let master = self.master(id)?;
        let subject = format!("unit:{unit}");
        let key = unwrap(&master, Place::new(UNIT_TABLE, WRAPPED, &subject), wrapped);
        let key = key.map_err(|_| Closed::Broken)?;
        self.0.units.lock().put(unit, wrapped, &key);
        Ok(key)
    }

    /// Seals fields, each under a new key of its person: whatever an earlier key sealed opens no more. Answers the sealed
    /// fields in their order; the person keys are stored.
    ///
    /// # Errors
    /// Those of [`Seals::unit_keys`].
    pub fn seal_rows(
        &self,
        tx: &mut Tx<'_>,
        (table, column): (&str, &str),
        fields: &[(i64, String, &str)],
    ) -> Result<Vec<Vec<u8>>, Fail> {
        let units: Vec<i64> = fields.iter().map(|(unit, _, _)| *unit).collect();
        let keys = self.unit_keys(tx, &units)?;
        let mut persons = Vec::with_capacity(fields.len());
        let mut sealed = Vec::with_capacity(fields.len());
        for (unit, subject, plain) in fields {
            let key = Key::new(&mut Chance).map_err(unsealed)?;
            let place = Place::new(PERSON_TABLE, WRAPPED, subject);
            let wrapped = wrap(&keys[unit], place, &key, &mut Chance).map_err(unsealed)?;
            persons.push((subject.as_str(), *unit, wrapped));
            let place = Place::new(table, column, subject);
            sealed.push(seal(&key, place, plain.as_bytes(), &mut Chance).map_err(unsealed)?);
        }
        store::person_keys_set(tx, &persons)?;
        Ok(sealed)
    }

    /// Opens a field of a row.
    ///
    /// # Errors
    /// Why it stays closed.
    pub fn open_row(
        &self,
        (table, column): (&str, &str),
        row: SealedRow<'_>,
    ) -> Result<Zeroizing<String>, Closed> {
        let key = self.unit_key(row.unit, row.unit_key.ok_or(Closed::Broken)?)?;
        let place = Place::new(PERSON_TABLE, WRAPPED, row.subject);
        let person = unwrap(&key, place, row.person_key.ok_or(Closed::Broken)?);
        let person = person.map_err(|_| Closed::Broken)?;
        let plain = open(&person, Place::new(table, column, row.subject), row.sealed);
        let plain = plain.map_err(|_| Closed::Broken)?;
        let text = std::str::from_utf8(&plain).map_err(|_| Closed::Broken)?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// Wraps the next unit keys after one by the newest master: the last that was looked at and the units that were
    /// wrapped anew; none when there are no more.
    ///
    /// # Errors
    /// `seal.key_missing` where one does not open.
    pub fn rewrap(&self, tx: &mut Tx<'_>, after: i64, limit: u32) -> Result<Option<(i64, Vec<i64>)>, Fail> {
        let ring = self.ring().ok_or_else(key_missing)?;
        let page = store::unit_keys_after(tx, after, limit)?;
        let Some(last) = page.last().map(|(unit, _, _)| *unit) else { return Ok(None) };
        let newest = ring.newest().id();
        let mut rows = Vec::new();
        for (unit, master, wrapped) in page.iter().filter(|(_, master, _)| master[..] != newest.0) {
            let key = self.unit_key(*unit, wrapped).map_err(|closed| closed.problem(*unit))?;
            rows.push((*unit, newest.0, self.wrapped(&ring, *unit, &key)?, master.clone()));
        }
        store::unit_keys_rewrap(tx, &rows)?;
        Ok(Some((last, rows.into_iter().map(|(unit, ..)| unit).collect())))
    }
}

#[cfg(test)]
mod tests;
