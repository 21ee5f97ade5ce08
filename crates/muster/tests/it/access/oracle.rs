//! Rights against a naive judge: random trees, random roles, everybody asks every door about every unit. The judge walks
//! parents one by one and knows nothing of paths, chains or SQL. What is told to somebody names no unit that the judge
//! would not show them.

use crate::cast::{day, element, form, names, unit_id};
use crate::house::{House, story};
use muster::lines::access::{Account, Permission, Role, Seat, account_set};
use muster::lines::operation::operation_set;
use muster::lines::org::{self, Facts, NewUnit};
use muster::lines::reporting::{self, Class, Counting, ValueType, element_set, form_assign, form_set};
use muster::{Ctx, Fail, Reach};
use muster_kernel::{Actor, Day, Locale};
use muster_store::{Dialect, Tx};
use serde_json::json;
use std::collections::BTreeSet;

const UNITS: usize = 9;
const PEOPLE: usize = 5;
const TODAY: &str = "2020-02-03";

/// Numbers that look like chance and are the same each time (Knuth's MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

/// A code that is a part of no other word.
fn code(unit: usize) -> String {
    format!("QZ{unit:02}W")
}

/// What the judge knows.
struct World {
    /// The unit above each; the top has itself.
    above: Vec<usize>,
    /// Of each person the home and the roles.
    people: Vec<(usize, Vec<(Role, usize)>)>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let above = (0..UNITS).map(|unit| if unit == 0 { 0 } else { chance.below(unit) }).collect();
        let mut person = || {
            let roles =
                (0..chance.below(4)).map(|_| (Role::ALL[chance.below(Role::ALL.len())], chance.below(UNITS)));
            let roles = roles.collect();
            (chance.below(UNITS), roles)
        };
        let people = (0..PEOPLE).map(|_| person()).collect();
        Self { above, people }
    }

    fn is_below(&self, mut unit: usize, top: usize) -> bool {
        loop {
            if unit == top {
                return true;
            }
            if unit == 0 {
                return false;
            }
            unit = self.above[unit];
        }
    }

    /// Whether somebody may do something at a unit.
    fn may(&self, person: usize, permission: Permission, unit: usize) -> bool {
        self.people[person].1.iter().any(|(role, at)| role.may(permission) && self.is_below(unit, *at))
    }

    /// Whether they may do it anywhere.
    fn may_somewhere(&self, person: usize, permission: Permission) -> bool {
        self.people[person].1.iter().any(|(role, _)| role.may(permission))
    }

    /// What must come of asking about a unit.
    fn status(&self, person: usize, permission: Permission, unit: usize) -> u16 {
        match (self.may(person, permission, unit), self.may_somewhere(person, permission)) {
            (true, _) => 200,
            (false, true) => 404,
            (false, false) => 403,
        }
    }
}

