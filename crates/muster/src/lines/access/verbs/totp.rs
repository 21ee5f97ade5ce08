//! A second thing to come in by: six digits that an authenticator shows (RFC 6238), from a secret that is sealed at rest. No
//! code is taken twice.

use super::accounts::noted;
use crate::lines::access::store::tokens::{self as store, PLACE, subject};
use crate::lines::access::store::{accounts, names};
use crate::seal::{Chance, Seals, person_keys_drop};
use crate::{Ctx, Fail};
use muster_kernel::{Problem, ProblemKind};
use muster_store::{Rows, StoreError, Tx};
use rand_core::TryRng as _;
use serde_json::json;
use totp_rs::{Algorithm, Secret, TOTP};
use zeroize::Zeroizing;

/// Seconds that a code holds (RFC 6238, 5.2).
const STEP_S: i64 = 30;
/// Steps before and after the present one that are taken: clocks of telephones are not right.
const SKEW: i64 = 1;

/// What an authenticator is to be told, once.
#[derive(Debug)]
pub struct TotpBegun {
    /// Base32.
    pub secret: Zeroizing<String>,
    /// `otpauth://totp/…`, for a QR code.
    pub uri: Zeroizing<String>,
}

/// Draws a secret for the actor's own account, in the place of one that was never confirmed. `issuer`: the office's title.
///
/// # Errors
/// `totp.set` where one is confirmed; `seal.key_missing`.
pub fn totp_begin(tx: &mut Tx, ctx: &Ctx, account: &str, issuer: &str) -> Result<TotpBegun, Fail> {
    let unknown = || Problem::not_found("account.unknown").with("name", account);
    let row = accounts::account_open(tx, account, ctx.today())?.ok_or_else(unknown)?;
    if store::totp_of(tx, &ctx.seals, account)?.is_some_and(|totp| totp.confirmed) {
        return Err(Problem::conflict("totp.set").into());
    }
    let mut bytes = Zeroizing::new(vec![0_u8; 20]);
    Chance.try_fill_bytes(&mut bytes).map_err(Problem::internal)?;
    let Secret::Encoded(secret) = Secret::Raw(bytes.to_vec()).to_encoded() else {
        return Err(Problem::internal("a secret that is encoded").into());
    };
    let secret = Zeroizing::new(secret);
    let sealed = ctx.seals.seal_rows(tx, PLACE, &[(row.unit, subject(account), &secret)])?;
    store::totp_set(tx, account, &sealed[0])?;
    // A colon parts the issuer from the name, in what authenticators read.
    let plain = |text: &str| text.replace(':', " ");
    let named = names::names_of(tx, &ctx.seals, &[row.id])?;
    let name = named.iter().find_map(|named| named.text()).unwrap_or_default();
    let uri = totp(&secret, plain(issuer), plain(name))?.get_url();
    Ok(TotpBegun { secret, uri: Zeroizing::new(uri) })
}

fn totp(secret: &str, issuer: String, name: String) -> Result<TOTP, Problem> {
    let bytes = Secret::Encoded(secret.to_owned()).to_bytes().map_err(|_| Problem::internal("base32"))?;
    TOTP::new(Algorithm::SHA1, 6, SKEW as u8, STEP_S as u64, bytes, Some(issuer), name)
        .map_err(Problem::internal)
}

/// The step whose code it is, around an instant; none where it is no code.
fn step_of(secret: &str, code: &str, now_ms: i64) -> Result<Option<i64>, Problem> {
    let totp = totp(secret, String::new(), String::new())?;
    let now = now_ms / 1_000 / STEP_S;
    let is = |step: &i64| {
        let own = totp.generate(u64::try_from(*step * STEP_S).unwrap_or(0));
        constant_time_eq::constant_time_eq(own.as_bytes(), code.as_bytes())
    };
    Ok((now - SKEW..=now + SKEW).rev().find(is))
}

/// Confirms it by a first code: from then on it is asked for.
///
/// # Errors
/// `totp.none`, `totp.code`, `seal.key_missing`.
pub fn totp_confirm(tx: &mut Tx, ctx: &Ctx, account: &str, code: &str) -> Result<(), Fail> {
    let unknown = || Problem::not_found("account.unknown").with("name", account);
    let row = accounts::account_open(tx, account, ctx.today())?.ok_or_else(unknown)?;
    if store::totp_of(tx, &ctx.seals, account)?.is_some_and(|totp| totp.confirmed) {
        return Err(Problem::conflict("totp.set").into());
    }
    if !taken(tx, &ctx.seals, account, code, ctx.now_ms)? {
        return Err(Problem::invalid("totp.code").into());
    }
    Ok(noted(tx, ctx, "totp.set", &row, &json!({}))?)
}

/// Takes it away, by a code of it.
///
/// # Errors
/// As [`totp_confirm`].
pub fn totp_end(tx: &mut Tx, ctx: &Ctx, account: &str, code: &str) -> Result<(), Fail> {
    let unknown = || Problem::not_found("account.unknown").with("name", account);
    let row = accounts::account_open(tx, account, ctx.today())?.ok_or_else(unknown)?;
    if !taken(tx, &ctx.seals, account, code, ctx.now_ms)? {
        return Err(Problem::invalid("totp.code").into());
    }
    totp_forget(tx, &ctx.seals, account)?;
    Ok(noted(tx, ctx, "totp.end", &row, &json!({}))?)
}

/// Forgets it, and destroys its key.
pub(super) fn totp_forget(tx: &mut Tx, seals: &Seals, account: &str) -> Result<(), StoreError> {
    if store::totp_drop(tx, account)? {
        person_keys_drop(tx, &[subject(account)])?;
        seals.note_erased();
    }
    Ok(())
}

/// Whether a code is one that was not taken yet; then it is.
pub(super) fn taken(
    tx: &mut Tx,
    seals: &Seals,
    account: &str,
    code: &str,
    now_ms: i64,
) -> Result<bool, Fail> {
    let totp = store::totp_of(tx, seals, account)?.ok_or_else(|| Problem::conflict("totp.none"))?;
    let secret = totp.secret.map_err(|closed| closed.problem(totp.unit))?;
    match step_of(&secret, code.trim(), now_ms)? {
        Some(step) if step > totp.step => Ok(store::totp_step(tx, account, step)?),
        _ => Ok(false),
    }
}

/// Whether an account is asked for a code.
pub fn totp_state(rows: &mut impl Rows, seals: &Seals, account: &str) -> Result<bool, StoreError> {
    Ok(store::totp_of(rows, seals, account)?.is_some_and(|totp| totp.confirmed))
}

/// The refusal of whoever has the password and said no code.
pub(super) fn needed() -> Problem {
    Problem::new(ProblemKind::Unauthenticated, "session.code_needed")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret of the ASCII text `12345678901234567890`, SHA-1, the last six of eight digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (at_s, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(secret, code, at_s * 1_000).unwrap(), Some(at_s / 30), "{at_s}");
            // A telephone's clock may be half a minute off, and not two.
            assert_eq!(step_of(secret, code, (at_s + 30) * 1_000).unwrap(), Some(at_s / 30));
            assert_eq!(step_of(secret, code, (at_s + 90) * 1_000).unwrap(), None);
            assert_eq!(step_of(secret, "", at_s * 1_000).unwrap(), None);
            assert_eq!(step_of(secret, &code[1..], at_s * 1_000).unwrap(), None);
        }
    }
}
