//! Reminding those who have not reported, by letters.

use super::missing::Look;
use crate::lines::org;
use crate::lines::reporting::http::{About, Asked, Subject, ask_any};
use crate::lines::reporting::verbs::{RemindStep, Reminding, cut_off_ms, missing_remind};
use crate::request::{Answer, Caller, Json, Once, Permission, Reply};
use crate::{App, Ctx, Fail};
use axum::extract::State;
use muster_kernel::day::rfc3339;
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Missing units that are looked at.
const LOOKED_MAX: usize = 20_000;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(missing_remind_door))
}

/// Whom to remind of what.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RemindIn {
    /// `unit:CODE`, `place:3401`, `place:all` or `class:CODE`; the caller's own unit when absent.
    #[serde(default)]
    node: Option<String>,
    /// `YYYY-MM-DD`; today when absent.
    #[serde(default)]
    day: Option<String>,
    /// Code of the form; the operation's daily report when absent.
    #[serde(default)]
    form: Option<String>,
}

/// What came of reminding: `sent`, `already`, `no_channel` and `left` add up to who is missing and was looked at.
#[derive(Serialize, ToSchema)]
struct RemindedBody {
    /// How many have not reported.
    missing: i64,
    /// Letters written now.
    sent: usize,
    /// Units that were reminded in this step before: of each step a unit is reminded once.
    already: usize,
    /// Units that have no channel: somebody has to ring them.
    no_channel: usize,
    /// Units that are still to be reminded: said again, it goes on.
    left: usize,
    /// Where the day stands.
    step: RemindStep,
    /// Whether this server sends letters at all: its operator named what may be reached (`--outbound`).
    sending: bool,
}

/// Reminds who has not reported in a node: a letter for each unit that has a channel, once for each step of the day (before
/// the cut-off, after it, after the day was frozen). Says how many have none.
#[utoipa::path(post, path = "/missing/remind", operation_id = "missing_remind", tag = "figures",
    request_body = RemindIn, responses((status = 200, body = RemindedBody)))]
async fn missing_remind_door(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(body): Json<RemindIn>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::ReportRemind)?;
    let office = app.operation().office.of(caller.locale).to_owned();
    let (own, sending, now_ms) = (ctx.clone(), app.outbound.sends(), ctx.now_ms);
    let about = About { node: body.node, day: body.day, form: body.form, as_known_at: None };
    let look = move |rx: &mut Rx<'_>, asked: &Asked, subject: &Subject| {
        is_own(rx, &own, asked, subject)?;
        let look = Look::at(rx, asked, subject)?;
        let (_, missing) = look.counts(rx)?;
        let found = look.after(rx, "", LOOKED_MAX)?;
        let units: Vec<i64> = found.iter().map(|absent| absent.unit).collect();
        // Who reads more of the tree than they chase reminds in their own part alone.
        let mine = org::units_today(rx, &own.reach, &units, own.today())?;
        let units: Vec<i64> = units.into_iter().filter(|unit| mine.contains(unit)).collect();
        let mut named = asked.labels(rx, &units)?;
        let units = units
            .into_iter()
            .map(|unit| (unit, named.remove(&unit).map(|label| label.name).unwrap_or_default()));
        let units: Vec<(i64, String)> = units.collect();
        let form = look.query.form;
        let cut_off_ms = cut_off_ms(form, asked.day, &asked.ctx);
        let step = match (asked.frozen(rx)?, now_ms < cut_off_ms) {
            (true, _) => RemindStep::Missing,
            (false, true) => RemindStep::Due,
            (false, false) => RemindStep::Late,
        };
        let cut_off = rfc3339(cut_off_ms, &asked.ctx.zone);
        let reminding = Reminding {
            day: asked.day,
            form: form.code.clone(),
            form_name: form.names.of(asked.ctx.locale).to_owned(),
            office: office.clone(),
            cut_off: cut_off.get(11..16).unwrap_or_default().to_owned(),
            step,
        };
        Ok((missing, reminding, units))
    };
    let (missing, reminding, units) = ask_any(&app, &caller, about, look).await?;
    let remind = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let reminded = missing_remind(tx, &ctx, &reminding, &units)?;
            let body = RemindedBody {
                missing,
                sent: reminded.sent,
                already: reminded.already,
                no_channel: reminded.no_channel,
                left: reminded.left,
                step: reminding.step,
                sending,
            };
            Ok(Reply::json(&body)?)
        })
    };
    Ok(app.db.write("missing.remind", now_ms, remind).await?)
}

/// Refuses a unit at which the caller may read and not remind: there it is not theirs to know of.
fn is_own(rx: &mut Rx<'_>, own: &Ctx, asked: &Asked, subject: &Subject) -> Result<(), Fail> {
    match subject {
        Subject::Unit(standing) if !own.reach.covers(&standing.chain) => {
            Err(org::unit_absent(rx, &own.reach, &standing.code, asked.day)?.into())
        }
        _ => Ok(()),
    }
}
