//! The roll: units as they stand, kept in memory between batches of reports, and known to be current by one look at the
//! tree's epoch. What is not on it is read; nothing is read when the program starts.

use super::kept::Kept;
use super::model::Standing;
use super::store::{self, labels::Label};
use crate::lines::operation::Names;
use jiff::tz::TimeZone;
use muster_kernel::Day;
use muster_store::{Ask, Rows, StoreError};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Units in each of the two halves of the roll; some 400 bytes each.
const HALF: usize = 1 << 17;

/// A unit as it stands, and the time zone it has of its own. Both hold for the days of the standing.
#[derive(Clone, Debug)]
pub struct Called {
    /// How it stands.
    pub standing: Standing,
    /// Its own time zone; none where it keeps the operation's.
    pub zone: Option<TimeZone>,
}

/// Units by day and code, in the order asked for; none where there is no such unit that day.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The tree's epoch that it is true of.
    pub epoch: i64,
    /// What was found.
    pub found: Vec<Option<Arc<Called>>>,
}

/// Names in each half; some 300 bytes each.
const NAMES_HALF: usize = 1 << 15;

/// The roll of a store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Roll {
    units: Arc<Mutex<Halves>>,
    names: Arc<Kept<i64, Arc<Label>>>,
}

impl Default for Roll {
    fn default() -> Self {
        Self { units: Arc::default(), names: Arc::new(Kept::new(NAMES_HALF)) }
    }
}

/// What was called lately, and what was called before that.
#[derive(Debug, Default)]
struct Halves {
    epoch: i64,
    young: HashMap<Arc<str>, Arc<Called>>,
    old: HashMap<Arc<str>, Arc<Called>>,
}

impl Roll {
    /// Calls units: from memory, and from the tree what is not there. Whoever writes by it compares its epoch with the
    /// tree's while nobody can change that, and calls [`Roll::anew`] where they differ.
    pub fn call(&self, rows: &mut impl Rows, wanted: &[(Day, &str)]) -> Result<Call, StoreError> {
        let mut call = self.units.lock().call(wanted);
        if call.found.iter().all(Option::is_some) {
            return Ok(call);
        }
        let missing = wanted.iter().zip(&call.found).filter(|(_, found)| found.is_none());
        let by_day = by_day(missing.map(|(wanted, _)| *wanted));
        rows.ahead([store::epoch_ask()].into_iter().chain(store::called::called_asks(&by_day)).collect())?;
        let epoch = store::tree_epoch(rows)?;
        if epoch != call.epoch {
            return self.anew(rows, epoch, wanted);
        }
        call.fill(rows, &by_day, wanted)?;
        Ok(call)
    }
    /// What was called, once it is known to hold in the moment that is read, and kept: for who only reads. The tree's
    /// epoch may have been sent ahead.
    pub fn checked(
        &self,
        rows: &mut impl Rows,
        call: Call,
        wanted: &[(Day, &str)],
    ) -> Result<Call, StoreError> {
        let epoch = store::tree_epoch(rows)?;
        let call = if epoch == call.epoch { call } else { self.anew(rows, epoch, wanted)? };
        self.keep(call.clone());
        Ok(call)
    }
    /// Codes and names of units on a day, as [`super::labels`], for who reads the tree at this epoch.
    pub fn labels(
        &self,
        rows: &mut impl Rows,
        epoch: i64,
        units: &[i64],
        on: Day,
    ) -> Result<HashMap<i64, (String, Names)>, StoreError> {
        let mut known = self.names.find(epoch, units);
        let unknown: Vec<i64> = unknown(units, &known);
        if !unknown.is_empty() {
            let read = store::labels::labels_ever(rows, &unknown)?.into_iter();
            let read: HashMap<i64, Arc<Label>> = read.map(|(unit, label)| (unit, Arc::new(label))).collect();
            for (place, unit) in known.iter_mut().zip(units).filter(|(place, _)| place.is_none()) {
                *place = read.get(unit).cloned();
            }
            self.names.keep(epoch, read.into_iter().map(|(unit, label)| (unit, label, 1)));
        }
        let labels = units.iter().zip(&known).filter_map(|(unit, label)| Some((*unit, label.as_ref()?)));
        Ok(labels.map(|(unit, label)| (unit, (label.code.clone(), label.on(on).clone()))).collect())
    }
    /// The question of [`Roll::labels`] about a few units, to be sent ahead; none where all are known.
    pub fn labels_ask(&self, epoch: i64, units: &[i64]) -> Option<Ask> {
        let unknown = unknown(units, &self.names.find(epoch, units));
        (!unknown.is_empty()).then(|| store::labels::labels_ask(&unknown))
    }
    /// Calls units from the tree, which has this epoch.
    pub fn anew(&self, rows: &mut impl Rows, epoch: i64, wanted: &[(Day, &str)]) -> Result<Call, StoreError> {
        let mut call = Call { epoch, found: vec![None; wanted.len()] };
        call.fill(rows, &by_day(wanted.iter().copied()), wanted)?;
        Ok(call)
    }
    /// Keeps what was called, once the write that read it is stored: a state of the tree that was never stored must not
    /// be remembered.
    pub fn keep(&self, call: Call) {
        self.units.lock().keep(call);
    }
}

