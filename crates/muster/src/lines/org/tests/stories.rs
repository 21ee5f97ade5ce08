//! Stories of the tree: what a person asks and is told.

use super::{ctx, day, facts, new, read, refused, write};
use crate::lines::operation::Names;
use crate::lines::org::model::{Node, Party, SuccessionKind};
use crate::lines::org::timeline::Patch;
use crate::lines::org::{self};
use crate::migrations::MIGRATIONS;
use crate::seal::Seals;
use crate::{Ctx, Reach};
use muster_kernel::Day;
use muster_store::journal_read;
use muster_store::testdb::{TestDb, each_store};
use std::collections::BTreeMap;

/// A regulator with two groups; the first has two firms, one of which has a site.
fn planted(db: &TestDb) {
    write(db, |tx, ctx| {
        let mut units = vec![
            new("SITE", Some("F1"), day(0)),
            new("F1", Some("G1"), day(0)),
            new("AQ", None, day(0)),
            new("G1", Some("AQ"), day(0)),
            new("G2", Some("AQ"), day(0)),
            new("F2", Some("G1"), day(3)),
        ];
        units[0].facts.place = Some("340102001".parse().unwrap());
        units[0].facts.classes = vec!["key".to_owned()];
        org::unit_create(tx, ctx, &units)
    })
    .unwrap();
}

fn path_of(db: &TestDb, code: &'static str, on: Day) -> Vec<String> {
    read(db, move |rx| {
        let Some(standing) = org::unit_by_code(rx, code, on)? else { return Ok(Vec::new()) };
        Ok(org::standings_on(rx, &standing.chain, on)?.into_iter().map(|s| s.code.to_string()).collect())
    })
}

#[test]
fn a_past_day_is_read_with_that_days_tree() {
    each_store(MIGRATIONS, |db| {
        planted(db);
        let epoch = read(db, |rx| org::tree_epoch(rx));
        write(db, |tx, ctx| org::unit_move(tx, ctx, "F1", day(10), "G2")).unwrap();
        assert_eq!(read(db, |rx| org::tree_epoch(rx)), epoch + 1);
        assert_eq!(path_of(db, "SITE", day(9)), ["AQ", "G1", "F1", "SITE"]);
        assert_eq!(path_of(db, "SITE", day(10)), ["AQ", "G2", "F1", "SITE"]);
        assert_eq!(path_of(db, "F2", day(2)), [""; 0]);
        let place = org::Node::Place("3401".parse().unwrap());
        assert_eq!(read(db, move |rx| org::node_count_on(rx, place, day(9))), 1);
        write(db, |tx, ctx| {
            org::unit_change(tx, ctx, "SITE", day(5), &Patch { place: Some(None), ..Patch::default() })
        })
        .unwrap();
        assert_eq!(read(db, move |rx| org::node_count_on(rx, place, day(4))), 1);
        assert_eq!(read(db, move |rx| org::node_count_on(rx, place, day(5))), 0);
        assert_eq!(read(db, move |rx| org::node_count(rx, place.id(), 10)), 1, "it was there once");
    });
}

#[test]
fn a_page_of_a_place_and_a_class_goes_on_where_it_ended() {
    each_store(MIGRATIONS, |db| {
        planted(db);
        write(db, |tx, ctx| {
            let units: Vec<_> = (0..25)
                .map(|at| {
                    let mut unit = new(&format!("S{at:02}"), Some("G2"), day(0));
                    unit.facts.place = Some(["340100", "340200", "350100"][at % 3].parse().unwrap());
                    unit.facts.classes = vec!["key".to_owned()];
                    unit
                })
                .collect();
            org::unit_create(tx, ctx, &units)
        })
        .unwrap();
        let province = "34".parse().unwrap();
        let (mut seen, mut after) = (Vec::new(), (0, 0));
        loop {
            let page = read(db, move |rx| org::place_page(rx, province, day(1), after, 4));
            let Some(last) = page.last() else { break };
            after = (last.place, last.unit);
            seen.extend(page.into_iter().map(|s| s.unit));
        }
        assert_eq!(seen.len(), 18);
        seen.dedup();
        assert_eq!(seen.len(), 18);
        let class = read(db, |rx| org::classes(rx))[0].id;
        let (mut count, mut after) = (0, 0);
        while let Some(last) = read(db, move |rx| org::class_page(rx, class, day(1), after, 7)).last() {
            let page = read(db, move |rx| org::class_page(rx, class, day(1), after, 7));
            count += page.len() as i64;
            after = last.unit;
        }
        assert_eq!(count, 26);
        assert_eq!(read(db, move |rx| org::node_count_on(rx, Node::Class(class), day(1))), 26);
        let mut members = 0;
        let each = read(db, move |rx| {
            let mut found = Vec::new();
            org::node_standings_each(rx, Node::Class(class).id(), day(0), day(1), |standing| {
                found.push(standing.code.to_string());
                Ok(())
            })?;
            Ok(found)
        });
        members += each.len();
        assert_eq!(members, 26);
    });
}

