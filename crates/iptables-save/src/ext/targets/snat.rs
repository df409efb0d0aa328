//! `-j SNAT`: hides the sender behind another address.

use super::extension;
use crate::{
    ext::Unfit,
    value::{Context, Must, NatRange},
};

extension! {
    /// Puts another source address, port or both into the packets of a connection.
    ///
    /// For the nat table's POSTROUTING and INPUT. Kernel `xt_nat`; iptables `libxt_NAT`.
    Snat = "SNAT" {
        /// The new source: an address or a range to choose from, and ports.
        "--to-source" => to_source: Must<NatRange>,
        /// Chooses ports at random.
        "--random" => random: bool,
        /// Chooses ports at random, without any order to guess.
        "--random-fully" => random_fully: bool,
        /// Gives a client the same address for every connection.
        "--persistent" => persistent: bool,
    }
    finish = finish;
}

fn finish(it: &mut Snat, _: &Context) -> Result<(), Unfit> {
    it.to_source.0.base = it.to_source.0.base.and(Some(0));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j SNAT --to-source 192.0.2.1 ; =
            -p tcp -j SNAT --to-source 192.0.2.1:1024-65535 ; =
            -j SNAT --to-source 192.0.2.1-192.0.2.9 --persistent --random-fully --random ; -j SNAT --to-source 192.0.2.1-192.0.2.9 --random --random-fully --persistent
            -p udp -j SNAT --to-source :1024-65535 --random ; =
            -j SNAT --to-source 192.0.2.1:80 ; REFUSED
            -j SNAT --random ; REFUSED
            -j SNAT --to-source ; REFUSED
            -j SNAT --to-source 192.0.2.1 --to-source 192.0.2.2 ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -j SNAT --to-source 2001:db8::1-2001:db8::9 --persistent ; =
            -p udp -j SNAT --to-source [2001:db8::1]:1024-65535 ; =
            -j SNAT --to-source 192.0.2.1 ; REFUSED
            ",
        );
    }

    /// Nothing but iptables-save writes `/0`: its own output does not load.
    #[test]
    fn a_shift_is_forgotten_but_for_its_stroke() {
        let line = b"-A POSTROUTING -p tcp -j SNAT --to-source 192.0.2.1:1024-2048/9";
        let mut reader = crate::Reader::default();
        let read = reader.read_line(line, Some(crate::Family::V4)).unwrap();
        let printed = read.rule.to_string();
        assert_eq!(printed, "-p tcp -j SNAT --to-source 192.0.2.1:1024-2048/0");
        let line = format!("-A POSTROUTING {printed}");
        let mut reader = crate::Reader::default();
        assert!(
            reader
                .read_line(line.as_bytes(), Some(crate::Family::V4))
                .is_err()
        );
    }
}
