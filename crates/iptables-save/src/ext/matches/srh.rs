//! `-m srh`: the IPv6 segment routing header.

use std::net::{IpAddr, Ipv6Addr};

use super::extension;
use crate::{
    Word, Writer,
    value::{Address, Context, Invertible, Network, Value, ValueError},
};

extension! {
    /// Matches packets by their IPv6 segment routing header (SRH).
    ///
    /// The kernel has one header length, one number of segments left and one last entry to
    /// compare with. Of several options for one of these (`-eq`, `-gt`, `-lt`) the value of the
    /// last applies to all. Kernel `ip6t_srh`; iptables `libip6t_srh`.
    Srh = "srh" (V6) {
        /// The Next Header field.
        "--srh-next-hdr" => next_hdr: Option<Invertible<u8>>,
        /// The header length equals this number, in units of 8 bytes without the first 8.
        "--srh-hdr-len-eq" => hdr_len_eq: Option<Invertible<u8>>
            => |srh| share(srh.hdr_len_eq, [&mut srh.hdr_len_gt, &mut srh.hdr_len_lt]),
        /// The header length is greater than this number.
        "--srh-hdr-len-gt" => hdr_len_gt: Option<Invertible<u8>>
            => |srh| share(srh.hdr_len_gt, [&mut srh.hdr_len_eq, &mut srh.hdr_len_lt]),
        /// The header length is less than this number.
        "--srh-hdr-len-lt" => hdr_len_lt: Option<Invertible<u8>>
            => |srh| share(srh.hdr_len_lt, [&mut srh.hdr_len_eq, &mut srh.hdr_len_gt]),
        /// The Segments Left field equals this number.
        "--srh-segs-left-eq" => segs_left_eq: Option<Invertible<u8>>
            => |srh| share(srh.segs_left_eq, [&mut srh.segs_left_gt, &mut srh.segs_left_lt]),
        /// The Segments Left field is greater than this number.
        "--srh-segs-left-gt" => segs_left_gt: Option<Invertible<u8>>
            => |srh| share(srh.segs_left_gt, [&mut srh.segs_left_eq, &mut srh.segs_left_lt]),
        /// The Segments Left field is less than this number.
        "--srh-segs-left-lt" => segs_left_lt: Option<Invertible<u8>>
            => |srh| share(srh.segs_left_lt, [&mut srh.segs_left_eq, &mut srh.segs_left_gt]),
        /// The Last Entry field, the index of the last segment from 0, equals this number.
        "--srh-last-entry-eq" => last_entry_eq: Option<Invertible<u8>>
            => |srh| share(srh.last_entry_eq, [&mut srh.last_entry_gt, &mut srh.last_entry_lt]),
        /// The Last Entry field is greater than this number.
        "--srh-last-entry-gt" => last_entry_gt: Option<Invertible<u8>>
            => |srh| share(srh.last_entry_gt, [&mut srh.last_entry_eq, &mut srh.last_entry_lt]),
        /// The Last Entry field is less than this number.
        "--srh-last-entry-lt" => last_entry_lt: Option<Invertible<u8>>
            => |srh| share(srh.last_entry_lt, [&mut srh.last_entry_eq, &mut srh.last_entry_gt]),
        /// The tag of the packet.
        "--srh-tag" => tag: Option<Invertible<u16>>,
        /// The previous SID (segment identifier).
        "--srh-psid" => psid: Option<Invertible<SegmentId>>,
        /// The next SID.
        "--srh-nsid" => nsid: Option<Invertible<SegmentId>>,
        /// The last SID.
        "--srh-lsid" => lsid: Option<Invertible<SegmentId>>,
    }
}

/// Gives the newest value to the other comparisons that are present.
fn share(newest: Option<Invertible<u8>>, others: [&mut Option<Invertible<u8>>; 2]) {
    let Some(Invertible { value, .. }) = newest else {
        return;
    };
    for other in others.into_iter().flatten() {
        other.value = value;
    }
}

