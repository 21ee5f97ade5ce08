//! `muster form`: what is asked, in which views, of whom.

use super::door::ask;
use super::import::read_file;
use super::{Common, Stop};
use axum::http::Method;
use clap::Subcommand;
use muster_kernel::Problem;
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
}

const SET_HELP: &str = r#"The file holds up to three lists, set in this order; each entry is what POST /elements, /forms and /assignments take
(see `muster openapi`). An entry that is refused ends it with exit code 1; those before it stay set.

  {"elements": [{"code": "fever", "names": {"zh-Hans": "发热人数", "zh-Hant": "發熱人數", "en": "With fever"},
                 "class": "event", "value_type": {"kind": "integer"}, "unit": "person",
                 "over_units": "sum", "over_time": "sum",
                 "owner": "office", "purpose": "who needs a doctor today", "since": "2020-02-01"}],
   "forms": [{"code": "daily", "names": {"zh-Hans": "日报", "zh-Hant": "日報", "en": "Daily report"},
              "items": [{"element": "fever", "required": true}], "counting": "parts",
              "as_of_min": 720, "cut_off_min": 900, "since": "2020-02-01"}],
   "assignments": [{"form": "daily", "unit": "HQ", "kinds": ["site"], "since": "2020-02-01"}]}

as_of_min and cut_off_min are minutes after midnight: figures as of 12:00, due by 15:00. What is set already:
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
        }
        Ok(ExitCode::SUCCESS)
    }
}
