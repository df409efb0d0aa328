//! `-m helper`: connections that a helper of conntrack announced.

use super::extension;
use crate::value::{Invertible, Quoted, Required};

extension! {
    /// Matches packets of connections that a helper of conntrack found announced in
    /// another connection, such as the data of FTP.
    ///
    /// Kernel `xt_helper`; iptables `libxt_helper`.
    Helper<'a> = "helper" {
        /// The helper's name, with `-PORT` for one that looks at another port.
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
