//! A made-up day: the office, 28 groups (or more), 12 units missing, and everything a brief has.
//! The same call gives the same document. Names and figures are invented and say so.

use std::collections::BTreeMap;

use crate::{
    Absence, Absent, BigNumber, BriefDoc, Cell, Chart, Contradiction, Correction, Disagreement, Group,
    GroupValue, Lang, Lineage, Narrative, Rates, SameUnits, Series, TotalRow, Yesterday,
};

/// Numbers that look drawn and are always the same.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as i64) % n
    }
}

/// Words in the three languages.
type Words = [&'static str; 3];

const PLACES: [Words; 7] = [
    ["江北", "江北", "Jiangbei"],
    ["东湖", "東湖", "Donghu"],
    ["南山", "南山", "Nanshan"],
    ["西岭", "西嶺", "Xiling"],
    ["云港", "雲港", "Yungang"],
    ["青原", "青原", "Qingyuan"],
    ["白河", "白河", "Baihe"],
];
const TRADES: [Words; 4] = [
    ["建设集团", "建設集團", "Construction"],
    ["能源集团", "能源集團", "Energy"],
    ["交通集团", "交通集團", "Transport"],
    ["矿业集团", "礦業集團", "Mining"],
];
const ELEMENTS: [(Words, Words, i64); 14] = [
    (["在岗职工", "在崗職工", "Staff on site"], ["人", "人", "people"], 9_000),
    (["今日发热", "今日發熱", "Fever today"], ["人", "人", "people"], 3),
    (["隔离观察", "隔離觀察", "In isolation"], ["人", "人", "people"], 40),
    (["确诊", "確診", "Confirmed"], ["人", "人", "people"], 2),
    (["疑似", "疑似", "Suspected"], ["人", "人", "people"], 3),
    (["密切接触者", "密切接觸者", "Close contacts"], ["人", "人", "people"], 12),
    (["解除隔离", "解除隔離", "Released from isolation"], ["人", "人", "people"], 9),
    (["在重点地区人员", "在重點地區人員", "In the heavy-hit area"], ["人", "人", "people"], 60),
    (["计划返岗", "計畫返崗", "Planned to return"], ["人", "人", "people"], 4_000),
    (["已返岗", "已返崗", "Returned to work"], ["人", "人", "people"], 3_000),
    (["口罩库存", "口罩庫存", "Masks in stock"], ["只", "只", "pieces"], 20_000),
    (["防护服库存", "防護服庫存", "Suits in stock"], ["套", "套", "pieces"], 300),
    (["消毒液库存", "消毒液庫存", "Disinfectant"], ["升", "公升", "litres"], 900),
    (["复工项目", "復工項目", "Sites resumed"], ["个", "個", "sites"], 12),
];

/// The made-up day with a number of groups.
pub(crate) fn brief(lang: Lang, groups: usize) -> BriefDoc {
    let l = match lang {
        Lang::ZhCn => 0,
        Lang::ZhTw => 1,
        Lang::En => 2,
    };
    let say = |words: Words| words[l].to_owned();
    let mut draw = Draw(20_200_203);
    let space = if lang == Lang::En { " " } else { "" };
    let group_name = |i: usize| {
        let base = format!("{}{space}{}", PLACES[i % 7][l], TRADES[(i / 7) % 4][l]);
        if i < 28 { base } else { format!("{base} {}", i / 28 + 1) }
    };
    let shown = [1usize, 2, 7, 9, 10];
    let mut rates = Rates::default();
    let group_rows: Vec<Group> = (0..groups)
        .map(|i| {
            let expected = 24 + draw.below(90);
            // One unit of each of twelve groups: those in the list of the absent below.
            let missing = i64::from((0..12).any(|n| (n * 5) % 28 == i));
            let actual = expected - missing;
            let on_time = actual - i64::from((12..17).any(|n| (n * 5) % 28 == i));
            let zero = actual - draw.below(actual / 2);
            rates.expected += expected;
            rates.actual += actual;
            rates.actual_on_time += on_time;
            rates.zero += zero;
            rates.missing += missing;
            let values = shown.iter().map(|&e| GroupValue {
                name: say(ELEMENTS[e].0),
                value: (i % 11 != 7 || e != 10).then(|| draw.below(ELEMENTS[e].2 + 1) as f64),
            });
            Group {
                own: false,
                code: format!("G{:02}", i + 1),
                name: group_name(i),
                expected,
                actual,
                on_time,
                zero,
                missing,
                values: values.collect(),
            }
        })
        .collect();

    let total = |e: usize, draw: &mut Draw| {
        let (name, unit, size) = ELEMENTS[e];
        let value = draw.below(size * 28 + 1) + size * 4;
        let delta = draw.below(size / 2 + 3) - size / 6;
        TotalRow {
            code: format!("e{e}"),
            name: say(name),
            unit: say(unit),
            value: Some(value as f64),
            yesterday: Some((value - delta) as f64),
            delta: Some(delta as f64),
            said: Some(rates.actual - draw.below(9)),
            base: Some(rates.expected),
            yesterday_said: Some(rates.actual - 4),
            yesterday_base: Some(rates.expected),
            other_units: false,
            same_units: None,
            note: String::new(),
        }
    };
    let mut totals: Vec<TotalRow> = (0..ELEMENTS.len()).map(|e| total(e, &mut draw)).collect();
    totals[12].yesterday = None;
    totals[12].delta = None;
    totals[12].yesterday_said = Some(0);
    totals[13].value = None;
    totals[13].delta = None;
    totals[13].said = Some(0);
    totals[2].delta = None;
    totals[2].other_units = true;
    totals[2].same_units = Some(SameUnits { units: rates.actual - 9, change: 7.0 });
    totals[7].delta = None;
    totals[7].other_units = true;
    totals[1].note = say(["发热 41 人", "發熱 41 人", "Fever 41 people"]);

    let numbers = [1, 2, 7, 9]
        .map(|e| &totals[e])
        .map(|t| BigNumber {
            code: t.code.clone(),
            name: t.name.clone(),
            value: t.value,
            unit: t.unit.clone(),
            delta: t.delta,
            base: t.base,
            said: t.said,
            other_units: t.yesterday.filter(|_| t.other_units).map(|value| Yesterday {
                value,
                said: rates.actual - 4,
                base: rates.expected,
                same_units: t.same_units.clone(),
            }),
        })
        .to_vec();

    let sentences = match lang {
        Lang::ZhCn => vec![
            format!(
                "截至2月3日15:00，应报{}家，已报{}家，其中零报告{}家，未报{}家。",
                rates.expected, rates.actual, rates.zero, rates.missing
            ),
            format!(
                "今日发热{}人，隔离观察{}人；一家单位的零报告与事后情况不符，已列为矛盾。",
                totals[1].value.unwrap(),
                totals[2].value.unwrap()
            ),
            "口罩可用不足三日的单位六家，困难诉求九件，均已有承办人。".into(),
        ],
        Lang::ZhTw => vec![
            format!(
                "截至2月3日15:00，應報{}家，已報{}家，其中零報告{}家，未報{}家。",
                rates.expected, rates.actual, rates.zero, rates.missing
            ),
            format!(
                "今日發熱{}人，隔離觀察{}人；一家單位的零報告與事後情況不符，已列為矛盾。",
                totals[1].value.unwrap(),
                totals[2].value.unwrap()
            ),
            "口罩可用不足三日的單位六家，困難訴求九件，均已有承辦人。".into(),
        ],
        Lang::En => vec![
            format!(
                "By 15:00 on 3 February {} of {} units had reported, {} of them zero; {} had not.",
                rates.actual, rates.expected, rates.zero, rates.missing
            ),
            format!(
                "{} people have fever today and {} are in isolation; the zero of one unit is contradicted by a later incident.",
                totals[1].value.unwrap(),
                totals[2].value.unwrap()
            ),
            "Six units have masks for less than three days; nine requests from below all have an owner."
                .into(),
        ],
    };

    let days: Vec<String> =
        (20..=31).map(|d| format!("2020-01-{d}")).chain((1..=3).map(|d| format!("2020-02-{d:02}"))).collect();
    let series = [1usize, 2, 9, 10]
        .iter()
        .map(|&e| {
            let last = totals[e].value.unwrap();
            let points = (0..days.len())
                .map(|i| {
                    let share = (i + 1) as f64 / days.len() as f64;
                    let wobble = 1.0 + (draw.below(21) - 10) as f64 / 100.0;
                    // On two days nobody was asked.
                    (!(e == 2 && (i == 5 || i == 6)))
                        .then(|| if i + 1 == days.len() { last } else { (last * share * wobble).round() })
                })
                .collect();
            Series { name: say(ELEMENTS[e].0), points }
        })
        .collect();

    let firm = |i: i64| match lang {
        Lang::ZhCn => {
            format!("第{}工程公司", ["一", "二", "三", "四", "五", "六", "七", "八"][i as usize % 8])
        }
        Lang::ZhTw => {
            format!("第{}工程公司", ["一", "二", "三", "四", "五", "六", "七", "八"][i as usize % 8])
        }
        Lang::En => format!("Works Company {}", i + 1),
    };
    let site = |i: i64| match lang {
        Lang::ZhCn => format!("{}号项目部", i + 3),
        Lang::ZhTw => format!("{}號項目部", i + 3),
        Lang::En => format!("Site {}", i + 3),
    };
    let absent = (0..17)
        .map(|i| {
            let group = group_name((i as usize * 5) % groups.clamp(1, 28));
            let late = i >= 12;
            Absent {
                code: format!("S{i}"),
                unit: site(i),
                path: format!("{group} / {} / {}", firm(i), site(i)),
                group,
                status: if late { Absence::Late } else { Absence::Missing },
                at: late.then(|| format!("2020-02-03T15:{:02}:10+08:00", 4 + i)),
            }
        })
        .collect();

    let text = |zh: &str, tw: &str, en: &str| [zh, tw, en][l].to_owned();
    BriefDoc {
        brief: 1,
        lang,
        simulated: true,
        office: text("疫情防控综合办公室", "疫情防控綜合辦公室", "General Office for Epidemic Control"),
        title: text("疫情防控日报", "疫情防控日報", "Daily Brief"),
        number: Some(text("第 11 期", "第 11 期", "No. 11")),
        day: "2020-02-03".into(),
        as_of: "2020-02-03T15:00:00+08:00".into(),
        made_at: "2020-02-03T15:00:04+08:00".into(),
        frozen: true,
        digest: Some("sha256:5f2b9c1e4a7d8036bb1290c7de45fa6380915c2e7b4d6f8a013c5e7092b4d6f8".into()),
        sentences,
        numbers,
        totals,
        rates: rates.clone(),
        chart: Chart {
            title: text("1月20日至2月3日", "1月20日至2月3日", "20 January to 3 February"),
            days,
            series,
        },
        groups: group_rows,
        absent,
        contradictions: vec![Contradiction {
            code: "S6".into(),
            unit: format!("{} / {} / {}", group_name(3), firm(2), site(6)),
            text: text(
                "14:05 签报零报告；14:31 现场报告发热 1 人。两者并列，尚未说明。",
                "14:05 簽報零報告；14:31 現場報告發熱 1 人。兩者並列，尚未說明。",
                "Zero signed at 14:05; an incident at 14:31 says one person has fever. Both stand; not explained yet.",
            ),
        }],
        disagreements: (0..3)
            .map(|i| Disagreement {
                code: format!("G{:02}", i * 4 + 2),
                unit: group_name(i * 4 + 1),
                element: say(ELEMENTS[shown[i + 1]].0),
                stated: Some(120.0 + 7.0 * i as f64),
                parts: Some(118.0 + 12.0 * i as f64),
                said: Some(14 - i as i64),
            })
            .collect(),
        corrections: (0..5)
            .map(|i| Correction {
                code: format!("F{i}"),
                unit: format!("{} / {}", group_name(i * 3 + 2), firm(i as i64)),
                day: "2020-02-02".into(),
                element: say(ELEMENTS[shown[i]].0),
                before: if i == 4 { Cell::None } else { Cell::Number(4.0 + i as f64) },
                after: Cell::Number(6.0 + i as f64),
                reason: text(
                    "昨日夜班人员漏计。",
                    "昨日夜班人員漏計。",
                    "Night shift of the day before was not counted.",
                ),
                at: "2020-02-03T09:12:40+08:00".into(),
                revision: if i == 4 { 1 } else { 2 + i as i64 },
            })
            .collect(),
        narrative: Narrative {
            progress: vec![
                text(
                    "各单位按一线管理要求落实值班，企业防控组抽查工地十二处，发现问题四项，当日整改三项。",
                    "各單位按一線管理要求落實值班，企業防控組抽查工地十二處，發現問題四項，當日整改三項。",
                    "Duty is kept as ordered; twelve sites were checked without notice, four faults found, three mended the same day.",
                ),
                text(
                    "物资保障组到货口罩四万只，按缺口天数分配至六家单位，均已签收。",
                    "物資保障組到貨口罩四萬只，按缺口天數分配至六家單位，均已簽收。",
                    "Forty thousand masks arrived and were given to the six units with the fewest days of stock; all signed for.",
                ),
            ],
            problems: vec![text(
                "测温枪到货延迟，三家单位返岗体温检测以水银体温计代替，排队时间长。",
                "測溫槍到貨延遲，三家單位返崗體溫檢測以水銀體溫計代替，排隊時間長。",
                "Thermometer guns are late; three units measure with glass thermometers and queues are long.",
            )],
            next: Vec::new(),
        },
        lineage: Lineage {
            units: rates.actual,
            revisions: rates.actual + 37,
            heads: "1.0:18204 9c41e07a · 1.1:9155 77f0b2de".into(),
        },
        labels: BTreeMap::new(),
    }
}

/// `MUSTER_PRINT_WRITE_SAMPLE=1` writes the files in `examples/` anew.
#[test]
fn the_samples_in_examples_are_what_the_function_draws() {
    for (lang, name) in
        [(Lang::ZhCn, "brief.json"), (Lang::ZhTw, "brief.zh-TW.json"), (Lang::En, "brief.en.json")]
    {
        let doc = brief(lang, 28);
        let path = format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = serde_json::to_string_pretty(&doc).unwrap() + "\n";
        if std::env::var_os("MUSTER_PRINT_WRITE_SAMPLE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(BriefDoc::from_json(text.as_bytes()).unwrap(), doc);
    }
}