fn furnish(house: &House, world: &World) {
    let ctx = house.app.ctx(Actor::system("test"), Reach::All, Locale::En);
    let (above, people) = (world.above.clone(), world.people.clone());
    let mut operation = (*house.app.operation()).clone();
    operation.form = "daily".into();
    let root = house.app.db.write_blocking("test.oracle", ctx.now_ms, move |tx: &mut Tx| {
        let unit = |at: usize| NewUnit {
            code: code(at),
            facts: Facts {
                names: names(&code(at)),
                kind: "site".into(),
                place: None,
                time_zone: String::new(),
                classes: Vec::new(),
            },
            parent: (at > 0).then(|| code(above[at])),
            since: day("2020-01-01"),
            until: Day::OPEN_END,
        };
        let change = org::unit_create(tx, &ctx, &(0..UNITS).map(unit).collect::<Vec<_>>())?;
        reporting::tree_changed(tx, &ctx, &change)?;
        let ids: Vec<i64> = (0..UNITS).map(|at| unit_id(tx, &code(at))).collect::<Result<_, _>>()?;
        for (at, (home, roles)) in people.iter().enumerate() {
            let seats: Vec<Seat> =
                roles.iter().map(|(role, unit)| Seat { role: *role, unit: ids[*unit] }).collect();
            let id = format!("p{at}");
            let account = Account { seats: seats.into(), ..Account::at(&id, Role::Viewer, ids[*home]) };
            let before = Ctx { now_ms: ctx.now_ms - 30 * 86_400_000, ..ctx.clone() };
            account_set(tx, &before, &account, None)?;
        }
        element_set(tx, &ctx, element("staff", Class::State, ValueType::Integer, "person"))?;
        element_set(tx, &ctx, element("difficulties", Class::Text, ValueType::Text, ""))?;
        element_set(tx, &ctx, element("fever", Class::Event, ValueType::Integer, "person"))?;
        form_set(tx, &ctx, form("daily", &["fever", "staff", "difficulties"], Counting::Parts))?;
        form_assign(tx, &ctx, "daily", ids[0], vec!["site".into()], day("2020-01-20"), Day::OPEN_END)?;
        operation_set(tx, &ctx, |own| {
            own.clone_from(&operation);
            own.root_unit = ids[0];
        })?;
        Ok::<_, Fail>(ids[0])
    });
    let mut operation = (*house.app.operation()).clone();
    (operation.root_unit, operation.form) = (root.unwrap(), "daily".into());
    house.app.operation_changed(operation);
    let office = Account::at("office", Role::Office, 0);
    let ctx = house.app.ctx(Actor::system("test"), Reach::All, Locale::En);
    let all = move |tx: &mut Tx| account_set(tx, &ctx, &office, None);
    house.app.db.write_blocking("test.office", house.app.clock.now_ms(), all).unwrap();
    // Every second unit has reported, with words that name it, and had an incident.
    for unit in (0..UNITS).step_by(2) {
        let values = json!({ "staff": 5, "difficulties": format!("缺口罩 {}", code(unit)) });
        let path = format!("/reports/{}/{TODAY}", code(unit));
        let body = json!({ "act": "values", "values": values }).to_string().into_bytes();
        let said = house.ask("office", "PUT", &path, &[("content-type", "application/json")], body);
        assert_eq!(said.status.as_u16(), 200, "{}", said.json());
        let incident = json!({ "unit": code(unit), "element": "fever", "value": 1 });
        assert!(house.post("office", "/incidents", incident).status.is_success());
    }
}

#[test]
fn everybody_is_shown_what_a_naive_judge_would_show_them() {
    for seed in 1..=3 {
        story(|house| {
            // Each request is a journey there, and the rights are the same text.
            if seed > 1 && house.app.db.dialect() == Dialect::Postgres {
                return;
            }
            let (world, mut chance) = (World::new(seed), Chance(seed + 100));
            furnish(house, &world);
            for person in 0..PEOPLE {
                let who = format!("p{person}");
                for unit in 0..UNITS {
                    one(house, &world, person, &who, unit, &mut chance);
                    granted(house, &world, person, &who, unit);
                }
                lists(house, &world, person, &who);
            }
        });
    }
}

/// Doors that speak of one unit, and what one needs for them.
const DOORS: &[(&str, Permission)] = &[
    ("/units/CODE", Permission::TreeRead),
    ("/units?under=CODE", Permission::TreeRead),
    ("/units/CODE/history", Permission::Read),
    ("/totals?node=unit:CODE", Permission::Read),
    ("/totals/children?node=unit:CODE", Permission::Read),
    ("/totals/series?node=unit:CODE&element=staff&from=2020-02-01&to=2020-02-03", Permission::Read),
    ("/missing?node=unit:CODE", Permission::Read),
    ("/reported?node=unit:CODE", Permission::Read),
    ("/desk?node=unit:CODE", Permission::Read),
    ("/incidents?node=unit:CODE", Permission::Read),
    ("/requests?node=unit:CODE", Permission::Read),
    ("/corrections?node=unit:CODE", Permission::Read),
    ("/contradictions?node=unit:CODE", Permission::Read),
    ("/disagreements?node=unit:CODE", Permission::Read),
    ("/search/notes?node=unit:CODE&q=%E5%8F%A3%E7%BD%A9", Permission::Read),
    ("/exports/units?under=CODE", Permission::Read),
    ("/reports/CODE/2020-02-03", Permission::Read),
    ("/reports/CODE/2020-02-03/history", Permission::Read),
    ("/grants?unit=CODE", Permission::TreeRead),
    ("/links?under=CODE", Permission::LinkIssue),
];

