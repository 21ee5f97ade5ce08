use super::*;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_key_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = folder.join("a.keys");
    assert!(file::read(&path).unwrap().is_none());
    let (ring, made) = file::make(&path, 5).unwrap();
    assert!(made);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    // Who comes second has what is there.
    let (again, made) = file::make(&path, 6).unwrap();
    assert!(!made && again.newest() == ring.newest());
    for (mode, expected) in [
        (0o640, Some("seal.file_open_to_others")),
        (0o604, Some("seal.file_open_to_others")),
        (0o620, Some("seal.file_open_to_others")),
        (0o400, None),
        (0o600, None),
    ] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(file::read(&path).err().map(|problem| problem.code), expected, "{mode:o}");
    }
    let turned = ring.rotated(9, &mut Chance).unwrap();
    file::replace(&path, &turned).unwrap();
    assert_eq!(file::read(&path).unwrap().unwrap().newest(), turned.newest());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    std::fs::write(&path, "muster keys 1\nnonsense\n").unwrap();
    let refused = file::read(&path).unwrap_err();
    assert_eq!(refused.code, "seal.file_unreadable");
    assert!(!refused.args["why"].contains("nonsense"), "what stands in it is told nowhere");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "no part of one is left");
}

#[test]
fn a_ring_that_another_process_turned_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = folder.join("a.keys");
    let (ring, _) = file::make(&path, 5).unwrap();
    let seals = Seals::open(&path, true).unwrap();
    let turned = ring.rotated(9, &mut Chance).unwrap();
    let id = turned.newest().id();
    assert_eq!(seals.master(id).unwrap_err(), Closed::KeyMissing);
    file::replace(&path, &turned).unwrap();
    assert_eq!(seals.master(id).unwrap(), *turned.newest());
    // A file that is gone takes nothing away from who has read it.
    std::fs::remove_file(&path).unwrap();
    seals.follow();
    assert_eq!(seals.master(id).unwrap(), *turned.newest());
}

#[test]
fn unit_keys_are_kept_by_their_wrapped_form_and_not_for_ever() {
    let key = || Key::new(&mut Chance).unwrap();
    let (mut kept, one) = (Kept::default(), key());
    kept.put(1, b"a", &one);
    assert_eq!(kept.get(1, b"a"), Some(one));
    assert_eq!(kept.get(1, b"b"), None, "the row was written anew");
    assert_eq!(kept.get(2, b"a"), None);
    for unit in 2..UNITS_KEPT_MAX as i64 + 10 {
        kept.put(unit, b"a", &key());
    }
    assert_eq!(kept.len(), UNITS_KEPT_MAX);
    assert_eq!(kept.get(1, b"a"), None);
}

#[test]
fn keys_are_printed_by_nothing() {
    let seals = Seals::of_demo();
    let text = seals.ring().unwrap().write();
    let key = text.lines().last().unwrap().rsplit(' ').next().unwrap();
    assert_eq!(key.len(), 64);
    assert!(!format!("{seals:?} {:?}", seals.ring()).contains(key));
}
