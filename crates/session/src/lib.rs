//! What a verification is: states, evidence, failures, record.
