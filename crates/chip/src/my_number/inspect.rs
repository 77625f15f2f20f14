//! The order of a reading, in one place.

use std::collections::BTreeMap;

use apdu::{Card, ReadFileError, StatusWord, TransportError};
use chip_crypto::random::{RandomError, SecureRandom};

use super::evidence::{MyNumberEvidence, OpenedBy};
use super::field::FieldError;
use super::layout::{Application, CardKey, MyNumberFile, Secret};
use super::redaction::holds_individual_number;
use super::{proof, reading, surface};
use crate::mrtd::Counting;
use crate::pin::{
    LastTryConsent, Pin, PinError, PinFormatError, PinKind, PinPath, SignaturePassword, TextPin, UserPin,
    VerificationNumberB, verify,
};

/// What is to be read. Every secret in it is sent at most once.
#[derive(Default)]
pub struct Request {
    /// What opens face and text.
    pub lane: Option<Lane>,
    /// Whether to read 利用者証明用電子証明書, which is free. Its serial number stands for the person and may be kept by accredited
    /// verifiers only, so it is read when it is going to be judged.
    pub user_certificate: bool,
    /// Has the card prove the key of that certificate, which is then read in any case.
    pub user_pin: Option<Pin<UserPin>>,
    /// Opens 署名用電子証明書 and has the card prove its key.
    pub signature_password: Option<Pin<SignaturePassword>>,
    /// For the one secret the customer and staff agreed to use the last try of.
    pub consent: Consent,
}

/// Consents to last tries.
#[derive(Default)]
pub struct Consent {
    /// For 券面事項入力補助用暗証番号.
    pub text_pin: Option<LastTryConsent<TextPin>>,
    /// For 利用者証明用暗証番号.
    pub user_pin: Option<LastTryConsent<UserPin>>,
    /// For 署名用暗証番号.
    pub signature_password: Option<LastTryConsent<SignaturePassword>>,
}

/// The two ways to face and text.
pub enum Lane {
    /// 照合番号B, printed on the card: no PIN needed.
    NumberB(NumberB),
    /// 券面事項入力補助用暗証番号.
    TextPin(Pin<TextPin>),
}

/// 照合番号B as the two applications take it, each with a counter of its own.
pub struct NumberB {
    surface: Pin<VerificationNumberB>,
    text: Pin<VerificationNumberB>,
}

impl NumberB {
    /// Takes fourteen digits: birth date as YYMMDD in the Japanese era, year of expiry, security code. Twelve digits, which would be
    /// the Individual Number, are refused like any other length.
    ///
    /// # Errors
    /// Any other form.
    pub fn parse(entry: &str) -> Result<Self, PinFormatError> {
        Ok(Self { surface: Pin::parse(entry)?, text: Pin::parse(entry)? })
    }
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Selecting an application and presenting a secret.
    Opening(Application),
    /// Reading a file.
    Reading {
        /// The file.
        file: MyNumberFile,
        /// Bytes read.
        bytes: usize,
        /// Bytes it has.
        of: usize,
    },
    /// The card proves a key.
    Proving(CardKey),
    /// Everything is read.
    Done,
}

/// Why a reading ended without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// The card does not have the application: another kind of card, or a phone, which has no face.
    #[error("the card does not have this application")]
    NoApplication(Application),
    /// A secret did not open.
    #[error("{source}")]
    Secret {
        /// Which one.
        secret: Secret,
        /// Why.
        source: PinError,
    },
    /// A file could not be read.
    #[error("{} could not be read: {source}", file.name())]
    ReadFile {
        /// The file.
        file: MyNumberFile,
        /// Why.
        source: ReadFileError,
    },
    /// The face is none, so nothing can be left out of it.
    #[error("the card face cannot be read: {0}")]
    Face(#[from] FieldError),
    /// An Individual Number stands where none belongs. Nothing of it was kept.
    #[error("an Individual Number stands in {}", file.name())]
    IndividualNumber {
        /// Where it stands.
        file: MyNumberFile,
    },
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// No response.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Reads a card: face and text as the lane allows, then the certificates that were asked for. In every application the card proves
/// the key that is bound to what was read there.
///
/// The card is consumed; it should be reset afterwards, since secrets were presented to it. Files that are missing or closed are
/// evidence, not errors, and so is a card that refuses to prove a key.
///
/// # Errors
/// See [`InspectError`].
pub fn inspect<C: Card>(
    card: C,
    request: Request,
    rng: &mut dyn SecureRandom,
    on: &mut dyn FnMut(Progress),
) -> Result<MyNumberEvidence, InspectError> {
    let evidence = MyNumberEvidence {
        opened_by: OpenedBy::Nothing,
        files: BTreeMap::new(),
        absent: BTreeMap::new(),
        proofs: BTreeMap::new(),
        counters: crate::mrtd::Counters::default(),
    };
    let mut reading = Reading { card: Counting::new(card), rng, on, evidence };
    let Request { lane, user_certificate, user_pin, signature_password, consent } = request;
    match lane {
        Some(Lane::NumberB(number)) => {
            reading.evidence.opened_by = OpenedBy::NumberB;
            reading.surface(number.surface)?;
            reading.text(Secret::TextNumberB, number.text, None)?;
        }
        Some(Lane::TextPin(pin)) => {
            reading.evidence.opened_by = OpenedBy::TextPin;
            reading.text(Secret::TextPin, pin, consent.text_pin)?;
        }
        None => {}
    }
    if user_certificate || user_pin.is_some() || signature_password.is_some() {
        reading.select(Application::Jpki)?;
    }
    if user_certificate || user_pin.is_some() {
        reading.read_if_there(MyNumberFile::UserCertificate)?;
    }
    if let Some(pin) = user_pin {
        reading.open(Secret::UserPin, pin, consent.user_pin)?;
        reading.prove(CardKey::User)?;
    }
    if let Some(password) = signature_password {
        reading.open(Secret::SignaturePassword, password, consent.signature_password)?;
        reading.read_if_there(MyNumberFile::SignatureCertificate)?;
        reading.prove(CardKey::Signature)?;
    }
    (reading.on)(Progress::Done);
    Ok(MyNumberEvidence { counters: reading.card.counters(), ..reading.evidence })
}

struct Reading<'a, C> {
    card: Counting<C>,
    rng: &'a mut dyn SecureRandom,
    on: &'a mut dyn FnMut(Progress),
    evidence: MyNumberEvidence,
}

