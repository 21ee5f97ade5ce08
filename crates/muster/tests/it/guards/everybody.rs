//! Every door, walked by every role that there is, from above, inside, beside and below what is asked about. What must come
//! of it is reckoned from data alone: the door's row, what the role may do, and whether the place covers the unit.

use super::reckoned::{ALSO, PLACES, TREE, Walker, Wanted, wanted};
use super::tasks::task_for;
use super::{Held, REFUSING, STARTER, Sample, Walk, folder_channel, group_service, samples};
use crate::cast::{Cast, Terms, day, names, unit_id};
use crate::house::{Said, story};
use axum::http::StatusCode;
use muster::lines::access::{self, Account, Role};
use muster::lines::org::{Facts, NewUnit, unit_create};
use muster::serve::guards::{About, DOORS, Door, Guard};
use muster_kernel::Day;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What could not be told apart: method, path, role, place, why.
const UNCOVERED: &[(&str, &str, Role, &str, &str)] = &[];

/// What whoever is let in after the first is told: it is done. Nobody who may not know of it is told so.
const DONE: &[(&str, &str, &str)] = &[
    ("POST", "/accounts", "account.name_taken"),
    ("POST", "/accounts/{id}/erase", "account.erased"),
    ("PUT", "/accounts/{id}/oidc/{provider}", "oidc.linked"),
    ("POST", "/findings/{id}/answer", "finding.answered"),
    ("POST", "/findings/{id}/close", "finding.closed"),
    ("POST", "/grants", "grant.held"),
    ("POST", "/grants/{id}/end", "grant.days"),
];

/// A question that is no door's sample.
fn question(ask: &str) -> Sample {
    let (path, unit, media_type) = ("", "", "");
    Sample { method: "GET", path, unit, ask: ask.to_owned(), media_type, body: String::new() }
}

fn is_book(sample: &Sample) -> bool {
    sample.path.starts_with("/imports/book")
}

/// What is asked of a door, and about what it is then. A book of addresses says where in the tree its rows belong in the
/// question: then it is about that unit, and its rows name none.
fn asked(sample: Sample) -> impl Iterator<Item = (Sample, Option<About>)> {
    let book = is_book(&sample).then(|| Sample {
        ask: format!("{}?under=UNIT", sample.path),
        unit: "F21",
        body: "单位,联系电话\nanother name,0551-5550102\n".to_owned(),
        ..sample
    });
    [(sample, None)].into_iter().chain(book.map(|book| (book, Some(About::Unit))))
}

/// The same about what nobody has: an id that is drawn is another one; a unit is for [`Walk::send`] to say.
fn of_nothing(held: &Held, sample: &Sample) -> Sample {
    let ids = [&held.notice, &held.grant, &held.link, &held.finding, &held.measure];
    let ids = ids.into_iter().chain(held.tasks.values()).collect::<Vec<_>>();
    let other = |ask: String, id: &&String| ask.replace(id.as_str(), &format!("{}ffff", &id[..id.len() - 4]));
    let ask = ids.iter().fold(sample.ask.clone(), other);
    Sample { ask, body: sample.body.clone(), ..*sample }
}

/// What is said of something that is not there instead of what the walker may not know; and what stands for it there.
fn unknown(walk: &Walk<'_>, sample: &Sample, walker: &Walker) -> (Said, &'static str) {
    let also = ALSO.iter().find(|one| (one.0, one.1) == (sample.method, sample.path));
    match also {
        Some((.., also)) if walker.covers(sample.unit) => {
            let quoted = |unit: &str| format!("\"{unit}\"");
            let body = sample.body.replace(&quoted(also), &quoted("NOWHERE"));
            assert_ne!(body, sample.body);
            let nothing = Sample { ask: sample.ask.clone(), body, ..*sample };
            (walk.send(Some(&walker.token), &nothing, sample.unit), also)
        }
        _ => {
            let nothing = of_nothing(&walk.held, sample);
            (walk.send(Some(&walker.token), &nothing, "NOWHERE"), sample.unit)
        }
    }
}

