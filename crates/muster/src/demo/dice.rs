//! Chance with a fixed seed: the same on every machine and in every version, whole numbers only.

/// SplitMix64 (Steele, Lea and Flood 2014): an eight-line generator whose output is part of no library's promise.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream that belongs to some keys. What is drawn for one unit and day does not depend on how much was
    /// drawn for another, so the seed can be changed in one place without all figures moving.
    pub(crate) fn of(keys: &[u64]) -> Self {
        let mut dice = Self(0x4d75_7374_6572);
        for key in keys {
            dice.0 ^= key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            dice.0 = dice.next();
        }
        dice
    }

    /// Sixty-four even bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `n` - 1; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(0) as u64) as i64
    }

    /// True so many times in a million.
    pub(crate) fn millionths(&mut self, n: u64) -> bool {
        self.below(1_000_000) < n
    }

    /// True so many times in a thousand.
    pub(crate) fn thousandths(&mut self, n: u64) -> bool {
        self.millionths(n * 1000)
    }

    /// One of a list that is not empty.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// A whole number whose mean is `numerator / denominator`: the part below one is left to chance.
    pub(crate) fn about(&mut self, numerator: i64, denominator: i64) -> i64 {
        let rest = (numerator % denominator).max(0) as u64;
        numerator / denominator + i64::from(self.below(denominator as u64) < rest)
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn the_stream_is_the_published_one() {
        // First outputs of SplitMix64 from state 0.
        let mut dice = Dice(0);
        assert_eq!(dice.next(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(dice.next(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn bounds_hold() {
        let mut dice = Dice::of(&[1, 2]);
        assert!((0..1000).all(|_| (-3..=3).contains(&dice.between(-3, 3))));
        assert_eq!(dice.below(0), 0);
        let sum: i64 = (0..10_000).map(|_| dice.about(5, 4)).sum();
        assert!((12_300..12_700).contains(&sum), "{sum}");
    }
}
