//! Bodies beside the tree as they come in.

use super::{Found, NamesDraft, code, kind, place};
use crate::lines::operation::Names;
use crate::lines::org::model::Party;
use crate::lines::org::place::Place;
use muster_kernel::{Day, Finding};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// A body beside the tree as it comes in, nothing checked.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyDraft {
    /// Code, unique among outside parties.
    pub code: String,
    /// Names; simplified Chinese, or else another, is required.
    pub names: Names,
    /// `command`, `hospital`, `charity`, `supplier`, `press`, or a code of one's own.
    pub kind: String,
    /// Place code of 2, 4, 6, 9 or 12 digits.
    #[serde(default)]
    pub place: Option<String>,
    /// First day on which it is there, where one is known.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub opened: Option<Day>,
    /// First day on which it is there no more, where one is known.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub closed: Option<Day>,
}

/// Checks a body beside the tree.
pub fn check_party(draft: &PartyDraft) -> Result<Party, Vec<Finding>> {
    let mut found = Found::default();
    let code = found.take("code", code(&draft.code));
    let names = found.names(&draft.names);
    let kind = found.take("kind", kind(&draft.kind));
    let place =
        draft.place.as_deref().filter(|text| !text.is_empty()).map(|text| found.take("place", place(text)));
    found.0.extend(ends_before(draft.opened, draft.closed));
    let (opened, closed) = (draft.opened, draft.closed);
    match (code, names, kind) {
        (Some(code), Some(names), Some(kind)) if found.0.is_empty() => {
            Ok(Party { id: 0, code, names, kind, place: place.flatten(), opened, closed, rev: 0 })
        }
        _ => Err(found.0),
    }
}

/// Changes of a body beside the tree as they come in; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyPatchDraft {
    /// New names, those given.
    #[serde(default)]
    pub names: Option<NamesDraft>,
    /// New kind.
    #[serde(default)]
    pub kind: Option<String>,
    /// New place; empty for none.
    #[serde(default)]
    pub place: Option<String>,
    /// First day on which it is there; null for none that is known.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, format = Date)]
    pub opened: Option<Option<Day>>,
    /// First day on which it is there no more; null for none that is known.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, format = Date)]
    pub closed: Option<Option<Day>>,
}

/// Null is something that was said.
fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Day>>, D::Error> {
    Option::<Day>::deserialize(from).map(Some)
}

/// Changes whose fields are sound.
#[derive(Clone, Debug, Default)]
pub struct PartyPatch {
    names: NamesDraft,
    kind: Option<String>,
    place: Option<Option<Place>>,
    opened: Option<Option<Day>>,
    closed: Option<Option<Day>>,
}

/// Checks changes of a body beside the tree.
pub fn check_party_patch(draft: &PartyPatchDraft) -> Result<PartyPatch, Vec<Finding>> {
    let mut found = Found::default();
    let patch = PartyPatch {
        names: found.names_changed(draft.names.as_ref()),
        kind: draft.kind.as_deref().and_then(|text| found.take("kind", kind(text))),
        place: found.place_changed(draft.place.as_deref()),
        opened: draft.opened,
        closed: draft.closed,
    };
    let NamesDraft { zh_hans, zh_hant, en } = &patch.names;
    let named = [zh_hans, zh_hant, en].into_iter().any(Option::is_some);
    let dated = patch.opened.is_some() || patch.closed.is_some();
    if found.0.is_empty() && !named && !dated && patch.kind.is_none() && patch.place.is_none() {
        found.0.push(Finding::refuse("unit.nothing_to_change"));
    }
    if found.0.is_empty() { Ok(patch) } else { Err(found.0) }
}

impl PartyPatch {
    /// The body after the changes; the same where they change nothing.
    pub fn of(&self, party: &Party) -> Result<Party, Vec<Finding>> {
        let Self { names, kind, place, opened, closed } = self.clone();
        let was = party.clone();
        let after = Party {
            names: Names {
                zh_hans: names.zh_hans.unwrap_or(was.names.zh_hans),
                zh_hant: names.zh_hant.unwrap_or(was.names.zh_hant),
                en: names.en.unwrap_or(was.names.en),
            },
            kind: kind.unwrap_or(was.kind),
            place: place.unwrap_or(was.place),
            opened: opened.unwrap_or(was.opened),
            closed: closed.unwrap_or(was.closed),
            ..was
        };
        match ends_before(after.opened, after.closed) {
            Some(finding) if opened.is_some() && closed.is_none() => Err(vec![finding.field("opened")]),
            Some(finding) => Err(vec![finding]),
            None => Ok(after),
        }
    }
}

fn ends_before(opened: Option<Day>, closed: Option<Day>) -> Option<Finding> {
    let (opened, closed) = opened.zip(closed)?;
    (closed <= opened).then(|| Finding::refuse("unit.closed_before_opened").field("closed"))
}
