//! `-m ipcomp`: which security association compressed the packet.

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Invertible, Range, Value, ValueError},
};

extension! {
    /// Matches packets that IPsec compressed. Needs `-p ipcomp`, which also loads it.
    ///
    /// Without `--ipcompspi` it is the number 0 that matches.
    ///
    /// Kernel `xt_ipcomp`; iptables `libxt_ipcomp`.
    Ipcomp = "ipcomp" {
        /// The number of the security association, or a range of numbers.
        "--ipcompspi" => ipcompspi: Option<Invertible<CompressionIndex>>,
        /// The part of the header that is kept for later is empty.
        "--compres" => compres: bool,
    }
    default ipcompspi = Invertible::default();
}

/// Numbers of associations that compress, from the first to the last.
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

    /// Every number is no test to iptables-save, but iptables-restore takes that for 0.
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
