//! What a channel may be: all that is wrong, each at its field. Pure.

use crate::outbound::model::{Kind, Quiet, Target};
use lettre::Address;
use muster_kernel::Finding;
use muster_kernel::words::has_control;
use openidconnect::url::Url;

/// Longest code of a channel, in characters.
const CODE_CHARS_MAX: usize = 40;
/// Longest address, key, secret and login, in bytes.
const ADDRESS_BYTES_MAX: usize = 2_000;
const SECRET_BYTES_MAX: usize = 500;
/// Most telephones that a robot calls by name.
const MENTIONS_MAX: usize = 20;

/// A channel as somebody wants it.
#[derive(Clone, Debug, Default)]
pub struct ChannelDraft {
    /// By what it is reached.
    pub kind: Option<Kind>,
    /// Where it leads, and what opens it.
    pub target: Target,
    /// `HH:MM`.
    pub quiet_from: Option<String>,
    /// `HH:MM`.
    pub quiet_until: Option<String>,
}

/// A channel that may be: its kind, what may be told of where it leads, where it leads, when it is quiet.
pub type ChannelChecked = (Kind, String, Target, Option<Quiet>);

/// What is wrong with a draft, or what it comes to. `tests`: whether the arm for tests is there.
///
/// # Errors
/// All that is wrong, each at its field.
pub fn channel_check(code: &str, draft: &ChannelDraft, tests: bool) -> Result<ChannelChecked, Vec<Finding>> {
    let mut found = Vec::new();
    let mut wrong = |code: &'static str, field: &'static str| found.push(Finding::refuse(code).field(field));
    if !is_code(code) {
        wrong("channel.code", "channel");
    }
    let kind = draft.kind.unwrap_or(Kind::Folder);
    if kind == Kind::Memory && !tests {
        wrong("channel.kind", "kind");
    }
    let mut target = draft.target.clone();
    let takes: &[&str] = match kind {
        Kind::Mail => &["address", "user", "secret"],
        Kind::Webhook => &["address", "secret"],
        Kind::Wecom => &["key", "mentions"],
        Kind::Dingtalk => &["key", "secret", "mentions"],
        Kind::Folder | Kind::Memory => &["address"],
    };
    for (field, text, bytes_max) in [
        ("address", &target.address, ADDRESS_BYTES_MAX),
        ("key", &target.key, ADDRESS_BYTES_MAX),
        ("secret", &target.secret, SECRET_BYTES_MAX),
        ("user", &target.user, SECRET_BYTES_MAX),
    ] {
        if !text.is_empty() && !takes.contains(&field) {
            wrong("channel.not_of_kind", field);
        } else if text.len() > bytes_max || has_control(text) || text.contains(['\n', '\r']) {
            wrong("channel.text", field);
        }
    }
    if !target.mentions.is_empty() && !takes.contains(&"mentions") {
        wrong("channel.not_of_kind", "mentions");
    }
    if target.mentions.len() > MENTIONS_MAX || !target.mentions.iter().all(|number| is_mobile(number)) {
        wrong("channel.mentions", "mentions");
    }
    let mut host = String::new();
    match kind {
        Kind::Mail => match target.address.parse::<Address>() {
            Ok(address) => host = address.domain().to_owned(),
            Err(_) => wrong("channel.mail", "address"),
        },
        Kind::Webhook => match url_host(&target.address) {
            Some(found) => host = found,
            None => wrong("channel.url", "address"),
        },
        Kind::Wecom | Kind::Dingtalk => match key_of(&target.key) {
            Some(key) => target.key = key,
            None => wrong("channel.key", "key"),
        },
        Kind::Folder | Kind::Memory if is_code(&target.address) => host.clone_from(&target.address),
        Kind::Folder | Kind::Memory => wrong("channel.folder", "address"),
    }
    if kind == Kind::Mail && target.user.is_empty() != target.secret.is_empty() {
        wrong("channel.login", "user");
    }
    let quiet = match (draft.quiet_from.as_deref(), draft.quiet_until.as_deref()) {
        (None, None) => None,
        (from, until) => match (from.and_then(minutes), until.and_then(minutes)) {
            (Some(from_min), Some(until_min)) if from_min != until_min => Some(Quiet { from_min, until_min }),
            (None, _) => {
                wrong("channel.quiet", "quiet_from");
                None
            }
            _ => {
                wrong("channel.quiet", "quiet_until");
                None
            }
        },
    };
    if found.is_empty() { Ok((kind, host, target, quiet)) } else { Err(found) }
}

/// Lower-case letters, digits and hyphens; no way out of a folder.
fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=CODE_CHARS_MAX).contains(&text.len()) && text.bytes().all(plain)
}

