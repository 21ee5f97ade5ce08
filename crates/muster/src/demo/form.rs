//! What is asked: the elements, and the form's three versions. It grew as forms grew in those weeks.

use super::{FIRST_DAY, Names, names};
use muster_kernel::Day;

/// How many number elements there are; the index of a figure in [`super::Report::values`].
pub const NUMBERS: usize = 14;

/// A number or text that can be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// Stable and unique.
    pub code: &'static str,
    /// Simplified Chinese, traditional Chinese, English.
    pub names: [&'static str; 3],
    /// `event`, `state` or `text`.
    pub class: &'static str,
    /// `integer` or `text`.
    pub kind: &'static str,
    /// What is counted: `person`, `piece`, or nothing.
    pub unit: Option<&'static str>,
    /// How it adds up over units: `sum` or `none`.
    pub over_units: &'static str,
    /// How it adds up over days: `sum`, `last` or `none`.
    pub over_time: &'static str,
    /// Why it may be asked.
    pub purpose: &'static str,
    /// The largest figure that is believed.
    pub max: Option<i64>,
}

/// A rate: never a figure of its own, always numerator and denominator.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Stable and unique.
    pub code: &'static str,
    /// Simplified Chinese, traditional Chinese, English.
    pub names: [&'static str; 3],
    /// Code of an element.
    pub numerator: &'static str,
    /// Code of an element.
    pub denominator: &'static str,
    /// `percent`, or `day` (stock divided by daily use).
    pub unit: &'static str,
}

const fn person(
    code: &'static str,
    names: [&'static str; 3],
    class: &'static str,
    over_time: &'static str,
    purpose: &'static str,
) -> Element {
    Element {
        code,
        names,
        class,
        kind: "integer",
        unit: Some("person"),
        over_units: "sum",
        over_time,
        purpose,
        max: Some(100_000),
    }
}

const fn piece(code: &'static str, names: [&'static str; 3], over_time: &'static str) -> Element {
    Element {
        code,
        names,
        class: "state",
        kind: "integer",
        unit: Some("piece"),
        over_units: "sum",
        over_time,
        purpose: "supplies.allocation",
        max: Some(5_000_000),
    }
}

/// The catalogue; the last one is the text.
pub const ELEMENTS: [Element; NUMBERS + 1] = [
    person(
        "staff_on_register",
        ["在册职工", "在冊職工", "Staff on register"],
        "state",
        "last",
        "control.base",
    ),
    person("staff_on_site", ["在岗人数", "在崗人數", "Staff on site"], "state", "last", "control.base"),
    person("staff_away", ["未返岗人数", "未返崗人數", "Staff away"], "state", "last", "control.base"),
    person(
        "in_heavy_hit_area",
        ["在重点疫区人数", "在重點疫區人數", "In the heavy-hit area"],
        "state",
        "last",
        "control.exposure",
    ),
    person("fever", ["今日新增发热", "今日新增發熱", "New fevers today"], "event", "sum", "control.health"),
    person(
        "isolated_home",
        ["居家隔离人数", "居家隔離人數", "Isolating at home"],
        "state",
        "last",
        "control.health",
    ),
    person(
        "isolated_central",
        ["集中隔离人数", "集中隔離人數", "Isolating centrally"],
        "state",
        "last",
        "control.health",
    ),
    person(
        "suspected_new",
        ["新增疑似", "新增疑似", "New suspected cases"],
        "event",
        "sum",
        "control.health",
    ),
    person(
        "confirmed_new",
        ["新增确诊", "新增確診", "New confirmed cases"],
        "event",
        "sum",
        "control.health",
    ),
    person(
        "should_return",
        ["应返岗人数", "應返崗人數", "Due to return"],
        "state",
        "last",
        "return.progress",
    ),
    person("returned_to_work", ["已返岗人数", "已返崗人數", "Returned"], "state", "last", "return.progress"),
    piece("mask_stock", ["口罩库存", "口罩庫存", "Masks in stock"], "last"),
    piece("mask_daily_use", ["口罩日均用量", "口罩日均用量", "Masks used a day"], "last"),
    piece("mask_received", ["今日到货口罩", "今日到貨口罩", "Masks received today"], "sum"),
    Element {
        code: "difficulties",
        names: ["困难和诉求", "困難和訴求", "Difficulties and requests"],
        class: "text",
        kind: "text",
        unit: None,
        over_units: "none",
        over_time: "none",
        purpose: "help.from_above",
        max: None,
    },
];

/// Indices into [`ELEMENTS`], where the generator fills them.
pub(crate) mod at {
    pub(crate) const ON_REGISTER: usize = 0;
    pub(crate) const ON_SITE: usize = 1;
    pub(crate) const AWAY: usize = 2;
    pub(crate) const HEAVY_HIT: usize = 3;
    pub(crate) const FEVER: usize = 4;
    pub(crate) const HOME: usize = 5;
    pub(crate) const CENTRAL: usize = 6;
    pub(crate) const SUSPECTED: usize = 7;
    pub(crate) const CONFIRMED: usize = 8;
    pub(crate) const SHOULD_RETURN: usize = 9;
    pub(crate) const RETURNED: usize = 10;
    pub(crate) const MASKS: usize = 11;
    pub(crate) const MASK_USE: usize = 12;
    pub(crate) const MASKS_IN: usize = 13;
}

/// The two rates of the form.
pub const RATES: [Rate; 2] = [
    Rate {
        code: "return_rate",
        names: ["返岗率", "返崗率", "Return rate"],
        numerator: "returned_to_work",
        denominator: "should_return",
        unit: "percent",
    },
    Rate {
        code: "mask_days",
        names: ["口罩可用天数", "口罩可用天數", "Days of masks"],
        numerator: "mask_stock",
        denominator: "mask_daily_use",
        unit: "day",
    },
];

/// One dated version of the daily form.
#[derive(Clone, Debug)]
pub struct FormVersion {
    /// `daily`.
    pub code: &'static str,
    /// 1, 2, 3.
    pub version: u32,
    /// In three scripts.
    pub names: Names,
    /// The first day it is asked.
    pub since: Day,
    /// The elements it asks for, in the order of the page, as indices into [`ELEMENTS`].
    pub elements: &'static [usize],
}

// What an office asks first stands first: a form's first four figures are the big ones of the desk and of the brief.
const VERSION_1: &[usize] = &[4, 0, 1, 2, 14];
const VERSION_2: &[usize] = &[4, 3, 5, 1, 6, 7, 8, 0, 2, 11, 12, 13, 14];
const VERSION_3: &[usize] = &[4, 3, 5, 10, 6, 7, 8, 0, 1, 2, 9, 11, 12, 13, 14];

/// The form's versions, the oldest first: four figures, then twelve, then fourteen.
pub fn form_versions() -> [FormVersion; 3] {
    let version = |version, since, elements| FormVersion {
        code: "daily",
        version,
        names: names::fixed("防控日报", "防控日報", "Daily control report"),
        since,
        elements,
    };
    [
        version(1, FIRST_DAY, VERSION_1),
        // 2020-01-21 and 2020-01-31
        version(2, FIRST_DAY.plus(26), VERSION_2),
        version(3, FIRST_DAY.plus(36), VERSION_3),
    ]
}

/// The number elements asked on a day.
pub(crate) fn asked(day: Day) -> &'static [usize] {
    let days = day.number() - FIRST_DAY.number();
    match days {
        36.. => VERSION_3,
        26.. => VERSION_2,
        _ => VERSION_1,
    }
}

/// The index of an element by its code.
pub fn element(code: &str) -> Option<usize> {
    ELEMENTS.iter().position(|element| element.code == code)
}