/// A segment identifier (SID): an IPv6 address or network, always written with its prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentId(pub Network);

impl Default for SegmentId {
    fn default() -> Self {
        Self(Network(IpAddr::V6(Ipv6Addr::UNSPECIFIED).into()))
    }
}

impl<'a> Value<'a> for SegmentId {
    const ARGS: &'static [&'static str] = Network::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        match Network::read(args, context) {
            Ok(network) if network.0.is_ipv6() => Ok(Self(network)),
            _ => Err(ValueError::new(
                "an IPv6 address or network such as `2001:db8::/32`; names are not looked up",
            )),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        Address::from(self.0.0).write(out);
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            "
            -m srh ; =
            -m srh --srh-next-hdr 17 --srh-hdr-len-eq 8 --srh-segs-left-eq 1 --srh-last-entry-eq 4 --srh-tag 0 ; =
            -m srh ! --srh-next-hdr 17 ! --srh-hdr-len-gt 8 ! --srh-segs-left-gt 1 ! --srh-last-entry-gt 4 ! --srh-tag 65535 ; =
            -m srh --srh-hdr-len-lt 8 --srh-segs-left-lt 1 --srh-last-entry-lt 4 ; =
            -m srh ! --srh-hdr-len-eq 8 ! --srh-segs-left-eq 1 ! --srh-last-entry-eq 4 ; =
            -m srh ! --srh-hdr-len-lt 8 ! --srh-segs-left-lt 1 ! --srh-last-entry-lt 4 ; =
            -m srh --srh-tag 0x10 --srh-n=010 ; REFUSED
            -m srh --srh-tag 0x10 --srh-ne=010 ; -m srh --srh-next-hdr 8 --srh-tag 16
            -m srh --srh-hdr-len-lt 9 ! --srh-hdr-len-gt 1 ; -m srh ! --srh-hdr-len-gt 1 --srh-hdr-len-lt 1
            -m srh --srh-segs-left-eq 1 --srh-segs-left-lt 2 --srh-segs-left-gt 3 ; -m srh --srh-segs-left-eq 3 --srh-segs-left-gt 3 --srh-segs-left-lt 3
            -m srh ! --srh-last-entry-gt 1 --srh-last-entry-eq 2 ; -m srh --srh-last-entry-eq 2 ! --srh-last-entry-gt 2
            -m srh --srh-psid 2001:db8::/64 --srh-nsid 2001:db8::1/128 --srh-lsid ::/0 ; =
            -m srh --srh-lsid 2001:DB8::9 ! --srh-nsid 2001:db8::9/32 ! --srh-psid ::1.2.3.4/ffff:: ; -m srh ! --srh-psid ::1.2.3.4/16 ! --srh-nsid 2001:db8::9/32 --srh-lsid 2001:db8::9/128
            -m srh --srh-psid ::1/ffff:0:ffff:: ; -m srh --srh-psid ::1/128
            -m srh --srh-psid 192.0.2.1 ; REFUSED
            -m srh --srh-psid ::1/129 ; REFUSED
            -m srh --srh-psid ::1/ ; REFUSED
            -m srh --srh-psid no-such-host ; REFUSED
            -m srh --srh-psid ::1 --srh-psid ::2 ; REFUSED
            -m srh --srh-next-hdr tcp ; REFUSED
            -m srh --srh-next-hdr 256 ; REFUSED
            -m srh --srh-hdr-len-eq 256 ; REFUSED
            -m srh --srh-segs-left-lt -1 ; REFUSED
            -m srh --srh-last-entry-gt 1:2 ; REFUSED
            -m srh --srh-tag 65536 ; REFUSED
            -m srh --srh-tag 1 --srh-tag 1 ; REFUSED
            -m srh --srh-tag ; REFUSED
            ",
        );
        lines::check("-m srh --srh-tag 0 ; REFUSED");
    }
}
