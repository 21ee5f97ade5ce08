//! Duty telephones: sealed, each under a key of its own, and found again by an index that tells nothing of them.

use super::{LIST_MAX, names};
use crate::Fail;
use crate::lines::operation::Names;
use crate::seal::{Closed, SealedRow, Seals, person_keys_drop};
use muster_kernel::Day;
use muster_seal::digits;
use muster_store::{Ask, Link, Result, Rows, Stmt, Tx, args, row};
use std::fmt;
use zeroize::Zeroizing;

/// Where a telephone stands, as it is bound into its ciphertext.
const PLACE: (&str, &str) = ("duty_contact", "sealed");
/// What the index is for.
const INDEX: &str = "duty_contact.phone";
/// Contacts found at most.
pub(in crate::lines::org) const FOUND_MAX: usize = 100;

const CONTACT_SET: Stmt = Stmt::new(
    "org.contact_set",
    "insert into duty_contact (post, sealed, phone_index) values ($1, $2, $3)
     on conflict (post) do update set sealed = excluded.sealed, phone_index = excluded.phone_index",
);
const CONTACT_DROP: Stmt = Stmt::new("org.contact_drop", "delete from duty_contact where post = $1");
const CONTACTS_OF: Stmt = Stmt::new(
    "org.contacts_of",
    "select p.unit, p.id, p.code, p.name_zh_hans, p.name_zh_hant, p.name_en, c.sealed, k.wrapped, u.wrapped, c.phone_index,
         k.unit, u.master
     from post p join duty_contact c on c.post = p.id
     left join seal_person_key k on k.subject = 'post:' || cast(p.id as text)
     left join seal_unit_key u on u.unit = p.unit
     where p.unit {in:$1} order by p.unit, p.code",
);
const CONTACTS_FOUND: Stmt = Stmt::new(
    "org.contacts_found",
    "select p.unit, p.id, p.code, p.name_zh_hans, p.name_zh_hant, p.name_en
     from duty_contact c join post p on p.id = c.post where c.phone_index = $1 order by p.unit, p.code limit 1000",
);
const CONTACTS_DUE: Stmt = Stmt::new(
    "org.contacts_due",
    "select c.post from duty_contact c join post p on p.id = c.post
     where not exists (select 1 from unit_edge e where e.unit = p.unit and e.until >= $1) order by c.post limit $2",
);
const CONTACTS_ANY: Stmt =
    Stmt::new("org.contacts_any", "select post from duty_contact order by post limit $1");
const INDEX_SET: Stmt =
    Stmt::new("org.contact_index_set", "update duty_contact set phone_index = $1 where post = $2");
const PLAIN_PAGE: Stmt = Stmt::new(
    "org.contacts_plain",
    "select p.unit, c.post, c.phone from duty_contact_plain c left join post p on p.id = c.post
     order by c.post limit $1",
);
const PLAIN_COUNT: Stmt = Stmt::new("org.contacts_plain_count", "select count(*) from duty_contact_plain");
const PLAIN_DROP: Stmt =
    Stmt::new("org.contacts_plain_drop", "delete from duty_contact_plain where post {in:$1}");
const LOOK_ADD: Stmt = Stmt::new(
    "org.contact_look_add",
    "insert into contact_look (node, at, lane, no) values ($1, $2, $3, $4) on conflict do nothing",
);
const LOOKS_OF: Stmt = Stmt::new(
    "org.contact_looks",
    "select node, at, lane, no from contact_look
     where node {in:$1} and (at < $2 or (at = $2 and lane < $3) or (at = $2 and lane = $3 and no < $4))
     order by at desc, lane desc, no desc limit $5",
);

pub(super) const STATEMENTS: &[Stmt] = &[
    CONTACT_SET,
    CONTACT_DROP,
    CONTACTS_OF,
    CONTACTS_FOUND,
    CONTACTS_DUE,
    CONTACTS_ANY,
    INDEX_SET,
    PLAIN_PAGE,
    PLAIN_COUNT,
    PLAIN_DROP,
    LOOK_ADD,
    LOOKS_OF,
];

/// A telephone in plain: wiped when it goes, and printed by nothing but who takes its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(Zeroizing<String>);

impl Phone {
    /// Its text.
    pub fn text(&self) -> &str {
        &self.0
    }
}
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(..)")
    }
}

