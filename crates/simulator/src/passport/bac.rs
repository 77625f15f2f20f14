//! Basic Access Control, chip side (Doc 9303-11, 4.3).

use apdu::CommandApdu;
use chip_crypto::block::{self, SymmetricCipher};
use chip_crypto::{kdf, mac};
use zeroize::Zeroizing;

use super::secure_messaging::SecureMessaging;
use super::{Answer, PassportCard, password};

const CIPHER: SymmetricCipher = SymmetricCipher::TripleDes;

impl PassportCard {
    /// GET CHALLENGE: RND.IC.
    pub(super) fn get_challenge(&mut self, command: &CommandApdu) -> Answer {
        if !self.access.bac || self.state.location == super::Location::Master {
            return Answer::status(0x6985);
        }
        if command.ne.is_some_and(|ne| ne < 8) {
            return Answer::status(0x6700);
        }
        let mut challenge = [0; 8];
        if self.random.fill(&mut challenge).is_err() {
            return Answer::status(0x6F00);
        }
        self.state.bac_challenge = Some(challenge);
        Answer::data(challenge)
    }

    /// EXTERNAL AUTHENTICATE in its mutual form: E.IFD ‖ M.IFD in, E.IC ‖ M.IC out.
    pub(super) fn external_authenticate(&mut self, command: &CommandApdu) -> Answer {
        let Some(challenge) = self.state.bac_challenge.take() else {
            return Answer::status(0x6985);
        };
        if command.data.len() != 40 {
            return Answer::status(0x6700);
        }
        match self.mutual(challenge, &command.data) {
            Some((data, channel)) => {
                let mut answer = Answer::data(data);
                answer.next_channel = Some(channel);
                answer
            }
            None => Answer::status(0x6300),
        }
    }

    fn mutual(&mut self, challenge: [u8; 8], data: &[u8]) -> Option<(Vec<u8>, SecureMessaging)> {
        let hash = password::mrz_hash(self.mrz_information.as_deref()?);
        let seed = hash.get(..16)?;
        let k_enc = kdf::derive_key(CIPHER, seed, 1);
        let k_mac = kdf::derive_key(CIPHER, seed, 2);
        let (encrypted, code) = data.split_at_checked(32)?;
        let expected = mac::retail_mac(&k_mac, &block::pad(encrypted, 8)).ok()?;
        if !mac::equal(&expected, code) {
            return None;
        }
        let plain = Zeroizing::new(block::cbc_decrypt(CIPHER, &k_enc, &[0; 8], encrypted).ok()?);
        let (rnd_ifd, rest) = plain.split_at_checked(8)?;
        let (rnd_ic, k_ifd) = rest.split_at_checked(8)?;
        if rnd_ic != challenge {
            return None;
        }
        let mut k_ic = Zeroizing::new([0; 16]);
        self.random.fill(&mut k_ic[..]).ok()?;
        let answer = Zeroizing::new([&challenge[..], rnd_ifd, &k_ic[..]].concat());
        let mut out = block::cbc_encrypt(CIPHER, &k_enc, &[0; 8], &answer).ok()?;
        let code = mac::retail_mac(&k_mac, &block::pad(&out, 8)).ok()?;
        out.extend_from_slice(&code);
        let secret: Zeroizing<Vec<u8>> = Zeroizing::new(k_ic.iter().zip(k_ifd).map(|(a, b)| a ^ b).collect());
        // Doc 9303-11, 9.8.6.3: the counter starts with the last four bytes of either random number.
        let counter = [&challenge[4..], rnd_ifd.get(4..)?].concat();
        Some((out, SecureMessaging::start(CIPHER, &secret, &counter)))
    }
}
