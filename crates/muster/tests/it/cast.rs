//! A small body for stories of reporting: a regulator, two groups, firms and sites in two cities, a form, and those
//! who act. The same names in every story.
//!
//! ```text
//! R regulator (office, lead, viewer)
//! ├─ G1 group (group)          ├─ G2 group (beside)
//! │  ├─ F11 firm (firm)        │  └─ F21 firm
//! │  │  ├─ S111 site (clerk)   │     └─ S211 site, in 420100
//! │  │  └─ S112 site (second)  │
//! │  └─ F12 firm               │
//! │     └─ S121 site           └─ D department, which is not asked
//! ```

use crate::house::{House, Said, story};
use muster::lines::access::{Account, Role, account_set};
use muster::lines::operation::Names;
use muster::lines::org::{self, Facts, NewUnit};
use muster::lines::reporting::{
    self, Class, Counting, Element, Form, Item, OverTime, OverUnits, ValueType, element_set, form_assign,
    form_set,
};
use muster::verify::deep;
use muster::{Ctx, Fail, Reach};
use muster_kernel::{Actor, Day, Locale, Problem};
use muster_store::{Tx, verify};
use serde_json::{Value, json};

/// The day that stories tell of.
pub(crate) const TODAY: &str = "2020-02-03";
const MIDNIGHT_MS: i64 = 1_580_659_200_000;

/// Code, parent, kind, place, classes.
const UNITS: &[(&str, &str, &str, &str, &[&str])] = &[
    ("R", "", "regulator", "340100", &[]),
    ("G1", "R", "group", "340102", &[]),
    ("G2", "R", "group", "420100", &[]),
    ("D", "R", "department", "340100", &[]),
    ("F11", "G1", "firm", "340102", &["key"]),
    ("F12", "G1", "firm", "340103", &[]),
    ("F21", "G2", "firm", "420100", &["key"]),
    ("S111", "F11", "site", "340102", &["key"]),
    ("S112", "F11", "site", "340102", &[]),
    ("S121", "F12", "site", "340103", &["key"]),
    ("S211", "F21", "site", "420100", &[]),
];

/// Account, role, unit.
const PEOPLE: &[(&str, Role, &str)] = &[
    ("office", Role::Office, "R"),
    ("viewer", Role::Viewer, "R"),
    ("lead", Role::Commander, "R"),
    ("group", Role::Office, "G1"),
    ("beside", Role::Office, "G2"),
    ("firm", Role::Filler, "F11"),
    ("clerk", Role::Filler, "S111"),
    ("second", Role::Filler, "S112"),
];

/// A house with the body in it, at 2020-02-03 10:00.
pub(crate) struct Cast<'h> {
    /// The house.
    pub(crate) house: &'h House,
}

/// How a story's cast differs from the usual one.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// What counts where a statement and parts both exist.
    pub(crate) counting: Counting,
    /// A node with more units below keeps its totals as a row.
    pub(crate) crown_min: i64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { counting: Counting::Parts, crown_min: 2 }
    }
}

