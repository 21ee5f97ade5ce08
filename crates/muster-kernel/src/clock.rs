//! Time is handed in. A verb takes `now` from its context; a test sets it; the demonstration shifts it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

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
    jiff::Timestamp::now().as_millisecond()
}
