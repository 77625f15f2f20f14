//! BER-TLV (ISO/IEC 7816-4, 5.2.2; X.690) under a budget. The only TLV reader of the product: card files, secure messaging,
//! CMS and X.509 all go through it, and every value it hands out is a slice of the original bytes.
