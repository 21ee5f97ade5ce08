//! `muster post`: posts at a unit and their duty telephones, through the same doors as a page.

use super::door::{ask, escape, given, tell};
use super::{Common, Stop, day};
use axum::http::Method;
use clap::Subcommand;
use muster_kernel::Day;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Posts at a unit: who holds them from when on, and their duty telephones.
///
/// Who holds a post is a reference such as account:liu (stored by its id), never a person's name.
#[derive(Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum PostCommand {
    /// The posts of a unit on a day, with who holds them and their duty telephones.
    List {
        /// Code of the unit.
        unit: String,
        /// YYYY-MM-DD; today when absent.
        #[arg(long, value_parser = day)]
        day: Option<Day>,
    },
    /// Add a post, or change what is given; the rest stays. An empty text takes away what is there: --phone ''.
    Set {
        /// Code of the unit.
        unit: String,
        /// Code of the post, unique at the unit.
        post: String,
        /// Name in simplified Chinese, or the only name; a new post needs one.
        #[arg(long)]
        name: Option<String>,
        /// Name in traditional Chinese.
        #[arg(long)]
        name_zh_hant: Option<String>,
        /// Name in English.
        #[arg(long)]
        name_en: Option<String>,
        /// Who holds it: account: with a login name or an id; what was said of later days goes.
        #[arg(long, value_name = "REFERENCE")]
        holder: Option<String>,
        /// First day on which they hold it, YYYY-MM-DD; today when absent.
        #[arg(long, value_parser = day)]
        day: Option<Day>,
        /// Its duty telephone, from now on.
        #[arg(long, value_name = "TELEPHONE")]
        phone: Option<String>,
    },
    /// End the holding of a post: from a day on nobody holds it. The post and its telephone stay.
    End {
        /// Code of the unit.
        unit: String,
        /// Code of the post.
        post: String,
        /// First day on which nobody holds it, YYYY-MM-DD; today when absent.
        #[arg(long, value_parser = day)]
        day: Option<Day>,
    },
    /// Set the duty telephone of a post, or take it away.
    Phone {
        /// Code of the unit.
        unit: String,
        /// Code of the post.
        post: String,
        /// One telephone, from now on; '' takes it away.
        telephone: String,
    },
    /// Find the posts at which a telephone stands. That it was asked is journalled, the number is not.
    Find {
        /// The whole number.
        telephone: String,
        /// For what; journalled.
        #[arg(long)]
        purpose: String,
    },
    /// Erase a telephone wherever it stands, for whoever asked that it go.
    Forget {
        /// The whole number.
        telephone: String,
        /// For what; journalled.
        #[arg(long)]
        purpose: String,
    },
}

const HELP: &str = "\
Examples:
  muster post list G1
  muster post set G1 night --name 夜班 --name-en 'Night desk' --holder account:liu --phone 0551-5550100
  muster post set G1 night --holder account:wang --day 2020-03-01
  muster post end G1 night --day 2020-04-01
  muster post phone G1 night 0551-5550101

A telephone is personal: it is shown to the unit and those above it, and stands in no brief, no log and no journal.
Exit codes: 0 done; 1 refused, and nothing is changed; 2 wrong command line; 3 the database or the machine failed.";

impl PostCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        match self {
            Self::List { unit, day } => {
                common.must_be_there()?;
                let on = day.map(|day| format!("?day={day}")).unwrap_or_default();
                let (status, found) =
                    ask(common, Method::GET, &format!("/units/{}{on}", escape(&unit)), None).await?;
                if !status.is_success() {
                    return common.refused(status, &found);
                }
                common.answer(&json!({ "unit": found["code"], "items": found["posts"] }))?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Set { unit, post, name, name_zh_hant, name_en, holder, day, phone } => {
                let text = |text: Option<String>| text.map(Value::from);
                let names = given(vec![
                    ("zh-Hans", text(name)),
                    ("zh-Hant", text(name_zh_hant)),
                    ("en", text(name_en)),
                ]);
                let body = given(vec![
                    ("names", (!names.is_empty()).then(|| names.into())),
                    ("holder", text(holder)),
                    ("day", text(day.map(|day| day.to_string()))),
                    ("duty_phone", text(phone)),
                ]);
                tell(common, Method::PUT, &door(&unit, &post), &body.into()).await
            }
            Self::End { unit, post, day } => {
                let mut body = json!({ "holder": "" });
                if let Some(day) = day {
                    body["day"] = day.to_string().into();
                }
                tell(common, Method::PUT, &door(&unit, &post), &body).await
            }
            Self::Phone { unit, post, telephone } => {
                let body = json!({ "phone": telephone });
                tell(common, Method::PUT, &format!("{}/contact", door(&unit, &post)), &body).await
            }
            Self::Find { telephone, purpose } => {
                let body = json!({ "phone": telephone, "purpose": purpose });
                tell(common, Method::POST, "/contacts/find", &body).await
            }
            Self::Forget { telephone, purpose } => {
                let body = json!({ "phone": telephone, "purpose": purpose });
                tell(common, Method::POST, "/contacts/erase", &body).await
            }
        }
    }
}

/// The door of a post.
fn door(unit: &str, post: &str) -> String {
    format!("/units/{}/posts/{}", escape(unit), escape(post))
}