/// Some of the doors that speak of one unit, drawn anew for each unit and person, and filing for it.
fn one(house: &House, world: &World, person: usize, who: &str, unit: usize, chance: &mut Chance) {
    let code = code(unit);
    for _ in 0..6 {
        let (path, permission) = DOORS[chance.below(DOORS.len())];
        let path = path.replace("CODE", &code);
        let said = house.get(who, &path);
        let must = world.status(person, permission, unit);
        let roles = &world.people[person].1;
        assert_eq!(said.status.as_u16(), must, "{who} {roles:?} {path}: {}", said.json());
    }
    let body =
        json!({ "act": "values", "values": { "staff": 6 }, "reason": "again" }).to_string().into_bytes();
    let path = format!("/reports/{code}/{TODAY}");
    let said = house.ask(who, "PUT", &path, &[("content-type", "application/json")], body);
    let must = world.status(person, Permission::ReportFile, unit);
    let got = said.status.as_u16();
    // A superior may not overwrite what the unit said: refused, and still not hidden.
    assert!(
        got == must || must == 200 && said.code() == "report.of_another",
        "{who} PUT {path}: {got} {must}"
    );
}

/// Who may do what at a unit, as it is told to somebody who may know of the unit: each of the people whose role holds there,
/// where the reader may read accounts or the journal at the unit at which it was given, and what is the reader's own; by
/// name who is at home there.
fn granted(house: &House, world: &World, person: usize, who: &str, unit: usize) {
    if !world.may(person, Permission::TreeRead, unit) {
        return;
    }
    let watches = |at: usize| {
        [Permission::AccountRead, Permission::JournalRead].iter().any(|may| world.may(person, *may, at))
    };
    let mut must = BTreeSet::new();
    for (other, (home, roles)) in world.people.iter().enumerate() {
        let near = watches(*home) || other == person;
        for (role, at) in roles.iter().filter(|(_, at)| world.is_below(unit, *at)) {
            if watches(*at) || other == person {
                must.insert((format!("p{other}"), near, role.word().to_owned(), code(*at)));
            }
        }
    }
    let said = house.get(who, &format!("/grants?unit={}&above=true&limit=1000", code(unit))).json();
    let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let told = said["items"].as_array().unwrap().iter().map(|one| {
        let named = one["account_name"].is_string();
        (word(one, "account"), named, word(one, "role"), word(one, "unit_code"))
    });
    let told: BTreeSet<_> = told.filter(|(account, ..)| account.starts_with('p')).collect();
    assert_eq!(told, must, "{who} {:?} at {}", world.people[person].1, code(unit));
}

/// What is listed to somebody, wherever they look, names no unit beyond what they may know.
fn lists(house: &House, world: &World, person: usize, who: &str) {
    let known: BTreeSet<usize> =
        (0..UNITS).filter(|unit| world.may(person, Permission::TreeRead, *unit)).collect();
    let tops: Vec<usize> =
        known.iter().copied().filter(|unit| *unit == 0 || !known.contains(&world.above[*unit])).collect();
    let mut asked =
        vec!["/units".to_owned(), "/accounts?limit=1000".into(), "/session".into(), "/roles".into()];
    for top in tops {
        for path in [
            "/units?under=CODE",
            "/totals?node=unit:CODE",
            "/totals/children?node=unit:CODE",
            "/missing?node=unit:CODE",
            "/reported?node=unit:CODE",
            "/desk?node=unit:CODE",
            "/incidents?node=unit:CODE",
            "/requests?node=unit:CODE",
            "/search/notes?node=unit:CODE&q=%E5%8F%A3%E7%BD%A9",
            "/exports/units?under=CODE",
            "/grants?unit=CODE",
            "/links?under=CODE",
            "/reports/CODE/2020-02-03",
            "/units/CODE",
            "/totals?node=place:all",
            "/desk",
            "/missing",
            "/incidents",
            "/requests",
            "/exports/units",
            "/classes",
            "/parties",
        ] {
            asked.push(path.replace("CODE", &code(top)));
        }
    }
    for path in asked {
        let said = house.get(who, &path);
        let text = String::from_utf8_lossy(&said.bytes).into_owned();
        // To whom one reports, one knows by name; and where one is at home.
        let above = |unit: &usize| known.iter().any(|own| world.is_below(*own, *unit));
        let told = |unit: &usize| above(unit) || *unit == world.people[person].0;
        for unit in (0..UNITS).filter(|unit| !known.contains(unit) && !told(unit)) {
            assert!(
                !text.contains(&code(unit)),
                "{who} {:?} {path} tells of {}: {text}",
                world.people[person].1,
                code(unit)
            );
        }
    }
}
