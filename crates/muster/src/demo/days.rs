//! Forty days of reports: with weekends and a feast, gaps, late ones, corrections.

use super::dice::Dice;
use super::form::{asked, at};
use super::today::{self, Absent};
use super::tree::{Nature, Tree};
use super::{Act, FIRST_DAY, Incident, Kind, NUMBERS, OPENS_MINUTE, Report, Scope, TODAY, instant};
use muster_kernel::Day;

/// What is told.
pub(crate) struct Told {
    pub(crate) reports: Vec<Report>,
    pub(crate) later: Vec<Report>,
    pub(crate) incidents: Vec<Incident>,
}

/// Draws all reports of all days.
pub(crate) fn tell(seed: u64, tree: &Tree) -> Told {
    let mut reports = Vec::with_capacity(tree.units.len() * 40);
    let mut later = Vec::new();
    let absent = Absent::today(seed, tree);
    for (u, unit) in tree.units.iter().enumerate() {
        if matches!(unit.kind, Kind::Regulator | Kind::Department) {
            continue;
        }
        let last = unit.closed.unwrap_or(TODAY.plus(1)).number();
        let mut life = Life::new(seed, u as u32, &tree.natures[u]);
        for number in FIRST_DAY.number()..last {
            let day = Day::from_number(number);
            let mut report = life.report(day);
            if day < unit.opened {
                continue;
            }
            if day == TODAY {
                if absent.missing.contains(&report.unit) {
                    continue;
                }
                if let Some(second) = absent.later_second(report.unit) {
                    report.at = instant(TODAY, second);
                    later.push(report);
                    continue;
                }
                today::special(tree, &mut report);
            } else if life.is_silent(day, tree) {
                continue;
            }
            let correction = life.correction(&report);
            reports.push(report);
            reports.extend(correction);
        }
    }
    let revision = today::revision(tree, &reports);
    reports.extend(revision);
    let by_time = |report: &Report| (report.at, report.unit, report.day);
    reports.extend(today::statements(tree, &reports));
    reports.sort_by_key(by_time);
    later.sort_by_key(by_time);
    let incidents = today::incidents(seed, tree, &reports);
    Told { reports, later, incidents }
}

/// One unit through the days: what is carried from day to day.
struct Life<'a> {
    seed: u64,
    unit: u32,
    nature: &'a Nature,
    masks: i64,
    dice: Dice,
}

impl<'a> Life<'a> {
    fn new(seed: u64, unit: u32, nature: &'a Nature) -> Self {
        let mut dice = Dice::of(&[seed, 7, u64::from(unit)]);
        let masks = nature.staff * dice.between(2, 8) + dice.between(0, 60);
        Self { seed, unit, nature, masks, dice }
    }

    /// The report of a day, whether or not it will be filed: stock is used on silent days too.
    fn report(&mut self, day: Day) -> Report {
        self.dice = Dice::of(&[self.seed, 8, u64::from(self.unit), day.number() as u64]);
        let mut values = self.figures(day);
        let asked = asked(day);
        for (n, value) in values.iter_mut().enumerate() {
            if !asked.contains(&n) {
                *value = None;
            }
        }
        let events = [at::FEVER, at::SUSPECTED, at::CONFIRMED];
        let quiet = events.iter().all(|e| values[*e].unwrap_or(0) == 0);
        let act = if quiet { Act::Zero } else { Act::Values };
        let difficulties = self.difficulties(day, &values);
        if quiet {
            // The zero is the signature; the events need no figures beside it.
            events.iter().for_each(|e| values[*e] = None);
            if self.nature.terse && difficulties.is_none() {
                values = [None; NUMBERS];
            }
        } else if self.dice.thousandths(15) {
            // Somebody leaves a field blank: not said, which is not zero.
            values[at::AWAY] = None;
            values[at::MASKS] = None;
        }
        let second = self.second(day);
        Report {
            unit: self.unit,
            day,
            at: instant(day, second),
            act,
            scope: Scope::Alone,
            values,
            difficulties,
            reason: None,
        }
    }

