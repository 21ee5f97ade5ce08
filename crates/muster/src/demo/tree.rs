//! The simulated body: its departments, 28 groups, 362 firms, 2,000 sites in 16 cities, and what changed of it.

use super::dice::Dice;
use super::names::{CHARACTERS, TRADES, both, fixed, numeral};
use super::{Cast, Change, FIRST_DAY, Kind, Names, Post, Role, Unit, What};
use muster_kernel::Day;

/// Firms on any day.
const FIRMS: usize = 362;
/// Sites that are open on the last day.
const SITES: usize = 2_000;
/// Sites that closed on the way.
const SITES_CLOSED: usize = 9;
/// Sites that opened on the way.
const SITES_OPENED: usize = 14;

/// A city.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// GB/T 2260.
    pub code: u32,
    /// Simplified Chinese, traditional Chinese, English.
    pub names: [&'static str; 3],
    /// How many hundredths of all sites lie there.
    share: u64,
}

const fn place(code: u32, names: [&'static str; 3], share: u64) -> Place {
    Place { code, names, share }
}

/// The sixteen cities of a province, with their real codes.
pub const PLACES: [Place; 16] = [
    place(340_100, ["合肥", "合肥", "Hefei"], 19),
    place(340_200, ["芜湖", "蕪湖", "Wuhu"], 10),
    place(340_300, ["蚌埠", "蚌埠", "Bengbu"], 7),
    place(340_400, ["淮南", "淮南", "Huainan"], 8),
    place(340_500, ["马鞍山", "馬鞍山", "Ma'anshan"], 8),
    place(340_600, ["淮北", "淮北", "Huaibei"], 6),
    place(340_700, ["铜陵", "銅陵", "Tongling"], 5),
    place(340_800, ["安庆", "安慶", "Anqing"], 6),
    place(341_000, ["黄山", "黃山", "Huangshan"], 4),
    place(341_100, ["滁州", "滁州", "Chuzhou"], 6),
    place(341_200, ["阜阳", "阜陽", "Fuyang"], 6),
    place(341_300, ["宿州", "宿州", "Suzhou"], 4),
    place(341_500, ["六安", "六安", "Lu'an"], 4),
    place(341_600, ["亳州", "亳州", "Bozhou"], 3),
    place(341_700, ["池州", "池州", "Chizhou"], 2),
    place(341_800, ["宣城", "宣城", "Xuancheng"], 2),
];

/// A class of units: a trade, or the units of special importance.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ClassName {
    /// Stable: `trade.mining`, `key`.
    pub code: &'static str,
    /// In three scripts.
    pub names: Names,
}

/// What a unit is like; the figures are drawn from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nature {
    /// People on the register on the first day.
    pub(crate) staff: i64,
    /// Thousandths at work on a Sunday, and on New Year's Day.
    pub(crate) sunday: i64,
    pub(crate) new_year: i64,
    /// People whose home is in the heavy-hit area and who went there for the feast.
    pub(crate) heavy_hit: i64,
    /// Signs its zero and says no more.
    pub(crate) terse: bool,
}

/// The tree and what lies behind it.
pub(crate) struct Tree {
    pub(crate) units: Vec<Unit>,
    /// One for each unit; of no meaning for those that do not report.
    pub(crate) natures: Vec<Nature>,
    pub(crate) changes: Vec<Change>,
    pub(crate) cast: Cast,
}

impl Tree {
    /// The index of a unit by its code.
    fn find(&self, code: &str) -> u32 {
        self.units.iter().position(|unit| unit.code == code).unwrap_or(0) as u32
    }
}

/// Long before the first day.
const FOUNDED: Day = FIRST_DAY.plus(-360);

/// Draws the tree.
pub(crate) fn draw(seed: u64) -> Tree {
    let cast = Cast { clerk: 0, contradiction: 0, revised: 0 };
    let mut tree = Tree { units: Vec::new(), natures: Vec::new(), changes: Vec::new(), cast };
    let root = add(&mut tree, "AQ".into(), root_names(), Kind::Regulator, None, PLACES[0].code, Vec::new());
    for (n, names) in DEPARTMENTS.iter().enumerate() {
        let [hans, hant, en] = *names;
        let code = format!("AQ-D{:02}", n + 1);
        add(&mut tree, code, fixed(hans, hant, en), Kind::Department, Some(root), PLACES[0].code, Vec::new());
    }
    let firms = shares(&mut Dice::of(&[seed, 1]), FIRMS, 28, 6, 22);
    let sites = shares(&mut Dice::of(&[seed, 2]), SITES + SITES_CLOSED, FIRMS, 2, 14);
    let mut sites = sites.into_iter();
    for (g, firms) in firms.into_iter().enumerate() {
        let group = add_group(&mut tree, seed, g, root);
        for f in 0..firms {
            let count = sites.next().unwrap_or_default();
            add_firm(&mut tree, seed, (g, group), f, count);
        }
    }
    cast_and_change(&mut tree, seed);
    tree
}

