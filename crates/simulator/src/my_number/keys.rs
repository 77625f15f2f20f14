//! The keys of the test issuers and of the specimen card: thrown away by being published here, of no issuer anywhere.

use chip_crypto::signature::SigningKey;

use crate::issuer::IssuerError;

macro_rules! keys {
    ($($variant:ident $file:literal;)+) => {
        /// Whose key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum KeyOf { $($variant),+ }

        impl KeyOf {
            pub(super) fn key(self) -> Result<SigningKey, IssuerError> {
                let pkcs8: &[u8] = match self {
                    $(Self::$variant => include_bytes!(concat!("keys/", $file, ".p8"))),+
                };
                Ok(SigningKey::from_pkcs8(pkcs8)?)
            }
        }
    };
}

keys! {
    UserRoot "user-root";
    UserRootTwo "user-root-2";
    SignatureRoot "signature-root";
    User "user";
    Signature "signature";
    SurfaceIssuer "surface-issuer";
    TextIssuer "text-issuer";
    SurfaceSigner "surface-signer";
    TextSigner "text-signer";
    SurfaceCard "surface-card";
    TextCard "text-card";
}
