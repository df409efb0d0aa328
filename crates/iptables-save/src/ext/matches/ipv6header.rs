//! `-m ipv6header`: the extension headers of an IPv6 packet.

use super::extension;
use crate::value::{Invertible, Required, flags};

extension! {
    /// Matches IPv6 packets that have exactly these extension headers.
    ///
    /// Kernel `ip6t_ipv6header`; iptables `libip6t_ipv6header`.
    Ipv6header = "ipv6header" (V6) {
        /// The extension headers.
        "--header" => header: Required<Invertible<Ipv6Headers>>,
        /// The packet may also have other headers.
        "--soft" => soft: bool,
    }
    validate = |headers, _| {
        if headers.header.0.value.is_empty() {
            return Err("`--header` takes at least one header".into());
        }
        Ok(())
    };
}

flags! {
    /// IPv6 extension headers.
    ///
    /// They are written with their names in Debian's `/etc/protocols`, and read by these names,
    /// by number and by iptables' own names.
    Ipv6Headers: u8, "HEADER,…", exact, gaps {
        /// Hop-by-Hop Options.
        HOP_BY_HOP = "hop-by-hop": 0x80,
        /// Destination Options.
        DESTINATION = "ipv6-opts": 0x40,
        /// Routing header.
        ROUTING = "ipv6-route": 0x20,
        /// Fragment header.
        FRAGMENT = "ipv6-frag": 0x10,
        /// Authentication Header (AH).
        AUTHENTICATION = "ah": 0x08,
        /// Encapsulating Security Payload (ESP).
        ENCRYPTION = "esp": 0x04,
        /// No next header.
        NONE = "ipv6-nonxt": 0x02,
        /// The header of an upper-layer protocol such as TCP.
        PROTOCOL = "protocol": 0x01,
    }
    read {
        "hop": 0x80, "0": 0x80, "ip": 0x80, "IP": 0x80, "hopopt": 0x80, "HOPOPT": 0x80,
        "dst": 0x40, "60": 0x40, "IPv6-Opts": 0x40,
        "route": 0x20, "43": 0x20, "IPv6-Route": 0x20,
        "frag": 0x10, "44": 0x10, "IPv6-Frag": 0x10,
        "auth": 0x08, "51": 0x08, "IPSEC-AH": 0x08,
        "50": 0x04, "IPSEC-ESP": 0x04,
        "none": 0x02, "59": 0x02, "IPv6-NoNxt": 0x02,
        "prot": 0x01, "255": 0x01,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            "
            -m ipv6header --header hop-by-hop ; =
            -m ipv6header ! --header ipv6-nonxt --soft ; =
            -m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol --soft ; =
            -m ipv6header --soft --header prot,none,esp,auth,frag,route,dst,hop ; -m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol --soft
            -m ipv6header --hea=255,59,50,51,44,43,60,0 --sof ; -m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol --soft
            -m ipv6header --header HOPOPT,IPv6-Opts,IPv6-Route,IPv6-Frag,IPSEC-AH,IPSEC-ESP,IPv6-NoNxt ; -m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt
            -m ipv6header --header ip ; -m ipv6header --header hop-by-hop
            -m ipv6header --header ,,frag,,hop,frag, ; -m ipv6header --header hop-by-hop,ipv6-frag
            -m ipv6header --header , ; REFUSED
            -m ipv6header --header \"\" ; REFUSED
            -m ipv6header --header tcp ; REFUSED
            -m ipv6header --header Frag ; REFUSED
            -m ipv6header --header IPV6-FRAG ; REFUSED
            -m ipv6header --header fra ; REFUSED
            -m ipv6header --header 044 ; REFUSED
            -m ipv6header --header 6 ; REFUSED
            -m ipv6header --header hop --header frag ; REFUSED
            -m ipv6header --header hop ! --soft ; REFUSED
            -m ipv6header --header hop --soft --soft ; REFUSED
            -m ipv6header --soft ; REFUSED
            -m ipv6header ; REFUSED
            ",
        );
        lines::check("-m ipv6header --header hop ; REFUSED");
    }
}
