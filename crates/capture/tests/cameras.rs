//! Each source of pictures through the port alone.

#![allow(clippy::unwrap_used, reason = "a test may stop where it likes")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use capture::{FaultScript, FileCamera, FileCameras, SyntheticCameras, counter, jpeg, probe};
use kiosk::{CameraError, Cameras, Frame};

const PATIENCE: Duration = Duration::from_secs(10);

fn drawn(cameras: &SyntheticCameras, count: usize) -> Vec<Arc<Frame>> {
    let mut stream = cameras.open(SyntheticCameras::ID).unwrap();
    let frames = (0..count).map(|_| stream.next(PATIENCE).unwrap()).collect();
    stream.close();
    frames
}

fn file_camera(path: &Path) -> FileCamera {
    FileCamera { interval: Duration::from_millis(5), repeat: false, ..FileCamera::new(path) }
}

/// Plays to the end; what came and why it ended.
fn play(camera: FileCamera) -> (Vec<Arc<Frame>>, CameraError) {
    let cameras = FileCameras::new(vec![camera]);
    let id = cameras.list().unwrap()[0].id.clone();
    let mut stream = cameras.open(&id).unwrap();
    let mut frames = Vec::new();
    loop {
        match stream.next(PATIENCE) {
            Ok(frame) => frames.push(frame),
            Err(end) => return (frames, end),
        }
    }
}

fn mean(frame: &Frame) -> u64 {
    let pixels = image::load_from_memory(&frame.jpeg).unwrap().into_rgb8().into_raw();
    pixels.iter().map(|value| u64::from(*value)).sum::<u64>() / pixels.len() as u64
}

/// How much neighbours differ: falls with blur.
fn sharpness(frame: &Frame) -> u64 {
    let luma = image::load_from_memory(&frame.jpeg).unwrap().into_luma8();
    luma.as_raw().windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1]))).sum()
}

#[test]
fn the_drawn_counter_survives_jpeg_and_only_rises() {
    let frames = drawn(&SyntheticCameras::default(), 15);
    let counters: Vec<u32> = frames.iter().map(|frame| counter::read_jpeg(&frame.jpeg).unwrap()).collect();
    assert!(counters.windows(2).all(|pair| pair[0] < pair[1]), "{counters:?}");
    assert!(frames.iter().all(|frame| (frame.width, frame.height) == (640, 480)));
    assert!(frames.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
}

#[test]
fn pictures_arrive_when_they_are_drawn_and_the_delay_does_not_grow() {
    let mut stream = SyntheticCameras::default().open(SyntheticCameras::ID).unwrap();
    let interval = Duration::from_secs(1) / 30;
    // The picture with counter n is due n intervals after the first; how much later it comes is its delay.
    let begun = Instant::now();
    let delays: Vec<f64> = (0..60)
        .map(|_| {
            let frame = stream.next(PATIENCE).unwrap();
            let arrived = begun.elapsed();
            let due = interval * counter::read_jpeg(&frame.jpeg).unwrap();
            arrived.as_secs_f64() - due.as_secs_f64()
        })
        .collect();
    stream.close();
    // The quickest of a third is what the pipeline itself costs; the others also waited for the processor.
    let quickest = |delays: &[f64]| delays.iter().copied().fold(f64::INFINITY, f64::min) * 1_000.0;
    let (early, late) = (quickest(&delays[..20]), quickest(&delays[40..]));
    assert!(early < 150.0, "the quickest of the first pictures came {early:.0} ms late");
    assert!(late < early + 60.0, "the delay grew from {early:.0} ms to {late:.0} ms");
}

#[test]
fn a_slow_consumer_gets_the_newest_picture_and_no_backlog() {
    let mut stream = SyntheticCameras::default().open(SyntheticCameras::ID).unwrap();
    let first = counter::read_jpeg(&stream.next(PATIENCE).unwrap().jpeg).unwrap();
    std::thread::sleep(Duration::from_millis(700));
    let late = counter::read_jpeg(&stream.next(PATIENCE).unwrap().jpeg).unwrap();
    assert!(late >= first + 10, "{first} then {late}");
    let begun = Instant::now();
    stream.next(PATIENCE).unwrap();
    stream.next(PATIENCE).unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(25), "two pictures came at once: there was a queue");
}

