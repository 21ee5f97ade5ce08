//! Files the seed: operation, tree, posts, catalogue, forms, roles, forty days of reports, incidents.

use crate::demo::{self, Seed, What};
use crate::lines::access::{self, Account, Role};
use crate::lines::brief;
use crate::lines::command::notice::{self, Upload};
use crate::lines::operation::{Names, Operation, operation_set};
use crate::lines::org::{self, Facts, NewUnit, Patch};
use crate::lines::reporting::{
    self, ActKind, BookShelf, Class, Counting, Draft, Element, Entered, Filing, Form, Item, OverTime,
    OverUnits, Scope, ValueType,
};
use crate::seal::Seals;
use crate::{Ctx, Fail, Reach};
use jiff::tz::TimeZone;
use muster_kernel::{Actor, Day, IdSource, Locale, Problem};
use muster_store::{Db, Tx};
use std::sync::Arc;

/// Reports that one transaction takes.
const CHUNK_ROWS: usize = 500;
/// Days before the demonstration's own whose briefs were issued, each at its cut-off.
const BRIEFS: i32 = 10;
/// What the demonstration's office calls itself, in three scripts.
pub const DEMO_OFFICE: [&str; 3] =
    ["防控工作综合办公室（模拟）", "防控工作綜合辦公室（模擬）", "General Office (simulated)"];

/// Loads the whole seed into an empty database; `told` hears how far it is, in hundredths.
pub async fn load(db: &Db, seed: Arc<Seed>, told: impl Fn(u32)) -> Result<Operation, Fail> {
    let ctx = ctx_at(demo::instant(demo::FIRST_DAY, 0), "demo");
    let operation = frame(db, &ctx, &seed).await?;
    told(8);
    reports(db, &ctx, &seed, |done| told(8 + done * 90 / 100)).await?;
    told(100);
    Ok(operation)
}

/// The context of an act of the seed at an instant.
pub(super) fn ctx_at(now_ms: i64, part: &str) -> Ctx {
    Ctx {
        actor: Actor::system(part),
        now_ms,
        ids: IdSource::Random,
        operation: 1,
        zone: TimeZone::get(demo::TIME_ZONE).expect("a zone that is built in"),
        locale: Locale::ZhCn,
        reach: Reach::All,
        seals: Seals::of_demo(),
        lent_ms: None,
    }
}

pub(super) fn names(names: &demo::Names) -> Names {
    Names { zh_hans: names.hans.clone(), zh_hant: names.hant.clone(), en: names.en.clone() }
}

pub(super) fn three(texts: [&str; 3]) -> Names {
    Names { zh_hans: texts[0].into(), zh_hant: texts[1].into(), en: texts[2].into() }
}