fn add(
    tree: &mut Tree,
    code: String,
    names: Names,
    kind: Kind,
    parent: Option<u32>,
    place: u32,
    classes: Vec<&'static str>,
) -> u32 {
    let nature = Nature { staff: 0, sunday: 0, new_year: 0, heavy_hit: 0, terse: false };
    tree.units.push(Unit { code, names, kind, parent, place, classes, opened: FOUNDED, closed: None });
    tree.natures.push(nature);
    tree.units.len() as u32 - 1
}

fn add_group(tree: &mut Tree, seed: u64, g: usize, root: u32) -> u32 {
    let mut dice = Dice::of(&[seed, 3, g as u64]);
    let ([character, sound], trade) = (CHARACTERS[g], &TRADES[g]);
    let names =
        both(format!("{character}字{}集团", trade.names[0]), format!("{sound} {} Group", trade.names[1]));
    let place = city(&mut dice).code;
    let group =
        add(tree, format!("G{:02}", g + 1), names, Kind::Group, Some(root), place, vec![trade.class, "key"]);
    let staff = dice.between(120, 420);
    tree.natures[group as usize] = nature(&mut dice, staff, 90, 25);
    group
}

fn add_firm(tree: &mut Tree, seed: u64, (g, group): (usize, u32), f: usize, sites: usize) {
    let mut dice = Dice::of(&[seed, 4, g as u64, f as u64]);
    let ([character, sound], trade) = (CHARACTERS[g], &TRADES[g]);
    let ([what, what_en], n) = (trade.firms[f % 3], f as u32 / 3 + 1);
    let hans = format!("{character}字{what}{}公司", numeral(n));
    let en = format!("{sound} {what_en} Co. {n}");
    let home = city(&mut dice);
    let code = format!("G{:02}-F{:02}", g + 1, f + 1);
    let mut classes = vec![trade.class];
    if sites >= 11 {
        classes.push("key");
    }
    let firm =
        add(tree, code.clone(), both(hans.clone(), en.clone()), Kind::Firm, Some(group), home.code, classes);
    let staff = dice.between(24, 130);
    tree.natures[firm as usize] = nature(&mut dice, staff, 120, 30);
    let mut seen: Vec<(u32, usize)> = Vec::new();
    for s in 0..sites {
        let place = if dice.thousandths(600) { home } else { city(&mut dice) };
        let kind = usize::from(dice.thousandths(340));
        seen.push((place.code, kind));
        let no = seen.iter().filter(|other| **other == (place.code, kind)).count() as u32;
        let [site, site_en] = trade.sites[kind];
        let names = both(
            format!("{hans}{}第{}{site}", place.names[0], numeral(no)),
            format!("{en}, {} {site_en} {no}", place.names[2]),
        );
        let code = format!("{code}-S{:02}", s + 1);
        let unit = add(tree, code, names, Kind::Site, Some(firm), place.code, vec![trade.class]);
        // Many small ones and a few large: a fifth to three times the middle.
        let staff = (trade.staff * dice.between(20, 120) * dice.between(40, 250) / 10_000).max(6);
        tree.natures[unit as usize] = nature(&mut dice, staff, trade.sunday, trade.new_year);
    }
}

fn nature(dice: &mut Dice, staff: i64, sunday: i64, new_year: i64) -> Nature {
    let homes = if dice.thousandths(420) { dice.between(2, 14) } else { 0 };
    let heavy_hit = dice.about(staff * homes, 1000);
    let terse = staff < 90 && dice.thousandths(190);
    Nature { staff, sunday, new_year, heavy_hit, terse }
}

/// A city, the larger ones more often.
fn city(dice: &mut Dice) -> &'static Place {
    let mut at = dice.below(PLACES.iter().map(|place| place.share).sum());
    for place in &PLACES {
        match at.checked_sub(place.share) {
            Some(rest) => at = rest,
            None => return place,
        }
    }
    &PLACES[0]
}

/// Splits `total` into `parts` unequal numbers of at least `low` and at most `high`.
fn shares(dice: &mut Dice, total: usize, parts: usize, low: usize, high: usize) -> Vec<usize> {
    let mut shares = vec![low; parts];
    let mut left = total.saturating_sub(low * parts);
    while left > 0 {
        let part = &mut shares[dice.below(parts as u64) as usize];
        // Sizes come in lumps: who is large already grows more.
        if *part < high && dice.below(high as u64) <= *part as u64 {
            *part += 1;
            left -= 1;
        }
    }
    shares
}

