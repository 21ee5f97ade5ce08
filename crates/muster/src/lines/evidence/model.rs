//! Nouns of evidence: what an entry is about, and what is looked for.

use muster_kernel::Day;
use muster_store::{Glance, Link};

/// Entries that one request looks at, at most.
pub const LOOKED_MAX: usize = 20_000;
/// Entries of a walk along links that one request looks at: each is a question of its own.
pub(super) const WALKED_MAX: usize = 1_000;

/// What an entry is about, by its stored subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A unit, by its surrogate: its facts, its posts, its reports and incidents.
    Unit(i64),
    /// The tree as a whole: a file of units, the names of classes.
    Tree,
    /// Which emergency this is.
    Operation,
    /// An account, by its id.
    Account(String),
    /// A form, by its code.
    Form(String),
    /// An element, by its code.
    Element(String),
    /// A day's brief: the form's number, and the day.
    Brief(i64, Day),
    /// A superior's text, by its id.
    Notice(String),
    /// A body beside the tree, by its surrogate.
    Party(i64),
    /// Duty telephones of a node, as it is asked for (`unit:G07`, `place:340100`, `tree`): who read, found or erased them.
    Contacts(String),
    /// What is kept of persons: the rules, the end.
    Privacy,
    /// What no reader needs a name for: a layout.
    Other(String),
}

impl Subject {
    /// Reads a stored subject; what has no known shape is told as it stands.
    pub fn of(stored: &str) -> Self {
        Self::known(stored).unwrap_or_else(|| Self::Other(stored.to_owned()))
    }
    fn known(stored: &str) -> Option<Self> {
        let Some((kind, rest)) = stored.split_once(':') else {
            return match stored {
                "tree" => Some(Self::Tree),
                "operation" => Some(Self::Operation),
                "privacy" => Some(Self::Privacy),
                _ => None,
            };
        };
        match kind {
            "unit" => rest.parse().ok().map(Self::Unit),
            "party" => rest.parse().ok().map(Self::Party),
            "account" => Some(Self::Account(rest.to_owned())),
            "form" => Some(Self::Form(rest.to_owned())),
            "element" => Some(Self::Element(rest.to_owned())),
            "notice" => Some(Self::Notice(rest.to_owned())),
            "contacts" => Some(Self::Contacts(rest.to_owned())),
            "brief" => {
                let (form, day) = rest.split_once(':')?;
                Some(Self::Brief(form.parse().ok()?, day.parse().ok()?))
            }
            _ => None,
        }
    }
    /// Code of the unit whose duty telephones it is about.
    pub fn contacts_unit(&self) -> Option<&str> {
        match self {
            Self::Contacts(node) => node.strip_prefix("unit:"),
            _ => None,
        }
    }
    /// The word for the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unit(_) => "unit",
            Self::Tree => "tree",
            Self::Operation => "operation",
            Self::Account(_) => "account",
            Self::Form(_) => "form",
            Self::Element(_) => "element",
            Self::Brief(..) => "brief",
            Self::Notice(_) => "notice",
            Self::Party(_) => "party",
            Self::Contacts(_) => "contacts",
            Self::Privacy => "privacy",
            Self::Other(_) => "other",
        }
    }
}

/// What is looked for; every part narrows.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Only by this actor, as it stands in the journal; several where one word may mean either; all of a kind where the word is
    /// the kind and its colon.
    pub(super) actors: Vec<String>,
    /// Only this action, or all that begin with it and a dot.
    pub(super) action: Option<String>,
    /// Only about this, as it stands in the journal.
    pub(super) subject: Option<String>,
    /// Not before this instant, ms UTC.
    pub(super) from_ms: Option<i64>,
    /// Before this instant, ms UTC.
    pub(super) until_ms: Option<i64>,
}

