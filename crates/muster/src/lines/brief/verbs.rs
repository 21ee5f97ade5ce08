//! What can be done with a brief. The only place where the order of things is decided.

use super::facts::{self, Making};
use super::figures::scaled;
use super::make::document;
use super::model::{Frozen, Heads, Kept, Key, Narrative};
use super::origins::Listed;
use super::{check, origins, store};
use crate::lines::operation::operation_current;
use crate::lines::reporting::{self, BookShelf, cut_off_ms};
use crate::{Ctx, Fail};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Digest, Locale, Problem, ProblemKind};
use muster_print::Format;
use muster_store::{Entry, Rows, StoreError, Tx, heads};
use serde_json::json;
use std::collections::BTreeMap;

/// A brief as it is read: the frozen document byte for byte, or a live one made at this moment.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Which brief.
    pub key: Key,
    /// What is kept of it; none while the day is open.
    pub frozen: Option<Frozen>,
    /// The document, JSON.
    pub body: String,
}

/// A brief in a language.
pub fn brief_shown(
    rows: &mut impl Rows,
    ctx: &Ctx,
    shelf: &BookShelf,
    form: Option<&str>,
    day: Day,
    locale: Locale,
) -> Result<Shown, Fail> {
    with_making(rows, ctx, shelf, form, day, None, |rows, making, key| {
        making.top(rows)?;
        if let Some(frozen) = store::frozen(rows, &key)? {
            let body = store::document(rows, &key, locale.tag())?.ok_or_else(lost)?;
            return Ok(Shown { key, frozen: Some(frozen), body });
        }
        let body = to_json(&document(&facts::facts(rows, making)?, locale));
        Ok(Shown { key, frozen: None, body })
    })
}

/// Freezes a form's day and makes its brief in every language: on one consistent cut, which no report can pass while
/// it is made. A second time answers what the first one froze.
pub fn brief_freeze(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    shelf: &BookShelf,
    form: Option<&str>,
    day: Day,
) -> Result<Frozen, Fail> {
    let heads = Heads::of(&tx.barrier()?);
    with_making(tx, ctx, shelf, form, day, Some(heads), |tx, making, key| {
        let query = making.query()?;
        making.top(tx)?;
        if let Some(frozen) = store::frozen(tx, &key)? {
            return Ok(frozen);
        }
        let cut_off = cut_off_ms(query.form, day, ctx);
        if ctx.now_ms < cut_off {
            let cut_off = rfc3339(cut_off, &ctx.zone);
            return Err(Problem::conflict("brief.before_cut_off").with("cut_off", cut_off).into());
        }
        reporting::day_freeze(tx, key.operation, key.form, day, ctx.now_ms)?;
        let of_day = facts::origins(tx, making, day)?;
        let mut facts = facts::facts_of(tx, making, facts::lineage(&of_day))?;
        facts.frozen = true;
        facts.number = Some(store::number_last(tx, &key)? + 1);
        let mut chunks = origins::chunks(day.before(), facts::origins(tx, making, day.before())?);
        chunks.extend(origins::chunks(day, of_day));
        let origins = origins::digest(&chunks);
        let mut documents = Locale::ALL.map(|locale| (locale, document(&facts, locale)));
        let digest = seal(documents.iter().map(|(_, document)| to_json(document)), &origins, &making.heads);
        let frozen = Frozen {
            key,
            number: facts.number.unwrap_or(1),
            at_ms: ctx.now_ms,
            actor: ctx.actor.to_string(),
            digest,
            origins,
            heads: making.heads.clone(),
            units: facts.units,
            revisions: facts.revisions,
        };
        store::frozen_add(tx, &frozen)?;
        for (locale, document) in &mut documents {
            document.digest = Some(digest.to_string());
            store::document_add(tx, &key, locale.tag(), &to_json(document))?;
        }
        store::origins_add(tx, &key, &chunks)?;
        let body = json!({
            "day": day, "form": making.form, "number": frozen.number, "digest": digest.to_string(),
            "origins": origins.to_string(), "heads": making.heads,
        });
        journal(tx, ctx, "brief.freeze", &key, body.to_string().into_bytes())?;
        Ok(frozen)
    })
}

