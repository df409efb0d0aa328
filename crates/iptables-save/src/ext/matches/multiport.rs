//! `-m multiport`: lists of ports.

use super::extension;
use crate::value::{Invertible, Ports};

extension! {
    /// Matches packets by a list of up to 15 ports. A range counts as two ports.
    ///
    /// Requires `-p tcp`, `udp`, `udplite`, `dccp` or `sctp`. Kernel `xt_multiport`; iptables
    /// `libxt_multiport`.
    Multiport = "multiport" {
        /// The source port, one of these.
        "--sports" | "--source-ports" => sports: Option<Invertible<Ports>>,
        /// The destination port, one of these.
        "--dports" | "--destination-ports" => dports: Option<Invertible<Ports>>,
        /// The source or the destination port, one of these.
        "--ports" => ports: Option<Invertible<Ports>>,
    }
    one of ["--sports", "--dports", "--ports"];
    at_least one of [];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -p tcp -m multiport --dports 22,80:81,443 ; =
            -p udp -m multiport ! --sports 1,1 ; =
            -p tcp -m multiport --ports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 ; =
            -p tcp -m multiport --source-ports 5:0x10 ; -p tcp -m multiport --sports 5:16
            -p tcp -m multiport --dport 80 ; -p tcp -m multiport --dports 80
            -p tcp -m multiport --ports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 ; REFUSED
            -p tcp -m multiport --ports 1:2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 ; REFUSED
            -p tcp -m multiport --ports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15 ; =
            -p tcp -m multiport --ports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16 ; REFUSED
            -p udplite -m multiport ! --dports 53 ; =
            -p 33 -m multiport --destination-ports 010,+5 ; -p dccp -m multiport --dports 8,5
            -p tcp -m multiport --po=1 ; REFUSED
            -p tcp -m multiport --port=1 ; -p tcp -m multiport --ports 1
            -p tcp -m multiport --ports 65536 ; REFUSED
            -p tcp -m multiport --ports 1 --ports 1 ; REFUSED
            -p tcp -m multiport --sports 1 --source-ports 1 ; REFUSED
            -p tcp -m multiport --ports ,1 ; REFUSED
            -p tcp -m multiport --ports \"\" ; REFUSED
            -p tcp -m multiport --ports 1:2:3 ; REFUSED
            -p tcp -m multiport --dports 80:70 ; REFUSED
            -p tcp -m multiport --dports 80:80 ; REFUSED
            -p tcp -m multiport --dports 80: ; REFUSED
            -p tcp -m multiport --dports 80, ; REFUSED
            -p tcp -m multiport --dports 80 --sports 90 ; REFUSED
            -p tcp -m multiport ; REFUSED
            -p tcp -m multiport --dports ssh,http,1000:1010 ; -p tcp -m multiport --dports 22,80,1000:1010
            -p udp -m multiport --dports tftp ; -p udp -m multiport --dports 69
            -p sctp -m multiport --dports amqp ; -p sctp -m multiport --dports 5672
            -p udp -m multiport --dports ssh ; REFUSED
            -p udplite -m multiport --dports domain ; REFUSED
            -m multiport --dports 80 -p tcp ; REFUSED
            ! -p tcp -m multiport --dports 80 ; REFUSED
            -m multiport --dports 80 ; REFUSED
            -p icmp -m multiport --dports 80 ; REFUSED
            ",
        );
    }
}
