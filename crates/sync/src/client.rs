use std::error::Error as _;
use std::time::Duration;

use kiosk::{Backend, DeliveryError, Outgoing, ParkReason, RetryCause};
use reqwest::blocking::{Client, Response};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use session::SessionId;
use wire::api::{SessionResult, UPLOAD_MEDIA_TYPE};
use wire::{DevicePublicKey, MAX_FULL_UPLOAD, Receipt, ReceiptVerifyKey, Upload};

use crate::classify::{Reply, TransportFailure, classify, retry_after};

/// Largest answer read: a receipt or a small JSON document.
const MAX_ANSWER: u64 = 64 << 10;

/// Where and how to deliver.
#[derive(Clone, Debug)]
pub struct HttpBackendConfig {
    /// `https://host[:port]`; `http://` for loopback alone.
    pub base_url: String,
    /// The backend's receipt key, pinned.
    pub receipt_key: ReceiptVerifyKey,
    /// The device's public key, sent with every upload.
    pub device: DevicePublicKey,
    /// Certificates (PEM) to trust instead of the system's: the bank's private CA and its backup.
    pub private_roots: Vec<Vec<u8>>,
    /// Longest time to connect.
    pub connect_timeout: Duration,
    /// Longest time for one attempt.
    pub timeout: Duration,
}

impl HttpBackendConfig {
    /// The usual timeouts and the system's roots.
    pub fn new(base_url: String, receipt_key: ReceiptVerifyKey, device: DevicePublicKey) -> Self {
        Self {
            base_url,
            receipt_key,
            device,
            private_roots: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(60),
        }
    }
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Not an `https` address, nor `http` on loopback.
    #[error("the backend address must be https, or http on loopback")]
    Address,
    /// A root certificate does not parse.
    #[error("a root certificate does not parse")]
    Root,
    /// TLS or the HTTP client cannot start.
    #[error("the HTTP client cannot start")]
    Start(#[source] reqwest::Error),
}

/// Why a result could not be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionResultError {
    /// No usable answer.
    #[error("no answer from the backend")]
    Unreachable,
    /// The backend refuses.
    #[error("the backend answers {status}")]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// The answer is not a result.
    #[error("the answer is not a result")]
    Malformed,
}

/// The backend over HTTP.
pub struct HttpBackend {
    client: Client,
    config: HttpBackendConfig,
}

impl std::fmt::Debug for HttpBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpBackend({})", self.config.base_url)
    }
}

impl HttpBackend {
    /// Makes a client. It must not be made or dropped inside an async runtime.
    pub fn new(mut config: HttpBackendConfig) -> Result<Self, ClientError> {
        while config.base_url.ends_with('/') {
            config.base_url.pop();
        }
        let url = reqwest::Url::parse(&config.base_url).map_err(|_| ClientError::Address)?;
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        let secure = url.scheme() == "https";
        let plain_but_local = url.scheme() == "http" && loopback;
        if !secure && !plain_but_local {
            return Err(ClientError::Address);
        }
        let mut builder = Client::builder()
            .connect_timeout(config.connect_timeout)
            .timeout(config.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("madoguchi");
        if secure {
            builder = builder.min_tls_version(reqwest::tls::Version::TLS_1_3).https_only(true);
        }
        if loopback {
            builder = builder.no_proxy();
        }
        if !config.private_roots.is_empty() {
            let roots = config.private_roots.iter().map(|pem| reqwest::Certificate::from_pem(pem));
            let roots = roots.collect::<Result<Vec<_>, _>>().map_err(|_| ClientError::Root)?;
            builder = builder.tls_certs_only(roots);
        }
        Ok(Self { client: builder.build().map_err(ClientError::Start)?, config })
    }

    /// Fetches how the backend judged a session.
    pub fn session_result(&self, id: SessionId) -> Result<SessionResult, SessionResultError> {
        let url = format!("{}/v1/sessions/{id}/result", self.config.base_url);
        let response = self.client.get(url).send().map_err(|_| SessionResultError::Unreachable)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(SessionResultError::Refused { status });
        }
        let body = read_limited(response).map_err(|_| SessionResultError::Unreachable)?;
        serde_json::from_slice(&body).map_err(|_| SessionResultError::Malformed)
    }

    fn put(&self, outgoing: &Outgoing) -> Result<Vec<u8>, DeliveryError> {
        let upload = Upload {
            device: self.config.device,
            bundle: outgoing.bundle.clone(),
            blobs: outgoing.blobs.iter().map(|blob| blob.bytes.clone()).collect(),
        };
        let body = upload.encode();
        if body.len() > MAX_FULL_UPLOAD {
            // The upload in parts takes these; until the backend speaks it, the session is kept and a person is told.
            return Err(DeliveryError::Park(ParkReason::Rejected { status: 413 }));
        }
        let response = self
            .client
            .put(format!("{}/v1/sessions/{}/full", self.config.base_url, outgoing.id))
            .header(CONTENT_TYPE, UPLOAD_MEDIA_TYPE)
            .header("Idempotency-Key", outgoing.id.to_string())
            .body(body)
            .send()
            .map_err(|error| transport(&error))?;
        let status = response.status().as_u16();
        let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(retry_after);
        classify(Reply::Status { status, after })?;
        read_limited(response).map_err(|()| DeliveryError::Retryable { cause: RetryCause::Unreachable, after: None })
    }
}

impl Backend for HttpBackend {
    fn deliver(&self, outgoing: &Outgoing) -> Result<Vec<u8>, DeliveryError> {
        let receipt = self.put(outgoing)?;
        match Receipt::verify(&receipt, &self.config.receipt_key, outgoing.id.as_bytes(), &outgoing.bundle_sha256) {
            Ok(_) => Ok(receipt),
            Err(error) => {
                // A success without a valid receipt may be a proxy's page: nothing is given up for it (retryable).
                tracing::warn!(session = %outgoing.id, %error, "answer without a valid receipt");
                Err(DeliveryError::Retryable { cause: RetryCause::Unsettled, after: None })
            }
        }
    }
}

fn read_limited(response: Response) -> Result<Vec<u8>, ()> {
    use std::io::Read as _;
    let mut body = Vec::new();
    response.take(MAX_ANSWER + 1).read_to_end(&mut body).map_err(|_| ())?;
    if body.len() as u64 > MAX_ANSWER { Err(()) } else { Ok(body) }
}

fn transport(error: &reqwest::Error) -> DeliveryError {
    let failure = if is_certificate_failure(error) {
        TransportFailure::Certificate
    } else if error.is_timeout() {
        TransportFailure::Timeout
    } else if error.is_connect() {
        TransportFailure::Connect
    } else {
        TransportFailure::Broken
    };
    tracing::info!(?failure, "delivery attempt failed");
    match classify(Reply::Transport(failure)) {
        Err(error) => error,
        Ok(()) => DeliveryError::Retryable { cause: RetryCause::Unreachable, after: None },
    }
}

/// Looks for rustls' certificate errors in the chain of causes.
fn is_certificate_failure(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if names_certificate(inner) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// A TLS error travels inside one I/O error or several, and the source of an I/O error skips what it holds.
fn names_certificate(cause: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(rustls::Error::InvalidCertificate(_)) = cause.downcast_ref::<rustls::Error>() {
        return true;
    }
    let held = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    held.is_some_and(|held| names_certificate(held))
}
