//! What the targets and the maker of their corpora agree on: keys, seeds and the holder of synthetic documents.

use wire::RecordContext;

/// The terminal's randomness in recorded protocol runs.
pub const TERMINAL_SEED: u64 = 7;
/// Document number, birth and expiry of the synthetic holder.
pub const HOLDER: [&str; 3] = ["XTEST0001", "900203", "350531"];
/// Card access number of synthetic documents.
pub const CAN: &str = "123456";
/// A moment at which synthetic documents are valid, in Unix seconds.
pub const JUDGED_AT: i64 = 1_782_000_000;
/// 暗証番号1 of the synthetic licence.
pub const LICENCE_PIN_1: &str = "1234";
/// 暗証番号2 of the synthetic licence.
pub const LICENCE_PIN_2: &str = "5678";
/// 照合番号B of the synthetic My Number card: birth date in its era, year of expiry, security code.
pub const NUMBER_B: &str = "02020320350007";
/// 券面事項入力補助用暗証番号 of the synthetic My Number card.
pub const TEXT_PIN: &str = "1234";
/// 利用者証明用暗証番号 of the synthetic My Number card.
pub const USER_PIN: &str = "5678";
/// 在留カード等番号 of the synthetic residence card of the second generation.
pub const CARD_NUMBER: &str = "ZZ00000005TT";
/// Key of records and blobs.
pub const DEK: [u8; 32] = [7; 32];
/// Seed of the backend's key.
pub const OPEN_KEY_SEED: u64 = 11;
/// The session records and blobs belong to.
pub const SESSION: [u8; 16] = [1; 16];

/// Where records stand.
pub fn place() -> RecordContext<'static> {
    RecordContext { table: "session", column: "note", session_id: SESSION, row_key: [2; 16], row_version: 1 }
}
