//! What can be done with notices: take one in, decide a conjecture, read.

use super::check::Checked;
use super::layers;
use super::model::{Conjecture, ConjectureState, Place};
use super::store::{self, Decided, Kept, Listed, RawConjecture};
use crate::{Ctx, Fail};
use muster_kernel::{Digest, Problem};
use muster_store::{Entry, Rows, StoreError, Tx};
use serde_json::json;

/// A notice that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its id.
    pub id: String,
    /// Whether it is new; the same file is kept once, whoever sends it again.
    pub is_new: bool,
}

/// Takes in a file that was checked. `id` is drawn before, so that a re-run takes the same.
pub fn notice_import(tx: &mut Tx, ctx: &Ctx, id: &str, checked: &Checked) -> Result<Imported, Fail> {
    let Checked { media_type, bytes, study, .. } = checked;
    let digest = checked.digest.to_string();
    let title = study.title.map(|place| layers::readable_at(study.title_spans(), &study.conjectures, place));
    store::file_add(tx, &digest, *media_type, bytes)?;
    if !store::add(tx, ctx.operation, id, checked, title.as_deref())? {
        let known = store::by_digest(tx, ctx.operation, &digest)?;
        let id = known.ok_or_else(|| Problem::internal("a notice that is there and is not"))?;
        return Ok(Imported { id, is_new: false });
    }
    store::conjectures_add(tx, ctx.operation, id, &study.conjectures)?;
    let conjectures: Vec<_> = study.conjectures.iter().map(RawConjecture::of).collect::<Result<_, _>>()?;
    let seal = study_seal(&checked.study_json, &checked.title_json, &conjectures);
    // Numbers and hashes; not a word of the text, which may name people.
    let body = json!({
        "digest": digest,
        "media_type": media_type,
        "bytes": bytes.len(),
        "kind": study.kind,
        "measures": study.measures.len(),
        "conjectures": study.conjectures.len(),
        "study": seal.to_string(),
    });
    journal(tx, ctx, "notice.import", &format!("notice:{id}"), &body)?;
    Ok(Imported { id: id.to_owned(), is_new: true })
}

/// Decides a conjecture; deciding otherwise later is allowed, and each decision is journalled. Saying the same again
/// changes nothing.
pub fn notice_conjecture_decide(
    tx: &mut Tx,
    ctx: &Ctx,
    id: &str,
    n: u32,
    state: ConjectureState,
) -> Result<(), Fail> {
    store::notice_lock(tx, ctx.operation, id)?
        .ok_or_else(|| Problem::not_found("notice.conjecture_unknown"))?;
    let before = store::conjecture_state(tx, ctx.operation, id, n)?;
    let before = before.ok_or_else(|| Problem::not_found("notice.conjecture_unknown"))?;
    if before == state {
        return Ok(());
    }
    store::conjecture_decide(tx, ctx.operation, id, n, state, &ctx.actor.to_string())?;
    retitle(tx, ctx, id)?;
    let body = json!({ "n": n, "before": before, "after": state });
    journal(tx, ctx, "notice.conjecture.decide", &format!("notice:{id}"), &body)
}

/// A notice with all that was made out of it and decided.
pub fn notice_read(rows: &mut impl Rows, ctx: &Ctx, id: &str) -> Result<Kept, Fail> {
    Ok(store::read(rows, ctx.operation, id)?.ok_or_else(|| Problem::not_found("notice.unknown"))?)
}

/// The state of a notice's decisions: another one after each of them.
pub fn notice_tag(decided: &[Decided]) -> String {
    let states: Vec<_> = decided.iter().map(|one| (one.conjecture.n, one.conjecture.state)).collect();
    Digest::of(format!("{states:?}").as_bytes()).short()
}

/// As [`notice_tag`] of a notice; until the end of the transaction nobody else decides on it.
pub fn notice_held(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<String, Fail> {
    let unknown = || Problem::not_found("notice.unknown");
    store::notice_lock(tx, ctx.operation, id)?.ok_or_else(unknown)?;
    Ok(notice_tag(&store::conjectures(tx, ctx.operation, id)?))
}

/// Notices, the newest first, after the id at which the page before ended (empty: from the newest).
pub fn notice_list(
    rows: &mut impl Rows,
    ctx: &Ctx,
    after: &str,
    limit: u32,
) -> Result<Vec<Listed>, StoreError> {
    // Greater than any id in every collation: ids are hexadecimal.
    let before = if after.is_empty() { "g" } else { after };
    store::list(rows, ctx.operation, before, limit)
}

/// The file of a notice, byte for byte as received.
pub fn notice_original(
    rows: &mut impl Rows,
    ctx: &Ctx,
    id: &str,
) -> Result<(super::extract::MediaType, Vec<u8>), Fail> {
    Ok(store::file_read(rows, ctx.operation, id)?.ok_or_else(|| Problem::not_found("notice.unknown"))?)
}

/// The hash of all that was made out of a text, as it is kept; what people decide later is not in it.
pub(super) fn study_seal(study: &str, title: &str, conjectures: &[RawConjecture]) -> Digest {
    let row = |c: &RawConjecture| json!([c.n, c.start, c.end, c.original, c.proposed, c.phrase, c.reason]);
    let rows: Vec<_> = conjectures.iter().map(row).collect();
    Digest::of(json!([study, title, rows]).to_string().as_bytes())
}

/// Writes the title that lists show anew from what is decided.
fn retitle(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<(), Fail> {
    let spans = store::title_spans(tx, ctx.operation, id)?;
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(()) };
    let place = Place { start: first.place.start, end: last.place.end };
    let decided = store::conjectures(tx, ctx.operation, id)?;
    let conjectures: Vec<Conjecture> = decided.into_iter().map(|one| one.conjecture).collect();
    let title = layers::readable_at(&spans, &conjectures, place);
    Ok(store::title_set(tx, ctx.operation, id, &title)?)
}

fn journal(
    tx: &mut Tx,
    ctx: &Ctx,
    action: &'static str,
    subject: &str,
    body: &serde_json::Value,
) -> Result<(), Fail> {
    tx.journal(Entry {
        operation: ctx.operation,
        actor: &ctx.actor.to_string(),
        action,
        subject,
        prev: None,
        request: None,
        body: body.to_string().into_bytes(),
    })?;
    Ok(())
}