/// Everything but what is reported.
async fn frame(db: &Db, ctx: &Ctx, seed: &Arc<Seed>) -> Result<Operation, Fail> {
    let (ctx, seed) = (ctx.clone(), seed.clone());
    db.write("demo.load", ctx.now_ms, move |tx: &mut Tx<'_>| {
        let units: Vec<NewUnit> = seed.units.iter().map(|unit| new_unit(&seed, unit)).collect();
        let mut changes = vec![org::unit_create(tx, &ctx, &units)?];
        for change in &seed.changes {
            let code = &seed.units[change.unit as usize].code;
            changes.push(match &change.what {
                What::Moved(to) => {
                    org::unit_move(tx, &ctx, code, change.day, &seed.units[*to as usize].code)?
                }
                What::Renamed(new) => {
                    let patch = Patch {
                        zh_hans: Some(new.hans.clone()),
                        zh_hant: Some(new.hant.clone()),
                        en: Some(new.en.clone()),
                        ..Patch::default()
                    };
                    org::unit_change(tx, &ctx, code, change.day, &patch)?
                }
            });
        }
        let classes: Vec<(String, Names)> =
            seed.classes.iter().map(|class| (class.code.to_owned(), names(&class.names))).collect();
        org::class_name(tx, &ctx, &classes)?;
        for post in &seed.posts {
            let unit = &seed.units[post.unit as usize].code;
            org::post_set(tx, &ctx, unit, post.code, &names(&post.names), None)?;
            org::contact_set(tx, &ctx, unit, post.code, &post.duty_phone)?;
        }
        let root = unit_id(tx, &seed.units[0].code)?;
        let operation = Operation {
            id: 1,
            code: "demo".to_owned(),
            name: three(["疫情防控（模拟演示）", "疫情防控（模擬演示）", "Epidemic response (simulated)"]),
            office: three(DEMO_OFFICE),
            root_unit: root,
            zone: demo::TIME_ZONE.to_owned(),
            form: "daily".to_owned(),
            seed: Some(seed.seed as i64),
        };
        operation_set(tx, &ctx, |own| own.clone_from(&operation))?;
        for role in &seed.roles {
            let (word, unit) = (
                if role.id == "clerk" { Role::Filler } else { Role::Office },
                &seed.units[role.unit as usize],
            );
            let account = Account::at(role.id, word, unit_id(tx, &unit.code)?);
            access::account_set(tx, &ctx, &account, None)?;
        }
        for change in changes {
            reporting::tree_changed(tx, &ctx, &change)?;
        }
        book(tx, &ctx, root, &demo::form_versions(), vec!["group", "firm", "site"], demo::FIRST_DAY)?;
        Ok(operation)
    })
    .await
}

fn unit_id(tx: &mut Tx<'_>, code: &str) -> Result<i64, Fail> {
    let unknown = || Problem::not_found("unit.unknown").with("unit", code);
    Ok(org::unit_by_code(tx, code, demo::TODAY)?.ok_or_else(unknown)?.unit)
}

fn new_unit(seed: &Seed, unit: &demo::Unit) -> NewUnit {
    let kind = match unit.kind {
        demo::Kind::Regulator => "regulator",
        demo::Kind::Department => "department",
        demo::Kind::Group => "group",
        demo::Kind::Firm => "firm",
        demo::Kind::Site => "site",
    };
    let mut classes: Vec<String> = unit.classes.iter().map(|class| (*class).to_owned()).collect();
    classes.sort();
    NewUnit {
        code: unit.code.clone(),
        facts: Facts {
            names: names(&unit.names),
            kind: kind.to_owned(),
            place: unit.place.to_string().parse().ok(),
            time_zone: String::new(),
            classes,
        },
        parent: unit.parent.map(|parent| seed.units[parent as usize].code.clone()),
        since: unit.opened,
        until: unit.closed.unwrap_or(Day::OPEN_END),
    }
}

/// Code of the form that an operation may start with.
pub const STARTER_FORM: &str = "daily";

/// Gives a tree the demonstration's catalogue and the last version of its daily form, asked of all units from today.
///
/// # Errors
/// `form.assigned_already` where it is given to somebody from today on; as the verbs of the catalogue.
pub fn starter(tx: &mut Tx<'_>, ctx: &Ctx, root: i64) -> Result<(), Fail> {
    let [.., last] = demo::form_versions();
    let today = ctx.today();
    // Told before anything is set: who has a daily form need not hear which of its days are frozen.
    let known = reporting::Book::load(tx, ctx.operation)?;
    let daily = known.forms().iter().find(|form| form.code == STARTER_FORM).map(|form| form.id);
    let mut given = known.assignments().iter().filter(|series| series.until > today);
    if let Some(series) = given.find(|series| Some(series.form) == daily) {
        let already = Problem::conflict("form.assigned_already").with("form", STARTER_FORM);
        return Err(already.with("assignment", series.id).with("since", series.since).into());
    }
    book(tx, ctx, root, &[demo::FormVersion { since: today, ..last }], Vec::new(), today)
}

