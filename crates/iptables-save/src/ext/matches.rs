//! Matches, `-m NAME`: the tests a packet must pass.

use super::{describe::registry, extension::extension};
use crate::{Family, Writer, value::Protocol};

mod addrtype;
mod ah;
mod bpf;
mod cgroup;
mod cluster;
mod comment;
mod connbytes;
mod connlabel;
mod connlimit;
mod connmark;
mod conntrack;
mod cpu;
mod dccp;
mod devgroup;
mod dscp;
mod dst;
mod ecn;
mod esp;
mod eui64;
mod frag;
mod hashlimit;
mod hbh;
mod helper;
mod hl;
mod icmp;
mod icmp6;
mod ipcomp;
mod iprange;
mod ipv6header;
mod ipvs;
mod length;
mod limit;
mod mac;
mod mark;
mod mh;
mod multiport;
mod nfacct;
mod osf;
mod owner;
mod physdev;
mod pkttype;
mod policy;
mod quota;
mod rateest;
mod realm;
mod recent;
mod rpfilter;
mod rt;
mod sctp;
mod set;
mod socket;
mod srh;
mod state;
mod statistic;
mod string;
mod tcp;
mod tcpmss;
mod time;
mod tos;
mod ttl;
mod u32;
mod udp;

pub use self::{
    addrtype::*, ah::*, bpf::*, cgroup::*, cluster::*, comment::*, connbytes::*, connlabel::*,
    connlimit::*, connmark::*, conntrack::*, cpu::*, dccp::*, devgroup::*, dscp::*, dst::*, ecn::*,
    esp::*, eui64::*, frag::*, hashlimit::*, hbh::*, helper::*, hl::*, icmp::*, icmp6::*,
    ipcomp::*, iprange::*, ipv6header::*, ipvs::*, length::*, limit::*, mac::*, mark::*, mh::*,
    multiport::*, nfacct::*, osf::*, owner::*, physdev::*, pkttype::*, policy::*, quota::*,
    rateest::*, realm::*, recent::*, rpfilter::*, rt::*, sctp::*, set::*, socket::*, srh::*,
    state::*, statistic::*, string::*, tcp::*, tcpmss::*, time::*, tos::*, ttl::*, u32::*, udp::*,
};

registry! {
    /// A match with its options.
    ///
    /// Large ones are kept in a box.
    Match
    own {}
    extensions {
        Addrtype(Addrtype),
        Ah(Ah),
        Bpf(Bpf<'a>),
        Cgroup(Cgroup<'a>),
        Cluster(Cluster),
        Comment(Comment<'a>),
        Connbytes(Connbytes),
        Connlabel(Connlabel),
        Connlimit(Connlimit),
        Connmark(Connmark),
        Conntrack(Box<Conntrack>),
        Cpu(Cpu),
        Dccp(Dccp),
        Devgroup(Devgroup),
        Dscp(DscpMatch),
        Dst(Dst),
        Ecn(Ecn),
        Esp(Esp),
        Eui64(Eui64),
        Frag(Frag),
        Hashlimit(Box<Hashlimit<'a>>),
        Hbh(Hbh),
        Helper(Helper<'a>),
        Hl(Hl),
        Icmp(Icmp),
        Icmp6(Icmp6),
        Ipcomp(Ipcomp),
        Iprange(Iprange),
        Ipv6header(Ipv6header),
        Ipvs(Ipvs),
        Length(Length),
        Limit(Limit),
        Mac(MacSource),
        Mark(Mark),
        Mh(Mh),
        Multiport(Box<Multiport>),
        Nfacct(Nfacct<'a>),
        Osf(Osf<'a>),
        Owner(Owner),
        Physdev(Box<Physdev<'a>>),
        Pkttype(Pkttype),
        Policy(Policy),
        Quota(Quota),
        Rateest(Box<Rateest<'a>>),
        Realm(Realm),
        Recent(Recent<'a>),
        Rpfilter(Rpfilter),
        Rt(Rt),
        Sctp(Sctp),
        Set(Box<Set<'a>>),
        Socket(Socket),
        Srh(Box<Srh>),
        State(State),
        Statistic(Statistic),
        String(Box<StringMatch<'a>>),
        Tcp(Tcp),
        Tcpmss(Tcpmss),
        Time(Time),
        Tos(Tos),
        Ttl(Ttl),
        U32(U32),
        Udp(Udp),
    }
}

impl Match<'_> {
    /// The protocol that the kernel wants a rule with this match to have, in text of a family.
    ///
    /// Kernel `xt_match.proto`, which `x_tables.c:xt_check_match` looks at, or what the
    /// match's own `checkentry` does.
    #[must_use]
    pub const fn protocol(&self, family: Option<Family>) -> Option<Protocol> {
        Some(Protocol(match self {
            Self::Icmp(_) => 1,
            Self::Tcp(_) | Self::Tcpmss(_) | Self::Osf(_) => 6,
            Self::Ecn(
                Ecn {
                    tcp_ece: Some(_), ..
                }
                | Ecn {
                    tcp_cwr: Some(_), ..
                },
            ) => 6,
            Self::Udp(_) => 17,
            Self::Dccp(_) => 33,
            Self::Esp(_) => 50,
            // In IPv6 it is a header on the way to the protocol's.
            Self::Ah(_) if matches!(family, Some(Family::V4)) => 51,
            Self::Icmp6(_) => 58,
            Self::Ipcomp(_) => 108,
            Self::Sctp(_) => 132,
            Self::Mh(_) => 135,
            _ => return None,
        }))
    }

    /// The family the match is bound to.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        self.described()?.family
    }

    /// Writes `-m NAME` and the options, as iptables-save does.
    pub fn write(&self, out: &mut Writer<'_>) {
        out.word(b"-m");
        self.write_named(out);
    }
}
