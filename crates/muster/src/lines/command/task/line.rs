//! The words of a line of a superior's text, as a measure takes them over.

use crate::lines::command::notice::{Kept, layers, notice_read};
use crate::{Ctx, Fail};
use muster_kernel::Problem;
use muster_store::Rows;

/// The text as it is kept.
///
/// # Errors
/// `notice.unknown`.
pub(super) fn line_kept(rows: &mut impl Rows, ctx: &Ctx, notice: &str) -> Result<Kept, Fail> {
    notice_read(rows, ctx, notice)
}

/// The words of one of its measures, from 1: readable, what is still conjectured marked.
///
/// # Errors
/// `measure.line_unknown` where the text has no such measure.
pub(super) fn line_words(kept: Kept, n: i64) -> Result<String, Problem> {
    let notice = kept.opened()?;
    let measure = notice.study.measures.iter().find(|measure| i64::from(measure.n) == n);
    let measure = measure.ok_or_else(|| Problem::not_found("measure.line_unknown").with("line", n))?;
    let conjectures: Vec<_> = notice.conjectures.into_iter().map(|one| one.conjecture).collect();
    Ok(layers::readable_at(&notice.study.spans, &conjectures, measure.place).trim().to_owned())
}
