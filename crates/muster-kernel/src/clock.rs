//! Time is handed in. A verb takes `now` from its context; a test sets it; the demonstration shifts it.
//!
//! The machine's clock may be put back. By up to a minute (it was corrected) time stands still until it has caught up;
//! by more (it was wrong) time follows it. Either is told by [`Clock::put_back_ms`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The latest time that was shown, and how far the machine's clock was found behind it since that was last asked.
static SHOWN_MS: AtomicI64 = AtomicI64::new(i64::MIN);
static PUT_BACK_MS: AtomicI64 = AtomicI64::new(0);
/// As far as this a clock that is put back only stands still.
const STANDS_STILL_MS: i64 = 60_000;
/// What is less is a clock that is being disciplined, not put back.
const WORTH_TELLING_MS: i64 = 1_000;

/// Where `now` comes from. Milliseconds since 1970-01-01 UTC throughout.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    Wall,
    /// The machine's clock, shifted by so many milliseconds: the demonstration's, which runs in February 2020.
    Shifted(Arc<AtomicI64>),
    /// Stands still until a test moves it.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `now_ms` at this moment and runs on from there.
    pub fn starting_at(now_ms: i64) -> Self {
        Self::Shifted(Arc::new(AtomicI64::new(now_ms - wall_ms())))
    }
    /// A clock that stands at `now_ms`.
    pub fn fixed(now_ms: i64) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(now_ms)))
    }
    /// Milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> i64 {
        match self {
            Self::Wall => wall_ms(),
            Self::Shifted(offset) => wall_ms() + offset.load(Ordering::Relaxed),
            Self::Fixed(at) => at.load(Ordering::Relaxed),
        }
    }
    /// How far this clock is from the machine's, in milliseconds; 0 for [`Clock::Wall`].
    pub fn offset_ms(&self) -> i64 {
        match self {
            Self::Wall => 0,
            Self::Shifted(offset) => offset.load(Ordering::Relaxed),
            Self::Fixed(at) => at.load(Ordering::Relaxed) - wall_ms(),
        }
    }
    /// How far, in milliseconds, the machine's clock was put back since this was last asked; 0 when it was not, or by
    /// less than a second.
    pub fn put_back_ms() -> i64 {
        PUT_BACK_MS.swap(0, Ordering::Relaxed)
    }
    /// Moves a steerable clock so that it shows `now_ms`; the machine's clock cannot be moved and answers `false`.
    pub fn set(&self, now_ms: i64) -> bool {
        match self {
            Self::Wall => false,
            Self::Shifted(offset) => {
                offset.store(now_ms - wall_ms(), Ordering::Relaxed);
                true
            }
            Self::Fixed(at) => {
                at.store(now_ms, Ordering::Relaxed);
                true
            }
        }
    }
}

/// The one place that asks the machine.
#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else must ask")]
fn wall_ms() -> i64 {
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let last_ms = SHOWN_MS.load(Ordering::Relaxed);
    let (shown_ms, back_ms) = never_back(last_ms, now_ms);
    if shown_ms > last_ms {
        SHOWN_MS.fetch_max(shown_ms, Ordering::Relaxed);
    } else if shown_ms < last_ms {
        SHOWN_MS.store(shown_ms, Ordering::Relaxed);
    }
    if back_ms > WORTH_TELLING_MS {
        PUT_BACK_MS.fetch_max(back_ms, Ordering::Relaxed);
    }
    shown_ms
}

/// What is shown after the latest time that was shown, and how far the machine is behind that.
fn never_back(last_ms: i64, now_ms: i64) -> (i64, i64) {
    let back_ms = last_ms.saturating_sub(now_ms).max(0);
    (if back_ms > STANDS_STILL_MS { now_ms } else { now_ms.max(last_ms) }, back_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_put_back_stands_still_for_a_minute_at_most() {
        assert_eq!(never_back(i64::MIN, 5), (5, 0));
        assert_eq!(never_back(5, 7), (7, 0));
        assert_eq!(never_back(100_000, 99_000), (100_000, 1_000));
        assert_eq!(never_back(100_000, 40_000), (100_000, 60_000));
        assert_eq!(never_back(100_000, 39_999), (39_999, 60_001));
        let first = Clock::Wall.now_ms();
        assert!(Clock::Wall.now_ms() >= first);
    }
}
