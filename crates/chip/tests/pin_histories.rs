//! The PIN invariants of security.md §9 over a million random histories on a card that counts.

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};
use chip::pin::{
    Accepted, LastTryConsent, LicencePin1, MyNumberLicencePin, Pin, PinError, PinKind, PinPath, SignaturePassword,
    Tries, UserPin, VerificationNumberB, read_tries, verify,
};

/// What the connection does to one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It never reaches the card.
    RequestLost(TransportError),
    /// The card acts on it and its answer is lost.
    ReplyLost(TransportError),
    /// The card answers this instead of acting.
    Status(u16),
}

/// A card with one secret, and everything the terminal said to it during one entry.
struct ModelCard {
    secret: Vec<u8>,
    full: u8,
    left: u8,
    selected: bool,
    fault: Option<(usize, Fault)>,
    /// The other card, after a swap: nothing may be said to it.
    gone: bool,
    /// Never says that it does not count.
    honest: bool,
    log: Vec<Said>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Select,
    Counter,
    /// VERIFY with a PIN, and how many tries the card had then.
    Verify {
        left: u8,
        lost: bool,
    },
}

impl ModelCard {
    fn new<K: PinKind>(secret: &str) -> Self {
        let full = K::USUAL_TRIES;
        let secret = secret.as_bytes().to_vec();
        Self { secret, full, left: full, selected: false, fault: None, gone: false, honest: true, log: Vec::new() }
    }

    fn act(&mut self, command: &CommandApdu) -> u16 {
        match (command.ins, command.data.is_empty()) {
            (0xA4, _) => {
                self.selected = true;
                0x9000
            }
            (0x20, _) if !self.selected => 0x6986,
            (0x20, true) => 0x63C0 | u16::from(self.left),
            (0x20, false) if self.left == 0 => 0x6984,
            (0x20, false) if command.data == self.secret => {
                self.left = self.full;
                0x9000
            }
            (0x20, false) => {
                self.left -= 1;
                0x63C0 | u16::from(self.left)
            }
            _ => 0x6D00,
        }
    }
}

impl Card for ModelCard {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        assert!(!self.gone, "PS6: something was said to another card");
        let fault = self.fault.filter(|(at, _)| *at == self.log.len()).map(|(_, fault)| fault);
        let lost = matches!(fault, Some(Fault::RequestLost(_) | Fault::ReplyLost(_)));
        self.log.push(match (command.ins, command.data.is_empty()) {
            (0x20, true) => Said::Counter,
            (0x20, false) => Said::Verify { left: self.left, lost },
            _ => Said::Select,
        });
        let status = match fault {
            Some(Fault::RequestLost(error)) => {
                self.gone = error == TransportError::CardChanged;
                self.selected &= error != TransportError::CardReset;
                return Err(error);
            }
            Some(Fault::ReplyLost(error)) => {
                self.act(command);
                self.selected &= error != TransportError::CardReset;
                return Err(error);
            }
            // A card that counts and says it does not is a lie nobody can see through: not part of these histories.
            Some(Fault::Status(0x6300)) if self.honest && command.data.is_empty() => self.act(command),
            Some(Fault::Status(status)) => status,
            None => self.act(command),
        };
        Ok(ResponseApdu::new([], StatusWord(status)))
    }
}

/// xorshift64*: a seed of a failing history is printed and replays it.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n
    }
}

fn path() -> PinPath {
    let select = CommandApdu::new(0, 0xA4, 0x02, 0x0C).with_data([0, 1]);
    PinPath { select: vec![select.clone()], reselect: vec![select], qualifier: 0x80 }
}

const TRANSPORT: [TransportError; 6] = [
    TransportError::CardRemoved,
    TransportError::CardReset,
    TransportError::CardChanged,
    TransportError::Timeout,
    TransportError::ReaderLost,
    TransportError::ResponseLength { length: 0 },
];

fn draw_fault(random: &mut Random) -> Option<(usize, Fault)> {
    if random.below(3) != 0 {
        return None;
    }
    let error = TRANSPORT[random.below(6) as usize];
    let fault = match random.below(3) {
        0 => Fault::RequestLost(error),
        // A card that is gone or another did not act on anything.
        1 if !matches!(error, TransportError::CardRemoved | TransportError::CardChanged) => Fault::ReplyLost(error),
        1 => Fault::RequestLost(error),
        _ => Fault::Status([0x6700, 0x6F00, 0x6A86, 0x6C05, 0x6102, 0x6300, 0x6983, 0x6982][random.below(8) as usize]),
    };
    Some((random.below(5) as usize, fault))
}

