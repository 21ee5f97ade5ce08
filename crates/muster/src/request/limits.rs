//! How much one may ask in a while. Whoever is logged in has a measure of their own, wherever they sit: behind one address
//! may be an office of a hundred. Only those without a login are counted by address.
//!
//! The measures are wide: a person who works never meets them, and nothing else is decided by them. They keep one program
//! that has gone wild, or one stranger, from taking the server from everybody.

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use muster_kernel::{Problem, ProblemKind};
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// How many seconds' worth an account may ask at once.
const AT_ONCE_S: u32 = 4;
/// How many seconds' worth those of one address who are not logged in may: an office that opens in the morning.
const AT_ONCE_ADDRESS_S: u32 = 20;
/// Of so many requests one may be a file.
const FILES_ONE_IN: u32 = 50;
/// Files that an account may send at once.
const FILES_AT_ONCE: u32 = 20;
/// Keys that are remembered; those who ask beyond that share one measure.
const KEYS_MAX: usize = 65_536;

/// How much one may ask, as the operator says it: so many requests a second, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace(Option<NonZeroU32>);

impl FromStr for Pace {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "off" => Ok(Self(None)),
            _ => text
                .parse()
                .ok()
                .filter(|each: &NonZeroU32| each.get() <= 1_000_000)
                .map(|each| Self(Some(each)))
                .ok_or(()),
        }
    }
}

impl std::fmt::Display for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(each) => each.fmt(f),
            None => f.write_str("off"),
        }
    }
}

/// The measures of all who ask. Cheap to clone; [`Limits::default`] limits nothing.
#[derive(Clone, Default)]
pub struct Limits(Option<Arc<Measures>>);

struct Measures<C: Clock = DefaultClock> {
    accounts: Keyed<C>,
    addresses: Keyed<C>,
    files: Keyed<C>,
    /// So that nobody outside can choose names that fall together.
    hash: RandomState,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Limits" } else { "Limits(off)" })
    }
}

impl Limits {
    /// Measures of a pace.
    pub fn new(pace: Pace) -> Self {
        Self(pace.0.map(|each| Arc::new(Measures::new(each, KEYS_MAX, &DefaultClock::default()))))
    }
    /// Counts a request of an account.
    ///
    /// # Errors
    /// `request.too_many`, with when to come again.
    pub(crate) fn account(&self, id: &str) -> Result<(), Problem> {
        self.0.as_ref().map_or(Ok(()), |own| own.accounts.count(own.hash.hash_one(id)))
    }
    /// Counts a request of somebody who is not logged in.
    ///
    /// # Errors
    /// As [`Limits::account`].
    pub(crate) fn stranger(&self, address: IpAddr) -> Result<(), Problem> {
        self.0.as_ref().map_or(Ok(()), |own| own.addresses.count(own.hash.hash_one(network_of(address))))
    }
    /// Counts a file of an account.
    ///
    /// # Errors
    /// As [`Limits::account`].
    pub(crate) fn file(&self, id: &str) -> Result<(), Problem> {
        self.0.as_ref().map_or(Ok(()), |own| own.files.count(own.hash.hash_one(id)))
    }
}

impl<C: Clock + Clone> Measures<C> {
    fn new(each: NonZeroU32, keys_max: usize, clock: &C) -> Self {
        let quota = |at_once: u32| Quota::per_second(each).allow_burst(times(each, at_once));
        let files = NonZeroU32::new(each.get() / FILES_ONE_IN).unwrap_or(NonZeroU32::MIN);
        let files = Quota::per_second(files).allow_burst(times(files, FILES_AT_ONCE));
        let keyed = |quota| Keyed::new(quota, keys_max, clock);
        Self {
            accounts: keyed(quota(AT_ONCE_S)),
            addresses: keyed(quota(AT_ONCE_ADDRESS_S)),
            files: keyed(files),
            hash: RandomState::new(),
        }
    }
}

fn times(each: NonZeroU32, seconds: u32) -> NonZeroU32 {
    each.saturating_mul(NonZeroU32::new(seconds).unwrap_or(NonZeroU32::MIN))
}

