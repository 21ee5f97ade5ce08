//! Sentences: a stable code becomes a line in the reader's language. The files in `locales/` are the only place
//! where the server's sentences stand; a test sees to it that all three hold the same keys.

use muster_kernel::{Finding, Locale, Problem};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// One language's sentences by code.
pub type Catalogue = HashMap<String, String>;

static CATALOGUES: LazyLock<[Catalogue; 3]> = LazyLock::new(|| {
    [
        include_str!("../locales/zh-CN.json"),
        include_str!("../locales/zh-TW.json"),
        include_str!("../locales/en.json"),
    ]
    .map(|text| serde_json::from_str(text).expect("a locale file is a flat JSON object of texts"))
});

/// All sentences of a language.
pub fn catalogue(locale: Locale) -> &'static Catalogue {
    match locale {
        Locale::ZhCn => &CATALOGUES[0],
        Locale::ZhTw => &CATALOGUES[1],
        Locale::En => &CATALOGUES[2],
    }
}

/// The sentence of a code, with `{name}` replaced by its arguments; the code itself where there is no sentence. Where a
/// language has a word for one and another for more, the sentence says `{name|unit|units}` beside the number.
pub fn say(locale: Locale, code: &str, args: &BTreeMap<String, String>) -> String {
    let Some(template) = catalogue(locale).get(code) else {
        return code.to_owned();
    };
    // An argument that is called otherwise in this language stands beside the plain one: `element@en`.
    let own = |key: &str| args.get(&format!("{key}@{}", locale.tag()));
    args.iter().fold(template.clone(), |text, (key, value)| {
        let value = own(key).unwrap_or(value);
        agreeing(&text, key, value).replace(&format!("{{{key}}}"), value)
    })
}

/// A text whose words agree in number with one of its arguments. English is the only language here that has such.
fn agreeing(text: &str, key: &str, value: &str) -> String {
    let hole = format!("{{{key}|");
    let mut pieces = text.split(&hole);
    let mut agreed = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (words, rest) = piece.split_once('}').unwrap_or((piece, ""));
        let (one, more) = words.split_once('|').unwrap_or((words, words));
        agreed.push_str(if value == "1" { one } else { more });
        agreed.push_str(rest);
    }
    agreed
}

/// A sentence without arguments.
pub fn word(locale: Locale, code: &str) -> String {
    say(locale, code, &BTreeMap::new())
}

/// The sentence of a problem.
pub fn problem(locale: Locale, problem: &Problem) -> String {
    say(locale, problem.code, &cut(&problem.args))
}

/// The sentence of a finding.
pub fn finding(locale: Locale, finding: &Finding) -> String {
    say(locale, &finding.code, &cut(&finding.args))
}

/// Characters of what was sent that a refusal says again at most.
const SAID_MAX: usize = 400;

fn cut(args: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let cut = |text: &String| match text.char_indices().nth(SAID_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.clone(),
    };
    args.iter().map(|(key, text)| (key.clone(), cut(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_hold_the_same_keys_and_arguments() {
        let arguments = |text: &str| -> Vec<String> {
            let holes = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
            let mut found: Vec<_> =
                holes.map(|(name, _)| name.split('|').next().unwrap_or_default().to_owned()).collect();
            found.sort();
            found.dedup();
            found
        };
        let reference = catalogue(Locale::ZhCn);
        for locale in [Locale::ZhTw, Locale::En] {
            let other = catalogue(locale);
            for (key, text) in reference {
                let theirs = other.get(key).unwrap_or_else(|| panic!("{} lacks {key}", locale.tag()));
                assert_eq!(arguments(text), arguments(theirs), "{} {key}", locale.tag());
            }
            assert_eq!(reference.len(), other.len(), "{} has keys that zh-CN lacks", locale.tag());
        }
    }
    /// 帳號, 權杖, 存取, 資料: the words that are said in Taiwan, and no others beside them.
    #[test]
    fn traditional_chinese_has_one_word_for_each_thing() {
        fn of(texts: &serde_json::Value, is_hant: bool, all: &mut Vec<String>) {
            match texts {
                serde_json::Value::Object(by) => {
                    by.iter().for_each(|(key, text)| of(text, is_hant || key == "zh-TW", all))
                }
                serde_json::Value::String(text) if is_hant => all.push(text.clone()),
                _ => {}
            }
        }
        let mut all: Vec<String> = catalogue(Locale::ZhTw).values().cloned().collect();
        for file in [include_str!("../locales/fields.json"), include_str!("../locales/help.json")] {
            of(&serde_json::from_str(file).unwrap(), false, &mut all);
        }
        for text in all {
            assert!(!["賬", "令牌", "訪問", "數據"].iter().any(|word| text.contains(word)), "{text}");
        }
    }

    #[test]
    fn words_agree_with_their_number() {
        let said = |n: &str| {
            let args =
                BTreeMap::from([("count".to_owned(), n.to_owned()), ("first".to_owned(), "B2".to_owned())]);
            say(Locale::En, "sheet.formulas_by_value", &args)
        };
        assert_eq!(said("1"), "1 formula was read by its stored result (the first is in B2).");
        assert_eq!(said("21"), "21 formulas were read by their stored result (the first is in B2).");
        assert_eq!(agreeing("{n} {n|unit|units}, {m|a|b}", "n", "1"), "{n} unit, {m|a|b}");
    }

    /// Arguments that count something. A limit is never one.
    const COUNTS: &[&str] = &[
        "actual",
        "all",
        "area",
        "briefs",
        "bytes",
        "count",
        "decisions",
        "drawn",
        "entries",
        "expected",
        "files",
        "missing",
        "more",
        "n",
        "notices",
        "places",
        "revisions",
        "rows",
        "sheets",
        "units",
        "words",
        "zero",
    ];

    #[test]
    fn no_count_of_one_is_told_in_the_plural() {
        let plural = |word: &str| {
            word.ends_with('s') && !["is", "was", "has"].contains(&word)
                || ["are", "were", "have"].contains(&word)
        };
        let mut wrong = Vec::new();
        for key in catalogue(Locale::En).keys() {
            let ones = COUNTS.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect();
            let said = say(Locale::En, key, &ones);
            let words: Vec<&str> = said.split_whitespace().collect();
            let clean = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
            let one = |at: usize| words[at].trim_start_matches('(') == "1";
            if (0..words.len())
                .any(|at| one(at) && words[at + 1..].iter().take(2).any(|word| plural(&clean(word))))
            {
                wrong.push(format!("{key}: {said}"));
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }
}
