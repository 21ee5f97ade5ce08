//! The demonstration's seed: a simulated supervising body, its groups, firms and sites, and forty days of reports.
//!
//! Pure: [`generate`] answers plain values, the same on every machine; `muster demo` files them through the verbs
//! that anybody's reports take. Everything is invented and labelled so: the groups bear the first twenty-eight
//! characters of the Thousand Character Classic, which have always served for numbering (天字號, 地字號), telephones
//! begin with an area code that does not exist, and nobody has a name. Only the place codes are real, so that a view
//! by place has something to stand on.

mod days;
mod dice;
mod form;
mod names;
mod scaled;
mod today;
mod tree;

pub use form::{ELEMENTS, Element, FormVersion, NUMBERS, RATES, Rate, element, form_versions};
pub use names::Names;
pub use scaled::Scaled;
pub use tree::{ClassName, PLACES, Place};

use muster_kernel::Day;

/// The seed that `muster demo` uses and the README tells of.
pub const SEED: u64 = 20_200_203;

/// 2020-02-03, the day of the meeting it all began with.
pub const TODAY: Day = Day::from_number(18_295);
/// 2019-12-26: forty days, the last of them today.
pub const FIRST_DAY: Day = TODAY.plus(-39);
/// Minutes after midnight at which the clock stands when the demonstration opens: 14:47.
pub const OPENS_MINUTE: u32 = 14 * 60 + 47;
/// Minutes after midnight of the cut-off: 15:00.
pub const CUT_OFF_MINUTE: u32 = 15 * 60;
/// The simulated body's only time zone.
pub const TIME_ZONE: &str = "Asia/Shanghai";
/// Its offset from UTC in these days, in milliseconds.
const OFFSET_MS: i64 = 8 * 3_600_000;

/// The instant (milliseconds UTC) of a second of a simulated day.
pub const fn instant(day: Day, second: u32) -> i64 {
    day.number() as i64 * 86_400_000 + second as i64 * 1000 - OFFSET_MS
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The supervising body itself; the root.
    Regulator,
    /// One of its own departments or sub-groups; reports nothing in the demonstration.
    Department,
    /// A group company.
    Group,
    /// A second-tier firm.
    Firm,
    /// A site: mine, works, project, station, shop.
    Site,
}

/// A unit as it was on the first day; what changed later is in [`Seed::changes`].
#[derive(Clone, Debug, serde::Serialize)]
pub struct Unit {
    /// Unique, stable: `AQ`, `AQ-D03`, `G07`, `G07-F02`, `G07-F02-S04`.
    pub code: String,
    /// In three scripts.
    pub names: Names,
    /// What it is.
    pub kind: Kind,
    /// Index of the unit above; the root has none. Always smaller than the unit's own index.
    pub parent: Option<u32>,
    /// GB/T 2260 code of the city it lies in (340100).
    pub place: u32,
    /// Codes of its classes, of [`Seed::classes`].
    pub classes: Vec<&'static str>,
    /// The first day on which it is open.
    pub opened: Day,
    /// The first day on which it no longer is.
    pub closed: Option<Day>,
}

/// A dated change of the tree.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Change {
    /// The first day it holds.
    pub day: Day,
    /// Index of the unit.
    pub unit: u32,
    /// What changed.
    pub what: What,
}

/// What a [`Change`] changes. Opening and closing stand in the unit itself.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It reports to another unit, by index.
    Moved(u32),
    /// It has another name.
    Renamed(Names),
}

/// A post with a duty telephone. Nobody holds it: the demonstration has no persons.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Post {
    /// Index of the unit.
    pub unit: u32,
    /// Unique at the unit.
    pub code: &'static str,
    /// In three scripts.
    pub names: Names,
    /// Fictional: the area code 000 does not exist.
    pub duty_phone: String,
}

/// A role one can take in the demonstration instead of a login.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Role {
    /// `office`, `group`, `firm`, `clerk`.
    pub id: &'static str,
    /// In three scripts.
    pub names: Names,
    /// Index of the unit it acts for.
    pub unit: u32,
}

