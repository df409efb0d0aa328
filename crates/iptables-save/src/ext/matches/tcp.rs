//! `-m tcp`: the ports, flags and options of a TCP header.

use super::extension;
use crate::{
    Word, Writer,
    value::{Bounded, Context, Flag, Invertible, TcpPorts, Value, ValueError, flags},
};

extension! {
    /// Matches TCP packets by their header. Requires `-p tcp`, which also loads this match.
    ///
    /// Kernel `xt_tcpudp`; iptables `libxt_tcp`.
    Tcp = "tcp" {
        /// The source port, or a range of ports.
        "--sport" | "--source-port" => sport: Option<Invertible<TcpPorts>>,
        /// The destination port, or a range of ports.
        "--dport" | "--destination-port" => dport: Option<Invertible<TcpPorts>>,
        /// The number of a TCP option in the header.
        "--tcp-option" => tcp_option: Option<Invertible<Bounded<1, 255>>>,
        /// The flags to examine, and those of them that must be set.
        "--tcp-flags" => tcp_flags: Option<Invertible<FlagTest>>,
    }
    reads {
        /// Matches packets that open a connection: of SYN, RST, ACK and FIN only SYN is set.
        "--syn" as "--tcp-flags" => |tcp, syn: Invertible<Flag>| {
            tcp.tcp_flags = Some(Invertible {
                inverted: syn.inverted,
                value: FlagTest { mask: TcpFlags(0x17), set: TcpFlags::SYN },
            });
        },
    }
    one of ["--tcp-flags", "--syn"];
    normalize = normalize;
    // An empty mask without `!` matches every packet.
    omit tcp_flags when |test| *test == Invertible::is(FlagTest::default());
}

fn normalize(tcp: &mut Tcp, _: &Context) {
    TcpPorts::forget_all(&mut tcp.sport);
    TcpPorts::forget_all(&mut tcp.dport);
}

flags! {
    /// Flags of a TCP header.
    TcpFlags: u8, "FLAGS", gaps {
        /// Closes the sender's direction of the connection.
        FIN = "FIN": 0x01,
        /// Opens a connection.
        SYN = "SYN": 0x02,
        /// Resets the connection.
        RST = "RST": 0x04,
        /// Asks for immediate delivery of the data.
        PSH = "PSH": 0x08,
        /// Acknowledges data.
        ACK = "ACK": 0x10,
        /// Marks urgent data.
        URG = "URG": 0x20,
    }
    read { "ALL": 0x3f, "NONE": 0, }
    none "NONE"
}

/// The flags to examine, and those of them that must be set; the others must not be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FlagTest {
    /// The flags to examine.
    pub mask: TcpFlags,
    /// The flags that must be set.
    pub set: TcpFlags,
}

impl<'a> Value<'a> for FlagTest {
    const ARGS: &'static [&'static str] = &["MASK", "SET"];
    const CHOICES: &'static [&'static str] = TcpFlags::CHOICES;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Ok(Self {
            mask: TcpFlags::read(&args[..1], context)?,
            set: TcpFlags::read(&args[1..], context).map_err(|error| error.at(1))?,
        })
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.mask.write(out);
        self.set.write(out);
    }

    /// iptables-save omits an empty mask, even if no packet can match because a flag must be set.
    fn is_left_out(&self, inverted: bool) -> bool {
        self.mask.is_empty() && !inverted
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -p tcp -m tcp --dport 80 ; =
            -p tcp --dport 80 ; -p tcp -m tcp --dport 80
            -p +0x6 --dport 80 ; -p tcp -m tcp --dport 80
            -p tcp -m tcp --sport :1023 ! --dport 80:443 ; -p tcp -m tcp --sport 0:1023 ! --dport 80:443
            -p tcp --destination-port=0x50 ; -p tcp -m tcp --dport 80
            -p tcp --source-p 1 ; -p tcp -m tcp --sport 1
            -p tcp -m tcp --tcp-flags ACK,SYN,FIN FIN,ACK ; -p tcp -m tcp --tcp-flags FIN,SYN,ACK FIN,ACK
            -p tcp -m tcp ! --syn ; -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN
            -p tcp -m tcp --tcp-flags ALL NONE ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE
            -p tcp -m tcp --tcp-flags NONE NONE ; -p tcp -m tcp
            -p tcp -m tcp --tcp-flags NONE SYN ; UNREADABLE -p tcp -m tcp
            -p tcp -m tcp --sport : ; -p tcp -m tcp
            -p tcp -m tcp --tcp-flags ,syn,,ack, Syn ; -p tcp -m tcp --tcp-flags SYN,ACK SYN
            -p tcp -m tcp --tcp-flags SYN,ACK \"\" ; -p tcp -m tcp --tcp-flags SYN,ACK NONE
            -p tcp -m tcp --tcp-flags=SYN,NONE SYN,NONE ; -p tcp -m tcp --tcp-flags SYN SYN
            -p tcp -m tcp ! --tcp-flags NONE NONE ; =
            -p tcp --sy --tcp-op 0xff ; -p tcp -m tcp --tcp-option 255 --tcp-flags FIN,SYN,RST,ACK SYN
            -p tcp -m tcp ! --tcp-option 7 ; =
            -p tcp -m tcp ! --dport : ; -p tcp -m tcp ! --dport 0:65535
            -m tcp --dport 1 -p 6 ; -p tcp -m tcp --dport 1
            -p tcp -m tcp --tcp-option 256 ; REFUSED
            -p tcp -m tcp --tcp-option 7 --tcp-option 7 ; REFUSED
            -p tcp -m tcp --syn --syn ; REFUSED
            -p tcp -m tcp --syn --tcp-flags SYN SYN ; REFUSED
            -p tcp -m tcp --tcp-flags SYN -SYN ; REFUSED
            -p tcp -m tcp --tcp-flags SYN ECE ; REFUSED
            -p tcp -m tcp --tcp-flags SY SY ; REFUSED
            -p tcp -m tcp --sport -1 ; REFUSED
            -p tcp -m tcp --sport 1:2:3 ; REFUSED
            -p tcp -m tcp --sport 80 --source-port 80 ; REFUSED
            -p tcp -m tcp --tcp-option 7 ; =
            -p tcp -m tcp --tcp-option 0 ; REFUSED
            -p tcp --dport ssh ; -p tcp -m tcp --dport 22
            -p tcp --dport ssh:http ; -p tcp -m tcp --dport 22:80
            -p tcp --dport 010 ; -p tcp -m tcp --dport 8
            -p tcp -m tcp --dport http:ssh ; REFUSED
            -p tcp -m tcp --dport tftp ; REFUSED
            -p tcp -m tcp --dport SSH ; REFUSED
            -p tcp -m tcp --dport 65536 ; REFUSED
            -p tcp -m tcp --dport 80:70 ; REFUSED
            -p tcp -m tcp --dport 80 --dport 81 ; REFUSED
            -p tcp -m tcp --tcp-flags SYN ; REFUSED
            --dport 80 -p tcp ; REFUSED
            ",
        );
    }
}
