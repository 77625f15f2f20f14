//! Epoch keys: each in its own slot file, wrapped by `wrap_key`. Destroying the file makes every DEK it wrapped useless, wherever a
//! copy of the row may linger (WAL, free pages, flash).

use std::path::{Path, PathBuf};

use chip_crypto::random::SecureRandom;
use wire::{KeyClass, RecordContext, RecordHeader, Secret, open_record, seal_record};

use crate::error::Error;
use crate::files;
use crate::keys::Keys;

fn slot(dir: &Path, epoch_no: u32) -> PathBuf {
    dir.join(format!("epoch-{epoch_no:08}.slot"))
}

fn context(epoch_no: u32) -> RecordContext<'static> {
    RecordContext {
        table: "epoch",
        column: "key",
        session_id: [0; 16],
        row_key: u128::from(epoch_no).to_be_bytes(),
        row_version: 1,
    }
}

/// Makes an epoch key and its slot file.
pub(crate) fn make(dir: &Path, keys: &Keys, epoch_no: u32, random: &mut dyn SecureRandom) -> Result<Secret<32>, Error> {
    let key = Secret::<32>::make(random)?;
    let record = wrap(&keys.wrap, KeyClass::Wrap, 0, &context(epoch_no), &key, random)?;
    files::write_durably(&slot(dir, epoch_no), &record)?;
    Ok(key)
}

/// Reads an epoch key from its slot file.
pub(crate) fn read(dir: &Path, keys: &Keys, epoch_no: u32) -> Result<Secret<32>, Error> {
    let record = std::fs::read(slot(dir, epoch_no)).map_err(|_| Error::EpochSlot(epoch_no))?;
    unwrap(&keys.wrap, KeyClass::Wrap, 0, &context(epoch_no), &record).map_err(|_| Error::EpochSlot(epoch_no))
}

/// Whether the slot file is there.
pub(crate) fn slot_exists(dir: &Path, epoch_no: u32) -> bool {
    slot(dir, epoch_no).exists()
}

/// Destroys an epoch key.
pub(crate) fn destroy(dir: &Path, epoch_no: u32) -> Result<(), Error> {
    Ok(files::destroy(&slot(dir, epoch_no))?)
}

/// Encrypts a 32-octet key as a record: a CBOR byte string.
pub(crate) fn wrap(
    with: &Secret<32>,
    class: KeyClass,
    key_no: u32,
    context: &RecordContext<'_>,
    key: &Secret<32>,
    random: &mut dyn SecureRandom,
) -> Result<Vec<u8>, Error> {
    let mut nonce = [0; 12];
    random.fill(&mut nonce)?;
    // 0x58 0x20: byte string of 32 octets (RFC 8949 §3.1). The record's own copy is wiped after sealing.
    let mut cbor = Vec::with_capacity(wire::cbor::PADDING_STEP);
    cbor.extend_from_slice(&[0x58, 0x20]);
    cbor.extend_from_slice(key.expose());
    Ok(seal_record(with, &RecordHeader { class, key_no, nonce }, context, cbor)?)
}

/// Decrypts a key wrapped by [`wrap`].
pub(crate) fn unwrap(
    with: &Secret<32>,
    class: KeyClass,
    key_no: u32,
    context: &RecordContext<'_>,
    record: &[u8],
) -> Result<Secret<32>, Error> {
    let plain = open_record(with, class, key_no, context, record)?;
    match plain.split_at_checked(34) {
        Some(([0x58, 0x20, key @ ..], padding)) if padding.iter().all(|octet| *octet == 0) => {
            Secret::from_slice(key).ok_or(Error::RowTampered { table: "session" })
        }
        Some(_) | None => Err(Error::RowTampered { table: "session" }),
    }
}
