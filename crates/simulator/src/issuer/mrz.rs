//! The machine readable zone of a TD3 passport (Doc 9303-4, 4.2).

use super::IssuerError;

/// The synthetic holder of a test passport.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// Primary identifier, letters of the MRZ only.
    pub surname: String,
    /// Secondary identifiers, separated by a space.
    pub given_names: String,
    /// Up to nine characters.
    pub document_number: String,
    /// Three letters, `UTO` for Utopia.
    pub issuing_state: String,
    pub nationality: String,
    /// YYMMDD
    pub birth: String,
    /// `F`, `M` or `<`
    pub sex: char,
    /// YYMMDD
    pub expiry: String,
    /// Up to fourteen characters.
    pub optional_data: String,
}

impl Default for Holder {
    fn default() -> Self {
        Self {
            surname: "SPECIMEN".to_owned(),
            given_names: "HANAKO MADOGUCHI TEST".to_owned(),
            document_number: "XTEST0001".to_owned(),
            issuing_state: "UTO".to_owned(),
            nationality: "UTO".to_owned(),
            birth: "900203".to_owned(),
            sex: 'F',
            expiry: "350531".to_owned(),
            optional_data: "TEST<ONLY".to_owned(),
        }
    }
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Holder(..)")
    }
}

impl Holder {
    /// The two lines of 44 characters.
    ///
    /// # Errors
    /// A field that is too long or has other characters than the MRZ's.
    pub fn td3(&self) -> Result<[String; 2], IssuerError> {
        let names = format!("{}<<{}", self.surname, self.given_names.replace(' ', "<"));
        let first = ["P<", &fit(&self.issuing_state, 3)?, &fit(&names, 39)?].concat();
        let number = fit(&self.document_number, 9)?;
        let birth = fit(&self.birth, 6)?;
        let expiry = fit(&self.expiry, 6)?;
        let optional = fit(&self.optional_data, 14)?;
        let optional_check = if optional.bytes().all(|byte| byte == b'<') { '<' } else { check_digit(&optional) };
        let numbers = format!("{number}{}", check_digit(&number));
        let dates = format!("{birth}{}", check_digit(&birth));
        let rest = format!("{expiry}{}{optional}{optional_check}", check_digit(&expiry));
        let composite = check_digit(&[&numbers[..], &dates, &rest].concat());
        let second = format!("{numbers}{}{dates}{}{rest}{composite}", fit(&self.nationality, 3)?, self.sex);
        Ok([first, second])
    }
}

/// Check digit with the weights 7, 3, 1 (Doc 9303-3, 4.9).
#[must_use]
pub fn check_digit(text: &str) -> char {
    let sum: u32 = text.bytes().zip([7, 3, 1].into_iter().cycle()).map(|(byte, weight)| value(byte) * weight).sum();
    char::from_digit(sum % 10, 10).unwrap_or('0')
}

fn value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    }
}

fn fit(text: &str, length: usize) -> Result<String, IssuerError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<');
    if !plain || text.len() > length {
        return Err(IssuerError::MrzField);
    }
    Ok(format!("{text:<<length$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_specimen_of_doc_9303_4() {
        let holder = Holder {
            surname: "ERIKSSON".into(),
            given_names: "ANNA MARIA".into(),
            document_number: "L898902C3".into(),
            birth: "740812".into(),
            expiry: "120415".into(),
            optional_data: "ZE184226B".into(),
            ..Holder::default()
        };
        let [first, second] = holder.td3().unwrap();
        assert_eq!(first, "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<");
        assert_eq!(second, "L898902C36UTO7408122F1204159ZE184226B<<<<<10");
    }

    #[test]
    fn refuses_what_the_zone_cannot_hold() {
        assert!(Holder { surname: "花子".into(), ..Holder::default() }.td3().is_err());
        assert!(Holder { document_number: "0123456789".into(), ..Holder::default() }.td3().is_err());
    }
}
