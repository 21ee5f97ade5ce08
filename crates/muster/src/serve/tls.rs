//! The server's certificate: read from two files, and read anew when they change, so that nobody who renews one has to
//! end the server. A new one that is no good keeps the old one, and says so; one that nears its end is said in the log.

use super::certificate::{self, Standing, Telling, Term};
use muster_kernel::day::rfc3339;
use muster_kernel::{Clock, Digest, Problem, ProblemKind};
use parking_lot::RwLock;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{Error, InconsistentKeys, ServerConfig};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Largest file that is read; a chain of certificates has some kilobytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A certificate with its key, as it stands now.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    names: Vec<String>,
    now: RwLock<Read>,
}

/// What was read of the two files.
#[derive(Clone)]
struct Read {
    config: Arc<ServerConfig>,
    term: Term,
    seen: Digest,
}

impl Tls {
    /// Reads a certificate (PEM, with those between it and its authority after it) and its private key (PEM). It must be for
    /// all of these host names.
    ///
    /// # Errors
    /// `tls.file` where a file cannot be read, `tls.refused` where the two are no certificate and key, `tls.key_other` where
    /// the key is another one's, `tls.names` where it is not for one of the names.
    pub fn read(certificate: &Path, key: &Path, names: &[String]) -> Result<Arc<Self>, Problem> {
        let now = RwLock::new(read(certificate, key, names)?);
        let names = names.to_vec();
        Ok(Arc::new(Self { certificate: certificate.to_owned(), key: key.to_owned(), names, now }))
    }

    /// From when to when the certificate is good that is shown now.
    pub fn term(&self) -> Term {
        self.now.read().term
    }

    /// What the next connection is met with.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.now.read().config.clone())
    }

    /// Reads the files anew; whether they held another certificate or key. Where they are no good the old one stays.
    ///
    /// # Errors
    /// As [`Tls::read`].
    pub fn read_anew(&self) -> Result<bool, Problem> {
        let new = read(&self.certificate, &self.key, &self.names)?;
        let mut now = self.now.write();
        let other = new.seen != now.seen;
        if other {
            *now = new;
        }
        Ok(other)
    }

    /// Says in the log how the certificate stands, where that is due.
    fn tell(&self, telling: &mut Telling, now_ms: i64) {
        let term = self.term();
        let (file, days) = (self.certificate.display(), term.days_left(now_ms));
        let ends = rfc3339(term.ends_at, &jiff::tz::TimeZone::UTC);
        match telling.due(term, now_ms) {
            None | Some(Standing::Good) => {}
            Some(Standing::Soon) => tracing::warn!(%file, %ends, days, "the certificate ends soon: renew it"),
            Some(Standing::Near) => {
                tracing::error!(%file, %ends, days, "the certificate ends within days: renew it now");
            }
            Some(Standing::Ended) => {
                tracing::error!(%file, %ends, "the certificate has ended: browsers refuse it");
            }
            Some(Standing::Early) => {
                let begins = rfc3339(term.begins_at, &jiff::tz::TimeZone::UTC);
                tracing::error!(%file, %begins, "the certificate is not good yet: look at the clock");
            }
        }
    }

    /// Follows the files for ever: at SIGHUP, and every ten seconds. A change that is no good is said once; a certificate
    /// that nears its end once a day.
    pub(super) async fn follow(self: Arc<Self>, clock: Clock) {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup()).ok();
        let (mut told, mut telling) = (None, Telling::default());
        loop {
            self.tell(&mut telling, clock.now_ms());
            let asked = async {
                match &mut hangup {
                    Some(hangup) => drop(hangup.recv().await),
                    None => std::future::pending().await,
                }
            };
            let was_asked = tokio::select! {
                () = asked => true,
                () = tokio::time::sleep(LOOK_EVERY) => false,
            };
            let own = self.clone();
            let anew = tokio::task::spawn_blocking(move || own.read_anew()).await;
            match anew {
                Ok(Ok(other)) => {
                    if other || was_asked {
                        tracing::warn!(other, "the certificate was read anew");
                    }
                    told = None;
                }
                Ok(Err(problem)) => {
                    let why = problem.to_string();
                    if was_asked || told.as_ref() != Some(&why) {
                        tracing::error!(why, "the new certificate is no good: the old one stays");
                    }
                    told = Some(why);
                }
                Err(error) => tracing::error!(%error, "the certificate could not be looked at"),
            }
        }
    }
}

fn read(certificate: &Path, key: &Path, names: &[String]) -> Result<Read, Problem> {
    let (chain, secret) = (bytes(certificate)?, bytes(key)?);
    let refused = |file: &Path, why: &dyn Display| {
        Problem::new(ProblemKind::Busy, "tls.refused").with("file", file.display()).with("why", why)
    };
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|error| refused(certificate, &error))?;
    let Some(own) = certificates.first().cloned() else {
        return Err(refused(certificate, &"CERTIFICATE?"));
    };
    let private = PrivateKeyDer::from_pem_slice(&secret).map_err(|error| refused(key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                let other = Problem::new(ProblemKind::Busy, "tls.key_other");
                other.with("key", key.display()).with("file", certificate.display())
            }
            error => refused(certificate, &error),
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let term = certificate::term(&own).map_err(|error| refused(certificate, &error))?;
    let lacking = certificate::lacks(&own, names).map_err(|error| refused(certificate, &error))?;
    if !lacking.is_empty() {
        let other = Problem::new(ProblemKind::Busy, "tls.names").with("file", certificate.display());
        let held = Some(certificate::names(&own)).filter(|held| !held.is_empty());
        let held = held.map_or_else(|| "-".to_owned(), |held| held.join(", "));
        return Err(other.with("names", lacking.join(", ")).with("held", held));
    }
    let seen =
        Digest::of(&[Digest::of(&chain).to_string(), Digest::of(&secret).to_string()].concat().into_bytes());
    Ok(Read { config: Arc::new(config), term, seen })
}

fn bytes(file: &Path) -> Result<Vec<u8>, Problem> {
    let failed = |why: &dyn Display| {
        Problem::new(ProblemKind::Busy, "tls.file").with("file", file.display()).with("why", why)
    };
    let size = std::fs::metadata(file).map_err(|error| failed(&error))?.len();
    if size > FILE_BYTES_MAX {
        return Err(failed(&format!("{size} bytes")));
    }
    std::fs::read(file).map_err(|error| failed(&error))
}
