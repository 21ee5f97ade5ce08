//! What the operator says of groups' services: one TOML file, read when the server starts. Secrets lie in files of their
//! own, so that neither a process list nor a copied settings file tells one.

use muster_kernel::Problem;
use openidconnect::url::{Host, Url};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How these files are read, and what is wrong with one told.
const FILES: crate::settings::Settings = crate::settings::Settings("oidc.settings");
/// Longest id of a service.
const ID_CHARS_MAX: usize = 40;
/// Longest name on a button, in characters.
const NAME_CHARS_MAX: usize = 60;
/// Most services.
const PROVIDERS_MAX: usize = 50;

/// Which claim of an ID token says who somebody is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The service's own key of a person, which it never gives to another.
    #[default]
    Sub,
    /// The address, where the service says that it was verified.
    Email,
    /// What the person is called there.
    PreferredUsername,
}

impl Claim {
    /// Its word, as tokens say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sub => "sub",
            Self::Email => "email",
            Self::PreferredUsername => "preferred_username",
        }
    }

    /// A person's word as it is compared: nobody writes an address in capitals to mean another.
    pub fn said(self, word: &str) -> String {
        match self {
            Self::Email => word.trim().to_lowercase(),
            Self::Sub | Self::PreferredUsername => word.trim().to_owned(),
        }
    }
}

/// A group's service. `Debug` tells no secret.
#[derive(Clone)]
pub struct Settings {
    /// Short id: lower-case letters, digits and hyphens, at most 40. Accounts are linked to it.
    pub id: String,
    /// What stands on the button.
    pub name: String,
    /// Its address as it calls itself in its tokens, to the letter.
    pub issuer: String,
    /// What it calls this server.
    pub client_id: String,
    /// What this server shows it.
    pub secret: Zeroizing<String>,
    /// Which claim says who somebody is.
    pub claim: Claim,
    /// Certificates (PEM) of the authority that alone is believed about it; none: those of the machine.
    pub authority: Option<Vec<u8>>,
    /// Code of the unit in whose part of the tree it opens accounts; none: it may be any.
    pub unit: Option<String>,
    /// Hosts besides its issuer's that it may be asked at.
    pub hosts: Vec<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("id", &self.id).field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    address: Option<String>,
    provider: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    name: String,
    issuer: String,
    client_id: String,
    client_secret_file: PathBuf,
    #[serde(default)]
    claim: Claim,
    ca_file: Option<PathBuf>,
    unit: Option<String>,
    #[serde(default)]
    hosts: Vec<String>,
}

/// Reads the file of services, and the address that it says of this server, where it says one. Files that it names are
/// looked for beside it.
///
/// # Errors
/// `oidc.settings` with the file and what is wrong with it.
pub fn read(file: &Path) -> Result<(Vec<Settings>, Option<String>), Problem> {
    let text = String::from_utf8(FILES.bytes(file)?).map_err(|_| FILES.wrong(file, &"it is no UTF-8"))?;
    // What stands there is not repeated: somebody may have written a secret where none belongs.
    let said: File = toml::from_str(&text).map_err(|error| FILES.wrong(file, &error.message()))?;
    if said.provider.len() > PROVIDERS_MAX {
        return Err(FILES.wrong(file, &format_args!("more than {PROVIDERS_MAX} providers")));
    }
    if let Some(address) = &said.address {
        own_address(address).map_err(|why| FILES.wrong(file, &format_args!("address: {why}")))?;
    }
    let mut ids = BTreeSet::new();
    let mut all = Vec::new();
    for one in said.provider {
        let of = |why: &dyn fmt::Display| {
            let shown: String = one.id.chars().take(ID_CHARS_MAX).collect();
            FILES.wrong(file, &format_args!("{shown}: {why}"))
        };
        if !is_id(&one.id) {
            return Err(of(&"id: lower-case letters, digits and hyphens"));
        }
        if !ids.insert(one.id.clone()) {
            return Err(of(&"id: it is there twice"));
        }
        let name = one.name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            return Err(of(&format_args!("name: 1 to {NAME_CHARS_MAX} characters")));
        }
        if one.client_id.is_empty() || one.client_id.len() > 255 {
            return Err(of(&"client_id: 1 to 255 characters"));
        }
        issuer(&one.issuer).map_err(|why| of(&format_args!("issuer: {why}")))?;
        for host in &one.hosts {
            Host::parse(host).map_err(|_| of(&"hosts: host names, without scheme and port"))?;
        }
        let beside = |path: &Path| file.parent().unwrap_or(Path::new("")).join(path);
        let authority = one.ca_file.as_deref().map(|path| FILES.bytes(&beside(path))).transpose()?;
        all.push(Settings {
            name: name.to_owned(),
            secret: FILES.secret(&beside(&one.client_secret_file))?,
            authority,
            id: one.id,
            issuer: one.issuer,
            client_id: one.client_id,
            claim: one.claim,
            unit: one.unit,
            hosts: one.hosts,
        });
    }
    Ok((all, said.address))
}

