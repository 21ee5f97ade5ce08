//! An incident: it goes up at once, outside the daily report.

use super::super::book::Book;
use super::super::check::{out_of_range, words_finding, words_worth_a_look};
use super::super::compare::counts_incidents;
use super::super::model::Incident;
use super::super::store;
use crate::lines::org;
use crate::{Ctx, Fail};
use muster_kernel::{Digest, Finding, Problem};
use muster_store::{Entry, Tx};

/// Longest words of an incident, in characters.
const INCIDENT_CHARS_MAX: usize = 2000;

/// Registers an incident: at once, outside the daily report, for every level above to see. Nobody between holds it,
/// and it changes no report. Beside it, what is worth a look.
pub fn incident_file(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    unit: &str,
    element: &str,
    value: i64,
    words: &str,
) -> Result<(Incident, Vec<Finding>), Fail> {
    let day = ctx.today();
    let standing = org::unit_standing(tx, ctx, unit, day)?;
    let mut findings = Vec::new();
    let element_id = counts_incidents(book, element);
    if element_id.is_none() {
        findings.push(Finding::refuse("incident.element").field("element").with("element", element));
    }
    if !(1..=1_000_000).contains(&value) {
        findings.push(out_of_range(value, 1, 1_000_000).field("value"));
    }
    findings.extend(words_finding(words, INCIDENT_CHARS_MAX).map(|finding| finding.field("text")));
    let (Some(element), true) = (element_id, findings.is_empty()) else {
        return Err(Problem::invalid("incident.refused").findings(findings).into());
    };
    let incident = Incident {
        id: ctx.id().to_string(),
        unit: standing.unit,
        element,
        value,
        at_ms: ctx.now_ms,
        words: words.trim().to_owned(),
        bucket: standing.bucket,
    };
    let actor = ctx.actor.to_string();
    store::incident_add(tx, &incident, ctx.operation, day, &actor)?;
    let words = Digest::of(incident.words.as_bytes());
    let body = format!("{}/{day}/{}/{}/{words}", incident.id, incident.element, incident.value).into_bytes();
    let subject = format!("unit:{}", incident.unit);
    let entry = Entry {
        operation: ctx.operation,
        actor: &actor,
        action: "incident.file",
        subject: &subject,
        prev: None,
        request: None,
        body,
    };
    tx.journal(entry)?;
    let notes = words_worth_a_look(&incident.words).map(|note| note.field("text"));
    Ok((incident, notes.into_iter().collect()))
}