    fn figures(&mut self, day: Day) -> [Option<i64>; NUMBERS] {
        let (nature, n) = (self.nature, i64::from(day.number() - FIRST_DAY.number()));
        let mut dice = self.dice.clone();
        let staff =
            nature.staff + nature.staff * n / 2_000 - i64::from(self.unit.is_multiple_of(3)) * (n / 9);
        let staff = staff.max(4);
        let returned_due = staff * (250 + i64::from(self.unit * 7 % 350)) / 1000;
        let returned = returned_due * (270 + (n - 35).max(0) * 85 + dice.between(-40, 40)) / 1000;
        let mut on_site = staff * (presence(nature, n) + dice.between(-12, 12)).clamp(10, 990) / 1000;
        if n >= 36 {
            on_site = on_site.max(returned);
        }
        let heavy_hit =
            nature.heavy_hit * (n - 15).clamp(0, 13) / 13 + nature.heavy_hit * (n - 28).max(0) / 60;
        let home = dice.about(staff * (n - 24).clamp(0, 12) * 5, 12_000) + heavy_hit / 6;
        let fever_rate = [36, 36, 60, 90, 124][(n as usize / 8).min(4)];
        let late = i64::from(n >= 28);
        let fever = dice.about(staff * fever_rate, 1_000_000);
        let used = on_site * if n >= 26 { 12 } else { 1 } / 10 + 1;
        let scarce = self.masks < used * 2;
        let received =
            if dice.thousandths(if scarce { 150 } else { 40 }) { used * dice.between(2, 6) } else { 0 };
        self.masks = (self.masks - used).max(0) + received;
        let mut values = [None; NUMBERS];
        values[at::ON_REGISTER] = Some(staff);
        values[at::ON_SITE] = Some(on_site);
        values[at::AWAY] = Some(staff - on_site);
        values[at::HEAVY_HIT] = Some(heavy_hit);
        values[at::FEVER] = Some(fever);
        values[at::HOME] = Some(home);
        values[at::CENTRAL] = Some(dice.about(home, 9));
        values[at::SUSPECTED] = Some(dice.about(staff * 7 * late, 1_000_000));
        values[at::CONFIRMED] = Some(dice.about(staff * 3 * late, 1_000_000));
        values[at::SHOULD_RETURN] = Some(returned_due);
        values[at::RETURNED] = Some(returned.clamp(0, returned_due));
        values[at::MASKS] = Some(self.masks);
        values[at::MASK_USE] = Some(used);
        values[at::MASKS_IN] = Some(received);
        self.dice = dice;
        values
    }

    /// What is written under difficulties; most write nothing.
    fn difficulties(&mut self, day: Day, values: &[Option<i64>; NUMBERS]) -> Option<String> {
        if let (Some(masks), Some(used)) = (values[at::MASKS], values[at::MASK_USE])
            && masks < used * 2
            && self.dice.thousandths(110)
        {
            let lack = used * 3 - masks;
            return Some(format!("口罩库存仅够{}天，缺{lack}只，请求协调货源。", masks / used));
        }
        let list = if day.number() - FIRST_DAY.number() >= 26 { LATE_WORDS } else { EARLY_WORDS };
        self.dice.thousandths(9).then(|| (*self.dice.pick(list)).to_owned())
    }

    /// When it is filed: most in the morning, the rest until the cut-off, a few late.
    fn second(&mut self, day: Day) -> u32 {
        let dice = &mut self.dice;
        let minute = |dice: &mut Dice, from: (i64, i64), to: (i64, i64)| {
            dice.between((from.0 * 60 + from.1) * 60, (to.0 * 60 + to.1) * 60 - 1) as u32
        };
        if day == TODAY {
            return minute(dice, (8, 2), (14, 46));
        }
        match dice.below(1000) {
            0..18 => minute(dice, (15, 1), (19, 30)),
            18..27 => 86_400 + minute(dice, (8, 0), (9, 20)),
            27..600 => minute(dice, (8, 2), (11, 30)),
            _ => minute(dice, (11, 30), (14, 59)),
        }
    }

