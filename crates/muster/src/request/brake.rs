//! The brake on guessing passwords: who fails often waits, longer each time, and is forgiven with time.
//!
//! It holds three things apart, after OWASP's device cookies: an account as strangers try it, the same account from a
//! device that has logged in to it before, and an address. A stranger who guesses at an account slows down all strangers
//! at that account, and never the person at their own desk; and one address that tries many accounts is slowed as well.
//! From a known device neither what strangers did nor the address counts: the office may share it.
//!
//! An attempt counts as failed from its beginning until [`Brake::ok`]: so a hundred that are sent at once are a hundred.

use super::limits::network_of;
use muster_kernel::Clock;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Failures that cost nothing: at an account, from a device or from strangers.
const FREE: u32 = 5;
/// At an address: behind one may be an office, of which each mistypes now and then.
const FREE_ADDRESS: u32 = 50;
/// The first wait.
const FIRST_MS: i64 = 1_000;
/// The longest wait. A stranger has then 288 guesses a day at an account, whatever number of addresses they have.
const LONGEST_MS: i64 = 300_000;
/// Waits double until they are the longest; further failures change nothing.
const DOUBLINGS: u32 = 9;
/// A failure is forgiven after so long; longer than the longest wait, or guessing on would be forgiven as it goes.
const FORGIVEN_MS: i64 = 600_000;
/// Places that are remembered.
const KNOWN_MAX: usize = 65_536;

/// The brake on guessing. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Brake(Arc<Parts>);

struct Parts {
    clock: Clock,
    /// So that no name is kept, and nobody can choose names that fall together.
    hash: RandomState,
    seen: Mutex<Seen>,
}

impl std::fmt::Debug for Brake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Brake({} places)", self.0.seen.lock().0.len())
    }
}

impl Brake {
    /// A brake that nobody has stepped on yet.
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Parts { clock, hash: RandomState::new(), seen: Mutex::default() }))
    }

    /// Begins an attempt to log in to an account (by the name that was typed, whether there is one or not), from an
    /// address, by a device that has logged in to this very account before (`device_known`) or not. Before the password
    /// is looked at; then [`Brake::ok`] or [`Brake::failed`] is said.
    ///
    /// # Errors
    /// How long to wait before the next attempt; this one is not to be looked at, and does not count.
    pub fn attempt(&self, account: &str, peer: IpAddr, device_known: bool) -> Result<(), Duration> {
        self.0.seen.lock().attempt(&self.places(account, peer, device_known), self.0.clock.now_ms())
    }

    /// The password was wrong, or there is no such account: the wait begins now.
    pub fn failed(&self, account: &str, peer: IpAddr, device_known: bool) {
        self.0.seen.lock().failed(&self.places(account, peer, device_known), self.0.clock.now_ms());
    }

    /// The password was right: all is forgiven at this account, from this sort of device. The address gets back this
    /// attempt only, or whoever has one account could guess at all others from there.
    pub fn ok(&self, account: &str, peer: IpAddr, device_known: bool) {
        self.0.seen.lock().ok(&self.places(account, peer, device_known));
    }

    fn places(&self, account: &str, peer: IpAddr, device_known: bool) -> Vec<Place> {
        let name = self.0.hash.hash_one(account);
        match device_known {
            true => vec![Place::OwnDevice(name)],
            false => vec![Place::Strangers(name), Place::Address(network_of(peer))],
        }
    }
}

/// Where failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    /// An account, from devices that have logged in to it before.
    OwnDevice(u64),
    /// An account, from any others.
    Strangers(u64),
    /// An address, or of IPv6 its network.
    Address(IpAddr),
}

impl Place {
    fn free(self) -> u32 {
        match self {
            Self::OwnDevice(_) | Self::Strangers(_) => FREE,
            Self::Address(_) => FREE_ADDRESS,
        }
    }
}

/// Failures at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Failures {
    count: u32,
    /// When the last of them was, or was forgiven down to this count.
    since_ms: i64,
}

impl Failures {
    /// With those left out that are forgiven by now.
    fn at(self, now_ms: i64) -> Self {
        // A clock that was put back forgives nothing, and holds nobody for longer than it would have.
        let since_ms = self.since_ms.min(now_ms);
        let forgiven = (now_ms - since_ms) / FORGIVEN_MS;
        let count = i64::from(self.count).saturating_sub(forgiven).max(0);
        Self { count: u32::try_from(count).unwrap_or(0), since_ms: since_ms + forgiven * FORGIVEN_MS }
    }

    /// How long after the last failure the next attempt may be.
    fn delay_ms(self, free: u32) -> i64 {
        match self.count.checked_sub(free) {
            None => 0,
            Some(over) => (FIRST_MS << over.min(DOUBLINGS)).min(LONGEST_MS),
        }
    }
}

/// Failures at all places; pure but for being kept.
#[derive(Debug, Default)]
struct Seen(HashMap<Place, Failures>);

impl Seen {
    fn of(&self, place: Place, now_ms: i64) -> Failures {
        self.0.get(&place).map_or(Failures { count: 0, since_ms: now_ms }, |failures| failures.at(now_ms))
    }

