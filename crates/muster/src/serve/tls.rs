//! The server's certificate: read from two files, and read anew when they change, so that nobody who renews one has to
//! end the server. A new one that is no good keeps the old one, and says so.

use muster_kernel::{Digest, Problem, ProblemKind};
use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
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
    now: RwLock<Read>,
}

/// What was read of the two files.
#[derive(Clone)]
struct Read {
    config: Arc<ServerConfig>,
    seen: Digest,
}

impl Tls {
    /// Reads a certificate (PEM, with those between it and its authority after it) and its private key (PEM).
    ///
    /// # Errors
    /// `tls.file` where a file cannot be read, `tls.refused` where the two are no certificate and its key.
    pub fn read(certificate: &Path, key: &Path) -> Result<Arc<Self>, Problem> {
        let now = RwLock::new(read(certificate, key)?);
        Ok(Arc::new(Self { certificate: certificate.to_owned(), key: key.to_owned(), now }))
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
        let new = read(&self.certificate, &self.key)?;
        let mut now = self.now.write();
        let other = new.seen != now.seen;
        if other {
            *now = new;
        }
        Ok(other)
    }

    /// Follows the files for ever: at SIGHUP, and every ten seconds. A change that is no good is said once.
    pub(super) async fn follow(self: Arc<Self>) {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup()).ok();
        let mut told = None;
        loop {
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

fn read(certificate: &Path, key: &Path) -> Result<Read, Problem> {
    let (chain, secret) = (bytes(certificate)?, bytes(key)?);
    let refused = |file: &Path, why: &dyn Display| {
        Problem::new(ProblemKind::Busy, "tls.refused").with("file", file.display()).with("why", why)
    };
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|error| refused(certificate, &error))?;
    let private = PrivateKeyDer::from_pem_slice(&secret).map_err(|error| refused(key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .map_err(|error| refused(certificate, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let seen =
        Digest::of(&[Digest::of(&chain).to_string(), Digest::of(&secret).to_string()].concat().into_bytes());
    Ok(Read { config: Arc::new(config), seen })
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
