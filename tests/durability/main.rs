//! What is accepted is kept, delivered, and counted once: through killed processes, full disks and broken networks.

mod counter;
mod full_disk;
mod killed;
mod unreachable;