/// The units of the five minutes, and what happened to the tree in forty days.
fn cast_and_change(tree: &mut Tree, seed: u64) {
    tree.cast = Cast {
        clerk: tree.find("G05-F01-S01"),
        contradiction: tree.find("G04-F02-S01"),
        revised: tree.find("G01-F01-S01"),
    };
    let kept = [tree.cast.clerk, tree.cast.contradiction, tree.cast.revised];
    for unit in kept {
        let nature = &mut tree.natures[unit as usize];
        (nature.staff, nature.heavy_hit, nature.terse) = (nature.staff.clamp(38, 260), 5, false);
    }
    let day = |n| FIRST_DAY.plus(n);
    for (n, site) in (1..=3).map(|n| (21, format!("G05-F03-S0{n}"))).chain([(25, "G27-F02".into())]) {
        let to = if n == 21 { "G05-F04" } else { "G04" };
        let (unit, to) = (tree.find(&site), tree.find(to));
        tree.changes.push(Change { day: day(n), unit, what: What::Moved(to) });
    }
    for (n, code, hans, en) in [
        (13, "G12-F03", "昃字绿色板材一公司", "Ze Green Boards Co. 1"),
        (27, "G23-F01", "冬字防护制药一公司", "Dong Protective Pharmaceuticals Co. 1"),
    ] {
        let unit = tree.find(code);
        tree.changes.push(Change { day: day(n), unit, what: What::Renamed(both(hans.into(), en.into())) });
    }
    tree.changes.sort_by_key(|change| (change.day, change.unit));
    open_and_close(tree, seed, &kept);
}

fn open_and_close(tree: &mut Tree, seed: u64, kept: &[u32]) {
    let mut dice = Dice::of(&[seed, 5]);
    let changed: Vec<u32> =
        tree.changes.iter().map(|change| change.unit).chain(kept.iter().copied()).collect();
    let sites: Vec<u32> = (0..tree.units.len() as u32)
        .filter(|u| tree.units[*u as usize].kind == Kind::Site && !changed.contains(u))
        .collect();
    let mut opened = 0;
    let mut closed = 0;
    while opened < SITES_OPENED || closed < SITES_CLOSED {
        let unit = &mut tree.units[*dice.pick(&sites) as usize];
        if unit.closed.is_some() || unit.opened != FOUNDED {
            continue;
        }
        if closed < SITES_CLOSED {
            unit.closed = Some(FIRST_DAY.plus(dice.between(9, 33) as i32));
            closed += 1;
        } else {
            unit.opened = FIRST_DAY.plus(dice.between(6, 36) as i32);
            opened += 1;
        }
    }
}

fn root_names() -> Names {
    fixed(
        "省属企业监督机构（模拟）",
        "省屬企業監督機構（模擬）",
        "Provincial Enterprise Supervisor (simulated)",
    )
}

/// Its own departments and the seven sub-groups of its leading group.
const DEPARTMENTS: [[&str; 3]; 15] = [
    ["综合办公室", "綜合辦公室", "General Office"],
    ["企业防控组", "企業防控組", "Enterprise Control Group"],
    ["机关防控组", "機關防控組", "Headquarters Control Group"],
    ["物资保障组", "物資保障組", "Supplies Group"],
    ["宣传工作组", "宣傳工作組", "Publicity Group"],
    ["捐赠工作组", "捐贈工作組", "Donations Group"],
    ["执纪监督组", "執紀監督組", "Discipline and Oversight Group"],
    ["规划发展处", "規劃發展處", "Planning"],
    ["财务监督处", "財務監督處", "Finance Oversight"],
    ["产权管理处", "產權管理處", "Property Rights"],
    ["企业改革处", "企業改革處", "Enterprise Reform"],
    ["考核分配处", "考核分配處", "Assessment"],
    ["安全生产处", "安全生產處", "Safety at Work"],
    ["人事教育处", "人事教育處", "Personnel"],
    ["机关服务中心", "機關服務中心", "Headquarters Services"],
];

/// The classes: each trade, and the units of special importance.
pub(crate) fn classes() -> Vec<ClassName> {
    let trades = TRADES.iter().map(|trade| ClassName {
        code: trade.class,
        names: both(trade.names[0].into(), trade.names[1].into()),
    });
    trades
        .chain([ClassName {
            code: "key",
            names: fixed("重点单位", "重點單位", "Units of special importance"),
        }])
        .collect()
}

/// A duty post at every unit that reports, and at the office.
pub(crate) fn posts(tree: &Tree) -> Vec<Post> {
    let duty = fixed("防控值班岗", "防控值班崗", "Control duty");
    let on_duty = |kind| kind != Kind::Department;
    (0..tree.units.len() as u32)
        .filter(|u| on_duty(tree.units[*u as usize].kind))
        .map(|unit| {
            let duty_phone = format!("000-{:04}-{:04}", 5550 + unit / 10_000, unit % 10_000);
            Post { unit, code: "duty", names: duty.clone(), duty_phone }
        })
        .collect()
}

/// Whom one can be in the demonstration: four levels of one line.
pub(crate) fn roles(tree: &Tree) -> Vec<Role> {
    let above = |unit: u32| tree.units[unit as usize].parent.unwrap_or(0);
    let clerk = tree.cast.clerk;
    let (firm, group) = (above(clerk), above(above(clerk)));
    vec![
        Role {
            id: "office",
            names: fixed("综合办公室值班", "綜合辦公室值班", "Duty officer of the office"),
            unit: 0,
        },
        Role {
            id: "group", names: fixed("集团值班", "集團值班", "Duty officer of a group"), unit: group
        },
        Role {
            id: "firm", names: fixed("公司填报人", "公司填報人", "Reporter of a firm"), unit: firm
        },
        Role {
            id: "clerk", names: fixed("现场填报人", "現場填報人", "Clerk of a site"), unit: clerk
        },
    ]
}