impl<C: Card> Reading<'_, C> {
    fn surface(&mut self, number: Pin<VerificationNumberB>) -> Result<(), InspectError> {
        self.select(Application::Surface)?;
        self.open(Secret::SurfaceNumberB, number, None)?;
        self.read_if_there(MyNumberFile::CardFace)?;
        self.read_if_there(MyNumberFile::SurfaceCertificate)?;
        self.prove(CardKey::Surface)
    }

    fn text<K: PinKind>(
        &mut self,
        secret: Secret,
        pin: Pin<K>,
        consent: Option<LastTryConsent<K>>,
    ) -> Result<(), InspectError> {
        self.select(Application::Text)?;
        self.open(secret, pin, consent)?;
        self.read_if_there(MyNumberFile::Attributes)?;
        self.read_if_there(MyNumberFile::AttributeDigests)?;
        self.read_if_there(MyNumberFile::TextCertificate)?;
        self.read_if_there(MyNumberFile::TextKey)?;
        self.prove(CardKey::Text)
    }

    fn select(&mut self, application: Application) -> Result<(), InspectError> {
        (self.on)(Progress::Opening(application));
        let status = reading::select_application(&mut self.card, application)?;
        if status.is_ok() { Ok(()) } else { Err(InspectError::NoApplication(application)) }
    }

    fn open<K: PinKind>(
        &mut self,
        secret: Secret,
        pin: Pin<K>,
        consent: Option<LastTryConsent<K>>,
    ) -> Result<(), InspectError> {
        // After a lost reply the application must be selected anew to read the counter, and is then closed again.
        let path = PinPath {
            select: vec![reading::file_command(secret.id())],
            reselect: vec![reading::application_command(secret.application()), reading::file_command(secret.id())],
            qualifier: 0x80,
        };
        match verify(&mut self.card, &path, pin, consent) {
            Ok(_) => Ok(()),
            Err(PinError::Transport(error)) => Err(error.into()),
            Err(source) => Err(InspectError::Secret { secret, source }),
        }
    }

    fn read(&mut self, file: MyNumberFile) -> Result<(), InspectError> {
        let on = &mut self.on;
        let bytes = reading::read(&mut self.card, file, &mut |bytes, of| on(Progress::Reading { file, bytes, of }))
            .map_err(|source| {
                if let ReadFileError::Transport(error) = source {
                    InspectError::Transport(error)
                } else {
                    InspectError::ReadFile { file, source }
                }
            })?;
        let kept = match file {
            MyNumberFile::CardFace => surface::without_security_code(&bytes)?,
            // The one file of text: had a card the number in it, it must go no further.
            MyNumberFile::Attributes if holds_individual_number(&bytes) => {
                return Err(InspectError::IndividualNumber { file });
            }
            MyNumberFile::Attributes
            | MyNumberFile::SurfaceCertificate
            | MyNumberFile::AttributeDigests
            | MyNumberFile::TextCertificate
            | MyNumberFile::TextKey
            | MyNumberFile::UserCertificate
            | MyNumberFile::SignatureCertificate => bytes,
        };
        self.evidence.files.insert(file, kept);
        Ok(())
    }

    /// Reads a file; that a card lacks it or keeps it closed is evidence.
    fn read_if_there(&mut self, file: MyNumberFile) -> Result<(), InspectError> {
        match self.read(file) {
            Err(InspectError::ReadFile { source: ReadFileError::NotFound, .. }) => {
                self.evidence.absent.insert(file, StatusWord::FILE_NOT_FOUND);
                Ok(())
            }
            Err(InspectError::ReadFile { source: ReadFileError::Refused(status), .. }) => {
                self.evidence.absent.insert(file, status);
                Ok(())
            }
            read => read,
        }
    }

    fn prove(&mut self, key: CardKey) -> Result<(), InspectError> {
        (self.on)(Progress::Proving(key));
        let mut challenge = [0; 32];
        self.rng.fill(&mut challenge)?;
        let proof = proof::run(&mut self.card, key, challenge)?;
        self.evidence.proofs.insert(key, proof);
        Ok(())
    }
}
