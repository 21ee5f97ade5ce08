//! The fold: sheets to totals, parts and statements to what counts. Pure; nothing here reads or writes.

use super::model::{Act, ActKind, Assignment, Counting, Sheet, Values};
use super::pack::each_place;

/// Places of a total before its elements: how many reported, how many of them on time, how many of them zero.
pub const ACTUAL: u16 = 0;
/// Reported by the cut-off.
pub const ON_TIME: u16 = 1;
/// Reported zero.
pub const ZERO: u16 = 2;
const FIRST_ELEMENT: u16 = 3;

/// A total as a vector: the three counts, then sum and *how many said it* of each element of the series' layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total(pub Vec<i64>);

/// Sum of an element and how many said it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// The sum.
    pub sum: i64,
    /// How many units said it.
    pub said: i64,
}

impl Total {
    /// An empty total with room for the elements of a layout.
    pub fn with_room_for(layout: &[i64]) -> Self {
        Self(Vec::with_capacity(usize::from(FIRST_ELEMENT) + 2 * layout.len()))
    }
    /// One place of the vector; 0 beyond its end.
    pub fn at(&self, place: u16) -> i64 {
        self.0.get(usize::from(place)).copied().unwrap_or(0)
    }
    /// How many reported.
    pub fn actual(&self) -> i64 {
        self.at(ACTUAL)
    }
    /// How many of them by the cut-off.
    pub fn on_time(&self) -> i64 {
        self.at(ON_TIME)
    }
    /// How many of them zero.
    pub fn zero(&self) -> i64 {
        self.at(ZERO)
    }
    /// The sum of the element at a position of the layout.
    pub fn element(&self, position: usize) -> Sum {
        let place = FIRST_ELEMENT + 2 * position as u16;
        Sum { sum: self.at(place), said: self.at(place + 1) }
    }
    /// Adds one place.
    pub fn add_at(&mut self, place: u16, delta: i64) {
        let place = usize::from(place);
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        self.0[place] = self.0[place].saturating_add(delta);
    }
    /// Adds another total.
    pub fn add(&mut self, other: &Total) {
        self.add_times(other, 1);
    }
    /// Takes another total away.
    pub fn subtract(&mut self, other: &Total) {
        self.add_times(other, -1);
    }
    fn add_times(&mut self, other: &Total, times: i64) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (sum, value) in self.0.iter_mut().zip(&other.0) {
            *sum = sum.saturating_add(value * times);
        }
    }
    /// Adds what one unit said on its own sheet, read from its packed values.
    pub fn add_sheet(&mut self, fit: &Fit, bytes: &[u8], act: Option<&Act>) -> Option<()> {
        self.add_act(act);
        if self.0.len() < fit.room {
            self.0.resize(fit.room, 0);
        }
        let sums = &mut self.0;
        each_place(fit.places.len(), bytes, |place, value| {
            let at = usize::from(fit.places[place]);
            if let Some([sum, said]) = sums.get_mut(at..at + 2) {
                *sum = sum.saturating_add(value);
                *said += 1;
            }
        })
    }
    /// Adds what one unit said.
    pub fn add_values(&mut self, series: &[i64], values: &Values, act: Option<&Act>, times: i64) {
        if let Some(act) = act {
            self.count_act(act, times);
        }
        let mut places = Places::of(series);
        for (&element, &value) in values {
            self.add_value(places.of_element(element), value, times);
        }
    }
    /// Adds what one unit said: the numbers of its own sheet, and its report, for which a statement about all below
    /// stands where it has made none of its own.
    pub fn add_unit(&mut self, series: &Assignment, alone: Option<&Sheet>, below: Option<&Sheet>) {
        let act = |sheet: Option<&'_ Sheet>| sheet.and_then(|sheet| sheet.act(series.form)).cloned();
        let act = act(alone).or_else(|| act(below));
        match alone {
            Some(alone) => self.add_values(&series.layout, &alone.values, act.as_ref(), 1),
            None => self.add_act(act.as_ref()),
        }
    }
    /// Counts a report.
    pub fn add_act(&mut self, act: Option<&Act>) {
        if let Some(act) = act {
            self.count_act(act, 1);
        }
    }
    fn count_act(&mut self, act: &Act, times: i64) {
        self.add_at(ACTUAL, times);
        self.add_at(ON_TIME, times * i64::from(act.on_time));
        self.add_at(ZERO, times * i64::from(act.kind == ActKind::Zero));
    }
    fn add_value(&mut self, position: Option<usize>, value: i64, times: i64) {
        if let Some(position) = position {
            let place = FIRST_ELEMENT + 2 * position as u16;
            self.add_at(place, value * times);
            self.add_at(place + 1, times);
        }
    }
    /// The places that are not zero: a difference to add to stored totals.
    pub fn places(&self) -> Vec<(u16, i64)> {
        let filled = self.0.iter().enumerate().filter(|(_, value)| **value != 0);
        filled.map(|(place, &value)| (place as u16, value)).collect()
    }
    /// The same total without trailing zeros, so that equal totals are equal vectors.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }
}

/// Where the numbers of a sheet's layout stand in the totals of a series.
#[derive(Clone, Debug)]
pub struct Fit {
    /// By place of the layout, the place of the sum; beyond all totals where the series keeps none of it.
    places: Vec<u16>,
    /// How long a total is that has room for all of them.
    room: usize,
}

