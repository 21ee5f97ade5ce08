//! Passwords: how one is hashed and compared. Slow on purpose, and never inside a transaction.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use muster_kernel::Problem;

/// Longest password that is hashed; longer ones are refused before they cost anything.
pub(super) const PASSWORD_BYTES_MAX: usize = 256;
/// Shortest password.
const PASSWORD_CHARS_MIN: usize = 8;

/// The argon2id hash of a password, in PHC form. Slow on purpose; never called inside a transaction.
///
/// # Errors
/// `account.password_length`.
pub fn password_hash(password: &str) -> Result<String, Problem> {
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(Problem::invalid("account.password_length"));
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
}