/// A telephone as a robot takes it: digits alone.
fn is_mobile(text: &str) -> bool {
    (5..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Host and port of an address that may be a webhook: https, or http on this very machine; whether it may be reached the
/// operator says.
fn url_host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?.to_owned();
    let is_open = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !is_open || !matches!(url.scheme(), "https" | "http") {
        return None;
    }
    Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
}

/// A robot's key, alone or in the address that the platform shows.
fn key_of(text: &str) -> Option<String> {
    let key = match text.starts_with("https://") {
        false => text.to_owned(),
        true => {
            let url = Url::parse(text).ok()?;
            let said = url.query_pairs().find(|(name, _)| name == "key" || name == "access_token")?;
            said.1.into_owned()
        }
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    ((8..=200).contains(&key.len()) && key.bytes().all(plain)).then_some(key)
}

fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |digits: &str| digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !two(hours) || !two(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, target: Target) -> Result<(String, Target), Vec<(String, String)>> {
        let draft = ChannelDraft { kind: Some(kind), target, ..ChannelDraft::default() };
        let told = |found: Vec<Finding>| {
            found
                .into_iter()
                .map(|one| (one.code.to_string(), one.at.field.unwrap_or_default().to_string()))
                .collect()
        };
        channel_check("duty", &draft, false).map(|(_, host, target, _)| (host, target)).map_err(told)
    }

    fn with(mut target: Target, set: impl FnOnce(&mut Target)) -> Target {
        set(&mut target);
        target
    }

    fn at(address: &str) -> Target {
        with(Target::default(), |target| target.address = address.into())
    }

    fn keyed(key: &str) -> Target {
        with(Target::default(), |target| target.key = key.into())
    }

    #[test]
    fn a_channel_may_be_or_all_that_is_wrong_is_said() {
        let host = |kind, target| check(kind, target).unwrap().0;
        assert_eq!(host(Kind::Mail, at("duty@g1.example")), "g1.example");
        assert_eq!(host(Kind::Webhook, at("https://hooks.example:8443/x?token=s")), "hooks.example:8443");
        assert_eq!(host(Kind::Folder, at("g1")), "g1");
        let key = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa";
        for said in [key.to_owned(), format!("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key}")] {
            assert_eq!(check(Kind::Wecom, keyed(&said)).unwrap().1.key, key);
        }
        let wrong = |kind, target, code: &str, field: &str| {
            let found = check(kind, target).unwrap_err();
            assert!(found.contains(&(code.into(), field.into())), "{code}: {found:?}");
        };
        for bad in ["", "duty", "duty@", "a@b@c", "duty@g1.example\nBcc: x@y.example"] {
            wrong(Kind::Mail, at(bad), "channel.mail", "address");
        }
        for bad in [
            "",
            "hooks.example",
            "ftp://hooks.example",
            "https://me@hooks.example",
            "https://",
            "javascript:1",
        ] {
            wrong(Kind::Webhook, at(bad), "channel.url", "address");
        }
        for bad in ["", "..", "../x", "a/b", "A", &"a".repeat(41)] {
            wrong(Kind::Folder, at(bad), "channel.folder", "address");
        }
        for bad in
            ["", "short", "has space in it", "https://qyapi.weixin.qq.com/", "https://x.example/?key=a%0ab"]
        {
            wrong(Kind::Dingtalk, keyed(bad), "channel.key", "key");
        }
        wrong(Kind::Memory, at("a"), "channel.kind", "kind");
        wrong(
            Kind::Wecom,
            with(keyed(key), |target| target.secret = "x".into()),
            "channel.not_of_kind",
            "secret",
        );
        wrong(
            Kind::Mail,
            with(at("duty@g1.example"), |target| target.user = "x".into()),
            "channel.login",
            "user",
        );
        wrong(
            Kind::Wecom,
            with(keyed(key), |target| target.mentions = vec!["王".into()]),
            "channel.mentions",
            "mentions",
        );
        wrong(
            Kind::Webhook,
            with(at("https://a.example"), |target| target.secret = "x".repeat(501)),
            "channel.text",
            "secret",
        );
    }

    #[test]
    fn quiet_hours_are_two_times_of_the_day() {
        let quiet = |from: Option<&str>, until: Option<&str>| {
            let draft = ChannelDraft {
                kind: Some(Kind::Folder),
                target: at("a"),
                quiet_from: from.map(str::to_owned),
                quiet_until: until.map(str::to_owned),
            };
            channel_check("duty", &draft, false).map(|(.., quiet)| quiet).map_err(|found| found.len())
        };
        assert_eq!(quiet(None, None), Ok(None));
        assert_eq!(quiet(Some("22:00"), Some("07:30")), Ok(Some(Quiet { from_min: 1_320, until_min: 450 })));
        for (from, until) in [
            ("22:00", "22:00"),
            ("24:00", "07:00"),
            ("22:60", "07:00"),
            ("+2:00", "07:00"),
            ("7:00", "08:00"),
        ] {
            assert_eq!(quiet(Some(from), Some(until)), Err(1), "{from} {until}");
        }
        assert_eq!(quiet(Some("22:00"), None), Err(1));
    }
}
