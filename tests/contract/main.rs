//! What the command line promises to scripts: answers, codes and exit status, against published documents and through PC/SC.

mod licence;
mod published;
mod reading;
mod residence;
mod trust_bundle;
mod usage;
