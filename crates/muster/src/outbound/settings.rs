//! What the operator says of what may be reached outside: one TOML file, read when the server starts. Secrets lie in files
//! of their own, so that neither a process list nor a copied settings file tells one.

use ipnet::IpNet;
use lettre::Address;
use muster_kernel::Problem;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How these files are read, and what is wrong with one told.
const FILES: crate::settings::Settings = crate::settings::Settings("outbound.settings");
/// Most hosts, and most networks.
const HOSTS_MAX: usize = 200;
/// Longest host name (RFC 1035).
const NAME_CHARS_MAX: usize = 253;
/// Where robots of 企业微信 and of 钉钉 are, unless the operator says otherwise.
const WECOM: &str = "https://qyapi.weixin.qq.com";
const DINGTALK: &str = "https://oapi.dingtalk.com";

/// How the way to the mail server is kept from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// From the first byte (port 465).
    #[default]
    Implicit,
    /// By STARTTLS, and nothing is said before (port 587).
    Starttls,
    /// Not at all: on this very machine alone.
    None,
}

/// The mail server.
#[derive(Clone)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept from others.
    pub tls: Encryption,
    /// As whom the house writes.
    pub from: Address,
    /// Login, where it asks for one, and its password.
    pub login: Option<(String, Zeroizing<String>)>,
    /// Certificates (PEM) of the authority that alone is believed about it; none: those of the machine.
    pub authority: Option<Vec<u8>>,
}

/// What may be reached. `Debug` tells no secret.
#[derive(Clone)]
pub struct Settings {
    /// Hosts that may be asked over HTTP, with their ports.
    pub hosts: Vec<(String, u16)>,
    /// Networks that are not public, and may be reached all the same.
    pub private: Vec<IpNet>,
    /// Certificates (PEM) of the authority that alone is believed about those hosts; none: those of the machine.
    pub authority: Option<Vec<u8>>,
    /// The mail server; none: no mail is sent.
    pub smtp: Option<Smtp>,
    /// Where files are written; none: no files.
    pub folder: Option<PathBuf>,
    /// Where robots of 企业微信 are.
    pub wecom: String,
    /// Where robots of 钉钉 are.
    pub dingtalk: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            private: Vec::new(),
            authority: None,
            smtp: None,
            folder: None,
            wecom: WECOM.to_owned(),
            dingtalk: DINGTALK.to_owned(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    private: Vec<String>,
    ca_file: Option<PathBuf>,
    folder: Option<PathBuf>,
    wecom: Option<String>,
    dingtalk: Option<String>,
    smtp: Option<Mail>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mail {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    tls: Encryption,
    from: String,
    user: Option<String>,
    password_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
}

/// Reads the file. Files that it names are looked for beside it.
///
/// # Errors
/// `outbound.settings` with the file and what is wrong with it.
pub fn read(file: &Path) -> Result<Settings, Problem> {
    let text = String::from_utf8(FILES.bytes(file)?).map_err(|_| FILES.wrong(file, &"it is no UTF-8"))?;
    // What stands there is not repeated: somebody may have written a secret where none belongs.
    let said: File = toml::from_str(&text).map_err(|error| FILES.wrong(file, &error.message()))?;
    if said.hosts.len() > HOSTS_MAX || said.private.len() > HOSTS_MAX {
        return Err(FILES.wrong(file, &format_args!("more than {HOSTS_MAX} hosts or networks")));
    }
    let beside = |path: &Path| file.parent().unwrap_or(Path::new("")).join(path);
    let mut settings = Settings::default();
    for one in &said.hosts {
        let host = host_port(one).ok_or_else(|| FILES.wrong(file, &"hosts: host, or host:port"))?;
        settings.hosts.push(host);
    }
    for one in &said.private {
        let network = one.parse().map_err(|_| FILES.wrong(file, &"private: networks such as 10.1.0.0/16"))?;
        settings.private.push(network);
    }
    settings.authority = said.ca_file.as_deref().map(|path| FILES.bytes(&beside(path))).transpose()?;
    settings.folder = said.folder.as_deref().map(beside);
    if let Some(folder) = &settings.folder
        && !folder.is_dir()
    {
        return Err(FILES.wrong(file, &"folder: there is none"));
    }
    if let Some(at) = said.wecom {
        settings.wecom = at.trim_end_matches('/').to_owned();
    }
    if let Some(at) = said.dingtalk {
        settings.dingtalk = at.trim_end_matches('/').to_owned();
    }
    settings.smtp = said.smtp.map(|mail| smtp(file, mail, &beside)).transpose()?;
    Ok(settings)
}

fn smtp(file: &Path, mail: Mail, beside: &dyn Fn(&Path) -> PathBuf) -> Result<Smtp, Problem> {
    if !is_host(&mail.host) {
        return Err(FILES.wrong(file, &"smtp: host: a host name, without scheme and port"));
    }
    let from = mail.from.parse().map_err(|_| FILES.wrong(file, &"smtp: from: a mail address"))?;
    let here = mail.host == "localhost"
        || mail.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if mail.tls == Encryption::None && !here {
        return Err(FILES.wrong(file, &"smtp: tls: none only on this very machine"));
    }
    let login = match (mail.user, mail.password_file) {
        (None, None) => None,
        (Some(user), Some(path)) => Some((user, FILES.secret(&beside(&path))?)),
        _ => return Err(FILES.wrong(file, &"smtp: user and password_file go together")),
    };
    let usual = match mail.tls {
        Encryption::Implicit => 465,
        Encryption::Starttls => 587,
        Encryption::None => 25,
    };
    Ok(Smtp {
        host: mail.host,
        port: mail.port.unwrap_or(usual),
        tls: mail.tls,
        from,
        login,
        authority: mail.ca_file.as_deref().map(|path| FILES.bytes(&beside(path))).transpose()?,
    })
}

/// A host with its port (443 where none is said); none where it is no host.
fn host_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()?),
        _ => (text, 443),
    };
    is_host(host).then(|| (host.to_ascii_lowercase(), port))
}

