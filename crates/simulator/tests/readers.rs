//! The in-process readers and the vpcd client.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use apdu::TransportError;
use kiosk::{ReaderEvent, Readers, ReadersError};
use simulator::vpcd::{ServeOptions, Served, Stop, serve};
use simulator::{Fault, Profile, VirtualReaders, place};
use terminal::select_application;

#[test]
fn cards_come_and_go_and_watchers_hear_of_it() {
    let (readers, reader) = VirtualReaders::with_reader("Virtual reader");
    let (send, events) = mpsc::channel();
    let watch = readers.watch(Box::new(move |event| send.send(event).unwrap()));
    assert_eq!(readers.connect("Virtual reader").err(), Some(ReadersError::NoCard));
    assert_eq!(readers.connect("another").err(), Some(ReadersError::ReaderUnknown));
    reader.insert(&Profile::built_in("specimen").unwrap()).unwrap();
    assert!(matches!(events.try_recv().unwrap(), ReaderEvent::CardInserted { .. }));
    assert!(readers.list().unwrap()[0].card_present);
    let mut connection = readers.connect("Virtual reader").unwrap();
    assert!(connection.transmit(&select_application()).unwrap().status.is_ok());
    reader.remove();
    assert_eq!(events.try_recv().unwrap(), ReaderEvent::CardRemoved { reader: "Virtual reader".into() });
    assert_eq!(connection.transmit(&select_application()), Err(TransportError::CardRemoved));
    assert!(reader.place_again());
    assert_eq!(
        connection.transmit(&select_application()),
        Err(TransportError::CardChanged),
        "a connection ends with its card"
    );
    connection.disconnect(true);
    readers.unplug("Virtual reader");
    assert!(matches!(events.try_recv().unwrap(), ReaderEvent::CardInserted { .. }));
    assert_eq!(events.try_recv().unwrap(), ReaderEvent::ReaderRemoved("Virtual reader".into()));
    drop(watch);
    readers.plug("Virtual reader");
    assert!(events.try_recv().is_err());
}

#[test]
fn a_swap_and_an_unplugged_reader_end_a_connection() {
    let profile = Profile::built_in("specimen").unwrap();
    let (readers, reader) = VirtualReaders::with_reader("r");
    reader.insert(&profile).unwrap();
    let mut connection = readers.connect("r").unwrap();
    reader.swap(&profile).unwrap();
    assert_eq!(connection.transmit(&select_application()), Err(TransportError::CardChanged));
    readers.unplug("r");
    assert_eq!(connection.transmit(&select_application()), Err(TransportError::ReaderLost));
}

#[test]
fn a_scripted_lift_is_seen_by_the_reader() {
    let (readers, reader) = VirtualReaders::with_reader("r");
    reader.insert(&Profile::built_in("specimen").unwrap().with_fault(Fault::Lift { at: 2 })).unwrap();
    let (send, events) = mpsc::channel();
    let _watch = readers.watch(Box::new(move |event| send.send(event).unwrap()));
    assert!(
        matches!(events.try_recv().unwrap(), ReaderEvent::CardInserted { .. }),
        "cards present are reported at once"
    );
    let mut connection = readers.connect("r").unwrap();
    connection.transmit(&select_application()).unwrap();
    assert_eq!(connection.transmit(&select_application()), Err(TransportError::CardRemoved));
    assert!(matches!(events.try_recv().unwrap(), ReaderEvent::CardRemoved { .. }));
    assert!(!reader.holds_card());
    assert!(reader.place_again());
    let mut again = readers.connect("r").unwrap();
    assert!(again.transmit(&select_application()).unwrap().status.is_ok());
}

fn message(stream: &mut TcpStream, payload: &[u8]) {
    // length and payload apart, as vpcd writes them
    stream.write_all(&(payload.len() as u16).to_be_bytes()).unwrap();
    stream.write_all(payload).unwrap();
}

fn reply(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut payload = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut payload).unwrap();
    payload
}

#[test]
fn speaks_the_protocol_of_vpcd_and_reconnects() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let options = ServeOptions {
        address: listener.local_addr().unwrap().to_string(),
        retry_after: Duration::from_millis(10),
        ..ServeOptions::default()
    };
    let stop = Stop::new();
    let handle = stop.clone();
    let mut card = place(&Profile::built_in("specimen").unwrap()).unwrap();
    let atr = card.atr().to_vec();
    let serving = std::thread::spawn(move || serve(&mut *card, &options, &handle));
    for round in 0..2 {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        message(&mut stream, &[1]);
        message(&mut stream, &[4]);
        assert_eq!(reply(&mut stream), atr, "round {round}");
        message(&mut stream, &select_application().encode().unwrap());
        assert_eq!(reply(&mut stream), [0x90, 0x00]);
        message(&mut stream, &[0x00, 0xB0, 0x81, 0x00, 0x00]);
        assert_eq!(reply(&mut stream), [0x69, 0x82]);
        message(&mut stream, &[2]);
        message(&mut stream, &[0x00, 0xB0, 0x9C, 0x00, 0x00]);
        let card_access = reply(&mut stream);
        assert!(card_access.starts_with(&[0x31, 0x14]) && card_access.ends_with(&[0x62, 0x82]));
        message(&mut stream, &[0x00, 0xB0]);
        assert_eq!(reply(&mut stream), [0x67, 0x00], "no command");
        message(&mut stream, &[0]);
    }
    let (mut stream, _) = listener.accept().unwrap();
    stop.stop();
    assert_eq!(serving.join().unwrap().unwrap(), Served::Stopped);
    assert_eq!(stop.commands(), 8);
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_lifted_card_hangs_up_and_comes_back_when_asked_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let options = ServeOptions {
        address: listener.local_addr().unwrap().to_string(),
        place_again_after: Some(Duration::from_millis(10)),
        ..ServeOptions::default()
    };
    let stop = Stop::new();
    let handle = stop.clone();
    let mut card = place(&Profile::built_in("specimen").unwrap().with_fault(Fault::Lift { at: 2 })).unwrap();
    let serving = std::thread::spawn(move || serve(&mut *card, &options, &handle));
    let (mut stream, _) = listener.accept().unwrap();
    message(&mut stream, &select_application().encode().unwrap());
    assert_eq!(reply(&mut stream), [0x90, 0x00]);
    message(&mut stream, &select_application().encode().unwrap());
    assert_eq!(stream.read(&mut [0]).unwrap(), 0, "the card is gone");
    let (mut stream, _) = listener.accept().unwrap();
    message(&mut stream, &select_application().encode().unwrap());
    assert_eq!(reply(&mut stream), [0x90, 0x00]);
    stop.stop();
    assert_eq!(serving.join().unwrap().unwrap(), Served::Stopped);
}

#[test]
fn gives_up_where_nobody_listens() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let options =
        ServeOptions { address, retry_after: Duration::from_millis(1), attempts: Some(2), ..ServeOptions::default() };
    let mut card = place(&Profile::built_in("specimen").unwrap()).unwrap();
    assert!(serve(&mut *card, &options, &Stop::new()).is_err());
}
