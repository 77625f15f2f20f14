//! What is fuzzed: one plain function for each parser, run by libFuzzer (`make fuzz`) and by the replay test (`tests/fuzz_replay`).
//! Each asserts more than that nothing panics: that encoding gives the bytes back, that a budget holds, that a second run says the
//! same, that no changed byte makes a chip genuine.

pub mod certificates;
mod channel;
mod data_groups;
pub mod fixed;
mod images;
mod licence;
mod my_number;
mod objects;
mod residence;
mod script;
mod sealed;
pub mod whole_card;

/// A parser under test.
#[derive(Clone, Copy)]
pub struct Target {
    /// As security.md §9 names it, and as its corpus folder is named.
    pub name: &'static str,
    /// Panics when the parser breaks a promise.
    pub run: fn(&[u8]),
    /// The most memory the parser may hold for this input.
    #[cfg_attr(not(test), expect(dead_code, reason = "the replay test counts memory, libFuzzer does not"))]
    pub memory: fn(&[u8]) -> usize,
}

const fn parser(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, memory: parser_memory }
}

/// security.md §9: peak memory of a parser ≤ 8 × input + 1 MiB.
fn parser_memory(input: &[u8]) -> usize {
    8 * input.len() + (1 << 20)
}

/// Every target.
pub const ALL: [Target; 37] = [
    parser("tlv", objects::tlv),
    parser("apdu_loop", objects::apdu_loop),
    parser("atr", objects::atr_info),
    parser("ef_com", data_groups::ef_com),
    parser("card_access", data_groups::card_access),
    parser("dg1_mrz", data_groups::dg1_mrz),
    parser("dg2", data_groups::dg2),
    parser("dg7", data_groups::dg7),
    parser("dg11_12", data_groups::dg11_12),
    parser("dg13_16", data_groups::dg13_16),
    parser("dg14_15", data_groups::dg14_15),
    Target { name: "jp2", run: images::decode, memory: images::memory },
    Target { name: "jpeg", run: images::decode, memory: images::memory },
    parser("sod_cms", certificates::sod_cms),
    parser("x509", certificates::x509),
    parser("crl", certificates::crl),
    parser("master_list", certificates::import),
    parser("ldif", certificates::import),
    parser("trust_bundle", certificates::trust_bundle),
    parser("sm_unwrap", channel::sm_unwrap),
    parser("pace_flow", channel::pace_flow),
    parser("whole_card", whole_card::read_and_judge),
    parser("licence_files", licence::files),
    parser("licence_text", licence::text),
    parser("licence_card", licence::whole_card),
    parser("mynumber_aps", my_number::files),
    parser("mynumber_card", my_number::whole_card),
    parser("jpki_cert", my_number::jpki_certificate),
    parser("residence_files", residence::files),
    Target { name: "scan", run: residence::scan, memory: residence::scan_memory },
    parser("residence_card", residence::whole_card),
    parser("formats", sealed::formats),
    parser("manifest", sealed::manifest),
    parser("receipt", sealed::receipt),
    parser("server_ingest", sealed::server_ingest),
    parser("evidence", sealed::evidence),
    parser("ipc_command", sealed::ipc_command),
];
