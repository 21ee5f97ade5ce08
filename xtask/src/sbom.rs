//! What is in the one file, for those who must know it: a bill of materials (CycloneDX 1.5, JSON) of the crates and one of
//! the packages of the pages, beside the file.
//!
//! That of the crates is written here from `cargo tree` (what is linked in with just these features for just this machine)
//! and the lock file (the digests), with the standard library alone as all of this program; `npm sbom` writes the other.
//! There is no instant and no chance in it: the same sources give the same bill.

use crate::{Outcome, console, place, step};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const CRATES: &str = "dist/muster.crates.cdx.json";
const PACKAGES: &str = "dist/muster.pages.cdx.json";

/// A crate that is linked in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    version: String,
    licence: String,
    repository: String,
}

/// Writes both bills. `words` are those that say what was built: features, target.
pub(crate) fn write(words: &[&str]) -> Outcome {
    let format = ["--edges", "normal", "--prefix", "none", "--format", "{p}|{l}|{r}"];
    let tree = output(place::cargo(&["tree", "--locked", "-p", "muster"]).args(words).args(format))?;
    let lock = fs::read_to_string("Cargo.lock").map_err(|e| format!("Cargo.lock: {e}"))?;
    let (crates, digests) = (listed(&tree)?, digests(&lock));
    let version = crates.iter().find(|one| one.name == "muster").map_or("", |one| &one.version).to_owned();
    kept(CRATES, &bill(&version, &crates, &digests))?;
    let words = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only", "--omit", "dev"];
    kept(PACKAGES, &output(&mut console::npm(console::FOLDER, &words))?)?;
    step::say(&format!("{CRATES}: {} crates; {PACKAGES}", crates.len()));
    Ok(())
}

fn kept(file: &str, text: &str) -> Outcome {
    fs::write(file, text).map_err(|e| format!("{file}: {e}"))
}

fn output(command: &mut std::process::Command) -> Outcome<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let out = command.output().map_err(|e| format!("{name}: {e}"))?;
    match out.status.success() {
        true => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
        false => Err(format!("{name}: {}", String::from_utf8_lossy(&out.stderr).trim())),
    }
}

/// The lines of `cargo tree`, each crate once: `name v1.2.3 (where)|licence|repository (*)`.
fn listed(tree: &str) -> Outcome<BTreeSet<Crate>> {
    let mut all = BTreeSet::new();
    for line in tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.trim().is_empty())
    {
        let strange = || format!("cargo tree said what is not understood here: {line}");
        let mut parts = line.splitn(3, '|');
        let (what, licence, repository) = (
            parts.next().unwrap_or_default(),
            parts.next().ok_or_else(strange)?,
            parts.next().unwrap_or_default(),
        );
        let mut words = what.split_whitespace();
        let (Some(name), Some(version)) =
            (words.next(), words.next().and_then(|word| word.strip_prefix('v')))
        else {
            return Err(strange());
        };
        all.insert(Crate {
            name: name.to_owned(),
            version: version.to_owned(),
            licence: licence.trim().to_owned(),
            repository: repository.trim().to_owned(),
        });
    }
    Ok(all)
}

/// The digest of each crate that came from a registry, by name and version, as the lock file holds it.
fn digests(lock: &str) -> BTreeMap<(String, String), String> {
    let mut all = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
            line.and_then(|rest| rest.strip_suffix('"')).map(str::to_owned)
        };
        if let (Some(name), Some(version), Some(digest)) =
            (value("name"), value("version"), value("checksum"))
        {
            all.insert((name, version), digest);
        }
    }
    all
}

/// The bill as JSON.
fn bill(version: &str, crates: &BTreeSet<Crate>, digests: &BTreeMap<(String, String), String>) -> String {
    let component = |one: &Crate| {
        let purl = format!("pkg:cargo/{}@{}", one.name, one.version);
        let mut fields = vec![
            text_field("type", "library"),
            text_field("bom-ref", &purl),
            text_field("name", &one.name),
            text_field("version", &one.version),
            text_field("purl", &purl),
        ];
        if !one.licence.is_empty() {
            // `MIT/Apache-2.0` is how a choice was written before it had a word.
            let expression = one.licence.replace('/', " OR ");
            fields.push(format!("\"licenses\": [{{ {} }}]", text_field("expression", &expression)));
        }
        if let Some(digest) = digests.get(&(one.name.clone(), one.version.clone())) {
            let hash = [text_field("alg", "SHA-256"), text_field("content", digest)].join(", ");
            fields.push(format!("\"hashes\": [{{ {hash} }}]"));
        }
        if one.repository.starts_with("https://") {
            let reference = [text_field("type", "vcs"), text_field("url", &one.repository)].join(", ");
            fields.push(format!("\"externalReferences\": [{{ {reference} }}]"));
        }
        format!("    {{ {} }}", fields.join(", "))
    };
    let parts: Vec<String> = crates.iter().filter(|one| one.name != "muster").map(component).collect();
    let own = [
        text_field("type", "application"),
        text_field("bom-ref", "muster"),
        text_field("name", "muster"),
        text_field("version", version),
    ]
    .join(", ");
    format!(
        "{{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.5\",\n  \"version\": 1,\n  \"metadata\": {{ \
         \"component\": {{ {own} }} }},\n  \"components\": [\n{}\n  ]\n}}\n",
        parts.join(",\n")
    )
}

/// A field whose value is a text.
fn text_field(key: &str, value: &str) -> String {
    let mut out = format!("\"{key}\": \"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_holds_each_crate_once_with_its_licence_and_digest() {
        let tree = "muster v0.1.0 (/somewhere/crates/muster)|Apache-2.0|\n\
                    serde v1.0.1|MIT OR Apache-2.0|https://example.test/serde\n\
                    serde v1.0.1|MIT OR Apache-2.0|https://example.test/serde (*)\n\
                    odd v2.0.0 (proc-macro)|MIT/Apache-2.0|";
        let lock = "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"x\"\n\
                    checksum = \"abc\"\n\n[[package]]\nname = \"muster\"\nversion = \"0.1.0\"\n";
        let crates = listed(tree).unwrap();
        assert_eq!(crates.len(), 3);
        let text = bill("0.1.0", &crates, &digests(lock));
        assert_eq!(text.matches("pkg:cargo/serde@1.0.1").count(), 2, "its name and its reference: {text}");
        assert!(text.contains("\"hashes\": [{ \"alg\": \"SHA-256\", \"content\": \"abc\" }]"), "{text}");
        assert!(text.contains("\"expression\": \"MIT OR Apache-2.0\""), "{text}");
        assert!(!text.contains("/somewhere") && !text.contains("pkg:cargo/muster"), "{text}");
        assert!(listed("what is this").is_err());
        assert_eq!(text_field("a", "x\"\\\n"), "\"a\": \"x\\\"\\\\\\u000a\"");
    }
}