#[test]
fn refusals_name_the_units() {
    each_store(MIGRATIONS, |db| {
        planted(db);
        assert_eq!(refused(write(db, |tx, ctx| org::unit_move(tx, ctx, "G1", day(4), "F1"))), "unit.circle");
        assert_eq!(
            refused(write(db, |tx, ctx| org::unit_move(tx, ctx, "F2", day(1), "G2"))),
            "unit.before_opening"
        );
        assert_eq!(
            refused(write(db, |tx, ctx| org::unit_close(tx, ctx, "F1", day(4), false))),
            "unit.has_open_below"
        );
        assert_eq!(
            refused(write(db, |tx, ctx| org::unit_close(tx, ctx, "NONE", day(4), false))),
            "unit.unknown"
        );
        assert_eq!(
            refused(write(db, |tx, ctx| org::unit_close(tx, ctx, "SITE", day(0), false))),
            "unit.opens_that_day"
        );
        let twice = write(db, |tx, ctx| org::unit_create(tx, ctx, &[new("F2", Some("AQ"), day(0))]));
        assert_eq!(refused(twice), "unit.code_taken");
        let orphan = write(db, |tx, ctx| org::unit_create(tx, ctx, &[new("X", Some("NONE"), day(0))]));
        assert_eq!(refused(orphan), "unit.parent_unknown");
        let early = write(db, |tx, ctx| org::unit_create(tx, ctx, &[new("X", Some("F2"), day(0))]));
        assert_eq!(refused(early), "unit.parent_closed");
        let round = [new("X", Some("Y"), day(0)), new("Y", Some("X"), day(0))];
        assert_eq!(
            refused(write(db, move |tx, ctx| org::unit_create(tx, ctx, &round))),
            "unit.circle_of_new"
        );
        write(db, |tx, ctx| org::unit_close(tx, ctx, "F1", day(6), true)).unwrap();
        assert_eq!(path_of(db, "SITE", day(6)), [""; 0]);
        assert_eq!(path_of(db, "SITE", day(5)), ["AQ", "G1", "F1", "SITE"]);
        let below_closed = write(db, |tx, ctx| org::unit_create(tx, ctx, &[new("X", Some("F1"), day(6))]));
        assert_eq!(refused(below_closed), "unit.parent_closed");
        assert_eq!(
            refused(write(db, |tx, ctx| org::unit_close(tx, ctx, "SITE", day(9), false))),
            "unit.not_open"
        );
        let mut deep = vec![new("D0", Some("AQ"), day(0))];
        deep.extend(
            (1..org::DEPTH_MAX).map(|at| new(&format!("D{at}"), Some(&format!("D{}", at - 1)), day(0))),
        );
        assert_eq!(refused(write(db, move |tx, ctx| org::unit_create(tx, ctx, &deep))), "unit.too_deep");
    });
}

#[test]
fn what_lies_outside_ones_reach_does_not_exist() {
    each_store(MIGRATIONS, |db| {
        planted(db);
        let g2 = read(db, |rx| org::unit_by_code(rx, "G2", day(1))).unwrap().unit;
        let as_g2 = |verb: fn(&mut muster_store::Tx<'_>, &Ctx) -> Result<org::TreeChange, crate::Fail>| {
            write(db, move |tx, ctx| verb(tx, &Ctx { reach: Reach::under(g2), ..ctx.clone() }))
        };
        assert_eq!(refused(as_g2(|tx, ctx| org::unit_close(tx, ctx, "F1", day(4), true))), "unit.unknown");
        assert_eq!(refused(as_g2(|tx, ctx| org::unit_move(tx, ctx, "G2", day(4), "G1"))), "unit.unknown");
        let below_other = as_g2(|tx, ctx| org::unit_create(tx, ctx, &[new("X", Some("F1"), day(4))]));
        assert_eq!(refused(below_other), "unit.parent_unknown");
        assert_eq!(
            refused(as_g2(|tx, ctx| org::unit_create(tx, ctx, &[new("X", None, day(4))]))),
            "unit.parent_missing"
        );
        assert!(as_g2(|tx, ctx| org::unit_create(tx, ctx, &[new("X", Some("G2"), day(4))])).is_ok());
    });
}

