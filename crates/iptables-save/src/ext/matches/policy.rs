//! `-m policy`: whether IPsec has handled the packet, or will.

use crate::{
    Word, Writer,
    ext::{Description, Extension, OptionDescription, Unfit},
    value::{Context, Field, Hex, Network, Not, Protocol, Value, ValueError, keywords},
};

/// Matches packets by the IPsec policy they came in by, or will leave by.
///
/// A policy has up to four elements, one inside the other. `--next` stands between
/// them. Kernel `xt_policy`; iptables `libxt_policy`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// `--dir`: the way that the packet goes. Always there.
    pub dir: Option<PolicyDirection>,
    /// `--pol`: whether there is a policy.
    pub pol: PolicyKind,
    /// `--strict`: the elements are the whole policy, and not one of it.
    pub strict: bool,
    /// What to look for in the policy's elements; one at least unless there is none.
    pub elements: Vec<PolicyElement>,
}

/// What an element of a policy must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyElement {
    /// `--reqid`: the number that ties it to a configuration.
    pub reqid: Option<Not<u32>>,
    /// `--spi`: the number that packets bear.
    pub spi: Option<Not<Hex>>,
    /// `--proto`: its protocol.
    pub proto: Option<Not<PolicyProtocol>>,
    /// `--mode`: whether it makes a tunnel.
    pub mode: Option<Not<PolicyMode>>,
    /// `--tunnel-dst`: the tunnel's end.
    pub tunnel_dst: Option<Not<Network>>,
    /// `--tunnel-src`: the tunnel's beginning.
    pub tunnel_src: Option<Not<Network>>,
}

keywords! {
    /// The way that a packet goes.
    PolicyDirection("in|out", exact) {
        /// It has come in.
        In = "in",
        /// It will leave.
        Out = "out",
    }
}

keywords! {
    /// Whether there is a policy.
    PolicyKind("none|ipsec", exact) {
        /// There is none.
        None = "none",
        /// There is one.
        Ipsec = "ipsec",
    }
    default Ipsec
}

keywords! {
    /// Whether an element makes a tunnel.
    PolicyMode("transport|tunnel", exact) {
        /// It does not.
        Transport = "transport",
        /// It does.
        Tunnel = "tunnel",
    }
}

/// The protocols of IPsec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyProtocol {
    /// Signs packets.
    Ah,
    /// Encrypts them.
    Esp,
    /// Makes them smaller.
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

/// Most elements of a policy (`XT_POLICY_MAX_ELEM`).
const MOST_ELEMENTS: usize = 4;

/// Describes an option of an element, which may stand in each.
const fn of_element<'a, F: Field<'a>>(
    flag: &'static str,
    doc: &'static [&'static str],
) -> OptionDescription {
    OptionDescription {
        repeats: true,
        ..OptionDescription::of::<F>(flag, &[], doc)
    }
}

impl<'a> Extension<'a> for Policy {
    const DESCRIPTION: Description = Description {
        name: "policy",
        aliases: &[],
        family: None,
        options: &[
            OptionDescription {
                required: true,
                ..OptionDescription::of::<Option<PolicyDirection>>(
                    "--dir",
                    &[],
                    &[" The way that the packet goes."],
                )
            },
            OptionDescription::of::<Option<PolicyKind>>(
                "--pol",
                &[],
                &[" Whether there is a policy: by default `ipsec`."],
            ),
            OptionDescription::of::<bool>(
                "--strict",
                &[],
                &[" The elements are the whole policy, and not one of it."],
            ),
            of_element::<Option<Not<u32>>>(
                "--reqid",
                &[" The number that ties the element to a configuration."],
            ),
            of_element::<Option<Not<Hex>>>("--spi", &[" The number that packets bear."]),
            of_element::<Option<Not<PolicyProtocol>>>("--proto", &[" The element's protocol."]),
            of_element::<Option<Not<PolicyMode>>>(
                "--mode",
                &[" Whether the element makes a tunnel."],
            ),
            of_element::<Option<Not<Network>>>(
                "--tunnel-dst",
                &[" The tunnel's end. Needs `--mode tunnel`."],
            ),
            of_element::<Option<Not<Network>>>(
                "--tunnel-src",
                &[" The tunnel's beginning. Needs `--mode tunnel`."],
            ),
            of_element::<bool>("--next", &[" Begins the next element."]),
        ],
        exclusive: &[],
        needs: &[("--next", "--strict")],
        doc: &[
            " Matches packets by the IPsec policy they came in by, or will leave by.",
            "",
            " A policy has up to four elements, one inside the other. `--next` stands between",
            " them. Kernel `xt_policy`; iptables `libxt_policy`.",
        ],
    };

