//! Help in the reader's language. English stands in the code, as clap takes it; `locales/help.json` holds what each of its
//! texts is in Chinese, under the English text itself: whoever changes that one is told by a test that the other is old.

use super::{Cli, misread};
use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory as _, FromArgMatches as _};
use muster_kernel::Locale;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::{LazyLock, OnceLock};

/// What clap says by itself, in one language: it has no other words for it.
struct Own {
    usage: &'static str,
    commands: &'static str,
    arguments: &'static str,
    options: &'static str,
    /// What stands in a line of usage: `[OPTIONS]`, `<COMMAND>`, `[COMMAND]`.
    usage_words: [(&'static str, &'static str); 3],
    default: &'static str,
    environment: &'static str,
    one_of: &'static str,
}

const ZH_CN: Own = Own {
    usage: "用法",
    commands: "命令",
    arguments: "参数",
    options: "选项",
    usage_words: [("[OPTIONS]", "[选项]"), ("<COMMAND>", "<命令>"), ("[COMMAND]", "[命令]")],
    default: "默认",
    environment: "环境变量",
    one_of: "可用",
};
const ZH_TW: Own = Own {
    usage: "用法",
    commands: "命令",
    arguments: "參數",
    options: "選項",
    usage_words: [("[OPTIONS]", "[選項]"), ("<COMMAND>", "<命令>"), ("[COMMAND]", "[命令]")],
    default: "預設",
    environment: "環境變數",
    one_of: "可用",
};

/// Texts of help in Chinese by the English one.
static TOLD: LazyLock<BTreeMap<String, BTreeMap<String, String>>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../locales/help.json"))
        .expect("texts by language, by the English one")
});

/// The language of this process's command line: clap reads a value before it hands over which language was asked for.
static SPOKEN: OnceLock<Locale> = OnceLock::new();

/// The language in which a value is refused.
pub(super) fn spoken_here() -> Locale {
    SPOKEN.get().copied().unwrap_or(Locale::En)
}

/// Reads the command line, with help in the language that it asks for, or that the machine speaks. Where it is no command
/// to run, says so and hands the exit code back.
pub(super) fn read(args: &[OsString]) -> Result<Cli, ExitCode> {
    let locale = *SPOKEN.get_or_init(|| language(args));
    let matches = spoken(Cli::command(), locale).try_get_matches_from(args);
    matches
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map_err(|error| misread::answer(locale, &error))
}

