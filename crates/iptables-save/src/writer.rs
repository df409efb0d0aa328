//! Canonical text into one buffer.

/// Writes words with single blanks between them, as iptables-save does.
#[derive(Debug)]
pub struct Writer<'o> {
    out: &'o mut Vec<u8>,
    style: Style,
    reads_back: bool,
}

/// Whose spelling to write.
///
/// The versions of iptables-save differ in few places; what is written is read the
/// same by all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether protocols outside iptables' own table are written by their name in
    /// `/etc/protocols` (`gre`), as up to 1.8.10, or by number (`47`), as since 1.8.11.
    pub protocol_names: bool,
}

impl Style {
    /// The spelling of the program that wrote a text.
    #[must_use]
    pub fn of(generator: &crate::Generator<'_>) -> Self {
        let mut parts = generator
            .version
            .split(|byte| *byte == b'.')
            .map(|part| std::str::from_utf8(part).ok()?.parse::<u32>().ok());
        let version = [(); 3].map(|()| parts.next().flatten().unwrap_or(0));
        Self {
            protocol_names: version < [1, 8, 11],
        }
    }
}

impl<'o> Writer<'o> {
    /// Appends to `out`.
    pub fn new(out: &'o mut Vec<u8>, style: Style) -> Self {
        Self {
            out,
            style,
            reads_back: true,
        }
    }

    /// The spelling asked for.
    #[must_use]
    pub const fn style(&self) -> Style {
        self.style
    }

    /// Begins a word: a blank, unless the line has just begun.
    pub fn begin(&mut self) -> &mut Vec<u8> {
        if !matches!(self.out.last(), None | Some(b'\n')) {
            self.out.push(b' ');
        }
        self.out
    }

    /// Goes on with the word at hand.
    pub fn more(&mut self) -> &mut Vec<u8> {
        self.out
    }

    /// Writes a word as it is.
    pub fn word(&mut self, word: &[u8]) {
        self.begin().extend_from_slice(word);
    }

    /// Writes a name as it is. iptables-save does not quote names: one with blanks or
    /// quotes will not be read back.
    pub fn name(&mut self, name: &[u8]) {
        let odd = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'"');
        if name.is_empty() || name.iter().any(odd) {
            self.is_lost();
        }
        self.word(name);
    }

    /// Notes that iptables-save writes this so that it is refused or read otherwise.
    pub const fn is_lost(&mut self) {
        self.reads_back = false;
    }

    /// Whether all that was written is read back as what it was.
    #[must_use]
    pub const fn reads_back(&self) -> bool {
        self.reads_back
    }

    /// Writes a number as a word.
    pub fn number(&mut self, number: impl Into<u64>) {
        decimal(self.begin(), number.into());
    }

    /// Writes text as `xtables.c:xtables_save_string` does: bare when it is made of
    /// letters, digits, `-` and `_`, else in quotes.
    pub fn string(&mut self, text: &[u8]) {
        let bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !text.is_empty() && text.iter().all(bare) {
            self.word(text);
        } else {
            quote(self.begin(), text, b"\"\\'");
        }
    }
}

/// Writes `text` in quotes, with a backslash before each byte of `escaped`.
pub(crate) fn quote(out: &mut Vec<u8>, text: &[u8], escaped: &[u8]) {
    out.push(b'"');
    for byte in text {
        if escaped.contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

/// Writes a number in decimal digits.
pub(crate) fn decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Writes `0x…`, as every mark and mask is written.
pub(crate) fn hex(out: &mut Vec<u8>, number: u32) {
    use std::io::Write as _;
    write!(out, "{number:#x}").expect("a Vec takes any bytes");
}