/// What is kept of a frozen brief; `brief.not_frozen` while the day is open.
pub fn frozen(
    rows: &mut impl Rows,
    ctx: &Ctx,
    shelf: &BookShelf,
    form: Option<&str>,
    day: Day,
) -> Result<Frozen, Fail> {
    with_making(rows, ctx, shelf, form, day, None, |rows, making, key| {
        making.top(rows)?;
        store::frozen(rows, &key)?
            .ok_or_else(|| Problem::conflict("brief.not_frozen").with("day", day).into())
    })
}

/// Frozen briefs of a form, of days before one, the newest first.
pub fn briefs(
    rows: &mut impl Rows,
    ctx: &Ctx,
    shelf: &BookShelf,
    form: Option<&str>,
    before: Day,
    limit: u32,
) -> Result<Vec<Frozen>, Fail> {
    with_making(rows, ctx, shelf, form, ctx.today(), None, |rows, making, key| {
        making.top(rows)?;
        Ok(store::frozen_list(rows, &Key { day: before, ..key }, limit)?)
    })
}

/// Sets what the office writes beside the figures of a day, before it is frozen. Answers its revision, and what is
/// kept. With `seen`, only where nobody wrote since that revision.
pub fn narrative_set(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    shelf: &BookShelf,
    form: Option<&str>,
    day: Day,
    draft: &Narrative,
    seen: Option<i64>,
) -> Result<(i64, Narrative), Fail> {
    let narrative = check::narrative(draft.clone())?;
    if day > ctx.today() {
        return Err(Problem::invalid("brief.future_day").with("day", day).into());
    }
    with_making(tx, ctx, shelf, form, day, Some(Heads::default()), |tx, making, key| {
        making.top(tx)?;
        if tx.gate("brief", move |tx| Ok(store::frozen(tx, &key)?.is_some()))? {
            return Err(Problem::conflict("brief.frozen").with("day", day).into());
        }
        let before = store::narrative_lock(tx, &key)?;
        let rev = before.as_ref().map_or(0, |(rev, _)| *rev);
        if seen.is_some_and(|seen| seen != rev) {
            return Err(Problem::new(ProblemKind::Stale, "brief.narrative_stale")
                .with("revision", rev)
                .into());
        }
        if before.is_some_and(|(_, before)| before == narrative) {
            return Ok((rev, narrative.clone()));
        }
        let body = to_json(&narrative);
        store::narrative_set(tx, &key, rev + 1, ctx.now_ms, &ctx.actor.to_string(), &body)?;
        // Words stand where they can be taken out again; the journal holds their hash.
        let hash = json!({ "revision": rev + 1, "digest": Digest::of(body.as_bytes()).to_string() });
        journal(tx, ctx, "brief.narrate", &key, hash.to_string().into_bytes())?;
        Ok((rev + 1, narrative.clone()))
    })
}

/// What the office wrote for a day, and at which revision; 0 and nothing where it did not.
pub fn narrative(
    rows: &mut impl Rows,
    ctx: &Ctx,
    shelf: &BookShelf,
    form: Option<&str>,
    day: Day,
) -> Result<(i64, Narrative), Fail> {
    with_making(rows, ctx, shelf, form, day, Some(Heads::default()), |rows, making, key| {
        making.top(rows)?;
        Ok(store::narrative(rows, &key)?.unwrap_or_default())
    })
}

/// What a sheet said at the revision that is in a frozen brief: code of the element, value.
pub fn origin_values(
    rows: &mut impl Rows,
    ctx: &Ctx,
    shelf: &BookShelf,
    listed: &Listed,
) -> Result<BTreeMap<String, f64>, Fail> {
    let book = shelf.current(rows, ctx.operation)?;
    let Some(sheet) = reporting::written(rows, &book, listed.origin.link)? else {
        return Ok(BTreeMap::new());
    };
    let value = |(id, number): (&i64, &i64)| {
        let element = book.element(*id)?;
        Some((element.code.clone(), scaled(*number, element.scale())))
    };
    Ok(sheet.values.iter().filter_map(value).collect())
}

