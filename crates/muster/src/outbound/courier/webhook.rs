//! A POST of JSON to an address of the recipient's own. Its key stands in a header and in the body; where a secret was
//! set, `X-Muster-Signature` is `sha256=` and the HMAC (hex) of the timestamp of `X-Muster-Timestamp`, a dot and the body:
//! so whoever repeats an old one is found out by its time.

use super::Message;
use crate::outbound::model::{Erred, Target};
use crate::outbound::reach::Web;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

pub(super) async fn send(web: &Web, target: &Target, message: &Message) -> Result<(), Erred> {
    let body = json!({
        "id": message.key,
        "kind": message.kind,
        "subject": message.subject,
        "text": message.parts.concat(),
        "letters": message.letters,
    });
    let body = body.to_string().into_bytes();
    let timestamp = (message.at_ms / 1_000).to_string();
    let mut headers = vec![("x-muster-id", message.key.clone()), ("x-muster-timestamp", timestamp.clone())];
    if !target.secret.is_empty() {
        let signature = hex::encode(signed(&target.secret, &[timestamp.as_bytes(), b".", &body]));
        headers.push(("x-muster-signature", format!("sha256={signature}")));
    }
    web.post(&target.address, &headers, body).await.map(drop)
}

/// HMAC-SHA256 over some parts.
pub(super) fn signed(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    // A key of any length will do (RFC 2104).
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return Vec::new() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, case 2.
    #[test]
    fn it_is_signed_as_the_standard_says() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(signed("Jefe", &[b"what do ya want ", b"for nothing?"])), expected);
    }
}
