//! What a report says beside what its sheet says already: what it still lacks, and what somebody else said meanwhile.

use super::{Open, Work};
use crate::Fail;
use crate::lines::reporting::check::{Checked, of_element};
use crate::lines::reporting::model::{ActKind, Element, Sheet, SheetKey};
use crate::lines::reporting::{read, store};
use muster_kernel::{Finding, Problem, ProblemKind};
use muster_store::{StoreError, Tx};
use std::collections::BTreeMap;

impl Work<'_> {
    /// The last words of a sheet that were said after a revision, by element: in the table and in this batch.
    fn words_since(
        &self,
        tx: &mut Tx<'_>,
        key: &SheetKey,
        rev: i64,
    ) -> Result<BTreeMap<i64, String>, StoreError> {
        let stored = store::notes(tx, key)?;
        let here = self.notes.iter().filter(|note| note.key == *key);
        let here = here.map(|note| (note.element, note.rev, note.words.clone()));
        let all = stored.into_iter().chain(here).filter(|note| note.0 > 0 && note.1 > rev);
        Ok(all.map(|(element, _, words)| (element, words)).collect())
    }

    /// What a report of values must say and does not, on the sheet as it would stand: what was said before counts, and
    /// what is taken back does not. Who says nothing at all has not reported.
    pub(super) fn lacking(
        &self,
        tx: &mut Tx<'_>,
        key: &SheetKey,
        before: &Sheet,
        after: &Sheet,
        draft: &Checked,
    ) -> Result<Vec<Finding>, Fail> {
        let Some(form) = self.book.form_by_id(draft.form, draft.day) else { return Ok(Vec::new()) };
        let required = form.items.iter().filter(|item| item.required && draft.act == ActKind::Values);
        let required = required.filter_map(|item| self.book.element_by_code(&item.element));
        let mut silent: Vec<&Element> = required
            .filter(|element| element.holds(draft.day) && !after.values.contains_key(&element.id))
            .collect();
        let blank = draft.act == ActKind::Values && after.values.is_empty();
        if silent.is_empty() && !blank {
            return Ok(Vec::new());
        }
        let mut words = if before.rev > 0 { self.words_since(tx, key, 0)? } else { BTreeMap::new() };
        words.extend(draft.words.iter().map(|(id, words)| (*id, words.clone())));
        words.retain(|_, words| !words.is_empty());
        silent.retain(|element| !words.contains_key(&element.id));
        let mut findings: Vec<Finding> = silent
            .into_iter()
            .map(|element| {
                let finding = Finding::refuse("value.required").field(format!("values.{}", element.code));
                of_element(finding, element)
            })
            .collect();
        if blank && words.is_empty() {
            findings.push(Finding::refuse("report.empty").field("values"));
        }
        Ok(findings)
    }

    /// Whether an element of the draft was changed by somebody else since the sender looked. Changes of other elements
    /// are merged.
    pub(super) fn moved_meanwhile(
        &self,
        tx: &mut Tx<'_>,
        key: &SheetKey,
        before: &Sheet,
        draft: &Checked,
    ) -> Result<Option<Problem>, Fail> {
        let Some(seen) = draft.seen_rev.filter(|&seen| seen != before.rev) else { return Ok(None) };
        let then = read::values_at_rev(tx, &self.book, before, seen)?;
        let mut touched = draft.values.keys().chain(&draft.unsaid);
        let clash = match then {
            None => true,
            Some(then) => touched.any(|id| then.get(id) != before.values.get(id)),
        };
        let clash = clash
            || !draft.words.is_empty() && {
                let said = self.words_since(tx, key, seen)?;
                draft.words.keys().any(|id| said.contains_key(id))
            };
        Ok(clash.then(|| Problem::new(ProblemKind::Stale, "report.stale").with("revision", before.rev)))
    }
}

/// Whether words differ from the last ones that were said for their elements, in the table or in this batch.
pub(super) fn words_differ(
    tx: &mut Tx<'_>,
    key: &SheetKey,
    open: &Open,
    words: &BTreeMap<i64, String>,
) -> Result<bool, StoreError> {
    let new = words.iter().filter(|(id, words)| open.words.get(id) != Some(words));
    let unknown: Vec<_> = new.collect();
    if unknown.is_empty() || unknown.iter().any(|(id, _)| open.words.contains_key(id)) {
        return Ok(!unknown.is_empty());
    }
    let latest = store::words_latest(tx, key)?;
    Ok(unknown.into_iter().any(|(id, words)| latest.get(id).map_or("", String::as_str) != words))
}
