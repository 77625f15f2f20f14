/// A command APDU (ISO/IEC 7816-4, 5.2): header, data field, and the expected response length.
#[derive(Clone, PartialEq, Eq)]
pub struct CommandApdu {
    pub cla: u8,
    pub ins: u8,
    pub p1: u8,
    pub p2: u8,
    /// Data field, at most 65,535 bytes.
    pub data: Vec<u8>,
    /// Ne: the greatest number of response bytes expected, 1..=65,536; `None` when the Le field is absent.
    pub ne: Option<u32>,
    /// Encode with extended Lc and Le even where the short form would do.
    pub extended: bool,
}

/// Why bytes are not a command, or a command has no bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApduError {
    #[error("the data field has {length} bytes, more than 65,535")]
    DataTooLong { length: usize },
    #[error("Ne is {ne}, outside 1..=65,536")]
    NeOutOfRange { ne: u32 },
    #[error("the bytes are no command APDU")]
    Malformed,
}

impl CommandApdu {
    /// A command without data and without Le (case 1).
    #[must_use]
    pub fn new(cla: u8, ins: u8, p1: u8, p2: u8) -> Self {
        Self { cla, ins, p1, p2, data: Vec::new(), ne: None, extended: false }
    }

    #[must_use]
    pub fn with_data(mut self, data: impl Into<Vec<u8>>) -> Self {
        self.data = data.into();
        self
    }

    #[must_use]
    pub fn with_ne(mut self, ne: u32) -> Self {
        self.ne = Some(ne);
        self
    }

    /// Uses extended length fields whatever the sizes.
    #[must_use]
    pub fn in_extended_form(mut self) -> Self {
        self.extended = true;
        self
    }

    /// Encodes in the short form where data ≤ 255 and Ne ≤ 256 and the extended form was not asked for, else extended.
    ///
    /// # Errors
    /// Data or Ne beyond what the extended form can say.
    pub fn encode(&self) -> Result<Vec<u8>, ApduError> {
        let length = self.data.len();
        if length > 0xFFFF {
            return Err(ApduError::DataTooLong { length });
        }
        if let Some(ne) = self.ne
            && !(1..=0x1_0000).contains(&ne)
        {
            return Err(ApduError::NeOutOfRange { ne });
        }
        let extended = self.extended || length > 255 || self.ne.is_some_and(|ne| ne > 256);
        // Never moved while it grows: what it holds may be a secret.
        let mut out = Vec::with_capacity(length + 9);
        out.extend_from_slice(&[self.cla, self.ins, self.p1, self.p2]);
        if extended {
            if length > 0 || self.ne.is_some() {
                out.push(0);
            }
            if length > 0 {
                out.extend_from_slice(&(length as u16).to_be_bytes());
                out.extend_from_slice(&self.data);
            }
            if let Some(ne) = self.ne {
                // Ne 65,536 is written as 0000.
                out.extend_from_slice(&((ne & 0xFFFF) as u16).to_be_bytes());
            }
        } else {
            if length > 0 {
                out.push(length as u8);
                out.extend_from_slice(&self.data);
            }
            if let Some(ne) = self.ne {
                out.push((ne & 0xFF) as u8);
            }
        }
        Ok(out)
    }

    /// Reads the bytes of a command in any of the seven encodings (ISO/IEC 7816-4, 5.2).
    ///
    /// # Errors
    /// `Malformed` when the length fields and the bytes disagree.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApduError> {
        let (&[cla, ins, p1, p2], body) = bytes.split_first_chunk::<4>().ok_or(ApduError::Malformed)?;
        let header = Self::new(cla, ins, p1, p2);
        match body {
            [] => Ok(header),
            [le] => Ok(header.with_ne(short_ne(*le))),
            [0, le @ ..] if le.len() == 2 => Ok(header.in_extended_form().with_ne(extended_ne(le))),
            [0, high, low, rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let (data, le) = rest.split_at_checked(length).ok_or(ApduError::Malformed)?;
                let command = header.in_extended_form().with_data(data);
                match le.len() {
                    _ if data.is_empty() => Err(ApduError::Malformed),
                    0 => Ok(command),
                    2 => Ok(command.with_ne(extended_ne(le))),
                    _ => Err(ApduError::Malformed),
                }
            }
            [0, ..] => Err(ApduError::Malformed),
            [length, rest @ ..] => {
                let (data, le) = rest.split_at_checked(usize::from(*length)).ok_or(ApduError::Malformed)?;
                let command = header.with_data(data);
                match le {
                    [] => Ok(command),
                    [le] => Ok(command.with_ne(short_ne(*le))),
                    _ => Err(ApduError::Malformed),
                }
            }
        }
    }
}

fn short_ne(le: u8) -> u32 {
    if le == 0 { 256 } else { u32::from(le) }
}

fn extended_ne(le: &[u8]) -> u32 {
    let ne = le.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte));
    if ne == 0 { 0x1_0000 } else { ne }
}

/// Data fields carry PINs and keys: no copy outlives its command.
impl Drop for CommandApdu {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.data);
    }
}

/// Shows header and lengths only: data fields carry keys, PINs and personal data.
impl std::fmt::Debug for CommandApdu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "CommandApdu({:02X}{:02X}{:02X}{:02X}, {} bytes, Ne {:?})",
            self.cla,
            self.ins,
            self.p1,
            self.p2,
            self.data.len(),
            self.ne
        )
    }
}
