//! Robots of groups on two chat platforms, in the formats that these document: 企业微信 (群机器人) and 钉钉 (自定义机器人). Either
//! answers 200 whatever came of it, and says it in `errcode`.

use super::Message;
use super::webhook::signed;
use crate::outbound::model::{Erred, Target};
use crate::outbound::reach::Web;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// What may be otherwise the next time: the platform is busy, or was asked too often.
const WECOM_AGAIN: &[i64] = &[-1, 45009, 45033];
const DINGTALK_AGAIN: &[i64] = &[-1, 130101, 410100, 410101];

pub(super) async fn wecom(web: &Web, at: &str, target: &Target, message: &Message) -> Result<(), Erred> {
    let url = format!("{at}/cgi-bin/webhook/send?key={}", escaped(&target.key));
    let body = |(n, part): (usize, &String)| {
        let mut text = json!({ "content": part });
        if n == 0 && !target.mentions.is_empty() {
            text["mentioned_mobile_list"] = json!(target.mentions);
        }
        json!({ "msgtype": "text", "text": text })
    };
    let bodies = message.parts.iter().enumerate().map(body).collect();
    post(web, &url, bodies, message.parts_sent, WECOM_AGAIN).await
}

/// `sign` is the HMAC of the timestamp, a line end and the secret, by the secret, as base64 in the address.
pub(super) async fn dingtalk(web: &Web, at: &str, target: &Target, message: &Message) -> Result<(), Erred> {
    let mut url = format!("{at}/robot/send?access_token={}", escaped(&target.key));
    if !target.secret.is_empty() {
        url.push_str(&format!(
            "&timestamp={}&sign={}",
            message.at_ms,
            escaped(&sign(message.at_ms, &target.secret))
        ));
    }
    let body = |(n, part): (usize, &String)| {
        let mobiles = if n == 0 { &target.mentions[..] } else { &[] };
        json!({
            "msgtype": "text",
            "text": { "content": part },
            "at": { "atMobiles": mobiles, "isAtAll": false },
        })
    };
    let bodies = message.parts.iter().enumerate().map(body).collect();
    post(web, &url, bodies, message.parts_sent, DINGTALK_AGAIN).await
}

fn sign(at_ms: i64, secret: &str) -> String {
    STANDARD.encode(signed(secret, &[at_ms.to_string().as_bytes(), b"\n", secret.as_bytes()]))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Posts the parts that were not taken before, one after the other; says how many were where one is not.
async fn post(web: &Web, url: &str, bodies: Vec<Value>, before: usize, again: &[i64]) -> Result<(), Erred> {
    for (n, body) in bodies.into_iter().enumerate().skip(before) {
        let came = web.post(url, &[], body.to_string().into_bytes()).await;
        came.and_then(|body| answered(&body, again)).map_err(|erred| Erred { parts_sent: n, ..erred })?;
    }
    Ok(())
}

fn answered(body: &[u8], again: &[i64]) -> Result<(), Erred> {
    let said = serde_json::from_slice::<Value>(body).ok();
    match said.and_then(|said| said["errcode"].as_i64()) {
        Some(0) => Ok(()),
        Some(code) if again.contains(&code) => Err(Erred::again(format!("errcode_{code}"))),
        Some(code) => Err(Erred::for_good(format!("errcode_{code}"))),
        None => Err(Erred::again("answer_broken")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with the platform's own example in Python: `hmac.new(secret, f'{timestamp}\n{secret}', sha256)`, base64.
    #[test]
    fn it_is_signed_as_dingtalk_says() {
        assert_eq!(sign(1_580_954_400_000, "SECabc"), "UpW7tciCdU7AOa6c2OjnzsbFiYtVV71XReh5gYXyDTc=");
        assert_eq!(escaped("a+b/c="), "a%2Bb%2Fc%3D");
    }

    #[test]
    fn what_a_robot_answers_is_a_failure_unless_it_says_zero() {
        let code =
            |body: &str| answered(body.as_bytes(), WECOM_AGAIN).map_err(|erred| (erred.code, erred.for_good));
        assert_eq!(code(r#"{"errcode":0,"errmsg":"ok"}"#), Ok(()));
        assert_eq!(code(r#"{"errcode":93000,"errmsg":"x"}"#), Err(("errcode_93000".into(), true)));
        assert_eq!(code(r#"{"errcode":45009,"errmsg":"x"}"#), Err(("errcode_45009".into(), false)));
        for broken in ["", "<html>", "{}", "[0]"] {
            assert_eq!(code(broken), Err(("answer_broken".into(), false)), "{broken}");
        }
    }
}
