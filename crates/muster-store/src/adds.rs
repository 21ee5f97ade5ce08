//! What is added to totals before it is written, and a total as it stands in its row. Pure.

use std::collections::HashMap;

use crate::{Result, StoreError};

/// Positions a total may have.
pub(crate) const POSITIONS_MAX: usize = 4096;
/// Names how a row is packed: zigzag varints, trailing zeros left out.
const LAYOUT_V1: u8 = 1;
/// Which total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TotalKey {
    /// The day, or any other period as an integer.
    pub day: i32,
    /// What is counted and whose values.
    pub series: i64,
    /// A node of any axis.
    pub node: i64,
}

/// What is added and not written yet, and what this writer last wrote.
#[derive(Default)]
pub(crate) struct Adds {
    pub(crate) pending: HashMap<TotalKey, Vec<i64>>,
    /// What the closure at work added, to take it back.
    pub(crate) log: Vec<(TotalKey, Vec<(u16, i64)>)>,
    /// Own rows as they stand in the table.
    pub(crate) base: HashMap<TotalKey, Vec<i64>>,
    /// Turn and last number of the lane when they stood so, where several processes may have the lane.
    pub(crate) turn: Option<(i64, i64)>,
}

impl Adds {
    /// Rows that a writer keeps in memory; beyond it forgets them all and reads again.
    pub(crate) const BASE_MAX: usize = 1 << 15;

    /// The lane is held, at a turn and number: what was remembered of others holds no more.
    pub(crate) fn hold(&mut self, turn: (i64, i64)) {
        if self.turn != Some(turn) {
            self.base.clear();
            self.turn = Some(turn);
        }
    }
    /// The lane is about to be written.
    pub(crate) fn turned(&mut self, turn: (i64, i64)) {
        self.turn = Some(turn);
    }
    pub(crate) fn add(&mut self, key: TotalKey, deltas: &[(u16, i64)]) -> Result<()> {
        let pending = self.pending.entry(key).or_default();
        let mut done = 0;
        let out = deltas.iter().try_for_each(|&(position, delta)| {
            let i = usize::from(position);
            if i >= POSITIONS_MAX {
                return Err(StoreError::Value("position of a total is out of range"));
            }
            if pending.len() <= i {
                pending.resize(i + 1, 0);
            }
            pending[i] = pending[i].checked_add(delta).ok_or(StoreError::Overflow)?;
            done += 1;
            Ok(())
        });
        // Of one that fails midway, the part that was added is to be taken back.
        if done > 0 {
            self.log.push((key, deltas[..done].to_vec()));
        }
        out
    }

    pub(crate) fn pending(&self, key: &TotalKey) -> Option<&[i64]> {
        self.pending.get(key).map(Vec::as_slice)
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
    pub(crate) fn mark(&self) -> usize {
        self.log.len()
    }
    pub(crate) fn rewind(&mut self, mark: usize) {
        for (key, deltas) in self.log.drain(mark..).rev() {
            let Some(pending) = self.pending.get_mut(&key) else { continue };
            for (position, delta) in deltas {
                pending[usize::from(position)] -= delta;
            }
        }
    }
    /// The closure at work is kept: nothing to take back.
    pub(crate) fn keep(&mut self) {
        self.log.clear();
    }
}

pub(crate) fn at(values: &[i64], i: usize) -> i64 {
    values.get(i).copied().unwrap_or(0)
}

pub(crate) fn trim(values: &mut Vec<i64>) {
    while values.last() == Some(&0) {
        values.pop();
    }
}

pub(crate) fn fold(into: &mut Vec<i64>, add: &[i64]) -> Result<()> {
    if into.len() < add.len() {
        into.resize(add.len(), 0);
    }
    for (sum, delta) in into.iter_mut().zip(add) {
        *sum = sum.checked_add(*delta).ok_or(StoreError::Overflow)?;
    }
    Ok(())
}

pub(crate) fn pack(values: &[i64]) -> Vec<u8> {
    let used = values.iter().rposition(|v| *v != 0).map_or(0, |last| last + 1);
    let mut out = Vec::with_capacity(1 + used * 2);
    out.push(LAYOUT_V1);
    for v in &values[..used] {
        let mut rest = ((v << 1) ^ (v >> 63)) as u64;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
    out
}

pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<i64>> {
    let damaged = || StoreError::Corrupt("a packed total".into());
    let Some((&LAYOUT_V1, rest)) = bytes.split_first() else { return Err(damaged()) };
    let (mut out, mut value, mut shift) = (Vec::new(), 0u64, 0u32);
    for byte in rest {
        let bits = u64::from(byte & 0x7f);
        if shift > 63 || (shift == 63 && bits > 1) || out.len() == POSITIONS_MAX {
            return Err(damaged());
        }
        value |= bits << shift;
        if byte & 0x80 != 0 {
            shift += 7;
            continue;
        }
        out.push((value >> 1) as i64 ^ -((value & 1) as i64));
        (value, shift) = (0, 0);
    }
    if shift != 0 {
        return Err(damaged());
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: TotalKey = TotalKey { day: 1, series: 1, node: 1 };

    #[test]
    fn what_fails_midway_is_taken_back_as_far_as_it_came() {
        let mut adds = Adds::default();
        adds.add(KEY, &[(0, 1), (2, i64::MAX)]).unwrap();
        let mark = adds.mark();
        adds.add(KEY, &[(1, 7)]).unwrap();
        assert_eq!(adds.add(KEY, &[(0, 5), (2, 1), (1, 9)]), Err(StoreError::Overflow));
        assert!(adds.add(KEY, &[(0, 3), (u16::MAX, 1)]).is_err());
        adds.rewind(mark);
        assert_eq!(adds.pending(&KEY), Some(&[1, 0, i64::MAX][..]));
    }
}
