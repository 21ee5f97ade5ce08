//! The last day: who is missing, who comes in late, and the few reports the five minutes walk past.

use super::dice::Dice;
use super::form::at;
use super::tree::Tree;
use super::{Act, Incident, Kind, NUMBERS, OPENS_MINUTE, Report, Scope, TODAY, instant};

/// Units that do not report on the last day at all.
const MISSING: usize = 12;
/// Units that report between 14:47 and 15:00, the clerk's not counted.
const LATER: usize = 40;
/// A group whose own total agrees exactly with its parts; none of its units is missing or late today.
const AGREES: usize = 5;

/// Who is not heard on the last day, and who is heard late.
pub(crate) struct Absent {
    pub(crate) missing: Vec<u32>,
    later: Vec<u32>,
    clerk: u32,
}

impl Absent {
    pub(crate) fn today(seed: u64, tree: &Tree) -> Self {
        let cast = tree.cast;
        let (mut dice, mut missing, mut later) = (Dice::of(&[seed, 6]), Vec::new(), Vec::new());
        let agrees = format!("G{:02}", AGREES + 1);
        while missing.len() < MISSING || later.len() < LATER {
            let u = dice.below(tree.units.len() as u64) as u32;
            let unit = &tree.units[u as usize];
            // Two firms are among the missing, so that it is not only the smallest who forget.
            let fits = unit.kind == if missing.len() < 2 { Kind::Firm } else { Kind::Site };
            let taken = [cast.clerk, cast.contradiction, cast.revised].contains(&u)
                || missing.contains(&u)
                || later.contains(&u);
            if !fits || taken || unit.closed.is_some() || unit.code.starts_with(&agrees) {
                continue;
            }
            if missing.len() < MISSING { missing.push(u) } else { later.push(u) }
        }
        Self { missing, later, clerk: cast.clerk }
    }

    /// The second of the day at which a unit comes in late today: spread evenly, the clerk's site last.
    pub(crate) fn later_second(&self, unit: u32) -> Option<u32> {
        if unit == self.clerk {
            return Some(14 * 3600 + 59 * 60 + 30);
        }
        let place = self.later.iter().position(|u| *u == unit)? as u32;
        Some(OPENS_MINUTE * 60 + 20 + place * 17 + place % 5)
    }
}

/// What the five minutes need of single reports of the last day.
pub(crate) fn special(tree: &Tree, report: &mut Report) {
    let cast = tree.cast;
    if report.unit == cast.contradiction {
        for event in [at::FEVER, at::SUSPECTED, at::CONFIRMED] {
            report.values[event] = None;
        }
        (report.act, report.at) = (Act::Zero, instant(TODAY, 14 * 3600 + 5 * 60));
    }
    if report.unit == cast.revised {
        report.at = instant(TODAY, 9 * 3600 + 18 * 60);
        report.values[at::HEAVY_HIT] = Some(9);
    }
}

/// The correction that the five minutes open: of a state, so that what was signed zero stays so.
pub(crate) fn revision(tree: &Tree, reports: &[Report]) -> Option<Report> {
    let first = reports.iter().find(|report| report.unit == tree.cast.revised && report.day == TODAY)?;
    let mut values = [None; NUMBERS];
    values[at::HEAVY_HIT] = Some(6);
    Some(Report {
        unit: tree.cast.revised,
        day: TODAY,
        at: instant(TODAY, 11 * 3600 + 42 * 60),
        act: first.act,
        scope: Scope::Alone,
        values,
        difficulties: None,
        reason: Some("三人已于一月二十二日返回，重复计入，现予更正。"),
    })
}

/// Three groups also state their own totals today: one agrees with its parts, two do not.
pub(crate) fn statements(tree: &Tree, reports: &[Report]) -> Vec<Report> {
    [(AGREES, 0, 0), (14, 0, 18), (22, -2, 0)]
        .iter()
        .map(|(group, heavy_hit, staff)| {
            let code = format!("G{:02}", group + 1);
            let inside = |r: &&Report| r.day == TODAY && tree.units[r.unit as usize].code.starts_with(&code);
            let sum = |e: usize| reports.iter().filter(inside).filter_map(|r| r.values[e]).sum::<i64>();
            let mut values = [None; NUMBERS];
            values[at::ON_REGISTER] = Some(sum(at::ON_REGISTER) + staff);
            values[at::HEAVY_HIT] = Some(sum(at::HEAVY_HIT) + heavy_hit);
            Report {
                unit: tree.units.iter().position(|unit| unit.code == code).unwrap_or(0) as u32,
                day: TODAY,
                at: instant(TODAY, 14 * 3600 + 40 * 60 + *group as u32),
                act: Act::Values,
                scope: Scope::Below,
                values,
                difficulties: None,
                reason: None,
            }
        })
        .collect()
}

/// Incidents: some days' fevers told at once, and the one that contradicts a zero.
pub(crate) fn incidents(seed: u64, tree: &Tree, reports: &[Report]) -> Vec<Incident> {
    let mut dice = Dice::of(&[seed, 9]);
    let fevers: Vec<&Report> = reports
        .iter()
        .filter(|r| r.reason.is_none() && r.day >= TODAY.plus(-9) && r.values[at::FEVER].unwrap_or(0) > 0)
        .collect();
    let mut incidents: Vec<Incident> = (0..14)
        .map(|_| {
            let report = dice.pick(&fevers);
            let at = report.at - dice.between(4, 40) * 60_000;
            let value = report.values[at::FEVER].unwrap_or(1);
            Incident {
                unit: report.unit,
                at,
                element: "fever",
                value,
                text: "测温发现发热，已按预案隔离观察。",
            }
        })
        .collect();
    incidents.push(Incident {
        unit: tree.cast.contradiction,
        at: instant(TODAY, 14 * 3600 + 31 * 60),
        element: "fever",
        value: 1,
        text: "午后测温一人38.1℃，已送隔离观察点。",
    });
    incidents.sort_by_key(|incident| (incident.unit, incident.at));
    incidents.dedup_by_key(|incident| incident.unit);
    incidents.sort_by_key(|incident| (incident.at, incident.unit));
    incidents
}