/// Tells a story on every store, once with totals kept as rows and once with totals added up from the sheets.
pub(crate) fn told(tell: impl Fn(&Cast<'_>)) {
    for crown_min in [2, 256] {
        told_with(Terms { crown_min, ..Terms::default() }, &tell);
    }
}

/// Tells a story on every store, on other terms.
pub(crate) fn told_with(terms: Terms, tell: impl Fn(&Cast<'_>)) {
    story(|house| {
        let cast = Cast::of(house, terms);
        tell(&cast);
        cast.drawn_is_stored();
    });
}

pub(crate) fn names(text: &str) -> Names {
    Names { zh_hans: text.into(), zh_hant: String::new(), en: text.into() }
}

pub(crate) fn element(code: &str, class: Class, value_type: ValueType, unit: &str) -> Element {
    let added = matches!(value_type, ValueType::Integer | ValueType::Decimal { .. });
    Element {
        id: 0,
        code: code.into(),
        names: names(code),
        class,
        value_type,
        unit: unit.into(),
        over_units: if added { OverUnits::Sum } else { OverUnits::None },
        over_time: OverTime::Last,
        cumulative: code == "confirmed",
        owner: "office".into(),
        purpose: "a story".into(),
        since: day("2020-01-01"),
        until: Day::OPEN_END,
    }
}

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// The catalogue of the stories.
fn elements() -> Vec<Element> {
    let rate = ValueType::Rate { numerator: "isolated".into(), denominator: "staff".into() };
    let space = ValueType::Rate { numerator: "area".into(), denominator: "staff".into() };
    let mood = ValueType::Choice { codes: vec!["calm".into(), "tense".into()] };
    vec![
        element("fever", Class::Event, ValueType::Integer, "person"),
        element("staff", Class::State, ValueType::Integer, "person"),
        element("isolated", Class::State, ValueType::Integer, "person"),
        element("area", Class::State, ValueType::Decimal { scale: 2 }, "m2"),
        element("mood", Class::State, mood, ""),
        element("confirmed", Class::State, ValueType::Integer, "person"),
        element("difficulties", Class::Text, ValueType::Text, ""),
        element("isolated_rate", Class::State, rate, "percent"),
        element("space", Class::State, space, "m2"),
        element("elsewhere", Class::State, ValueType::Integer, "piece"),
    ]
}

pub(crate) fn form(code: &str, asked: &[&str], counting: Counting) -> Form {
    let item = |element: &&str| Item {
        element: (*element).into(),
        required: false,
        min: None,
        max: (*element == "staff").then_some(100_000),
        computed: None,
    };
    Form {
        id: 0,
        code: code.into(),
        version: 0,
        names: names(code),
        items: asked.iter().map(item).collect(),
        counting,
        as_of_min: 720,
        cut_off_min: 900,
        afterwards: false,
        rules: Vec::new(),
        since: day("2020-01-20"),
        until: Day::OPEN_END,
    }
}

const DAILY: &[&str] =
    &["fever", "staff", "isolated", "area", "mood", "confirmed", "difficulties", "isolated_rate", "space"];

impl<'h> Cast<'h> {
    pub(crate) fn of(house: &'h House, terms: Terms) -> Self {
        let cast = Self { house };
        cast.clock("10:00");
        let root = cast.write(move |tx, ctx| {
            reporting::crown_min_set(tx, terms.crown_min)?;
            let units: Vec<NewUnit> = UNITS.iter().map(unit).collect();
            let change = org::unit_create(tx, ctx, &units)?;
            reporting::tree_changed(tx, ctx, &change)?;
            for (id, role, at) in PEOPLE {
                let unit = unit_id(tx, at)?;
                let account = Account::at(id, *role, unit);
                // Some stories begin on an earlier day.
                let before = Ctx { now_ms: ctx.now_ms - 30 * 86_400_000, ..ctx.clone() };
                account_set(tx, &before, &account, None)?;
            }
            for element in elements() {
                element_set(tx, ctx, element)?;
            }
            form_set(tx, ctx, form("daily", DAILY, terms.counting))?;
            let kinds = ["group", "firm", "site"].map(str::to_owned).to_vec();
            let root = unit_id(tx, "R")?;
            form_assign(tx, ctx, "daily", root, kinds, day("2020-01-20"), Day::OPEN_END)?;
            Ok(root)
        });
        let mut operation = (*house.app.operation()).clone();
        operation.root_unit = root;
        operation.form = "daily".into();
        house.app.operation_changed(operation);
        cast
    }

    /// Sets the clock to `HH:MM` of [`TODAY`], or `MM-DD HH:MM` of 2020.
    pub(crate) fn clock(&self, at: &str) {
        let (on, time) =
            at.split_once(' ').map_or((TODAY.to_owned(), at), |(on, t)| (format!("2020-{on}"), t));
        let (hours, minutes) = time.split_once(':').unwrap();
        let minutes = hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap();
        let days = i64::from(day(&on).number() - day(TODAY).number());
        self.house.app.clock.set(MIDNIGHT_MS + days * 86_400_000 + minutes * 60_000);
    }

    /// Writes past the doors, as the machine's own hand.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        verb: impl Fn(&mut Tx<'_>, &Ctx) -> Result<T, Fail> + Send + 'static,
    ) -> T {
        let ctx = self.house.app.ctx(Actor::system("test"), Reach::All, Locale::En);
        self.house.app.db.write_blocking("test.write", ctx.now_ms, move |tx| verb(tx, &ctx)).unwrap()
    }

    /// Every row and every unit is what the journal says, every total and expected count what sheets and tree say.
    pub(crate) fn drawn_is_stored(&self) {
        let db = &self.house.app.db;
        assert_eq!(verify(db, None).unwrap(), []);
        assert_eq!(deep(db, 1, &muster::seal::Seals::of_demo(), &mut |_, _, _| ()).unwrap().faults(), []);
        assert_eq!(reporting::rebuild(db, 1, 0, true, &mut |_, _| ()).unwrap().crown_missing, 0);
    }

    /// The units from the top down to one, today.
    pub(crate) fn chain(&self, code: &'static str) -> Vec<i64> {
        self.write(move |tx, _| {
            let found = org::unit_by_code(tx, code, day(TODAY))?;
            Ok(found.ok_or_else(|| Problem::not_found("unit.unknown"))?.chain.to_vec())
        })
    }

    /// Files a report about [`TODAY`].
    pub(crate) fn put(&self, role: &str, unit: &str, body: Value) -> Said {
        self.put_on(role, unit, TODAY, &[], body)
    }

    /// Files a report about a day, with headers.
    pub(crate) fn put_on(
        &self,
        role: &str,
        unit: &str,
        on: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Said {
        let json = [("content-type", "application/json")];
        let headers: Vec<_> = json.iter().chain(headers).copied().collect();
        self.house.ask(role, "PUT", &format!("/reports/{unit}/{on}"), &headers, body.to_string().into())
    }

    /// Files values about [`TODAY`] that must be taken.
    pub(crate) fn say(&self, role: &str, unit: &str, values: Value) -> Value {
        let said = self.put(role, unit, json!({ "act": "values", "values": values }));
        assert_eq!(said.status.as_u16(), 200, "{unit}: {}", said.json());
        said.json()
    }

    /// Reads a door that must answer.
    pub(crate) fn get(&self, role: &str, path: &str) -> Value {
        let said = self.house.get(role, path);
        assert_eq!(said.status.as_u16(), 200, "{path}: {}", said.json());
        said.json()
    }

    /// A node's totals of [`TODAY`], as the office sees them.
    pub(crate) fn totals(&self, node: &str) -> Value {
        self.get("office", &format!("/totals?node={node}&day={TODAY}"))
    }

    /// One element of a node's totals of [`TODAY`].
    pub(crate) fn total(&self, node: &str, element: &str) -> Value {
        element_of(&self.totals(node), element)
    }

    /// Changes the tree, and the figures with it.
    pub(crate) fn tree(
        &self,
        verb: impl Fn(&mut Tx<'_>, &Ctx) -> Result<org::TreeChange, Fail> + Send + 'static,
    ) {
        self.write(move |tx, ctx| {
            let change = verb(tx, ctx)?;
            reporting::tree_changed(tx, ctx, &change)
        });
    }
}

/// One element of a body of totals.
pub(crate) fn element_of(totals: &Value, element: &str) -> Value {
    let elements = totals["elements"].as_array().unwrap();
    elements.iter().find(|one| one["element"] == element).cloned().unwrap_or(Value::Null)
}

fn unit((code, parent, kind, place, classes): &(&str, &str, &str, &str, &[&str])) -> NewUnit {
    NewUnit {
        code: (*code).into(),
        facts: Facts {
            names: names(code),
            kind: (*kind).into(),
            place: place.parse().ok(),
            time_zone: String::new(),
            classes: classes.iter().map(|class| (*class).to_owned()).collect(),
        },
        parent: (!parent.is_empty()).then(|| (*parent).to_owned()),
        since: day("2020-01-01"),
        until: Day::OPEN_END,
    }
}

pub(crate) fn unit_id(tx: &mut Tx<'_>, code: &str) -> Result<i64, Fail> {
    let found = org::unit_by_code(tx, code, day(TODAY))?;
    Ok(found.ok_or_else(|| Problem::not_found("unit.unknown").with("unit", code))?.unit)
}
