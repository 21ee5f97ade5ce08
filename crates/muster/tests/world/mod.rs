//! A simulated operation of any size, for what is about numbers rather than content: a tree of [`Scaled`] shape, one
//! form of thirty figures asked of every unit, one account that may file. Shared by the story of the killed server and
//! by the measurements.

use muster::demo::Scaled;
use muster::lines::access::{Account, Role, account_set, password_hash};
use muster::lines::operation::{Names, Operation, operation_set};
use muster::lines::org::{self, Facts, NewUnit};
use muster::lines::reporting::{self, Class, Counting, Element, Form, Item, OverTime, OverUnits, ValueType};
use muster::{Ctx, Fail, Reach};
use muster_kernel::{Actor, Day, IdSource, Locale};
use muster_store::{Db, Tx};

/// The account, and its password.
pub const ACCOUNT: [&str; 2] = ["bench", "one hundred answers"];
/// Days before this one do not exist for the world.
pub const SINCE: Day = Day::from_number(18_262);
/// Units that one transaction makes.
const CHUNK: u32 = 5_000;

/// The code of a figure, `f00` to `f29`.
pub fn element(n: usize) -> String {
    format!("f{n:02}")
}

fn names(text: &str) -> Names {
    Names { zh_hans: text.into(), zh_hant: text.into(), en: text.into() }
}

/// The machine's own hand.
pub fn ctx(now_ms: i64) -> Ctx {
    Ctx {
        actor: Actor::system("world"),
        now_ms,
        ids: IdSource::Random,
        operation: 1,
        zone: jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone that is built in"),
        locale: Locale::En,
        reach: Reach::All,
        seals: muster::seal::Seals::of_demo(),
        lent_ms: None,
    }
}

/// Fills an empty, migrated database.
pub fn build(db: &Db, tree: Scaled, now_ms: i64) -> Result<(), Fail> {
    let ctx = ctx(now_ms);
    let mut from = 0;
    while from < tree.units() {
        let to = (from + CHUNK).min(tree.units());
        let ctx = ctx.clone();
        db.write_blocking("world.units", now_ms, move |tx: &mut Tx<'_>| {
            let units: Vec<NewUnit> = (from..to).map(|n| unit(tree, n)).collect();
            let change = org::unit_create(tx, &ctx, &units)?;
            reporting::tree_changed(tx, &ctx, &change)
        })?;
        from = to;
    }
    db.write_blocking("world.book", now_ms, move |tx: &mut Tx<'_>| book(tx, &ctx, tree))
}

fn unit(tree: Scaled, n: u32) -> NewUnit {
    let code = tree.code(n);
    NewUnit {
        facts: Facts {
            names: names(&code),
            kind: if n < tree.first_leaf() { "office" } else { "site" }.to_owned(),
            // One of the sixteen cities: totals by place are kept as well.
            place: muster::demo::PLACES[n as usize % 16].code.to_string().parse().ok(),
            time_zone: String::new(),
            classes: Vec::new(),
        },
        parent: tree.parent(n).map(|parent| tree.code(parent)),
        since: SINCE,
        until: Day::OPEN_END,
        code,
    }
}

fn book(tx: &mut Tx<'_>, ctx: &Ctx, tree: Scaled) -> Result<(), Fail> {
    let root = org::unit_by_code(tx, &tree.code(0), SINCE)?.map_or(0, |standing| standing.unit);
    let operation = Operation {
        id: 1,
        code: "world".into(),
        name: names("World"),
        office: names("Office"),
        root_unit: root,
        zone: "Asia/Shanghai".into(),
        form: "daily".into(),
        seed: Some(0),
    };
    operation_set(tx, ctx, |own| own.clone_from(&operation))?;
    let account = Account::at(ACCOUNT[0], Role::Office, root);
    account_set(tx, ctx, &account, Some((ACCOUNT[0], Some(&password_hash(ACCOUNT[1])?))))?;
    let codes: Vec<String> = (0..Scaled::FIGURES).map(element).collect();
    for code in &codes {
        let element = Element {
            id: 0,
            code: code.clone(),
            names: names(code),
            class: Class::State,
            value_type: ValueType::Integer,
            unit: "person".into(),
            over_units: OverUnits::Sum,
            over_time: OverTime::Last,
            cumulative: false,
            owner: "world".into(),
            purpose: "world".into(),
            since: SINCE,
            until: Day::OPEN_END,
        };
        reporting::element_set(tx, ctx, element)?;
    }
    let item = |code: String| Item { element: code, required: false, min: None, max: None, computed: None };
    let form = Form {
        id: 0,
        code: "daily".into(),
        version: 0,
        names: names("daily"),
        items: codes.into_iter().map(item).collect(),
        counting: Counting::Parts,
        as_of_min: 720,
        cut_off_min: 900,
        afterwards: false,
        rules: Vec::new(),
        since: SINCE,
        until: Day::OPEN_END,
    };
    reporting::form_set(tx, ctx, form)?;
    reporting::form_assign(tx, ctx, "daily", root, Vec::new(), SINCE, Day::OPEN_END)?;
    Ok(())
}