/// What a deed that ended something, or used it up, is done to is there again, for whoever is let in next: where it would
/// be *unknown* otherwise, as it is to those who may not know of it.
fn again(cast: &Cast<'_>, held: &Held, sample: &Sample) -> Option<Sample> {
    let same = || Sample { ask: sample.ask.clone(), body: sample.body.clone(), ..*sample };
    let unit = *cast.chain("F21").last().unwrap();
    if let ("POST", Some(step)) = (sample.method, sample.path.strip_prefix("/tasks/{id}/")) {
        let ask = sample.ask.replace(&held.tasks[step], &task_for(cast, step).1);
        return Some(Sample { ask, ..same() });
    }
    match (sample.method, sample.path) {
        ("POST", "/accounts/{id}/end") => {
            let account = Account::at("ends-F21", Role::Filler, unit);
            cast.write(move |tx, ctx| access::account_set(tx, ctx, &account, Some(("ends-F21-name", None))));
            Some(same())
        }
        ("POST", "/accounts/{id}/oidc/{provider}/end") => {
            let service = access::Service::of(&group_service());
            cast.write(move |tx, ctx| access::oidc_link(tx, ctx, "linked-F21", &service, "s-1"));
            Some(same())
        }
        ("POST", "/accounts/{id}/reset") => {
            let app = &cast.house.app;
            let asked = access::reset_ask(&app.db, app.seals.clone(), app.moment(), "forgot-F21-name".into());
            let code = cast.house.run(asked).unwrap().code;
            Some(Sample { body: json!({ "code": code }).to_string(), ..same() })
        }
        ("DELETE", "/units/{code}/channels/{channel}") => {
            cast.write(move |tx, ctx| {
                muster::outbound::channel_set(tx, ctx, unit, "goes", &folder_channel(), false)
            });
            Some(same())
        }
        ("POST", "/links/{id}/end") => {
            let wanted = json!({ "under": "S211", "alone": true, "pin": false });
            let issued = cast.house.post("office", "/links", wanted).json();
            let id = issued["items"][0]["id"].as_str().unwrap().to_owned();
            Some(Sample { ask: sample.ask.replace(&held.link, &id), ..same() })
        }
        _ => None,
    }
}

/// One account of each role at each place.
fn walkers(cast: &Cast<'_>, walk: &Walk<'_>, roles: &'static [Role]) -> Vec<Walker> {
    cast.tree(|tx, ctx| {
        let facts = Facts {
            names: names("B1"),
            kind: "site".into(),
            place: None,
            time_zone: String::new(),
            classes: Vec::new(),
        };
        let site = NewUnit {
            code: "B1".into(),
            facts,
            parent: Some("F21".into()),
            since: day("2020-01-01"),
            until: Day::OPEN_END,
        };
        unit_create(tx, ctx, &[site])
    });
    let name = |role: Role, place: &str| format!("{}-{place}", role.word());
    cast.write(move |tx, ctx| {
        for (place, unit) in PLACES {
            let unit = unit_id(tx, unit)?;
            for role in roles {
                access::account_set(tx, ctx, &Account::at(&name(*role, place), *role, unit), None)?;
            }
        }
        Ok(())
    });
    let all = PLACES.iter().flat_map(|(place, unit)| roles.iter().map(move |role| (*role, *place, *unit)));
    all.map(|(role, place, unit)| Walker { role, place, unit, token: walk.log_in(&name(role, place)) })
        .collect()
}

/// Of some codes those that a text says, as a word of its own.
fn told_of(text: &str, codes: &BTreeSet<&'static str>) -> Vec<String> {
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    codes.iter().filter(|code| words.contains(**code)).map(|code| (*code).to_owned()).collect()
}

fn is_text(said: &Said) -> bool {
    let kind = said.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.contains("json") || kind.starts_with("text/")
}

