//! The real PC/SC service with the virtual reader `vpcd`, and a small card of our own at its other end.
//!
//! The service is one per machine: these tests take turns under a lock in the temporary directory, start their own `pcscd`,
//! and end it by its process id. They need root, since the service keeps its socket below /run.
#![cfg(target_os = "linux")]

mod vpcd;

use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};
use kiosk::{CardConnection, ReaderEvent, ReaderKind, Readers, ReadersError};
use readers::{PcscReaders, ReadersConfig, TraceRing};

use vpcd::{ATR, Service, Turn, VirtualCard};

const READER: &str = "Virtual PCD 00 00";
const PATIENCE: Duration = Duration::from_secs(20);

fn readers() -> PcscReaders {
    PcscReaders::new(ReadersConfig::with_virtual_pcd())
}

/// Waits for one event and skips those about the second virtual reader.
fn expect(events: &Receiver<ReaderEvent>, wanted: &ReaderEvent) {
    let begun = Instant::now();
    let mut seen = Vec::new();
    while let Ok(event) = events.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
        if event == *wanted {
            return;
        }
        seen.push(event);
    }
    panic!("{wanted:?} did not come; {seen:?} did");
}

fn watch(readers: &PcscReaders) -> (kiosk::Watch, Receiver<ReaderEvent>) {
    let (tell, told) = mpsc::channel();
    (readers.watch(Box::new(move |event| drop(tell.send(event)))), told)
}

