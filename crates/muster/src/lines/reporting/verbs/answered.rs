//! Answered once: a report that bears its sender's own id is stored with its answer, and gets the same answer when it
//! comes again, for a week. The same report without an id is known by what it says; see [`super::work`].

use super::{Filing, Receipt};
use crate::Fail;
use crate::lines::org::Called;
use muster_kernel::{Finding, Problem};
use muster_store::{Answered, Ask, Link, StoreError, Tx};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// How long an answer is kept: longer than a sender goes on trying.
const KEPT_MS: i64 = 7 * 86_400_000;

/// The answers given before under the ids of one batch, and those it gives.
pub(super) struct Answers {
    given: HashMap<String, Answered>,
    new: Vec<(String, Answered)>,
}

/// What is kept of a receipt; the unit stands in the fingerprint.
#[derive(Serialize, Deserialize)]
struct Kept {
    lane: i32,
    no: i64,
    rev: i64,
    at_ms: i64,
    on_time: bool,
    act: super::ActKind,
    findings: Vec<Finding>,
}

/// Ids are the sender's own: the same one of another actor is another one.
fn key(filing: &Filing) -> Option<(String, [u8; 32])> {
    let request = filing.draft.request.as_ref()?;
    Some((format!("report/{}/{}", filing.ctx.actor, request.client_id), request.fingerprint))
}

fn keys(filings: &[Filing]) -> Vec<String> {
    filings.iter().filter_map(key).map(|(key, _)| key).collect()
}

impl Answers {
    /// The question of [`Answers::read`], to be sent ahead.
    pub(super) fn ask(tx: &Tx<'_>, filings: &[Filing]) -> Option<Ask> {
        tx.requests_ask(&keys(filings))
    }

    pub(super) fn read(tx: &mut Tx<'_>, filings: &[Filing]) -> Result<Self, StoreError> {
        Ok(Self { given: tx.requests_seen(&keys(filings))?, new: Vec::new() })
    }

    /// The answer to a report that was filed before under the same id; a refusal where that was another report.
    pub(super) fn given(
        &self,
        filing: &Filing,
        called: Option<&Arc<Called>>,
    ) -> Option<Result<Receipt, Problem>> {
        let (key, fingerprint) = key(filing)?;
        let answer = self.given.get(&key)?;
        if answer.fingerprint != fingerprint {
            return Some(Err(Problem::invalid("request.key_reused")));
        }
        let standing = &called?.standing;
        let kept: Kept = match serde_json::from_slice(&answer.response) {
            Ok(kept) => kept,
            Err(error) => return Some(Err(Problem::internal(error))),
        };
        Some(Ok(Receipt {
            unit: standing.unit,
            chain: standing.chain.clone(),
            day: filing.draft.day,
            link: Link { lane: kept.lane, no: kept.no },
            rev: kept.rev,
            at_ms: kept.at_ms,
            on_time: kept.on_time,
            act: kept.act,
            corrects: false,
            findings: kept.findings,
        }))
    }

    /// Keeps an answer. Refusals are not kept: what was refused may be put right and sent again.
    pub(super) fn keep(&mut self, filing: &Filing, receipt: &Receipt) -> Result<(), Fail> {
        let Some((key, fingerprint)) = key(filing) else { return Ok(()) };
        let kept = Kept {
            lane: receipt.link.lane,
            no: receipt.link.no,
            rev: receipt.rev,
            at_ms: receipt.at_ms,
            on_time: receipt.on_time,
            act: receipt.act,
            findings: receipt.findings.clone(),
        };
        let response = serde_json::to_vec(&kept).map_err(Problem::internal)?;
        let expires_at = filing.ctx.now_ms + KEPT_MS;
        let answer = Answered { fingerprint: fingerprint.to_vec(), response, expires_at };
        self.given.insert(key.clone(), answer.clone());
        self.new.push((key, answer));
        Ok(())
    }

    pub(super) fn close(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.requests_store(self.new)
    }
}