/// A duty telephone: personal, for the live board and the chain above the unit only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyContact {
    /// The unit.
    pub unit: i64,
    /// Surrogate of the post.
    pub post: i64,
    /// Code of the post.
    pub code: String,
    /// Names of the post.
    pub names: Names,
    /// The telephone, or why it stays closed.
    pub phone: Result<Phone, Closed>,
    /// Whether its index and its keys' rows say what it says; looked at by who looks for faults.
    pub sound: bool,
}

impl DutyContact {
    /// The telephone's text, where it was opened.
    pub fn text(&self) -> Option<&str> {
        self.phone.as_ref().ok().map(Phone::text)
    }
}

/// What PostgreSQL is told so that nothing of what was deleted stays behind.
pub const SCRUB: &str = "vacuum full duty_contact_plain, duty_contact, seal_person_key";

/// The question of [`duty_contacts`] about a few units, to be sent ahead.
pub fn duty_ask(units: &[i64]) -> Ask {
    Ask::new(CONTACTS_OF, args![units.to_vec()])
}

fn subject(post: i64) -> String {
    format!("post:{post}")
}

/// Duty telephones of some units, by unit and post: one question for a page of them.
pub fn duty_contacts(rows: &mut impl Rows, seals: &Seals, units: &[i64]) -> Result<Vec<DutyContact>> {
    contacts(rows, seals, units, false)
}

/// The same, each also held against its index and its keys.
pub(in crate::lines::org) fn contacts_checked(
    rows: &mut impl Rows,
    seals: &Seals,
    units: &[i64],
) -> Result<Vec<DutyContact>> {
    contacts(rows, seals, units, true)
}

fn contacts(rows: &mut impl Rows, seals: &Seals, units: &[i64], checked: bool) -> Result<Vec<DutyContact>> {
    let mut contacts = Vec::new();
    if checked {
        seals.follow();
    }
    let indexes = if checked { seals.indexes(INDEX) } else { Vec::new() };
    for chunk in units.chunks(LIST_MAX) {
        rows.each(&CONTACTS_OF, args![chunk], |row| {
            let (unit, post) = (row.int(0)?, row.int(1)?);
            let sealed = SealedRow {
                unit,
                unit_key: row.opt_bytes(8)?,
                person_key: row.opt_bytes(7)?,
                subject: &subject(post),
                sealed: row.bytes(6)?,
            };
            let phone = seals.open_row(PLACE, sealed).map(Phone);
            let index = row.bytes(9)?;
            let key_of = |wrapped: Option<&[u8]>| muster_seal::key_of(wrapped?).ok();
            let is_own = row.opt_int(10)? == Some(unit)
                && row.opt_bytes(11)? == key_of(row.opt_bytes(8)?).as_ref().map(|id| &id.0[..]);
            let is_index =
                |phone: &Phone| indexes.iter().any(|of| of.of(digits(phone.text()).as_bytes()) == index);
            contacts.push(DutyContact {
                unit,
                post,
                code: row.string(2)?,
                names: names(row, 3)?,
                sound: !checked || is_own && phone.as_ref().is_ok_and(is_index),
                phone,
            });
            Ok(())
        })?;
    }
    Ok(contacts)
}

/// Sets duty telephones by unit and post; an empty one is taken out, and its key destroyed.
///
/// # Errors
/// `seal.key_missing` where there is no key to seal them by.
pub(in crate::lines::org) fn contacts_set(
    tx: &mut Tx<'_>,
    seals: &Seals,
    contacts: &[(i64, i64, &str)],
) -> std::result::Result<(), Fail> {
    let (empty, said): (Vec<_>, Vec<_>) = contacts.iter().partition(|(_, _, phone)| phone.is_empty());
    for (_, post, _) in &empty {
        tx.exec(&CONTACT_DROP, args![*post])?;
    }
    if !empty.is_empty() {
        person_keys_drop(tx, &empty.iter().map(|(_, post, _)| subject(*post)).collect::<Vec<_>>())?;
        seals.note_erased();
    }
    for chunk in said.chunks(LIST_MAX) {
        let fields: Vec<_> =
            chunk.iter().map(|(unit, post, phone)| (*unit, subject(*post), *phone)).collect();
        let sealed = seals.seal_rows(tx, PLACE, &fields)?;
        let index = seals.indexes(INDEX).into_iter().next().ok_or_else(crate::seal::key_missing)?;
        let rows: Vec<_> = chunk
            .iter()
            .zip(&sealed)
            .map(|((_, post, phone), sealed)| {
                row![*post, &sealed[..], index.of(digits(phone).as_bytes()).to_vec()]
            })
            .collect();
        tx.exec_rows(&CONTACT_SET, &rows)?;
    }
    Ok(())
}

