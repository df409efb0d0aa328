//! `-m recent`: lists of recently seen addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::extension;
use crate::{
    Family,
    ext::OptionConflict,
    value::{Context, Flag, Host, Invertible, SignedOnWrite, Unquoted},
};

extension! {
    /// Keeps lists of addresses with the times at which they were seen, and matches packets by
    /// these lists.
    ///
    /// The kernel shows the lists in `/proc/net/xt_recent`. Kernel `xt_recent`; iptables
    /// `libxt_recent`.
    Recent<'a> = "recent" {
        /// Adds the address of the packet to the list; always matches.
        "--set" => set: Option<Invertible<Flag>>,
        /// Matches if the address is in the list.
        "--rcheck" => rcheck: Option<Invertible<Flag>>,
        /// Matches if the address is in the list, and updates the time at which it was last seen.
        "--update" => update: Option<Invertible<Flag>>,
        /// Matches if the address is in the list, and removes it.
        "--remove" => remove: Option<Invertible<Flag>>,
        /// Matches only if the address was last seen within this many seconds.
        "--seconds" => seconds: Option<SignedOnWrite<1>>,
        /// Removes entries that are older than `--seconds`.
        "--reap" => reap: bool,
        /// Matches only if the address was seen at least this many times.
        "--hitcount" => hitcount: Option<SignedOnWrite<0>>,
        /// Matches only if the packet has the TTL of the entry in the list.
        "--rttl" => rttl: bool,
        /// The name of the list: by default `DEFAULT`. Truncated to 199 bytes.
        "--name" => name: Option<Unquoted<'a, 199>>,
        /// The netmask for addresses, written as an address: by default that of a single host.
        "--mask" => mask: Option<Host>,
        /// Uses the source address of the packet, the default. The last of this and `--rdest`
        /// applies.
        "--rsource" => rsource: bool => |recent| recent.rdest = false,
        /// Uses the destination address of the packet.
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
    fn long_names_are_truncated() {
        let name = "x".repeat(199);
        lines::check(&format!(
            "-m recent --set --name {name}yz ; \
             -m recent --set --name {name} --mask 255.255.255.255 --rsource"
        ));
    }
}
