//! The headless app: ports, actor, timers, outbox.
