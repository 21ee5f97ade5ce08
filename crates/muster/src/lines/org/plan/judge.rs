//! What becomes of each row.

use super::{Duty, KnownUnit, Planner, Verdict};
use crate::lines::org::check::{NewUnit, named};
use crate::lines::org::gb2260;
use crate::lines::org::model::Facts;
use crate::lines::org::place::Place;
use crate::lines::org::read::place_unknown;
use crate::lines::org::sheet::{Col, UnitRow};
use crate::lines::org::timeline::Patch;
use muster_kernel::{Day, Finding};

impl<'a> Planner<'a> {
    /// Decides each row, parents before what is below them.
    pub(super) fn judge(&mut self) {
        let mut begun = vec![false; self.wanted.len()];
        for start in 0..self.wanted.len() {
            if std::mem::replace(&mut begun[start], true) {
                continue;
            }
            let mut chain = vec![start];
            while let Some(parent) = chain.last().and_then(|at| self.wanted[*at].parent.as_ref())
                && let Some(above) = self.by_code.get(parent)
                && !std::mem::replace(&mut begun[*above], true)
            {
                chain.push(*above);
            }
            for at in chain.into_iter().rev() {
                if self.wanted[at].verdict != Verdict::Refused {
                    self.judge_one(at);
                }
            }
        }
    }

    fn judge_one(&mut self, at: usize) {
        if self.wanted[at].code.is_empty() {
            return;
        }
        match self.known.units.get(&self.wanted[at].code) {
            Some(unit) => self.judge_known(at, unit),
            None => self.judge_new(at),
        }
    }

    fn judge_new(&mut self, at: usize) {
        let implied;
        let row = match self.rows.rows.get(at) {
            Some(row) => row,
            None => {
                let levels = std::mem::take(&mut self.wanted[at].implied);
                implied = UnitRow { levels, ..UnitRow::default() };
                &implied
            }
        };
        if self.known.taken.contains(&self.wanted[at].code) {
            let finding = Finding::refuse("unit.code_taken").with("code", &self.wanted[at].code);
            return self.refuse(at, Col::Code, finding);
        }
        let parent = self.wanted[at].parent.clone().or_else(|| self.options.under.clone());
        let Ok((above_since, above_until)) = self.life_above(at, parent.as_deref()) else { return };
        let Some(names) = named(row.names()) else {
            return self.refuse(at, Col::NameZhHans, Finding::refuse("unit.name_missing"));
        };
        let since = row.opened.unwrap_or_else(|| self.options.day.max(above_since));
        let until = row.closed.unwrap_or(above_until);
        let above = || parent.clone().unwrap_or_default();
        if since < above_since {
            // A day of opening stays as it is once the unit is there; in a file it can still be written.
            let is_there = parent.as_ref().is_some_and(|parent| self.known.units.contains_key(parent));
            let word = if is_there { "unit.opens_before_known" } else { "unit.opens_before_parent" };
            let finding = Finding::refuse(word).with("parent", above()).with("since", above_since);
            return self.refuse(at, Col::Opened, finding.with("day", since));
        }
        if until > above_until {
            let finding = Finding::refuse("unit.outside_parent_life").with("parent", above());
            let finding = finding.with("since", above_since).with("until", above_until);
            return self.refuse(at, Col::Closed, finding);
        }
        if until <= since {
            return self.refuse(at, Col::Closed, Finding::refuse("unit.closed_before_opened"));
        }
        if row.opened.is_none() && since > self.options.day {
            // It was to open on the day of the file, and cannot.
            let finding = Finding::warn("unit.opens_with_parent").with("day", since);
            let finding = finding.with("parent", parent.as_deref().unwrap_or_default());
            self.tell(at, Col::Opened, finding);
        }
        let code = self.wanted[at].code.clone();
        if let Some(duty) = duty(row, &code, None) {
            self.plan.duties.push(duty);
        }
        self.look_up(at, row.place.flatten());
        let facts = Facts {
            names,
            kind: row.kind.clone().unwrap_or_else(|| "unit".to_owned()),
            place: row.place.flatten(),
            time_zone: row.time_zone.clone().unwrap_or_default(),
            classes: row.classes.clone().unwrap_or_default(),
        };
        self.wanted[at].verdict = Verdict::Added;
        self.wanted[at].since = Some(since);
        self.plan.creates.push(NewUnit { code, facts, parent, since, until });
    }

    /// Tells a place that no list knows: neither GB/T 2260 nor, as a unit that is a place, the file.
    fn look_up(&mut self, at: usize, place: Option<Place>) {
        let Some((place, unlisted)) = place.and_then(|place| Some((place, gb2260::unlisted(place)?))) else {
            return;
        };
        if !self.places.contains(&unlisted) {
            let finding = place_unknown(place);
            self.plan.findings.push(self.rows.at(at, Col::Place, finding));
        }
    }

