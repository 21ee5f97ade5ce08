//! A report as one sheet on paper: what stands on it, and what its square says. Pure: the same revision gives the same sheet,
//! whoever asks for it and when.

use super::model::{ActKind, Scope};
use crate::say::{say, word};
use muster_kernel::Locale;
use muster_print::{Lang, SHEET_VERSION, SheetCheck, SheetDoc, SheetRow};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands as it is in the square: codes, days and hashes are made of these.
const BARE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One revision of a report, as it is known when it is printed.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// Title of the office that asks.
    pub(super) office: String,
    /// Whether all figures are simulated.
    pub(super) simulated: bool,
    /// Code and name of the unit, as it is called on the day.
    pub(super) unit: [String; 2],
    /// `YYYY-MM-DD`.
    pub(super) day: String,
    /// Code and name of the form.
    pub(super) form: [String; 2],
    /// Version of the form.
    pub(super) version: i64,
    /// Of whom it speaks.
    pub(super) scope: Scope,
    /// The as-of instant (RFC 3339).
    pub(super) as_of: String,
    /// Values, or zero.
    pub(super) act: ActKind,
    /// When it was first reported, and when this revision was (RFC 3339).
    pub(super) reported_at: [String; 2],
    /// When this revision was taken in (RFC 3339).
    pub(super) taken_in_at: String,
    /// Whether the first came by the cut-off; none where nobody is judged.
    pub(super) on_time: Option<bool>,
    /// By whom: a reference.
    pub(super) actor: String,
    /// The revision, from 1.
    pub(super) revision: i64,
    /// Why it corrects an earlier one.
    pub(super) reason: Option<String>,
    /// The receipt's number.
    pub(super) receipt: String,
    /// Hash of the packed sheet, `sha256:..`.
    pub(super) hash: String,
    /// The items in the form's order: name, what was said (none: nothing), unit of measurement.
    pub(super) items: Vec<(String, Option<String>, String)>,
}

/// The sheet. `address`: where this house is opened, if it knows (`https://desk.example`).
pub(super) fn sheet_doc(facts: &Facts, address: Option<&str>, locale: Locale) -> SheetDoc {
    let word = |key: &str| word(locale, &format!("paper.{key}"));
    let with = |key: &str, args: &[(&str, &str)]| {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        say(locale, &format!("paper.{key}"), &args.collect())
    };
    let act = match facts.act {
        ActKind::Zero => "zero",
        ActKind::Values => "values",
    };
    let scope = scope_word(facts.scope);
    let [code, name] = &facts.form;
    let (version, revision) = (facts.version.to_string(), facts.revision.to_string());
    let form = with("form_version", &[("name", name), ("code", code), ("version", &version)]);
    let kind = if facts.revision > 1 { "revision_corrected" } else { "revision_first" };
    let mut stated = vec![
        [word("form"), form],
        [word("scope"), word(&format!("scope_{scope}"))],
        [word("as_of"), instant(&facts.as_of)],
        [word("first_at"), instant(&facts.reported_at[0])],
    ];
    if facts.revision > 1 {
        stated.push([word("last_at"), instant(&facts.reported_at[1])]);
    }
    if let Some(on_time) = facts.on_time {
        stated.push([word("timely"), word(if on_time { "on_time" } else { "late" })]);
    }
    stated.extend([
        [word("by"), facts.actor.clone()],
        [word("revision"), with(kind, &[("revision", &revision)])],
        [word("receipt"), facts.receipt.clone()],
    ]);
    let [unit_code, unit_name] = &facts.unit;
    let row = |(name, value, unit): &(String, Option<String>, String)| SheetRow {
        name: name.clone(),
        value: value.clone().unwrap_or_else(|| word("not_said")),
        // A unit of measurement beside words that say that there is no figure says nothing.
        unit: if value.is_some() { unit.clone() } else { String::new() },
        said: value.is_some(),
    };
    SheetDoc {
        sheet: SHEET_VERSION,
        lang: lang(locale),
        simulated: facts.simulated.then(|| word("simulated")),
        office: facts.office.clone(),
        title: name.clone(),
        unit: format!("{unit_name} {unit_code}"),
        day: facts.day.clone(),
        statement: word(act),
        facts: stated,
        columns: ["item", "value", "unit"].map(word),
        rows: facts.items.iter().map(row).collect(),
        texts: facts.reason.iter().map(|reason| [word("reason"), reason.clone()]).collect(),
        sign: ["sign_filler", "sign_checker", "sign_issuer", "sign_seal", "sign_date"].map(word).to_vec(),
        check: SheetCheck {
            text: check_text(facts, address),
            hash: facts.hash.clone(),
            label: word("hash"),
            hint: word(if address.is_some() { "check_opened" } else { "check_typed" }),
        },
        made_at: facts.taken_in_at.clone(),
        page: word("page"),
    }
}

