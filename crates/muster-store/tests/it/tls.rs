//! TLS to PostgreSQL: by `sslmode`, as libpq reads it.

use std::{
    net::{SocketAddr, TcpListener as Listener},
    path::PathBuf,
    sync::Arc,
};

use muster_store::{Db, DbConfig, StoreError, testdb::TestDb};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, pem::PemObject as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// An authority, in a file, and what a server bears that it has vouched for as `db.test`.
struct Authority {
    file: PathBuf,
    server: Arc<ServerConfig>,
}

impl Authority {
    fn new(name: &str) -> Authority {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(params, key);
        let key = rcgen::KeyPair::generate().unwrap();
        let leaf = rcgen::CertificateParams::new(["db.test".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &issuer).unwrap();
        let file = std::env::temp_dir().join(format!("muster tls {name} {}.pem", std::process::id()));
        std::fs::write(&file, certificate.pem()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        Authority { file, server: Arc::new(server) }
    }
    /// As it stands in an address.
    fn in_address(&self) -> String {
        self.file.display().to_string().replace('/', "%2F").replace(' ', "%20")
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.file));
    }
}

/// Stands before a PostgreSQL at `to` and brings TLS; without `to` it says that it has none, and hangs up.
fn door(tls: Option<(Arc<ServerConfig>, String)>) -> SocketAddr {
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            let tls = Arc::new(tls);
            while let Ok((client, _)) = listener.accept().await {
                let tls = tls.clone();
                tokio::spawn(async move { drop(pass(client, &tls).await) });
            }
        });
    });
    at
}

async fn pass(mut client: TcpStream, tls: &Option<(Arc<ServerConfig>, String)>) -> std::io::Result<()> {
    let mut asked = [0; 8];
    client.read_exact(&mut asked).await?;
    let asks_tls = asked == *b"\0\0\0\x08\x04\xd2\x16\x2f";
    let Some((config, to)) = tls else { return client.write_all(b"N").await };
    let mut server = TcpStream::connect(to).await?;
    if !asks_tls {
        server.write_all(&asked).await?;
        return copy_bidirectional(&mut client, &mut server).await.map(drop);
    }
    client.write_all(b"S").await?;
    let mut client = TlsAcceptor::from(config.clone()).accept(client).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

fn open(url: &str) -> Result<Db, StoreError> {
    Db::open(&DbConfig { connections: 1, ..DbConfig::for_testing(url) })
}

fn why(url: &str) -> String {
    open(url).err().unwrap_or_else(|| panic!("{url} is open")).to_string()
}

#[test]
fn an_address_that_demands_tls_is_refused_where_there_is_none() {
    let at = door(None);
    let url = |settings: &str| format!("postgres://somebody@{at}/muster?{settings}");
    assert!(why(&url("sslmode=require")).contains("server does not support TLS"));
    assert!(why(&url("sslmode=verify-full")).contains("this sslmode needs sslrootcert=FILE"));
    assert!(why(&url("sslmode=required")).contains("sslmode=required is none of disable, prefer, require"));
    assert!(why(&url("sslmode=verify-ca&sslrootcert=/no/such.pem")).contains("sslrootcert=/no/such.pem"));
    assert!(why(&url("sslcert=/some.pem")).contains("sslcert"), "what is not there is not passed over");
}

#[test]
fn a_certificate_is_looked_at_as_closely_as_the_address_says() {
    let Some(postgres) = TestDb::postgres(&[]) else { return };
    let (ours, other) = (Authority::new("ours"), Authority::new("another"));
    let (before, place) = postgres.config.url.split_once('@').unwrap();
    let (server, name) = place.split_once('/').unwrap();
    let at = door(Some((ours.server.clone(), server.to_owned())));
    let url = |settings: &str| format!("{before}@{at}/{name}?{settings}");
    let named =
        |settings: &str| format!("{before}@db.test:{}/{name}?hostaddr=127.0.0.1&{settings}", at.port());
    let (ours, other) = (ours.in_address(), other.in_address());

    for open_as in ["", "sslmode=disable", "sslmode=prefer", "sslmode=require"] {
        open(&url(open_as)).unwrap_or_else(|why| panic!("{open_as}: {why}"));
    }
    open(&url(&format!("sslmode=require&sslrootcert={ours}"))).unwrap();
    open(&url(&format!("sslmode=verify-ca&sslrootcert={ours}"))).unwrap();
    open(&named(&format!("sslmode=verify-full&sslrootcert={ours}"))).unwrap();

    let name = why(&url(&format!("sslmode=verify-full&sslrootcert={ours}")));
    assert!(name.contains("certificate not valid for name"), "{name}");
    for mode in ["require", "verify-ca", "verify-full"] {
        let issuer = why(&named(&format!("sslmode={mode}&sslrootcert={other}")));
        assert!(issuer.contains("UnknownIssuer"), "{mode}: {issuer}");
    }
}
