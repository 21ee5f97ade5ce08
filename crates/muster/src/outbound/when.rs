//! When a message is tried, how often, and until when. Pure.

use super::model::{Kind, Quiet};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use muster_kernel::{Day, Digest};

/// How often a message is tried: over about five hours and a half.
pub const ATTEMPTS_MAX: i64 = 12;
/// How long after it was due a letter is still worth sending, where no server sent it before.
pub const STALE_MS: i64 = 24 * 3_600_000;
/// For how many days the words of a letter are kept after it was sent or given up.
pub const KEPT_DAYS: i64 = 7;
/// For how long a message is claimed by the server that sends it.
pub(super) const LEASE_MS: i64 = 5 * 60_000;

/// The first wait after a try in vain; it doubles each time, up to an hour.
const WAIT_MS: i64 = 30_000;
const WAIT_MS_MAX: i64 = 3_600_000;

/// How long to wait after so many tries in vain: 30 s, 1 min, 2 min .. 1 h, less up to a quarter, by the message itself:
/// messages that failed together do not come back together.
pub(super) fn wait_ms(attempts: i64, message: &str) -> i64 {
    let doubled = WAIT_MS << attempts.clamp(1, 8).saturating_sub(1);
    let wait = doubled.min(WAIT_MS_MAX);
    let spread = Digest::of(format!("{message}/{attempts}").as_bytes()).to_string();
    let byte = spread.rsplit_once(':').map_or(&*spread, |(_, hex)| hex);
    let byte = i64::from(u8::from_str_radix(byte.get(..2).unwrap_or("0"), 16).unwrap_or(0));
    wait - wait / 4 * byte / 256
}

/// Until when it is quiet, if it is at an instant, in a time zone.
pub(super) fn quiet_until(quiet: Quiet, now_ms: i64, zone: &TimeZone) -> Option<i64> {
    let today = Day::of_instant(now_ms, zone);
    let at = |day: Day, minutes: i64| {
        let time = Time::new((minutes / 60) as i8, (minutes % 60) as i8, 0, 0).ok()?;
        day.at(time, zone)
    };
    // The night that began yesterday, that of today.
    let nights = [-1, 0].map(|back| {
        let ends = i32::from(quiet.until_min <= quiet.from_min);
        (at(today.plus(back), quiet.from_min), at(today.plus(back + ends), quiet.until_min))
    });
    let holds = |night: &(Option<i64>, Option<i64>)| match *night {
        (Some(from), Some(until)) => from <= now_ms && now_ms < until,
        _ => false,
    };
    nights.into_iter().find(holds).and_then(|(_, until)| until)
}

/// How many messages a channel takes: some at once, then one each so many ms. Of a robot in any minute at most 20, as both
/// platforms say: ten, and one each six seconds.
pub(super) fn pace(kind: Kind) -> (i64, i64) {
    match kind {
        Kind::Wecom | Kind::Dingtalk => (10, 6_000),
        Kind::Mail | Kind::Webhook => (30, 1_000),
        Kind::Folder | Kind::Memory => (1_000, 10),
    }
}

/// What so many messages at an instant come to: the new mark of a channel where it takes them now, or until when they have
/// to wait. The mark is the instant at which all that was sent would have been sent one by one.
pub(super) fn paced(kind: Kind, mark_ms: i64, now_ms: i64, parts: usize) -> Result<i64, i64> {
    let (burst, each_ms) = pace(kind);
    let after = mark_ms.max(now_ms) + each_ms * i64::try_from(parts).unwrap_or(i64::MAX / each_ms);
    let early = after - burst * each_ms;
    if early <= now_ms { Ok(after) } else { Err(early) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_are_not_all_the_same() {
        let all: Vec<i64> = (1..ATTEMPTS_MAX).map(|tries| wait_ms(tries, "m")).collect();
        for (tries, wait) in (1..).zip(&all) {
            let full = (30_000_i64 << (tries - 1)).min(3_600_000);
            assert!(*wait <= full && *wait >= full * 3 / 4, "{tries}: {wait}");
        }
        let hours = all.iter().sum::<i64>() / 3_600_000;
        assert!((4..=6).contains(&hours), "{hours}");
        let spread: std::collections::BTreeSet<i64> = (0..50).map(|n| wait_ms(3, &format!("m{n}"))).collect();
        assert!(spread.len() > 25, "{spread:?}");
    }

    #[test]
    fn it_is_quiet_through_the_night_in_the_time_zone_of_the_operation() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let day: Day = "2020-02-03".parse().unwrap();
        let at = |day: Day, h: i8, m: i8| day.at(Time::new(h, m, 0, 0).unwrap(), &zone).unwrap();
        let night = Quiet { from_min: 22 * 60, until_min: 7 * 60 };
        assert_eq!(quiet_until(night, at(day, 21, 59), &zone), None);
        assert_eq!(quiet_until(night, at(day, 22, 0), &zone), Some(at(day.plus(1), 7, 0)));
        assert_eq!(quiet_until(night, at(day, 0, 30), &zone), Some(at(day, 7, 0)));
        assert_eq!(quiet_until(night, at(day, 7, 0), &zone), None);
        let noon = Quiet { from_min: 12 * 60, until_min: 14 * 60 };
        assert_eq!(quiet_until(noon, at(day, 13, 0), &zone), Some(at(day, 14, 0)));
        assert_eq!(quiet_until(noon, at(day, 14, 0), &zone), None);
        // The hour that is left out in spring: no instant is lost.
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let spring: Day = "2020-03-29".parse().unwrap();
        let inside = spring.at(Time::new(1, 30, 0, 0).unwrap(), &zone).unwrap();
        assert!(
            quiet_until(Quiet { from_min: 60, until_min: 150 }, inside, &zone)
                .is_some_and(|until| until > inside)
        );
    }

    /// In no minute more than 20 go to a robot, whenever they come.
    #[test]
    fn a_robot_gets_at_most_twenty_in_any_minute() {
        let (mut mark, mut sent) = (0, Vec::new());
        for now in (0..600_000).step_by(500) {
            while let Ok(after) = paced(Kind::Wecom, mark, now, 1) {
                mark = after;
                sent.push(now);
            }
        }
        assert!(sent.len() > 90, "{}", sent.len());
        for from in &sent {
            let within = sent.iter().filter(|at| (*from..*from + 60_000).contains(*at)).count();
            assert!(within <= 20, "{within} from {from}");
        }
        assert_eq!(paced(Kind::Wecom, 0, 0, 11), Err(6_000), "more than fits at once waits");
    }
}
