//! `muster unit` and `muster party`: changes of the tree one at a time, through the same doors as a page. Lists of units come
//! by `muster import units`.

use super::door::{ask, escape, given, tell};
use super::{Common, Stop, day, wrong};
use axum::http::Method;
use clap::{Args, Subcommand};
use muster_kernel::{Day, Problem};
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Change the tree: move, close, merge or split a unit from a day on; what was before stays as it was.
///
/// New units, and changes of names, kinds, places and classes, come by `muster import units`, posts and duty telephones by
/// `muster post` too; what became of a unit tells `muster query unit-history --node CODE`.
#[derive(Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum UnitCommand {
    /// Put a unit, and all below it, below another.
    Move {
        /// Code of the unit.
        unit: String,
        /// Code of the new unit above.
        #[arg(long)]
        under: String,
        #[command(flatten)]
        from: From,
    },
    /// Close a unit.
    Close {
        /// Code of the unit.
        unit: String,
        /// Close all below it too; otherwise nothing may be open below it.
        #[arg(long)]
        below: bool,
        #[command(flatten)]
        from: From,
    },
    /// Make units part of another; what is below them moves below it, and they close.
    Merge {
        /// Codes of the units that end.
        #[arg(required = true)]
        units: Vec<String>,
        /// Code of the unit that goes on.
        #[arg(long)]
        into: String,
        #[command(flatten)]
        from: From,
    },
    /// Make several units of one; it closes when nothing is left below it.
    Split {
        /// Code of the unit that is split.
        unit: String,
        /// A new unit, beside the old one and of its kind: CODE=NAME. Say it once for each.
        #[arg(long, required = true, value_name = "CODE=NAME", value_parser = pair)]
        into: Vec<(String, String)>,
        /// Which unit right below goes to which new one: CODE=NEW. Say it once for each.
        #[arg(long, value_name = "CODE=NEW", value_parser = pair)]
        give: Vec<(String, String)>,
        #[command(flatten)]
        from: From,
    },
}

const HELP: &str = "\
Examples:
  muster unit move S1 --under G2 --day 2020-03-01
  muster unit merge G3 G4 --into G2
  muster unit split G2 --into 'G5=第五集团' --into 'G6=第六集团' --give S1=G5 --give S2=G6
  muster unit close S1 --day 2020-03-01 --dry-run

Exit codes: 0 done; 1 refused, and nothing is changed; 2 wrong command line; 3 the database or the machine failed.";

/// From when on.
#[derive(Args)]
pub(crate) struct From {
    /// First day, YYYY-MM-DD; today when absent. A unit that has reported for the day cannot end on it.
    #[arg(long, value_parser = day)]
    day: Option<Day>,
    /// Only tell what would come of it: how many units open, close, move, and what is worth a look.
    #[arg(long)]
    dry_run: bool,
}

/// Bodies beside the tree: a provincial command, a hospital, a charity, a supplier. `muster query parties` lists them.
#[derive(Subcommand)]
pub(crate) enum Party {
    /// Add a body.
    Add {
        /// Code, unique among bodies beside the tree.
        code: String,
        /// Name in simplified Chinese, or the only name.
        #[arg(long)]
        name: String,
        /// Name in traditional Chinese.
        #[arg(long, default_value = "")]
        name_zh_hant: String,
        /// Name in English.
        #[arg(long, default_value = "")]
        name_en: String,
        /// command, hospital, charity, supplier, press, or a code of one's own.
        #[arg(long)]
        kind: String,
        /// Place code (GB/T 2260).
        #[arg(long)]
        place: Option<String>,
        /// First day on which it is there, YYYY-MM-DD, where one is known.
        #[arg(long)]
        opened: Option<String>,
        /// First day on which it is there no more, YYYY-MM-DD, where one is known.
        #[arg(long)]
        closed: Option<String>,
    },
    /// Change what is given; the rest stays. An empty text takes away what is there: --place ''.
    Change {
        /// Code of the body.
        code: String,
        /// Name in simplified Chinese, or the only name.
        #[arg(long)]
        name: Option<String>,
        /// Name in traditional Chinese.
        #[arg(long)]
        name_zh_hant: Option<String>,
        /// Name in English.
        #[arg(long)]
        name_en: Option<String>,
        /// command, hospital, charity, supplier, press, or a code of one's own.
        #[arg(long)]
        kind: Option<String>,
        /// Place code (GB/T 2260).
        #[arg(long)]
        place: Option<String>,
        /// First day on which it is there, YYYY-MM-DD.
        #[arg(long)]
        opened: Option<String>,
        /// First day on which it is there no more, YYYY-MM-DD.
        #[arg(long)]
        closed: Option<String>,
    },
}

