//! Every match, with options as they are once iptables has read them: defaults that
//! iptables-save writes are there, what it does not write is not.

mod connection;
mod headers;
mod host;
mod ipv6;
mod pace;
mod packet;
mod traffic;

use iptables_save::{Family, Match, matches::*, value::*};
use proptest::{prelude::*, sample::select};

use super::values::*;

/// The matches of a family.
#[expect(clippy::too_many_lines, reason = "a list of all matches")]
pub(crate) fn all(family: Family) -> Vec<BoxedStrategy<Match<'static>>> {
    let mut all = vec![
        packet::addrtype(),
        packet::ah(family),
        text(0..=255)
            .prop_map(|it| {
                Match::Comment(Comment {
                    comment: Required(Quoted(it)),
                })
            })
            .boxed(),
        connection::connlimit(family),
        not(mark())
            .prop_map(|it| Match::Connmark(Connmark { mark: Required(it) }))
            .boxed(),
        connection::conntrack(family),
        not(any::<u32>())
            .prop_map(|it| Match::Cpu(Cpu { cpu: Required(it) }))
            .boxed(),
        not(dscp())
            .prop_map(|it| Match::Dscp(DscpMatch { dscp: Required(it) }))
            .boxed(),
        packet::spi()
            .prop_map(|espspi| Match::Esp(Esp { espspi }))
            .boxed(),
        pace::hashlimit(family),
        not(text(0..=29))
            .prop_map(|Invertible { inverted, value }| {
                let helper = Required(Invertible {
                    inverted,
                    value: Quoted(value),
                });
                Match::Helper(Helper { helper })
            })
            .boxed(),
        packet::iprange(family),
        connection::ipvs(family),
        not(range())
            .prop_map(|it| {
                Match::Length(Length {
                    length: Required(it),
                })
            })
            .boxed(),
        pace::limit(),
        not(any::<[u8; 6]>().prop_map(Mac))
            .prop_map(|it| {
                Match::Mac(MacSource {
                    mac_source: Required(it),
                })
            })
            .boxed(),
        not(mark())
            .prop_map(|it| Match::Mark(Mark { mark: Required(it) }))
            .boxed(),
        packet::multiport(),
        connection::owner(),
        packet::physdev(),
        not(select(PacketType::ALL))
            .prop_map(|it| {
                Match::Pkttype(Pkttype {
                    pkt_type: Required(it),
                })
            })
            .boxed(),
        connection::policy(family),
        not(any::<u64>())
            .prop_map(|it| {
                Match::Quota(Quota {
                    quota: Required(it),
                })
            })
            .boxed(),
        connection::recent(family),
        any::<[bool; 4]>()
            .prop_map(|[loose, validmark, accept_local, invert]| {
                Match::Rpfilter(Rpfilter {
                    loose,
                    validmark,
                    accept_local,
                    invert,
                })
            })
            .boxed(),
        connection::set(),
        any::<[bool; 3]>()
            .prop_map(|[transparent, nowildcard, restore_skmark]| {
                Match::Socket(Socket {
                    transparent,
                    nowildcard,
                    restore_skmark,
                })
            })
            .boxed(),
        not((1..0x20_u8).prop_map(States))
            .prop_map(|it| {
                Match::State(State {
                    state: Required(it),
                })
            })
            .boxed(),
        pace::statistic(),
        packet::string(),
        packet::tcp(),
        not(port_range())
            .prop_map(
                |Invertible {
                     inverted,
                     value: PortRange { first, last },
                 }| {
                    let mss = Required(Invertible {
                        inverted,
                        value: Range { first, last },
                    });
                    Match::Tcpmss(Tcpmss { mss })
                },
            )
            .boxed(),
        pace::time(),
        (port_test(), port_test())
            .prop_map(|(sport, dport)| Match::Udp(Udp { sport, dport }))
            .boxed(),
    ];
    all.extend(headers::all(family));
    all.extend(host::all());
    all.extend(traffic::all());
    if family == Family::V6 {
        all.extend(ipv6::all());
    }
    all.extend(match family {
        Family::V4 => vec![packet::icmp(), packet::ttl()],
        Family::V6 => vec![packet::icmp6()],
    });
    all
}
