//! Targets, `-j NAME`: what is done with a packet that passes.

use super::{Other, describe::registry, extension::extension};
use crate::{Family, Text, Writer, value::Protocol};

mod audit;
mod checksum;
mod classify;
mod clusterip;
mod connmark;
mod connsecmark;
mod ct;
mod dnat;
mod dnpt;
mod dscp;
mod ecn;
mod hl;
mod hmark;
mod idletimer;
mod led;
mod log;
mod mark;
mod masquerade;
mod netmap;
mod nflog;
mod nfqueue;
mod notrack;
mod rateest;
mod redirect;
mod reject;
mod secmark;
mod set;
mod snat;
mod snpt;
mod synproxy;
mod tcpmss;
mod tcpoptstrip;
mod tee;
mod tos;
mod tproxy;
mod trace;
mod ttl;
mod ulog;

pub use self::{
    audit::*, checksum::*, classify::*, clusterip::*, connmark::*, connsecmark::*, ct::*, dnat::*,
    dnpt::*, dscp::*, ecn::*, hl::*, hmark::*, idletimer::*, led::*, log::*, mark::*,
    masquerade::*, netmap::*, nflog::*, nfqueue::*, notrack::*, rateest::*, redirect::*, reject::*,
    secmark::*, set::*, snat::*, snpt::*, synproxy::*, tcpmss::*, tcpoptstrip::*, tee::*, tos::*,
    tproxy::*, trace::*, ttl::*, ulog::*,
};

registry! {
    /// A target with its options.
    Target
    own {
        /// Lets the packet through.
        Accept = b"ACCEPT",
        /// Discards the packet.
        Drop = b"DROP",
        /// Hands the packet to a program (legacy tables only).
        Queue = b"QUEUE",
        /// Goes back to the calling chain, or to the policy in a builtin one.
        Return = b"RETURN",
        /// `-j CHAIN`: goes through a chain and comes back at its end.
        Jump(chain: Text<'a>) = chain,
        /// `-g CHAIN`: goes through a chain and comes back where this one was called.
        Goto(chain: Text<'a>) = chain,
    }
    extensions {
        Audit(Audit),
        Checksum(Checksum),
        Classify(Classify),
        Clusterip(Clusterip),
        Connmark(Connmark),
        Connsecmark(Connsecmark),
        Ct(Box<Ct<'a>>),
        Dnat(Dnat),
        Dnpt(Dnpt),
        Dscp(DscpTarget),
        Ecn(Ecn),
        Hl(Hl),
        Hmark(Box<Hmark>),
        Idletimer(Idletimer<'a>),
        Led(Led<'a>),
        Log(Log<'a>),
        Mark(Mark),
        Masquerade(Masquerade),
        Netmap(Netmap),
        Nflog(Nflog<'a>),
        Nfqueue(Nfqueue),
        Notrack(Notrack),
        Rateest(Rateest<'a>),
        Redirect(Redirect),
        Reject(Reject),
        Secmark(Secmark<'a>),
        Set(Box<Set<'a>>),
        Snat(Snat),
        Snpt(Snpt),
        Synproxy(Synproxy),
        Tcpmss(Tcpmss),
        Tcpoptstrip(Tcpoptstrip),
        Tee(Tee<'a>),
        Tos(Tos),
        Tproxy(Tproxy),
        Trace(Trace),
        Ttl(Ttl),
        Ulog(Ulog<'a>),
    }
}

impl<'a> Target<'a> {
    /// The target that is neither an extension nor a chain.
    #[inline(always)]
    pub(crate) fn standard(name: &[u8]) -> Option<Self> {
        match name {
            b"ACCEPT" => Some(Self::Accept),
            b"DROP" => Some(Self::Drop),
            b"QUEUE" => Some(Self::Queue),
            b"RETURN" => Some(Self::Return),
            _ => None,
        }
    }

    /// Whether a name means something other than a chain.
    pub(crate) fn is_extension(name: &[u8]) -> bool {
        Self::find(name).is_some()
    }

    /// Takes a word that only the library of an unknown target could read.
    pub(crate) fn push_word(&mut self, word: Text<'a>) {
        match self {
            Self::Other(other) => other.words.push(word),
            Self::Jump(name) => {
                *self = Self::Other(Other {
                    name: std::mem::take(name),
                    words: vec![word],
                });
            }
            _ => {}
        }
    }

    /// The chain that packets go on in.
    #[must_use]
    pub const fn chain(&self) -> Option<&Text<'a>> {
        match self {
            Self::Jump(chain) | Self::Goto(chain) => Some(chain),
            _ => None,
        }
    }

    /// The protocols that the kernel wants a rule with this target to have one of; none where
    /// it may have any.
    ///
    /// Kernel `xt_target.proto`, which `x_tables.c:xt_check_target` looks at, or what
    /// the target's own `checkentry` does.
    #[must_use]
    pub const fn protocols(&self) -> &'static [Protocol] {
        const TCP: Protocol = Protocol(6);
        const UDP: Protocol = Protocol(17);
        match self {
            Self::Synproxy(_) | Self::Tcpmss(_) | Self::Tcpoptstrip(_) => &[TCP],
            Self::Tproxy(_) => &[TCP, UDP],
            Self::Reject(it) if matches!(it.reject_with, Some(RejectWith::TcpReset)) => &[TCP],
            Self::Ecn(
                Ecn {
                    ecn_tcp_remove: true,
                    ..
                }
                | Ecn {
                    ecn_tcp_ece: Some(_),
                    ..
                }
                | Ecn {
                    ecn_tcp_cwr: Some(_),
                    ..
                },
            ) => &[TCP],
            _ => &[],
        }
    }

    /// The family the target is bound to.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        self.described()?.family
    }

    /// Writes `-j NAME` or `-g CHAIN` and the options, as iptables-save does.
    pub fn write(&self, out: &mut Writer<'_>) {
        out.word(match self {
            Self::Goto(_) => b"-g",
            _ => b"-j",
        });
        self.write_named(out);
    }
}