impl Fit {
    /// How a layout fits a series' one.
    pub fn of(series: &[i64], layout: &[i64]) -> Self {
        let mut of = Places::of(series);
        let place = |element: &i64| match of.of_element(*element) {
            Some(position) => FIRST_ELEMENT + 2 * position as u16,
            None => u16::MAX - 1,
        };
        let places: Vec<u16> = layout.iter().map(place).collect();
        let last = places.iter().filter(|place| **place < u16::MAX - 1).max();
        Self { room: last.map_or(0, |last| usize::from(*last) + 2), places }
    }
}

/// Finds the places of elements that come in order: mostly each right after the one before.
struct Places<'s> {
    series: &'s [i64],
    next: usize,
}

impl<'s> Places<'s> {
    fn of(series: &'s [i64]) -> Self {
        Self { series, next: 0 }
    }
    fn of_element(&mut self, element: i64) -> Option<usize> {
        let position = match self.series.get(self.next) {
            Some(&next) if next == element => self.next,
            _ => self.series.iter().position(|&id| id == element)?,
        };
        self.next = position + 1;
        Some(position)
    }
}

/// What counts for a node: by element either the parts below it or its own statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// What counts, by position of the layout.
    pub sums: Vec<Sum>,
    /// Units whose own reports are in it.
    pub by_parts: i64,
    /// Statements that are in it.
    pub by_statements: i64,
}

/// A statement about a node, and what lies below it.
#[derive(Clone, Debug)]
pub struct Stated {
    /// The unit that states.
    pub unit: i64,
    /// The numbers that were stated.
    pub values: Values,
    /// The total of all own reports below it, itself included.
    pub parts: Total,
    /// How many below it are expected to report.
    pub expected: i64,
    /// Statements directly below it, none of them below another.
    pub below: Vec<Stated>,
}

/// What counts at a node with a total of own reports and the topmost statements below it.
pub fn count(rule: Counting, layout: &[i64], parts: &Total, below: &[Stated]) -> Counted {
    let mut sums: Vec<Sum> = (0..layout.len()).map(|position| parts.element(position)).collect();
    let mut counted = Counted { sums: Vec::new(), by_parts: parts.actual(), by_statements: 0 };
    for stated in below {
        let inner = resolve(rule, layout, stated);
        for (position, sum) in sums.iter_mut().enumerate() {
            let own = stated.parts.element(position);
            sum.sum += inner.sums[position].sum - own.sum;
            sum.said += inner.sums[position].said - own.said;
        }
        counted.by_parts += inner.by_parts - stated.parts.actual();
        counted.by_statements += inner.by_statements;
    }
    counted.sums = sums;
    counted
}

/// What counts for a node that has a statement of its own: by element, the statement or what lies below it.
pub fn resolve(rule: Counting, layout: &[i64], stated: &Stated) -> Counted {
    let below = count(rule, layout, &stated.parts, &stated.below);
    let mut used = false;
    let mut sums = below.sums.clone();
    for (position, sum) in sums.iter_mut().enumerate() {
        let Some(&value) = stated.values.get(&layout[position]) else { continue };
        let parts_count = match rule {
            Counting::Parts => sum.said > 0,
            Counting::PartsWhenComplete => stated.expected > 0 && stated.parts.actual() >= stated.expected,
            Counting::Stated => false,
        };
        if !parts_count {
            *sum = Sum { sum: value, said: 1 };
            used = true;
        }
    }
    match used {
        true => Counted { sums, by_parts: 0, by_statements: 1 },
        false => Counted { sums, ..below },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(sum: i64, said: i64) -> Total {
        Total(vec![said, said, 0, sum, said])
    }
    fn stated(value: Option<i64>, parts: Total, expected: i64) -> Stated {
        Stated {
            unit: 1,
            values: value.map(|value| (7, value)).into_iter().collect(),
            parts,
            expected,
            below: vec![],
        }
    }

    #[test]
    fn the_two_are_never_added() {
        let layout = [7];
        for (rule, value, parts, expected, counts) in [
            (Counting::Parts, Some(10), total(8, 2), 3, 8),
            (Counting::Parts, Some(10), total(0, 0), 3, 10),
            (Counting::Parts, None, total(8, 2), 3, 8),
            (Counting::PartsWhenComplete, Some(10), total(8, 2), 3, 10),
            (Counting::PartsWhenComplete, Some(10), total(8, 3), 3, 8),
            (Counting::Stated, Some(10), total(8, 3), 3, 10),
            (Counting::Stated, None, total(8, 3), 3, 8),
        ] {
            let own = resolve(rule, &layout, &stated(value, parts.clone(), expected));
            assert_eq!(own.sums[0].sum, counts, "{rule:?} {value:?} {parts:?}");
            // One level up, beside a unit of its own that reported 5.
            let mut above = parts.clone();
            above.add(&total(5, 1));
            let seen = count(rule, &layout, &above, &[stated(value, parts, expected)]);
            assert_eq!(seen.sums[0].sum, counts + 5, "{rule:?} {value:?}");
        }
    }

    #[test]
    fn a_statement_above_statements_hides_them() {
        let city = stated(Some(4), total(3, 1), 1);
        let province = Stated { below: vec![city], ..stated(Some(9), total(3, 1), 1) };
        assert_eq!(
            count(Counting::Stated, &[7], &total(3, 1), std::slice::from_ref(&province)).sums[0].sum,
            9
        );
        let unsaid = Stated { values: Values::new(), ..province };
        assert_eq!(count(Counting::Stated, &[7], &total(3, 1), &[unsaid]).sums[0].sum, 4);
    }
}
