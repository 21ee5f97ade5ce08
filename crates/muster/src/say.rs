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

/// The sentence of a code, with `{name}` replaced by its arguments; the code itself where there is no sentence.
pub fn say(locale: Locale, code: &str, args: &BTreeMap<String, String>) -> String {
    let Some(template) = catalogue(locale).get(code) else {
        return code.to_owned();
    };
    args.iter().fold(template.clone(), |text, (key, value)| text.replace(&format!("{{{key}}}"), value))
}

/// A sentence without arguments.
pub fn word(locale: Locale, code: &str) -> String {
    say(locale, code, &BTreeMap::new())
}

/// The sentence of a problem.
pub fn problem(locale: Locale, problem: &Problem) -> String {
    say(locale, problem.code, &problem.args)
}

/// The sentence of a finding.
pub fn finding(locale: Locale, finding: &Finding) -> String {
    say(locale, &finding.code, &finding.args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_hold_the_same_keys_and_arguments() {
        let arguments = |text: &str| -> Vec<String> {
            let mut found: Vec<_> = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).collect();
            found.sort();
            found.dedup();
            found.into_iter().map(|(name, _)| name.to_owned()).collect()
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
}
