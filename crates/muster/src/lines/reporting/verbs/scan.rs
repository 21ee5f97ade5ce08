//! A scan of a report's signed page is kept with the revision it shows.

use super::super::book::Book;
use super::super::model::SheetKey;
use super::super::scan::Scan;
use super::super::store;
use crate::{Ctx, Fail};
use muster_kernel::Problem;
use muster_store::{Entry, Tx};
use serde_json::json;

/// Keeps a scan with the latest revision of a sheet; the revision, and whether it is new. The same scan of the same revision
/// is kept once.
///
/// # Errors
/// `scan.no_report` where the sheet was never reported.
pub fn report_scan(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    key: &SheetKey,
    scan: &Scan,
) -> Result<(i64, bool), Fail> {
    let (bucket, unit) = (key.bucket, key.unit);
    let locked = store::sheets_lock(tx, book, ctx.operation, bucket, key.day, key.slot, &[unit])?;
    let sheet = locked.into_iter().find(|(_, scope, _)| *scope == key.scope).map(|(_, _, sheet)| sheet);
    // A sheet that only stands beside a statement says nothing.
    let Some(sheet) = sheet.filter(|sheet| sheet.rev > 0) else {
        return Err(Problem::not_found("scan.no_report").into());
    };
    let digest = scan.digest.to_string();
    if store::scans(tx, key)?.iter().any(|kept| kept.rev == sheet.rev && kept.digest == digest) {
        return Ok((sheet.rev, false));
    }
    let body = json!({
        "day": key.day, "slot": key.slot, "scope": key.scope, "bucket": key.bucket, "revision": sheet.rev,
        "digest": digest, "media_type": scan.media_type.name(), "bytes": scan.bytes.len(),
    });
    let link = tx.journal(Entry {
        operation: ctx.operation,
        actor: &ctx.actor.to_string(),
        action: "report.scan",
        subject: &format!("unit:{unit}"),
        prev: sheet.last,
        request: None,
        body: body.to_string().into_bytes(),
    })?;
    store::scan_add(tx, key, sheet.rev, ctx.now_ms, scan, link)?;
    Ok((sheet.rev, true))
}