/// What is said: figures, or a signed zero for every event of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Figures.
    Values,
    /// A zero report. State figures may stand beside it.
    Zero,
}

/// Of whom it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This unit alone.
    Alone,
    /// With all below it.
    Below,
}

/// A report, or a correction of one: then `reason` is set and `values` holds only what changes.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Report {
    /// Index of the unit.
    pub unit: u32,
    /// The day reported on.
    pub day: Day,
    /// When it is filed (milliseconds UTC); after the day's cut-off it is late.
    pub at: i64,
    /// What is said.
    pub act: Act,
    /// Of whom.
    pub scope: Scope,
    /// By index into [`ELEMENTS`]; nothing where it is not said, or not asked on that day.
    pub values: [Option<i64>; NUMBERS],
    /// The text element `difficulties`.
    pub difficulties: Option<String>,
    /// Why a correction corrects.
    pub reason: Option<&'static str>,
}

/// Something that happened and was told at once, outside the daily form.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Incident {
    /// Index of the unit.
    pub unit: u32,
    /// When it was told (milliseconds UTC).
    pub at: i64,
    /// Code of the event element.
    pub element: &'static str,
    /// How many.
    pub value: i64,
    /// In the words of who told it.
    pub text: &'static str,
}

/// The units that the five minutes walk past, by index.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Cast {
    /// The clerk's site on the phone: has not reported at 14:47; would at 14:59:30 if nobody took the role.
    pub clerk: u32,
    /// Signed zero at 14:05; an incident at 14:31 says one fever.
    pub contradiction: u32,
    /// Corrected a figure today, with a reason.
    pub revised: u32,
}

/// Everything the demonstration is made of.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Seed {
    /// What it was drawn from.
    pub seed: u64,
    /// Classes: industries and key units.
    pub classes: Vec<ClassName>,
    /// Root first, each after its parent.
    pub units: Vec<Unit>,
    /// By day.
    pub changes: Vec<Change>,
    /// Duty posts of all that report, and of the office.
    pub posts: Vec<Post>,
    /// For the role switch.
    pub roles: Vec<Role>,
    /// Filed before 14:47 of the last day, in the order of filing.
    pub reports: Vec<Report>,
    /// Filed while the demonstration runs, between 14:47 and 15:00, in order; left out for a unit that has
    /// reported by then.
    pub later: Vec<Report>,
    /// By time.
    pub incidents: Vec<Incident>,
    /// Whom the five minutes are about.
    pub cast: Cast,
}

impl Seed {
    /// Whether a unit is expected to report on a day.
    pub fn expects(&self, unit: u32, day: Day) -> bool {
        let unit = &self.units[unit as usize];
        let reports = matches!(unit.kind, Kind::Group | Kind::Firm | Kind::Site);
        reports && unit.opened <= day && unit.closed.is_none_or(|closed| day < closed)
    }

    /// The indices of the units that have not reported on the last day when everything in `later` has come in.
    pub fn missing_today(&self) -> Vec<u32> {
        let mut said = vec![false; self.units.len()];
        for report in self.reports.iter().chain(&self.later) {
            said[report.unit as usize] |= report.day == TODAY && report.scope == Scope::Alone;
        }
        (0..self.units.len() as u32).filter(|u| self.expects(*u, TODAY) && !said[*u as usize]).collect()
    }
}

/// Draws the whole seed. Under half a second; the same for the same number, always.
pub fn generate(seed: u64) -> Seed {
    let tree = tree::draw(seed);
    let told = days::tell(seed, &tree);
    Seed {
        seed,
        classes: tree::classes(),
        posts: tree::posts(&tree),
        roles: tree::roles(&tree),
        units: tree.units,
        changes: tree.changes,
        reports: told.reports,
        later: told.later,
        incidents: told.incidents,
        cast: tree.cast,
    }
}

#[cfg(test)]
mod tests;
