//! `-m helper`: connections that a conntrack helper expected.

use super::extension;
use crate::value::{Invertible, Quoted, Required};

extension! {
    /// Matches packets of connections that a conntrack helper expected, such as FTP data
    /// connections.
    ///
    /// Kernel `xt_helper`; iptables `libxt_helper`.
    Helper<'a> = "helper" {
        /// The name of the helper, with `-PORT` if it is not on its default port.
        "--helper" => helper: Required<Invertible<Quoted<'a, 29>>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m helper --helper ftp-2121 ; =
            -m helper ! --helper "a b" ; =
            -m helper --helpe ftp ; -m helper --helper ftp
            -m helper --helper "" ; =
            -m helper --helper sip,h323 ; -m helper --helper "sip,h323"
            -m helper --helper a-name-of-more-than-29-letters ; -m helper --helper a-name-of-more-than-29-letter
            -m helper --helper ftp --helper ftp ; REFUSED
            -m helper --helper ; REFUSED
            -m helper ; REFUSED
            "#,
        );
    }
}
