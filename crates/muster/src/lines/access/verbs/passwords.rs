//! Passwords: which are taken, how one is hashed and compared. Slow on purpose, and never inside a transaction.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use muster_kernel::Problem;
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
