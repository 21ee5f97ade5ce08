//! TLS to the server, by `sslmode` and `sslrootcert` in the address, read as libpq reads them.
//!
//! | `sslmode` | connection | certificate |
//! | --- | --- | --- |
//! | `disable` | plain | |
//! | `prefer`, or none said | encrypted where the server can | not looked at |
//! | `require` | encrypted, or refused | not looked at, unless there is a `sslrootcert`: then as `verify-ca` |
//! | `verify-ca` | encrypted, or refused | issued by an authority of `sslrootcert` |
//! | `verify-full` | encrypted, or refused | that, and it bears the name in the address |
//!
//! `sslrootcert` is a file of certificates (PEM); there is no authority that is trusted without being named.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{self, CryptoProvider},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Result, StoreError};

/// What an address says: how to connect, and how to encrypt.
pub(super) fn read(url: &str) -> Result<(tokio_postgres::Config, MakeRustlsConnect)> {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
    for setting in query.split('&').filter(|setting| !setting.is_empty()) {
        match setting.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => {
                let file = percent_encoding::percent_decode_str(value).decode_utf8();
                authorities = Some(file.map_err(|_| wrong("sslrootcert is not UTF-8"))?.into_owned());
            }
            _ => others.push(setting),
        }
    }
    let (mode, look) = match mode {
        Some("disable") => (SslMode::Disable, Look::Away),
        None | Some("prefer") => (SslMode::Prefer, Look::Away),
        Some("require") if authorities.is_none() => (SslMode::Require, Look::Away),
        Some("require" | "verify-ca") => (SslMode::Require, Look::Issuer),
        Some("verify-full") => (SslMode::Require, Look::IssuerAndName),
        Some(other) => {
            let modes = "disable, prefer, require, verify-ca, verify-full";
            return Err(wrong(format!("sslmode={other} is none of {modes}")));
        }
    };
    let provider = Arc::new(crypto::ring::default_provider());
    let issuer = match (look, authorities) {
        (Look::Away, _) => None,
        (_, None) => return Err(wrong("this sslmode needs sslrootcert=FILE, the authorities to be trusted")),
        (_, Some(file)) => Some(trusting(&file, &provider)?),
    };
    let verifier = Verifier { look, issuer, provider: provider.clone() };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(wrong)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    let mut target: tokio_postgres::Config =
        [place, &others.join("&")].join("?").parse().map_err(|err: tokio_postgres::Error| {
            let why = std::error::Error::source(&err).map_or_else(String::new, |why| format!(": {why}"));
            wrong(format!("{err}{why}"))
        })?;
    target.ssl_mode(mode);
    Ok((target, MakeRustlsConnect::new(config)))
}

fn wrong(why: impl std::fmt::Display) -> StoreError {
    StoreError::Io(format!("address of the database: {why}"))
}

/// Trusts what the authorities in a file have issued.
fn trusting(file: &str, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    let at = |why: &dyn std::fmt::Display| wrong(format!("sslrootcert={file}: {why}"));
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_file_iter(file).map_err(|why| at(&why))? {
        roots.add(authority.map_err(|why| at(&why))?).map_err(|why| at(&why))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|why| at(&why))
}

/// How closely a server's certificate is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Look {
    Away,
    Issuer,
    IssuerAndName,
}

#[derive(Debug)]
struct Verifier {
    look: Look,
    issuer: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        let Some(issuer) = &self.issuer else { return Ok(ServerCertVerified::assertion()) };
        match issuer.verify_server_cert(certificate, between, name, ocsp, now) {
            // The name is looked at last, when all else is found right.
            Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }))
                if self.look == Look::Issuer =>
            {
                Ok(ServerCertVerified::assertion())
            }
            found => found,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
