//! `-m recent`: addresses that were seen before.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::extension;
use crate::{
    Family,
    ext::OptionConflict,
    value::{Context, Flag, Host, Invertible, SignedOnWrite, Unquoted},
};

extension! {
    /// Keeps lists of addresses, with the times when packets with them came, and
    /// matches by them.
    ///
    /// One of `--set`, `--rcheck`, `--update` and `--remove` says what to do with the
    /// list. The kernel shows lists in `/proc/net/xt_recent`.
    /// Kernel `xt_recent`; iptables `libxt_recent`.
    Recent<'a> = "recent" {
        /// Puts the packet's address on the list, and matches.
        "--set" => set: Option<Invertible<Flag>>,
        /// Matches if the address is on the list.
        "--rcheck" => rcheck: Option<Invertible<Flag>>,
        /// Matches if the address is on the list, and notes the time.
        "--update" => update: Option<Invertible<Flag>>,
        /// Matches if the address is on the list, and takes it off.
        "--remove" => remove: Option<Invertible<Flag>>,
        /// Only if it was last seen within so many seconds.
        "--seconds" => seconds: Option<SignedOnWrite<1>>,
        /// Forgets what is older than `--seconds`.
        "--reap" => reap: bool,
        /// Only if it was seen so many times.
        "--hitcount" => hitcount: Option<SignedOnWrite<0>>,
        /// Only if the packet's time to live is that of the one on the list.
        "--rttl" => rttl: bool,
        /// The list's name: by default `DEFAULT`. What is longer than 199 bytes is cut off.
        "--name" => name: Option<Unquoted<'a, 199>>,
        /// The bits of an address that count, written as an address: by default all.
        "--mask" => mask: Option<Host>,
        /// Takes the packet's source address, as it does by default. Of this and
        /// `--rdest` the last one counts.
        "--rsource" => rsource: bool => |it| it.rdest = false,
        /// Takes the packet's destination address.
        "--rdest" => rdest: bool,
    }
    one of ["--set", "--rcheck", "--update", "--remove"], ["--rttl", "--set"],
        ["--rttl", "--remove"];
    at_least one of ["--set", "--rcheck", "--update", "--remove"];
    needs "--seconds" with "--reap";
    validate = validate;
    normalize = |recent, _| recent.rsource = !recent.rdest;
    default name = Unquoted(b"DEFAULT".as_slice().into());
    default mask from context = Host(match context.family_or_v4() {
        Family::V4 => Ipv4Addr::BROADCAST.into(),
        Family::V6 => Ipv6Addr::from(u128::MAX).into(),
    });
    omit hitcount when |hits| hits.get() == 0;
}

fn validate(recent: &Recent<'_>, _: &Context) -> Result<(), OptionConflict> {
    match &recent.name {
        Some(name) if name.0.is_empty() => Err("the name of a list must not be empty".into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m recent --set ; -m recent --set --name DEFAULT --mask 255.255.255.255 --rsource
            -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-A --mask 255.255.255.255 --rsource ; =
            -m recent ! --update --hitcount 4 --seconds 60 --rttl --name SSH ; -m recent ! --update --seconds 60 --hitcount 4 --rttl --name SSH --mask 255.255.255.255 --rsource
            -m recent --remove --rdest --mask 255.255.0.0 ; -m recent --remove --name DEFAULT --mask 255.255.0.0 --rdest
            -m recent ! --set --hitcount 0 ; -m recent ! --set --name DEFAULT --mask 255.255.255.255 --rsource
            -m recent --set --rsource --rdest ; -m recent --set --name DEFAULT --mask 255.255.255.255 --rdest
            -m recent --set --rdest --rsource ; -m recent --set --name DEFAULT --mask 255.255.255.255 --rsource
            -m recent --update --sec=0x10 --hitcount 4294967295 --na 0.x ; UNREADABLE -m recent --update --seconds 16 --hitcount -1 --name 0.x --mask 255.255.255.255 --rsource
            -m recent --update --seconds 2147483647 --name x --mask 255.255.255.255 --rsource ; =
            -m recent --update --seconds 2147483648 --name x ; UNREADABLE -m recent --update --seconds -2147483648 --name x --mask 255.255.255.255 --rsource
            -m recent --rcheck --mask 255.0.255.1 ; -m recent --rcheck --name DEFAULT --mask 255.0.255.1 --rsource
            -m recent --rcheck --hitc 3 -m recent --rcheck --hitc 4 --na b ; -m recent --rcheck --hitcount 3 --name DEFAULT --mask 255.255.255.255 --rsource -m recent --rcheck --hitcount 4 --name b --mask 255.255.255.255 --rsource
            -m recent ; REFUSED
            -m recent --rcheck --name \"\" ; REFUSED
            -m recent --rcheck --rcheck ; REFUSED
            -m recent --rcheck --remove ; REFUSED
            -m recent --rcheck --rdest --rdest ; REFUSED
            -m recent --rcheck ! --rttl ; REFUSED
            -m recent --rcheck ! --seconds 5 ; REFUSED
            -m recent --rcheck --seconds 4294967296 ; REFUSED
            -m recent --rcheck --hitcount -1 ; REFUSED
            -m recent --rcheck --mask ::1 ; REFUSED
            -m recent --set --update ; REFUSED
            -m recent --set --rttl ; REFUSED
            -m recent --remove --rttl ; REFUSED
            -m recent --rcheck --reap ; REFUSED
            -m recent --rcheck --seconds 0 ; REFUSED
            -m recent --rcheck --mask 24 --mask 24 ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -m recent --set ; -m recent --set --name DEFAULT --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource
            -m recent --rcheck --mask ffff:ffff:: --name x --rsource ; -m recent --rcheck --name x --mask ffff:ffff:: --rsource
            ",
        );
    }

    #[test]
    fn long_names_are_cut() {
        let name = "x".repeat(199);
        lines::check(&format!(
            "-m recent --set --name {name}yz ; \
             -m recent --set --name {name} --mask 255.255.255.255 --rsource"
        ));
    }
}
