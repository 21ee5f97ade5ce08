//! Posts and duty telephones as they come in.

use super::{Found, NamesDraft, code, named, phone};
use crate::lines::operation::Names;
use muster_kernel::{Day, Finding};
use serde::Deserialize;
use utoipa::ToSchema;

/// A post as it comes in, nothing checked; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostDraft {
    /// Names, those given; a new post needs one.
    #[serde(default)]
    pub names: Option<NamesDraft>,
    /// Who holds it from `day` on: `account:` with a login name or an id, stored by its id; empty for nobody.
    #[serde(default)]
    pub holder: Option<String>,
    /// First day of the holding; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<Day>,
    /// Its duty telephone, from now on; empty takes it away.
    #[serde(default)]
    pub duty_phone: Option<String>,
}

/// Changes of a post whose fields are sound.
#[derive(Clone, Debug, Default)]
pub struct PostPatch {
    /// Names, those given.
    pub names: Option<NamesDraft>,
    /// Who holds it; empty for nobody.
    pub holder: Option<String>,
    /// Its duty telephone; empty takes it away.
    pub duty_phone: Option<String>,
}

/// Checks a post.
pub fn check_post(draft: &PostDraft) -> Result<PostPatch, Vec<Finding>> {
    let mut found = Found::default();
    let names = draft.names.as_ref().map(|names| found.names_changed(Some(names)));
    let holder = draft.holder.as_deref().and_then(|text| found.all(check_holder(text)));
    let phone = draft.duty_phone.as_deref().and_then(|text| found.all(check_phone("duty_phone", text)));
    if found.0.is_empty() && names.is_none() && holder.is_none() && phone.is_none() {
        found.0.push(Finding::refuse("unit.nothing_to_change"));
    }
    match found.0.is_empty() {
        true => Ok(PostPatch { names, holder, duty_phone: phone }),
        false => Err(found.0),
    }
}

impl PostPatch {
    /// The names after it of a post that has some; none where it says nothing of them.
    ///
    /// # Errors
    /// A finding at the name that is lacking.
    pub fn names_of(&self, has: Names) -> Result<Option<Names>, Finding> {
        let Some(NamesDraft { zh_hans, zh_hant, en }) = self.names.clone() else { return Ok(None) };
        let names = Names {
            zh_hans: zh_hans.unwrap_or(has.zh_hans),
            zh_hant: zh_hant.unwrap_or(has.zh_hant),
            en: en.unwrap_or(has.en),
        };
        named(names).map(Some).ok_or_else(name_missing)
    }
}

/// What is wrong with a post without a name.
pub(super) fn name_missing() -> Finding {
    Finding::refuse("unit.name_missing").field("names.zh-Hans")
}

/// Checks the code of something at a unit.
pub fn check_code(field: &str, text: &str) -> Result<String, Vec<Finding>> {
    code(text).map_err(|finding| vec![finding.field(field)])
}

/// Checks a telephone; an empty one takes it away.
pub fn check_phone(field: &str, text: &str) -> Result<String, Vec<Finding>> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    phone(text).map_err(|finding| vec![finding.field(field)])
}

/// Checks a reference of who holds a post (`account:ID`, in the demonstration `role:ID`); never a name. Empty: nobody.
/// Whether there is such an account is asked where it is stored.
fn check_holder(text: &str) -> Result<String, Vec<Finding>> {
    let sound = |part: &str| {
        !part.is_empty() && part.len() <= 64 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let reference =
        text.split_once(':').is_some_and(|(kind, id)| matches!(kind, "account" | "role") && sound(id));
    if text.is_empty() || reference {
        return Ok(text.to_owned());
    }
    Err(vec![Finding::refuse("post.holder_form").field("holder")])
}