    fn set(
        &mut self,
        option: usize,
        negated: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        fn once<'a, T: Field<'a> + PartialEq>(
            field: &mut T,
            negated: bool,
            args: &[Word<'a>],
            context: &Context,
        ) -> Result<(), ValueError> {
            match field == &T::default() {
                true => field.set(negated, args, context),
                false => Err(ValueError::new(
                    "this option once in an element; `--next` begins another one",
                )),
            }
        }
        match option {
            0 => return self.dir.set(negated, args, context),
            1 => {
                self.pol = PolicyKind::read(args, context)?;
                return Ok(());
            }
            2 => {
                self.strict = true;
                return Ok(());
            }
            _ => {}
        }
        if self.elements.is_empty() {
            self.elements.push(PolicyElement::default());
        }
        if option == 9 {
            if self.elements.len() == MOST_ELEMENTS {
                return Err(ValueError::new("four elements at most"));
            }
            self.elements.push(PolicyElement::default());
            return Ok(());
        }
        let element = self.elements.last_mut().expect("one was put there");
        match option {
            3 => once(&mut element.reqid, negated, args, context),
            4 => once(&mut element.spi, negated, args, context),
            5 => once(&mut element.proto, negated, args, context),
            6 => once(&mut element.mode, negated, args, context),
            7 => once(&mut element.tunnel_dst, negated, args, context),
            8 => once(&mut element.tunnel_src, negated, args, context),
            _ => unreachable!("options are found in this description"),
        }
    }

    /// What `libxt_policy.c:policy_check` asks.
    fn finish(&mut self, _: &Context) -> Result<(), Unfit> {
        if self.pol == PolicyKind::None {
            if self.strict {
                return Err("`--pol none` leaves nothing to be `--strict` about".into());
            }
            self.elements.clear();
            return Ok(());
        }
        if self.elements.is_empty() {
            self.elements.push(PolicyElement::default());
        }
        for element in &self.elements {
            if self.strict && element == &PolicyElement::default() {
                return Err("with `--strict` each element of the policy needs an option".into());
            }
            let in_tunnel = element.mode == Some(Not::is(PolicyMode::Tunnel))
                || element.mode == Some(Not::is_not(PolicyMode::Transport));
            if element.tunnel_src.or(element.tunnel_dst).is_some() && !in_tunnel {
                return Err("`--tunnel-src` and `--tunnel-dst` need `--mode tunnel`".into());
            }
        }
        Ok(())
    }

    fn write(&self, out: &mut Writer<'_>) {
        Field::write(&self.dir, "--dir", out);
        out.word(b"--pol");
        Value::write(&self.pol, out);
        Field::write(&self.strict, "--strict", out);
        for (nth, element) in self.elements.iter().enumerate() {
            if nth > 0 {
                out.word(b"--next");
            }
            Field::write(&element.reqid, "--reqid", out);
            Field::write(&element.spi, "--spi", out);
            Field::write(&element.proto, "--proto", out);
            Field::write(&element.mode, "--mode", out);
            Field::write(&element.tunnel_dst, "--tunnel-dst", out);
            Field::write(&element.tunnel_src, "--tunnel-src", out);
        }
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
