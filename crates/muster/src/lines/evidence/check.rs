//! Whose an entry is. Pure: what the tree and the accounts say comes in as an argument.

use super::model::Subject;
use muster_kernel::Day;
use std::collections::HashMap;

/// Stretches of days, in order: from the first, before the second.
pub(super) type Days = Vec<(Day, Day)>;

/// What part of the journal somebody may see.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    /// Whether it is the whole: of everything, and also of what is about no unit.
    pub(super) is_whole: bool,
    /// The days on which a unit lies within; one that is not here was not looked up.
    pub(super) units: HashMap<i64, Days>,
    /// The units at which accounts are.
    pub(super) accounts: HashMap<String, i64>,
    /// The units of codes that are open today.
    pub(super) codes: HashMap<String, i64>,
}

impl Sight {
    /// Whether an entry about a subject, of a day, may be seen.
    pub(super) fn covers(&self, subject: &Subject, day: Day) -> bool {
        if self.is_whole {
            return true;
        }
        match subject {
            Subject::Unit(unit) => self.has(*unit, day),
            Subject::Account(id) => self.accounts.get(id).is_some_and(|unit| self.has(*unit, day)),
            Subject::Contacts(_) => subject
                .contacts_unit()
                .and_then(|code| self.codes.get(code))
                .is_some_and(|unit| self.has(*unit, day)),
            _ => false,
        }
    }
    fn has(&self, unit: i64, day: Day) -> bool {
        let days = self.units.get(&unit).into_iter().flatten();
        days.into_iter().any(|(since, until)| *since <= day && day < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_whole_is_for_who_sees_the_whole() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let own: Days = vec![(day("2020-01-01"), day("2020-02-03"))];
        let sight = Sight {
            is_whole: false,
            units: HashMap::from([(7, own)]),
            accounts: HashMap::from([("liu".into(), 7), ("wang".into(), 8), ("top".into(), 0)]),
            codes: HashMap::from([("G7".into(), 7), ("G8".into(), 8)]),
        };
        let account = |id: &str| Subject::Account(id.into());
        for (subject, on, seen) in [
            (Subject::Unit(7), "2020-02-02", true),
            (Subject::Unit(7), "2020-02-03", false),
            (Subject::Unit(8), "2020-02-02", false),
            (account("liu"), "2020-02-02", true),
            (account("liu"), "2020-02-03", false),
            (account("wang"), "2020-02-02", false),
            (account("top"), "2020-02-02", false),
            (account("none"), "2020-02-02", false),
            (Subject::of("contacts:unit:G7"), "2020-02-02", true),
            (Subject::of("contacts:unit:G7"), "2020-02-03", false),
            (Subject::of("contacts:unit:G8"), "2020-02-02", false),
            (Subject::of("contacts:unit:G9"), "2020-02-02", false),
            (Subject::of("contacts:place:340100"), "2020-02-02", false),
            (Subject::of("privacy"), "2020-02-02", false),
            (Subject::Operation, "2020-02-02", false),
            (Subject::Tree, "2020-02-02", false),
            (Subject::Brief(1, day("2020-02-02")), "2020-02-02", false),
        ] {
            assert_eq!(sight.covers(&subject, day(on)), seen, "{subject:?} {on}");
            assert!(Sight { is_whole: true, ..sight.clone() }.covers(&subject, day(on)));
        }
    }
}