fn wait_for_card(readers: &PcscReaders) {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if readers.list().is_ok_and(|list| list.iter().any(|reader| reader.name == READER && reader.card_present)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the card was not seen");
}

fn inserted() -> ReaderEvent {
    ReaderEvent::CardInserted { reader: READER.into(), atr: ATR.to_vec() }
}

#[test]
fn lists_readers_and_reports_a_card_coming_and_going() {
    let _service = Service::start();
    let readers = readers();
    let (watch, events) = watch(&readers);
    expect(&events, &ReaderEvent::ReaderAdded(READER.into()));
    let empty = readers.list().unwrap();
    let face = empty.iter().find(|reader| reader.name == READER).unwrap();
    assert_eq!((face.kind, face.card_present, face.atr.as_deref()), (ReaderKind::Virtual, false, None));
    assert_eq!(readers.connect(READER).err(), Some(ReadersError::NoCard));
    assert_eq!(readers.connect("No such reader").err(), Some(ReadersError::ReaderUnknown));

    let card = VirtualCard::insert(|_, _| Turn::Answer(vec![0x90, 0x00]));
    expect(&events, &inserted());
    let listed = readers.list().unwrap();
    let face = listed.iter().find(|reader| reader.name == READER).unwrap();
    assert_eq!((face.card_present, face.atr.as_deref()), (true, Some(ATR)));

    card.remove();
    expect(&events, &ReaderEvent::CardRemoved { reader: READER.into() });
    let begun = Instant::now();
    drop(watch);
    assert!(begun.elapsed() < Duration::from_secs(2), "ending the watch took {:?}", begun.elapsed());
    let _second = VirtualCard::insert(|_, _| Turn::Answer(vec![0x90, 0x00]));
    wait_for_card(&readers);
    assert!(events.try_recv().is_err(), "an ended watch reports nothing");
}

#[test]
fn the_virtual_reader_does_not_exist_in_production() {
    let _service = Service::start();
    let _card = VirtualCard::insert(|_, _| Turn::Answer(vec![0x90, 0x00]));
    let production = PcscReaders::new(ReadersConfig::production());
    assert_eq!(production.list(), Ok(vec![]));
    assert_eq!(production.connect(READER).err(), Some(ReadersError::ReaderNotAllowed));
}

#[test]
fn short_and_extended_commands_arrive_byte_for_byte_and_are_traced_without_contents() {
    let _service = Service::start();
    // Answers the command itself, as many times as Ne of an extended command says.
    let _card = VirtualCard::insert(|_, command| match command[1] {
        0xB0 => Turn::Answer([&vec![0xA5; 60_000][..], &[0x90, 0x00]].concat()),
        0x20 => Turn::Answer(vec![0x63, 0xC2]),
        _ => Turn::Answer([command, &[0x90, 0x00]].concat()),
    });
    let ring = TraceRing::default();
    let readers = PcscReaders::new(ReadersConfig::with_virtual_pcd().traced(ring.clone()));
    wait_for_card(&readers);
    let mut card = readers.connect(READER).unwrap();
    assert_eq!(card.atr(), ATR);

    let select = CommandApdu::new(0x00, 0xA4, 0x04, 0x0C).with_data(*b"AID");
    assert_eq!(card.transmit(&select).unwrap().data, select.encode().unwrap());
    let long = CommandApdu::new(0x00, 0xCB, 0x3F, 0xFF).with_data(vec![0x5A; 1_000]).with_ne(65_536);
    let answer = card.transmit(&long).unwrap();
    assert!(answer.status.is_ok() && answer.data == long.encode().unwrap());
    let read = CommandApdu::new(0x00, 0xB0, 0x00, 0x00).with_ne(65_536);
    assert_eq!(card.transmit(&read).unwrap().data.len(), 60_000);
    let verify = CommandApdu::new(0x00, 0x20, 0x00, 0x81).with_data(*b"CANARY-4649");
    assert_eq!(card.transmit(&verify).unwrap(), ResponseApdu::new([], StatusWord(0x63C2)));

    let begun = Instant::now();
    for _ in 0..50 {
        card.transmit(&select).unwrap();
    }
    let each = begun.elapsed() / 50;
    assert!(each < Duration::from_millis(35), "{each:?} for one exchange: delayed acknowledgements");
    card.disconnect(true);

    let entries = ring.entries();
    assert_eq!(entries.len(), 54);
    assert_eq!((entries[3].ins, entries[3].command_data), (0x20, 11));
    let text: String = entries.iter().map(|entry| format!("{entry} {entry:?}\n")).collect();
    let hex: String = b"CANARY".iter().map(|byte| format!("{byte:02X}")).collect();
    assert!(!text.contains("CANARY") && !text.contains(&hex) && !text.contains("4649"), "{text}");
}

#[test]
fn a_card_lifted_in_the_middle_is_named_and_the_next_card_reads() {
    let _service = Service::start();
    let readers = readers();
    let card = VirtualCard::insert(|turn, _| if turn < 5 { Turn::Answer(vec![0x90, 0x00]) } else { Turn::Leave });
    wait_for_card(&readers);
    let mut connection = readers.connect(READER).unwrap();
    let command = CommandApdu::new(0x00, 0xB0, 0x00, 0x00).with_ne(256);
    for _ in 0..5 {
        connection.transmit(&command).unwrap();
    }
    let begun = Instant::now();
    assert_eq!(connection.transmit(&command), Err(TransportError::CardRemoved));
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(connection.transmit(&command), Err(TransportError::CardRemoved), "a lost card stays lost");
    connection.disconnect(true);
    drop(card);

    let _next = VirtualCard::insert(|_, _| Turn::Answer(vec![0x12, 0x90, 0x00]));
    wait_for_card(&readers);
    let mut connection = readers.connect(READER).unwrap();
    assert_eq!(connection.transmit(&command).unwrap().data, [0x12]);
    connection.disconnect(false);
}

#[test]
fn a_mute_card_costs_the_limit_and_no_more() {
    let _service = Service::start();
    let readers = readers();
    let card = VirtualCard::insert(|_, _| Turn::Mute);
    wait_for_card(&readers);
    let mut connection = readers.open(READER).unwrap().with_limit(Duration::from_millis(400));
    let command = CommandApdu::new(0x00, 0xB0, 0x00, 0x00).with_ne(256);
    let begun = Instant::now();
    assert_eq!(connection.transmit(&command), Err(TransportError::Timeout));
    assert_eq!(connection.transmit(&command), Err(TransportError::Timeout));
    Box::new(connection).disconnect(true);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    card.remove();
}

#[test]
fn a_restarted_service_is_found_again_and_reading_works() {
    let mut service = Service::start();
    let readers = readers();
    let (_watch, events) = watch(&readers);
    let card = VirtualCard::insert(|_, _| Turn::Answer(vec![0x90, 0x00]));
    expect(&events, &inserted());
    let mut connection = readers.connect(READER).unwrap();
    let command = CommandApdu::new(0x00, 0xB0, 0x00, 0x00).with_ne(256);
    connection.transmit(&command).unwrap();

    service.stop();
    expect(&events, &ReaderEvent::ServiceLost);
    expect(&events, &ReaderEvent::ReaderRemoved(READER.into()));
    assert_eq!(readers.list(), Err(ReadersError::ServiceLost));
    assert_eq!(readers.connect(READER).err(), Some(ReadersError::ServiceLost));
    assert_eq!(connection.transmit(&command), Err(TransportError::ReaderLost));
    connection.disconnect(true);
    drop(card);

    service.restart();
    expect(&events, &ReaderEvent::ServiceBack);
    expect(&events, &ReaderEvent::ReaderAdded(READER.into()));
    let _card = VirtualCard::insert(|_, _| Turn::Answer(vec![0x34, 0x90, 0x00]));
    expect(&events, &inserted());
    let mut connection = readers.connect(READER).unwrap();
    assert_eq!(connection.transmit(&command).unwrap().data, [0x34]);
    connection.disconnect(true);
}

#[test]
fn an_idle_watch_costs_next_to_nothing() {
    let _service = Service::start();
    let readers = readers();
    let (_watch, events) = watch(&readers);
    expect(&events, &ReaderEvent::ReaderAdded(READER.into()));
    let before = vpcd::cpu_ticks();
    std::thread::sleep(Duration::from_secs(3));
    let spent = vpcd::cpu_ticks() - before;
    assert!(spent <= 6, "{spent} ticks of 10 ms in three idle seconds");
}
