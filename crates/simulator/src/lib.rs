//! The other side: issuers, cards, readers and faults for QA.