/// Of IPv6 the network: whoever has one address there has 2^64.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// A measure for each key, of bounded memory.
struct Keyed<C: Clock> {
    own: RateLimiter<u64, HashMapStateStore<u64>, C, NoOpMiddleware<C::Instant>>,
    keys_max: usize,
    /// Requests that found it full.
    full: AtomicUsize,
}

impl<C: Clock + Clone> Keyed<C> {
    fn new(quota: Quota, keys_max: usize, clock: &C) -> Self {
        Self {
            own: RateLimiter::hashmap_with_clock(quota, clock.clone()),
            keys_max,
            full: AtomicUsize::new(0),
        }
    }
    fn count(&self, key: u64) -> Result<(), Problem> {
        let mut key = key;
        if self.own.len() >= self.keys_max {
            // Whoever has rested is like whoever never came. Looking for them goes over all, so it is not done each time.
            if self.full.fetch_add(1, Relaxed).is_multiple_of(self.keys_max / 8 + 1) {
                self.own.retain_recent();
            }
            if self.own.len() >= self.keys_max {
                key = 0;
            }
        }
        self.own.check_key(&key).map_err(|until| {
            let wait = until.wait_time_from(self.own.clock().now());
            let seconds = u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
            too_many(seconds)
        })
    }
}

/// Too much was asked: come again after so many seconds.
pub(crate) fn too_many(seconds: u32) -> Problem {
    Problem::new(ProblemKind::TooMany, "request.too_many").with("seconds", seconds).retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use std::time::Duration;

    fn measures(each: u32, keys_max: usize) -> (Measures<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Measures::new(NonZeroU32::new(each).unwrap(), keys_max, &clock), clock)
    }

    /// How many of so many requests of a key are let by.
    fn let_by(keyed: &Keyed<FakeRelativeClock>, key: u64, of: usize) -> usize {
        (0..of).filter(|_| keyed.count(key).is_ok()).count()
    }

    #[test]
    fn each_has_a_measure_and_it_fills_again() {
        let (own, clock) = measures(50, 100);
        assert_eq!(let_by(&own.accounts, 1, 300), 200);
        assert_eq!(let_by(&own.accounts, 2, 300), 200, "another account has its own");
        assert_eq!(let_by(&own.addresses, 1, 3_000), 1_000);
        assert_eq!(let_by(&own.files, 1, 100), 20);
        let refused = own.accounts.count(1).unwrap_err();
        assert_eq!((refused.code, refused.retry_after_s), ("request.too_many", Some(1)));
        clock.advance(Duration::from_secs(1));
        assert_eq!(let_by(&own.accounts, 1, 300), 50);
        assert_eq!(let_by(&own.files, 1, 100), 1);
        clock.advance(Duration::from_secs(3_600));
        assert_eq!(let_by(&own.accounts, 1, 300), 200, "and no more than full");
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let (own, clock) = measures(1, 100);
        for key in 1..=10_000 {
            drop(own.addresses.count(key));
            assert!(own.addresses.own.len() <= 101, "{}", own.addresses.own.len());
        }
        // When those have rested there is room for each to have a measure again.
        clock.advance(Duration::from_secs(3_600));
        (0..20).for_each(|_| drop(own.addresses.count(20_000)));
        assert_eq!(let_by(&own.addresses, 30_000, 100), 20);
    }

    #[test]
    fn a_pace_is_a_number_or_off() {
        assert_eq!("off".parse(), Ok(Pace(None)));
        assert_eq!("50".parse(), Ok(Pace(NonZeroU32::new(50))));
        assert_eq!([Pace(None), "7".parse().unwrap()].map(|pace| pace.to_string()), ["off", "7"]);
        for bad in ["", "0", "-1", "fast", "1000001", "5.5"] {
            assert_eq!(bad.parse::<Pace>(), Err(()), "{bad}");
        }
        assert!(Limits::default().account("a").is_ok());
    }

    #[test]
    fn of_ipv6_the_network_counts() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
