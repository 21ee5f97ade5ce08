//! The fixed words of a brief, in every language it is printed in.
//!
//! The house sends its own words in [`crate::BriefDoc::labels`]; what it does not send is taken
//! from here. `{name}` in a label is filled in at print.

use crate::Lang;

/// Every key with its words: zh-CN, zh-TW, en.
const TABLE: &[(&str, [&str; 3])] = &[
    ("absent.at", ["报送时间", "報送時間", "Received"]),
    ("absent.group", ["所属", "所屬", "Group"]),
    ("absent.late", ["迟报", "遲報", "late"]),
    ("absent.missing", ["未报", "未報", "not reported"]),
    ("absent.missing.frozen", ["漏报", "漏報", "missing"]),
    ("absent.path", ["隶属", "隸屬", "Path"]),
    ("absent.status", ["情况", "情況", "Status"]),
    ("absent.unit", ["单位", "單位", "Unit"]),
    ("contradiction.text", ["两面之词", "兩面之詞", "Both sides"]),
    ("contradiction.unit", ["单位", "單位", "Unit"]),
    ("correction.after", ["现数", "現數", "Now"]),
    ("correction.anew", ["更正", "更正", "correction"]),
    ("correction.at", ["报送时间", "報送時間", "Received"]),
    ("correction.before", ["原数", "原數", "Before"]),
    ("correction.day", ["日期", "日期", "Day"]),
    ("correction.element", ["指标", "指標", "Element"]),
    ("correction.first", ["首报", "首報", "first report"]),
    ("correction.kind", ["性质", "性質", "Kind"]),
    ("correction.reason", ["原因", "原因", "Reason"]),
    ("correction.revision", ["版次", "版次", "Rev."]),
    ("correction.unit", ["单位", "單位", "Unit"]),
    ("delta.other_units", ["填报单位与昨日不同", "填報單位與昨日不同", "not the same units as yesterday"]),
    (
        "delta.same_units",
        [
            "两日都填的 {n} 家：{change}",
            "兩日都填的 {n} 家：{change}",
            "{change} in those that said it on both days ({n})",
        ],
    ),
    ("delta.since", ["较昨日", "較昨日", "since yesterday"]),
    ("delta.unknown", ["较昨日无从比较", "較昨日無從比較", "no figure to compare with"]),
    ("delta.zero", ["与昨日持平", "與昨日持平", "same as yesterday"]),
    ("disagreement.difference", ["相差", "相差", "Difference"]),
    ("disagreement.element", ["指标", "指標", "Element"]),
    ("disagreement.parts", ["下级合计", "下級合計", "Sum of parts"]),
    ("disagreement.said", ["已报下级", "已報下級", "Parts that said it"]),
    ("disagreement.stated", ["本级所报", "本級所報", "Stated"]),
    ("disagreement.unit", ["单位", "單位", "Unit"]),
    ("foot.digest", ["摘要", "摘要", "Digest"]),
    ("foot.page", ["第 {page} 页　共 {pages} 页", "第 {page} 頁　共 {pages} 頁", "Page {page} of {pages}"]),
    ("group.actual", ["已报", "已報", "Reported"]),
    ("group.expected", ["应报", "應報", "Expected"]),
    ("group.missing", ["未报", "未報", "Not reported"]),
    ("group.missing.frozen", ["漏报", "漏報", "Missing"]),
    ("group.name", ["单位", "單位", "Unit"]),
    ("group.on_time", ["按时", "按時", "On time"]),
    ("group.zero", ["零报", "零報", "Zero"]),
    ("head.as_of", ["数据截至", "資料截至", "Figures as of"]),
    ("head.made_at", ["生成于", "產生於", "Made"]),
    (
        "head.open",
        [
            "当日数字尚未固定，仍会变动",
            "當日數字尚未固定，仍會變動",
            "Not fixed yet: the day's figures may move",
        ],
    ),
    ("head.frozen", ["当日已截止，数字已固定", "當日已截止，數字已固定", "Day closed: figures are fixed"]),
    ("lineage.digest", ["数据摘要", "資料摘要", "Digest of the figures"]),
    ("lineage.heads", ["日志位置", "日誌位置", "Journal at"]),
    ("lineage.none", ["当日尚未固定，无摘要", "當日尚未固定，無摘要", "none yet: the day is not closed"]),
    ("lineage.revisions", ["取自报告版次", "取自報告版次", "Revisions in it"]),
    ("lineage.units", ["取自填报单位", "取自填報單位", "Units in it"]),
    (
        "list.more",
        [
            "另有 {n} 行未列，见工作簿（XLSX）。",
            "另有 {n} 列未列出，見活頁簿（XLSX）。",
            "Rows not shown here: {n}. See the workbook (XLSX).",
        ],
    ),
    (
        "list.more_figures",
        [
            "另有 {n} 项数字未列，见工作簿（XLSX）。",
            "另有 {n} 項數字未列出，見活頁簿（XLSX）。",
            "Figures not shown here: {n}. See the workbook (XLSX).",
        ],
    ),
    (
        "narrative.editable",
        [
            "本节三段可以修改，其余内容已锁定。",
            "本節三段可以修改，其餘內容已鎖定。",
            "These three parts may be edited; all else is locked.",
        ],
    ),
    ("narrative.next", ["下步打算", "下步打算", "Next steps"]),
    ("narrative.problems", ["存在问题", "存在問題", "Problems"]),
    ("narrative.progress", ["工作动态", "工作動態", "Work in progress"]),
    ("narrative.unwritten", ["未填写", "未填寫", "not written"]),
    ("none", ["无", "無", "none"]),
    ("number.base", ["应报 {base} 家", "應報 {base} 家", "asked of {base}"]),
    (
        "number.said",
        ["应报 {base} 家，已填 {said} 家", "應報 {base} 家，已填 {said} 家", "said by {said} of {base}"],
    ),
    (
        "number.yesterday",
        [
            "昨日 {value}：应报 {base} 家，已填 {said} 家",
            "昨日 {value}：應報 {base} 家，已填 {said} 家",
            "yesterday {value}, said by {said} of {base}",
        ],
    ),
    ("number.unknown", ["未填报", "未填報", "not said"]),
    ("rate.actual", ["已报／应报", "已報／應報", "Reported / expected"]),
    ("rate.actual_on_time", ["按时已报／应报", "按時已報／應報", "Reported on time / expected"]),
    ("rate.base", ["基数", "基數", "Base"]),
    ("rate.count", ["家数", "家數", "Units"]),
    ("rate.missing", ["未报／应报", "未報／應報", "Not reported / expected"]),
    ("rate.missing.frozen", ["漏报／应报", "漏報／應報", "Missing / expected"]),
    ("rate.name", ["指标", "指標", "Measure"]),
    ("rate.rate", ["比率", "比率", "Rate"]),
    ("rate.zero", ["零报告／已报", "零報告／已報", "Zero reports / reported"]),
    ("section.absent", ["未报与迟报", "未報與遲報", "Not reported yet, and late"]),
    ("section.absent.frozen", ["漏报与迟报", "漏報與遲報", "Missing and late"]),
    ("section.chart", ["近日走势", "近日走勢", "The last days"]),
    ("section.contradictions", ["矛盾", "矛盾", "Contradictions"]),
    ("section.corrections", ["上一期以来的更正", "上一期以來的更正", "Corrections since the last brief"]),
    (
        "section.disagreements",
        ["自报与合计不一", "自報與合計不一", "Own totals that differ from their parts"],
    ),
    ("section.groups", ["各单位情况", "各單位情況", "Groups"]),
    ("section.lineage", ["数据来源", "資料來源", "Where the figures come from"]),
    ("section.narrative", ["工作情况", "工作情況", "Narrative"]),
    ("section.rates", ["填报情况", "填報情況", "Reporting"]),
    ("section.summary", ["首页", "首頁", "Summary"]),
    ("section.totals", ["各项数字", "各項數字", "Totals"]),
    ("simulated", ["模拟数据 · 非真实情况", "模擬資料 · 非真實情況", "SIMULATED DATA · NOT REAL"]),
    ("text.more", ["……（余 {n} 字略）", "……（餘 {n} 字略）", "… (left out: {n} characters)"]),
    ("total.base", ["应报", "應報", "Asked"]),
    ("total.delta", ["较昨日", "較昨日", "Change"]),
    ("total.name", ["指标", "指標", "Element"]),
    ("total.other_units", ["单位不同", "單位不同", "other units"]),
    (
        "total.frozen",
        [
            "昨日的日报冻结后有更正或补报；冻结时为：{list}。",
            "昨日的日報凍結後有更正或補報；凍結時為：{list}。",
            "Corrected or reported late since yesterday's brief was frozen, which has: {list}.",
        ],
    ),
    ("total.said", ["已填", "已填", "Said it"]),
    ("total.same_units", ["{change}（同 {n} 家）", "{change}（同 {n} 家）", "{change} (in both: {n})"]),
    ("total.unit", ["计量", "計量", "Unit"]),
    ("total.value", ["今日", "今日", "Today"]),
    ("total.yesterday", ["昨日", "昨日", "Yesterday"]),
    ("total.yesterday_said", ["昨日已填／应报", "昨日已填／應報", "Said before"]),
];

