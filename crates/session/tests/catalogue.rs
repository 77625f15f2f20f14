//! The failure catalogue: numbers, names, texts, and the document made from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use session::FailureCode;

#[derive(serde::Deserialize)]
struct Text {
    customer: String,
    staff: String,
}

fn texts() -> [(&'static str, BTreeMap<String, Text>); 3] {
    [
        ("ja", include_str!("../texts/ja.json")),
        ("en", include_str!("../texts/en.json")),
        ("vi", include_str!("../texts/vi.json")),
    ]
    .map(|(language, json)| (language, serde_json::from_str(json).unwrap()))
}

#[test]
fn numbers_and_names_are_unique() {
    let numbers: BTreeSet<u16> = FailureCode::ALL.iter().map(|code| code.number()).collect();
    let names: BTreeSet<&str> = FailureCode::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(numbers.len(), FailureCode::ALL.len());
    assert_eq!(names.len(), FailureCode::ALL.len());
    for code in FailureCode::ALL {
        assert_eq!(FailureCode::from_name(code.name()), Some(*code));
    }
}

#[test]
fn every_code_has_both_texts_in_every_language_and_no_text_is_left_over() {
    for (language, texts) in texts() {
        for code in FailureCode::ALL {
            let text = texts.get(code.name()).unwrap_or_else(|| panic!("{} has no text in {language}", code.name()));
            assert!(!text.customer.trim().is_empty() && !text.staff.trim().is_empty(), "{} in {language}", code.name());
        }
        assert_eq!(texts.len(), FailureCode::ALL.len(), "a text without a code in {language}");
    }
}

#[test]
fn the_customer_is_never_accused() {
    let accusing = [
        "偽",
        "不正",
        "失効",
        "写し",
        "forg",
        "fake",
        "fraud",
        "revoked",
        "copy",
        "giả",
        "gian lận",
        "thu hồi",
        "bản sao",
    ];
    for (language, texts) in texts() {
        for (name, text) in texts {
            let customer = text.customer.to_lowercase();
            for word in accusing {
                assert!(!customer.contains(word), "{name} in {language} says {word}");
            }
        }
    }
}

#[test]
fn the_documented_codes_are_the_codes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/failure-codes.md");
    let wanted = document();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == wanted, "docs/failure-codes.md is stale: UPDATE=1 cargo test -p session --test catalogue");
}

fn document() -> String {
    let [(_, ja), (_, en), (_, vi)] = texts();
    let mut out = String::from(
        "# Failure codes\n\nMade from `crates/session/src/code_table.rs` and `crates/session/texts/`; do not edit. Numbers are for the \
         telephone, names for logs and records; neither is ever changed or used again. *Turn* says who acts next; *remedy* is what the \
         screen offers. The customer sees the sentence only.\n",
    );
    let mut block = 0;
    for code in FailureCode::ALL {
        let entry = code.entry();
        if entry.number / 1000 != block {
            block = entry.number / 1000;
            let _ = write!(
                out,
                "\n## {block}xxx\n\n| Number | Name | Stage | Turn | Remedy | Customer (ja / en / vi) | Staff (ja / en / vi) |\n\
                 |---|---|---|---|---|---|---|\n"
            );
        }
        let (ja, en, vi) = (&ja[entry.name], &en[entry.name], &vi[entry.name]);
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {} | {} | {} / {} / {} | {} / {} / {} |",
            entry.number,
            entry.name,
            entry.stage.id(),
            entry.turn.id(),
            entry.remedy.id(),
            ja.customer,
            en.customer,
            vi.customer,
            ja.staff,
            en.staff,
            vi.staff
        );
    }
    out
}
