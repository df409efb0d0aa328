//! `-m policy`: the IPsec policy of the packet.

use super::extension;
use crate::{
    Word, Writer,
    ext::OptionConflict,
    value::{Context, Hex, Invertible, Network, Protocol, Required, Value, ValueError, keywords},
};

extension! {
    /// Matches packets by the IPsec policy that has been or will be applied to them.
    ///
    /// A policy has up to 4 elements, one for each nested transformation, separated by
    /// `--next`. Kernel `xt_policy`; iptables `libxt_policy`.
    Policy = "policy" {
        /// Whether the policy was used to decapsulate the packet (`in`) or will be used to
        /// encapsulate it (`out`).
        "--dir" => dir: Required<PolicyDirection>,
        /// Whether the packet is subject to IPsec processing: by default `ipsec`.
        "--pol" => pol: Option<PolicyKind>,
        /// The elements must match the whole policy, not one element of it.
        "--strict" => strict: bool,
    }
    repeat elements: up to 4 of
    /// An element of an IPsec policy.
    PolicyElement {
        /// The reqid of the policy rule.
        "--reqid" => reqid: Option<Invertible<u32>>,
        /// The SPI of the security association.
        "--spi" => spi: Option<Invertible<Hex>>,
        /// The encapsulation protocol.
        "--proto" => proto: Option<Invertible<PolicyProtocol>>,
        /// The encapsulation mode.
        "--mode" => mode: Option<Invertible<PolicyMode>>,
        /// The destination endpoint of the tunnel. Requires `--mode tunnel`.
        "--tunnel-dst" => tunnel_dst: Option<Invertible<Network>>,
        /// The source endpoint of the tunnel. Requires `--mode tunnel`.
        "--tunnel-src" => tunnel_src: Option<Invertible<Network>>,
    }
    /// Begins the next element. Requires `--strict`.
    after "--next" => next
    needs "--strict" with "--next";
    validate = validate;
    normalize = normalize;
    default pol = PolicyKind::Ipsec;
}

keywords! {
    /// The direction of the policy.
    PolicyDirection("in|out", exact) {
        /// It has decapsulated the packet.
        In = "in",
        /// It will encapsulate the packet.
        Out = "out",
    }
    default In
}

keywords! {
    /// Whether a packet is subject to IPsec processing.
    PolicyKind("none|ipsec", exact) {
        /// It is not.
        None = "none",
        /// It is.
        Ipsec = "ipsec",
    }
    default Ipsec
}

keywords! {
    /// The encapsulation mode.
    PolicyMode("transport|tunnel", exact) {
        /// Transport mode.
        Transport = "transport",
        /// Tunnel mode.
        Tunnel = "tunnel",
    }
}

/// The protocols of IPsec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyProtocol {
    /// The Authentication Header.
    Ah,
    /// The Encapsulating Security Payload.
    Esp,
    /// The IP Payload Compression Protocol.
    Ipcomp,
}

impl<'a> Value<'a> for PolicyProtocol {
    const ARGS: &'static [&'static str] = &["ah|esp|ipcomp"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        match Protocol::parse(&args[0].text) {
            Some(Protocol(51)) => Ok(Self::Ah),
            Some(Protocol(50)) => Ok(Self::Esp),
            Some(Protocol(108)) => Ok(Self::Ipcomp),
            _ => Err(ValueError::new("one of ah, esp, ipcomp")),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.word(match self {
            Self::Ah => b"ah",
            Self::Esp => b"esp",
            Self::Ipcomp => b"ipcomp",
        });
    }
}

/// Checks what `libxt_policy.c:policy_check` checks.
fn validate(policy: &Policy, _: &Context) -> Result<(), OptionConflict> {
    if policy.pol == Some(PolicyKind::None) {
        if policy.strict {
            return Err("`--pol none` excludes `--strict`".into());
        }
        return Ok(());
    }
    if policy.strict && policy.elements.is_empty() {
        return Err(EMPTY_ELEMENT.into());
    }
    for element in &policy.elements {
        if policy.strict && element == &PolicyElement::default() {
            return Err(EMPTY_ELEMENT.into());
        }
        let in_tunnel = element.mode == Some(Invertible::is(PolicyMode::Tunnel))
            || element.mode == Some(Invertible::is_not(PolicyMode::Transport));
        if element.tunnel_src.or(element.tunnel_dst).is_some() && !in_tunnel {
            return Err("`--tunnel-src` and `--tunnel-dst` need `--mode tunnel`".into());
        }
    }
    Ok(())
}

