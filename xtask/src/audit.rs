//! `make audit`: is anything that is built in known to be faulty, of a licence that may not be shipped, or of a doubtful
//! source? It asks databases on the network; what could not be asked is said, and is no pass.

use crate::{Outcome, console, place, step};
use std::process::Command;

/// Folders of npm packages: what is shipped, and what only tests it.
const WEB: [&str; 2] = [console::FOLDER, "web/e2e"];
/// What the programs write when they did not come to ask.
const UNREACHED: [&str; 8] = [
    "audit endpoint returned an error",
    "ENOAUDIT",
    "ENOTFOUND",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "EAI_AGAIN",
    "failed to fetch advisory database",
    "failed to load advisory database",
];

/// What came of a question.
#[derive(Debug, PartialEq)]
enum Answer {
    Clean,
    Found(String),
    NotAsked(String),
}

/// Asks all of them, also after one found something.
pub(crate) fn run() -> Outcome {
    let mut answers = Vec::new();
    // One by one, so that an advisory database that is out of reach leaves the rest of the answers.
    for check in ["licenses", "bans", "sources", "advisories"] {
        let name = format!("crates: {check}");
        answers.push(match place::on_path("cargo-deny") {
            true => ask(&name, &mut place::cargo(&["deny", "--log-level", "error", "check", check])),
            false => (
                name,
                Answer::NotAsked("cargo-deny is not installed (cargo install --locked cargo-deny)".into()),
            ),
        });
    }
    for folder in WEB {
        let name = format!("npm: {folder}");
        answers.push(match place::on_path("npm") {
            true => ask(&name, &mut console::npm(folder, &["audit", "--package-lock-only"])),
            false => (name, Answer::NotAsked("npm is not installed".into())),
        });
    }
    told(&answers)
}

/// Runs one question; its output decides what a failure means.
fn ask(name: &str, command: &mut Command) -> (String, Answer) {
    let answer = match command.output() {
        Err(error) => Answer::NotAsked(error.to_string()),
        Ok(out) => {
            let said = [out.stdout, out.stderr].concat();
            judged(out.status.success(), &String::from_utf8_lossy(&said))
        }
    };
    (name.to_owned(), answer)
}

fn judged(success: bool, said: &str) -> Answer {
    if success {
        return Answer::Clean;
    }
    let unreached = said.lines().find(|line| UNREACHED.iter().any(|word| line.contains(word)));
    match unreached {
        Some(line) => Answer::NotAsked(line.trim().to_owned()),
        None => Answer::Found(said.trim().to_owned()),
    }
}

/// Says each answer; what was found is a failure, and so is a run that came to ask nothing at all.
fn told(answers: &[(String, Answer)]) -> Outcome {
    for (name, answer) in answers {
        step::say(&match answer {
            Answer::Clean => format!("ok             {name}"),
            Answer::NotAsked(why) => format!("NOT ASKED      {name}: {why}"),
            Answer::Found(what) => format!("FOUND          {name}\n{what}"),
        });
    }
    let count = |is: fn(&Answer) -> bool| answers.iter().filter(|(_, answer)| is(answer)).count();
    let found = count(|answer| matches!(answer, Answer::Found(_)));
    let unasked = count(|answer| matches!(answer, Answer::NotAsked(_)));
    if found > 0 {
        return Err(format!("{found} of {} found something", answers.len()));
    }
    if unasked == answers.len() {
        return Err("nothing could be asked".to_owned());
    }
    if unasked > 0 {
        step::say(&format!("{unasked} of {} could not be asked here: ask where they can be", answers.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_asked_is_neither_clean_nor_found() {
        assert_eq!(judged(true, "found 0 vulnerabilities"), Answer::Clean);
        assert!(matches!(judged(false, "# npm audit report\nseverity: high"), Answer::Found(_)));
        assert!(matches!(judged(false, "npm error audit endpoint returned an error"), Answer::NotAsked(_)));
        assert!(matches!(judged(false, "error: failed to fetch advisory database"), Answer::NotAsked(_)));
        let of = |answers: &[fn() -> Answer]| {
            told(&answers.iter().map(|answer| ("x".to_owned(), answer())).collect::<Vec<_>>())
        };
        let (clean, found) =
            ((|| Answer::Clean) as fn() -> Answer, (|| Answer::Found("y".into())) as fn() -> Answer);
        let unasked = (|| Answer::NotAsked("z".into())) as fn() -> Answer;
        assert!(of(&[clean, unasked]).is_ok());
        assert!(of(&[clean, found]).is_err());
        assert!(of(&[unasked, unasked]).is_err());
    }
}
