//! What must come of a request, reckoned from data alone: the door's row, what a role may do, where it stands in the tree.

use super::Sample;
use muster::lines::access::Role;
use muster::serve::guards::{About, Door, Guard};
use std::collections::BTreeSet;

/// Where they stand, seen from F21, of which most doors are asked; the widest last, who does in earnest what the others
/// only look at.
pub(super) const PLACES: &[(&str, &str)] =
    &[("below", "B1"), ("beside", "G1"), ("inside", "F21"), ("above", "R")];

/// Doors whose sample names a second unit, which must be within one's part as well.
pub(super) const ALSO: &[(&str, &str, &str)] =
    &[("POST", "/units/merge", "G1"), ("POST", "/units/{code}/move", "G1")];

/// Every unit of the story, from the top down to it.
pub(super) const TREE: &[&[&str]] = &[
    &["R"],
    &["R", "D"],
    &["R", "G1"],
    &["R", "G1", "F11"],
    &["R", "G1", "F11", "S111"],
    &["R", "G1", "F11", "S112"],
    &["R", "G1", "F12"],
    &["R", "G1", "F12", "S121"],
    &["R", "G2"],
    &["R", "G2", "F21"],
    &["R", "G2", "F21", "S211"],
    &["R", "G2", "F21", "X1"],
    &["R", "G2", "F21", "X2"],
    &["R", "G2", "F21", "X3"],
    &["R", "G2", "F21", "X4"],
    &["R", "G2", "F21", "B1"],
];

/// The units from the top down to one.
pub(super) fn chain(unit: &str) -> &'static [&'static str] {
    TREE.iter().find(|chain| chain.last() == Some(&unit)).unwrap()
}

/// Somebody who walks.
pub(super) struct Walker {
    pub(super) role: Role,
    pub(super) place: &'static str,
    pub(super) unit: &'static str,
    pub(super) token: String,
}

impl Walker {
    pub(super) fn at(&self, sample: &Sample) -> String {
        format!("{} {} as {:?} {}", sample.method, sample.path, self.role, self.place)
    }

    pub(super) fn covers(&self, unit: &str) -> bool {
        chain(unit).contains(&self.unit)
    }

    /// Codes of which it may not know: of units outside its part that are not above it either.
    pub(super) fn unknown_units(&self) -> BTreeSet<&'static str> {
        let all = TREE.iter().filter_map(|chain| chain.last().copied());
        all.filter(|code| !self.covers(code) && !chain(self.unit).contains(code)).collect()
    }
}

/// What must come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This code, with this status.
    Refused(u16, &'static str),
    /// As if what is named were not there.
    Unknown,
    /// An answer that refuses every row.
    NoRow,
    /// Not one of these.
    In,
}

const FORBIDDEN: Wanted = Wanted::Refused(403, "permission.lacking");

/// What must come of it when they send a sample to a door that is then about this; `separated`: once three administrators
/// are appointed, and no office lets people in.
pub(super) fn wanted(door: &Door, about: About, sample: &Sample, walker: &Walker, separated: bool) -> Wanted {
    let permission = match door.guard {
        Guard::Link => return Wanted::Refused(401, "link.needed"),
        Guard::Demo => return Wanted::Refused(404, "request.no_such_path"),
        Guard::Session | Guard::Open => return Wanted::In,
        Guard::May(permission) => permission,
    };
    let given_up = separated && walker.role == Role::Office && permission.governs();
    let at_top = walker.unit == "R";
    if !walker.role.permissions().contains(&permission) || given_up || permission.is_of_the_whole() && !at_top
    {
        return FORBIDDEN;
    }
    let also = ALSO.iter().filter(|one| (one.0, one.1) == (sample.method, sample.path)).map(|one| one.2);
    let covered = [sample.unit].into_iter().chain(also).all(|unit| unit.is_empty() || walker.covers(unit));
    match about {
        About::Own => Wanted::In,
        About::Whole if at_top => Wanted::In,
        About::Whole => Wanted::Unknown,
        About::Unit | About::Rows if covered => Wanted::In,
        About::Unit => Wanted::Unknown,
        About::Rows => Wanted::NoRow,
    }
}