/// Whether a door may be looked at first, without doing it.
fn is_looked_at(contract: &Value, sample: &Sample) -> bool {
    let door = &contract["paths"][format!("/api/v1{}", sample.path)][sample.method.to_lowercase()];
    door["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "dry_run")
}

/// The code with which somebody who is let in is refused all the same: it is done already, or it is their own and not theirs.
fn refused_inside(sample: &Sample, walker: &Walker, is_first: bool) -> Option<&'static str> {
    let at = (sample.method, sample.path);
    let own = REFUSING.iter().find(|one| (one.0, one.1) == at).map(|one| one.2);
    // A token bears nothing that its person may not do.
    let scope = at == ("POST", "/session/tokens") && !walker.role.may(access::Permission::Read);
    let starter = STARTER.strip_prefix("/api/v1") == Some(sample.path);
    let done = DONE.iter().find(|one| !is_first && (one.0, one.1) == at).map(|one| one.2);
    own.or(scope.then_some("token.refused")).or(starter.then_some("form.assigned_already")).or(done)
}

/// Whoever must not come in: told so, or told what is said of what is not there.
fn kept_out(walk: &Walk<'_>, sample: &Sample, walker: &Walker, wanted: Wanted) {
    let said = walk.send(Some(&walker.token), sample, sample.unit);
    let told = format!("{}: {} {}", walker.at(sample), said.status, said.json());
    let text = String::from_utf8_lossy(&said.bytes).into_owned();
    match wanted {
        Wanted::Refused(status, code) => {
            assert_eq!((said.status.as_u16(), said.code().as_str()), (status, code), "{told}")
        }
        Wanted::Unknown => {
            let (unknown, named) = unknown(walk, sample, walker);
            // Where it was the second unit that is not known, it is told at its field.
            let parent = said.code() == "unit.parent_unknown";
            assert!(said.status == StatusCode::NOT_FOUND || parent, "{told}");
            assert_eq!(said.status, unknown.status, "{told}");
            let same = text.replace(named, "NOWHERE") == String::from_utf8_lossy(&unknown.bytes);
            assert!(named.is_empty() || same, "{told}, and not {}", unknown.json());
        }
        Wanted::NoRow => {
            assert_eq!(said.status, StatusCode::OK, "{told}");
            assert!(text.contains("\"refused\""), "{told}");
            assert!(!text.contains("\"accepted\":1") && !text.contains("receipt"), "{told}");
            // A unit's code is taken whoever has it, and nothing else is told of who has.
            assert!(text.contains("\"unit.unknown\"") || text.contains("\"unit.code_taken\""), "{told}");
        }
        Wanted::In => unreachable!("they are let in"),
    }
}

/// Whoever may come in, and that they are told of no unit outside their part. Whether they did what the door is for.
fn let_in(walk: &Walk<'_>, sample: &Sample, walker: &Walker, rows: bool, is_first: bool) -> bool {
    let said = walk.send(Some(&walker.token), sample, sample.unit);
    let told = format!("{}: {} {}", walker.at(sample), said.status, said.json());
    let text = String::from_utf8_lossy(&said.bytes);
    if is_text(&said) {
        let outside = told_of(&text, &walker.unknown_units());
        assert!(outside.is_empty(), "{told}: tells of {outside:?}");
    }
    match refused_inside(sample, walker, is_first) {
        Some(code) => assert_eq!(said.code(), code, "{told}"),
        None => assert!(said.status.is_success(), "{told}"),
    }
    for code in ["unit.unknown", "unit.code_taken"] {
        assert!(!rows || !text.contains(code), "{told} {text}");
    }
    said.status.is_success()
}

