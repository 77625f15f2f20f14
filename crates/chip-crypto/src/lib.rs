//! Every cryptographic primitive behind one door.