/// A catalogue, versions of the daily form, and to whom it is given.
fn book(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    root: i64,
    versions: &[demo::FormVersion],
    kinds: Vec<&str>,
    since: Day,
) -> Result<(), Fail> {
    for element in &demo::ELEMENTS {
        reporting::element_set(tx, ctx, Element { since, ..element_of(element) })?;
    }
    for rate in &demo::RATES {
        let rate_of = Element {
            value_type: ValueType::Rate {
                numerator: rate.numerator.into(),
                denominator: rate.denominator.into(),
            },
            unit: if rate.unit == "percent" { "%" } else { rate.unit }.to_owned(),
            over_units: OverUnits::None,
            over_time: OverTime::None,
            since,
            ..element_base(rate.code, rate.names, Class::State, "control.base")
        };
        reporting::element_set(tx, ctx, rate_of)?;
    }
    for version in versions {
        let mut items: Vec<Item> = version.elements.iter().map(|&at| item_of(&demo::ELEMENTS[at])).collect();
        let asked = |code: &str| version.elements.iter().any(|&at| demo::ELEMENTS[at].code == code);
        for rate in demo::RATES.iter().filter(|rate| asked(rate.numerator) && asked(rate.denominator)) {
            items.push(Item {
                element: rate.code.to_owned(),
                required: false,
                min: None,
                max: None,
                computed: None,
            });
        }
        reporting::form_set(
            tx,
            ctx,
            Form {
                id: 0,
                code: version.code.to_owned(),
                version: 0,
                names: names(&version.names),
                items,
                counting: Counting::Parts,
                as_of_min: 720,
                cut_off_min: demo::CUT_OFF_MINUTE as i32,
                afterwards: false,
                rules: Vec::new(),
                since: version.since,
                until: Day::OPEN_END,
            },
        )?;
    }
    let kinds = kinds.into_iter().map(str::to_owned).collect();
    reporting::form_assign(tx, ctx, STARTER_FORM, root, kinds, since, Day::OPEN_END)?;
    Ok(())
}

fn element_base(code: &str, texts: [&str; 3], class: Class, purpose: &str) -> Element {
    Element {
        id: 0,
        code: code.to_owned(),
        names: three(texts),
        class,
        value_type: ValueType::Integer,
        unit: String::new(),
        over_units: OverUnits::Sum,
        over_time: OverTime::Last,
        cumulative: false,
        owner: "general_office".to_owned(),
        purpose: purpose.to_owned(),
        since: demo::FIRST_DAY,
        until: Day::OPEN_END,
    }
}

fn element_of(element: &demo::Element) -> Element {
    let class = match element.class {
        "event" => Class::Event,
        "text" => Class::Text,
        _ => Class::State,
    };
    Element {
        value_type: if element.kind == "text" { ValueType::Text } else { ValueType::Integer },
        unit: element.unit.unwrap_or_default().to_owned(),
        over_units: if element.over_units == "sum" { OverUnits::Sum } else { OverUnits::None },
        over_time: match element.over_time {
            "sum" => OverTime::Sum,
            "last" => OverTime::Last,
            _ => OverTime::None,
        },
        ..element_base(element.code, element.names, class, element.purpose)
    }
}

fn item_of(element: &demo::Element) -> Item {
    Item { element: element.code.to_owned(), required: false, min: None, max: element.max, computed: None }
}