fn is_host(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    (1..=NAME_CHARS_MAX).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const GOOD: &str = "hosts = [\"hooks.example\", \"hooks.example:8443\"]\nprivate = [\"10.1.0.0/16\"]\n\
                        folder = \"out\"\n[smtp]\nhost = \"mail.example\"\nfrom = \"desk@office.example\"\n\
                        user = \"desk\"\npassword_file = \"password\"\n";

    fn said(folder: &Path, text: &str) -> Result<Settings, String> {
        let file = folder.join("outbound.toml");
        fs::write(&file, text).unwrap();
        read(&file).map_err(|problem| {
            assert_eq!(problem.code, "outbound.settings");
            problem.args["why"].clone()
        })
    }

    #[test]
    fn a_file_is_read_or_refused_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("password"), "pass word of ours\n").unwrap();
        fs::create_dir(folder.join("out")).unwrap();
        let settings = said(folder, GOOD).unwrap();
        assert_eq!(settings.hosts, [("hooks.example".to_owned(), 443), ("hooks.example".to_owned(), 8443)]);
        let smtp = settings.smtp.as_ref().unwrap();
        assert_eq!((smtp.port, smtp.tls), (465, Encryption::Implicit));
        assert_eq!(smtp.login.as_ref().unwrap().1.as_str(), "pass word of ours");
        assert!(!format!("{settings:?}").contains("pass word"));
        assert!(said(folder, "").unwrap().smtp.is_none(), "nothing is named: nothing is reached");
        for (from, to, why) in [
            ("\"hooks.example\"", "\"https://hooks.example\"", "hosts"),
            ("\"hooks.example\"", "\"\"", "hosts"),
            ("10.1.0.0/16", "10.1.0.0/160", "private"),
            ("\"out\"", "\"nowhere\"", "folder"),
            ("mail.example", "smtp://mail.example", "host"),
            ("desk@office.example", "desk", "from"),
            ("user = \"desk\"\n", "", "go together"),
            ("\"password\"", "\"nowhere\"", "No such file"),
            ("from =", "form =", "unknown field"),
            ("user =", "tls = \"none\"\nuser =", "this very machine"),
            ("user =", "tls = \"ssl\"\nuser =", "unknown variant"),
            ("user =", "ca_file = \"nowhere\"\nuser =", "No such file"),
        ] {
            let told = said(folder, &GOOD.replacen(from, to, 1)).err().unwrap_or_default();
            assert!(told.contains(why), "{to}: {told}");
        }
        let here = GOOD.replace("mail.example", "127.0.0.1").replace("user =", "tls = \"none\"\nuser =");
        assert_eq!(said(folder, &here).unwrap().smtp.unwrap().port, 25);
        // A secret where none belongs is not told on.
        let told = said(folder, &format!("{GOOD}password = \"hidden word\"\n")).err().unwrap();
        assert!(!told.contains("hidden word"), "{told}");
    }
}
