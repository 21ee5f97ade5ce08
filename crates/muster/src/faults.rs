//! What a look at the rows finds wrong: how much it is, and the first thousand of it.

use serde::Serialize;
use serde_json::json;

/// Faults that are told; beyond it they are only counted.
const TOLD_MAX: usize = 1000;

/// Something that is not what the journal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault<K> {
    /// The sort.
    pub kind: K,
    /// Where, for a person who looks at the tables.
    pub at: String,
}

/// What a part of the database has wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Faults<K> {
    /// How much differed.
    pub faults_all: u64,
    /// What differed, at most a thousand.
    pub faults: Vec<Fault<K>>,
}

impl<K> Default for Faults<K> {
    fn default() -> Self {
        Self { faults_all: 0, faults: Vec::new() }
    }
}

impl<K> Faults<K> {
    /// Notes one.
    pub fn fault(&mut self, kind: K, at: impl Into<String>) {
        self.faults_all += 1;
        if self.faults.len() < TOLD_MAX {
            self.faults.push(Fault { kind, at: at.into() });
        }
    }
    /// Takes in what was found elsewhere.
    pub fn add(&mut self, other: Self) {
        self.faults_all += other.faults_all;
        let room = TOLD_MAX.saturating_sub(self.faults.len());
        self.faults.extend(other.faults.into_iter().take(room));
    }
    /// Counts faults that nobody tells one by one.
    pub fn more(&mut self, count: u64) {
        self.faults_all += count;
    }
}

/// The word by which a kind of fault is known, in JSON and in the locales.
pub fn word(kind: &impl Serialize) -> String {
    json!(kind).as_str().unwrap_or_default().to_owned()
}
