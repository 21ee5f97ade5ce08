//! Mail, by the operator's server (RFC 5321). A repeat is known by its `Message-ID`.

use super::Message;
use crate::outbound::model::{Erred, Target};
use crate::outbound::settings::{Encryption, Smtp};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use muster_kernel::{Problem, ProblemKind};
use std::time::{Duration, SystemTime};

/// How long the server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Whether the certificates that were named are some.
pub(super) fn check(smtp: &Smtp) -> Result<(), Problem> {
    tls(smtp).map(drop).map_err(|why| {
        Problem::new(ProblemKind::Busy, "outbound.settings")
            .with("file", "")
            .with("why", format!("smtp: {why}"))
    })
}

fn tls(smtp: &Smtp) -> Result<Tls, lettre::transport::smtp::Error> {
    let mut parameters = TlsParameters::builder(smtp.host.clone());
    if let Some(pem) = &smtp.authority {
        parameters = parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(pem)?);
    }
    Ok(match smtp.tls {
        Encryption::Implicit => Tls::Wrapper(parameters.build_rustls()?),
        Encryption::Starttls => Tls::Required(parameters.build_rustls()?),
        Encryption::None => Tls::None,
    })
}

pub(super) async fn send(smtp: &Smtp, target: &Target, message: &Message) -> Result<(), Erred> {
    let tls = tls(smtp).map_err(|_| Erred::for_good("tls"))?;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
        .port(smtp.port)
        .tls(tls)
        .timeout(Some(PATIENCE));
    let login = match (target.user.is_empty(), &smtp.login) {
        (false, _) => Some(Credentials::new(target.user.clone(), target.secret.clone())),
        (true, Some((user, password))) => Some(Credentials::new(user.clone(), password.as_str().to_owned())),
        (true, None) => None,
    };
    let transport = match login {
        Some(login) => transport.credentials(login),
        None => transport,
    };
    let transport = transport.build();
    let to: Address = target.address.parse().map_err(|_| Erred::for_good("address_refused"))?;
    // Who logs in as itself writes as itself, where its login is an address.
    let own: Option<Address> = target.user.parse().ok();
    let from = own.unwrap_or_else(|| smtp.from.clone());
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(message.at_ms).unwrap_or_default());
    for part in message.parts.iter().skip(message.parts_sent) {
        let mail = lettre::Message::builder()
            .from(Mailbox::new(None, from.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(message.subject.as_str())
            .date(at)
            .message_id(Some(format!("<{}@{}>", message.key, smtp.from.domain())))
            // So that nobody's absence is answered to a machine (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(part.clone())
            .map_err(|_| Erred::for_good("mail_refused"))?;
        transport.send(mail).await.map_err(|error| erred(&error))?;
    }
    Ok(())
}

fn erred(error: &lettre::transport::smtp::Error) -> Erred {
    match error.status() {
        Some(status) if error.is_permanent() => Erred::for_good(format!("smtp_{status}")),
        Some(status) => Erred::again(format!("smtp_{status}")),
        None if error.is_timeout() => Erred::again("timeout"),
        None if error.is_tls() => Erred::again("tls"),
        None if error.is_client() => Erred::for_good("mail_refused"),
        None => Erred::again("unreachable"),
    }
}
