//! Cameras: nokhwa, file and synthetic sources, preview frames.
