//! The head file: a sealed copy of the journal's head outside the database, in two slots written in turn. A database behind it was
//! rolled back; a database ahead of it crashed between commit and anchor, which is legal.

use std::path::{Path, PathBuf};

use chip_crypto::random::SecureRandom;
use minicbor::{Decode, Encode};
use wire::{KeyClass, RecordContext, RecordHeader, cbor, open_record, seal_record};

use crate::error::Error;
use crate::files;
use crate::journal::Head;
use crate::keys::Keys;

#[derive(Encode, Decode)]
#[cbor(map)]
struct Anchor {
    #[n(0)]
    seq: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    mac: [u8; 32],
}

const CONTEXT: RecordContext<'static> =
    RecordContext { table: "head", column: "anchor", session_id: [0; 16], row_key: [0; 16], row_version: 1 };

fn slot(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("head.{}", seq % 2))
}

/// Anchors `head`.
pub(crate) fn write(dir: &Path, keys: &Keys, head: Head, random: &mut dyn SecureRandom) -> Result<(), Error> {
    let mut nonce = [0; 12];
    random.fill(&mut nonce)?;
    let header = RecordHeader { class: KeyClass::Wrap, key_no: 0, nonce };
    let record = seal_record(&keys.wrap, &header, &CONTEXT, cbor::encode(&Anchor { seq: head.seq, mac: head.mac }))?;
    Ok(files::write_durably(&slot(dir, head.seq), &record)?)
}

/// The newer of the slots that open, and whether a slot is there that does not.
pub(crate) fn read(dir: &Path, keys: &Keys) -> (Option<Head>, bool) {
    let mut newest: Option<Head> = None;
    let mut damaged = false;
    for number in 0..2 {
        let Ok(record) = std::fs::read(slot(dir, number)) else { continue };
        let anchor: Option<Anchor> = open_record(&keys.wrap, KeyClass::Wrap, 0, &CONTEXT, &record)
            .ok()
            .and_then(|plain| cbor::decode_padded(&plain).ok());
        match anchor {
            Some(anchor) if newest.is_none_or(|head| head.seq < anchor.seq) => {
                newest = Some(Head { seq: anchor.seq, mac: anchor.mac });
            }
            Some(_) => {}
            None => damaged = true,
        }
    }
    (newest, damaged)
}
