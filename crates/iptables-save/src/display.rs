//! Bytes of the input as text.

use std::fmt;

/// Returns bytes of the input, such as the name of a chain, as something that prints.
///
/// UTF-8 is printed unchanged, control characters included; other bytes as `\xff`.
///
/// ```
/// assert_eq!(iptables_save::display(b"POSTROUTING").to_string(), "POSTROUTING");
/// assert_eq!(iptables_save::display(b"a\xff").to_string(), "a\\xff");
/// ```
#[must_use]
pub const fn display(bytes: &[u8]) -> impl fmt::Display + fmt::Debug {
    Displayed(bytes)
}

struct Displayed<'a>(&'a [u8]);

impl fmt::Display for Displayed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Displayed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}
