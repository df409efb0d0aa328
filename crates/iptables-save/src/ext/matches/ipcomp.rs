//! `-m ipcomp`: the IPComp header.

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Invertible, Range, Value, ValueError},
};

extension! {
    /// Matches packets compressed by IPsec (IPComp). Requires `-p ipcomp`, which also loads this
    /// match.
    ///
    /// Without `--ipcompspi` it matches SPI 0.
    ///
    /// Kernel `xt_ipcomp`; iptables `libxt_ipcomp`.
    Ipcomp = "ipcomp" {
        /// The SPI of the security association, or a range of SPIs.
        "--ipcompspi" => ipcompspi: Option<Invertible<CompressionIndex>>,
        /// Matches if the reserved field is zero.
        "--compres" => compres: bool,
    }
    default ipcompspi = Invertible::default();
}

/// A range of SPIs of IPComp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CompressionIndex(pub Range<u32>);

impl<'a> Value<'a> for CompressionIndex {
    const ARGS: &'static [&'static str] = Range::<u32>::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Range::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.0.write(out);
    }

    /// iptables-save omits the range of all SPIs, but iptables-restore reads an absent one as SPI
    /// 0.
    fn is_left_out(&self, inverted: bool) -> bool {
        (self.0.first, self.0.last) == (0, u32::MAX) && !inverted
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -p ipcomp -m ipcomp --ipcompspi 18 ; =
        -p ipcomp -m ipcomp ! --ipcompspi 18:20 --compres ; =
        -p 108 --compres --ipcompspi 0x12:022 ; -p ipcomp -m ipcomp --ipcompspi 18 --compres
        -p IPCOMP --ipc=7 ; -p ipcomp -m ipcomp --ipcompspi 7
        -p ipcomp -m ipcomp --ipcompspi 7: ; -p ipcomp -m ipcomp --ipcompspi 7:4294967295
        -p ipcomp -m ipcomp --ipcompspi :7 ; -p ipcomp -m ipcomp --ipcompspi 0:7
        -p ipcomp -m ipcomp --ipcompspi 20:18 ; =
        -p ipcomp -m ipcomp --ipcompspi : ; UNREADABLE -p ipcomp -m ipcomp
        -p ipcomp -m ipcomp ! --ipcompspi : ; -p ipcomp -m ipcomp ! --ipcompspi 0:4294967295
        -p ipcomp -m ipcomp --ipcompspi \"\" ; -p ipcomp -m ipcomp --ipcompspi 0
        -p ipcomp -m ipcomp ; -p ipcomp -m ipcomp --ipcompspi 0
        -p ipcomp --compres ; -p ipcomp -m ipcomp --ipcompspi 0 --compres
        -p ipcomp -m ipcomp --ipcompspi 1:2:3 ; REFUSED
        -p ipcomp -m ipcomp --ipcompspi 4294967296 ; REFUSED
        -p ipcomp -m ipcomp --ipcompspi 1-2 ; REFUSED
        -p ipcomp -m ipcomp --ipcompspi -1 ; REFUSED
        -p ipcomp -m ipcomp --ipcompspi 1 --ipcompspi 2 ; REFUSED
        -p ipcomp -m ipcomp ! --compres ; REFUSED
        -p ipcomp -m ipcomp --compres --compres ; REFUSED
        --ipcompspi 1 -p ipcomp ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
