//! Legal behaviours in which chips differ: each is read without an act of the user, and learnt at the cost of a few commands.

use simulator::{Excess, Fault, FileEnd, Profile, Quirks, SelectForm, StatusText};

use crate::cost::{Reading, bac, pace, read};

/// Commands an oddity may cost beyond those nobody could save.
const WASTED: u64 = 3;
const READER: u32 = 0x1_0000;

struct Oddity {
    name: &'static str,
    quirks: Quirks,
    /// Greatest data field of one READ BINARY on this chip, when it is not the whole file.
    limit: Option<u64>,
    /// EF.ATR/INFO in hexadecimal.
    information: Option<&'static str>,
    fault: Option<Fault>,
}

impl Oddity {
    fn new(name: &'static str, quirks: Quirks) -> Self {
        Self { name, quirks, limit: None, information: None, fault: None }
    }

    fn limit(self, limit: u64) -> Self {
        Self { limit: Some(limit), ..self }
    }

    fn information(self, file: &'static str) -> Self {
        Self { information: Some(file), ..self }
    }

    fn fault(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }

    fn place(&self, mut profile: Profile) -> Profile {
        profile.name = format!("{}: {}", profile.name, self.name);
        profile.quirks = self.quirks.clone();
        profile.faults.extend(self.fault.clone());
        // With BAC beside PACE such a chip opens by BAC; without, EF.CardAccess has to be found.
        if self.quirks.elsewhere == Some(StatusText(0x6A82)) && !profile.access.pace.is_empty() {
            profile.access.bac = false;
        }
        if let Some(file) = self.information {
            profile.master_files.insert("2F01".into(), simulator::Content::Hex(file.into()));
        }
        profile
    }
}

/// A contactless card of type B: its ATR says nothing of extended length.
fn silent() -> Option<Vec<u8>> {
    Some(hex::decode("3B888001000000007381930062").expect("an ATR"))
}

/// EF.ATR/INFO with DO'7F66': 2,048 bytes of command and of response.
const INFORMATION: &str = "7F66080202080002020800";