    /// Whether nothing is filed on an earlier day.
    fn is_silent(&mut self, day: Day, tree: &Tree) -> bool {
        let n = day.number() - FIRST_DAY.number();
        // A whole group without a line on a Sunday.
        if n == 17 && tree.units[self.unit as usize].code.starts_with("G20") {
            return true;
        }
        let thousandths = match n {
            30 => 74,
            n if is_free(n) => 31,
            _ => 11,
        };
        self.dice.thousandths(thousandths)
    }

    /// Four reports in a thousand are put right later, with a reason. All are figures of a state: a signed zero stays one.
    fn correction(&mut self, report: &Report) -> Option<Report> {
        let dice = &mut self.dice;
        if !dice.thousandths(4) {
            return None;
        }
        let (element, (low, high), reason) = *dice.pick(&CORRECTIONS);
        let old = report.values[element]?;
        let new = (old + dice.between(low, high)).max(0);
        let at = report.at + dice.between(20 * 60, 26 * 3600) * 1000;
        // A correction of tomorrow is not known yet.
        if new == old || at >= instant(TODAY, OPENS_MINUTE * 60) {
            return None;
        }
        let mut values = [None; NUMBERS];
        values[element] = Some(new);
        Some(Report { at, values, difficulties: None, reason: Some(reason), ..report.clone() })
    }
}

/// Thousandths of the staff at work on a day.
fn presence(nature: &Nature, n: i64) -> i64 {
    match n {
        // 2020-01-24 to 02-02: the feast, and its extension.
        29..39 => nature.new_year,
        39.. => nature.new_year + 70,
        _ if is_free(n as i32) => nature.sunday,
        // People leave for home in the last week before it.
        22..29 => 930 - (n - 21) * 46,
        _ => 930,
    }
}

/// Saturdays, Sundays and holidays; 2020-01-19 was a working Sunday.
fn is_free(n: i32) -> bool {
    n == 6 || (29..39).contains(&n) || (n % 7 == 2 || n % 7 == 3) && n != 24
}

/// Which figure is put right, by how much, and why.
const CORRECTIONS: [(usize, (i64, i64), &str); 8] = [
    (at::ON_REGISTER, (-9, 9), "劳务派遣人员口径有误，现予更正。"),
    (at::ON_SITE, (-14, 14), "漏计夜班人员。"),
    (at::HEAVY_HIT, (-3, 4), "电话逐人核实后更正。"),
    (at::HEAVY_HIT, (1, 4), "新了解到探亲人员，补报。"),
    (at::HOME, (-3, 5), "解除隔离人员未扣除。"),
    (at::MASKS, (-400, 200), "仓库盘点后更正。"),
    (at::RETURNED, (-8, 6), "与考勤核对后更正。"),
    (at::AWAY, (-14, 14), "录入时错行。"),
];

/// What is asked for before 21 January.
const EARLY_WORDS: &[&str] = &[
    "流感高发，缺勤略有增加。",
    "春运期间客流大，请求支援测温设备两台。",
    "食堂消毒液用量增加，采购周期约五天。",
    "职工咨询探亲安排，请明确口径。",
    "值班电话线路不稳，已报修。",
];

/// And after it.
const LATE_WORDS: &[&str] = &[
    "消毒液仅余两桶，本地无货，请求调拨。",
    "测温枪不足，门岗只有一支，请求支援三支。",
    "在鄂职工返程时间未定，请明确复工口径。",
    "隔离观察房间不足，需协调附近宾馆。",
    "村口封路，早班职工绕行，恳请协调通行证。",
    "一日内收到三份内容相近的报表，建议统一口径。",
    "供应商春节停产，原料仅够六天。",
    "单身宿舍人员集中，请求支援分散住宿。",
    "外地司机到达后无处安置，请求指导。",
    "食堂改为分时就餐，餐盒采购困难。",
    "返岗人员需体温记录本，印刷厂停工。",
    "防护服为零，环卫岗位急需二十套。",
];