    fn attempt(&mut self, places: &[Place], now_ms: i64) -> Result<(), Duration> {
        let wait_ms = |place: &Place| {
            let delay_ms = self.of(*place, now_ms).delay_ms(place.free());
            // Counted from the failure, also where others have been forgiven since.
            let since_ms = self.0.get(place).map_or(now_ms, |failures| failures.since_ms.min(now_ms));
            since_ms + delay_ms - now_ms
        };
        let longest = places.iter().map(wait_ms).max().unwrap_or(0);
        if longest > 0 {
            return Err(Duration::from_millis(longest.unsigned_abs()));
        }
        for place in places {
            self.make_room(now_ms);
            let failures = self.of(*place, now_ms);
            let count = (failures.count + 1).min(place.free() + DOUBLINGS);
            self.0.insert(*place, Failures { count, since_ms: now_ms });
        }
        Ok(())
    }

    fn failed(&mut self, places: &[Place], now_ms: i64) {
        for place in places {
            if let Some(failures) = self.0.get_mut(place) {
                failures.since_ms = failures.since_ms.max(now_ms);
            }
        }
    }

    fn ok(&mut self, places: &[Place]) {
        for place in places {
            match place {
                Place::OwnDevice(_) | Place::Strangers(_) => drop(self.0.remove(place)),
                Place::Address(_) => {
                    if let Some(failures) = self.0.get_mut(place) {
                        failures.count = failures.count.saturating_sub(1);
                    }
                }
            }
        }
    }