fn oddities(short: u64) -> Vec<Oddity> {
    let plain = Quirks::default();
    let short_only = Quirks { extended: false, ..plain.clone() };
    let gives = |max_read, excess| Quirks { extended: false, max_read, excess, ..Quirks::default() };
    let extended = |max_read, excess| Quirks { max_read, excess, ..Quirks::default() };
    vec![
        Oddity::new("extended length refused", short_only.clone()).limit(short),
        Oddity::new("192 bytes at once, fewer given", gives(192, Excess::Shorten)).limit(192),
        Oddity::new("192 bytes at once, else 6700", gives(192, Excess::WrongLength)).limit(192),
        Oddity::new("192 bytes at once, else 6Cxx", gives(192, Excess::CorrectLength)).limit(192),
        Oddity::new("192 bytes at once, else 6B00 and the channel is gone", gives(192, Excess::DropChannel)).limit(192),
        Oddity::new("128 bytes at once, else 6700", gives(128, Excess::WrongLength)).limit(128),
        Oddity::new("128 bytes at once, else 6Cxx", gives(128, Excess::CorrectLength)).limit(128),
        Oddity::new("128 bytes at once, else the channel is gone", gives(128, Excess::DropChannel)).limit(128),
        Oddity::new("100 bytes at once, fewer given", gives(100, Excess::Shorten)).limit(100),
        Oddity::new("extended, 1,984 bytes at once, fewer given", extended(1984, Excess::Shorten)).limit(1984),
        Oddity::new("extended, 1,984 bytes at once, else 6700", extended(1984, Excess::WrongLength)).limit(1984),
        Oddity::new("extended, 2,000 bytes, else the channel is gone", extended(2000, Excess::DropChannel))
            .limit(short),
        Oddity::new("silent ATR, no EF.ATR/INFO", Quirks { atr: silent(), ..plain.clone() }).limit(short),
        Oddity::new("silent ATR, EF.ATR/INFO", Quirks { atr: silent(), ..plain.clone() })
            .information(INFORMATION)
            .limit(1984),
        Oddity::new("no odd Ne in extended commands", Quirks { even_ne: true, atr: silent(), ..plain.clone() })
            .information(INFORMATION)
            .limit(1984),
        Oddity::new("file end with 9000", Quirks { file_end: FileEnd::Ok, ..plain.clone() }),
        Oddity::new("file end with 6282 and no bytes", Quirks { file_end: FileEnd::Empty, ..short_only.clone() })
            .limit(short),
        Oddity::new("file end with 6B00", Quirks { file_end: FileEnd::Refuse, ..short_only.clone() }).limit(short),
        Oddity::new("no short identifiers", Quirks { short_ids: false, ..plain.clone() }),
        Oddity::new("no short identifiers, short commands", Quirks { short_ids: false, ..short_only.clone() })
            .limit(short),
        Oddity::new("a short identifier costs the channel", Quirks { drops_at_short_id: true, ..plain.clone() }),
        Oddity::new("SELECT only with information", Quirks { select: SelectForm::WithInformation, ..plain.clone() }),
        Oddity::new("SELECT only by any identifier", Quirks { select: SelectForm::ByAnyId, ..plain.clone() }),
        Oddity::new(
            "SELECT only with information, no short identifiers",
            Quirks { select: SelectForm::WithInformation, short_ids: false, ..plain.clone() },
        ),
        Oddity::new(
            "SELECT only by any identifier, no short identifiers",
            Quirks { select: SelectForm::ByAnyId, short_ids: false, ..plain.clone() },
        ),
        Oddity::new("61xx", Quirks { chains_responses: true, ..short_only.clone() }).limit(short),
        Oddity::new("starts elsewhere, 6986", Quirks { elsewhere: Some(StatusText(0x6986)), ..plain.clone() }),
        Oddity::new("starts elsewhere, 6A82", Quirks { elsewhere: Some(StatusText(0x6A82)), ..plain.clone() }),
        Oddity::new("starts elsewhere, 6D00", Quirks { elsewhere: Some(StatusText(0x6D00)), ..plain.clone() }),
        Oddity::new("a passing glitch", plain.clone()).fault(Fault::Status {
            at: 9,
            status: StatusText(0x6F00),
            forever: false,
        }),
    ]
}

/// Commands nobody could save on such a chip: what lies around the files, the blocks the chip gives, a SELECT a file where it has no
/// short identifiers, a SELECT of the master file where it starts elsewhere, a GET RESPONSE for each answer held back, and gaining access again for each channel the chip gave up.
fn unavoidable(oddity: &Oddity, reading: &Reading, around: u64, access: u64) -> u64 {
    let blocks: u64 = reading.sizes().map(|size| oddity.limit.map_or(1, |limit| size.div_ceil(limit))).sum();
    let selected = !oddity.quirks.short_ids || oddity.quirks.drops_at_short_id;
    let selects = if selected { reading.sizes().count() as u64 } else { 0 };
    let elsewhere = u64::from(oddity.quirks.elsewhere.is_some());
    around + blocks + selects + elsewhere + reading.fetched + access * reading.reopenings
}

fn check(profile: fn() -> Profile, short: u64, access: u64) {
    let plain = read(&profile(), Some(READER), true);
    let around = plain.cost.apdus - plain.sizes().count() as u64;
    let mut too_dear = Vec::new();
    let oddities = oddities(short);
    assert_eq!(oddities.len(), 30);
    for oddity in &oddities {
        let reading = read(&oddity.place(profile()), Some(READER), true);
        // Not compared by `assert_eq!`: it would print the files.
        assert!(reading.evidence.files == plain.evidence.files, "{}: other files", oddity.name);
        let wasted = reading.cost.apdus.saturating_sub(unavoidable(oddity, &reading, around, access));
        println!("{:<55} {:>4} commands, {wasted} wasted", oddity.name, reading.cost.apdus);
        if wasted > WASTED {
            too_dear.push((oddity.name, wasted));
        }
    }
    assert!(too_dear.is_empty(), "{too_dear:?}");
}

#[test]
fn thirty_oddities_of_bac_chips() {
    check(bac, 231, 3);
}

#[test]
fn thirty_oddities_of_pace_chips() {
    check(pace, 223, 8);
}
