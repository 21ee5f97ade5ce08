//! The first page of help in the reader's language. What each command takes is told in English; the guide is in both.

use super::Cli;
use clap::{ArgMatches, Command, CommandFactory as _};
use muster_kernel::Locale;
use std::ffi::OsString;

/// What is told: of the program (""), of a command, of an option of all (`--json`), after all of it, and how the page is laid
/// out; in simplified and in traditional Chinese.
const WORDS: &[(&str, [&str; 2])] = &[
    ("", ["百应：一个由许多单位组成的机构的应急指挥系统。

一呼百应；零也是回答，沉默不是。", "百應：一個由許多單位組成的機構的應急指揮系統。

一呼百應；零也是回答，沉默不是。"]),
    ("demo", ["演示：2020 年 2 月的模拟数据，以身份代替登录，时钟在走", "演示：2020 年 2 月的模擬資料，以身份代替登入，時鐘在走"]),
    ("begin", ["在空的数据库里开始一个行动：办公室的名称和第一个账号", "在空的資料庫裡開始一個行動：辦公室的名稱和第一個帳號"]),
    ("user", ["本行动的账号", "本行動的帳號"]),
    ("serve", ["开放网页和接口", "開放網頁和介面"]),
    ("brief", ["看某日的日报，冻结当日，打印，比对", "看某日的日報，凍結當日，列印，比對"]),
    ("form", ["问什么：指标、表单，问哪些单位", "問什麼：指標、表單，問哪些單位"]),
    ("notice", ["收下一份文件，读懂它，裁定其中的推测", "收下一份檔案，讀懂它，裁定其中的推測"]),
    ("unit", ["改动组织树：单位的划转、停用、合并、拆分", "改動組織樹：單位的劃轉、停用、合併、拆分"]),
    ("post", ["单位的岗位：谁从哪天起担任，值班电话", "單位的崗位：誰從哪天起擔任，值班電話"]),
    ("party", ["组织树外的单位", "組織樹外的單位"]),
    ("import", ["收下文件：单位、报表、公开数据", "收下檔案：單位、報表、公開資料"]),
    ("export", ["写出可以再收回来的文件", "寫出可以再收回來的檔案"]),
    ("query", ["查数：与接口的回答相同，打印成表，或加 --json", "查數：與介面的回答相同，列印成表，或加 --json"]),
    ("verify", ["日志是不是当初所写，每一行是不是与日志相符", "日誌是不是當初所寫，每一行是不是與日誌相符"]),
    ("rebuild", ["重画组织树的投影、合计和应报数", "重畫組織樹的投影、合計和應報數"]),
    ("backup", ["把正在使用的 SQLite 数据库完整地复制成一个文件", "把正在使用的 SQLite 資料庫完整地複製成一個檔案"]),
    ("openapi", ["把接口契约（OpenAPI 3.1）写到标准输出", "把介面契約（OpenAPI 3.1）寫到標準輸出"]),
    ("help", ["显示帮助", "顯示幫助"]),
    ("--database", ["数据库：SQLite 的文件，或 postgres://用户:密码@主机/库名", "資料庫：SQLite 的檔案，或 postgres://使用者:密碼@主機/庫名"]),
    ("--lang", ["消息和 muster --help 的语言（各命令的帮助是英文）：zh-CN、zh-TW 或 en；不写则随 LANG", "訊息和 muster --help 的語言（各命令的說明是英文）：zh-CN、zh-TW 或 en；不寫則隨 LANG"]),
    ("--json", ["以 JSON 回答，写到标准输出", "以 JSON 回答，寫到標準輸出"]),
    ("--help", ["显示帮助（-h 为简要）", "顯示幫助（-h 為簡要）"]),
    ("--version", ["显示版本", "顯示版本"]),
    ("after", ["先看看（2020 年 2 月的模拟数据，会打印一个网址）：
  muster demo

您自己的行动，存在当前文件夹的 muster.db 里：
  echo 'a-long-password' | muster begin --office '总值班室' --account duty
  muster import units 单位表.xlsx --dry-run    先试：新增、更改、停用哪些，问题在哪一格
  muster import units 单位表.xlsx
  muster form starter                          先用一张现成的日报
  muster import reports 日报.csv --dry-run     有哪些列：muster import reports --columns
  muster query missing                         谁还没有报
  muster brief --out 今日.pdf
  muster serve

各命令的细节：muster 命令 --help（英文）。中文的用户指南在 docs/guide/zh-CN。
退出码：0 办成；1 拒绝，或有行被退回（写在标准错误，用 --json 则在标准输出）；2 命令行有误；3 数据库或机器出了故障。", "先看看（2020 年 2 月的模擬資料，會列印一個網址）：
  muster demo

您自己的行動，存在當前資料夾的 muster.db 裡：
  echo 'a-long-password' | muster begin --office '總值班室' --account duty
  muster import units 單位表.xlsx --dry-run    先試：新增、更改、停用哪些，問題在哪一格
  muster import units 單位表.xlsx
  muster form starter                          先用一張現成的日報
  muster import reports 日報.csv --dry-run     有哪些列：muster import reports --columns
  muster query missing                         誰還沒有報
  muster brief --out 今日.pdf
  muster serve

各命令的細節：muster 命令 --help（英文）。中文的使用者指南在 docs/guide/zh-CN。
退出碼：0 辦成；1 拒絕，或有行被退回（寫在標準錯誤，用 --json 則在標準輸出）；2 命令列有誤；3 資料庫或機器出了故障。"]),
    (
        "template",
        [
            "{about-with-newline}\n用法：{usage}\n\n命令：\n{subcommands}\n\n选项：\n{options}{after-help}",
            "{about-with-newline}\n用法：{usage}\n\n命令：\n{subcommands}\n\n選項：\n{options}{after-help}",
        ],
    ),
];

/// Reads the command line, with help in the language that it asks for, or that the machine speaks.
pub(super) fn matches(args: &[OsString]) -> ArgMatches {
    spoken(Cli::command(), language(args)).get_matches_from(args)
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

/// The command line with its first page in a language, which is also that of its messages.
fn spoken(mut cli: Command, locale: Locale) -> Command {
    cli = cli.mut_arg("lang", |arg| arg.default_value(locale.tag()));
    let place = match locale {
        Locale::En => return cli,
        Locale::ZhCn => 0,
        Locale::ZhTw => 1,
    };
    let said = |key: &str| WORDS.iter().find(|(known, _)| *known == key).map(|(_, told)| told[place]);
    // Only now are the flags and the command `help` there that clap adds by itself.
    cli.build();
    let named: Vec<String> = cli.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    for name in named {
        if let Some(told) = said(&format!("--{name}")) {
            cli = cli.mut_arg(name, |arg| arg.help(told).long_help(told));
        }
    }
    let named: Vec<String> = cli.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for name in named {
        if let Some(told) = said(&name) {
            cli = cli.mut_subcommand(name, |command| command.about(told));
        }
    }
    let whole = said("").unwrap_or_default();
    let short = whole.lines().next().unwrap_or_default();
    let after = said("after").unwrap_or_default();
    cli.about(short).long_about(whole).after_help(after).help_template(said("template").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_page_tells_every_command_in_every_language() {
        for (locale, place) in [(Locale::ZhCn, 0), (Locale::ZhTw, 1)] {
            let mut cli = spoken(Cli::command(), locale);
            let page = cli.render_long_help().to_string();
            for command in cli.get_subcommands().filter(|command| !command.is_hide_set()) {
                let told = command.get_about().map(ToString::to_string).unwrap_or_default();
                let known =
                    WORDS.iter().any(|(key, words)| *key == command.get_name() && words[place] == told);
                assert!(known, "{} is told in English", command.get_name());
            }
            let ours = |word: &&str| word.bytes().any(|byte| byte >= 0x80);
            for arg in cli.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!([help.as_str()].iter().any(ours), "--{} is told in English", arg.get_id());
            }
            assert!(page.contains("2020"), "{page}");
            cli.debug_assert();
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
