//! Forms of single fields, and drafts of units. Pure; all findings, not the first. What only the tree can know (is
//! the parent there, is the code taken) is asked by the verbs.

mod contact;
mod party;
mod post;

pub use contact::check_purpose;
pub use party::{PartyDraft, PartyPatch, PartyPatchDraft, check_party, check_party_patch};
use post::name_missing;
pub use post::{PostDraft, PostPatch, check_code, check_phone, check_post};

use super::model::Facts;
use super::place::Place;
use super::timeline::Patch;
use crate::lines::operation::Names;
use crate::secrecy;
use muster_kernel::words::{has_control, number_of_person};
use muster_kernel::{Day, Finding};
use muster_sheet::{halfwidth, is_scientific};
use serde::{Deserialize, Serialize};

/// Characters in a code.
const CODE_MAX: usize = 64;
/// Characters in a name.
const NAME_MAX: usize = 200;
/// Classes a unit may have.
const CLASSES_MAX: usize = 16;

type Checked<T> = Result<T, Box<Finding>>;

/// A unit's code: letters and digits of any script and `. _ - /`; up to 64 characters, no space. Between slashes stands a
/// letter or digit at least (`..` would lead an address elsewhere, and `-` takes a value away in a file); what a workbook
/// leaves of a long number (`3.5E17`) is no code.
pub(super) fn code(text: &str) -> Checked<String> {
    let text = halfwidth(text.trim()).into_owned();
    let sound = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let parts = text.split('/').all(|part| part.chars().any(char::is_alphanumeric));
    if text.chars().count() > CODE_MAX || !text.chars().all(sound) || !parts {
        let shown: String = text.chars().take(CODE_MAX).collect();
        return Err(Box::new(Finding::refuse("unit.code_form").with("code", shown).with("limit", CODE_MAX)));
    }
    if is_scientific(&text) {
        return Err(Box::new(Finding::refuse("unit.code_lost_digits").with("code", text)));
    }
    Ok(text)
}

/// A name: up to 200 characters, on one line; names stand in briefs, so without a telephone and without a secrecy mark.
pub(super) fn name(text: &str) -> Checked<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let count = text.chars().count();
    if count > NAME_MAX || has_control(&text) {
        return Err(Box::new(Finding::refuse("unit.name_form").with("limit", NAME_MAX)));
    }
    if let Some(number) = number_of_person(&text) {
        return Err(Box::new(Finding::refuse("unit.name_telephone").with("number", &text[number])));
    }
    if secrecy::starred(&text).is_some() {
        return Err(Box::new(Finding::refuse("unit.name_secrecy")));
    }
    Ok(text)
}

/// A kind: one of the product's words, in Chinese too, or a code of one's own (`a-z`, digits, `-`).
pub(super) fn kind(text: &str) -> Checked<String> {
    let text = halfwidth(text.trim()).to_lowercase();
    let known = match text.as_str() {
        "监管机构" | "監管機構" | "主管部门" | "主管部門" => "regulator",
        "部门" | "部門" | "处室" | "處室" | "内设机构" | "內設機構" => "department",
        "集团" | "集團" | "集团公司" | "集團公司" => "group",
        "企业" | "企業" | "公司" | "二级企业" | "二級企業" => "firm",
        "单位" | "單位" => "unit",
        "项目" | "項目" | "现场" | "現場" | "场所" | "場所" | "工地" => "site",
        other => other,
    };
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if known.is_empty() || known.len() > 32 || !known.bytes().all(sound) {
        return Err(Box::new(Finding::refuse("unit.kind_form").with("kind", text)));
    }
    Ok(known.to_owned())
}

/// A place code; see [`Place`].
pub(super) fn place(text: &str) -> Checked<Place> {
    let text = halfwidth(text.trim());
    text.parse().map_err(|_| Box::new(Finding::refuse("unit.place_form").with("place", text)))
}