/// Whether a word may be the id of a service.
pub fn is_id(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=ID_CHARS_MAX).contains(&word.len()) && word.bytes().all(plain)
}

/// An issuer's address: https, or http on this very machine; no query, no fragment, nobody's name in it.
pub(super) fn issuer(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "it is no address")?;
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err("an address without query, fragment and user");
    }
    match (url.scheme(), is_here(&url)) {
        ("https", _) | ("http", true) => Ok(url),
        _ => Err("https, or http on this very machine"),
    }
}

fn own_address(text: &str) -> Result<(), &'static str> {
    let url = issuer(text)?;
    if url.path() == "/" { Ok(()) } else { Err("scheme and host, without a path") }
}

/// Whether an address is one of this machine alone.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A folder that is gone when its test is.
    struct Folder(PathBuf);
    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    const GOOD: &str = "id = \"g1\"\nname = \"省立医院\"\nissuer = \"https://id.example/realms/staff\"\n\
                        client_id = \"muster\"\nclient_secret_file = \"secret\"\n";

    fn read_text(folder: &Folder, text: &str) -> Result<(Vec<Settings>, Option<String>), String> {
        let file = folder.0.join("oidc.toml");
        fs::write(&file, text).unwrap();
        read(&file).map_err(|problem| {
            assert_eq!(problem.code, "oidc.settings");
            problem.args["why"].clone()
        })
    }

    #[test]
    fn a_file_of_services_is_read_or_refused_with_its_reason() {
        let folder = Folder(std::env::temp_dir().join(format!("muster-oidc-{}", std::process::id())));
        fs::create_dir_all(&folder.0).unwrap();
        fs::write(folder.0.join("secret"), "  s3cret of ours\n").unwrap();
        fs::write(folder.0.join("empty"), "\n").unwrap();
        let (all, address) = read_text(
            &folder,
            &format!(
                "address = \"https://desk.example\"\n[[provider]]\n{GOOD}unit = \"G1\"\nclaim = \"email\"\n"
            ),
        )
        .unwrap();
        assert_eq!((all[0].secret.as_str(), all[0].claim), ("s3cret of ours", Claim::Email));
        assert_eq!((all[0].unit.as_deref(), address.as_deref()), (Some("G1"), Some("https://desk.example")));
        assert!(!format!("{all:?}").contains("s3cret"));
        let one =
            |from: &str, to: &str| read_text(&folder, &format!("[[provider]]\n{}", GOOD.replace(from, to)));
        for (from, to, why) in [
            ("\"g1\"", "\"G 1\"", "G 1: id"),
            ("\"省立医院\"", "\"\"", "g1: name"),
            ("https://id.example", "http://id.example", "g1: issuer: https"),
            ("https://id.example/realms/staff", "https://u:p@id.example/", "g1: issuer"),
            ("https://id.example/realms/staff", "id.example", "g1: issuer: it is no address"),
            ("\"muster\"", "\"\"", "g1: client_id"),
            ("\"secret\"", "\"nowhere\"", "No such file"),
            ("\"secret\"", "\"empty\"", "one line"),
            ("name =", "nmae =", "unknown field `nmae`"),
            ("\"secret\"\n", "\"secret\"\nhosts = [\"https://a\"]\n", "g1: hosts"),
            ("\"secret\"\n", "\"secret\"\nclaim = \"name\"\n", "unknown variant"),
            ("\"secret\"\n", "\"secret\"\nca_file = \"nowhere\"\n", "No such file"),
        ] {
            let said = one(from, to).err().unwrap_or_default();
            assert!(said.contains(why), "{to}: {said}");
        }
        let twice = read_text(&folder, &format!("[[provider]]\n{GOOD}[[provider]]\n{GOOD}")).err().unwrap();
        assert!(twice.contains("twice"), "{twice}");
        for bad in ["https://desk.example/x", "http://desk.example", "desk"] {
            assert!(
                read_text(&folder, &format!("address = \"{bad}\"\n[[provider]]\n{GOOD}")).is_err(),
                "{bad}"
            );
        }
        for here in ["http://127.0.0.1:9", "http://localhost:9/x", "http://[::1]:9"] {
            assert!(one("https://id.example/realms/staff", here).is_ok(), "{here}");
        }
        // A secret where none belongs is not told on.
        let said = read_text(&folder, &format!("[[provider]]\n{GOOD}client_secret = \"hidden word\"\n"));
        assert!(!said.err().unwrap().contains("hidden word"));
    }
}
