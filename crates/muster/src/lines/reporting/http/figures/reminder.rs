//! The text that reminds those who have not reported, for a chat: whom it names, and how.

use crate::lines::org::{self, Standing};
use crate::lines::reporting::http::{Asked, UnitLabel};
use crate::lines::reporting::seen::Absent;
use crate::{Fail, say};
use muster_kernel::Locale;
use muster_store::Rows;
use std::collections::{BTreeSet, HashMap};

/// Names that the reminder tells; of more it says how many.
pub(super) const NAMES_MAX: usize = 100;

/// The text that reminds them: until the day is frozen they have not reported, from then on they are missing. Where nobody is,
/// it says so.
pub(super) fn reminder(
    asked: &Asked,
    (office, frozen): (&str, bool),
    cut_off: &str,
    (first, missing): (&[Told], i64),
) -> String {
    let args = [
        ("office", office.to_owned()),
        ("day", asked.day.to_string()),
        ("time", cut_off.get(11..16).unwrap_or_default().to_owned()),
        ("count", missing.to_string()),
        ("units", named(asked.ctx.locale, first, missing)),
    ];
    let args = args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let code = match (missing, frozen) {
        (0, _) => "missing.reminder_none",
        (_, true) => "missing.reminder_frozen",
        (_, false) => "missing.reminder",
    };
    say::say(asked.ctx.locale, code, &args)
}

/// A unit, and the one right above it where that is told.
pub(super) type Told = (UnitLabel, Option<UnitLabel>);

/// Some who are missing, in their order, each with the unit above it as far as it lies in the part that is looked at.
pub(super) fn with_above(
    rows: &mut impl Rows,
    asked: &Asked,
    own: &Standing,
    found: &[Absent],
) -> Result<Vec<Told>, Fail> {
    let units: Vec<i64> = found.iter().map(|absent| absent.unit).collect();
    let below_own = |standing: &Standing| standing.unit != own.unit;
    let standings = org::standings_on(rows, &units, asked.day)?.into_iter().filter(below_own);
    let parents: HashMap<i64, i64> = standings.map(|standing| (standing.unit, standing.parent)).collect();
    let all: BTreeSet<i64> = units.iter().chain(parents.values()).copied().collect();
    let named = asked.labels(rows, &all.into_iter().collect::<Vec<_>>())?;
    let above = |unit: &i64| named.get(parents.get(unit)?).cloned();
    Ok(units.iter().filter_map(|unit| Some((named.get(unit)?.clone(), above(unit)))).collect())
}

/// Names by which units are told apart: of those that share one, with the name of the unit above in brackets; where they share
/// that too, or there is none, with their code.
fn told_apart(locale: Locale, units: &[Told]) -> Vec<String> {
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut pairs: HashMap<(&str, &str), usize> = HashMap::new();
    for (unit, above) in units {
        *names.entry(&unit.name).or_default() += 1;
        if let Some(above) = above {
            *pairs.entry((&unit.name, &above.name)).or_default() += 1;
        }
    }
    let name = |(unit, above): &Told| {
        if names[unit.name.as_str()] == 1 {
            return unit.name.clone();
        }
        let above = above.as_ref().map(|above| above.name.as_str());
        let by = above.filter(|above| pairs[&(unit.name.as_str(), *above)] == 1).unwrap_or(&unit.code);
        let args = [("name".to_owned(), unit.name.clone()), ("by".to_owned(), by.to_owned())];
        say::say(locale, "missing.name_by", &args.into())
    };
    units.iter().map(name).collect()
}

/// Names as the reminder tells them, and how many more there are than are named.
fn named(locale: Locale, units: &[Told], missing: i64) -> String {
    let names = told_apart(locale, &units[..units.len().min(NAMES_MAX)]);
    let more = usize::try_from(missing).unwrap_or_default().saturating_sub(names.len());
    // Not a comma: names hold commas themselves.
    let names = names.join(&say::word(locale, "list.names"));
    if more == 0 {
        return names;
    }
    let args = [("names".to_owned(), names), ("more".to_owned(), more.to_string())];
    say::say(locale, "missing.names_more", &args.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_name_are_told_apart() {
        let label = |code: &str, name: &str| UnitLabel { code: code.into(), name: name.into() };
        let check = |units: &[(&str, &str, &str)], expected: &str| {
            let told = |(code, name, above): &(&str, &str, &str)| {
                (label(code, name), (!above.is_empty()).then(|| label("X", above)))
            };
            let units: Vec<Told> = units.iter().map(told).collect();
            assert_eq!(told_apart(Locale::ZhCn, &units).join("、"), expected);
        };
        check(&[("a", "甲", "上"), ("b", "乙", "上")], "甲、乙");
        check(
            &[("a", "物业公司", "甲"), ("b", "物业公司", "乙"), ("c", "丙", "乙")],
            "物业公司（甲）、物业公司（乙）、丙",
        );
        check(
            &[("a", "物业", "甲"), ("b", "物业", "甲"), ("c", "物业", "乙")],
            "物业（a）、物业（b）、物业（乙）",
        );
        check(&[("a", "物业", ""), ("b", "物业", "甲")], "物业（a）、物业（甲）");
    }
}