/// The printed file of a frozen brief, if it was printed before.
pub fn file_kept(
    rows: &mut impl Rows,
    key: &Key,
    locale: Locale,
    format: Format,
) -> Result<Option<Kept>, StoreError> {
    store::file(rows, key, locale.tag(), format.extension())
}

/// Keeps the printed file of a frozen brief, and answers the one that is kept: the first.
pub fn file_keep(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    key: &Key,
    locale: Locale,
    format: Format,
    bytes: &[u8],
) -> Result<Kept, Fail> {
    let file = Kept { bytes: bytes.to_vec(), digest: Digest::of(bytes) };
    if !store::file_add(tx, key, (locale.tag(), format.extension()), ctx.now_ms, &file)? {
        return Ok(file_kept(tx, key, locale, format)?.ok_or_else(lost)?);
    }
    let body = json!({ "lang": locale, "format": format.extension(), "digest": file.digest.to_string() });
    journal(tx, ctx, "brief.print", key, body.to_string().into_bytes())?;
    Ok(file)
}

/// Whether the documents and origins that are kept are those that were frozen.
pub(super) fn is_intact(rows: &mut impl Rows, frozen: &Frozen) -> Result<bool, StoreError> {
    let key = &frozen.key;
    let mut documents = Vec::new();
    for locale in Locale::ALL {
        let body = store::document(rows, key, locale.tag())?.ok_or_else(lost)?;
        documents.push(body.replacen(&format!(",\"digest\":\"{}\"", frozen.digest), "", 1));
    }
    let chunks = store::origin_chunks(rows, key)?;
    let origins = origins::digest(&chunks);
    let found = chunks.iter().all(origins::is_found);
    Ok(found
        && origins == frozen.origins
        && seal(documents.into_iter(), &origins, &frozen.heads) == frozen.digest)
}

/// The digest of a brief: its documents in all languages (without the digest itself), the origins of its figures, and
/// the cut, each with its length.
fn seal(documents: impl Iterator<Item = String>, origins: &Digest, heads: &Heads) -> Digest {
    let mut all = Vec::new();
    for part in documents.chain([origins.to_string(), store::heads_text(heads)]) {
        all.extend_from_slice(&(part.len() as u64).to_le_bytes());
        all.extend_from_slice(part.as_bytes());
    }
    Digest::of(&all)
}

/// Hands over what a brief is made of, on the snapshot of `rows`. `form`: the operation's daily report when absent.
pub(super) fn with_making<R: Rows, T>(
    rows: &mut R,
    ctx: &Ctx,
    shelf: &BookShelf,
    form: Option<&str>,
    day: Day,
    at: Option<Heads>,
    then: impl FnOnce(&mut R, &Making<'_>, Key) -> Result<T, Fail>,
) -> Result<T, Fail> {
    // What is to be done first, in its order: whoever asks for a brief of an empty database wants to know.
    let operation = operation_current(rows)?.ok_or_else(|| Problem::not_found("operation.none"))?;
    if operation.root_unit == 0 {
        return Err(Problem::not_found("unit.none_yet").into());
    }
    let book = shelf.current(rows, ctx.operation)?;
    let heads = match at {
        Some(heads) => heads,
        None => Heads::of(&heads(rows)?),
    };
    let form = form.unwrap_or(&operation.form);
    let making = Making { ctx, book: &book, operation: &operation, form, day, heads };
    let key = Key { operation: ctx.operation, form: making.query()?.form.id, day };
    then(rows, &making, key)
}

fn journal(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &'static str,
    key: &Key,
    body: Vec<u8>,
) -> Result<(), StoreError> {
    let entry = Entry {
        operation: ctx.operation,
        actor: &ctx.actor.to_string(),
        action,
        subject: &format!("brief:{}:{}", key.form, key.day),
        prev: None,
        request: None,
        body,
    };
    tx.journal(entry).map(drop)
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("a brief is plain data")
}

fn lost() -> StoreError {
    StoreError::Corrupt("a part of a frozen brief is gone".to_owned())
}