#[test]
fn closing_ends_the_thread_and_opening_again_works() {
    let cameras = SyntheticCameras::default();
    for _ in 0..5 {
        let begun = Instant::now();
        assert!(probe(&cameras, SyntheticCameras::ID, 1, PATIENCE).unwrap().frames == 1);
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    assert_eq!(cameras.open("another").err(), Some(CameraError::NotFound));
}

#[test]
fn a_probe_counts_distinct_pictures() {
    let report = probe(&SyntheticCameras::default(), SyntheticCameras::ID, 12, PATIENCE).unwrap();
    assert_eq!((report.frames, report.distinct, report.format.as_str()), (12, 12, "640x480 JPEG"));
    let json: serde_json::Value = serde_json::to_value(&report).unwrap();
    for field in ["device", "name", "format", "source", "frames", "distinct", "fps", "first_frame_ms"] {
        assert!(json.get(field).is_some(), "{field}");
    }
}

#[test]
fn an_mjpeg_file_is_played_picture_by_picture() {
    let folder = tempfile::tempdir().unwrap();
    let frames = drawn(&SyntheticCameras::default().sized(320, 240), 6);
    let path = folder.path().join("a.mjpeg");
    fs::write(&path, frames.iter().flat_map(|frame| frame.jpeg.clone()).collect::<Vec<u8>>()).unwrap();
    let slow = FileCamera { interval: Duration::from_millis(40), ..file_camera(&path) };
    let (played, end) = play(slow);
    assert_eq!(end, CameraError::Gone);
    assert!(played.iter().map(|frame| &frame.jpeg).eq(frames.iter().map(|frame| &frame.jpeg)));
}

#[test]
fn an_mjpeg_file_cut_short_delivers_whole_pictures_only() {
    let folder = tempfile::tempdir().unwrap();
    let frames = drawn(&SyntheticCameras::default().sized(320, 240), 3);
    let mut bytes: Vec<u8> = frames.iter().flat_map(|frame| frame.jpeg.clone()).collect();
    bytes.truncate(bytes.len() - 500);
    let path = folder.path().join("cut.mjpeg");
    fs::write(&path, bytes).unwrap();
    let (played, end) = play(FileCamera { interval: Duration::from_millis(40), ..file_camera(&path) });
    assert_eq!((played.len(), end), (2, CameraError::Gone));
}

#[test]
fn a_directory_of_png_and_jpeg_is_played_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let frames = drawn(&SyntheticCameras::default().sized(320, 240), 3);
    for (index, frame) in frames.iter().enumerate() {
        if index == 1 {
            let pixels = image::load_from_memory(&frame.jpeg).unwrap();
            pixels.save(folder.path().join("frame-1.png")).unwrap();
        } else {
            fs::write(folder.path().join(format!("frame-{index}.jpg")), &frame.jpeg).unwrap();
        }
    }
    fs::write(folder.path().join("notes.txt"), "not a picture").unwrap();
    let (played, end) = play(FileCamera { interval: Duration::from_millis(60), ..file_camera(folder.path()) });
    let counters =
        |frames: &[Arc<Frame>]| frames.iter().map(|frame| counter::read_jpeg(&frame.jpeg).unwrap()).collect::<Vec<_>>();
    assert_eq!(end, CameraError::Gone);
    assert_eq!(counters(&played), counters(&frames));
}

#[test]
fn a_single_still_is_shown_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("still.jpg");
    fs::write(&path, &drawn(&SyntheticCameras::default(), 1)[0].jpeg).unwrap();
    let cameras = FileCameras::new(vec![FileCamera::new(&path)]);
    let report = probe(&cameras, &path.to_string_lossy(), 5, PATIENCE).unwrap();
    assert_eq!((report.frames, report.distinct), (5, 1));
}

