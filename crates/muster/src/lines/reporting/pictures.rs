//! What lies below nodes, on days: many nodes and many days in a handful of statements, for one is a batch of one.
//!
//! A node with many units below keeps its total as a row. Any other is added up from its sheets: the units of all spans
//! are read in one range each, then their sheets by key.

use super::model::{Act, Sheet};
use super::query::Query;
use super::read::Picture;
use super::rollup::{Fit, Stated, Total, count, resolve};
use super::span::Span;
use super::store::{self, SheetRead, Want};
use crate::lines::org::{self, Standing};
use muster_kernel::Day;
use muster_store::{Ask, Rows, StoreError, TotalKey, total_asks, total_read_many};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many are expected below a node, and the total of their own reports.
pub(super) type Parts = (i64, Total);

/// A unit's statement about all below it.
pub(super) struct Said {
    pub(super) unit: i64,
    pub(super) path: String,
    pub(super) sheet: Sheet,
}

/// Statements by day, each day's in the order of their paths.
pub(super) type SaidByDay = BTreeMap<Day, Vec<Said>>;

impl Query<'_> {
    /// What a node's day looks like.
    pub fn picture(&self, rows: &mut impl Rows, node: &Standing) -> Result<Picture, StoreError> {
        Ok(self.pictures(rows, &[(self.day, node)])?.pop().unwrap_or_default())
    }

    /// What nodes look like on days, in the order given. Each stands on its day as it is given.
    pub fn pictures(
        &self,
        rows: &mut impl Rows,
        nodes: &[(Day, &Standing)],
    ) -> Result<Vec<Picture>, StoreError> {
        let said = self.said(rows, nodes)?;
        let stating = self.stating(rows, &said)?;
        let all: Vec<(Day, &Standing)> =
            nodes.iter().copied().chain(stating.iter().map(|(day, standing)| (*day, standing))).collect();
        let mut parts = self.parts_beside(rows, &all, &said)?;
        let below = by_node(&stating, parts.split_off(nodes.len()));
        let layout = &self.series.layout;
        let mut pictures = Vec::with_capacity(nodes.len());
        for ((day, node), (expected, parts)) in nodes.iter().zip(parts) {
            let mut trees = nested(*day, node, &said, &below);
            let own = match trees.first() {
                Some((unit, _)) if *unit == node.unit => Some(trees.remove(0).1),
                _ => None,
            };
            let rule = self.counting(*day);
            let (counted, below) = match &own {
                Some(own) => (resolve(rule, layout, own), count(rule, layout, &own.parts, &own.below).sums),
                None => {
                    let trees: Vec<Stated> = trees.into_iter().map(|(_, stated)| stated).collect();
                    let counted = count(rule, layout, &parts, &trees);
                    let below = counted.sums.clone();
                    (counted, below)
                }
            };
            pictures.push(Picture { expected, parts, counted, below, stated: own.map(|own| own.values) });
        }
        Ok(pictures)
    }

    /// What a node's picture on the day and on the day before asks, as far as that can be foreseen: to be sent ahead.
    pub(super) fn picture_asks(&self, rows: &impl Rows, node: &Standing) -> Vec<Ask> {
        let yesterday = Some(self.day.before()).filter(|day| self.series.holds(*day));
        let stood = yesterday.filter(|day| node.since <= *day);
        let days: Vec<Day> = [self.day].into_iter().chain(stood).collect();
        let mut asks = vec![store::stated_ask(rows, self, &days)];
        // It may have stood elsewhere until today.
        if let (Some(yesterday), None) = (yesterday, stood) {
            asks.push(org::standings_ask(&[node.unit], yesterday));
        }
        if self.is_kept(node.unit) {
            let nodes: Vec<(Day, i64)> = days.iter().map(|day| (*day, node.unit)).collect();
            asks.extend(self.kept_asks(rows, &nodes));
        } else if node.chain.contains(&self.series.unit) {
            let spans: Vec<(Day, Span)> = days.iter().map(|day| (*day, Span::below(&node.path))).collect();
            asks.extend(self.below_asks(Want::Values, &spans));
        }
        asks
    }

    /// What a unit's own report alone comes to on days: what its children's figures lack to be the node's. None where
    /// the form does not ask the unit itself for one.
    pub fn pictures_alone(
        &self,
        rows: &mut impl Rows,
        nodes: &[(Day, &Standing)],
    ) -> Result<Vec<Option<Picture>>, StoreError> {
        let mut pictures = Vec::with_capacity(nodes.len());
        for &(day, node) in nodes {
            let (query, span) = (self.on(day), Span::only(&node.path));
            pictures.push(match self.asks(node) && self.series.holds(day) {
                true => {
                    let said = query.said_in(rows, &span, &[day])?;
                    let parts = query.fold(rows, &[(day, span)], &said)?.pop();
                    parts.map(|(expected, parts)| query.parts_only(expected, parts))
                }
                false => None,
            });
        }
        Ok(pictures)
    }

    /// Statements below nodes on days nested by the tree: for each, the topmost ones, each with those below it.
    pub(super) fn stated(
        &self,
        rows: &mut impl Rows,
        nodes: &[(Day, &Standing)],
    ) -> Result<Vec<Vec<(i64, Stated)>>, StoreError> {
        let said = self.said(rows, nodes)?;
        let stating = self.stating(rows, &said)?;
        let all: Vec<(Day, &Standing)> = stating.iter().map(|(day, standing)| (*day, standing)).collect();
        let below = by_node(&stating, self.parts_beside(rows, &all, &said)?);
        Ok(nodes.iter().map(|(day, node)| nested(*day, node, &said, &below)).collect())
    }

    /// How many are expected below a node on the question's day, and the total of their own reports.
    pub fn parts(&self, rows: &mut impl Rows, node: &Standing) -> Result<Parts, StoreError> {
        Ok(self.parts_many(rows, &[(self.day, node)])?.pop().unwrap_or_default())
    }

    /// The same of many nodes on days, in the order given.
    pub(super) fn parts_many(
        &self,
        rows: &mut impl Rows,
        nodes: &[(Day, &Standing)],
    ) -> Result<Vec<Parts>, StoreError> {
        let from_sheets: Vec<_> =
            nodes.iter().copied().filter(|(_, node)| !self.is_kept(node.unit)).collect();
        let said = if from_sheets.is_empty() { SaidByDay::new() } else { self.said(rows, &from_sheets)? };
        self.parts_beside(rows, nodes, &said)
    }

    fn parts_beside(
        &self,
        rows: &mut impl Rows,
        nodes: &[(Day, &Standing)],
        said: &SaidByDay,
    ) -> Result<Vec<Parts>, StoreError> {
        let (mut kept, mut spans) = (Vec::new(), Vec::new());
        for (at, (day, node)) in nodes.iter().enumerate() {
            match self.is_kept(node.unit) {
                true => kept.push((at, (*day, node.unit))),
                false => spans.extend(self.on(*day).span(rows, node)?.map(|span| (at, (*day, span)))),
            }
        }
        let mut parts = vec![Parts::default(); nodes.len()];
        let (at, keys): (Vec<usize>, Vec<(Day, i64)>) = kept.into_iter().unzip();
        for (at, found) in at.into_iter().zip(self.parts_kept(rows, &keys)?) {
            parts[at] = found;
        }
        let (at, spans): (Vec<usize>, Vec<(Day, Span)>) = spans.into_iter().unzip();
        for (at, found) in at.into_iter().zip(self.fold(rows, &spans, said)?) {
            parts[at] = found;
        }
        Ok(parts)
    }

    fn parts_kept(&self, rows: &mut impl Rows, nodes: &[(Day, i64)]) -> Result<Vec<Parts>, StoreError> {
        if nodes.is_empty() {
            return Ok(Vec::new());
        }
        let keys = self.keys(nodes);
        rows.ahead(self.kept_asks(rows, nodes))?;
        let totals = total_read_many(rows, &keys)?;
        let expected = store::expected_on(rows, self.series.id, nodes)?;
        let parts = |(node, key): (&(Day, i64), &TotalKey)| {
            let total = totals.get(key).cloned().unwrap_or_default();
            (expected.get(node).copied().unwrap_or(0), Total(total).trimmed())
        };
        Ok(nodes.iter().zip(&keys).map(parts).collect())
    }

    /// What nodes that keep totals ask on days, to be sent ahead.
    pub(super) fn kept_asks(&self, rows: &impl Rows, nodes: &[(Day, i64)]) -> Vec<Ask> {
        let totals = total_asks(rows, &self.keys(nodes)).into_iter();
        totals.chain(store::expected_ask(self.series.id, nodes)).collect()
    }

    /// Under which keys the totals of nodes on days are kept.
    pub(super) fn keys(&self, nodes: &[(Day, i64)]) -> Vec<TotalKey> {
        let key = |&(day, node): &(Day, i64)| TotalKey { day: day.number(), series: self.series.id, node };
        nodes.iter().map(key).collect()
    }

    /// Adds up the sheets of spans on days.
    fn fold(
        &self,
        rows: &mut impl Rows,
        spans: &[(Day, Span)],
        said: &SaidByDay,
    ) -> Result<Vec<Parts>, StoreError> {
        let days: BTreeSet<Day> = spans.iter().map(|(day, _)| *day).collect();
        let acts: HashMap<Day, HashMap<i64, Act>> =
            days.into_iter().map(|day| (day, self.acts(said, day))).collect();
        let mut parts = vec![Parts::default(); spans.len()];
        let (mut changed, mut fits) = (Vec::new(), Vec::new());
        self.each_below(rows, Want::Values, spans, |at, member, sheet| {
            let (expected, total) = &mut parts[at];
            *expected += 1;
            let stated = acts[&spans[at].0].get(&member.unit);
            match (self.known_at_ms, sheet) {
                (Some(then), Some(sheet)) if sheet.at_ms > then => {
                    changed.push((at, sheet.last, stated.cloned()));
                    Ok(())
                }
                _ => self.add(total, &mut fits, sheet, stated),
            }
        })?;
        for (at, last, stated) in changed {
            let sheet = self.as_known(rows, Sheet { at_ms: i64::MAX, last, ..Sheet::default() })?;
            let act = sheet.act(self.form.id).or(stated.as_ref());
            parts[at].1.add_values(&self.series.layout, &sheet.values, act, 1);
        }
        for (_, total) in &mut parts {
            *total = std::mem::take(total).trimmed();
        }
        Ok(parts)
    }

    /// Adds what one unit said. `fits`: how the layouts that were met so far fit the series.
    pub(super) fn add(
        &self,
        total: &mut Total,
        fits: &mut Vec<(i64, Fit)>,
        sheet: Option<&SheetRead<'_>>,
        stated: Option<&Act>,
    ) -> Result<(), StoreError> {
        let Some(sheet) = sheet else {
            total.add_act(stated);
            return Ok(());
        };
        let corrupt = || StoreError::Corrupt("a sheet that its layout does not read".into());
        let at = match fits.iter().position(|(layout, _)| *layout == sheet.layout) {
            Some(at) => at,
            None => {
                let layout = self.book.layout(sheet.layout).ok_or_else(corrupt)?;
                fits.push((sheet.layout, Fit::of(&self.series.layout, layout)));
                fits.len() - 1
            }
        };
        let act = store::act_of(sheet.acts, self.form.id)?;
        total.add_sheet(&fits[at].1, sheet.vals, act.as_ref().or(stated)).ok_or_else(corrupt)
    }

    /// Acts on a day's statements, by unit: a unit that has made no report of its own has answered with it.
    pub(super) fn acts(&self, said: &SaidByDay, day: Day) -> HashMap<i64, Act> {
        let act = |said: &Said| said.sheet.acts.iter().find(|act| act.form == self.form.id).cloned();
        let said = said.get(&day).into_iter().flatten();
        said.filter_map(|said| Some((said.unit, act(said)?))).collect()
    }

    /// Statements about all below, of the units below nodes on days.
    pub(super) fn said(
        &self,
        rows: &mut impl Rows,
        nodes: &[(Day, &Standing)],
    ) -> Result<SaidByDay, StoreError> {
        let from = nodes.iter().map(|(_, node)| node.path.as_str()).min();
        let to = nodes.iter().map(|(_, node)| org::path_end(&node.path)).max();
        let (Some(from), Some(to)) = (from, to) else { return Ok(SaidByDay::new()) };
        let days: BTreeSet<Day> = nodes.iter().map(|(day, _)| *day).collect();
        let days: Vec<Day> = days.into_iter().collect();
        self.said_in(rows, &Span { from: from.to_owned(), to }, &days)
    }

    /// Statements of the units of one span on days.
    fn said_in(&self, rows: &mut impl Rows, span: &Span, days: &[Day]) -> Result<SaidByDay, StoreError> {
        let mut said = SaidByDay::new();
        for (day, unit, path, sheet) in store::stated_sheets(rows, self, span, days)? {
            let sheet = self.as_known(rows, sheet)?;
            if sheet.rev > 0 {
                said.entry(day).or_default().push(Said { unit, path, sheet });
            }
        }
        Ok(said)
    }

    /// How the units that state stand on their days.
    fn stating(&self, rows: &mut impl Rows, said: &SaidByDay) -> Result<Vec<(Day, Standing)>, StoreError> {
        let (Some((&first, _)), Some((&last, _))) = (said.first_key_value(), said.last_key_value()) else {
            return Ok(Vec::new());
        };
        let units: BTreeSet<i64> = said.values().flatten().map(|said| said.unit).collect();
        let units: Vec<i64> = units.into_iter().collect();
        let mut by_unit: HashMap<i64, Vec<Standing>> = HashMap::new();
        for standing in org::standings_during(rows, &units, first, last.plus(1))? {
            by_unit.entry(standing.unit).or_default().push(standing);
        }
        let on = |day: Day, unit: i64| {
            by_unit.get(&unit)?.iter().find(|standing| standing.since <= day && day < standing.until).cloned()
        };
        let all = said.iter().flat_map(|(day, said)| said.iter().map(|said| (*day, said.unit)));
        Ok(all.filter_map(|(day, unit)| Some((day, on(day, unit)?))).collect())
    }
}

