//! Trees and figures of any size, for measuring: the shape of a country's command rather than its content.

use super::dice::Dice;

/// A tree of so many units in six levels (1, 31, 400, 3,000, one in 25, the rest), each unit a number. Nothing is
/// kept in memory: code, parent and figures are computed from the number.
#[derive(Clone, Copy, Debug)]
pub struct Scaled {
    /// Where each level begins; the last entry is the number of units.
    starts: [u32; 7],
}

impl Scaled {
    /// How many figures a report has.
    pub const FIGURES: usize = 30;

    /// A tree of `units` units, at least 7.
    pub fn new(units: u32) -> Self {
        let units = units.max(7);
        // For a small tree the levels shrink alike, so that it still has six.
        let level = |full: u32, per: u32| full.min(units / per).max(1);
        let sizes = [1, level(31, 200), level(400, 60), level(3_000, 30), (units / 25).max(1)];
        let mut starts = [0; 7];
        for (n, size) in sizes.iter().enumerate() {
            starts[n + 1] = starts[n] + size;
        }
        starts[6] = units;
        Self { starts }
    }

    /// How many units there are.
    pub fn units(&self) -> u32 {
        self.starts[6]
    }

    /// The first number of the lowest level: these units have nothing below them.
    pub fn first_leaf(&self) -> u32 {
        self.starts[5]
    }

    /// The unit above; the root, 0, has none. Always the smaller number.
    pub fn parent(&self, unit: u32) -> Option<u32> {
        let level = (1..6).find(|level| (self.starts[*level]..self.starts[level + 1]).contains(&unit))?;
        let (above, here) = (self.starts[level - 1], self.starts[level]);
        let (size_above, size) = (here - above, self.starts[level + 1] - here);
        Some(above + (u64::from(unit - here) * u64::from(size_above) / u64::from(size)) as u32)
    }

    /// A unit's code.
    pub fn code(&self, unit: u32) -> String {
        format!("U{unit:07}")
    }

    /// A unit's figures of a day: half are zero, 35 of 100 are below 100, the others below 10,000.
    pub fn figures(&self, unit: u32, day: i32) -> [i64; Self::FIGURES] {
        let mut dice = Dice::of(&[9, u64::from(unit), day as u64]);
        std::array::from_fn(|_| match dice.below(100) {
            0..50 => 0,
            50..85 => dice.between(1, 99),
            _ => dice.between(100, 9_999),
        })
    }

    /// The numbers from `from` to `to` (not included) in an order that looks random and is the same each time.
    pub fn shuffled(&self, from: u32, to: u32) -> Vec<u32> {
        let mut numbers: Vec<u32> = (from..to).collect();
        let mut dice = Dice::of(&[10, u64::from(from), u64::from(to)]);
        for n in (1..numbers.len()).rev() {
            numbers.swap(n, dice.below(n as u64 + 1) as usize);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::Scaled;

    #[test]
    fn every_unit_hangs_on_an_earlier_one_and_every_inner_unit_has_children() {
        for units in [7, 100, 2_391, 100_000, 1_000_000] {
            let tree = Scaled::new(units);
            assert_eq!(tree.units(), units);
            let mut children = vec![0_u32; units as usize];
            assert_eq!(tree.parent(0), None);
            for unit in 1..units {
                let parent = tree.parent(unit).unwrap();
                assert!(parent < unit);
                children[parent as usize] += 1;
            }
            let inner = tree.first_leaf() as usize;
            assert!(children[..inner].iter().all(|n| *n > 0), "{units}");
            assert!(children[inner..].iter().all(|n| *n == 0), "{units}");
        }
        assert_eq!(Scaled::new(1_000_000).first_leaf(), 43_432);
    }
}
