//! The arguments, as an operator types them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Command line of the identity kiosk: readers, documents, trust data, sessions, stores and bundles.
///
/// Answers go to standard output (`--json` for machines), messages to standard error.
/// Exit status: 0 verified, 1 a negative verdict, 2 usage, 3 could not complete.
#[derive(Debug, Parser)]
#[command(name = "kioskctl", version, propagate_version = true)]
pub struct Cli {
    /// Print the answer as one JSON document.
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more on standard error (codes and counts, never personal data).
    #[arg(long, short, global = true)]
    pub verbose: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists the card readers and whether a card lies on them.
    Readers,
    /// Trust data: master lists, certificates, revocation lists.
    #[command(subcommand)]
    Trust(TrustCommand),
    /// Reads a document through a reader and judges it.
    #[command(subcommand)]
    Read(ReadCommand),
    /// Judges files that were read before.
    #[command(subcommand)]
    Verify(VerifyCommand),
    /// Cameras.
    #[command(subcommand)]
    Camera(CameraCommand),
    /// Simulated cards (QA builds).
    #[cfg(feature = "simulator")]
    #[command(subcommand)]
    Card(CardCommand),
    /// Whole sessions without a window (QA builds).
    #[cfg(feature = "simulator")]
    #[command(subcommand)]
    Session(SessionCommand),
    /// The encrypted store of a device.
    #[command(subcommand)]
    Store(StoreCommand),
    /// Evidence bundles.
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Checks this program on this machine: vectors, randomness, PC/SC, cameras.
    Doctor,
}

