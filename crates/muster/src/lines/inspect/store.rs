//! Rows of findings and of what followed them. Rows are added and never changed.

use super::model::{Finding, Kind, Step, StepKind};
use muster_kernel::Day;
use muster_store::{Link, Row, Rows, Stmt, StoreError, Tx, args};
use serde_json::json;

const FINDING_ADD: Stmt = Stmt::new(
    "inspect.finding_add",
    "insert into finding (id, operation, unit, day, kind, words, evidence, actor, at, lane, no)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
const FINDING: Stmt = Stmt::new(
    "inspect.finding",
    "select id, operation, unit, day, kind, words, evidence, actor, at, lane, no from finding where id = $1",
);
/// The same, held until the end of the write: what follows a finding comes one after the other.
const FINDING_LOCK: Stmt = Stmt::new(
    "inspect.finding_lock",
    "select id, operation, unit, day, kind, words, evidence, actor, at, lane, no from finding where id = $1 {lock}",
);
const FINDINGS: Stmt = Stmt::new(
    "inspect.findings",
    "select id, operation, unit, day, kind, words, evidence, actor, at, lane, no from finding
     where operation = $1 and (at < $2 or (at = $2 and id < $3)) order by at desc, id desc limit $4",
);
const STEP_ADD: Stmt = Stmt::new(
    "inspect.step_add",
    "insert into finding_step (finding, kind, words, actor, at, lane, no) values ($1, $2, $3, $4, $5, $6, $7)",
);
const STEPS: Stmt = Stmt::new(
    "inspect.steps",
    "select finding, kind, words, actor, at, lane, no from finding_step where finding {in:$1} order by finding, at, kind",
);
const COUNTS: Stmt = Stmt::new(
    "inspect.counts",
    "select (select cast(count(*) as bigint) from finding), (select cast(count(*) as bigint) from finding_step)",
);

/// Every statement of this line.
pub const STATEMENTS: &[Stmt] = &[FINDING_ADD, FINDING, FINDING_LOCK, FINDINGS, STEP_ADD, STEPS, COUNTS];

fn finding(row: &Row<'_>) -> Result<Finding, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("a finding whose {what} cannot be read"));
    let day = row.opt_int(3)?.map(|day| i32::try_from(day).map(Day::from_number)).transpose();
    Ok(Finding {
        id: row.string(0)?,
        operation: row.int(1)?,
        unit: row.int(2)?,
        day: day.map_err(|_| corrupt("day"))?,
        kind: Kind::from_word(row.text(4)?).ok_or_else(|| corrupt("kind"))?,
        words: row.string(5)?,
        evidence: serde_json::from_str(row.text(6)?).map_err(|_| corrupt("evidence"))?,
        actor: row.string(7)?,
        at_ms: row.int(8)?,
        link: link(row, 9)?,
    })
}

fn step(row: &Row<'_>) -> Result<Step, StoreError> {
    let corrupt = || StoreError::Corrupt("a step of a finding whose kind cannot be read".to_owned());
    Ok(Step {
        finding: row.string(0)?,
        kind: StepKind::from_word(row.text(1)?).ok_or_else(corrupt)?,
        words: row.string(2)?,
        actor: row.string(3)?,
        at_ms: row.int(4)?,
        link: link(row, 5)?,
    })
}

fn link(row: &Row<'_>, at: usize) -> Result<Link, StoreError> {
    Ok(Link { lane: row.int32(at)?, no: row.int(at + 1)? })
}

/// Adds a finding.
pub(super) fn finding_add(tx: &mut Tx<'_>, one: &Finding) -> Result<(), StoreError> {
    let day = one.day.map(|day| i64::from(day.number()));
    let (kind, evidence) = (one.kind.word(), json!(one.evidence).to_string());
    let args = args![
        &one.id,
        one.operation,
        one.unit,
        day,
        kind,
        &one.words,
        evidence,
        &one.actor,
        one.at_ms,
        one.link.lane,
        one.link.no
    ];
    tx.exec(&FINDING_ADD, args).map(drop)
}

/// A finding by its id.
pub(super) fn finding_by_id(rows: &mut impl Rows, id: &str) -> Result<Option<Finding>, StoreError> {
    rows.opt(&FINDING, args![id], finding)
}

/// The same, held until the end of the write.
pub(super) fn finding_locked(tx: &mut Tx<'_>, id: &str) -> Result<Option<Finding>, StoreError> {
    tx.opt(&FINDING_LOCK, args![id], finding)
}

/// Findings of an operation before an instant and id, the latest first.
pub(super) fn findings_before(
    rows: &mut impl Rows,
    operation: i64,
    (at_ms, id): (i64, &str),
    limit: u32,
) -> Result<Vec<Finding>, StoreError> {
    rows.all(&FINDINGS, args![operation, at_ms, id, i64::from(limit)], finding)
}

/// Adds a step.
pub(super) fn step_add(tx: &mut Tx<'_>, one: &Step) -> Result<(), StoreError> {
    let (lane, no) = (one.link.lane, one.link.no);
    let args = args![&one.finding, one.kind.word(), &one.words, &one.actor, one.at_ms, lane, no];
    tx.exec(&STEP_ADD, args).map(drop)
}

/// The steps of some findings, each finding's in the order they came.
pub(super) fn steps(rows: &mut impl Rows, findings: &[String]) -> Result<Vec<Step>, StoreError> {
    if findings.is_empty() {
        return Ok(Vec::new());
    }
    rows.all(&STEPS, args![findings], step)
}

/// How many findings and steps there are.
pub(super) fn counts(rows: &mut impl Rows) -> Result<(i64, i64), StoreError> {
    rows.one(&COUNTS, args![], |row| Ok((row.int(0)?, row.int(1)?)))
}