impl Call {
    /// How the unit stands, of a call of one.
    pub fn only(&self) -> Option<&Standing> {
        self.found.first()?.as_ref().map(|called| &called.standing)
    }
    fn fill(
        &mut self,
        rows: &mut impl Rows,
        by_day: &BTreeMap<Day, BTreeSet<&str>>,
        wanted: &[(Day, &str)],
    ) -> Result<(), StoreError> {
        let mut read: HashMap<(Day, Arc<str>), Arc<Called>> = HashMap::new();
        for (day, codes) in by_day {
            let called = store::called::called_by_code(rows, codes, *day)?.into_iter();
            read.extend(called.map(|called| ((*day, called.standing.code.clone()), Arc::new(called))));
        }
        for (found, (day, code)) in self.found.iter_mut().zip(wanted).filter(|(found, _)| found.is_none()) {
            *found = read.get(&(*day, Arc::from(*code))).cloned();
        }
        Ok(())
    }
}

/// Those of some units whose names are not known.
fn unknown(units: &[i64], known: &[Option<Arc<Label>>]) -> Vec<i64> {
    units.iter().zip(known).filter(|(_, known)| known.is_none()).map(|(unit, _)| *unit).collect()
}

fn by_day<'c>(wanted: impl Iterator<Item = (Day, &'c str)>) -> BTreeMap<Day, BTreeSet<&'c str>> {
    let mut by_day: BTreeMap<Day, BTreeSet<&str>> = BTreeMap::new();
    for (day, code) in wanted {
        by_day.entry(day).or_default().insert(code);
    }
    by_day
}

impl Halves {
    fn call(&mut self, wanted: &[(Day, &str)]) -> Call {
        let found = wanted.iter().map(|(day, code)| {
            let known = match self.young.get(*code) {
                Some(known) => known.clone(),
                None => {
                    let (code, known) = self.old.remove_entry(*code)?;
                    self.young.insert(code, known.clone());
                    known
                }
            };
            (known.standing.since <= *day && *day < known.standing.until).then_some(known)
        });
        let found = found.collect();
        self.turn();
        Call { epoch: self.epoch, found }
    }
    fn keep(&mut self, call: Call) {
        if call.epoch < self.epoch {
            return;
        }
        if call.epoch > self.epoch {
            *self = Self { epoch: call.epoch, ..Self::default() };
        }
        for called in call.found.into_iter().flatten() {
            self.young.entry(called.standing.code.clone()).insert_entry(called);
        }
        self.turn();
    }
    /// When one half is full, what was not called since the last time is forgotten.
    fn turn(&mut self) {
        if self.young.len() >= HALF {
            self.old = std::mem::take(&mut self.young);
        }
    }
}