/// Files the reports of the seed in their order.
async fn reports(db: &Db, ctx: &Ctx, seed: &Arc<Seed>, told: impl Fn(u32)) -> Result<(), Fail> {
    let shelf = BookShelf::default();
    let operation = ctx.operation;
    let all = shelf.clone();
    let book = db.read("book.read", move |rx| all.current(rx, operation)).await?;
    let mut filed = 0;
    // Incidents and the directive come between the reports, at their own instants: the journal's hardly fall.
    let mut between: Vec<(i64, Option<&demo::Incident>)> = vec![(directive_at(), None)];
    between.extend(seed.incidents.iter().map(|incident| (incident.at, Some(incident))));
    between.sort_by_key(|(at, _)| *at);
    let mut between = between.into_iter().peekable();
    for day in (1..=BRIEFS).rev().map(|back| Some(demo::TODAY.plus(-back))).chain([None]) {
        let cut_off_ms = day.map_or(i64::MAX, |day| demo::instant(day, demo::CUT_OFF_MINUTE * 60));
        loop {
            let next = between.next_if(|(at, _)| *at <= cut_off_ms);
            let until_ms = next.map_or(cut_off_ms, |(at, _)| at);
            let until = seed.reports.partition_point(|report| report.at <= until_ms);
            for reports in seed.reports[filed..until].chunks(CHUNK_ROWS) {
                let filings: Result<Vec<Filing>, Problem> =
                    reports.iter().map(|report| filing(&book, seed, report)).collect();
                for one in reporting::file_many(db, &shelf, filings?, reporting::Earlier::Look).await? {
                    one?;
                }
                filed += reports.len();
                told((filed * 100 / seed.reports.len()) as u32);
            }
            match next {
                Some((_, Some(incident))) => incident_told(db, seed, incident).await?,
                Some((_, None)) => directive(db).await?,
                None => break,
            }
        }
        if let Some(day) = day {
            let (ctx, shelf) = (ctx_at(cut_off_ms, "demo"), shelf.clone());
            let freeze = move |tx: &mut Tx<'_>| brief::brief_freeze(tx, &ctx, &shelf, None, day);
            db.write("brief.freeze", cut_off_ms, freeze).await?;
        }
    }
    Ok(())
}

/// A report of the seed, checked as any report is.
pub(super) fn filing(book: &reporting::Book, seed: &Seed, report: &demo::Report) -> Result<Filing, Problem> {
    let numbers = demo::ELEMENTS.iter().zip(report.values);
    let mut values: reporting::Said = numbers
        .filter_map(|(element, value)| Some((element.code.into(), Entered::Written(value?.to_string()))))
        .collect();
    if let Some(words) = &report.difficulties {
        values.push(("difficulties".into(), Entered::Written(words.clone())));
    }
    let draft = Draft {
        unit: seed.units[report.unit as usize].code.clone(),
        day: report.day,
        form: "daily".to_owned(),
        scope: if report.scope == demo::Scope::Alone { Scope::Alone } else { Scope::Below },
        act: if report.act == demo::Act::Zero { ActKind::Zero } else { ActKind::Values },
        values,
        reason: report.reason.map(str::to_owned),
        remarks: Vec::new(),
        client_id: None,
        seen_rev: None,
    };
    let asked = book.asked("daily", report.day).ok_or_else(|| Problem::not_found("form.unknown"))?;
    let draft = reporting::check(&draft, asked, |code| book.element_by_code(code))
        .map_err(|findings| Problem::invalid("report.refused").findings(findings))?;
    Ok(Filing { ctx: ctx_at(report.at, "demo"), draft, at_ms: report.at })
}

fn directive_at() -> i64 {
    demo::instant(demo::TODAY, 9 * 3_600 + 1_800)
}

/// The text that the five minutes end with: simulated, and harmed the way such pages are.
async fn directive(db: &Db) -> Result<(), Fail> {
    let bytes = include_bytes!("../demo/notice.txt").to_vec();
    let upload = Upload { bytes, media_type: Some("text/plain".to_owned()), name: None };
    let checked = notice::check(upload, &notice::extract::pdf::read_here)?;
    let ctx = ctx_at(directive_at(), "demo");
    let id = ctx.id().to_string();
    db.write("notice.import", ctx.now_ms, move |tx: &mut Tx<'_>| {
        notice::notice_import(tx, &ctx, &id, &checked)
    })
    .await?;
    Ok(())
}

async fn incident_told(db: &Db, seed: &Arc<Seed>, incident: &demo::Incident) -> Result<(), Fail> {
    let (ctx, incident) = (ctx_at(incident.at, "demo"), incident.clone());
    let unit = seed.units[incident.unit as usize].code.clone();
    db.write("incident.file", incident.at, move |tx: &mut Tx<'_>| {
        let book = reporting::Book::load(tx, ctx.operation)?;
        let (element, value, text) = (incident.element, incident.value, incident.text);
        reporting::incident_file(tx, &ctx, &book, &unit, element, value, text)
    })
    .await?;
    Ok(())
}
