//! What a bank must not have is not in evidence, verdict or any text made of them (product.md §6.1).

use chip::licence::{LicencePlan, inspect};
use simulator::licence::jis;

use crate::support::{Shared, judge, persona, right_pins};

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn domicile_conditions_colour_and_classes_are_in_no_evidence() {
    for name in ["licence", "licence-changed", "licence-no-pin"] {
        let persona = persona(name);
        let card = Shared::issue(&persona);
        let evidence = inspect(card, right_pins(), &LicencePlan::default(), &mut |_| ()).expect("a reading");
        assert!(!evidence.signed.is_empty(), "the domicile was read to be hashed");
        let verdict = judge(&evidence);
        let mut forbidden = vec![persona.domicile.clone()];
        forbidden.extend(["1A", "1C", "22", "26", "31"].iter().filter_map(|tag| persona.fields.get(*tag).cloned()));
        forbidden.extend(persona.changes.get("78").map(|entry| entry.text.clone()));
        // Raw bytes of every item, entry, character and file that is kept.
        let kept: Vec<&[u8]> = [evidence.common.as_slice(), evidence.pin_setting.as_slice()]
            .into_iter()
            .chain(evidence.face.values().map(Vec::as_slice))
            .chain(evidence.changes.values().map(Vec::as_slice))
            .chain(evidence.gaiji.values().map(Vec::as_slice))
            .chain(evidence.photo.as_deref())
            .chain(evidence.signature.as_deref())
            .collect();
        let texts = [
            serde_json::to_string(&evidence).expect("JSON"),
            serde_json::to_string(&verdict).expect("JSON"),
            format!("{evidence:?}"),
            format!("{verdict:?}"),
        ];
        for text in forbidden {
            let code = jis(&text).unwrap_or_else(|_| text.clone().into_bytes());
            assert!(kept.iter().all(|bytes| !contains(bytes, &code)), "{name}: {text} is kept");
            let numbers: Vec<String> = code.iter().map(u8::to_string).collect();
            let listed = numbers.join(",");
            assert!(texts.iter().all(|t| !t.contains(&text) && !t.contains(&listed)), "{name}: {text} is written");
        }
    }
}

#[test]
fn a_bank_may_turn_the_hashing_of_the_domicile_off() {
    let plan = LicencePlan { hash_domicile: false, ..LicencePlan::default() };
    let card = Shared::issue(&persona("licence"));
    let evidence = inspect(card.clone(), right_pins(), &plan, &mut |_| ()).expect("a reading");
    assert!(evidence.signed.is_empty() && evidence.photo.is_some());
    assert!(!card.log().contains(&"DF1/0002".to_owned()));
    assert_eq!(judge(&evidence).level(), trust::Level::Amber);
}

#[test]
fn changes_of_the_domicile_are_never_read() {
    for name in ["licence", "licence-changed"] {
        let card = Shared::issue(&persona(name));
        inspect(card.clone(), right_pins(), &LicencePlan::default(), &mut |_| ()).expect("a reading");
        assert!(!card.log().contains(&"DF1/0006".to_owned()));
        // Not selected either: neither by identifier nor by short identifier.
        assert!(card.sent().iter().all(|c| !(c[1] == 0xB0 && c[2] == 0x86 || c[1] == 0xA4 && c[4..] == [2, 0, 6])));
    }
}

#[test]
fn personal_data_and_pins_are_in_no_debug_text() {
    let card = Shared::issue(&persona("licence"));
    let evidence = inspect(card, right_pins(), &LicencePlan::default(), &mut |_| ()).expect("a reading");
    let texts = [format!("{evidence:?}"), format!("{:?}", judge(&evidence))];
    for canary in ["見本", "ミホン", "1980", "999912345670", "1234", "5678"] {
        assert!(texts.iter().all(|text| !text.contains(canary)), "{canary}");
    }
}
