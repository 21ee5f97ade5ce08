//! Reminding those who have not reported: a letter for each that has a channel, once for each step of the day.

use crate::outbound::{self, Letter, LetterKind};
use crate::{Ctx, Fail, say};
use muster_kernel::Day;
use muster_store::{Entry, Tx};
use serde::Serialize;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// Letters of one act.
const LETTERS_MAX: usize = 1_000;

/// Where in its day a form stands: of each step a unit is reminded once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemindStep {
    /// Before the cut-off.
    Due,
    /// After it.
    Late,
    /// After the day was frozen.
    Missing,
}

impl RemindStep {
    fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Late => "late",
            Self::Missing => "missing",
        }
    }
    fn text(self) -> &'static str {
        match self {
            Self::Due => "missing.letter_due",
            Self::Late => "missing.letter_late",
            Self::Missing => "missing.letter_missing",
        }
    }
}

/// Of what is reminded.
#[derive(Clone, Debug)]
pub struct Reminding {
    /// The day.
    pub day: Day,
    /// Code of the form.
    pub form: String,
    /// Its name, in the language of who reminds.
    pub form_name: String,
    /// Who reminds.
    pub office: String,
    /// `HH:MM`, the cut-off.
    pub cut_off: String,
    /// Where the day stands.
    pub step: RemindStep,
}

/// What came of reminding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reminded {
    /// Letters written now.
    pub sent: usize,
    /// Units that were reminded in this step before.
    pub already: usize,
    /// Units that have no channel: somebody has to ring them.
    pub no_channel: usize,
    /// Units that have one and were not reminded yet: so many letters are not written at once. Said again, it goes on.
    pub left: usize,
}

/// Writes a letter to each of some units, by id and name, that has a channel and was not reminded in this step.
///
/// # Errors
/// The store's.
pub fn missing_remind(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    reminding: &Reminding,
    units: &[(i64, String)],
) -> Result<Reminded, Fail> {
    let Reminding { day, form, step, .. } = reminding;
    let mut ids: Vec<i64> = units.iter().map(|(unit, _)| *unit).collect();
    ids.sort_unstable();
    let channels = outbound::units_first_channel(tx, ctx.operation, &ids)?;
    let channels: HashMap<i64, String> = channels.into_iter().collect();
    let key = |unit: i64| format!("remind:{day}:{form}:{}:{unit}", step.word());
    let keys: Vec<String> = channels.keys().map(|unit| key(*unit)).collect();
    let there: HashSet<String> = outbound::letters_there(tx, ctx.operation, &keys)?.into_iter().collect();
    let mut reminded = Reminded { no_channel: units.len() - channels.len(), ..Reminded::default() };
    for (unit, name) in units {
        let Some(channel) = channels.get(unit) else { continue };
        if there.contains(&key(*unit)) {
            reminded.already += 1;
            continue;
        }
        if reminded.sent == LETTERS_MAX {
            reminded.left += 1;
            continue;
        }
        let letter = letter(ctx, reminding, (*unit, name), channel, key(*unit));
        let (actor, subject) = (ctx.actor.to_string(), format!("unit:{unit}"));
        let is_new = outbound::letter_add(tx, ctx, &letter, |tx, told| {
            let body = json!({ "day": day, "form": form, "step": step, "letter": told });
            let entry = Entry {
                operation: ctx.operation,
                actor: &actor,
                action: "report.remind",
                subject: &subject,
                prev: None,
                request: None,
                body: body.to_string().into_bytes(),
            };
            Ok(tx.journal(entry)?)
        })?;
        if is_new {
            reminded.sent += 1;
        } else {
            reminded.already += 1;
        }
    }
    Ok(reminded)
}

fn letter(ctx: &Ctx, reminding: &Reminding, (unit, name): (i64, &str), channel: &str, key: String) -> Letter {
    let args = [
        ("office", reminding.office.clone()),
        ("day", reminding.day.to_string()),
        ("form", reminding.form_name.clone()),
        ("time", reminding.cut_off.clone()),
        ("unit", name.to_owned()),
    ];
    let args = args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let cut = |text: String, max: usize| text.chars().take(max).collect();
    Letter {
        channel: channel.to_owned(),
        unit,
        kind: LetterKind::Reminder,
        key,
        subject: cut(say::say(ctx.locale, "missing.letter_subject", &args), 200),
        text: cut(say::say(ctx.locale, reminding.step.text(), &args), 20_000),
        due_ms: ctx.now_ms,
    }
}
