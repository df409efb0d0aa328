//! Words of the input in messages.

/// A user's word in a message: bytes that need not be UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub struct Name(Box<[u8]>);

impl Name {
    /// Takes the bytes as the input has them.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Writes what is UTF-8 as it is, control characters included, and other bytes as `\xff`.
impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_every_byte() {
        let name = Name::new(b"a\x1b[31m\xffb");
        assert_eq!(name.to_string(), "a\x1b[31m\\xffb");
    }
}