/// Walks all doors that are of interest, as all of them: first who must not come in, then who may.
fn sweep(cast: &Cast<'_>, walk: &Walk<'_>, all: &[Walker], separated: bool, only: impl Fn(&Door) -> bool) {
    let contract: Value = serde_json::from_str(&muster::serve::openapi()).unwrap();
    let roles = walk.send(Some(&all[0].token), &question("/roles"), "").json();
    assert_eq!(roles["separated"], separated);
    for (sample, about) in samples(&walk.held).into_iter().flat_map(asked) {
        let path = format!("/api/v1{}", sample.path);
        let door = DOORS.iter().find(|door| door.method == sample.method && door.path == path).unwrap();
        let about = about.unwrap_or(door.about);
        // What is open to nobody's hand is open to everybody's: see the story above of nobody.
        if door.guard == Guard::Open || !only(door) {
            continue;
        }
        let is_uncovered = |walker: &&Walker| {
            let at = (sample.method, sample.path, walker.role, walker.place);
            !UNCOVERED.iter().any(|one| (one.0, one.1, one.2, one.3) == at)
        };
        let (inside, outside): (Vec<_>, Vec<_>) = all
            .iter()
            .filter(is_uncovered)
            .map(|walker| (walker, wanted(door, about, &sample, walker, separated)))
            .partition(|(_, wanted)| *wanted == Wanted::In);
        let before = walk.actions().len();
        for (walker, wanted) in &outside {
            kept_out(walk, &sample, walker, *wanted);
        }
        assert_eq!(walk.actions().len(), before, "{path}: who is refused leaves no entry");
        let (rows, looked) = (about == About::Rows, is_looked_at(&contract, &sample));
        // A book that does not say where it belongs would move the unit that it names to the top of the importer's part.
        let only_looked = rows && is_book(&sample);
        let mut did = 0;
        for (n, (walker, _)) in inside.iter().enumerate() {
            // All but the last only look, where one can.
            let look =
                (looked && (only_looked || n + 1 < inside.len())).then(|| sample.asking("dry_run=true"));
            let ask = look.or_else(|| (n > 0).then(|| again(cast, &walk.held, &sample)).flatten());
            did += usize::from(let_in(walk, ask.as_ref().unwrap_or(&sample), walker, rows, n == 0));
        }
        let nobody = matches!(door.guard, Guard::Link | Guard::Demo);
        assert_eq!(inside.is_empty(), nobody, "{path}: somebody comes in, or nobody has a login for it");
        let never = REFUSING.iter().any(|one| (one.0, one.1) == (sample.method, sample.path));
        assert!(did > 0 || nobody || never || door.path == STARTER, "{path}: somebody does it");
    }
}

#[test]
fn every_role_comes_in_by_every_door_where_it_should_and_nowhere_else() {
    assert!(UNCOVERED.iter().all(|one| !one.4.is_empty()), "a reason for each");
    assert!(UNCOVERED.is_empty(), "nothing is left out: {UNCOVERED:?}");
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let walk = Walk::prepare(&cast);
        let all = walkers(&cast, &walk, Role::ALL);
        assert_eq!(all.len(), 44);
        cast.clock("15:30");
        sweep(&cast, &walk, &all, false, |_| true);
        // What is searched for in the answers would be found: whoever has all is told of all.
        let above = all.iter().find(|walker| walker.unit == "R").unwrap();
        let units = walk.send(Some(&above.token), &question("/units?depth=9"), "").bytes;
        let of_all =
            TREE.iter().filter_map(|chain| chain.last().copied()).filter(|code| code.len() > 2).collect();
        assert!(told_of(&String::from_utf8_lossy(&units), &of_all).len() > 5);
    });
}

#[test]
fn once_three_administrators_are_appointed_no_office_lets_people_in() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let walk = Walk::prepare(&cast);
        let top = *cast.chain("R").last().unwrap();
        cast.write(move |tx, ctx| {
            for role in Role::ADMINS {
                let id = format!("appointed-{}", role.word());
                access::account_set(tx, ctx, &Account::at(&id, Role::Viewer, top), None)?;
                let draft = access::GrantDraft {
                    holder: access::Holder::Account(id),
                    role: *role,
                    unit: Some("R".into()),
                    since: ctx.today(),
                    until: Day::OPEN_END,
                };
                access::grant_give(tx, ctx, &draft)?;
            }
            Ok(())
        });
        let all = walkers(&cast, &walk, Role::ALL);
        cast.clock("15:30");
        sweep(
            &cast,
            &walk,
            &all,
            true,
            |door| matches!(door.guard, Guard::May(permission) if permission.governs()),
        );
    });
}
