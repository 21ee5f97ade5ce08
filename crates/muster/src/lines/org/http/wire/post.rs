//! How posts look on the wire.

use crate::lines::operation::Names;
use crate::lines::org::{DutyContact, Post};
use muster_kernel::{Day, Locale};
use serde::Serialize;
use utoipa::ToSchema;

/// A post at a unit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::lines::org::http) struct PostBody {
    /// Code, unique at the unit.
    code: String,
    /// Name in the reader's language.
    name: String,
    /// All its names.
    names: Names,
    /// Reference of who holds it on that day.
    holder: Option<String>,
    /// First day on which they hold it.
    #[schema(value_type = Option<String>, format = Date)]
    since: Option<Day>,
    /// First day on which they hold it no more, where one is known.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
    /// Duty telephone. Personal: shown on the live board to the chain above the unit, never in a brief.
    duty_phone: Option<String>,
    /// Whether there is a duty telephone that cannot be opened: this server has not the key of the database, or the row is
    /// damaged.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    duty_phone_closed: bool,
}

impl PostBody {
    /// A post as a reader of a language sees it, with its telephone among those of the unit.
    pub(in crate::lines::org::http) fn new(post: Post, contacts: &[DutyContact], locale: Locale) -> Self {
        let contact = contacts.iter().find(|contact| contact.post == post.id);
        Self {
            name: post.names.of(locale).to_owned(),
            names: post.names,
            code: post.code,
            holder: Some(post.holder).filter(|holder| !holder.is_empty()),
            since: post.held.map(|(since, _)| since),
            until: post.held.map(|(_, until)| until).filter(|until| *until != Day::OPEN_END),
            duty_phone: contact.and_then(DutyContact::text).map(str::to_owned),
            duty_phone_closed: contact.is_some_and(|contact| contact.phone.is_err()),
        }
    }
}

/// What a change of a post would come to. Nothing of it is stored.
#[derive(Serialize, ToSchema)]
pub(in crate::lines::org::http) struct PostPreview {
    /// Always true.
    pub dry_run: bool,
    /// First day of the holding.
    #[schema(value_type = String, format = Date)]
    pub day: Day,
    /// The post on that day as it is; none where it is new.
    pub before: Option<PostBody>,
    /// As it would be.
    pub after: PostBody,
    /// How many holdings that were said of later days go.
    pub later_gone: usize,
}
