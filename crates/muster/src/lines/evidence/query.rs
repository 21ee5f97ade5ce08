//! Reading the journal: in steps through the lanes, or along the links of one subject.

use super::check::Sight;
use super::model::{LOOKED_MAX, Place, Step, Subject, WALKED_MAX, Wanted};
use crate::lines::{access, org};
use crate::{Ctx, Reach};
use muster_kernel::Day;
use muster_store::{
    BACKWARDS_MS, Glance, Link, Result, Rows, heads, journal_glances, journal_read, lanes_before,
};
use std::collections::{HashMap, VecDeque};

/// Entries of a lane that are read at a time.
const READ: i64 = 1_000;

/// What the caller may see, looked up as it is needed.
pub(super) struct Viewer<'c> {
    ctx: &'c Ctx,
    /// The caller's own part, and the node that is asked about where it is another.
    reaches: Vec<Reach>,
    sight: Sight,
}

impl<'c> Viewer<'c> {
    /// Of the caller's own part, and within it of a node.
    pub(super) fn new(ctx: &'c Ctx, is_at_top: bool, node: Option<i64>) -> Self {
        let own = if is_at_top { Reach::All } else { ctx.reach.clone() };
        let reaches: Vec<Reach> = [Some(own), node.map(Reach::under)]
            .into_iter()
            .flatten()
            .filter(|reach| *reach != Reach::All)
            .collect();
        let is_whole = reaches.is_empty();
        let sight =
            Sight { is_whole, units: HashMap::new(), accounts: HashMap::new(), codes: HashMap::new() };
        Self { ctx, reaches, sight }
    }

    /// Keeps of some entries those that may be seen: at most three questions for what is not known yet.
    pub(super) fn keep(&mut self, rows: &mut impl Rows, entries: Vec<Glance>) -> Result<Vec<Glance>> {
        if self.sight.is_whole {
            return Ok(entries);
        }
        let subjects: Vec<Subject> = entries.iter().map(|entry| Subject::of(&entry.subject)).collect();
        let mut accounts: Vec<String> = subjects.iter().filter_map(account).cloned().collect();
        self.accounts(rows, &mut accounts)?;
        let codes = subjects.iter().filter_map(Subject::contacts_unit);
        let mut codes: Vec<&str> = codes.filter(|code| !self.sight.codes.contains_key(*code)).collect();
        codes.sort_unstable();
        codes.dedup();
        for stands in org::standings_by_code(rows, &codes, self.ctx.today())? {
            self.sight.codes.insert(stands.code.to_string(), stands.unit);
        }
        let at_units = |subject: &Subject| match subject {
            Subject::Unit(unit) => Some(*unit),
            Subject::Contacts(_) => {
                subject.contacts_unit().and_then(|code| self.sight.codes.get(code)).copied()
            }
            subject => account(subject).and_then(|id| self.sight.accounts.get(id).copied()),
        };
        let mut units: Vec<i64> = subjects.iter().filter_map(at_units).collect();
        self.units(rows, &mut units)?;
        let is_seen = |(entry, subject): &(Glance, Subject)| {
            self.sight.covers(subject, Day::of_instant(entry.at, &self.ctx.zone))
        };
        Ok(entries.into_iter().zip(subjects).filter(is_seen).map(|(entry, _)| entry).collect())
    }

    /// Whether an account's name may be told: its unit lies within today.
    pub(super) fn knows(&mut self, rows: &mut impl Rows, units: &[i64]) -> Result<Vec<bool>> {
        let mut wanted = units.to_vec();
        if !self.sight.is_whole {
            self.units(rows, &mut wanted)?;
        }
        let today = self.ctx.today();
        Ok(units.iter().map(|unit| self.sight.covers(&Subject::Unit(*unit), today)).collect())
    }

    fn accounts(&mut self, rows: &mut impl Rows, wanted: &mut Vec<String>) -> Result<()> {
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|id| !self.sight.accounts.contains_key(id));
        self.sight.accounts.extend(access::account_homes(rows, wanted)?);
        Ok(())
    }

    fn units(&mut self, rows: &mut impl Rows, wanted: &mut Vec<i64>) -> Result<()> {
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|unit| *unit != 0 && !self.sight.units.contains_key(unit));
        if wanted.is_empty() {
            return Ok(());
        }
        let mut known = org::units_own_days(rows, &self.reaches, wanted)?;
        for unit in wanted.drain(..) {
            self.sight.units.insert(unit, known.remove(&unit).unwrap_or_default());
        }
        Ok(())
    }
}

fn account(subject: &Subject) -> Option<&String> {
    match subject {
        Subject::Account(id) => Some(id),
        _ => None,
    }
}

