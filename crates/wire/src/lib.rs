//! Formats that leave the machine: EKR1, EKB1, EKS1, receipts, API types.