/// What the square says: the page that checks the paper, with what it must ask behind a `#` that no server is sent; where
/// the house does not know its own address, that alone.
fn check_text(facts: &Facts, address: Option<&str>) -> String {
    let bare = |text: &str| utf8_percent_encode(text, BARE).to_string();
    let hash = facts.hash.strip_prefix("sha256:").unwrap_or(&facts.hash);
    let asked = format!(
        "unit={}&day={}&form={}&scope={}&rev={}&hash={}",
        bare(&facts.unit[0]),
        bare(&facts.day),
        bare(&facts.form[0]),
        scope_word(facts.scope),
        facts.revision,
        bare(hash),
    );
    match address {
        Some(address) => format!("{}/check#{asked}", address.trim_end_matches('/')),
        None => asked,
    }
}

fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Alone => "alone",
        Scope::Below => "below",
    }
}

/// An instant as it is read on paper: with its offset from UTC, so that it is one wherever the paper goes.
fn instant(rfc3339: &str) -> String {
    rfc3339.replacen('T', " ", 1)
}

fn lang(locale: Locale) -> Lang {
    match locale {
        Locale::ZhCn => Lang::ZhCn,
        Locale::ZhTw => Lang::ZhTw,
        Locale::En => Lang::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            office: "Office".into(),
            simulated: false,
            unit: ["G07-F10-S01".into(), "Suzhou works".into()],
            day: "2020-02-06".into(),
            form: ["daily".into(), "Daily report".into()],
            version: 3,
            scope: Scope::Alone,
            as_of: "2020-02-06T12:00:00+08:00".into(),
            act: ActKind::Values,
            reported_at: ["2020-02-06T14:00:00+08:00".into(), "2020-02-06T15:00:00+08:00".into()],
            taken_in_at: "2020-02-06T15:00:00+08:00".into(),
            on_time: Some(true),
            actor: "account:7".into(),
            revision: 1,
            reason: None,
            receipt: "R20200206-0-9".into(),
            hash: format!("sha256:{}", "ab".repeat(32)),
            items: vec![
                ("Staff".into(), Some("5".into()), "people".into()),
                ("Fever".into(), None, "people".into()),
            ],
        }
    }

    #[test]
    fn the_square_is_an_address_where_the_house_has_one() {
        let asked =
            format!("unit=G07-F10-S01&day=2020-02-06&form=daily&scope=alone&rev=1&hash={}", "ab".repeat(32));
        let text = |address: Option<&str>| sheet_doc(&facts(), address, Locale::En).check.text;
        assert_eq!(text(None), asked);
        assert_eq!(text(Some("https://desk.example/")), format!("https://desk.example/check#{asked}"));
        let strange = Facts { unit: ["a&b#c 甲".into(), String::new()], ..facts() };
        let text = sheet_doc(&strange, None, Locale::En).check.text;
        assert!(text.starts_with("unit=a%26b%23c%20%E7%94%B2&day="), "{text}");
        let hint = |address| sheet_doc(&facts(), address, Locale::En).check.hint;
        assert_ne!(hint(None), hint(Some("https://desk.example")));
    }

    #[test]
    fn what_was_not_said_is_told_from_zero_and_a_zero_report_says_so() {
        for locale in [Locale::ZhCn, Locale::ZhTw, Locale::En] {
            let doc = sheet_doc(&facts(), None, locale);
            let [staff, fever] = &doc.rows[..] else { panic!("{:?}", doc.rows) };
            assert_eq!((&*staff.value, &*staff.unit, staff.said), ("5", "people", true));
            assert!(!fever.said && fever.unit.is_empty() && fever.value != "0", "{fever:?}");
            let zero = sheet_doc(&Facts { act: ActKind::Zero, ..facts() }, None, locale);
            assert_ne!(zero.statement, doc.statement);
            assert!(locale == Locale::En || zero.statement.contains("零"), "{}", zero.statement);
            // Every word is there: none is the key of one that is missing.
            let text = serde_json::to_string(&[&doc, &zero]).unwrap();
            assert!(!text.contains("paper."), "{text}");
        }
    }

    #[test]
    fn a_correction_says_so_and_why() {
        let first = sheet_doc(&facts(), None, Locale::En);
        let second = Facts { revision: 2, reason: Some("counted twice".into()), ..facts() };
        let second = sheet_doc(&second, None, Locale::En);
        assert!(first.texts.is_empty() && second.texts[0][1] == "counted twice");
        assert_eq!(
            second.facts.len(),
            first.facts.len() + 1,
            "when it was said anew stands beside when first"
        );
        assert!(second.facts.iter().any(|[_, text]| text.contains("correct")));
        let late = sheet_doc(&Facts { on_time: Some(false), ..facts() }, None, Locale::En);
        assert_ne!(late.facts, first.facts);
        let unjudged = sheet_doc(&Facts { on_time: None, ..facts() }, None, Locale::En);
        assert_eq!(unjudged.facts.len(), first.facts.len() - 1);
    }
}
