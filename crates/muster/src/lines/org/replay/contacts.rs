//! Does every telephone open, and say what its index and keys say? Shows none.

use crate::Fail;
use crate::lines::org::store;
use crate::lines::org::store::contacts::contacts_checked;
use crate::seal::{Closed, Seals};
use muster_store::{Db, Rx};

/// Units that are looked at in one read.
const PAGE: i64 = 1_000;

/// How telephones open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContactsLooked {
    /// They open, and are found by their number.
    pub open: u64,
    /// Sealed under a master key that is not here.
    pub closed: u64,
    /// Changed, of another row, or their keys or index are gone.
    pub broken: u64,
}

/// Opens every telephone. Blocks, in short reads beside the servers.
///
/// # Errors
/// The store's.
pub fn contacts_look(db: &Db, seals: &Seals) -> Result<ContactsLooked, Fail> {
    let (mut looked, mut after) = (ContactsLooked::default(), 0);
    loop {
        let seals = seals.clone();
        let (last, contacts) = db.read_blocking("contacts.look", move |rx: &mut Rx<'_>| {
            let ids: Vec<i64> =
                store::units_after(rx, after, PAGE)?.into_iter().map(|unit| unit.id).collect();
            Ok::<_, Fail>((ids.last().copied(), contacts_checked(rx, &seals, &ids)?))
        })?;
        for contact in contacts {
            match contact.phone {
                Err(Closed::KeyMissing) => looked.closed += 1,
                Ok(_) if contact.sound => looked.open += 1,
                Ok(_) | Err(Closed::Broken) => looked.broken += 1,
            }
        }
        match last {
            Some(last) => after = last,
            None => return Ok(looked),
        }
    }
}
