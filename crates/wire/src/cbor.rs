//! Deterministic CBOR (RFC 8949 §4.2.1): integer keys in order, definite lengths, shortest forms; zero padding to 256-octet steps.

use minicbor::{Decode, Encode};

/// Padding step of a record's plaintext.
pub const PADDING_STEP: usize = 256;

/// Why bytes are not the one encoding of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// Not CBOR, or not this type.
    #[error("not the expected CBOR")]
    Malformed,
    /// CBOR, but not in its deterministic form, or with fields this version does not know.
    #[error("CBOR is not in deterministic form")]
    NotDeterministic,
    /// Padding has another length than the next step, or octets other than zero.
    #[error("wrong padding")]
    Padding,
}

/// Encodes `value`; our derived types have one encoding.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    // Writing to a vector cannot fail, and our types have no encoding that refuses.
    minicbor::to_vec(value).unwrap_or_default()
}

/// Decodes exactly one value in deterministic form.
pub fn decode<T: Encode<()> + for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, CborError> {
    let (value, used) = decode_front(bytes)?;
    if used == bytes.len() { Ok(value) } else { Err(CborError::Malformed) }
}

/// Decodes the value at the front; answers how many octets it takes.
pub(crate) fn decode_front<T: Encode<()> + for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<(T, usize), CborError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value: T = decoder.decode().map_err(|_| CborError::Malformed)?;
    let used = decoder.position();
    match bytes.get(..used) {
        Some(front) if front == encode(&value) => Ok((value, used)),
        Some(_) | None => Err(CborError::NotDeterministic),
    }
}

/// Appends zeros up to the next 256-octet step.
pub fn pad(mut cbor: Vec<u8>) -> Vec<u8> {
    cbor.resize(cbor.len().next_multiple_of(PADDING_STEP), 0);
    cbor
}

/// Decodes a value and checks its padding.
pub fn decode_padded<T: Encode<()> + for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, CborError> {
    let (value, used) = decode_front(bytes)?;
    let padding = bytes.get(used..).unwrap_or_default();
    if bytes.len() == used.next_multiple_of(PADDING_STEP) && padding.iter().all(|octet| *octet == 0) {
        Ok(value)
    } else {
        Err(CborError::Padding)
    }
}
