//! The units of spans and their sheets, gathered in as few journeys as can be: who lies in a span is mostly known, and
//! sheets of units that were made one after another are found together.

use super::below::{Member, Members, SPAN_MAX};
use super::query::Query;
use super::span::Span;
use super::store::{self, SheetRead, Want};
use crate::lines::org::Standing;
use muster_kernel::Day;
use muster_store::{Ask, Rows, StoreError};
use std::collections::BTreeMap;
use std::ops::Range;

/// So many spans of which it is not known who lies there are read together with their sheets, in one journey. Of more it is
/// read first who lies there, since sheets are then found several at a time.
const TOGETHER_MAX: usize = 2;

impl Query<'_> {
    /// Hands every unit of some spans that the form is asked of to `visit`, with its own sheet, if it has one: the place of
    /// its span in the list, itself, its sheet. In no order. The units of the spans, those of other kinds among them.
    pub(super) fn each_below(
        &self,
        rows: &mut impl Rows,
        want: Want,
        spans: &[(Day, Span)],
        mut visit: impl FnMut(usize, &Member, Option<&SheetRead<'_>>) -> Result<(), StoreError>,
    ) -> Result<Vec<Members>, StoreError> {
        let mut known = self.known_below(spans);
        let (unknown, asked) = unknown(spans, &known);
        let together = unknown.len() <= TOGETHER_MAX;
        if !unknown.is_empty() {
            let read = match together {
                true => store::members_and_sheets(
                    rows,
                    (self.operation, self.slot()),
                    &asked,
                    |n, member, sheet| match self.series.expects(&member.kind) {
                        true => visit(unknown[n], member, sheet),
                        false => Ok(()),
                    },
                )?,
                false => store::members_of_spans(rows, &asked)?,
            };
            for ((&at, span), members) in unknown.iter().zip(asked).zip(read) {
                let members: Members = members.into();
                if let Some((below, epoch)) = self.below {
                    below.keep(epoch, span, members.clone());
                }
                known[at] = Some(members);
            }
        }
        let members: Vec<Members> = known.into_iter().map(Option::unwrap_or_default).collect();
        let left = (0..spans.len()).filter(|at| !together || !unknown.contains(at));
        let roster = Roster::new(self, spans, &members, left);
        if roster.units.len() <= SPAN_MAX {
            rows.ahead(roster.asks(self, want))?;
        }
        let mut heard = vec![false; roster.units.len()];
        for (bucket, units) in &roster.by_bucket {
            roster.of_days(self, want, *bucket, units).each(rows, |day, unit, sheet| {
                let places = roster.places(day, unit);
                heard[places.clone()].fill(true);
                let mut places = roster.units[places].iter();
                places.try_for_each(|&(.., at, n)| visit(at, &members[at][n], Some(&sheet)))
            })?;
        }
        let silent = roster.units.iter().zip(heard).filter(|(_, heard)| !heard);
        silent.map(|(&(.., at, n), _)| (at, n)).try_for_each(|(at, n)| visit(at, &members[at][n], None))?;
        Ok(members)
    }

    /// What [`Query::each_below`] asks first of a few spans, to be sent ahead.
    pub(super) fn below_asks(&self, want: Want, spans: &[(Day, Span)]) -> Vec<Ask> {
        let known = self.known_below(spans);
        let (unknown, asked) = unknown(spans, &known);
        let mut asks = Vec::new();
        match unknown.len() {
            0 => {}
            1..=TOGETHER_MAX => {
                asks.push(store::members_and_sheets_ask((self.operation, self.slot()), &asked));
            }
            _ => return vec![store::members_ask(&asked)],
        }
        let members: Vec<Members> = known.into_iter().map(Option::unwrap_or_default).collect();
        let left = (0..spans.len()).filter(|at| !unknown.contains(at));
        asks.extend(Roster::new(self, spans, &members, left).asks(self, want));
        asks
    }

    /// Who lies below a unit on the day is known from now on: of one with many units, whose sheets are better found several
    /// at a time than each with its unit.
    pub(super) fn below_read(&self, rows: &mut impl Rows, path: &str) -> Result<(), StoreError> {
        let span = (self.day, Span::below(path));
        if let (Some((below, epoch)), [None]) =
            (self.below, &self.known_below(std::slice::from_ref(&span))[..])
        {
            let members = store::members_of_spans(rows, std::slice::from_ref(&span))?.pop();
            below.keep(epoch, span, members.unwrap_or_default().into());
        }
        Ok(())
    }
    /// Whether all units below one, where the form is asked, are few enough to look at them all at once: it keeps no total,
    /// or it is known who they are.
    pub(super) fn is_small(&self, node: &Standing) -> bool {
        let few = || {
            !self.is_kept(node.unit) || self.known_below(&[(self.day, Span::below(&node.path))])[0].is_some()
        };
        self.known_at_ms.is_none() && node.chain.contains(&self.series.unit) && few()
    }

    fn known_below(&self, spans: &[(Day, Span)]) -> Vec<Option<Members>> {
        self.below.map_or_else(|| vec![None; spans.len()], |(below, epoch)| below.find(epoch, spans))
    }
}

