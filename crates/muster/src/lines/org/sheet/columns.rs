//! The columns that a file of units may have.

use super::LEVELS_MAX;
use muster_kernel::{Finding, Locale};
use muster_sheet::{Column, ColumnKind};

/// Headings of the column of codes by language, for who is told that there is none; all of them are read in every language.
pub(in crate::lines::org) const CODE_HEADINGS: [(Locale, &[&str]); 3] = [
    (Locale::ZhCn, &["编码", "单位编码", "代码", "机构代码"]),
    (Locale::ZhTw, &["編碼", "單位編碼", "代碼"]),
    (Locale::En, &["code", "unit code"]),
];

/// What headings a column of codes may have, and that a list without codes can have levels.
pub(super) fn code_headings(finding: Finding) -> Finding {
    let finding = finding.with("accepted", CODE_HEADINGS[0].1.join("、"));
    CODE_HEADINGS.iter().fold(finding, |finding, (locale, names)| {
        let between = if *locale == Locale::En { ", " } else { "、" };
        finding.with(&format!("accepted@{}", locale.tag()), names.join(between))
    })
}

/// The columns, for reading a file and for `muster import units --columns`.
pub fn columns() -> Vec<Column> {
    let column = |key: &'static str, names: &[&'static str], kind: ColumnKind, doc: &'static str| Column {
        key: key.into(),
        names: names.iter().map(|name| (*name).into()).collect(),
        kind,
        unit: None,
        required: false,
        doc: doc.into(),
    };
    use ColumnKind::{Day, Id, Text};
    let mut columns = vec![
        column(
            "code",
            &["编码", "單位編碼", "单位编码", "編碼", "代码", "代碼", "机构代码", "code", "unit code"],
            Id,
            "Unique code of the unit, kept digit by digit. Letters and digits of any script, . _ - /; at most 64. \
             Needed unless levels stand in columns.",
        ),
        column(
            "name",
            &["名称", "单位名称", "名稱", "單位名稱", "name", "name zh-Hans", "unit name"],
            Text,
            "Name in simplified Chinese, or the only name; at most 200 characters.",
        ),
        column(
            "name_zh_hant",
            &["繁体名称", "繁體名稱", "name zh-Hant"],
            Text,
            "Name in traditional Chinese.",
        ),
        column("name_en", &["英文名称", "英文名稱", "name en", "English name"], Text, "Name in English."),
        column(
            "kind",
            &["类型", "類型", "单位类型", "單位類型", "kind", "type"],
            Text,
            "regulator, department, group, firm, site, unit, or a code of one's own; 集团, 企业, 部门, 项目 are \
             understood. unit when absent.",
        ),
        column(
            "parent",
            &[
                "上级编码",
                "上級編碼",
                "上级单位编码",
                "上级",
                "上級",
                "parent",
                "parent code",
                "areaCode",
                "cityCode",
                "provinceCode",
            ],
            Id,
            "Code of the unit above, in the tree or anywhere in the file.",
        ),
        column(
            "place",
            &["行政区划", "行政區劃", "行政区划代码", "地区代码", "所在地", "place", "place code"],
            Id,
            "GB/T 2260 code: 2, 4, 6, 9 or 12 digits.",
        ),
        column(
            "classes",
            &["分类", "分類", "classes", "class"],
            Text,
            "Codes of classes, separated by ; or spaces.",
        ),
        column("time_zone", &["时区", "時區", "time zone"], Text, "IANA time zone, such as Asia/Shanghai."),
        column(
            "opened",
            &["启用日期", "啟用日期", "opened", "open from"],
            Day,
            "First day on which the unit is open; the day of the import when absent.",
        ),
        column("closed", &["停用日期", "closed"], Day, "First day on which it is not open any more."),
        column("post", &["值班岗位", "值班崗位", "post"], Text, "Name of the duty post; 值班 when absent."),
        column(
            "duty_phone",
            &["值班电话", "值班電話", "duty phone", "phone"],
            Id,
            "One telephone of the duty post. Written on export only when asked for.",
        ),
    ];
    const LEVELS: [[&str; 5]; LEVELS_MAX] = [
        ["一级单位", "一級單位", "一级", "level 1", "level_1"],
        ["二级单位", "二級單位", "二级", "level 2", "level_2"],
        ["三级单位", "三級單位", "三级", "level 3", "level_3"],
        ["四级单位", "四級單位", "四级", "level 4", "level_4"],
        ["五级单位", "五級單位", "五级", "level 5", "level_5"],
        ["六级单位", "六級單位", "六级", "level 6", "level_6"],
        ["七级单位", "七級單位", "七级", "level 7", "level_7"],
        ["八级单位", "八級單位", "八级", "level 8", "level_8"],
    ];
    columns.extend(LEVELS.map(|names| {
        column(
            names[4],
            &names,
            Text,
            "Name of the unit at this level; the row's unit is the deepest one given.",
        )
    }));
    columns
}
