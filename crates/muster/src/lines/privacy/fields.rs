//! Everything that is kept of a person, as data. What each is for, on what legal basis, and what its time runs from are
//! sentences: `privacy.field.X`, `privacy.purpose.X`, `privacy.basis.X`, `privacy.until.X`.

/// How something lies in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Sealed under a key of the person; erased by destroying that.
    Sealed,
    /// As a hash from which it is not told.
    Hashed,
    /// As it is.
    Plain,
}

impl Kept {
    /// A word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Hashed => "hashed",
            Self::Plain => "plain",
        }
    }
}

/// Something that is kept of a person.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its word.
    pub word: &'static str,
    /// Where: `table.column`.
    pub columns: &'static [&'static str],
    /// How.
    pub kept: Kept,
    /// For how many days after its occasion ended, where an operation may say so; none where it goes by itself.
    pub keep_days: Option<u32>,
}

/// Login name: so that one is told from another, and an act is somebody's.
pub const LOGIN_NAME: &str = "login_name";
/// Duty telephone: so that somebody can be reached.
pub const DUTY_PHONE: &str = "duty_phone";

/// All of it.
pub const FIELDS: &[Field] = &[
    Field {
        word: LOGIN_NAME,
        columns: &["account.name_sealed", "account.name_index", "account_plain.name"],
        kept: Kept::Sealed,
        keep_days: Some(180),
    },
    Field { word: "password", columns: &["account.password_hash"], kept: Kept::Hashed, keep_days: None },
    Field { word: "authenticator", columns: &["access_totp.sealed"], kept: Kept::Sealed, keep_days: None },
    Field {
        word: "group_login",
        columns: &["access_oidc.subject_hash"],
        kept: Kept::Hashed,
        keep_days: None,
    },
    Field {
        word: DUTY_PHONE,
        columns: &["duty_contact.sealed", "duty_contact.phone_index", "duty_contact_plain.phone"],
        kept: Kept::Sealed,
        keep_days: Some(30),
    },
    Field { word: "channel_address", columns: &["channel.sealed"], kept: Kept::Sealed, keep_days: None },
    Field { word: "session", columns: &["session.agent"], kept: Kept::Plain, keep_days: None },
    Field { word: "browser", columns: &["access_browser.token_hash"], kept: Kept::Hashed, keep_days: None },
    Field { word: "program", columns: &["access_token.label"], kept: Kept::Plain, keep_days: None },
    Field { word: "signed_page", columns: &["scan_file.bytes"], kept: Kept::Plain, keep_days: None },
    Field { word: "link_device", columns: &["access_device.agent"], kept: Kept::Plain, keep_days: None },
];

/// A field by its word.
pub fn field(word: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.word == word)
}