impl Wanted {
    /// Whether an entry is looked for.
    pub(super) fn is(&self, entry: &Glance) -> bool {
        let is_action = |action: &String| {
            entry
                .action
                .strip_prefix(action.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let is_actor = |actor: &String| match actor.ends_with(':') {
            true => entry.actor.starts_with(actor.as_str()),
            false => *actor == entry.actor,
        };
        (self.actors.is_empty() || self.actors.iter().any(is_actor))
            && self.action.as_ref().is_none_or(is_action)
            && self.subject.as_ref().is_none_or(|subject| *subject == entry.subject)
            && self.from_ms.is_none_or(|from| from <= entry.at)
            && self.until_ms.is_none_or(|until| entry.at < until)
    }
}

/// Where a reading goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Of each lane, up to which number nothing was looked at yet.
    Lanes(Vec<(i32, i64)>),
    /// The next entry of a walk along links.
    Walk(Link),
}

/// Most lanes that a cursor may name.
const LANES_MAX: usize = 64;

impl Place {
    /// As the text of a cursor.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Walk(link) => format!("w{}:{}", link.lane, link.no),
            Self::Lanes(lanes) => {
                let lanes = lanes.iter().map(|(lane, no)| format!("{lane}:{no}"));
                lanes.collect::<Vec<_>>().join(",")
            }
        }
    }
    /// From the text of a cursor; `None` where it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let pair = |text: &str| {
            let (lane, no) = text.split_once(':')?;
            let (lane, no) = (lane.parse::<i32>().ok()?, no.parse::<i64>().ok()?);
            (lane >= 0 && no >= 0).then_some((lane, no))
        };
        if let Some(walk) = text.strip_prefix('w') {
            return pair(walk).map(|(lane, no)| Self::Walk(Link { lane, no }));
        }
        let lanes: Option<Vec<_>> = text.split(',').take(LANES_MAX + 1).map(pair).collect();
        lanes.filter(|lanes| lanes.len() <= LANES_MAX).map(Self::Lanes)
    }
}

/// What a step found.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    /// The entries, the latest first.
    pub(super) found: Vec<Glance>,
    /// How many entries were looked at.
    pub(super) looked: usize,
    /// The oldest instant that was looked at, ms UTC.
    pub(super) back_to_ms: Option<i64>,
    /// Where it goes on; none where there is no more.
    pub(super) more: Option<Place>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_subject_is_read_or_told_as_it_stands() {
        let day = "2020-02-03".parse().unwrap();
        for (stored, subject) in [
            ("unit:7", Subject::Unit(7)),
            ("tree", Subject::Tree),
            ("operation", Subject::Operation),
            ("account:x:y", Subject::Account("x:y".into())),
            ("brief:3:2020-02-03", Subject::Brief(3, day)),
            ("brief:3", Subject::Other("brief:3".into())),
            ("unit:x", Subject::Other("unit:x".into())),
            ("layout:4", Subject::Other("layout:4".into())),
            ("", Subject::Other(String::new())),
        ] {
            assert_eq!(Subject::of(stored), subject, "{stored}");
        }
    }

    #[test]
    fn a_cursor_comes_back_and_anything_else_is_none() {
        for place in [Place::Lanes(vec![(0, 7), (8, 0)]), Place::Walk(Link { lane: 3, no: 9 })] {
            assert_eq!(Place::read(&place.text()), Some(place));
        }
        let long = vec!["1:1"; 65].join(",");
        for text in [
            "",
            "w",
            "x",
            "1",
            "1:",
            ":1",
            "1:-1",
            "-1:1",
            "1:1,",
            "w1:1,2:2",
            "1:99999999999999999999",
            &long,
        ] {
            assert_eq!(Place::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_action_is_a_word_or_all_words_below_it() {
        let entry = |action: &str| Glance {
            link: Link { lane: 0, no: 1 },
            at: 5,
            actor: "account:1".into(),
            action: action.into(),
            subject: "unit:1".into(),
            prev: None,
            hash: Vec::new(),
        };
        let wanted = |action: &str| Wanted { action: Some(action.into()), ..Wanted::default() };
        assert!(
            wanted("report").is(&entry("report.file")) && wanted("report.file").is(&entry("report.file"))
        );
        assert!(
            !wanted("rep").is(&entry("report.file")) && !wanted("report.correct").is(&entry("report.file"))
        );
        let during = Wanted { from_ms: Some(5), until_ms: Some(6), ..Wanted::default() };
        assert!(during.is(&entry("x")));
        assert!(!Wanted { until_ms: Some(5), ..during.clone() }.is(&entry("x")));
        assert!(!Wanted { from_ms: Some(6), ..during }.is(&entry("x")));
    }
}
