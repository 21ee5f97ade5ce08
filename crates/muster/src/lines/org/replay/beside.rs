//! What stands beside the units: classes and their names, names of places, bodies beside the tree.

use super::{TreeFaultKind, TreeReplayed};
use crate::lines::operation::Names;
use crate::lines::org::check::NewUnit;
use crate::lines::org::store::{self, Class, classes, strays};
use muster_store::{Link, Rows, StoreError, Stored};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Bodies beside the tree read at a time.
const PAGE: u32 = 1_000;

/// Of two words on the same thing the later one holds: by the count of changes of the tree; in entries that do not bear
/// it, by their time.
type Order = (i64, i64, Link);

/// What the journal says of them.
#[derive(Default)]
pub(super) struct Beside {
    /// Codes of classes that units bore or that were named, and the last word on their names.
    classes: BTreeMap<String, Option<(Order, Names)>>,
    /// Names that imports told, by place.
    places: HashSet<(i64, Box<str>)>,
    /// Parties by number.
    parties: BTreeMap<i64, Value>,
}

#[derive(Deserialize)]
struct Named {
    code: String,
    names: Names,
}

impl Beside {
    /// Takes in a unit's birth; only what came with an import names its place.
    pub(super) fn born(&mut self, unit: &NewUnit, is_import: bool) {
        self.borne(&unit.facts.classes);
        if let Some(place) = unit.facts.place.filter(|_| is_import && unit.facts.kind.starts_with("place-")) {
            self.places.insert((place.number(), unit.facts.names.zh_hans.as_str().into()));
        }
    }

    fn borne(&mut self, classes: &[String]) {
        for class in classes {
            if !self.classes.contains_key(class) {
                self.classes.insert(class.clone(), None);
            }
        }
    }

    /// Takes in an entry. None where it cannot be read.
    pub(super) fn hear(&mut self, entry: &Stored) -> Option<()> {
        let mut body: Value = serde_json::from_slice(&entry.body).ok()?;
        match entry.action.as_str() {
            "unit.change" => {
                if let Some(classes) = body["changes"].get_mut("classes").filter(|classes| !classes.is_null())
                {
                    self.borne(&serde_json::from_value::<Vec<String>>(classes.take()).ok()?);
                }
            }
            "party.create" | "party.change" => {
                self.party(entry.subject.strip_prefix("party:")?.parse().ok()?, body);
            }
            _ => {
                let order = (body["epoch"].as_i64().unwrap_or(0), entry.at, entry.link);
                let named = if body.is_array() { body } else { body["classes"].take() };
                for Named { code, names } in serde_json::from_value::<Vec<Named>>(named).ok()? {
                    self.named(code, order, names);
                }
            }
        }
        Some(())
    }

    /// Of two words on a body the later one holds: they are counted.
    fn party(&mut self, id: i64, body: Value) {
        let rev = |body: &Value| body["rev"].as_i64().unwrap_or(0);
        if self.parties.get(&id).is_none_or(|known| rev(known) <= rev(&body)) {
            self.parties.insert(id, body);
        }
    }

    fn named(&mut self, code: String, order: Order, names: Names) {
        let known = self.classes.entry(code).or_default();
        if known.as_ref().is_none_or(|(before, _)| *before <= order) {
            *known = Some((order, names));
        }
    }

    /// Takes in what another part of the journal says.
    pub(super) fn add(&mut self, other: Self) {
        for (code, named) in other.classes {
            match named {
                Some((order, names)) => self.named(code, order, names),
                None => self.borne(&[code]),
            }
        }
        self.places.extend(other.places);
        other.parties.into_iter().for_each(|(id, body)| self.party(id, body));
    }
}

/// The rows as they stand.
pub(super) struct BesideRows {
    classes: Vec<Class>,
    places: HashMap<i64, Box<str>>,
    parties: BTreeMap<i64, Value>,
}

impl BesideRows {
    pub(super) fn read(rows: &mut impl Rows) -> Result<Self, StoreError> {
        let mut parties = BTreeMap::new();
        let mut after = String::new();
        loop {
            let page = store::parties::parties(rows, &after, PAGE)?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.code);
            for party in page {
                parties.insert(party.id, json!(party));
            }
        }
        Ok(Self { classes: classes(rows)?, places: strays::place_names_all(rows)?, parties })
    }

    /// Compares them with what was said.
    pub(super) fn compare(&self, said: &Beside, replayed: &mut TreeReplayed) {
        let mut told: BTreeSet<&str> = said.classes.keys().map(String::as_str).collect();
        for class in &self.classes {
            let named = match said.classes.get(&class.code) {
                Some(Some((_, names))) => class.names == *names,
                Some(None) => class.names == Names::default(),
                None => false,
            };
            if !told.remove(class.code.as_str()) || !named {
                replayed.fault(TreeFaultKind::ClassDiffers, format!("class={}", class.code));
            }
        }
        for code in told {
            replayed.fault(TreeFaultKind::ClassDiffers, format!("class={code} is gone"));
        }
        // A place that several imports named differently bears one of their names.
        let known: HashSet<i64> = said.places.iter().map(|(place, _)| *place).collect();
        let mut wrong: BTreeSet<i64> =
            known.into_iter().filter(|place| !self.places.contains_key(place)).collect();
        let told = |place: i64, name: &str| said.places.contains(&(place, name.into()));
        let differing = self.places.iter().filter(|(place, name)| !told(**place, name));
        wrong.extend(differing.map(|(place, _)| *place));
        for place in wrong {
            replayed.fault(TreeFaultKind::PlaceDiffers, format!("place={place}"));
        }
        let parties: BTreeSet<i64> = self.parties.keys().chain(said.parties.keys()).copied().collect();
        for id in parties {
            if self.parties.get(&id) != said.parties.get(&id) {
                replayed.fault(TreeFaultKind::PartyDiffers, format!("party={id}"));
            }
        }
    }
}