/// Classes, separated by spaces, commas or semicolons of any width; sorted, each once.
pub(super) fn classes(text: &str) -> Checked<Vec<String>> {
    let text = halfwidth(text);
    let parts = text.split([' ', ',', ';', '、', '，', '；', '\n', '\t']).filter(|part| !part.is_empty());
    let mut classes = parts.map(class).collect::<Checked<Vec<_>>>()?;
    classes.sort();
    classes.dedup();
    if classes.len() > CLASSES_MAX {
        return Err(Box::new(Finding::refuse("unit.too_many_classes").with("limit", CLASSES_MAX)));
    }
    Ok(classes)
}

fn class(text: &str) -> Checked<String> {
    code(text).map_err(|_| Box::new(Finding::refuse("unit.class_form").with("class", text)))
}

/// An IANA time zone.
pub(super) fn time_zone(text: &str) -> Checked<String> {
    let text = text.trim();
    match jiff::tz::TimeZone::get(text) {
        Ok(zone) => Ok(zone.iana_name().unwrap_or(text).to_owned()),
        Err(_) => Err(Box::new(Finding::refuse("unit.time_zone").with("time_zone", text))),
    }
}

/// One telephone: digits with an optional country and extension. Two in one cell are found.
pub(super) fn phone(text: &str) -> Checked<String> {
    let text = halfwidth(text.trim()).into_owned();
    let parts = text
        .split(['/', ',', ';', '、', '，', '；', '|', '\n'])
        .filter(|part| part.bytes().filter(u8::is_ascii_digit).count() >= 3);
    // Two numbers side by side: seven digits and more on both sides of a space.
    let long = |part: &str| part.bytes().filter(u8::is_ascii_digit).count() >= 7;
    let by_space = text.split_whitespace().filter(|part| long(part)).count();
    if parts.count() > 1 || by_space > 1 {
        return Err(Box::new(Finding::refuse("contact.two_phones")));
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let sound =
        |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '#' | 'x' | '转' | '轉');
    if !(3..=24).contains(&digits) || text.chars().count() > 32 || !text.chars().all(sound) {
        return Err(Box::new(Finding::refuse("contact.phone_form")));
    }
    Ok(text)
}

/// A unit as it comes in through the API: everything as text, nothing checked.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitDraft {
    /// Code, unique in the tree.
    pub code: String,
    /// Names; the simplified Chinese one is required.
    pub names: Names,
    /// Kind: `regulator`, `department`, `group`, `firm`, `site`, or a code of one's own.
    pub kind: String,
    /// Code of the unit above; absent for the first unit of a tree.
    #[serde(default)]
    pub parent: Option<String>,
    /// Place code of 2, 4, 6, 9 or 12 digits.
    #[serde(default)]
    pub place: Option<String>,
    /// Codes of classes.
    #[serde(default)]
    pub classes: Vec<String>,
    /// IANA time zone; absent for the operation's.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// First day on which it is open; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub opened: Option<Day>,
}

/// A unit to be added, its fields sound.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct NewUnit {
    /// Code.
    pub code: String,
    /// Facts from its first day on.
    pub facts: Facts,
    /// Code of the unit above; `None` at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// First day.
    pub since: Day,
    /// First day on which it is not open any more.
    #[serde(default = "open_end", skip_serializing_if = "is_open")]
    pub until: Day,
}

fn open_end() -> Day {
    Day::OPEN_END
}

fn is_open(day: &Day) -> bool {
    *day == Day::OPEN_END
}