const EMPTY_ELEMENT: &str = "with `--strict` each element of the policy needs an option";

fn normalize(policy: &mut Policy, _: &Context) {
    if policy.pol == Some(PolicyKind::None) {
        policy.elements.clear();
    } else if policy.elements.is_empty() {
        policy.elements.push(PolicyElement::default());
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m policy --dir in --pol ipsec ; =
            -m policy --pol none --dir out ; -m policy --dir out --pol none
            -m policy --dir in ; -m policy --dir in --pol ipsec
            -m policy --dir in --pol ipsec --proto esp --reqid 1 ; -m policy --dir in --pol ipsec --reqid 1 --proto esp
            -m policy --dir in --pol ipsec ! --spi 10 --proto 108 ! --mode transport ; -m policy --dir in --pol ipsec ! --spi 0xa --proto ipcomp ! --mode transport
            -m policy --dir in --pol ipsec --strict --reqid 1 --spi 0x1 --proto ah --mode tunnel --tunnel-dst 192.0.2.0/24 --tunnel-src 192.0.2.9 --next ! --reqid 2 ; =
            -m policy --dir in --pol ipsec --mode tunnel --tunnel-src 192.0.2.1/8 --tunnel-dst 192.0.2.1/32 ; -m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 192.0.2.1 --tunnel-src 192.0.2.1/8
            -m policy --dir in --pol none --reqid 1 ; -m policy --dir in --pol none
            -m policy --dir in --pol none --mode transport --tunnel-src 192.0.2.1 ; -m policy --dir in --pol none
            -m policy --dir in ! --proto 51 ! --mode transport --tunnel-dst 192.0.2.1/24 ; -m policy --dir in --pol ipsec ! --proto ah ! --mode transport --tunnel-dst 192.0.2.1/24
            -m policy --dir in --proto IPSEC-ESP --reqid 010 --spi 4294967295 ; -m policy --dir in --pol ipsec --reqid 8 --spi 0xffffffff --proto esp
            -m policy --dir=in --strict --mode tunnel --next --req 1 --next --spi 1 --next --mode transport ; -m policy --dir in --pol ipsec --strict --mode tunnel --next --reqid 1 --next --spi 0x1 --next --mode transport
            -m policy --dir in --tunnel-src 192.0.2.1 ! --mode tunnel ; REFUSED
            -m policy --dir in --pol none --next ; REFUSED
            -m policy --dir in --pol none --proto tcp ; REFUSED
            -m policy --dir in --strict --next --reqid 1 ; REFUSED
            -m policy --dir in --dir in ; REFUSED
            -m policy --dir in --dir out ; REFUSED
            -m policy --dir in --pol ipsec --pol ipsec ; REFUSED
            -m policy --dir in --spi 1 --spi 2 ; REFUSED
            -m policy --dir In ; REFUSED
            -m policy --dir in --pol IPsec ; REFUSED
            -m policy --dir in --mode Tunnel ; REFUSED
            -m policy --dir in --proto ESP ; REFUSED
            -m policy --dir in --reqid 4294967296 ; REFUSED
            -m policy --dir in --mode tunnel --tunnel-src 2001:db8::1 ; REFUSED
            -m policy --dir in ! --strict --reqid 1 ; REFUSED
            -m policy --dir in ! --pol none ; REFUSED
            -m policy --dir in --strict --reqid 1 ! --next --reqid 1 ; REFUSED
            -m policy ; REFUSED
            -m policy --pol ipsec ; REFUSED
            -m policy --dir in --pol none --strict ; REFUSED
            -m policy --dir in --pol ipsec --strict ; REFUSED
            -m policy --dir in --pol ipsec --reqid 1 --next --reqid 2 ; REFUSED
            -m policy --dir in --pol ipsec --reqid 1 --reqid 2 ; REFUSED
            -m policy --dir in --pol ipsec --strict --reqid 1 --next ; REFUSED
            -m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 --next --reqid 3 --next --reqid 4 --next --reqid 5 ; REFUSED
            -m policy --dir in --pol ipsec --tunnel-src 192.0.2.1 ; REFUSED
            -m policy --dir in --pol ipsec --mode transport --tunnel-src 192.0.2.1 ; REFUSED
            -m policy --dir in --pol ipsec --proto tcp ; REFUSED
            -m policy --dir both ; REFUSED
            -m policy ! --dir in ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -m policy --dir out --pol ipsec --mode tunnel --tunnel-dst 2001:db8::/32 ; =
            ",
        );
    }
}