fn by_node(nodes: &[(Day, Standing)], parts: Vec<Parts>) -> HashMap<(Day, i64), Parts> {
    nodes.iter().map(|(day, standing)| (*day, standing.unit)).zip(parts).collect()
}

/// A day's statements below a node nested by the tree: the topmost ones, each with those below it.
fn nested(
    day: Day,
    node: &Standing,
    said: &SaidByDay,
    parts: &HashMap<(Day, i64), Parts>,
) -> Vec<(i64, Stated)> {
    let end = org::path_end(&node.path);
    let mut open: Vec<(i64, &str, Stated)> = Vec::new();
    let mut done: Vec<(i64, Stated)> = Vec::new();
    let close = |open: &mut Vec<(i64, &str, Stated)>, done: &mut Vec<(i64, Stated)>| {
        if let Some((unit, _, stated)) = open.pop() {
            match open.last_mut() {
                Some((_, _, above)) => above.below.push(stated),
                None => done.push((unit, stated)),
            }
        }
    };
    let within = |said: &&Said| (node.path.as_str()..end.as_str()).contains(&said.path.as_str());
    for said in said.get(&day).into_iter().flatten().filter(within) {
        while open.last().is_some_and(|(_, above, _)| !said.path.starts_with(above)) {
            close(&mut open, &mut done);
        }
        let Some((expected, parts)) = parts.get(&(day, said.unit)).cloned() else { continue };
        let values = said.sheet.values.clone();
        open.push((
            said.unit,
            &said.path,
            Stated { unit: said.unit, values, parts, expected, below: Vec::new() },
        ));
    }
    while !open.is_empty() {
        close(&mut open, &mut done);
    }
    done
}
