use super::*;
use proptest::prelude::*;
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use zeroize::Zeroizing;

/// Chance that is the same each time: SplitMix64.
struct Steps(u64);

impl TryRng for Steps {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.try_next_u64()? as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Ok(z ^ (z >> 31))
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for chunk in to.chunks_mut(8) {
            chunk.copy_from_slice(&self.try_next_u64()?.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
impl TryCryptoRng for Steps {}

/// A source that gives nothing.
struct Dry;
impl TryRng for Dry {
    type Error = std::fmt::Error;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Err(std::fmt::Error)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Err(std::fmt::Error)
    }
    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
        Err(std::fmt::Error)
    }
}
impl TryCryptoRng for Dry {}

fn key(n: u8) -> Key {
    Key::of(Zeroizing::new([n; KEY_BYTES]))
}
const HERE: Place<'static> = Place::new("duty_contact", "sealed", "post:7");

/// draft-irtf-cfrg-xchacha-03, A.3.1.
#[test]
fn the_cipher_is_the_one_of_the_draft() {
    let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
    let nonce: [u8; 24] = std::array::from_fn(|i| 0x40 + i as u8);
    let aad = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
    let plain =
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
        sunscreen would be it.";
    let expected = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39\
        ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c\
        97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49";
    assert_eq!(hex::encode(sealed::raw(&key, &nonce, &aad, plain)), expected);
}

#[test]
fn what_is_sealed_opens_where_it_was_sealed_and_nowhere_else() {
    let sealed = seal(&key(1), HERE, b"000-5550100", &mut Steps(1)).unwrap();
    assert_eq!(sealed.len(), 1 + 8 + 24 + 11 + 16);
    let check = |by: &Key, place, expected: Result<&[u8], SealError>| {
        let opened = open(by, place, &sealed);
        assert_eq!(opened.as_ref().map(|plain| &***plain).map_err(|why| *why), expected, "{place:?}");
    };
    check(&key(1), HERE, Ok(b"000-5550100"));
    check(&key(2), HERE, Err(SealError::OtherKey(key(1).id())));
    check(&key(1), Place::new("duty_contact", "sealed", "post:8"), Err(SealError::Broken));
    check(&key(1), Place::new("duty_contact", "other", "post:7"), Err(SealError::Broken));
    check(&key(1), Place::new("account", "sealed", "post:7"), Err(SealError::Broken));
    // The same letters cut otherwise are another place.
    check(&key(1), Place::new("duty_contacts", "ealed", "post:7"), Err(SealError::Broken));
}

#[test]
fn what_is_no_ciphertext_is_refused_by_name() {
    let check = |bytes: &[u8], expected| assert_eq!(open(&key(1), HERE, bytes).unwrap_err(), expected);
    check(b"", SealError::Short);
    check(b"13812340004", SealError::Algorithm(b'1'));
    check(&[0; 80], SealError::Algorithm(0));
    check(&[2; 80], SealError::Algorithm(2));
    check(&[1; 48], SealError::Short);
    assert_eq!(
        SealError::Algorithm(2).to_string(),
        "sealed by algorithm 2, which this program does not know"
    );
    let id = key(1).id();
    let short = [&[1], &id.0[..], &[0; 39]].concat();
    check(&short, SealError::Short);
}

#[test]
fn keys_are_wrapped_by_the_one_above() {
    let wrapped = wrap(&key(1), HERE, &key(2), &mut Steps(3)).unwrap();
    assert_eq!(unwrap(&key(1), HERE, &wrapped).unwrap(), key(2));
    assert_eq!(unwrap(&key(3), HERE, &wrapped).unwrap_err(), SealError::OtherKey(key(1).id()));
    // What is no key, although it opens, is none.
    let field = seal(&key(1), HERE, b"000", &mut Steps(4)).unwrap();
    assert_eq!(unwrap(&key(1), HERE, &field).unwrap_err(), SealError::Broken);
    assert!(!wrapped.windows(KEY_BYTES).any(|part| part == [2; KEY_BYTES]));
}

#[test]
fn nothing_prints_a_key_and_no_chance_is_no_key() {
    let shown = format!("{:?} {:?}", key(1), Ring::new(5, &mut Steps(1)).unwrap());
    let bytes = hex::encode([1; KEY_BYTES]);
    assert!(shown.contains(&key(1).id().to_string()) && !shown.contains(&bytes) && !shown.contains("1, 1"));
    assert_eq!(Key::new(&mut Dry).unwrap_err(), SealError::Random);
    assert_eq!(seal(&key(1), HERE, b"x", &mut Dry).unwrap_err(), SealError::Random);
    assert_ne!(seal(&key(1), HERE, b"x", &mut Steps(1)), seal(&key(1), HERE, b"x", &mut Steps(2)));
}

#[test]
fn an_index_is_of_one_master_one_purpose_and_one_value() {
    let of = |master: u8, purpose: &str, phone: &str| {
        Index::new(&key(master), purpose).of(digits(phone).as_bytes())
    };
    let one = of(1, "duty_contact.phone", "0551-5550100");
    for same in ["05515550100", "(0551) 555 0100", "０５５１－５５５０１００"] {
        assert_eq!(of(1, "duty_contact.phone", same), one, "{same}");
    }
    assert_ne!(of(1, "duty_contact.phone", "0551-5550101"), one);
    assert_ne!(of(1, "account.phone", "0551-5550100"), one);
    assert_ne!(of(2, "duty_contact.phone", "0551-5550100"), one);
}

#[test]
fn a_ring_is_written_and_read_and_rotated() {
    let ring = Ring::new(5, &mut Steps(1)).unwrap();
    let turned = ring.rotated(9, &mut Steps(2)).unwrap();
    let read = Ring::read(&turned.write()).unwrap();
    let told = |ring: &Ring| ring.masters().iter().map(|m| (m.key.id(), m.made_ms)).collect::<Vec<_>>();
    assert_eq!(told(&read), told(&turned));
    assert_eq!(read.newest(), turned.newest());
    assert_eq!(read.key(ring.newest().id()), Some(ring.newest()));
    assert_eq!(read.key(key(1).id()), None);
    let mut many = ring;
    for n in 1..MASTERS_MAX as i64 {
        many = many.rotated(n, &mut Steps(n as u64 + 10)).unwrap();
    }
    assert_eq!(many.masters().len(), MASTERS_MAX);
    assert_eq!(many.rotated(99, &mut Steps(99)).unwrap_err(), SealError::Full);

    let good = turned.write();
    let lines: Vec<&str> = good.lines().collect();
    let check = |text: String, expected| assert_eq!(Ring::read(&text).unwrap_err(), expected, "{text}");
    check(String::new(), RingError::Head);
    check("SQLite format 3".into(), RingError::Head);
    check("muster keys 1\n# none\n".into(), RingError::Count);
    check(format!("{}\n{}\n{} x", lines[0], lines[2], lines[3]), RingError::Line(3));
    check(format!("{}\n{}", lines[0], &lines[2][..60]), RingError::Line(2));
    check(format!("{}\n{}\n{}", lines[0], lines[2], lines[2]), RingError::Twice(3));
    let swapped = format!("{}{}", &lines[2][..16], &lines[3][16..]);
    check(format!("{}\n{swapped}", lines[0]), RingError::Id(2));
}

proptest! {
    #[test]
    fn all_that_is_sealed_opens(plain in proptest::collection::vec(any::<u8>(), 0..200), seed: u64, subject in ".{0,40}") {
        let place = Place::new("t", "c", &subject);
        let by = Key::new(&mut Steps(seed)).unwrap();
        let sealed = seal(&by, place, &plain, &mut Steps(seed ^ 1)).unwrap();
        prop_assert_eq!(&*open(&by, place, &sealed).unwrap(), &plain);
        prop_assert!(plain.len() < 6 || !sealed.windows(plain.len()).any(|part| part == plain));
    }

    #[test]
    fn no_byte_can_be_changed(plain in proptest::collection::vec(any::<u8>(), 0..60), at: proptest::sample::Index, flip in 1..=255_u8) {
        let mut sealed = seal(&key(1), HERE, &plain, &mut Steps(9)).unwrap();
        let at = at.index(sealed.len());
        sealed[at] ^= flip;
        prop_assert!(open(&key(1), HERE, &sealed).is_err());
        sealed[at] ^= flip;
        sealed.truncate(at);
        prop_assert!(open(&key(1), HERE, &sealed).is_err());
    }

    #[test]
    fn neither_place_nor_key_can_be_exchanged(table in "[a-z]{1,8}", column in "[a-z]{1,8}", subject in "[a-z:0-9]{1,8}", by: [u8; 32]) {
        let sealed = seal(&key(1), HERE, b"000-5550100", &mut Steps(9)).unwrap();
        prop_assert!(open(&key(1), Place::new(&table, &column, &subject), &sealed).is_err());
        prop_assert!(open(&Key::of(Zeroizing::new(by)), HERE, &sealed).is_err());
    }

    #[test]
    fn a_key_file_reads_or_says_where_it_does_not(text in "(muster keys 1\n)?[0-9a-f #\n]{0,300}") {
        let _ = Ring::read(&text);
    }
}
