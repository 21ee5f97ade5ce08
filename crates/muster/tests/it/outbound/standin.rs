//! Stand-ins for what is outside: a host that is asked over HTTP, and a mail server. Each on this machine, for one story.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use mailin::response::{INVALID_CREDENTIALS, NO_MAILBOX, OK};
use mailin::{Action, AuthMechanism, Handler, Response, SessionBuilder};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a host was asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) uri: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// How a host answers: a status, a body; never at all where the status is 0.
type Answer = (u16, String);

/// A host.
#[derive(Clone, Default)]
pub(super) struct Host {
    pub(super) asked: Arc<Mutex<Vec<Asked>>>,
    /// What it answers next; when there is no more, a success.
    pub(super) answers: Arc<Mutex<Vec<Answer>>>,
    pub(super) port: u16,
}

impl Host {
    /// Starts one; it ends with the runtime.
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let router = Router::new().fallback(answer).with_state(host.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        host
    }
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
    pub(super) fn answers(&self, answers: &[(u16, &str)]) {
        *self.answers.lock().unwrap() =
            answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
    }
    pub(super) fn taken(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

async fn answer(
    State(host): State<Host>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    host.asked.lock().unwrap().push(Asked { uri: uri.to_string(), headers, body: body.to_vec() });
    let next = {
        let mut answers = host.answers.lock().unwrap();
        if answers.is_empty() { None } else { Some(answers.remove(0)) }
    };
    let (status, body) = next.unwrap_or((200, r#"{"errcode":0,"errmsg":"ok"}"#.to_owned()));
    if status == 0 {
        std::future::pending::<()>().await;
    }
    (StatusCode::from_u16(status).unwrap(), [("location", "http://127.0.0.1:1/elsewhere")], body)
}

/// What a mail server took.
#[derive(Clone, Debug, Default)]
pub(super) struct Mail {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) data: String,
    pub(super) login: String,
}

/// A mail server: the protocol is `mailin`'s, the wire is here.
#[derive(Clone, Default)]
pub(super) struct MailServer {
    pub(super) took: Arc<Mutex<Vec<Mail>>>,
    pub(super) port: u16,
}

struct Desk {
    server: MailServer,
    mail: Mail,
}

impl Handler for Desk {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        self.mail.from = from.to_owned();
        OK
    }
    fn rcpt(&mut self, to: &str) -> Response {
        if to.starts_with("nobody@") { NO_MAILBOX } else { OK }
    }
    fn data_start(&mut self, _: &str, _: &str, _: bool, to: &[String]) -> Response {
        self.mail.to = to.to_vec();
        self.mail.data.clear();
        OK
    }
    fn data(&mut self, part: &[u8]) -> std::io::Result<()> {
        self.mail.data.push_str(&String::from_utf8_lossy(part));
        Ok(())
    }
    fn data_end(&mut self) -> Response {
        self.server.took.lock().unwrap().push(self.mail.clone());
        OK
    }
    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        self.mail.login = user.to_owned();
        if password == "the pass word" { mailin::response::AUTH_OK } else { INVALID_CREDENTIALS }
    }
}

impl MailServer {
    /// Starts one: encrypted from the first byte where it has a certificate, and then it asks who comes.
    pub(super) async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (server, tls) = (own.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => server.talk(stream, false).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                server.talk(stream, true).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    async fn talk(&self, stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin, encrypted: bool) {
        let mut builder = SessionBuilder::new("mail.example");
        if encrypted {
            builder.enable_auth(AuthMechanism::Plain);
        }
        let mut session =
            builder.build([127, 0, 0, 1].into(), Desk { server: self.clone(), mail: Mail::default() });
        if encrypted {
            session.tls_active();
        }
        let mut stream = BufReader::new(stream);
        let said = |response: &Response| {
            let mut bytes = Vec::new();
            response.write_to(&mut bytes).unwrap();
            bytes
        };
        let mut line = Vec::new();
        let mut bytes = said(&session.greeting());
        loop {
            if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                return;
            }
            line.clear();
            if stream.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let response = session.process(&line);
            bytes = match response.action {
                Action::NoReply => Vec::new(),
                _ => said(&response),
            };
            if response.action == Action::Close {
                let _ = stream.write_all(&bytes).await;
                return;
            }
        }
    }

    pub(super) fn taken(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.took.lock().unwrap())
    }
}
