//! Delivery over real TLS: the bank's own certificate authority is accepted because it is pinned, any other one stops the device, and
//! what was accepted stays where it is. Certificates are made here, by `openssl`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use backend::{Backend, BackendConfig, EmbeddedBackend, Enrolment};
use chip_crypto::random::SystemRandom;
use jiff::Timestamp;
use kiosk::{Backend as _, DeliveryError, DeliveryState, RetryCause, SessionStore as _};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use session::{Accepted, DocumentChoice, ItemKind, Language, MediaType, RecordItem, SessionId};
use store::{FileDev, Store, StoreConfig};
use sync::{HttpBackend, HttpBackendConfig};
use trust::TrustStore;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + second).unwrap()
}

fn openssl(arguments: &[&str], dir: &Path) {
    let status = Command::new("openssl").args(arguments).current_dir(dir).stderr(Stdio::null()).status();
    assert!(status.expect("openssl is part of the test machine").success(), "openssl {arguments:?}");
}

/// A certificate authority of its own and a server certificate for loopback under it, as PEM files in `dir`.
fn authority(dir: &Path, name: &str) {
    let (ca, server) = (format!("{name}-ca"), format!("{name}-server"));
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    let own = format!("/O=Madoguchi TEST/CN={ca}");
    let request = ["req", "-x509", "-keyout", &format!("{ca}.key"), "-out", &format!("{ca}.pem"), "-subj", &own];
    openssl(&[&request[..], &curve].concat(), dir);
    let subject = format!("/O=Madoguchi TEST/CN={server}");
    let (key, pem) = (format!("{server}.key"), format!("{server}.pem"));
    let (issuer, issuer_key) = (format!("{ca}.pem"), format!("{ca}.key"));
    let signed = ["req", "-x509", "-CA", &issuer, "-CAkey", &issuer_key, "-keyout", &key, "-out", &pem];
    let facts =
        ["-subj", &subject, "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"];
    openssl(&[&signed[..], &facts, &curve].concat(), dir);
}

/// TLS 1.3 in front of the backend: every request is taken whole and handed on, every answer handed back.
fn front(dir: &Path, name: &str, backend: std::net::SocketAddr) -> std::net::SocketAddr {
    let certificate = CertificateDer::from_pem_file(dir.join(format!("{name}-server.pem"))).unwrap();
    let key = PrivateKeyDer::from_pem_file(dir.join(format!("{name}-server.key"))).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(connection) = ServerConnection::new(Arc::clone(&config)) else { continue };
            let mut outside = StreamOwned::new(connection, stream);
            std::thread::spawn(move || {
                // A client that refuses the certificate ends here.
                while let Some(request) = message(&mut outside) {
                    let mut inside = TcpStream::connect(backend).unwrap();
                    inside.write_all(&request).unwrap();
                    let answer = message(&mut inside).expect("an answer of the backend");
                    if outside.write_all(&answer).and_then(|()| outside.flush()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// One HTTP/1.1 message with a Content-Length; `None` when the other side is gone.
fn message(stream: &mut impl Read) -> Option<Vec<u8>> {
    let (mut bytes, mut part) = (Vec::new(), [0; 16 << 10]);
    loop {
        if let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if bytes.len() >= head + 4 + length.unwrap_or(0) {
                return Some(bytes);
            }
        }
        let count = stream.read(&mut part).ok()?;
        if count == 0 {
            return None;
        }
        bytes.extend_from_slice(&part[..count]);
    }
}

struct Branch {
    store: Store,
    backend: EmbeddedBackend,
    dir: tempfile::TempDir,
}

fn branch() -> Branch {
    let dir = tempfile::tempdir().unwrap();
    let enrolled = BackendConfig {
        enrolment: Enrolment::Enrolled,
        ..BackendConfig::loopback(dir.path().join("backend"), TrustStore::empty())
    };
    let backend = Backend::spawn_embedded(enrolled).unwrap();
    let path = dir.path().join("kiosk");
    let keys = Box::new(FileDev::new(&path));
    let random = Box::new(SystemRandom::new());
    let mut config = StoreConfig::new(path, keys, backend.seal_key.clone(), backend.receipt_key, random);
    config.min_free = 0;
    let mut store = Store::open(config, at(0)).unwrap();
    backend.enrol(&store.device_public()).unwrap();
    let id = SessionId::from_time(at(0), [7; 10]);
    store.begin(id, at(1)).unwrap();
    let accepted = Accepted {
        id,
        opened_at: at(0),
        accepted_at: at(60),
        document: DocumentChoice::Passport,
        language: Language::Ja,
        items: vec![RecordItem {
            kind: ItemKind::FacePhoto,
            name: "face_photo".to_owned(),
            media_type: MediaType::Jpeg,
            bytes: vec![7; 200_000],
        }],
    };
    store.accept(&accepted, at(2)).unwrap();
    Branch { store, backend, dir }
}

impl Branch {
    fn client(&self, address: std::net::SocketAddr, roots: &[&str]) -> HttpBackend {
        let url = format!("https://{address}");
        let mut config = HttpBackendConfig::new(url, self.backend.receipt_key, self.store.device_public());
        config.private_roots =
            roots.iter().map(|name| std::fs::read(self.dir.path().join(format!("{name}-ca.pem"))).unwrap()).collect();
        HttpBackend::new(config).unwrap()
    }
}

#[test]
fn the_banks_own_authority_is_accepted_and_so_is_its_backup() {
    let mut branch = branch();
    for name in ["bank", "backup"] {
        authority(branch.dir.path(), name);
    }
    let outgoing = branch.store.next_due(at(3)).unwrap().unwrap();
    for name in ["bank", "backup"] {
        let address = front(branch.dir.path(), name, branch.backend.addr);
        let client = branch.client(address, &["bank", "backup"]);
        client.deliver(&outgoing).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    assert_eq!(branch.backend.committed().unwrap(), 1, "delivered twice, committed once");
}

#[test]
fn another_authority_stops_the_device_and_nothing_is_lost() {
    let mut branch = branch();
    for name in ["bank", "stranger"] {
        authority(branch.dir.path(), name);
    }
    let outgoing = branch.store.next_due(at(3)).unwrap().unwrap();
    let stranger = front(branch.dir.path(), "stranger", branch.backend.addr);
    assert_eq!(branch.client(stranger, &["bank"]).deliver(&outgoing), Err(DeliveryError::DeviceStop));
    // Without a pinned authority the system's are asked, and they do not know this one either.
    assert_eq!(branch.client(stranger, &[]).deliver(&outgoing), Err(DeliveryError::DeviceStop));
    assert_eq!(branch.backend.committed().unwrap(), 0);
    assert_ne!(branch.store.deliveries().unwrap()[0].state, DeliveryState::Receipted);
    assert!(branch.store.verify().intact());

    let bank = front(branch.dir.path(), "bank", branch.backend.addr);
    branch.client(bank, &["bank"]).deliver(&outgoing).unwrap();
    assert_eq!(branch.backend.committed().unwrap(), 1);
}

#[test]
fn plain_http_behind_an_https_address_is_worth_another_attempt_not_an_alarm() {
    let mut branch = branch();
    authority(branch.dir.path(), "bank");
    let outgoing = branch.store.next_due(at(3)).unwrap().unwrap();
    let answer = branch.client(branch.backend.addr, &["bank"]).deliver(&outgoing);
    assert_eq!(answer, Err(DeliveryError::Retryable { cause: RetryCause::Unreachable, after: None }));
}
