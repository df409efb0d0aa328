//! `-m nfacct`: counters shared by rules.

use super::extension;
use crate::{
    Text, Word, Writer,
    value::{Context, Quoted, Required, Value, ValueError},
};

extension! {
    /// Counts packets in an nfacct object, which must exist, and matches every packet. If the
    /// object has a quota, only packets above the quota match.
    ///
    /// Kernel `xt_nfacct`; iptables `libxt_nfacct`.
    Nfacct<'a> = "nfacct" {
        /// The name of the object.
        "--nfacct-name" => nfacct_name: Required<NfacctName<'a>>,
    }
}

/// The name of an nfacct object, truncated to 31 bytes as in the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NfacctName<'a>(pub Text<'a>);

impl<'a> Value<'a> for NfacctName<'a> {
    const ARGS: &'static [&'static str] = &["NAME"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        if args[0].text.is_empty() {
            return Err(ValueError::new("a name"));
        }
        Quoted::<31>::read(args, context).map(|name| Self(name.0))
    }

    fn write(&self, out: &mut Writer<'_>) {
        // iptables-save prints two spaces before the name.
        out.begin();
        out.string(&self.0);
    }
}

crate::value::owned!(text NfacctName);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -m nfacct --nfacct-name  test ; =
        -m nfacct --nfacct-name test ; -m nfacct --nfacct-name  test
        -m nfacct --nf=http-in_1 ; -m nfacct --nfacct-name  http-in_1
        -m nfacct --nfacct-name "a b's \"c\" \\" ; -m nfacct --nfacct-name  "a b\'s \"c\" \\"
        -m nfacct --nfacct-name a.b ; -m nfacct --nfacct-name  "a.b"
        -m nfacct --nfacct-name 0123456789012345678901234567890x ; -m nfacct --nfacct-name  0123456789012345678901234567890
        -m nfacct --nfacct-name "" ; REFUSED
        -m nfacct ! --nfacct-name test ; REFUSED
        -m nfacct --nfacct-name a --nfacct-name b ; REFUSED
        -m nfacct --nfacct-name ; REFUSED
        -m nfacct ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
