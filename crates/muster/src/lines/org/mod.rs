//! The organisation tree: who is below whom, on every day.
//!
//! Nouns: a *unit* has a code that never changes, and dated facts: its parent, names, kind, place, classes, time zone.
//! A *standing* is how a unit stands from one day to another (path, units above, facts), drawn from the facts and
//! redrawable. A *node* is where figures are added up: a unit, a place, a class (条块). A *succession* says which unit
//! came after which. A *post* is a role at a unit; its *duty contact* is a class of data of its own. An *outside
//! party* stands beside the tree.
//!
//! Verbs: `unit_create`, `unit_change`, `unit_move`, `unit_close`, `unit_merge`, `unit_split`, `post_set`,
//! `contact_set`, `party_create`, `party_change`, `units_import`. A change of the tree answers a [`TreeChange`]; whoever keeps counts
//! by node follows it in the same transaction.
//!
//! Never: a path is not an identity (it changes with a move), a closed unit is not deleted, a past day is not
//! rewritten by what happens later, and no telephone or name of a person stands in the journal.

mod book;
mod check;
mod divisions;
mod gb2260;
mod history;
mod http;
mod kept;
mod known;
mod model;
mod path;
mod place;
mod plan;
mod preview;
mod project;
mod read;
mod replay;
mod roll;
mod sheet;
mod store;
mod timeline;
mod verbs;

#[cfg(test)]
mod tests;

pub use book::{
    Book, BookOptions, BookUnits, COLUMNS_MAX, Guess, Role, Said, Veil as BookVeil, columns_said,
    guess as book_guess, look as book_look, read as book_read,
};
pub use check::{
    NamesDraft, NewUnit, PartyDraft, PartyPatchDraft, PatchDraft, PostDraft, PostPatch, UnitDraft,
    check_code, check_kind, check_party, check_party_patch, check_phone, check_post, check_purpose,
    patch as patch_check, unit as unit_check,
};
pub use divisions::{NATION, divisions_read};
pub use history::{
    Below, History, Relative, tree_changes_below, unit_entry_last, unit_history, unit_history_within,
    units_own_days,
};
pub use http::{BookLook, ColumnBody, ImportReport, UnitBody, UnitsBody, contacts_shown, kinds_said, router};
pub use kept::Kept;
pub use known::{Asked, known_join, known_part, plan_now, units_plan};
pub use model::{
    DatedFacts, Facts, KINDS, Node, Party, Post, Standing, Succession, SuccessionKind, TreeChange,
};
pub use path::{DEPTH_MAX, path_end, path_towards};
pub use place::{NotAPlace, Place};
pub use plan::{Held, ImportOptions, Known, Plan, Verdict};
pub use preview::{Becomes, Foreseen, Preview, preview};
pub use read::{
    Search, UnitView, export_page, place_looked_up, unit_absent, unit_standing, unit_tag, units_absent,
    units_below, units_today, units_view,
};
pub use replay::{ContactsLooked, TreeFaultKind, TreeReplayed, contacts_look, tree_replay};
pub use roll::{Call, Called, Roll};
pub use sheet::{ExportRow, UnitRow, UnitRows, columns, export_columns, rows_read};
pub use store::contacts::{DutyContact, FoundContact, Phone, SCRUB, contacts_plain, duty_ask, duty_contacts};
pub use store::facts::zones_on;
pub use store::labels::labels;
pub use store::parties::{parties, parties_of};
pub use store::posts::{posts_held, posts_held_from, posts_named, posts_of};
pub use store::standing::node::{
    class_page, node_count, node_count_on, node_standings_each, place_page, place_stood, places_in,
    standings_each,
};
pub use store::standing::{
    children, children_after, standing_on, standings_all, standings_ask, standings_by_code, standings_during,
    standings_on, subtree_count, subtree_kinds, subtree_page, unit_by_code,
};
pub use store::told::{TreeEntry, tree_entries_later};
pub use store::{Class, classes, epoch_ask, place_names, statements, tree_epoch, unit_count};
pub use timeline::Patch;
pub use verbs::{
    Look, LookTold, Outcome, PostChanged, Redrawn, book_held, class_name, contact_looks, contact_set,
    contact_unit, contacts_erase, contacts_erase_due, contacts_find, contacts_read, contacts_rewrapped,
    contacts_seal_plain, import_held, outcome, party_change, party_create, party_held, party_read,
    post_change, post_set, standings_redraw, unit_change, unit_close, unit_create, unit_held, unit_merge,
    unit_move, unit_split, units_import,
};