#[derive(Debug, Subcommand)]
pub enum TrustCommand {
    /// Names every certificate in the files: country, key, signature, who signed it, and what was refused with the reason.
    Inspect {
        /// Files or folders: CMS master list, bare list, LDIF, PEM or DER certificates, CRLs.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Puts files into the signed trust bundle of a device: all of them, or none and the old bundle stays in force.
    Import {
        /// Files or folders: CMS master list, bare list, LDIF, PEM or DER certificates, CRLs.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The device's data folder; the bundle lies in its folder `trust`.
        #[arg(long, value_name = "D")]
        data_dir: PathBuf,
        /// The operator's signing key (P-256, PKCS#8 DER). Without it a key of this device, made at the first import.
        #[arg(long, value_name = "F")]
        key: Option<PathBuf>,
    },
    /// Shows what changes from one set of trust data to another, country by country.
    Diff {
        /// A file, a folder, or the folder of a trust bundle.
        old: PathBuf,
        new: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum ReadCommand {
    /// An e-passport (ICAO Doc 9303).
    Passport(ReadPassport),
    /// A driver's licence (運転免許証). The registered domicile is never kept.
    Licence(ReadLicence),
    /// A My Number card (個人番号カード). The Individual Number is never read.
    #[command(name = "mynumber")]
    MyNumber(ReadMyNumber),
    /// A residence card or special permanent resident certificate (在留カード, 特別永住者証明書), of both generations.
    Residence(ReadResidence),
    /// Says which document lies on the reader, before any key is asked for.
    Auto {
        /// Reader: its name or a part of it (see `kioskctl readers`).
        #[arg(long, value_name = "TEXT")]
        reader: String,
    },
}

#[derive(Debug, Args)]
pub struct ReadLicence {
    /// Reader: its name or a part of it (see `kioskctl readers`).
    #[arg(long, value_name = "TEXT")]
    pub reader: String,
    /// 暗証番号1 is the first line of standard input; needed unless the card says that none is set.
    #[arg(long)]
    pub pin1_stdin: bool,
    /// 暗証番号2 is the second line of standard input; without it neither photo nor signature.
    #[arg(long, requires = "pin1_stdin", conflicts_with = "my_number")]
    pub pin2_stdin: bool,
    /// Reads the licence on a My Number card (マイナ免許証); its PIN is given as PIN 1.
    #[arg(long)]
    pub my_number: bool,
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Keep what was read in this folder (it will hold personal data).
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("lane").required(true).args(["number_b_stdin", "pin_stdin"])))]
pub struct ReadMyNumber {
    /// Reader: its name or a part of it (see `kioskctl readers`).
    #[arg(long, value_name = "TEXT")]
    pub reader: String,
    /// Opens face and text with 照合番号B, the first line of standard input.
    #[arg(long)]
    pub number_b_stdin: bool,
    /// Opens the text with 券面事項入力補助用暗証番号, the first line of standard input.
    #[arg(long)]
    pub pin_stdin: bool,
    /// Opens 署名用電子証明書 with its password, the second line of standard input.
    #[arg(long)]
    pub sign_password_stdin: bool,
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Judges test cards too (QA builds).
    #[cfg(feature = "simulator")]
    #[arg(long)]
    pub test_hierarchy: bool,
    /// Keep the raw files in this folder (it will hold personal data).
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("number").required(true).args(["card_number", "card_number_stdin"])))]
pub struct ReadResidence {
    /// Reader: its name or a part of it (see `kioskctl readers`).
    #[arg(long, value_name = "TEXT")]
    pub reader: String,
    /// Card number, two letters, eight digits, two letters. It opens the card and others see arguments: prefer standard input.
    #[arg(long, value_name = "N")]
    pub card_number: Option<String>,
    /// Takes the card number from the first line of standard input.
    #[arg(long)]
    pub card_number_stdin: bool,
    /// The agency's transport key for combined cards (特定在留カード), as published.
    #[arg(long, value_name = "F")]
    pub transport_key: Option<PathBuf>,
    /// SHA-256 of an authority that is believed although it is not known to this program.
    #[arg(long = "pin", value_name = "SHA256")]
    pub pins: Vec<String>,
    /// Believes any authority that was named: for test cards, never about a person (QA builds).
    #[cfg(feature = "simulator")]
    #[arg(long)]
    pub test_authorities: bool,
    /// The earlier of expiry and end of stay, from the face of a first-generation card.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub expiry: Option<jiff::civil::Date>,
    /// The back notes that an extension of the stay has been applied for.
    #[arg(long)]
    pub extension_applied: bool,
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Keep the raw files and the decoded images in this folder (it will hold personal data).
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ReadPassport {
    /// Reader: its name or a part of it (see `kioskctl readers`).
    #[arg(long, value_name = "TEXT")]
    pub reader: String,
    #[command(flatten)]
    pub key: KeyArgs,
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Seconds a card has for one answer.
    #[arg(long, value_name = "S", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub card_timeout: u64,
    /// Keep the raw files in this folder (it will hold personal data).
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
}

/// The key to the chip: three items of the MRZ, the MRZ itself, or the card access number.
#[derive(Debug, Args)]
pub struct KeyArgs {
    #[arg(long, value_name = "N", requires_all = ["birth", "expiry"], conflicts_with_all = ["mrz_file", "can"])]
    pub document_number: Option<String>,
    /// Date of birth, YYMMDD.
    #[arg(long, value_name = "YYMMDD", requires = "document_number")]
    pub birth: Option<String>,
    /// Date of expiry, YYMMDD.
    #[arg(long, value_name = "YYMMDD", requires = "document_number")]
    pub expiry: Option<String>,
    /// File with the machine readable zone; `-` reads standard input.
    #[arg(long, value_name = "F", conflicts_with = "can")]
    pub mrz_file: Option<PathBuf>,
    /// Card access number, six digits; `-` reads standard input.
    #[arg(long, value_name = "N")]
    pub can: Option<String>,
}

#[derive(Debug, Args)]
pub struct JudgingArgs {
    /// Trust data, `[KIND:]PATH`; KIND is csca, crl, jpki, licence, residence or cv; a folder means every file in it.
    #[arg(long = "trust", value_name = "[KIND:]PATH")]
    pub trust: Vec<String>,
    /// The time of the verdict; the clock of this machine when absent.
    #[arg(long, value_name = "RFC3339")]
    pub at: Option<jiff::Timestamp>,
}

#[derive(Debug, Subcommand)]
pub enum VerifyCommand {
    /// EF.SOD and data groups of an e-passport, on files alone.
    Passport {
        /// EF.SOD as read from the chip.
        #[arg(long, value_name = "F")]
        sod: PathBuf,
        /// A data group as read from the chip, e.g. `--dg 1=dg1.bin`.
        #[arg(long = "dg", value_name = "N=F")]
        data_groups: Vec<String>,
        #[command(flatten)]
        judging: JudgingArgs,
    },
}

#[derive(Debug, Subcommand)]
pub enum CameraCommand {
    /// Lists the cameras.
    List,
    /// Opens a camera, takes frames, and says what came.
    Probe {
        /// Camera id as listed; the first one when absent.
        #[arg(long, value_name = "ID")]
        camera: Option<String>,
        #[arg(long, value_name = "N", default_value_t = 30)]
        frames: u32,
        /// Seconds to wait in all.
        #[arg(long, value_name = "S", default_value_t = 20)]
        timeout: u64,
    },
}

#[cfg(feature = "simulator")]
#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// Serves a simulated card to the virtual PC/SC reader until stopped.
    Serve {
        /// A profile file, or the name of a built-in one.
        #[arg(long, value_name = "F")]
        profile: String,
        #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:35963")]
        vpcd: String,
    },
}

#[cfg(feature = "simulator")]
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// Runs one scripted session: simulated card, real verification, capture, sealing, store, delivery to an embedded backend.
    Run {
        #[arg(long, value_name = "F")]
        script: PathBuf,
        #[arg(long, value_name = "D")]
        data_dir: PathBuf,
        #[arg(long = "trust", value_name = "[KIND:]PATH")]
        trust: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Checks every record, chunk, bundle and the chain of a device's store.
    Verify {
        #[arg(long, value_name = "D")]
        data_dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum BundleCommand {
    /// Says three things of an evidence bundle: chain intact, contents unaltered, independence.
    Verify(VerifyBundle),
}

#[derive(Debug, Args)]
pub struct VerifyBundle {
    pub file: PathBuf,
    /// The device's public key (65 bytes, uncompressed P-256); an upload carries its own.
    #[arg(long, value_name = "F")]
    pub device_key: Option<PathBuf>,
    /// The backend's key that opens bundles (32 bytes).
    #[arg(long, value_name = "F")]
    pub open_key: Option<PathBuf>,
    /// The backend's receipt for this bundle.
    #[arg(long, value_name = "F", requires = "receipt_key")]
    pub receipt: Option<PathBuf>,
    /// The backend's public key for receipts.
    #[arg(long, value_name = "F", requires = "receipt")]
    pub receipt_key: Option<PathBuf>,
    /// Trust data to judge the chip's files with again.
    #[arg(long = "trust", value_name = "[KIND:]PATH")]
    pub trust: Vec<String>,
}
