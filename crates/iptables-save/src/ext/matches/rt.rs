//! `-m rt`: the IPv6 routing header.

use std::net::{IpAddr, Ipv6Addr};

use nom::character::complete::char;

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Host, Invertible, Range, Value, ValueError, before, complete, list, word},
};

extension! {
    /// Matches packets by their IPv6 routing header.
    ///
    /// Kernel `ip6t_rt`; iptables `libip6t_rt`.
    Rt = "rt" (V6) {
        /// The type of the routing header.
        "--rt-type" => rt_type: Option<Invertible<u32>>,
        /// The Segments Left field, or a range.
        "--rt-segsleft" => rt_segsleft: Option<Invertible<Range<u32>>>,
        /// The length of the header in bytes.
        "--rt-len" => rt_len: Option<Invertible<u32>>,
        /// Matches if the reserved field is zero. Must follow `--rt-type 0`.
        "--rt-0-res" => rt_0_res: bool => |rt| rt.is_after_type_0(),
        /// The addresses in the header. Must follow `--rt-type 0`.
        "--rt-0-addrs" => rt_0_addrs: Option<RouteAddresses> => |rt| rt.is_after_type_0(),
        /// Allows other addresses between these. Must follow `--rt-0-addrs`.
        "--rt-0-not-strict" => rt_0_not_strict: bool => |rt| match rt.rt_0_addrs {
            Some(_) => Ok(()),
            None => Err(ValueError::new("effect only after `--rt-0-addrs`")),
        },
    }
    normalize = |rt, _| Range::forget_all(&mut rt.rt_segsleft);
}

impl Rt {
    fn is_after_type_0(&self) -> Result<(), ValueError> {
        if self.rt_type == Some(Invertible::is(0)) {
            Ok(())
        } else {
            Err(ValueError::new("effect only after `--rt-type 0`"))
        }
    }
}

/// One to sixteen addresses, separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RouteAddresses(Vec<Ipv6Addr>);

/// The maximum number of addresses (`IP6T_RT_HOPS`).
const MAX_ADDRESSES: usize = 16;

impl RouteAddresses {
    /// Returns a list of one to sixteen addresses.
    #[must_use]
    pub fn new(list: Vec<Ipv6Addr>) -> Option<Self> {
        (1..=MAX_ADDRESSES)
            .contains(&list.len())
            .then_some(Self(list))
    }

    /// Returns the addresses, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Ipv6Addr] {
        &self.0
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let address = before(
            b',',
            word(|text| std::str::from_utf8(text).ok()?.parse().ok()),
        );
        let addresses = list(char(','), address, |list: &mut Vec<Ipv6Addr>, address| {
            (list.len() < MAX_ADDRESSES).then(|| list.push(address))
        });
        complete(addresses, text).map(Self)
    }
}

impl<'a> Value<'a> for RouteAddresses {
    const ARGS: &'static [&'static str] = &["ADDRESS[,…]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "up to 16 IPv6 addresses separated by commas",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.list(&self.0, |address, out| {
            Host(IpAddr::V6(*address)).write_to(out);
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            "
            -m rt --rt-type 0 --rt-segsleft 1:23 --rt-len 42 --rt-0-res ; =
            -m rt ! --rt-type 1 ! --rt-segsleft 12:23 ! --rt-len 42 ; =
            -m rt --rt-type 0 --rt-0-addrs ::1,2001:db8::7 --rt-0-not-strict ; =
            -m rt ; =
            -m rt --rt-len 0x10 --rt-segsleft 7 --rt-type 4294967295 ; -m rt --rt-type 4294967295 --rt-segsleft 7 --rt-len 16
            -m rt --rt-t=0 --rt-0-a 2001:DB8::0:1,::1.2.3.4,::ffff:c000:201,::1.2.3.4 --rt-0-r --rt-0-n ; -m rt --rt-type 0 --rt-0-res --rt-0-addrs 2001:db8::1,::1.2.3.4,::ffff:192.0.2.1,::1.2.3.4 --rt-0-not-strict
            -m rt --rt-segsleft 3: ; -m rt --rt-segsleft 3:4294967295
            -m rt --rt-segsleft :3 ; -m rt --rt-segsleft 0:3
            -m rt --rt-segsleft 3:3 ; -m rt --rt-segsleft 3
            -m rt --rt-segsleft 4:3 ; =
            -m rt --rt-segsleft : ; -m rt
            -m rt ! --rt-segsleft 0: ; -m rt ! --rt-segsleft 0:4294967295
            -m rt --rt-segsleft \"\" ; -m rt --rt-segsleft 0
            -m rt --rt-type 0 --rt-0-addrs ::1,::2,::3,::4,::5,::6,::7,::8,::9,::a,::b,::c,::d,::e,::f,::10 ; -m rt --rt-type 0 --rt-0-addrs ::1,::2,::3,::4,::5,::6,::7,::8,::9,::a,::b,::c,::d,::e,::f,::10
            -m rt --rt-type 0 --rt-0-addrs ::1,::2,::3,::4,::5,::6,::7,::8,::9,::a,::b,::c,::d,::e,::f,::10,::11 ; REFUSED
            -m rt --rt-type 0 --rt-0-addrs ::1, ; REFUSED
            -m rt --rt-type 0 --rt-0-addrs ,::1 ; REFUSED
            -m rt --rt-type 0 --rt-0-addrs \"\" ; REFUSED
            -m rt --rt-type 0 --rt-0-addrs 192.0.2.1 ; REFUSED
            -m rt --rt-type 0 --rt-0-addrs ::1/128 ; REFUSED
            -m rt --rt-type 0 ! --rt-0-addrs ::1 ; REFUSED
            -m rt --rt-0-addrs ::1 --rt-type 0 ; REFUSED
            -m rt --rt-0-addrs ::1 ; REFUSED
            -m rt --rt-type 0 --rt-0-not-strict --rt-0-addrs ::1 ; REFUSED
            -m rt --rt-type 0 --rt-0-not-strict ; REFUSED
            -m rt --rt-0-res --rt-type 0 ; REFUSED
            -m rt ! --rt-type 0 --rt-0-res ; REFUSED
            -m rt --rt-type 2 --rt-0-res ; REFUSED
            -m rt --rt-type 0 ! --rt-0-res ; REFUSED
            -m rt --rt-type 4294967296 ; REFUSED
            -m rt --rt-type 0:1 ; REFUSED
            -m rt --rt-len -1 ; REFUSED
            -m rt --rt-segsleft 1:2:3 ; REFUSED
            -m rt --rt-type 0 --rt-type 0 ; REFUSED
            -m rt --rt- 0 ; REFUSED
            ",
        );
        lines::check("-m rt --rt-type 0 ; REFUSED");
    }
}
