//! `muster form`: what is asked, in which views, of whom.

use super::door::ask;
use super::import::read_file;
use super::{Common, Stop, day};
use axum::http::Method;
use clap::{Args, Subcommand};
use muster_kernel::{Day, Problem};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// What is asked: elements, forms as dated views of them, and assignments of forms to parts of the tree.
#[derive(Subcommand)]
pub(crate) enum FormCommand {
    /// Give the tree a daily form to start with: the one of the demonstration, asked of all units from today.
    Starter,
    /// Set elements, forms and assignments from a JSON file.
    #[command(after_help = SET_HELP)]
    Set {
        /// The file.
        file: PathBuf,
    },
    /// Ask a form no longer, from a day on. What was reported stays.
    End {
        /// Code of the form.
        form: String,
        /// First day on which it is not asked, YYYY-MM-DD; today when absent.
        #[arg(long, value_parser = day)]
        day: Option<Day>,
        #[command(flatten)]
        why: Why,
    },
    /// Put right to whom a form is given, and from when to when.
    #[command(after_help = CORRECT_HELP)]
    Correct {
        /// Number of the assignment; `muster query assignments` tells it.
        assignment: u32,
        /// Code of the unit at the top.
        #[arg(long)]
        unit: Option<String>,
        /// A kind of unit that is expected to report; say it once for each, or `all`.
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
        /// First day, YYYY-MM-DD.
        #[arg(long, value_parser = day)]
        since: Option<Day>,
        /// Day after the last, YYYY-MM-DD, or `open`. The first day itself takes the whole assignment back.
        #[arg(long)]
        until: Option<String>,
        #[command(flatten)]
        why: Why,
    },
}

/// Why something is changed.
#[derive(Args)]
pub(crate) struct Why {
    /// Why; needed where a day that is past is asked of others than before.
    #[arg(long)]
    reason: Option<String>,
}

const CORRECT_HELP: &str = "\
Examples:
  muster query assignments
  muster form correct 1 --since 2020-02-02 --reason 'begun a day too early'
  muster form correct 2 --unit G2 --kind site --kind firm
  muster form correct 2 --until open

Refused where a report was taken in that would no longer be asked, and where a day is frozen.";

const SET_HELP: &str = r#"The file holds up to three lists, set in this order; each entry is what POST /elements, /forms and /assignments take
(see `muster openapi`). An entry that is refused ends it with exit code 1; those before it stay set.

  {"elements": [
    {"code": "fever",
     "names": {"zh-Hans": "发热人数", "zh-Hant": "發熱人數", "en": "With fever"},
     "class": "event", "value_type": {"kind": "integer"}, "unit": "person",
     "over_units": "sum", "over_time": "sum",
     "owner": "office", "purpose": "who needs a doctor today", "since": "2020-02-01"},
    {"code": "staff",
     "names": {"zh-Hans": "在册职工", "zh-Hant": "在冊職工", "en": "Staff"},
     "class": "state", "value_type": {"kind": "integer"}, "unit": "person",
     "over_units": "sum", "over_time": "last",
     "owner": "office", "purpose": "the base of every rate", "since": "2020-02-01"},
    {"code": "fever_rate",
     "names": {"zh-Hans": "发热率", "zh-Hant": "發熱率", "en": "Rate of fever"},
     "class": "state", "value_type": {"kind": "rate", "numerator": "fever", "denominator": "staff"},
     "unit": "percent", "over_units": "none", "over_time": "none",
     "owner": "office", "purpose": "where it grows", "since": "2020-02-01"},
    {"code": "needs",
     "names": {"zh-Hans": "困难和诉求", "zh-Hant": "困難和訴求", "en": "What is needed"},
     "class": "text", "value_type": {"kind": "text"}, "unit": "",
     "over_units": "none", "over_time": "none",
     "owner": "office", "purpose": "help from above", "since": "2020-02-01"}],
   "forms": [
    {"code": "daily",
     "names": {"zh-Hans": "日报", "zh-Hant": "日報", "en": "Daily report"},
     "items": [{"element": "fever", "required": true}, {"element": "staff", "required": true},
               {"element": "fever_rate", "required": false}, {"element": "needs", "required": false}],
     "counting": "parts",
     "as_of_min": 720, "cut_off_min": 900, "since": "2020-02-01"}],
   "assignments": [{"form": "daily", "unit": "HQ", "kinds": ["site"], "since": "2020-02-01"}]}

A rate is computed, never filled in: its two elements come before it. What does not add up over units or over time
says so: "none". as_of_min and cut_off_min are minutes after midnight: figures as of 12:00, due by 15:00. A form
with "afterwards": true takes in days from a source that does not say when a figure was told: it judges nobody to be late.

