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
    let column = |key: &'static str, names: &[&'static str], kind: ColumnKind| Column {
        key: key.into(),
        names: names.iter().map(|name| (*name).into()).collect(),
        kind,
        unit: None,
        required: false,
        doc: format!("column.units.{key}").into(),
    };
    use ColumnKind::{Day, Id, Text};
    let mut columns = vec![
        column(
            "code",
            &["编码", "單位編碼", "单位编码", "編碼", "代码", "代碼", "机构代码", "code", "unit code"],
            Id,
        ),
        column("name", &["名称", "单位名称", "名稱", "單位名稱", "name", "name zh-Hans", "unit name"], Text),
        column("name_zh_hant", &["繁体名称", "繁體名稱", "name zh-Hant"], Text),
        column("name_en", &["英文名称", "英文名稱", "name en", "English name"], Text),
        column("kind", &["类型", "類型", "单位类型", "單位類型", "kind", "type"], Text),
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
        ),
        column(
            "place",
            &["行政区划", "行政區劃", "行政区划代码", "地区代码", "所在地", "place", "place code"],
            Id,
        ),
        column("classes", &["分类", "分類", "classes", "class"], Text),
        column("time_zone", &["时区", "時區", "time zone"], Text),
        column("opened", &["启用日期", "啟用日期", "opened", "open from"], Day),
        column("closed", &["停用日期", "closed"], Day),
        column("post", &["值班岗位", "值班崗位", "post"], Text),
        column("duty_phone", &["值班电话", "值班電話", "duty phone", "phone"], Id),
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
    columns.extend(
        LEVELS.map(|names| Column { doc: "column.units.level".into(), ..column(names[4], &names, Text) }),
    );
    columns
}
