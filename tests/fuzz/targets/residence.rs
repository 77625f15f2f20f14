//! The files of a residence card, and a reading of one.

use std::cell::Cell;

use chip::residence::{
    CardNumber, CardType, InspectPlan, Permission, address, back_notes, card_number, face_images, front_image, inspect,
    items, photo, renewal_pending, scanned_address, signature_objects,
};
use chip::residence::{Generation, ResidenceEvidence};
use chip::tiff;
use chip_crypto::random::SeededRandom;
use trust::Level;
use trust::residence::{Mode, ResidenceTrust, judge};

use super::certificates::judged_at;
use super::fixed::{CARD_NUMBER, TERMINAL_SEED};
use super::script::{Script, blocks};

/// Every image and signature is a piece of its file; no text holds a control character; a type that is read is written alike.
pub fn files(input: &[u8]) {
    let inside = |part: &[u8]| part.is_empty() || input.windows(part.len()).any(|window| window == part);
    if let Ok(card_type) = CardType::parse(input) {
        assert!(CardType::ALL.contains(&card_type));
    }
    for image in [front_image(input), photo(input), scanned_address(input)].into_iter().flatten() {
        assert!(inside(image));
    }
    if let Ok(images) = face_images(input) {
        assert!(inside(images.name) && inside(images.photo));
    }
    if let Ok(found) = address(input) {
        assert!(found.text.text.len() <= 3 * input.len());
    }
    let _ = items(input);
    let _ = back_notes(input);
    if let Ok(number) = card_number(input) {
        assert!(CardNumber::parse(number.expose()).is_ok_and(|again| again == number));
    }
    for generation in [Generation::First, Generation::Second] {
        let _ = renewal_pending(input, generation);
        if let Ok(objects) = signature_objects(input, generation) {
            assert!(inside(objects.certificate));
        }
    }
    for permission in [Permission::Blanket, Permission::Individual] {
        let _ = permission.read(input);
    }
}

/// A scanned image has the size its header states, whatever stands in it.
pub fn scan(input: &[u8]) {
    let header = tiff::header(input);
    if let Ok(pixels) = tiff::decode(input) {
        assert_eq!(header, Ok((pixels.width, pixels.height)));
        assert_eq!(pixels.rgb.len(), pixels.width as usize * pixels.height as usize * 3);
    }
}

/// Besides the parser's own share: the rows, the pixels, and what the decoder may hold on its way.
pub fn scan_memory(input: &[u8]) -> usize {
    let pixels = tiff::header(input).map_or(0, |(width, height)| width as usize * height as usize);
    super::parser_memory(input) + 4 * pixels + 8 * (1 << 20)
}

/// Blocks are responses to a reading with the number of the synthetic card. Without an authority nothing is genuine, and two
/// judgements say the same.
pub fn whole_card(input: &[u8]) {
    let sent = Cell::new(0);
    let card = Script::new(blocks(input), &sent);
    let number = CardNumber::parse(CARD_NUMBER).expect("the synthetic card's number");
    let read = inspect(card, &number, &InspectPlan::default(), &mut SeededRandom::new(TERMINAL_SEED), &mut |_| {});
    assert!(sent.get() <= blocks(input).count() + 1, "commands after the card had gone");
    let Ok(evidence) = read else { return };
    let stored = serde_json::to_vec(&evidence).expect("evidence is written down");
    assert!(serde_json::from_slice(&stored).is_ok_and(|again: ResidenceEvidence| again == evidence));
    let verdict = || judge(&evidence, &ResidenceTrust::new(Mode::Test), judged_at());
    assert_ne!(verdict().level(), Level::Green);
    assert_eq!(verdict(), verdict());
}