/// One entry: the calls a session makes, then every invariant over what was said and shown.
fn enter<K: PinKind>(card: &mut ModelCard, entry: &str, right: bool, random: &mut Random) {
    card.log.clear();
    card.gone = false;
    card.selected = false;
    card.fault = draw_fault(random);
    let asked = random.below(4) == 0;
    let consented = random.below(4) == 0;
    let path = path();
    if asked && read_tries(card, &path).is_err() {
        return;
    }
    let Ok(pin) = Pin::<K>::parse(entry) else {
        assert!(!card.log.iter().any(|said| matches!(said, Said::Verify { .. })), "PS5");
        return;
    };
    let consent = consented.then(LastTryConsent::given_by_customer_and_staff);
    let result = verify(card, &path, pin, consent);
    let verifies = card.log.iter().filter(|said| matches!(said, Said::Verify { .. })).count();
    assert!(verifies <= 1, "PS1: {:?}", card.log);
    for (at, said) in card.log.iter().enumerate() {
        let Said::Verify { left, lost } = *said else { continue };
        assert_eq!(card.log.get(at.wrapping_sub(1)), Some(&Said::Counter), "PS2: the counter is read just before");
        assert!(left > 1 || consented, "PS3: the last try went without consent");
        let after = &card.log[at + 1..];
        assert!(after.iter().all(|said| matches!(said, Said::Select | Said::Counter)), "PS4: {:?}", card.log);
        if lost && !card.gone && matches!(result, Err(PinError::ReplyLost { after: Some(_), .. })) {
            assert!(after.contains(&Said::Counter), "PS4: the counter is read before anything is said");
        }
    }
    check_shown(card, verifies, right, &result);
}

/// PS11: tries that are shown are those the card has after the attempt, and nothing is claimed that did not happen.
fn check_shown<K: PinKind>(card: &ModelCard, verifies: usize, right: bool, result: &Result<Accepted<K>, PinError>) {
    let shown = |tries: Tries| match tries {
        Tries::Left(n) => assert_eq!(n, card.left, "PS11"),
        // A status word that was made up by the connection may say so; the model's own counter says 63C0.
        Tries::Blocked => assert!(card.left == 0 || card.fault.is_some(), "PS11"),
        Tries::NoLimit | Tries::Unknown => assert!(card.fault.is_some(), "PS11"),
    };
    match result {
        Ok(_) => assert!(verifies == 1 && right && card.left == card.full),
        Err(PinError::LastTry { tries }) => {
            assert_eq!(verifies, 0, "PS3");
            shown(*tries);
        }
        Err(PinError::Blocked) => shown(Tries::Blocked),
        Err(PinError::Wrong { remaining }) => {
            assert_eq!(verifies, 1);
            shown(*remaining);
        }
        Err(PinError::ReplyLost { after, .. }) => {
            assert_eq!(verifies, 1);
            if let Some(after) = after {
                shown(*after);
            }
        }
        Err(PinError::Refused { remaining, .. }) => shown(*remaining),
        Err(PinError::Transport(_)) => assert_eq!(verifies, 0),
    }
}

fn histories<K: PinKind>(count: u64, right: &str, wrong: &[&str]) {
    for seed in 1..=count {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut card = ModelCard::new::<K>(right);
        let history = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..=random.below(5) {
                let is_right = random.below(4) == 0;
                let entry = if is_right { right } else { wrong[random.below(wrong.len() as u64) as usize] };
                enter::<K>(&mut card, entry, is_right, &mut random);
            }
        }));
        assert!(history.is_ok(), "{}: history of seed {seed}", K::NAME);
    }
}

#[test]
fn licence_pins_are_safe_in_every_history() {
    histories::<LicencePin1>(300_000, "1234", &["0000", "9999", "123", "12345", "12 4", "****", "", "１２３４"]);
}

#[test]
fn pins_with_ten_tries_are_safe_in_every_history() {
    histories::<MyNumberLicencePin>(250_000, "1234", &["0000", "9999", "123", "abcd"]);
    histories::<VerificationNumberB>(150_000, "55021720352285", &["55021720352286", "5502172035228", "A5021720352285"]);
}

#[test]
fn my_number_pins_are_safe_in_every_history() {
    histories::<UserPin>(150_000, "4321", &["0000", "9999", "43210"]);
    histories::<SignaturePassword>(150_000, "ABC123", &["ABC124", "ABC12", "ABCDEFGHIJ1234567", "ÄBC123"]);
}

