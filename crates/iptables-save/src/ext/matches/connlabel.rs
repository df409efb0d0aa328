//! `-m connlabel`: the labels of the connection.

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Invertible, Required, Value, ValueError, complete, strtoul},
    writer,
};

extension! {
    /// Matches packets whose connection has a label, and can set the label.
    ///
    /// Kernel `xt_connlabel`; iptables `libxt_connlabel`.
    Connlabel = "connlabel" {
        /// The number of the label.
        "--label" => label: Required<Invertible<ConnectionLabel>>,
        /// Sets the label on the connection first; matches if that succeeds.
        "--set" => set: bool,
    }
}

/// A label of a connection, by number; the kernel has labels from 0 to 127.
///
/// iptables also reads the names in `/etc/xtables/connlabel.conf`. It installs no such file, so
/// names are not known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConnectionLabel(pub u16);

impl ConnectionLabel {
    /// Parses a number as `libxt_connlabel.c:connlabel_value_parse` does: into an `int`, which
    /// must not be negative and of which the kernel receives two bytes.
    fn parse(text: &[u8]) -> Option<Self> {
        let number = complete(strtoul(0), text)?.value as i32;
        (number >= 0).then_some(Self(number as u16))
    }
}

impl<'a> Value<'a> for ConnectionLabel {
    const ARGS: &'static [&'static str] = &["LABEL"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "a label number from 0 to 127; names are not looked up",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.begin().push(b'"');
        writer::decimal(out.more(), self.0.into());
        out.more().push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -m connlabel --label "5" ; =
        -m connlabel ! --label "127" --set ; =
        -m connlabel --set --lab 0x10 ; -m connlabel --label "16" --set
        -m connlabel --label 010 ; -m connlabel --label "8"
        -m connlabel --label " +5" ; -m connlabel --label "5"
        -m connlabel --label -0 ; -m connlabel --label "0"
        -m connlabel --label 65541 ; -m connlabel --label "5"
        -m connlabel --label 4294967301 ; -m connlabel --label "5"
        -m connlabel --label -4294967291 ; -m connlabel --label "5"
        -m connlabel --label 128 ; -m connlabel --label "128"
        -m connlabel --label 2147483648 ; REFUSED
        -m connlabel --label -1 ; REFUSED
        -m connlabel --label 18446744073709551616 ; REFUSED
        -m connlabel --label "5 " ; REFUSED
        -m connlabel --label 08 ; REFUSED
        -m connlabel --label no-such-label ; REFUSED
        -m connlabel --label "" ; REFUSED
        -m connlabel --label 5 ! --set ; REFUSED
        -m connlabel --label 5 --label 6 ; REFUSED
        -m connlabel --label 5 --se ; REFUSED
        -m connlabel --set ; REFUSED
        -m connlabel ; REFUSED
    "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