/// All keys.
pub fn keys() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(key, _)| *key)
}

/// The words of a key, if it is one.
pub fn get(lang: Lang, key: &str) -> Option<&'static str> {
    let (_, words) = TABLE.iter().find(|(k, _)| *k == key)?;
    Some(match lang {
        Lang::ZhCn => words[0],
        Lang::ZhTw => words[1],
        Lang::En => words[2],
    })
}

/// The words of a key in a brief of an open or a frozen day: who had not reported when the day was frozen was missed.
pub fn of_day(lang: Lang, key: &str, frozen: bool) -> Option<&'static str> {
    let missed = frozen.then(|| get(lang, &format!("{key}.frozen"))).flatten();
    missed.or_else(|| get(lang, key))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_stands_once_and_has_words_in_every_language() {
        let unique: BTreeSet<_> = keys().collect();
        assert_eq!(unique.len(), TABLE.len());
        for key in keys() {
            for lang in Lang::ALL {
                assert!(!get(lang, key).unwrap().trim().is_empty(), "{key} {lang:?}");
            }
        }
        assert_eq!(get(Lang::En, "no.such.key"), None);
    }

    #[test]
    fn a_placeholder_stands_in_all_languages_or_in_none() {
        for (key, words) in TABLE {
            for hole in ["{n}", "{base}", "{value}", "{change}", "{list}", "{said}", "{page}", "{pages}"] {
                let count = words.iter().filter(|w| w.contains(hole)).count();
                assert!(count == 0 || count == 3, "{key}: {hole}");
            }
        }
    }
}