#[test]
fn a_truncated_still_is_a_typed_error_and_never_a_frame() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = drawn(&SyntheticCameras::default(), 1)[0].jpeg.clone();
    bytes.truncate(bytes.len() / 2);
    assert_eq!(jpeg::inspect(&bytes), Err(jpeg::JpegFault::Truncated));
    let path = folder.path().join("half.jpg");
    fs::write(&path, bytes).unwrap();
    let camera = FileCamera { repeat: true, ..file_camera(&path) };
    assert_eq!(play(camera), (vec![], CameraError::FrameInvalid));
}

#[test]
fn files_that_are_no_cameras_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &Path| FileCameras::new(vec![FileCamera::new(path)]).open(&path.to_string_lossy()).err();
    assert_eq!(open(&folder.path().join("absent.jpg")), Some(CameraError::NotFound));
    assert_eq!(open(folder.path()), Some(CameraError::FormatUnsupported));
    let text = folder.path().join("a.txt");
    fs::write(&text, "text").unwrap();
    assert_eq!(open(&text), Some(CameraError::FormatUnsupported));
    let liar = folder.path().join("b.png");
    fs::write(&liar, "not a png").unwrap();
    assert_eq!(play(FileCamera { repeat: true, ..file_camera(&liar) }), (vec![], CameraError::FrameInvalid));
    let empty = folder.path().join("empty.mjpeg");
    fs::write(&empty, []).unwrap();
    assert_eq!(play(FileCamera { repeat: true, ..file_camera(&empty) }), (vec![], CameraError::Gone));
}

#[test]
fn the_fault_script_strikes_as_written() {
    let script: FaultScript =
        "dark 3..6; over-exposed 6..9; blur 9..12; truncated 12..15; wrong-format 15; disconnect 20".parse().unwrap();
    let cameras = SyntheticCameras::default().paced(10).with_faults(script);
    let mut stream = cameras.open(SyntheticCameras::ID).unwrap();
    let mut by_counter = std::collections::BTreeMap::new();
    let mut unread = Vec::new();
    let end = loop {
        match stream.next(PATIENCE) {
            Ok(frame) => match counter::read_jpeg(&frame.jpeg) {
                Some(counter) => drop(by_counter.insert(counter, frame)),
                None => unread.push(frame),
            },
            Err(end) => break end,
        }
    };
    assert_eq!(end, CameraError::Gone);
    let plain = by_counter.get(&0).or(by_counter.get(&1)).unwrap();
    assert!(unread.iter().any(|frame| mean(frame) < 30), "dark");
    assert!(by_counter.values().chain(&unread).any(|frame| mean(frame) > 240), "over-exposed");
    assert!(
        by_counter.values().chain(&unread).any(|frame| mean(frame) > 100 && sharpness(frame) * 3 < sharpness(plain)),
        "blur"
    );
    assert!((12..=15).all(|counter| !by_counter.contains_key(&counter)), "{:?}", by_counter.keys());
    assert!(by_counter.keys().any(|counter| (16..20).contains(counter)), "pictures go on after faults");
    assert!(by_counter.keys().all(|counter| *counter < 20));
}

#[test]
fn a_stalled_camera_says_so_in_time_and_recovers() {
    let script: FaultScript = "stall 5 1200ms".parse().unwrap();
    let mut stream = SyntheticCameras::default().with_faults(script).open(SyntheticCameras::ID).unwrap();
    let mut stalled = 0;
    for _ in 0..40 {
        let begun = Instant::now();
        match stream.next(Duration::from_millis(300)) {
            Ok(_) => {}
            Err(CameraError::Stalled) => {
                stalled += 1;
                assert!(begun.elapsed() < Duration::from_millis(900));
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!((2..=4).contains(&stalled), "{stalled} times");
    assert!(stream.next(PATIENCE).is_ok());
}
