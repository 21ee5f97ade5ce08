//! Doors of privacy: what is kept of persons; saying otherwise; the end.

use super::fields::FIELDS;
use super::model::{End, Rule};
use super::verbs;
use crate::request::{Answer, Caller, Json, Once, Permission, Reply};
use crate::{App, Ctx, say};
use axum::extract::{Path, State};
use muster_kernel::Day;
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(privacy_read))
        .routes(routes!(privacy_set))
        .routes(routes!(privacy_end))
}

/// Something that is kept of a person.
#[derive(Serialize, ToSchema)]
struct PrivacyField {
    /// Its word.
    field: String,
    /// What it is called, in the reader's language.
    name: String,
    /// What it is for.
    purpose: String,
    /// On what legal basis it is kept: the office's own words, or those from the start.
    basis: String,
    /// Whether the office said the basis.
    basis_own: bool,
    /// Until when.
    until: String,
    /// For how many days after its occasion ended; null where it goes by itself.
    keep_days: Option<u32>,
    /// How it lies in the database: `sealed`, `hashed`, `plain`.
    kept: String,
}

/// The day on which the operation ends as far as persons are concerned.
#[derive(Serialize, ToSchema)]
struct PrivacyEnd {
    /// First day on which it is over (YYYY-MM-DD).
    day: String,
    /// Why then.
    reason: String,
    /// Last day on which a telephone may still be there.
    telephones_until: String,
}

/// What is kept of persons.
#[derive(Serialize, ToSchema)]
struct PrivacyBody {
    /// Every field.
    items: Vec<PrivacyField>,
    /// When the operation ends; null while nobody said so.
    ends: Option<PrivacyEnd>,
}

fn item(ctx: &Ctx, rule: &Rule) -> Option<PrivacyField> {
    let field = super::fields::field(&rule.field)?;
    let word = |part: &str| say::word(ctx.locale, &format!("privacy.{part}.{}", field.word));
    let days = [("days".to_owned(), rule.keep_days.to_string())].into();
    Some(PrivacyField {
        field: field.word.to_owned(),
        name: word("field"),
        purpose: word("purpose"),
        basis: if rule.basis.is_empty() { word("basis") } else { rule.basis.clone() },
        basis_own: !rule.basis.is_empty(),
        until: say::say(ctx.locale, &format!("privacy.until.{}", field.word), &days),
        keep_days: field.keep_days.map(|_| rule.keep_days),
        kept: field.kept.word().to_owned(),
    })
}

/// What is kept of persons here: each field with what it is for, on what legal basis, and until when. For everybody who is
/// logged in, since it is of them.
#[utoipa::path(get, path = "/privacy", operation_id = "privacy_read", tag = "privacy", responses((status = 200, body = PrivacyBody)))]
async fn privacy_read(State(app): State<App>, caller: Caller) -> Answer<Json<PrivacyBody>> {
    let ctx = caller.own_ctx(&app)?;
    let operation = ctx.operation;
    let read = move |rx: &mut Rx<'_>| verbs::rules(rx, operation);
    let (rules, end) = app.db.read("privacy.read", read).await?;
    let of = |word: &str| rules.iter().find(|rule| rule.field == word);
    let keep = of(super::fields::DUTY_PHONE).map_or(0, |rule| rule.keep_days);
    let ends = end.map(|End { day, reason, .. }| PrivacyEnd {
        telephones_until: day.plus(i32::try_from(keep).unwrap_or(i32::MAX)).to_string(),
        day: day.to_string(),
        reason,
    });
    let items = FIELDS.iter().filter_map(|field| item(&ctx, of(field.word)?)).collect();
    Ok(Json(PrivacyBody { items, ends }))
}

/// What an operation says of a field. What is not said stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PrivacyRule {
    /// On what legal basis it is kept, at most 300 characters; an empty text takes the words from the start.
    #[serde(default)]
    basis: Option<String>,
    /// For how many days after its occasion ended, at most 3650.
    #[serde(default)]
    keep_days: Option<u32>,
}

/// Says of a personal field on what legal basis it is kept, and for how long after its occasion ended.
#[utoipa::path(put, path = "/privacy/fields/{field}", operation_id = "privacy_set", tag = "privacy", request_body = PrivacyRule,
    params(("field" = String, Path, description = "Its word.")), responses((status = 204)))]
async fn privacy_set(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Path(field): Path<String>,
    Json(said): Json<PrivacyRule>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::PrivacySet)?;
    let set = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::rule_set(tx, &ctx, &field, said.basis.as_deref(), said.keep_days)?;
            Ok(Reply::empty())
        })
    };
    Ok(app.db.write("privacy.set", app.clock.now_ms(), set).await?)
}

/// When and why an operation ends as far as persons are concerned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PrivacyEnding {
    /// First day on which it is over; not before today.
    #[schema(value_type = String, format = Date)]
    day: Day,
    /// Why then, 1 to 300 characters; journalled.
    reason: String,
}

/// Says on which day the operation ends as far as persons are concerned. Said again, it is another decision, dated and with
/// its reason: an extension, or an earlier end. After it, and after the days that are said of them, telephones are erased.
#[utoipa::path(put, path = "/privacy/end", operation_id = "privacy_end", tag = "privacy", request_body = PrivacyEnding,
    responses((status = 204)))]
async fn privacy_end(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(said): Json<PrivacyEnding>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::PrivacySet)?;
    let set = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::end_set(tx, &ctx, said.day, &said.reason)?;
            Ok(Reply::empty())
        })
    };
    Ok(app.db.write("privacy.end", app.clock.now_ms(), set).await?)
}