/// A lane on its way back.
struct Lane {
    lane: i32,
    /// Up to which number nothing was read yet.
    unread: i64,
    /// What was read, the latest first; whether each is to be told.
    read: VecDeque<(Glance, bool)>,
}

impl Lane {
    /// Up to which number nothing was looked at yet.
    fn unseen(&self) -> i64 {
        self.read.front().map_or(self.unread, |(entry, _)| entry.link.no)
    }
}

/// One step through the lanes, the latest first, on from a place.
pub(super) fn step(
    rows: &mut impl Rows,
    viewer: &mut Viewer<'_>,
    wanted: &Wanted,
    from: Option<Vec<(i32, i64)>>,
    limit: usize,
) -> Result<Step> {
    let ends = heads(rows)?;
    let began = match (from, wanted.until_ms) {
        // A cursor beyond the end of a lane, or of a lane that there is not, is one that nobody was given.
        (Some(from), _) => {
            let end = |lane: i32| ends.iter().find(|head| head.lane == lane).map_or(0, |head| head.no);
            from.into_iter().map(|(lane, no)| (lane, no.min(end(lane)))).collect()
        }
        (None, Some(until)) => lanes_before(rows, &ends, until)?,
        (None, None) => ends.iter().map(|head| (head.lane, head.no)).collect::<Vec<_>>(),
    };
    let mut lanes: Vec<Lane> =
        began.into_iter().map(|(lane, unread)| Lane { lane, unread, read: VecDeque::new() }).collect();
    let mut step = Step::default();
    // Older than this nothing of the lane is looked for any more, however its instants fell.
    let over_ms = wanted.from_ms.map(|from| from.saturating_sub(BACKWARDS_MS));
    loop {
        for lane in lanes.iter_mut().filter(|lane| lane.read.is_empty() && lane.unread > 0) {
            refill(rows, viewer, wanted, lane)?;
        }
        // The lane whose next entry is the latest.
        let latest = |lane: &&mut Lane| lane.read.front().map(|(entry, _)| (entry.at, entry.link.lane));
        let Some(lane) = lanes.iter_mut().filter(|lane| !lane.read.is_empty()).max_by_key(latest) else {
            return Ok(step);
        };
        if step.looked >= LOOKED_MAX || step.found.len() >= limit {
            let on = lanes.iter().map(|lane| (lane.lane, lane.unseen())).collect();
            step.more = Some(Place::Lanes(on));
            return Ok(step);
        }
        let Some((entry, is_told)) = lane.read.pop_front() else { continue };
        if over_ms.is_some_and(|over| entry.at < over) {
            lane.read.clear();
            lane.unread = 0;
            continue;
        }
        step.looked += 1;
        step.back_to_ms = Some(step.back_to_ms.map_or(entry.at, |back| back.min(entry.at)));
        if is_told {
            step.found.push(entry);
        }
    }
}

fn refill(rows: &mut impl Rows, viewer: &mut Viewer<'_>, wanted: &Wanted, lane: &mut Lane) -> Result<()> {
    let read = journal_glances(rows, lane.lane, (0, lane.unread), READ)?;
    lane.unread = read.last().map_or(0, |last| last.link.no - 1);
    let hoped = read.iter().filter(|entry| wanted.is(entry)).cloned().collect();
    let told: std::collections::HashSet<i64> =
        viewer.keep(rows, hoped)?.into_iter().map(|entry| entry.link.no).collect();
    lane.read =
        read.into_iter().map(|entry| (entry.link.no, entry)).map(|(no, e)| (e, told.contains(&no))).collect();
    Ok(())
}

/// One step along the links of a subject, on from one of its entries.
pub(super) fn walk(
    rows: &mut impl Rows,
    viewer: &mut Viewer<'_>,
    wanted: &Wanted,
    subject: &str,
    from: Option<Link>,
    limit: usize,
) -> Result<Step> {
    let mut step = Step::default();
    let mut next = from;
    while let Some(link) = next {
        if step.looked >= WALKED_MAX || step.found.len() >= limit {
            step.more = Some(Place::Walk(link));
            break;
        }
        let Some(stored) = journal_read(rows, link)? else { break };
        // A unit that came with a file shares its entry; what came before that file is not its own.
        next = stored.prev.filter(|_| stored.subject == subject);
        let entry = Glance {
            link: stored.link,
            at: stored.at,
            actor: stored.actor,
            action: stored.action,
            subject: stored.subject,
            prev: stored.prev,
            hash: stored.hash,
        };
        step.looked += 1;
        step.back_to_ms = Some(step.back_to_ms.map_or(entry.at, |back| back.min(entry.at)));
        if wanted.is(&entry) {
            step.found.extend(viewer.keep(rows, vec![entry])?);
        }
    }
    Ok(step)
}