    /// First and last day of the unit above; a refusal where there is none.
    fn life_above(&mut self, at: usize, parent: Option<&str>) -> Result<(Day, Day), ()> {
        let Some(parent) = parent else { return Ok((Day::from_number(i32::MIN), Day::OPEN_END)) };
        if let Some(unit) = self.known.units.get(parent) {
            return Ok((unit.opened, unit.closed));
        }
        let finding = match self.by_code.get(parent) {
            Some(above) => match self.wanted[*above].since {
                Some(since) => {
                    let closed = self.rows.rows.get(*above).and_then(|row| row.closed);
                    return Ok((since, closed.unwrap_or(Day::OPEN_END)));
                }
                None => Finding::refuse("unit.parent_refused"),
            },
            None if self.unread.contains(parent) => Finding::refuse("unit.parent_refused"),
            None => Finding::refuse("unit.parent_unknown"),
        };
        self.refuse(at, Col::Parent, finding.with("parent", parent));
        Err(())
    }

    fn judge_known(&mut self, at: usize, unit: &'a KnownUnit) {
        let Some(row) = self.rows.rows.get(at) else { return };
        let code = self.wanted[at].code.clone();
        let Some(facts) = unit.facts.as_ref().filter(|_| unit.open) else {
            let known = row.closed == Some(unit.closed) && unit.closed <= self.options.day;
            if !known {
                let word =
                    if unit.closed <= self.options.day { "unit.is_closed" } else { "unit.not_yet_open" };
                let day = if unit.closed <= self.options.day { unit.closed } else { unit.opened };
                self.refuse(at, Col::Code, Finding::refuse(word).with("code", &code).with("day", day));
            }
            return;
        };
        let mut verdict = Verdict::Unchanged;
        if row.opened.is_some_and(|opened| opened != unit.opened) {
            let finding = Finding::warn("unit.opened_stays").with("day", unit.opened);
            self.plan.findings.push(self.rows.at(at, Col::Opened, finding));
        }
        let closes = row.closed.filter(|closed| *closed != unit.closed);
        if let Some(closed) = closes
            && (unit.closed != Day::OPEN_END || closed <= unit.opened)
        {
            let finding = match unit.closed {
                Day::OPEN_END => Finding::refuse("unit.closed_before_opened"),
                closed => Finding::refuse("unit.closed_stays").with("day", closed),
            };
            return self.refuse(at, Col::Closed, finding);
        }
        let parent = self.wanted[at].parent.clone().filter(|parent| unit.parent.as_ref() != Some(parent));
        if let Some(parent) = parent {
            let Ok((since, until)) = self.life_above(at, Some(&parent)) else { return };
            if since > self.options.day || until < unit.closed {
                // One that stays open has no last day to be told.
                let finding = match until {
                    Day::OPEN_END => {
                        Finding::refuse("unit.moves_before_parent").with("day", self.options.day)
                    }
                    until => Finding::refuse("unit.outside_parent_life").with("until", until),
                };
                return self.refuse(at, Col::Parent, finding.with("parent", parent).with("since", since));
            }
            self.plan.moves.push((code.clone(), parent));
            verdict = Verdict::Changed;
        }
        let names = row.levels.last();
        let patch = Patch {
            zh_hans: row.zh_hans.as_ref().or(names).cloned(),
            zh_hant: row.zh_hant.clone(),
            en: row.en.clone(),
            kind: row.kind.clone(),
            place: row.place,
            time_zone: row.time_zone.clone(),
            classes: row.classes.clone(),
        };
        let patch = patch.against(facts);
        self.look_up(at, patch.place.flatten());
        if !patch.is_empty() {
            self.plan.changes.push((code.clone(), patch));
            verdict = Verdict::Changed;
        }
        if let Some(duty) = duty(row, &code, Some(unit)) {
            self.plan.duties.push(duty);
            verdict = Verdict::Changed;
        }
        if let Some(closed) = closes {
            self.plan.closes.push((code, closed));
            verdict = Verdict::Closed;
        }
        self.wanted[at].verdict = verdict;
    }
}

/// The duty post and telephone of a row, where they differ from what is known.
fn duty(row: &UnitRow, code: &str, known: Option<&KnownUnit>) -> Option<Duty> {
    let phone = row
        .phone
        .clone()
        .filter(|phone| known.and_then(|unit| unit.phone.as_ref()).map_or("", |p| p) != phone);
    let post = row.post.clone().filter(|post| known.and_then(|unit| unit.post.as_ref()) != Some(post));
    if phone.is_none() && post.is_none() {
        return None;
    }
    let name = row.post.clone().or_else(|| known.and_then(|unit| unit.post.clone()));
    Some((code.to_owned(), name.unwrap_or_else(|| "值班".to_owned()), phone))
}
