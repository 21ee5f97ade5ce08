//! A group's login service that stands in for a real one: it publishes itself and its keys, sends browsers back at once, and
//! gives a token for a code only to whoever shows the secret and what the code was asked for with. Told to, it lies.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use muster::oidc::{Claim, Settings};
use muster_kernel::Clock;
use openidconnect::PrivateSigningKey as _;
use openidconnect::core::{CoreHmacKey, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::url::Url;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What this server shows the service.
pub(super) const SECRET: &str = "a secret of both: %/+ ";
const CLIENT: &str = "muster";
/// A key that was made for these stories, and signs for nobody else.
const RSA: &str = include_str!("nobodys.pem");

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Es256,
    Rs256,
    EdDsa,
    /// With nothing at all.
    None,
    /// With the published key of the service as if it were a secret.
    HmacOfKey,
    /// With the secret that both know.
    HmacOfSecret,
    /// With somebody else's key, under the service's key id.
    Foreign,
    /// With its key, and then another word in the claims.
    Altered,
}

/// Changes what is about to be told.
type Tweak = fn(&mut Value);

/// How it is at the moment.
pub(super) struct Mood {
    /// Whom it knows in the browser that comes.
    pub(super) subject: String,
    pub(super) sign: Sign,
    /// By which of its keys; another one is another key, with another id.
    pub(super) key: u8,
    pub(super) claims: Tweak,
    pub(super) about: Tweak,
    /// What it answers at the token endpoint instead: status, body.
    pub(super) answer: Option<(u16, String)>,
    /// It takes a question and says nothing.
    pub(super) is_mute: bool,
    /// What it was asked at, in order.
    pub(super) asked: Vec<String>,
    codes: HashMap<String, HashMap<String, String>>,
}

/// A stand-in that runs.
pub(super) struct Service {
    pub(super) issuer: String,
    mood: Arc<Mutex<Mood>>,
    task: JoinHandle<()>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a browser brings back.
#[derive(Clone, Debug)]
pub(super) struct Brought {
    pub(super) state: String,
    pub(super) code: String,
    pub(super) iss: String,
}

impl Brought {
    pub(super) fn body(&self) -> Value {
        json!({ "state": self.state, "code": self.code, "iss": self.iss })
    }
}

impl Service {
    /// Starts one on this machine; `tls`: with a certificate.
    pub(super) async fn start(clock: Clock, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let issuer = match &tls {
            Some(_) => format!("https://localhost:{port}/realms/staff"),
            None => format!("http://127.0.0.1:{port}/realms/staff"),
        };
        let mood = Arc::new(Mutex::new(Mood {
            subject: "s-4711".to_owned(),
            sign: Sign::Es256,
            key: 7,
            claims: |_| {},
            about: |_| {},
            answer: None,
            is_mute: false,
            asked: Vec::new(),
            codes: HashMap::new(),
        }));
        let (own, held) = (issuer.clone(), mood.clone());
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (tls, own, held, clock) = (tls.clone(), own.clone(), held.clone(), clock.clone());
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(request, &own, &held, &clock));
                    let http = hyper::server::conn::http1::Builder::new();
                    match tls {
                        None => drop(http.serve_connection(TokioIo::new(stream), service).await),
                        Some(tls) => {
                            let Ok(stream) = tls.accept(stream).await else { return };
                            drop(http.serve_connection(TokioIo::new(stream), service).await);
                        }
                    }
                });
            }
        });
        Self { issuer, mood, task }
    }

    /// What the operator would say of it.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            id: "g1".to_owned(),
            name: "Group One".to_owned(),
            issuer: self.issuer.clone(),
            client_id: CLIENT.to_owned(),
            secret: SECRET.to_owned().into(),
            claim: Claim::Sub,
            authority: None,
            unit: None,
            hosts: Vec::new(),
        }
    }

    pub(super) fn mood(&self) -> MutexGuard<'_, Mood> {
        self.mood.lock().unwrap()
    }

    /// A browser that is sent to an address there comes back at once.
    pub(super) fn visit(&self, url: &str) -> Brought {
        let url = Url::parse(url).unwrap();
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(format!("{}/authorize", self.issuer), url.as_str().split('?').next().unwrap());
        assert_eq!(
            (&*asked["response_type"], &*asked["client_id"], &*asked["code_challenge_method"]),
            ("code", CLIENT, "S256")
        );
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"), "{asked:?}");
        assert_eq!(asked["redirect_uri"], "http://localhost/login/oidc", "never from a request");
        let mut mood = self.mood();
        let code = format!("code-{}", mood.codes.len());
        let brought = Brought { state: asked["state"].clone(), code: code.clone(), iss: self.issuer.clone() };
        mood.codes.insert(code, asked);
        brought
    }
}