    /// Forgets who is forgiven, and where that is not enough the lesser half: whoever fills the memory with names that
    /// nobody has does not make it forget an account that is being guessed at.
    fn make_room(&mut self, now_ms: i64) {
        if self.0.len() < KNOWN_MAX {
            return;
        }
        self.0.retain(|_, failures| failures.at(now_ms).count > 0);
        if self.0.len() < KNOWN_MAX / 2 {
            return;
        }
        let over = |place: &Place, failures: &Failures| {
            (failures.at(now_ms).delay_ms(place.free()), failures.count, failures.since_ms)
        };
        let mut all: Vec<_> = self.0.iter().map(|(place, failures)| over(place, failures)).collect();
        let half = all.len() / 2;
        let least = *all.select_nth_unstable(half).1;
        self.0.retain(|place, failures| over(place, failures) > least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

    const NAME: [Place; 1] = [Place::Strangers(1)];
    const ELSEWHERE: &str = "192.0.2.1";

    fn brake() -> (Brake, Arc<AtomicI64>) {
        let now = Arc::new(AtomicI64::new(1_000_000_000));
        (Brake::new(Clock::Fixed(now.clone())), now)
    }

    fn from(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn waits_begin_after_five_failures_and_double_up_to_five_minutes() {
        let (mut seen, mut now_ms) = (Seen::default(), 0);
        let mut waits = Vec::new();
        for _ in 0..17 {
            let wait = match seen.attempt(&NAME, now_ms) {
                Ok(()) => 0,
                Err(wait) => {
                    now_ms += i64::try_from(wait.as_millis()).unwrap();
                    assert!(seen.attempt(&NAME, now_ms - 1).is_err(), "not a moment earlier");
                    seen.attempt(&NAME, now_ms).unwrap();
                    wait.as_secs()
                }
            };
            waits.push(wait);
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    }

    #[test]
    fn time_forgives_and_the_right_password_forgives_at_once() {
        let fail = |seen: &mut Seen, times: u32, now_ms: i64| {
            seen.0.insert(NAME[0], Failures { count: times, since_ms: now_ms });
        };
        // Failures, rest in minutes, and whether the next attempt may be made.
        for (failures, minutes, may) in
            [(4, 0, true), (5, 0, false), (5, 1, true), (14, 4, false), (14, 5, true), (14, 100, true)]
        {
            let mut seen = Seen::default();
            fail(&mut seen, failures, 0);
            assert_eq!(seen.attempt(&NAME, minutes * 60_000).is_ok(), may, "{failures} {minutes}");
        }
        let mut seen = Seen::default();
        fail(&mut seen, 14, 0);
        assert_eq!(seen.of(NAME[0], 9 * FORGIVEN_MS).count, 5);
        assert_eq!(seen.of(NAME[0], 1_000 * FORGIVEN_MS).count, 0);
        seen.ok(&NAME);
        assert!(seen.0.is_empty());
        // The wait begins when the comparing ends, not when it began.
        fail(&mut seen, 5, 0);
        seen.failed(&NAME, 700);
        assert!(seen.attempt(&NAME, 1_600).is_err() && seen.attempt(&NAME, 1_700).is_ok());
        // A clock that was put back keeps nobody out for longer.
        fail(&mut seen, 5, 3_600_000);
        assert_eq!(seen.attempt(&NAME, 0), Err(Duration::from_secs(1)));
    }

    #[test]
    fn a_stranger_who_guesses_does_not_keep_the_person_at_their_own_desk_out() {
        let (brake, now) = brake();
        let guess = |address: &str| {
            let may = brake.attempt("liu", from(address), false);
            if may.is_ok() {
                brake.failed("liu", from(address), false);
            }
            may.is_ok()
        };
        // From as many addresses as they like.
        let guessed = (0..200).filter(|number| guess(&format!("198.51.100.{number}"))).count();
        assert_eq!(guessed, 5);
        assert!(brake.attempt("liu", from("203.0.113.5"), false).is_err(), "any stranger waits");
        assert_eq!(
            brake.attempt("liu", from("198.51.100.1"), true),
            Ok(()),
            "a known device does not, anywhere"
        );
        brake.ok("liu", from("198.51.100.1"), true);
        assert!(!guess("203.0.113.5"), "nor is the stranger forgiven by it");
        // The known device has a measure of its own.
        let own = (0..100).filter(|_| brake.attempt("liu", from(ELSEWHERE), true).is_ok()).count();
        assert_eq!(own, 5);
        assert_eq!(brake.attempt("wang", from(ELSEWHERE), false), Ok(()), "another account");
        now.fetch_add(3_600_000, Relaxed);
        assert!(guess("203.0.113.5"));
    }

    #[test]
    fn an_address_that_tries_many_accounts_is_slowed_and_one_good_login_does_not_help_it() {
        let (brake, _) = brake();
        let mut tried = 0;
        for number in 0..500 {
            if brake.attempt(&format!("name {number}"), from(ELSEWHERE), false).is_ok() {
                brake.failed(&format!("name {number}"), from(ELSEWHERE), false);
                tried += 1;
            }
            if number % 10 == 0 && brake.attempt("own", from(ELSEWHERE), false).is_ok() {
                brake.ok("own", from(ELSEWHERE), false);
            }
        }
        assert_eq!(tried, 50);
        // An office of a hundred that logs in at once is not.
        for number in 0..100 {
            let name = format!("clerk {number}");
            assert_eq!(brake.attempt(&name, from("192.0.2.77"), false), Ok(()));
            brake.ok(&name, from("192.0.2.77"), false);
        }
        assert!(brake.attempt("x", from("2001:db8::1"), false).is_ok());
        let tried = (0..60).filter(|n| brake.attempt(&format!("y{n}"), from("2001:db8::1"), false).is_ok());
        assert_eq!(tried.count(), 49);
        assert!(brake.attempt("z", from("2001:db8::2:3:4"), false).is_err(), "the same network");
    }

    #[test]
    fn many_at_once_are_many() {
        let (brake, _) = brake();
        // None of them has been looked at yet.
        let begun = (0..100).filter(|_| brake.attempt("liu", from(ELSEWHERE), false).is_ok()).count();
        assert_eq!(begun, 5);
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_matters() {
        let mut seen = Seen::default();
        let victim = [Place::Strangers(u64::MAX)];
        let mut now_ms = 0;
        for _ in 0..12 {
            now_ms += LONGEST_MS;
            seen.attempt(&victim, now_ms).unwrap();
        }
        let before = seen.of(victim[0], now_ms).count;
        for number in 0..3 * KNOWN_MAX as u64 {
            seen.attempt(&[Place::Strangers(number)], now_ms).unwrap();
            assert!(seen.0.len() <= KNOWN_MAX);
        }
        assert_eq!(seen.of(victim[0], now_ms).count, before);
        // And all of it goes by itself.
        seen.make_room(now_ms + 1_000 * FORGIVEN_MS);
        let (brake, _) = brake();
        brake.attempt("a name", from(ELSEWHERE), false).unwrap();
        assert!(!format!("{brake:?}").contains("a name"));
    }

    proptest! {
        /// However attempts, failures and successes follow one another: nobody waits for more than five minutes, and in
        /// any window of time strangers have only so many guesses at an account.
        #[test]
        fn guesses_are_few_and_waits_end(steps in proptest::collection::vec((0_i64..400_000, 0_u8..3), 1..400)) {
            let (mut seen, mut now_ms, mut guesses) = (Seen::default(), 0, Vec::new());
            for (rest_ms, what) in steps {
                now_ms += rest_ms;
                match seen.attempt(&NAME, now_ms) {
                    Ok(()) => {
                        guesses.push(now_ms);
                        if what == 0 {
                            now_ms += 500;
                            seen.failed(&NAME, now_ms);
                        }
                    }
                    Err(wait) => {
                        prop_assert!(wait <= Duration::from_millis(LONGEST_MS.unsigned_abs()), "{wait:?}");
                        let end_ms = now_ms + i64::try_from(wait.as_millis()).unwrap();
                        prop_assert!(seen.attempt(&NAME, end_ms).is_ok());
                        guesses.push(end_ms);
                        now_ms = end_ms;
                    }
                }
            }
            // 14 until the longest wait, and then one for each five minutes.
            for (at, first) in guesses.iter().enumerate() {
                let within = guesses[at..].iter().take_while(|guess| *guess - first < 3_600_000).count();
                prop_assert!(within <= 14 + 12 + 6, "{within} in an hour");
            }
        }
    }
}