#[test]
fn merge_and_split_leave_the_past_where_it_was() {
    each_store(MIGRATIONS, |db| {
        planted(db);
        write(db, |tx, ctx| org::unit_merge(tx, ctx, &["G1".to_owned()], "G2", day(5))).unwrap();
        assert_eq!(path_of(db, "SITE", day(4)), ["AQ", "G1", "F1", "SITE"]);
        assert_eq!(path_of(db, "SITE", day(5)), ["AQ", "G2", "F1", "SITE"]);
        assert_eq!(path_of(db, "G1", day(5)), [""; 0]);
        let given = BTreeMap::from([("F1".to_owned(), "G3".to_owned()), ("F2".to_owned(), "G4".to_owned())]);
        // What becomes of a unit lies where it lay, unless it says otherwise.
        let hefei = Patch { place: Some("340100".parse().ok()), ..Patch::default() };
        write(db, move |tx, ctx| org::unit_change(tx, ctx, "G2", day(6), &hefei)).unwrap();
        write(db, move |tx, ctx| {
            let mut into = [new("G3", None, day(0)), new("G4", None, day(0))];
            into[1].facts.place = "340200".parse().ok();
            org::unit_split(tx, ctx, "G2", day(8), &into, &given)
        })
        .unwrap();
        assert_eq!(path_of(db, "SITE", day(7)), ["AQ", "G2", "F1", "SITE"]);
        assert_eq!(path_of(db, "SITE", day(8)), ["AQ", "G3", "F1", "SITE"]);
        assert_eq!(path_of(db, "F2", day(8)), ["AQ", "G4", "F2"]);
        assert_eq!(path_of(db, "G2", day(8)), [""; 0], "nothing was left below it");
        let place =
            |code: &'static str| read(db, move |rx| org::unit_by_code(rx, code, day(8))).unwrap().place;
        let number = |place: &str| place.parse::<org::Place>().unwrap().number();
        assert_eq!([place("G3"), place("G4")], [number("340100"), number("340200")]);
        let history = read(db, |rx| org::unit_history(rx, "G2")).unwrap();
        let successions: Vec<_> =
            history.successions.iter().map(|s| (&*s.code, s.day, s.kind, s.after)).collect();
        assert_eq!(
            successions,
            [
                ("G1", day(5), SuccessionKind::Merge, false),
                ("G3", day(8), SuccessionKind::Split, true),
                ("G4", day(8), SuccessionKind::Split, true),
            ]
        );
        let actions: Vec<_> = history.entries.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["unit.split", "unit.change", "unit.merge", "unit.create"]);
    });
}

#[test]
fn a_telephone_stands_in_its_own_table_and_nowhere_else() {
    each_store(MIGRATIONS, |db| {
        planted(db);
        let names = Names { zh_hans: "值班".to_owned(), ..Names::default() };
        let from_day = Some((day(2), "account:7"));
        let post =
            write(db, move |tx, ctx| org::post_set(tx, ctx, "SITE", "duty", &names, from_day)).unwrap();
        assert!(!post.on_duty);
        write(db, |tx, ctx| org::contact_set(tx, ctx, "SITE", "duty", "000-6260 1234")).unwrap();
        let unit = post.unit;
        let holders =
            [day(1), day(2)].map(|on| read(db, move |rx| org::posts_of(rx, &[unit], on))[0].holder.clone());
        assert_eq!(holders, ["", "account:7"]);
        let contacts = read(db, move |rx| org::duty_contacts(rx, &Seals::of_demo(), &[unit]));
        assert_eq!((contacts.len(), contacts[0].text()), (1, Some("000-6260 1234")));
        let heads = read(db, |rx| muster_store::heads(rx));
        for head in heads {
            for no in 1..=head.no {
                let link = muster_store::Link { lane: head.lane, no };
                let entry = read(db, move |rx| journal_read(rx, link)).unwrap();
                assert!(!String::from_utf8_lossy(&entry.body).contains("6260"), "{}", entry.action);
            }
        }
        write(db, |tx, ctx| org::contact_set(tx, ctx, "SITE", "duty", "")).unwrap();
        assert_eq!(read(db, move |rx| org::duty_contacts(rx, &Seals::of_demo(), &[unit])), []);
        assert_eq!(
            refused(write(db, |tx, ctx| org::contact_set(tx, ctx, "SITE", "night", "120"))),
            "post.unknown"
        );
    });
}

#[test]
fn outside_parties_stand_beside_the_tree() {
    each_store(MIGRATIONS, |db| {
        let party = |code: &str| Party {
            id: 0,
            code: code.to_owned(),
            names: facts("省防控指挥部").names,
            kind: "command".to_owned(),
            place: Some("34".parse().unwrap()),
            opened: None,
            closed: None,
            rev: 0,
        };
        for code in ["P2", "P1"] {
            let party = party(code);
            write(db, move |tx, ctx| org::party_create(tx, ctx, &party)).unwrap();
        }
        let again = party("P1");
        assert_eq!(refused(write(db, move |tx, ctx| org::party_create(tx, ctx, &again))), "party.code_taken");
        let codes: Vec<_> =
            read(db, |rx| org::parties(rx, "", 10)).into_iter().map(|party| party.code).collect();
        assert_eq!(codes, ["P1", "P2"]);
        assert_eq!(ctx().operation, 1);
    });
}
