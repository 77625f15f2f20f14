use crate::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};

/// GET RESPONSE and wrong-length rounds one command may cost (security.md §9).
const MAX_ROUNDS: usize = 32;
/// Data one command may bring in (security.md §9).
const MAX_DATA: usize = 64 * 1024;
const GET_RESPONSE: u8 = 0xC0;

/// Sends one command and gathers its whole response: fetches the rest on `61xx` and repeats on `6Cxx` (ISO/IEC 7816-4, 5.6
/// and 12.4). The only place that knows these two status words.
///
/// # Errors
/// `ResponseLoop` when the rounds never end, `Oversize` when more came than was asked for, else the transport's failure.
pub fn transmit_whole<C: Card>(card: &mut C, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
    transmit_learning(card, command).map(|(response, _)| response)
}

/// The same, and the Ne the card gave instead with `6Cxx`, if it did.
pub(crate) fn transmit_learning<C: Card>(
    card: &mut C,
    command: &CommandApdu,
) -> Result<(ResponseApdu, Option<u32>), TransportError> {
    let mut corrected = None;
    let mut next = command.clone();
    let mut gathered = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let mut response = card.transmit(&next)?;
        // A command without Le may still be answered with a short body: file control information nobody asked for.
        let allowed = next.ne.unwrap_or(256) as usize;
        if response.data.len() > allowed || gathered.len() + response.data.len() > MAX_DATA {
            return Err(TransportError::Oversize { length: gathered.len() + response.data.len() });
        }
        let empty = response.data.is_empty();
        // Taken over, not copied: most answers are whole, and what they hold is wiped where they end up.
        if gathered.is_empty() {
            gathered = std::mem::take(&mut response.data);
        } else {
            gathered.extend_from_slice(&response.data);
        }
        let more = match response.status.sw2() {
            0 => 256,
            count => u32::from(count),
        };
        match response.status.sw1() {
            0x61 => next = CommandApdu::new(command.cla & !0x0C, GET_RESPONSE, 0, 0).with_ne(more),
            0x6C if empty => {
                corrected = Some(more);
                next.ne = corrected;
            }
            _ => return Ok((ResponseApdu { data: gathered, status: response.status }, corrected)),
        }
    }
    Err(TransportError::ResponseLoop)
}

/// Fails with the status word unless the response says `9000`.
///
/// # Errors
/// The status word.
pub fn require_ok(response: ResponseApdu) -> Result<Vec<u8>, StatusWord> {
    if response.status.is_ok() { Ok(response.data) } else { Err(response.status) }
}