/// Checks a draft; `field` findings name its fields.
pub fn unit(draft: &UnitDraft, today: Day) -> Result<NewUnit, Vec<Finding>> {
    let mut found = Found::default();
    let code_ = found.take("code", code(&draft.code));
    let names = found.names(&draft.names);
    let kind = found.take("kind", kind(&draft.kind));
    let parent = draft.parent.as_deref().filter(|text| !text.trim().is_empty());
    let parent = parent.map(|text| found.take("parent", code(text)));
    let place =
        draft.place.as_deref().filter(|text| !text.is_empty()).map(|text| found.take("place", place(text)));
    let classes = found.take("classes", classes(&draft.classes.join(" ")));
    let zone = draft.time_zone.as_deref().filter(|text| !text.is_empty());
    let time_zone = zone.map(|text| found.take("time_zone", time_zone(text)));
    let since = draft.opened.unwrap_or(today);
    let (Some(code), Some(names), Some(kind), Some(classes)) = (code_, names, kind, classes) else {
        return Err(found.0);
    };
    if !found.0.is_empty() {
        return Err(found.0);
    }
    let facts = Facts {
        names,
        kind,
        place: place.flatten(),
        time_zone: time_zone.flatten().unwrap_or_default(),
        classes,
    };
    Ok(NewUnit { code, facts, parent: parent.flatten(), since, until: Day::OPEN_END })
}

/// Changes of a unit as they come in; what is absent stays, what is null is taken away.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchDraft {
    /// First day on which it holds; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<Day>,
    /// New names, those given.
    #[serde(default)]
    pub names: Option<NamesDraft>,
    /// New kind.
    #[serde(default)]
    pub kind: Option<String>,
    /// New place; empty for none.
    #[serde(default)]
    pub place: Option<String>,
    /// All classes from now on.
    #[serde(default)]
    pub classes: Option<Vec<String>>,
    /// New time zone; empty for the operation's.
    #[serde(default)]
    pub time_zone: Option<String>,
}

/// Names to change; absent ones stay.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamesDraft {
    /// Simplified Chinese.
    #[serde(rename = "zh-Hans", default)]
    pub zh_hans: Option<String>,
    /// Traditional Chinese; empty for none.
    #[serde(rename = "zh-Hant", default)]
    pub zh_hant: Option<String>,
    /// English; empty for none.
    #[serde(default)]
    pub en: Option<String>,
}

/// Checks changes.
pub fn patch(draft: &PatchDraft) -> Result<Patch, Vec<Finding>> {
    let mut found = Found::default();
    let NamesDraft { zh_hans, zh_hant, en } = found.names_changed(draft.names.as_ref());
    let kind = draft.kind.as_deref().and_then(|text| found.take("kind", kind(text)));
    let place = found.place_changed(draft.place.as_deref());
    let classes = draft.classes.as_ref().and_then(|list| found.take("classes", classes(&list.join(" "))));
    let time_zone = match draft.time_zone.as_deref() {
        Some("") => Some(String::new()),
        other => other.and_then(|text| found.take("time_zone", time_zone(text))),
    };
    let patch = Patch { zh_hans, zh_hant, en, kind, place, time_zone, classes };
    if patch.is_empty() && found.0.is_empty() {
        found.0.push(Finding::refuse("unit.nothing_to_change"));
    }
    if found.0.is_empty() { Ok(patch) } else { Err(found.0) }
}

/// Checks a kind of unit.
pub fn check_kind(field: &str, text: &str) -> Result<String, Vec<Finding>> {
    kind(text).map_err(|finding| vec![finding.field(field)])
}

/// Collects findings by field.
#[derive(Default)]
struct Found(Vec<Finding>);

impl Found {
    fn take<T>(&mut self, field: &str, checked: Checked<T>) -> Option<T> {
        checked.map_err(|finding| self.0.push(finding.field(field))).ok()
    }
    fn all<T>(&mut self, checked: Result<T, Vec<Finding>>) -> Option<T> {
        checked.map_err(|found| self.0.extend(found)).ok()
    }
    fn names(&mut self, names: &Names) -> Option<Names> {
        let zh_hans = self.take("names.zh-Hans", name(&names.zh_hans))?;
        let zh_hant = self.take("names.zh-Hant", name(&names.zh_hant))?;
        let en = self.take("names.en", name(&names.en))?;
        named(Names { zh_hans, zh_hant, en }).or_else(|| {
            self.0.push(name_missing());
            None
        })
    }
}

