//! The tools a newcomer must have before the first word, and what to say when one lacks.

use crate::Outcome;
use std::process::Command;

struct Tool {
    program: &'static str,
    least: (u32, u32),
    install: &'static str,
}

const RUST: Tool = Tool {
    program: "rustc",
    least: (1, 95),
    install: "Rust 1.95 or later: `rustup update stable`, or see https://rustup.rs",
};
const LINKER: Tool = Tool {
    program: "cc",
    least: (0, 0),
    install: "a C compiler and linker: `apt-get install build-essential`",
};
const NODE: Tool = Tool { program: "node", least: (20, 0), install: "Node 20 or 22: see https://nodejs.org" };
const NPM: Tool = Tool {
    program: "npm",
    least: (9, 0),
    install: "npm 9 or later; it comes with Node: see https://nodejs.org",
};

/// Checks Rust, a linker, Node and npm; names all that lack at once, with what to install.
pub(crate) fn check() -> Outcome {
    let lacking: Vec<String> = [RUST, LINKER, NODE, NPM].iter().filter_map(lacks).collect();
    if lacking.is_empty() {
        Ok(())
    } else {
        Err(format!("this machine still needs\n  - {}", lacking.join("\n  - ")))
    }
}

fn lacks(tool: &Tool) -> Option<String> {
    let Ok(out) = Command::new(tool.program).arg("--version").output() else {
        return Some(tool.install.into());
    };
    let said = String::from_utf8_lossy(&out.stdout);
    let found = version(&said)?;
    (found < tool.least).then(|| format!("{} (here is {}.{})", tool.install, found.0, found.1))
}

/// The first `major.minor` in what a tool says of itself; nothing where it says none, which is no reason to stop.
fn version(said: &str) -> Option<(u32, u32)> {
    said.split(|c: char| !(c.is_ascii_digit() || c == '.')).find_map(|word| {
        let mut numbers = word.split('.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_from_what_tools_say() {
        assert_eq!(version("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(version("cc (Debian 12.2.0-14+deb12u1) 12.2.0"), Some((12, 2)));
        assert_eq!(version("10.8.2"), Some((10, 8)));
        assert_eq!(version("no number"), None);
    }
}