/// The digits of a telephone as they may have been written down: with the country's number before them (86, E.164) and without.
fn spellings(digits: &str) -> Vec<Zeroizing<String>> {
    let bare = ["0086", "86"].into_iter().find_map(|code| digits.strip_prefix(code));
    // What is left must be long enough to be a number itself; a mobile one begins with 1, and a trunk zero goes abroad.
    let bare = bare.filter(|rest| rest.len() >= 10).unwrap_or(digits);
    let mut all = vec![digits.to_owned()];
    for local in [bare.to_owned(), format!("0{bare}"), bare.trim_start_matches('0').to_owned()] {
        all.extend([local.clone(), format!("86{local}"), format!("0086{local}")]);
    }
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(Zeroizing::new).collect()
}

/// A post at which a telephone was found: unit, post, its code and names.
pub type FoundContact = (i64, i64, String, Names);

/// Posts that have a telephone, by its digits.
pub(in crate::lines::org) fn contacts_found(
    rows: &mut impl Rows,
    seals: &Seals,
    phone: &str,
) -> Result<Vec<FoundContact>> {
    let mut found: Vec<FoundContact> = Vec::new();
    let spelt = spellings(&digits(phone));
    let indexes = seals.indexes(INDEX);
    let all = indexes.iter().flat_map(|index| spelt.iter().map(|digits| index.of(digits.as_bytes())));
    for index in all {
        rows.each(&CONTACTS_FOUND, args![&index[..]], |row| {
            found.push((row.int(0)?, row.int(1)?, row.string(2)?, names(row, 3)?));
            Ok(())
        })?;
    }
    Ok(found)
}

/// Posts whose telephone's time is over: of units that are open on no day from one on; or of all.
pub(in crate::lines::org) fn contacts_due(
    rows: &mut impl Rows,
    closed_before: Option<Day>,
    limit: u32,
) -> Result<Vec<i64>> {
    match closed_before {
        Some(day) => rows.all(&CONTACTS_DUE, args![day.number(), limit], |row| row.int(0)),
        None => rows.all(&CONTACTS_ANY, args![limit], |row| row.int(0)),
    }
}

/// Indexes the telephones of some units anew, under the newest master key.
pub(in crate::lines::org) fn contacts_reindex(tx: &mut Tx<'_>, seals: &Seals, units: &[i64]) -> Result<()> {
    let Some(index) = seals.indexes(INDEX).into_iter().next() else { return Ok(()) };
    let contacts = duty_contacts(tx, seals, units)?;
    let rows = contacts.iter().filter_map(|contact| {
        Some(row![index.of(digits(contact.text()?).as_bytes()).to_vec(), contact.post])
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        tx.exec_rows(&INDEX_SET, &rows)?;
    }
    Ok(())
}

/// How many telephones an older version left in plain.
pub fn contacts_plain(rows: &mut impl Rows) -> Result<u64> {
    rows.one(&PLAIN_COUNT, args![], |row| Ok(row.int(0)?.unsigned_abs()))
}

/// The first of them: unit (none where its post is gone), post, telephone.
pub(in crate::lines::org) fn contacts_plain_page(
    rows: &mut impl Rows,
    limit: u32,
) -> Result<Vec<(Option<i64>, i64, Phone)>> {
    rows.all(&PLAIN_PAGE, args![limit], |row| {
        Ok((row.opt_int(0)?, row.int(1)?, Phone(Zeroizing::new(row.string(2)?))))
    })
}

/// Takes them out.
pub(in crate::lines::org) fn contacts_plain_drop(tx: &mut Tx<'_>, posts: &[i64]) -> Result<()> {
    tx.exec(&PLAIN_DROP, args![posts]).map(drop)
}

/// Notes where in the journal it says that telephones of a node were read.
pub(in crate::lines::org) fn look_add(tx: &mut Tx<'_>, node: &str, at_ms: i64, link: Link) -> Result<()> {
    tx.exec(&LOOK_ADD, args![node, at_ms, link.lane, link.no]).map(drop)
}

/// When, and where in the journal, telephones of some nodes were read, the latest first, before an instant and entry.
pub(in crate::lines::org) fn looks_of(
    rows: &mut impl Rows,
    nodes: &[String],
    before: (i64, Link),
    limit: u32,
) -> Result<Vec<(i64, Link)>> {
    let (at, Link { lane, no }) = before;
    rows.all(&LOOKS_OF, args![nodes, at, lane, no, limit], |row| {
        Ok((row.int(1)?, Link { lane: row.int32(2)?, no: row.int(3)? }))
    })
}