impl Found {
    /// New names, those given and sound; simplified Chinese cannot be taken away.
    fn names_changed(&mut self, names: Option<&NamesDraft>) -> NamesDraft {
        let names = names.cloned().unwrap_or_default();
        let mut text =
            |field: &str, text: Option<String>| text.and_then(|text| self.take(field, name(&text)));
        let changed = NamesDraft {
            zh_hans: text("names.zh-Hans", names.zh_hans),
            zh_hant: text("names.zh-Hant", names.zh_hant),
            en: text("names.en", names.en),
        };
        if changed.zh_hans.as_deref() == Some("") {
            self.0.push(name_missing());
        }
        changed
    }
    /// A new place; empty for none.
    fn place_changed(&mut self, text: Option<&str>) -> Option<Option<Place>> {
        match text {
            None => None,
            Some("") => Some(None),
            Some(text) => self.take("place", place(text)).map(Some),
        }
    }
}

/// Names with the first filled from the others; `None` when all are empty.
pub(super) fn named(mut names: Names) -> Option<Names> {
    if names.zh_hans.is_empty() {
        names.zh_hans = if names.zh_hant.is_empty() { names.en.clone() } else { names.zh_hant.clone() };
    }
    (!names.zh_hans.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_taken_or_refused_by_their_form() {
        assert_eq!(code(" ＡＱ－０１ ").unwrap(), "AQ-01");
        assert_eq!(code("集团.3/甲").unwrap(), "集团.3/甲");
        for bad in ["", "-", "..", "/", "a b", "a:b", "a,b", &"x".repeat(65)] {
            assert_eq!(code(bad).unwrap_err().code, "unit.code_form", "{bad}");
        }
        assert_eq!(name("  合肥\n 第一 ").unwrap(), "合肥 第一");
        for (text, refused) in [
            ("宿州站 联系13812340004", "unit.name_telephone"),
            ("Station 0557-3038 1234", "unit.name_telephone"),
            ("宿州\u{202e}站", "unit.name_form"),
            ("某公司 机密★1年", "unit.name_secrecy"),
        ] {
            assert_eq!(name(text).unwrap_err().code, refused, "{text}");
        }
        for good in ["第110号院", "2020年复工指挥部", "G07-F10 机密文件库", "340102 社区"] {
            assert_eq!(name(good).unwrap(), good);
        }
        assert_eq!(kind("集团").unwrap(), "group");
        assert_eq!(kind("Ward-Team").unwrap(), "ward-team");
        assert_eq!(kind("其他").unwrap_err().code, "unit.kind_form");
        assert_eq!(place("３４０１００").unwrap().to_string(), "340100");
        assert_eq!(place("340001").unwrap_err().code, "unit.place_form");
        assert_eq!(classes("key；trade.mining、 key").unwrap(), ["key", "trade.mining"]);
        assert_eq!(time_zone("asia/shanghai").unwrap(), "Asia/Shanghai");
        assert_eq!(time_zone("Mars/Base").unwrap_err().code, "unit.time_zone");
    }

    #[test]
    fn telephones_are_one_to_a_cell() {
        for good in ["000-6260 1234", "+86 551 62601234", "13800000000", "(0551)62601234-801", "120"] {
            assert!(phone(good).is_ok(), "{good}");
        }
        for two in [
            "0551-62601234/0551-62601235",
            "62601234、62601235",
            "13800000000 13900000000",
            "1234567\n1234568",
        ] {
            assert_eq!(phone(two).unwrap_err().code, "contact.two_phones", "{two}");
        }
        for bad in ["", "12", "call me", "1".repeat(30).as_str()] {
            assert_eq!(phone(bad).unwrap_err().code, "contact.phone_form", "{bad}");
        }
    }

    #[test]
    fn a_draft_tells_all_its_findings() {
        let draft = UnitDraft {
            code: "a b".into(),
            kind: "其他".into(),
            place: Some("1".into()),
            ..UnitDraft::default()
        };
        let mut fields: Vec<_> =
            unit(&draft, Day::from_number(0)).unwrap_err().into_iter().map(|f| f.at.field).collect();
        fields.sort();
        assert_eq!(fields, ["code", "kind", "names.zh-Hans", "place"].map(|field| Some(field.to_owned())));
    }
}
