//! When letters go: again, not twice at a time, not at night, not too many a minute.

use super::standin::Host;
use super::{came, carried, channel, in_memory, outbox, remind, sending, sent, test};
use crate::cast::{Terms, told_with};
use muster::outbound::{ATTEMPTS_MAX, Carried, KEPT_DAYS, Settings, round};
use muster::work::texts_erased;
use serde_json::json;
use std::time::Duration;

fn naming(host: &Host) -> Settings {
    Settings {
        hosts: vec![("127.0.0.1".into(), host.port)],
        private: vec!["127.0.0.1/32".parse().unwrap()],
        ..Settings::default()
    }
}

#[test]
fn what_is_not_taken_is_tried_again_and_given_up_in_the_end() {
    told_with(Terms::default(), |cast| {
        let host = cast.house.run(Host::start());
        let house = sending(cast, naming(&host));
        channel(&house, "G1", &json!({ "kind": "webhook", "address": host.url() }));
        test(&house, "G1");
        host.answers(&[(503, ""); 20]);
        let start_ms = house.app.clock.now_ms();
        let mut tries = 0;
        loop {
            let came = carried(&house);
            tries += i64::from(came.failed + came.given_up > 0);
            if came.given_up == 1 {
                break;
            }
            assert_eq!(carried(&house), sent(0), "not before its time");
            let now_ms = house.app.clock.now_ms();
            assert!(now_ms - start_ms < 8 * 3_600_000, "for hours, not for ever");
            house.app.clock.set(now_ms + 60_000);
        }
        assert_eq!(tries, ATTEMPTS_MAX);
        let letter = &outbox(&house, "office", "")[0];
        assert_eq!(
            (&letter["state"], &letter["error"], &letter["attempts"]),
            (&json!("given_up"), &json!("http_503"), &json!(ATTEMPTS_MAX))
        );
        assert_eq!(house.journalled("letter.give_up").len(), 1);
        // What no server sent for a day is not sent any more.
        in_memory(&house, "G1");
        test(&house, "G1");
        house.app.clock.set(house.app.clock.now_ms() + 25 * 3_600_000);
        assert_eq!(carried(&house), Carried { given_up: 1, ..Carried::default() });
        assert_eq!(outbox(&house, "office", "")[0]["error"], "too_late");
    });
}

/// A server that stops in the middle loses none, and another does not send the same while it may be on its way.
#[test]
fn a_letter_is_claimed_by_one_server_at_a_time_and_outlives_it() {
    told_with(Terms::default(), |cast| {
        let host = cast.house.run(Host::start());
        let (first, second) = (sending(cast, naming(&host)), sending(cast, naming(&host)));
        channel(&first, "G1", &json!({ "kind": "webhook", "address": host.url() }));
        let id = test(&first, "G1")["id"].clone();
        host.answers(&[(0, "")]);
        let app = first.app.clone();
        // It stops while it waits for an answer.
        first.run(async move {
            let task = tokio::spawn(async move { round(&app).await });
            let asked = async {
                while host.asked.lock().unwrap().is_empty() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), asked).await.unwrap();
            task.abort();
            assert!(task.await.is_err());
            // Claimed: the second does not send it, until the claim is over.
            assert_eq!(round(&second.app).await.unwrap(), sent(0));
            second.app.clock.set(second.app.clock.now_ms() + 5 * 60_000 - 1);
            assert_eq!(round(&second.app).await.unwrap(), sent(0));
            second.app.clock.set(second.app.clock.now_ms() + 1);
            assert_eq!(round(&second.app).await.unwrap(), sent(1));
            let keys: Vec<_> = host
                .taken()
                .iter()
                .map(|one| one.headers["x-muster-id"].to_str().unwrap().to_owned())
                .collect();
            assert_eq!(keys, [id.as_str().unwrap(), id.as_str().unwrap()], "twice, and known by its key");
        });
    });
}

#[test]
fn two_servers_that_work_at_the_same_time_send_each_letter_once() {
    told_with(Terms::default(), |cast| {
        let (first, second) = (sending(cast, Settings::default()), sending(cast, Settings::default()));
        for unit in ["G1", "F11", "S111", "S112"] {
            in_memory(&first, unit);
        }
        for _ in 0..6 {
            for unit in ["G1", "F11", "S111", "S112"] {
                test(&first, unit);
            }
        }
        let (one, other) = first.run(async {
            let (one, other) = tokio::join!(round(&first.app), round(&second.app));
            (one.unwrap(), other.unwrap())
        });
        assert_eq!(one.sent + other.sent, 24);
        let mut keys: Vec<String> =
            came(&first).into_iter().chain(came(&second)).map(|(_, one)| one.key).collect();
        assert_eq!(keys.len(), 24);
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 24);
    });
}