/// The language of this command line: `--lang`, MUSTER_LANG, or the machine's.
fn language(args: &[OsString]) -> Locale {
    let words: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let after = words.iter().position(|word| *word == "--lang").and_then(|at| words.get(at + 1).copied());
    let joined = words.iter().find_map(|word| word.strip_prefix("--lang="));
    if let Some(asked) = after.or(joined) {
        return Locale::from_tag(asked).unwrap_or(Locale::En);
    }
    #[expect(clippy::disallowed_methods, reason = "help is shown before clap has read anything")]
    let set = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    if let Some(locale) = set("MUSTER_LANG").and_then(|tag| Locale::from_tag(&tag)) {
        return locale;
    }
    // As the C library asks them: the first that says anything.
    of_machine(&["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default())
}

/// `zh_CN.UTF-8` and the like.
fn of_machine(name: &str) -> Locale {
    let tag = name.split(['.', '@']).next().unwrap_or_default();
    match tag {
        "zh_TW" | "zh_HK" | "zh_MO" => Locale::ZhTw,
        _ if tag == "zh" || tag.starts_with("zh_") => Locale::ZhCn,
        _ => Locale::En,
    }
}

/// The command line in a language, which is also that of its messages.
fn spoken(mut cli: Command, locale: Locale) -> Command {
    cli = cli.mut_arg("lang", |arg| arg.default_value(locale.tag()));
    let own = match locale {
        Locale::En => return cli,
        Locale::ZhCn => &ZH_CN,
        Locale::ZhTw => &ZH_TW,
    };
    // Only now are the flags and the command `help` there that clap adds by itself.
    cli.build();
    translated(cli, &Tongue { locale, own })
}

struct Tongue {
    locale: Locale,
    own: &'static Own,
}

impl Tongue {
    /// A text in this language; the English one where there is no other.
    fn say(&self, english: &StyledStr) -> String {
        let english = english.to_string();
        TOLD.get(&english).and_then(|told| told.get(self.locale.tag())).unwrap_or(&english).clone()
    }
}

/// A command and all below it.
fn translated(mut command: Command, tongue: &Tongue) -> Command {
    let own = tongue.own;
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).to_owned();
    let usage = own.usage_words.iter().fold(usage, |usage, (english, word)| usage.replace(english, word));
    let mut page = format!("{{about-with-newline}}\n{}：{{usage}}\n", own.usage);
    if command.has_subcommands() {
        page += &format!("\n{}：\n{{subcommands}}\n", own.commands);
    }
    if command.get_positionals().next().is_some() {
        page += &format!("\n{}：\n{{positionals}}\n", own.arguments);
    }
    page += &format!("\n{}：\n{{options}}{{after-help}}", own.options);
    let say = |text: Option<&StyledStr>| text.map(|text| tongue.say(text));
    let (about, long) = (say(command.get_about()), say(command.get_long_about()));
    let (after, after_long) = (say(command.get_after_help()), say(command.get_after_long_help()));
    command = command.help_template(page).override_usage(usage);
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long) = long {
        command = command.long_about(long);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    if let Some(after) = after_long {
        command = command.after_long_help(after);
    }
    command.mut_args(|arg| explained(arg, tongue)).mut_subcommands(|below| translated(below, tongue))
}

/// An argument, with what clap would add in English added here.
fn explained(arg: Arg, tongue: &Tongue) -> Arg {
    let own = tongue.own;
    let mut beside = Vec::new();
    let mut listed = String::new();
    if arg.get_action().takes_values() {
        let values: Vec<_> =
            arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
        if !values.is_empty() {
            let names: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
            beside.push(format!("{}：{}", own.one_of, names.join("、")));
        }
        for value in &values {
            let help = value.get_help().map(|help| tongue.say(help)).unwrap_or_default();
            listed += &format!("\n  {:<16}{help}", value.get_name());
        }
        let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if !defaults.concat().is_empty() {
            beside.push(format!("{}：{}", own.default, defaults.join(" ")));
        }
        if let Some(name) = arg.get_env() {
            beside.push(format!("{}：{}", own.environment, name.to_string_lossy()));
        }
    }
    let beside: String = beside.iter().map(|said| format!(" [{said}]")).collect();
    let short = arg.get_help().map(|help| tongue.say(help) + &beside);
    let long = arg.get_long_help().or(arg.get_help()).map(|help| tongue.say(help) + &beside + &listed);
    let arg = arg.hide_default_value(true).hide_env(true).hide_possible_values(true);
    match (short, long) {
        (Some(short), Some(long)) => arg.help(short).long_help(long),
        _ => arg,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every English text that help shows, of a command and all below it.
    fn texts(command: &Command, path: &str, out: &mut Vec<(String, String)>) {
        let of = [
            command.get_about(),
            command.get_long_about(),
            command.get_after_help(),
            command.get_after_long_help(),
        ];
        out.extend(of.into_iter().flatten().map(|text| (path.to_owned(), text.to_string())));
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let at = format!("{path} {}", arg.get_id());
            let help = [arg.get_help(), arg.get_long_help()].into_iter().flatten();
            out.extend(help.map(|text| (at.clone(), text.to_string())));
            if arg.get_action().takes_values() {
                let values = arg.get_possible_values();
                out.extend(values.iter().filter_map(|one| Some((at.clone(), one.get_help()?.to_string()))));
            }
        }
        for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
            texts(below, &format!("{path} {}", below.get_name()), out);
        }
    }

    #[test]
    fn every_text_of_help_is_told_in_every_language_and_no_other_is_kept() {
        let mut cli = Cli::command();
        cli.build();
        let mut all = Vec::new();
        texts(&cli, "muster", &mut all);
        assert!(all.len() > 200, "{}", all.len());
        let mut lacking = BTreeMap::new();
        for (at, text) in &all {
            for locale in [Locale::ZhCn, Locale::ZhTw] {
                let told = TOLD.get(text).and_then(|told| told.get(locale.tag()));
                if !told.is_some_and(|told| told.chars().any(|c| c >= '\u{4e00}')) {
                    lacking.insert(text.clone(), at.clone());
                }
            }
        }
        assert!(
            lacking.is_empty(),
            "locales/help.json lacks {}",
            serde_json::to_string_pretty(&lacking).unwrap()
        );
        let old: Vec<_> = TOLD.keys().filter(|known| !all.iter().any(|(_, text)| text == *known)).collect();
        assert!(old.is_empty(), "nobody says any more: {old:#?}");
    }

    #[test]
    fn a_page_of_help_holds_none_of_claps_own_words() {
        for locale in [Locale::ZhCn, Locale::ZhTw] {
            let mut cli = spoken(Cli::command(), locale);
            cli.clone().debug_assert();
            let mut pages = vec![cli.render_long_help().to_string()];
            let mut stack: Vec<Command> = cli.get_subcommands().cloned().collect();
            while let Some(mut command) = stack.pop() {
                pages.push(command.render_help().to_string());
                pages.push(command.render_long_help().to_string());
                stack.extend(command.get_subcommands().filter(|below| !below.is_hide_set()).cloned());
            }
            for page in pages {
                for word in [
                    "Usage",
                    "Options",
                    "Commands",
                    "Arguments",
                    "OPTIONS",
                    "COMMAND",
                    "[default",
                    "[env:",
                    "ossible values",
                    "Print ",
                ] {
                    assert!(!page.contains(word), "{word}: {page}");
                }
            }
        }
        Cli::command().debug_assert();
    }

    #[test]
    fn the_language_is_the_one_asked_for_or_the_machines() {
        let of = |words: &[&str]| language(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of(&["muster", "--lang", "zh-TW", "--help"]), Locale::ZhTw);
        assert_eq!(of(&["muster", "--lang=zh-CN", "--help"]), Locale::ZhCn);
        for (name, locale) in [
            ("zh_CN.UTF-8", Locale::ZhCn),
            ("zh_SG", Locale::ZhCn),
            ("zh_HK.UTF-8", Locale::ZhTw),
            ("en_US.UTF-8", Locale::En),
            ("C", Locale::En),
            ("", Locale::En),
        ] {
            assert_eq!(of_machine(name), locale, "{name}");
        }
    }
}
