//! `-j MASQUERADE`: hides the sender behind the address of the outgoing interface.

use super::extension;
use crate::{
    ext::Unfit,
    value::{Context, ToPorts},
};

extension! {
    /// Puts the address of the outgoing interface in place of the source address.
    ///
    /// For the nat table's POSTROUTING. Kernel `xt_MASQUERADE`; iptables
    /// `libxt_MASQUERADE`.
    Masquerade = "MASQUERADE" {
        /// The source ports to choose from.
        "--to-ports" => to_ports: Option<ToPorts>,
        /// Chooses source ports at random.
        "--random" => random: bool,
        /// Chooses source ports at random, without any order to guess.
        "--random-fully" => random_fully: bool,
    }
    finish = finish;
}

fn finish(it: &mut Masquerade, _: &Context) -> Result<(), Unfit> {
    if let Some(ports) = &mut it.to_ports {
        ports.base = ports.base.and(Some(0));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j MASQUERADE ; =
            -j MASQUERADE --random-fully ; =
            -j MASQUERADE --random-fully --random ; -j MASQUERADE --random --random-fully
            -p tcp -j MASQUERADE --to-ports 1024-65535 --random ; =
            -p udp -j MASQUERADE --to-ports 53 ; =
            -p icmp -j MASQUERADE --to-ports 9-10 ; =
            -j MASQUERADE --to-ports 1024 ; REFUSED
            -p tcp -j MASQUERADE --to-ports 9-8 ; REFUSED
            -p tcp -j MASQUERADE --to-ports 9:10 ; REFUSED
            -j MASQUERADE ! --random ; REFUSED
            -j MASQUERADE --random --random ; REFUSED
            ",
        );
    }

    /// Nothing but iptables-save writes `/0`: its own output does not load.
    #[test]
    fn a_shift_is_forgotten_but_for_its_stroke() {
        let line = b"-A POSTROUTING -p tcp -j MASQUERADE --to-ports 1024-2048/9";
        let mut reader = crate::Reader::default();
        let read = reader.read_line(line, Some(crate::Family::V4)).unwrap();
        let printed = read.rule.to_string();
        assert_eq!(printed, "-p tcp -j MASQUERADE --to-ports 1024-2048/0");
        let line = format!("-A POSTROUTING {printed}");
        let mut reader = crate::Reader::default();
        assert!(
            reader
                .read_line(line.as_bytes(), Some(crate::Family::V4))
                .is_err()
        );
    }
}