impl UnitCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let asked = |door: String, mut body: Value, from: From| {
            if let Some(day) = from.day {
                body["day"] = day.to_string().into();
            }
            (if from.dry_run { format!("{door}?dry_run=true") } else { door }, body)
        };
        let (door, body) = match self {
            Self::Move { unit, under, from } => {
                asked(format!("/units/{}/move", escape(&unit)), json!({ "parent": under }), from)
            }
            Self::Close { unit, below, from } => {
                asked(format!("/units/{}/close", escape(&unit)), json!({ "below": below }), from)
            }
            Self::Merge { units, into, from } => {
                asked("/units/merge".to_owned(), json!({ "from": units, "into": into }), from)
            }
            Self::Split { unit, into, give, from } => {
                let on = from.day.map(|day| format!("?day={day}"));
                let door = format!("/units/{}{}", escape(&unit), on.unwrap_or_default());
                let (status, old) = ask(common, Method::GET, &door, None).await?;
                if !status.is_success() {
                    return common.refused(status, &old);
                }
                let part =
                    |(code, name)| json!({ "code": code, "names": { "zh-Hans": name }, "kind": old["kind"] });
                let into: Vec<Value> = into.into_iter().map(part).collect();
                let mut given: Map<String, Value> = Map::new();
                for (unit, new) in give {
                    if given.insert(unit.clone(), new.into()).is_some() {
                        return Err(Stop::Line(Problem::invalid("line.given_twice").with("unit", unit)));
                    }
                }
                let body = json!({ "unit": unit, "into": into, "given": given });
                asked("/units/split".to_owned(), body, from)
            }
        };
        tell(common, Method::POST, &door, &body).await
    }
}

impl Party {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        match self {
            Self::Add { code, name, name_zh_hant, name_en, kind, place, opened, closed } => {
                let names = json!({ "zh-Hans": name, "zh-Hant": name_zh_hant, "en": name_en });
                let body = json!({
                    "code": code, "names": names, "kind": kind, "place": place, "opened": opened, "closed": closed,
                });
                tell(common, Method::POST, "/parties", &body).await
            }
            Self::Change { code, name, name_zh_hant, name_en, kind, place, opened, closed } => {
                let text = |text: Option<String>| text.map(Value::from);
                let day = |day: Option<String>| {
                    day.map(|day| if day.is_empty() { Value::Null } else { day.into() })
                };
                let names = [("zh-Hans", name), ("zh-Hant", name_zh_hant), ("en", name_en)];
                let names = given(names.map(|(key, value)| (key, text(value))).into());
                let body = given(vec![
                    ("names", (!names.is_empty()).then(|| names.into())),
                    ("kind", text(kind)),
                    ("place", text(place)),
                    ("opened", day(opened)),
                    ("closed", day(closed)),
                ]);
                tell(common, Method::PATCH, &format!("/parties/{}", escape(&code)), &body.into()).await
            }
        }
    }
}

/// `A=B`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((left, right)) if !left.is_empty() && !right.is_empty() => {
            Ok((left.to_owned(), right.to_owned()))
        }
        _ => Err(wrong(&Problem::invalid("line.pair").with("text", text))),
    }
}