#[test]
fn at_night_letters_wait_and_go_as_one_in_the_morning() {
    told_with(Terms::default(), |cast| {
        let house = sending(cast, Settings::default());
        channel(
            &house,
            "S112",
            &json!({ "kind": "memory", "address": "s112", "quiet_from": "22:00", "quiet_until": "07:00" }),
        );
        cast.clock("22:30");
        for day in ["2020-02-01", "2020-02-02", "2020-02-03"] {
            assert_eq!(
                remind(&house, "office", json!({ "node": "unit:S112", "day": day })).json()["sent"],
                1,
                "{day}"
            );
        }
        assert_eq!(carried(&house), sent(0));
        // One that asks whether the channel works goes at once.
        test(&house, "S112");
        assert_eq!(carried(&house), sent(1));
        assert_eq!(came(&house)[0].1.kind, "test");
        let waiting = outbox(&house, "office", "?state=waiting");
        assert!(
            waiting.len() == 3 && waiting.iter().all(|one| one["next_try"] == "2020-02-04T07:00:00+08:00"),
            "{waiting:?}"
        );
        cast.clock("02-04 06:59");
        assert_eq!(carried(&house), sent(0));
        cast.clock("02-04 07:00");
        assert_eq!(carried(&house), sent(3));
        let [(to, digest)] = &came(&house)[..] else { panic!("as one") };
        assert_eq!((to.as_str(), digest.kind.as_str(), digest.letters.len()), ("s112", "digest", 3));
        for day in ["2020-02-01", "2020-02-02", "2020-02-03"] {
            assert!(digest.parts[0].contains(&format!("of {day}")), "{}", digest.parts[0]);
        }
        assert!(outbox(&house, "office", "").iter().all(|one| one["state"] == "sent"));
    });
}

/// A digest that fails is the same digest when it comes again, whatever came meanwhile.
#[test]
fn what_went_together_comes_again_together() {
    told_with(Terms::default(), |cast| {
        let host = cast.house.run(Host::start());
        let house = sending(cast, naming(&host));
        channel(
            &house,
            "S112",
            &json!({ "kind": "webhook", "address": host.url(), "quiet_from": "22:00", "quiet_until": "07:00" }),
        );
        cast.clock("23:00");
        for day in ["2020-02-02", "2020-02-03"] {
            remind(&house, "office", json!({ "node": "unit:S112", "day": day }));
        }
        assert_eq!(carried(&house), sent(0));
        cast.clock("02-04 07:00");
        host.answers(&[(500, "")]);
        assert_eq!(carried(&house).failed, 2);
        remind(&house, "office", json!({ "node": "unit:S112", "day": "2020-02-01" }));
        cast.clock("02-04 07:10");
        assert_eq!(carried(&house), sent(3));
        let bodies: Vec<serde_json::Value> =
            host.taken().iter().map(|one| serde_json::from_slice(&one.body).unwrap()).collect();
        assert_eq!(bodies.len(), 3);
        let again: Vec<_> = bodies[1..].iter().filter(|body| body["id"] == bodies[0]["id"]).collect();
        assert!(again.len() == 1 && again[0] == &bodies[0], "{bodies:?}");
    });
}

#[test]
fn a_robot_gets_no_more_in_a_minute_than_its_platform_takes() {
    told_with(Terms::default(), |cast| {
        let host = cast.house.run(Host::start());
        let house = sending(cast, Settings { wecom: host.url(), ..naming(&host) });
        channel(&house, "G1", &json!({ "kind": "wecom", "key": "693a91f6-7abc-4bc4" }));
        for _ in 0..30 {
            test(&house, "G1");
        }
        let start_ms = house.app.clock.now_ms();
        let mut each_minute = Vec::new();
        while each_minute.iter().sum::<u64>() < 30 && each_minute.len() < 10 {
            let mut minute = 0;
            for second in 0..60 {
                house.app.clock.set(start_ms + (each_minute.len() as i64 * 60 + second) * 1_000);
                minute += carried(&house).sent;
            }
            each_minute.push(minute);
        }
        assert_eq!(each_minute.iter().sum::<u64>(), 30, "all of them in the end");
        assert!(each_minute.iter().all(|minute| *minute <= 20), "{each_minute:?}");
        assert_eq!(host.taken().len(), 30);
    });
}

#[test]
fn words_go_a_week_after_a_letter_went_and_the_rest_stays() {
    told_with(Terms::default(), |cast| {
        let house = sending(cast, Settings::default());
        in_memory(&house, "G1");
        test(&house, "G1");
        assert_eq!(carried(&house), sent(1));
        let erased = || house.run(texts_erased(&house.app)).unwrap();
        house.app.clock.set(house.app.clock.now_ms() + KEPT_DAYS * 86_400_000);
        assert_eq!(erased(), 0);
        house.app.clock.set(house.app.clock.now_ms() + 1);
        assert_eq!((erased(), erased()), (1, 0));
        let letter = &outbox(&house, "office", "")[0];
        assert_eq!(
            (&letter["state"], letter["text"].is_null(), letter["title"].is_null()),
            (&json!("sent"), true, true)
        );
    });
}
