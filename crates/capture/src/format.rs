//! Which of a camera's formats to ask for.

use nokhwa::utils::{CameraFormat, FrameFormat};

/// The formats worth asking for, best first. An explicit one is always asked for: what a driver takes by itself may be one
/// picture a second.
pub(crate) fn ranked(offered: &[CameraFormat], without_mjpeg: bool) -> Vec<CameraFormat> {
    let mut formats: Vec<CameraFormat> = offered
        .iter()
        .copied()
        .filter(|format| !(without_mjpeg && format.format() == FrameFormat::MJPEG))
        .filter(|format| (1..=4_096).contains(&format.width()) && (1..=4_096).contains(&format.height()))
        .collect();
    formats.sort_by_key(|format| std::cmp::Reverse(worth(format)));
    formats.dedup();
    formats
}

/// Compared in this order: colour, a pace a person can use, the size, the pace, the cost of the format.
fn worth(format: &CameraFormat) -> (bool, u8, u32, u32, u8) {
    let pace = match format.frame_rate() {
        0..5 => 0,
        5..15 => 1,
        15..24 => 2,
        _ => 3,
    };
    let cost = match format.format() {
        FrameFormat::MJPEG => 5,
        FrameFormat::YUYV => 4,
        FrameFormat::NV12 => 3,
        FrameFormat::RAWRGB => 2,
        FrameFormat::RAWBGR => 1,
        FrameFormat::GRAY => 0,
    };
    let pixels = |width: u32, height: u32| width * height;
    let area = pixels(format.width(), format.height());
    // A camera's own JPEG costs us nothing, so it may be larger.
    let wanted = if format.format() == FrameFormat::MJPEG { pixels(1_280, 720) } else { pixels(640, 480) };
    let size = if area <= wanted { area } else { wanted.saturating_sub(area - wanted) };
    // Thirty a second is enough: faster ones take light and bandwidth.
    let rate = format.frame_rate();
    let rate = if rate <= 30 { rate } else { 30u32.saturating_sub((rate - 30) / 2) };
    (format.format() != FrameFormat::GRAY, pace, size, rate, cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use FrameFormat::{GRAY, MJPEG, NV12, RAWBGR, YUYV};

    fn format(width: u32, height: u32, format: FrameFormat, rate: u32) -> CameraFormat {
        CameraFormat::new_from(width, height, format, rate)
    }

    #[test]
    fn a_usable_pace_comes_before_size() {
        let offered = [format(1_920, 1_080, YUYV, 1), format(640, 480, YUYV, 30), format(1_280, 720, YUYV, 5)];
        assert_eq!(ranked(&offered, false)[0], offered[1]);
    }

    #[test]
    fn a_cameras_own_jpeg_may_be_larger_than_what_we_encode() {
        let offered = [
            format(640, 480, YUYV, 30),
            format(1_280, 720, MJPEG, 30),
            format(1_920, 1_080, MJPEG, 30),
            format(1_280, 720, YUYV, 30),
        ];
        assert_eq!(ranked(&offered, false)[0], offered[1]);
        assert_eq!(ranked(&offered, true)[0], offered[0]);
        assert!(ranked(&offered, true).iter().all(|format| format.format() != MJPEG));
    }

    #[test]
    fn infrared_cameras_come_last_and_huge_pictures_not_at_all() {
        let offered = [format(640, 480, GRAY, 30), format(320, 240, NV12, 15), format(8_192, 8_192, MJPEG, 30)];
        assert_eq!(ranked(&offered, false), [offered[1], offered[0]]);
    }

    #[test]
    fn thirty_a_second_is_enough() {
        let offered = [format(640, 480, RAWBGR, 60), format(640, 480, RAWBGR, 30), format(640, 480, RAWBGR, 25)];
        assert_eq!(ranked(&offered, false)[0], offered[1]);
    }

    #[test]
    fn a_camera_with_only_slow_formats_is_still_used() {
        assert_eq!(ranked(&[format(640, 480, YUYV, 1)], false).len(), 1);
        assert!(ranked(&[], false).is_empty());
    }
}