/// The spans whose units are not known: their places, themselves.
fn unknown(spans: &[(Day, Span)], known: &[Option<Members>]) -> (Vec<usize>, Vec<(Day, Span)>) {
    let unknown = known.iter().enumerate().filter(|(_, known)| known.is_none());
    unknown.map(|(at, _)| (at, spans[at].clone())).unzip()
}

/// Of whom a form is asked in some spans on their days.
struct Roster {
    /// Day, unit, place of the span in the list, place of the unit in it; in ascending order. A unit as often as it is in
    /// a span.
    units: Vec<(Day, i64, usize, usize)>,
    /// The days.
    days: Vec<Day>,
    /// The units by bucket, in ascending order.
    by_bucket: BTreeMap<i64, Vec<i64>>,
}

impl Roster {
    fn new(
        query: &Query<'_>,
        spans: &[(Day, Span)],
        members: &[Members],
        places: impl Iterator<Item = usize>,
    ) -> Self {
        let mut roster = Self { units: Vec::new(), days: Vec::new(), by_bucket: BTreeMap::new() };
        for at in places {
            let asked =
                members[at].iter().enumerate().filter(|(_, member)| query.series.expects(&member.kind));
            roster.units.reserve(members[at].len());
            // Mostly all of one bucket: it is looked up where it changes.
            let mut units: (i64, Vec<i64>) = (0, Vec::with_capacity(members[at].len()));
            for (n, member) in asked {
                roster.units.push((spans[at].0, member.unit, at, n));
                if member.bucket != units.0 {
                    roster.by_bucket.entry(units.0).or_default().append(&mut units.1);
                    units.0 = member.bucket;
                }
                units.1.push(member.unit);
            }
            roster.by_bucket.entry(units.0).or_default().append(&mut units.1);
        }
        roster.by_bucket.retain(|_, units| !units.is_empty());
        roster.units.sort_unstable();
        roster.days.extend(roster.units.iter().map(|(day, ..)| *day));
        roster.days.dedup();
        for units in roster.by_bucket.values_mut() {
            units.sort_unstable();
            units.dedup();
        }
        roster
    }
    /// What their sheets ask, to be sent ahead.
    fn asks(&self, query: &Query<'_>, want: Want) -> Vec<Ask> {
        let asks = |(bucket, units): (&i64, &Vec<i64>)| self.of_days(query, want, *bucket, units).asks();
        self.by_bucket.iter().flat_map(asks).collect()
    }
    /// The sheets of the units of a bucket. When they were written matters to who asks what was known once.
    fn of_days<'a>(
        &'a self,
        query: &Query<'_>,
        want: Want,
        bucket: i64,
        units: &'a [i64],
    ) -> store::OfDays<'a> {
        let key = (query.operation, bucket, query.slot());
        let want = if query.known_at_ms.is_some() { Want::Written } else { want };
        store::OfDays { key, days: &self.days, units, want }
    }
    /// Where a unit of a day stands among the units.
    fn places(&self, day: Day, unit: i64) -> Range<usize> {
        let from = self.units.partition_point(|&(d, u, ..)| (d, u) < (day, unit));
        let count = self.units[from..].iter().take_while(|&&(d, u, ..)| (d, u) == (day, unit)).count();
        from..from + count
    }
}