async fn answer(
    request: Request<Incoming>,
    issuer: &str,
    mood: &Mutex<Mood>,
    clock: &Clock,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().trim_start_matches("/realms/staff").to_owned();
    let authorization = request.headers().get("authorization").map(|v| v.to_str().unwrap().to_owned());
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let mute = {
        let mut mood = mood.lock().unwrap();
        mood.asked.push(path.clone());
        mood.is_mute
    };
    if mute {
        std::future::pending::<()>().await;
    }
    let mut mood = mood.lock().unwrap();
    let (status, text) = match path.as_str() {
        "/.well-known/openid-configuration" => (200, about(&mood, issuer).to_string()),
        "/keys" => (200, keys(mood.key).to_string()),
        "/token" => token(&mut mood, issuer, clock.now_ms(), authorization, &body),
        _ => (404, String::new()),
    };
    let response = Response::builder().status(status).header("content-type", "application/json");
    Ok(response.header("location", "/elsewhere").body(Full::new(Bytes::from(text))).unwrap())
}

fn about(mood: &Mood, issuer: &str) -> Value {
    let mut about = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
        "authorization_response_iss_parameter_supported": true,
        "something_of_tomorrow": { "a": 1 },
    });
    (mood.about)(&mut about);
    about
}

fn ec(key: u8) -> SigningKey {
    SigningKey::from_slice(&[key; 32]).unwrap()
}

fn ed() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[9; 32])
}

fn rsa() -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(RSA, None).unwrap()
}

fn keys(key: u8) -> Value {
    let point = ec(key).verifying_key().to_sec1_point(false);
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let mut of_rsa = serde_json::to_value(rsa().as_verification_key()).unwrap();
    of_rsa["kid"] = json!("r");
    json!({ "keys": [
        { "kty": "EC", "crv": "P-256", "use": "sig", "kid": format!("e{key}"),
          "x": text(point.x().unwrap()), "y": text(point.y().unwrap()) },
        of_rsa,
        { "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "d", "x": text(ed().verifying_key().as_bytes()) },
        { "kty": "later", "kid": "of a kind that nobody knows" },
    ] })
}

fn token(
    mood: &mut Mood,
    issuer: &str,
    now_ms: i64,
    authorization: Option<String>,
    body: &[u8],
) -> (u16, String) {
    if let Some(answer) = &mood.answer {
        return answer.clone();
    }
    let form: HashMap<String, String> =
        openidconnect::url::form_urlencoded::parse(body).into_owned().collect();
    // Form-urlencoded before it is base64 (RFC 6749, 2.3.1).
    let secret: String = openidconnect::url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
    if authorization.as_deref() != Some(&basic) {
        return (401, json!({ "error": "invalid_client" }).to_string());
    }
    let asked = form.get("code").and_then(|code| mood.codes.get_mut(code)).map(std::mem::take);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    let asked = asked.filter(|asked| asked.get("code_challenge") == Some(&challenge));
    let asked = asked.filter(|asked| asked.get("redirect_uri") == form.get("redirect_uri"));
    let Some(asked) = asked else { return (400, json!({ "error": "invalid_grant" }).to_string()) };
    let now = now_ms / 1_000;
    let mut claims = json!({
        "iss": issuer, "sub": mood.subject, "aud": CLIENT, "azp": CLIENT, "iat": now, "exp": now + 300,
        "nonce": asked["nonce"], "preferred_username": "liu",
    });
    (mood.claims)(&mut claims);
    let id_token = signed(mood.sign, mood.key, &claims);
    let answer =
        json!({ "access_token": "unused", "token_type": "Bearer", "expires_in": 60, "id_token": id_token });
    (200, answer.to_string())
}

fn signed(sign: Sign, key: u8, claims: &Value) -> String {
    let (alg, kid) = match sign {
        Sign::Es256 | Sign::Foreign | Sign::Altered => ("ES256", format!("e{key}")),
        Sign::Rs256 => ("RS256", "r".to_owned()),
        Sign::EdDsa => ("EdDSA", "d".to_owned()),
        Sign::None => ("none", format!("e{key}")),
        Sign::HmacOfKey | Sign::HmacOfSecret => ("HS256", format!("e{key}")),
    };
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({ "alg": alg, "kid": kid, "typ": "JWT" }));
    let text = format!("{head}.{}", part(claims));
    let hmac = |secret: &[u8]| {
        CoreHmacKey::new(secret).sign(&CoreJwsSigningAlgorithm::HmacSha256, text.as_bytes()).unwrap()
    };
    let es = |key: u8| {
        let signature: Signature = ec(key).sign(text.as_bytes());
        signature.to_bytes().to_vec()
    };
    let signature = match sign {
        Sign::Es256 | Sign::Altered => es(key),
        Sign::Foreign => es(key + 1),
        Sign::Rs256 => rsa().sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, text.as_bytes()).unwrap(),
        Sign::EdDsa => ed25519_dalek::Signer::sign(&ed(), text.as_bytes()).to_bytes().to_vec(),
        Sign::None => Vec::new(),
        Sign::HmacOfKey => hmac(&ec(key).verifying_key().to_sec1_bytes()),
        Sign::HmacOfSecret => hmac(SECRET.as_bytes()),
    };
    let text = match sign {
        Sign::Altered => {
            let mut other = claims.clone();
            other["sub"] = json!("somebody else");
            format!("{head}.{}", part(&other))
        }
        _ => text,
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
