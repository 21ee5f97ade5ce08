//! A wrong command line, said in the reader's language. In English clap's own words stand; its words for it in Chinese are
//! sentences of the locales (`line.*`).

use crate::say;
use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use muster_kernel::Locale;
use std::collections::BTreeMap;
use std::error::Error as _;
use std::process::ExitCode;

/// Says what clap has to say (what is wrong, or help that was asked for); the exit code for it.
pub(super) fn answer(locale: Locale, error: &Error) -> ExitCode {
    match told(locale, error) {
        Some(told) => eprintln!("{told}"),
        None => drop(error.print()),
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// What is wrong, what may be meant, and where to read on; none where clap's own words are the answer.
fn told(locale: Locale, error: &Error) -> Option<String> {
    let of = |kind: ContextKind| error.get(kind).map(text).unwrap_or_default();
    let (option, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let code = match error.kind() {
        _ if locale == Locale::En => return None,
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return None,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        ErrorKind::InvalidSubcommand => "line.command_unknown",
        ErrorKind::MissingSubcommand => "line.command_needed",
        ErrorKind::UnknownArgument => "line.option_unknown",
        ErrorKind::MissingRequiredArgument => "line.lacking",
        ErrorKind::ArgumentConflict if of(ContextKind::PriorArg) == option => "line.twice",
        ErrorKind::ArgumentConflict => "line.conflict",
        ErrorKind::InvalidValue if value.is_empty() => "line.value_needed",
        ErrorKind::InvalidValue => "line.value_unknown",
        ErrorKind::ValueValidation => "line.value_wrong",
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => "line.values",
        ErrorKind::InvalidUtf8 => "line.not_text",
        _ => return None,
    };
    let why = error.source().map(ToString::to_string).unwrap_or_default();
    // Of clap's two sentences on a number out of its range the figures are told in every language.
    let range = why.split(" is not in ").nth(1);
    let words = [
        ("word", [of(ContextKind::InvalidSubcommand), option.clone()].concat()),
        ("option", option.clone()),
        ("other", of(ContextKind::PriorArg)),
        ("value", value),
        ("known", [of(ContextKind::ValidValue), of(ContextKind::ValidSubcommand)].concat()),
        ("why", range.map_or_else(|| why.clone(), ToOwned::to_owned)),
    ];
    let args: BTreeMap<String, String> =
        words.into_iter().map(|(key, text)| (key.to_owned(), text)).collect();
    let code = match (code, range) {
        ("line.value_wrong", Some(_)) => "line.value_range",
        ("line.value_wrong", None) if why.is_ascii() => "line.value_form",
        (code, _) => code,
    };
    let mut lines = vec![say::say(locale, code, &args)];
    let meant: Vec<String> =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
            .into_iter()
            .map(of)
            .filter(|said| !said.is_empty())
            .collect();
    if !meant.is_empty() {
        let args = BTreeMap::from([("known".to_owned(), meant.join("、"))]);
        lines.push(say::say(locale, "line.meant", &args));
    }
    if let Some(usage) = error.get(ContextKind::Usage) {
        let usage = text(usage);
        let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
        lines.push(format!("{}{}", say::word(locale, "line.usage"), usage.trim()));
    }
    lines.push(say::word(locale, "line.more"));
    Some(lines.join("\n"))
}

fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join("、"),
        ContextValue::StyledStrs(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}
