//! `-m nfacct`: counters that rules share.

use super::extension;
use crate::{
    Text, Word, Writer,
    value::{Context, Quoted, Required, Value, ValueError},
};

extension! {
    /// Counts the packet in an object of nfacct, which must be there, and matches every
    /// packet; of an object with a quota, those beyond it.
    ///
    /// Kernel `xt_nfacct`; iptables `libxt_nfacct`.
    Nfacct<'a> = "nfacct" {
        /// The name of the object.
        "--nfacct-name" => nfacct_name: Required<NfacctName<'a>>,
    }
}

/// The name of an object of nfacct; 31 bytes are kept, as the kernel has no room for more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NfacctName<'a>(pub Text<'a>);

impl<'a> Value<'a> for NfacctName<'a> {
    const ARGS: &'static [&'static str] = &["NAME"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        match args[0].text.is_empty() {
            true => Err(ValueError::new("a name")),
            false => Quoted::<31>::read(args, context).map(|it| Self(it.0)),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        // iptables-save writes two blanks before the name.
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