mod scenarios {
    use super::*;

    fn card(left: u8) -> ModelCard {
        ModelCard { left, ..ModelCard::new::<LicencePin1>("1234") }
    }

    fn enter(card: &mut ModelCard, entry: &str) -> Result<Accepted<LicencePin1>, PinError> {
        verify(card, &path(), Pin::parse(entry).unwrap(), None)
    }

    #[test]
    fn a_wrong_pin_costs_one_try_and_shows_what_is_left() {
        let mut card = card(3);
        assert_eq!(enter(&mut card, "0000"), Err(PinError::Wrong { remaining: Tries::Left(2) }));
        assert_eq!(card.log, [Said::Select, Said::Counter, Said::Verify { left: 3, lost: false }]);
    }

    #[test]
    fn the_last_try_is_not_sent_without_consent_and_once_with_it() {
        let mut card = card(1);
        assert_eq!(enter(&mut card, "1234"), Err(PinError::LastTry { tries: Tries::Left(1) }));
        assert_eq!(card.log, [Said::Select, Said::Counter]);
        let consent = LastTryConsent::given_by_customer_and_staff();
        assert!(verify(&mut card, &path(), Pin::<LicencePin1>::parse("1234").unwrap(), Some(consent)).is_ok());
        assert_eq!(card.left, 3);
    }

    #[test]
    fn a_card_that_does_not_tell_its_tries_may_have_one_left() {
        let mut card = card(3);
        card.fault = Some((1, Fault::Status(0x6A86)));
        assert_eq!(enter(&mut card, "1234"), Err(PinError::LastTry { tries: Tries::Unknown }));
    }

    #[test]
    fn a_card_without_a_counter_takes_every_entry() {
        let mut card = card(1);
        card.fault = Some((1, Fault::Status(0x6300)));
        card.honest = false;
        assert!(enter(&mut card, "1234").is_ok());
    }

    #[test]
    fn a_locked_pin_is_not_sent() {
        for (left, fault) in [(0, None), (3, Some((1, Fault::Status(0x6984)))), (3, Some((1, Fault::Status(0x6983))))] {
            let mut card = card(left);
            card.fault = fault;
            assert_eq!(enter(&mut card, "1234"), Err(PinError::Blocked));
            assert_eq!(card.log, [Said::Select, Said::Counter]);
        }
    }

    #[test]
    fn the_try_that_locks_says_so() {
        let mut card = card(1);
        let consent = LastTryConsent::given_by_customer_and_staff();
        let result = verify(&mut card, &path(), Pin::<LicencePin1>::parse("0000").unwrap(), Some(consent));
        assert_eq!(result, Err(PinError::Wrong { remaining: Tries::Blocked }));
    }

    #[test]
    fn a_wrong_length_answer_to_verify_is_not_repeated() {
        let mut card = card(3);
        card.fault = Some((2, Fault::Status(0x6C04)));
        let status = StatusWord(0x6C04);
        assert_eq!(enter(&mut card, "1234"), Err(PinError::Refused { status, remaining: Tries::Left(3) }));
    }

    #[test]
    fn after_a_lost_reply_the_counter_says_what_happened() {
        let (before, cause) = (Tries::Left(3), TransportError::Timeout);
        let mut lost_on_the_way_back = card(3);
        lost_on_the_way_back.fault = Some((2, Fault::ReplyLost(cause)));
        let after = Some(Tries::Left(2));
        assert_eq!(enter(&mut lost_on_the_way_back, "0000"), Err(PinError::ReplyLost { cause, before, after }));
        let mut lost_on_the_way = card(3);
        lost_on_the_way.fault = Some((2, Fault::RequestLost(cause)));
        let after = Some(Tries::Left(3));
        assert_eq!(enter(&mut lost_on_the_way, "0000"), Err(PinError::ReplyLost { cause, before, after }));
    }

    #[test]
    fn nothing_is_said_to_a_card_that_took_the_place_of_another() {
        let mut card = card(3);
        card.fault = Some((2, Fault::RequestLost(TransportError::CardChanged)));
        let cause = TransportError::CardChanged;
        let lost = PinError::ReplyLost { cause, before: Tries::Left(3), after: None };
        assert_eq!(enter(&mut card, "1234"), Err(lost));
        assert_eq!(card.log.len(), 3);
    }
}