A form may have rules, which look at every report that comes in, and items that are computed of others:

   "items": [{"element": "closing", "computed": "yesterday.closing + today.received - today.issued"}, ..],
   "rules": [
    {"code": "part", "test": {"kind": "at_most", "element": "new", "most": "all"}, "follows": "refuse", "at": "new",
     "says": {"zh-Hans": "新增不能多于累计。", "zh-Hant": "", "en": "What is new is part of what there is."}},
    {"code": "goes_on", "test": {"kind": "carried", "cumulative": "all", "new": "new", "corrected": "off"}, ..},
    {"code": "jump", "test": {"kind": "jump", "element": "fever", "percent": 50, "least": 5, "down": true},
     "follows": "reason", ..},
    {"code": "fall", "test": {"kind": "never_falls", "element": "all"}, "follows": "reason", ..},
    {"code": "room", "test": {"kind": "cel", "expression": "today.beds == null || today.beds >= today.ill"},
     "follows": "note", ..}]

"refuse" keeps a report out, "reason" asks why and keeps the answer with it, "note" tells. An expression is CEL over today.X
and yesterday.X, the form's elements; what was not said is null; it compares, adds, subtracts and multiplies.
What is set already:
`muster query elements --json`, `muster query forms --json`."#;

/// A file of elements, forms and assignments.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    elements: Vec<Value>,
    #[serde(default)]
    forms: Vec<Value>,
    #[serde(default)]
    assignments: Vec<Value>,
}

impl FormCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        match self {
            Self::Starter => {
                let (status, answer) = ask(common, Method::POST, "/forms/starter", None).await?;
                if !status.is_success() {
                    return common.refused(status, &answer);
                }
                common.answer(&json!({ "forms": 1 }))?;
            }
            Self::Set { file } => {
                let unreadable =
                    |error: serde_json::Error| Problem::invalid("form.file_unreadable").with("detail", error);
                let file: File = serde_json::from_slice(&read_file(&file)?).map_err(unreadable)?;
                let counts = [file.elements.len(), file.forms.len(), file.assignments.len()];
                let lists = [
                    ("/elements", file.elements),
                    ("/forms", file.forms),
                    ("/assignments", file.assignments),
                ];
                for (door, entries) in lists {
                    for entry in entries {
                        let (status, answer) = ask(common, Method::POST, door, Some(&entry)).await?;
                        if !status.is_success() {
                            if common.json {
                                common.answer(&json!({ "entry": entry, "problem": answer }))?;
                                return Ok(ExitCode::from(1));
                            }
                            let code = entry.get("code").or_else(|| entry.get("form"));
                            eprintln!("{}:", code.and_then(Value::as_str).unwrap_or_default());
                            return common.refused(status, &answer);
                        }
                    }
                }
                let [elements, forms, assignments] = counts;
                common
                    .answer(&json!({ "elements": elements, "forms": forms, "assignments": assignments }))?;
            }
            Self::End { form, day, why } => {
                let (status, all) = ask(common, Method::GET, "/assignments", None).await?;
                if !status.is_success() {
                    return common.refused(status, &all);
                }
                let day = match day {
                    Some(day) => day.to_string(),
                    None => {
                        let (_, about) = ask(common, Method::GET, "/about", None).await?;
                        about["today"].as_str().unwrap_or_default().to_owned()
                    }
                };
                // Days are written so that the later one is the greater text.
                let items = all["items"].as_array().map_or(&[][..], Vec::as_slice);
                let in_force = items.iter().find(|item| {
                    item["form"] == form.as_str()
                        && item["since"].as_str().is_some_and(|since| since <= day.as_str())
                        && item["until"].as_str().is_none_or(|until| day.as_str() < until)
                });
                let unknown =
                    || Problem::not_found("form.not_assigned").with("form", &form).with("day", &day);
                let series = in_force.ok_or_else(unknown)?["series"].to_string();
                return correct(common, &series, &json!({ "until": day, "reason": why.reason })).await;
            }
            Self::Correct { assignment, unit, kinds, since, until, why } => {
                let mut body = serde_json::Map::new();
                for (key, value) in
                    [("unit", unit), ("since", since.map(|day| day.to_string())), ("reason", why.reason)]
                {
                    body.extend(value.map(|value| (key.to_owned(), value.into())));
                }
                let open = |until: String| if until == "open" { Value::Null } else { until.into() };
                body.extend(until.map(|until| ("until".to_owned(), open(until))));
                if !kinds.is_empty() {
                    let kinds = if kinds == ["all"] { Vec::new() } else { kinds };
                    body.insert("kinds".to_owned(), kinds.into());
                }
                return correct(common, &assignment.to_string(), &body.into()).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Changes an assignment, and prints it as it is then.
async fn correct(common: &Common, series: &str, body: &Value) -> Result<ExitCode, Stop> {
    let (status, answer) = ask(common, Method::PATCH, &format!("/assignments/{series}"), Some(body)).await?;
    if !status.is_success() {
        return common.refused(status, &answer);
    }
    common.answer(&answer)?;
    Ok(ExitCode::SUCCESS)
}
