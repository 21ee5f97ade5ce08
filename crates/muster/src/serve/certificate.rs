//! What a certificate says of itself: from when to when it is good, and for which names; and when that is said in the log.
//! Pure.
//!
//! Of a chain only the server's own certificate is looked at. Those after it may end before it and do no harm: an authority that
//! changes its root sends an old one along, and browsers find another way.

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use std::net::IpAddr;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

const DAY_MS: i64 = 86_400_000;
/// Ends in fewer days than these: it is time to renew it.
const SOON_DAYS: i64 = 30;
/// Ends in fewer days than these: whoever renews it of itself did not.
const NEAR_DAYS: i64 = 7;

/// From when to when a certificate is good, in ms UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// First instant.
    pub begins_at: i64,
    /// Last instant.
    pub ends_at: i64,
}

/// How it stands with a certificate at some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is good for more than thirty days.
    Good,
    /// It is not good yet: it, or the machine's clock, is wrong.
    Early,
    /// It ends in thirty days or fewer.
    Soon,
    /// It ends in seven days or fewer.
    Near,
    /// It has ended: browsers refuse it.
    Ended,
}

impl Standing {
    /// Its word in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Early => "early",
            Self::Soon => "soon",
            Self::Near => "near",
            Self::Ended => "ended",
        }
    }
}

impl Term {
    /// How it stands at an instant, ms UTC.
    pub fn standing(&self, now_ms: i64) -> Standing {
        match self.ends_at - now_ms {
            ..0 => Standing::Ended,
            _ if now_ms < self.begins_at => Standing::Early,
            left if left <= NEAR_DAYS * DAY_MS => Standing::Near,
            left if left <= SOON_DAYS * DAY_MS => Standing::Soon,
            _ => Standing::Good,
        }
    }
    /// Whole days that are left at an instant; below zero where it has ended.
    pub fn days_left(&self, now_ms: i64) -> i64 {
        (self.ends_at - now_ms).div_euclid(DAY_MS)
    }
}

/// When it is said in the log how a certificate stands: at once, whenever that changes, and then once a day.
#[derive(Debug, Default)]
pub(super) struct Telling(Option<(Term, Standing, i64)>);

impl Telling {
    /// What is to be said now; nothing of one that is good.
    pub(super) fn due(&mut self, term: Term, now_ms: i64) -> Option<Standing> {
        let standing = term.standing(now_ms);
        let said = |(of, was, at): &(Term, Standing, i64)| {
            (*of, *was) == (term, standing) && (*at..at + DAY_MS).contains(&now_ms)
        };
        if self.0.as_ref().is_some_and(said) {
            return None;
        }
        self.0 = Some((term, standing, now_ms));
        (standing != Standing::Good).then_some(standing)
    }
}

/// From when to when a certificate is good; why that cannot be read.
pub(super) fn term(certificate: &CertificateDer<'_>) -> Result<Term, String> {
    let read = Certificate::from_der(certificate).map_err(|error| error.to_string())?;
    let validity = read.tbs_certificate.validity;
    let ms =
        |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX);
    Ok(Term { begins_at: ms(validity.not_before), ends_at: ms(validity.not_after) })
}

/// Which of these host names a certificate is not for, as a browser would judge; why it cannot be read.
pub(super) fn lacks<'n>(
    certificate: &CertificateDer<'_>,
    names: &'n [String],
) -> Result<Vec<&'n str>, String> {
    let read = ParsedCertificate::try_from(certificate).map_err(|error| error.to_string())?;
    let held =
        |name: &str| ServerName::try_from(name).is_ok_and(|name| verify_server_name(&read, &name).is_ok());
    Ok(names.iter().map(String::as_str).filter(|name| !held(name)).collect())
}

/// The names that a certificate is for, as it says them; none where it says none, as very old ones do.
pub(super) fn names(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok(read) = Certificate::from_der(certificate) else { return Vec::new() };
    let Ok(Some((_, said))) = read.tbs_certificate.get::<SubjectAltName>() else { return Vec::new() };
    let name = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(bytes) => {
            let bytes = bytes.as_bytes();
            let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok().map(|ip| ip.to_string())
        }
        _ => None,
    };
    said.0.iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_stands_is_told_by_the_days_that_are_left() {
        let term = Term { begins_at: 0, ends_at: 100 * DAY_MS };
        for (now_ms, standing, left) in [
            (-1, Standing::Early, 100),
            (0, Standing::Good, 100),
            (70 * DAY_MS - 1, Standing::Good, 30),
            (70 * DAY_MS, Standing::Soon, 30),
            (93 * DAY_MS - 1, Standing::Soon, 7),
            (93 * DAY_MS, Standing::Near, 7),
            (100 * DAY_MS, Standing::Near, 0),
            (100 * DAY_MS + 1, Standing::Ended, -1),
        ] {
            assert_eq!((term.standing(now_ms), term.days_left(now_ms)), (standing, left), "{now_ms}");
        }
        // One that ended before it began is no good at any time.
        assert_eq!(Term { begins_at: 10, ends_at: 5 }.standing(7), Standing::Ended);
    }

    #[test]
    fn it_is_said_at_once_when_it_changes_and_once_a_day() {
        let (term, mut telling) = (Term { begins_at: 0, ends_at: 100 * DAY_MS }, Telling::default());
        let mut due = |term: Term, now_ms: i64| telling.due(term, now_ms);
        assert_eq!(due(term, 0), None, "a good one is not spoken of");
        assert_eq!(due(term, 80 * DAY_MS), Some(Standing::Soon));
        assert_eq!(due(term, 80 * DAY_MS + 10_000), None, "said already");
        assert_eq!(due(term, 81 * DAY_MS - 1), None);
        assert_eq!(due(term, 81 * DAY_MS), Some(Standing::Soon), "a day later");
        assert_eq!(due(term, 80 * DAY_MS), Some(Standing::Soon), "the clock was put back");
        assert_eq!(due(term, 93 * DAY_MS), Some(Standing::Near), "it stands otherwise");
        let renewed = Term { begins_at: 93 * DAY_MS, ends_at: 183 * DAY_MS };
        assert_eq!(due(renewed, 93 * DAY_MS + 1), None, "a new one is good");
        let short = Term { ends_at: 95 * DAY_MS, ..renewed };
        assert_eq!(due(short, 93 * DAY_MS + 2), Some(Standing::Near), "another one is said anew");
    }

    #[test]
    fn names_are_those_that_a_browser_would_take() {
        let said = ["desk.test", "*.office.test", "192.0.2.1", "2001:db8::1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(said.clone()).unwrap();
        let der = made.cert.der();
        assert_eq!(names(der), said);
        for (name, held) in [
            ("desk.test", true),
            ("a.office.test", true),
            ("a.b.office.test", false),
            ("office.test", false),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("other.test", false),
            ("-", false),
        ] {
            let asked = [name.to_owned()];
            assert_eq!(lacks(der, &asked).unwrap().is_empty(), held, "{name}");
        }
        assert!(lacks(&CertificateDer::from(vec![1, 2, 3]), &[]).is_err());
        assert!(term(&CertificateDer::from(vec![1, 2, 3])).is_err());
    }
}
