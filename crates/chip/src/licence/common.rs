//! The master file's two files: what needs no PIN.

use super::date::CivilDate;
use super::field::{self, FieldError, FieldFault};
use super::layout::{KNOWN_VERSIONS, LicenceFile};

/// MF/EF01 共通データ要素. Unsigned: it says how to read, not what is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonData {
    /// Version of the specification, three characters.
    pub version: String,
    /// Day of issue.
    pub issued: CivilDate,
    /// Last day of validity.
    pub expires: CivilDate,
}

impl CommonData {
    /// Reads the file.
    ///
    /// # Errors
    /// The field that cannot be read.
    pub fn parse(bytes: &[u8]) -> Result<Self, FieldError> {
        const TAG: u8 = 0x45;
        let error = |fault| FieldError { file: LicenceFile::Common, tag: TAG, fault };
        let fields = field::parse(LicenceFile::Common, bytes)?;
        let value = fields.iter().find(|f| f.tag == TAG).ok_or(error(FieldFault::Missing))?.value;
        let [v1, v2, v3, i1, i2, i3, i4, e1, e2, e3, e4] = *value else { return Err(error(FieldFault::Length)) };
        let version = [v1, v2, v3];
        if !version.iter().all(u8::is_ascii_graphic) {
            return Err(error(FieldFault::Text));
        }
        let date = |bytes| CivilDate::parse_bcd(bytes).map_err(|_| error(FieldFault::Date));
        Ok(Self {
            version: version.map(char::from).iter().collect(),
            issued: date([i1, i2, i3, i4])?,
            expires: date([e1, e2, e3, e4])?,
        })
    }

    /// Whether the layout of this version is known.
    #[must_use]
    pub fn is_known_version(&self) -> bool {
        KNOWN_VERSIONS.contains(&self.version.as_str())
    }
}

/// MF/EF02 暗証番号設定.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinSetting {
    /// The holder set PINs.
    Set,
    /// The holder set none; a fixed value opens the files.
    NotSet,
}

impl PinSetting {
    /// Reads `05 01 00` or `05 01 01`; anything else is no answer, and no PIN may be sent on it.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x05, 0x01, 0x01] => Some(Self::Set),
            [0x05, 0x01, 0x00] => Some(Self::NotSet),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EF01: [u8; 17] = *b"\x45\x0B009\x20\x23\x04\x15\x20\x28\x06\x01\x46\x02\0\0";

    #[test]
    fn reads_version_and_dates() {
        let common = CommonData::parse(&EF01).unwrap();
        assert_eq!((common.version.as_str(), common.is_known_version()), ("009", true));
        assert_eq!((common.issued.to_string(), common.expires.to_string()), ("2023-04-15".into(), "2028-06-01".into()));
        let mut newer = EF01;
        newer[2..5].copy_from_slice(b"011");
        assert!(!CommonData::parse(&newer).unwrap().is_known_version());
    }

    #[test]
    fn only_two_settings_are_answers() {
        assert_eq!(PinSetting::parse(&[5, 1, 1]), Some(PinSetting::Set));
        assert_eq!(PinSetting::parse(&[5, 1, 0]), Some(PinSetting::NotSet));
        for other in [&[5, 1, 2][..], &[5, 1], &[5, 1, 0, 0], &[], &[6, 1, 0]] {
            assert_eq!(PinSetting::parse(other), None);
        }
    }
}
