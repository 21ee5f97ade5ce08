//! Passwords: which are taken, how one is hashed and compared. Slow on purpose, and never inside a transaction.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use muster_kernel::Problem;
use muster_kernel::words::number_of_person;
use unicode_normalization::UnicodeNormalization as _;
use zxcvbn::{Score, zxcvbn};

/// Longest password that is hashed; longer ones are refused before they cost anything.
pub(super) const PASSWORD_BYTES_MAX: usize = 256;
/// Shortest password.
const PASSWORD_CHARS_MIN: usize = 8;

/// A password that is found within a million tries by whoever begins with lists of known ones, words, rows of keys, years
/// (zxcvbn) is refused, whatever signs are in it (NIST SP 800-63B, 5.1.1.2: lists, and no rules of composition).
const REFUSED: Score = Score::One;

/// Words that lie near where this is used, and in no list of an English-speaking place.
const NEAR: &[&str] = &[
    "muster",
    "baiying",
    "woaini",
    "5201314",
    "1314",
    "zhangsan",
    "lisi",
    "wangwu",
    "zhiban",
    "zhihui",
    "yiqing",
    "fangkong",
    "kangyi",
    "jiayou",
    "zhongguo",
    "wuhan",
    "hubei",
    "beijing",
    "shanghai",
    "bangongshi",
    "jituan",
];

/// The argon2id hash of a password, in PHC form. Slow on purpose; never called inside a transaction.
///
/// # Errors
/// `account.password_length`; `account.password_known` where it is among those that are tried first.
pub fn password_hash(password: &str) -> Result<String, Problem> {
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(Problem::invalid("account.password_length"));
    }
    if zxcvbn(password, NEAR).score() <= REFUSED {
        return Err(Problem::invalid("account.password_known"));
    }
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(Problem::internal)?;
    Ok(hash.to_string())
}

/// Longest login name, in characters.
const NAME_CHARS_MAX: usize = 100;

/// A login name as it is kept: composed (NFC), without blanks around it.
///
/// # Errors
/// `account.name` where it is empty, too long, holds what is not seen (controls, marks of direction, joiners) or parts a path,
/// looks like a telephone or identity number, or like a reference: an account is called by its id too.
pub fn login_name(text: &str) -> Result<String, Problem> {
    let name: String = text.trim().nfc().collect();
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | ':' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let count = name.chars().count();
    let is_id = uuid::Uuid::try_parse(&name).is_ok();
    if count == 0
        || count > NAME_CHARS_MAX
        || name.chars().any(unseen)
        || is_id
        || number_of_person(&name).is_some()
    {
        return Err(Problem::invalid("account.name").with("max", NAME_CHARS_MAX));
    }
    Ok(name)
}

pub(super) fn password_matches(hash: Option<&str>, password: &str) -> bool {
    // Argon2id of a random text: an unknown name costs what a wrong password costs.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2hhU9n1zVbTzC0aPXDDwWbVTKBbHkyhUHwFrBCbJ2kY";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = password_hash("correct horse").unwrap();
        assert!(password_matches(Some(&hash), "correct horse"));
        assert!(!password_matches(Some(&hash), "correct hors"));
        assert!(!password_matches(None, "correct horse"));
        assert!(!password_matches(Some("not a hash"), "x"));
        assert_eq!(password_hash("short").unwrap_err().code, "account.password_length");
    }

    #[test]
    fn a_login_name_is_one_that_is_seen_and_is_no_reference() {
        for (said, kept) in
            [(" liu ", "liu"), ("Zoe\u{308}", "Zoë"), ("张三丰", "张三丰"), ("G07 night", "G07 night")]
        {
            assert_eq!(login_name(said).unwrap(), kept, "{said}");
        }
        let long = "长".repeat(101);
        for said in [
            "",
            " ",
            "a/b",
            "a\\b",
            "a\nb",
            "du\u{200b}ty",
            "du\u{202e}ty",
            "\u{feff}x",
            "account:liu",
            &long,
            "01a22ebe-24cf-7000-8000-000000000000",
            "01a22ebe24cf70008000000000000000",
            "13812340000",
        ] {
            assert_eq!(login_name(said).unwrap_err().code, "account.name", "{said:?}");
        }
    }

    #[test]
    fn a_password_that_is_tried_first_is_not_taken() {
        for known in [
            "password",
            "12345678",
            "1234567890",
            "qwertyuiop",
            "1qaz2wsx",
            "88888888",
            "52013145201314",
            "iloveyou",
            "P@ssw0rd",
            "Passw0rd!",
            "abcd1234",
            "woaini1314",
            "admin123",
            "aaaaaaaaaaaa",
            "20200203",
            "zhangsan1",
            "wuhan2020",
        ] {
            assert_eq!(password_hash(known).unwrap_err().code, "account.password_known", "{known}");
        }
        for taken in
            ["long enough", "correct horse", "a-long-password", "夜班核对四十二次报送", "Tr0ub4dour&3x"]
        {
            assert!(password_hash(taken).is_ok(), "{taken}");
        }
    }
}
