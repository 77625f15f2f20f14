//! Object identifiers of Doc 9303, CMS, X.509 and their algorithms.

use const_oid::ObjectIdentifier as Oid;

macro_rules! oids { ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => { $($(#[$doc])* pub(crate) const $name: Oid = Oid::new_unwrap($value);)* } }

oids! {
    // RFC 5652
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    DATA = "1.2.840.113549.1.7.1";
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    SIGNING_TIME = "1.2.840.113549.1.9.5";
    // Doc 9303-10, 4.6.2; Doc 9303-12, 9
    LDS_SECURITY_OBJECT = "2.23.136.1.1.1";
    CSCA_MASTER_LIST = "2.23.136.1.1.2";
    // BSI TR-03110-3, A.1.2.5: content of EF.CardSecurity
    SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1";
    // RFC 8017, RFC 5480, RFC 5758
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    MD5_RSA = "1.2.840.113549.1.1.4";
    SHA1_RSA = "1.2.840.113549.1.1.5";
    MGF1 = "1.2.840.113549.1.1.8";
    RSASSA_PSS = "1.2.840.113549.1.1.10";
    SHA256_RSA = "1.2.840.113549.1.1.11";
    SHA384_RSA = "1.2.840.113549.1.1.12";
    SHA512_RSA = "1.2.840.113549.1.1.13";
    SHA224_RSA = "1.2.840.113549.1.1.14";
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    PRIME_FIELD = "1.2.840.10045.1.1";
    ECDSA_SHA1 = "1.2.840.10045.4.1";
    ECDSA_SHA224 = "1.2.840.10045.4.3.1";
    ECDSA_SHA256 = "1.2.840.10045.4.3.2";
    ECDSA_SHA384 = "1.2.840.10045.4.3.3";
    ECDSA_SHA512 = "1.2.840.10045.4.3.4";
    MD5 = "1.2.840.113549.2.5";
    SHA1 = "1.3.14.3.2.26";
    SHA1_RSA_OIW = "1.3.14.3.2.29";
    SHA224 = "2.16.840.1.101.3.4.2.4";
    SHA256 = "2.16.840.1.101.3.4.2.1";
    SHA384 = "2.16.840.1.101.3.4.2.2";
    SHA512 = "2.16.840.1.101.3.4.2.3";
    // RFC 5280
    SUBJECT_KEY_ID = "2.5.29.14";
    KEY_USAGE = "2.5.29.15";
    PRIVATE_KEY_USAGE_PERIOD = "2.5.29.16";
    SUBJECT_ALT_NAME = "2.5.29.17";
    ISSUER_ALT_NAME = "2.5.29.18";
    BASIC_CONSTRAINTS = "2.5.29.19";
    CRL_NUMBER = "2.5.29.20";
    REASON_CODE = "2.5.29.21";
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    CERTIFICATE_POLICIES = "2.5.29.32";
    AUTHORITY_KEY_ID = "2.5.29.35";
    EXTENDED_KEY_USAGE = "2.5.29.37";
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// Doc 9303-12, table 5: the list of document types a signer signs.
    DOCUMENT_TYPE_LIST = "2.23.136.1.1.6.2";
    NAME_CHANGE = "2.23.136.1.1.6.1";
    // JPKI: policies of the two kinds of certificates, and other names of 署名用電子証明書 (read on test certificates)
    JPKI_SIGNATURE_POLICY = "1.2.392.200149.8.5.1.0.20";
    JPKI_USER_POLICY = "1.2.392.200149.8.5.1.0.30";
    JPKI_NAME = "1.2.392.200149.8.5.5.1";
    JPKI_NAME_SUBSTITUTES = "1.2.392.200149.8.5.5.2";
    JPKI_SEX = "1.2.392.200149.8.5.5.3";
    JPKI_BIRTH_DATE = "1.2.392.200149.8.5.5.4";
    JPKI_ADDRESS = "1.2.392.200149.8.5.5.5";
    JPKI_ADDRESS_SUBSTITUTES = "1.2.392.200149.8.5.5.6";
    COUNTRY = "2.5.4.6";
    COMMON_NAME = "2.5.4.3";
    SERIAL_NUMBER = "2.5.4.5";
    LOCALITY = "2.5.4.7";
    STATE = "2.5.4.8";
    ORGANIZATION = "2.5.4.10";
    ORGANIZATIONAL_UNIT = "2.5.4.11";
}

/// Whether the content octets of an OBJECT IDENTIFIER are this one.
pub(crate) fn is(content: &[u8], oid: Oid) -> bool {
    oid.as_bytes() == content
}
