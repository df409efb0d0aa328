//! Tunnels between nodes, in which overlay networks carry pods' packets, and which the
//! REJECT of INPUT stops that `accept-pods` keeps: they come from the nodes' addresses.

use iptables_eval::{
    BaseChain, Condition, End, Evaluator, Field, Hook, Table as EvalTable, Undecided, kind, state,
};
use iptables_save::{LineId, Ruleset, Table};
use memchr::memmem;

use super::{Lint, excerpt::Excerpt, packets};
use crate::{
    Finding, FindingKind,
    transform::{is_firewalld, is_stock},
};

const INPUT: BaseChain = BaseChain::new(EvalTable::Filter, Hook::Input);

/// A kind of tunnel.
struct Tunnel {
    name: &'static str,
    protocol: u8,
    /// Its port, if it is UDP.
    port: u16,
    /// Words of a ruleset that show that it is used: interfaces and chains.
    signs: &'static [&'static str],
}

const TUNNELS: &[Tunnel] = &[
    Tunnel {
        name: "flannel's VXLAN",
        protocol: 17,
        port: 8472,
        signs: &["flannel.1", "flannel-v6.1"],
    },
    Tunnel {
        name: "flannel's UDP backend",
        protocol: 17,
        port: 8285,
        signs: &["flannel0"],
    },
    Tunnel {
        name: "Cilium's VXLAN",
        protocol: 17,
        port: 8472,
        signs: &["cilium_vxlan"],
    },
    Tunnel {
        name: "Calico's VXLAN",
        protocol: 17,
        port: 4789,
        signs: &["vxlan.calico", "vxlan-v6.calico"],
    },
    Tunnel {
        name: "Geneve",
        protocol: 17,
        port: 6081,
        signs: &["genev_sys", "antrea-gw0", "cilium_geneve"],
    },
    Tunnel {
        name: "WireGuard",
        protocol: 17,
        port: 51820,
        signs: &["flannel-wg", "wireguard.cali", "kilo0", "wg0"],
    },
    Tunnel {
        name: "Cilium's WireGuard",
        protocol: 17,
        port: 51871,
        signs: &["cilium_wg0"],
    },
    Tunnel {
        name: "Weave Net",
        protocol: 17,
        port: 6784,
        signs: &["WEAVE-NPC", "WEAVE "],
    },
    Tunnel {
        name: "IP-in-IP",
        protocol: 4,
        port: 0,
        signs: &["tunl0", "tunl+"],
    },
];

/// Reports the stock REJECT of INPUT where it stops tunnels.
pub(super) fn find(lint: &Lint<'_, '_>, table: Table<'_>) -> Result<Option<Finding>, Undecided> {
    let (Some(input), false) = (table.chain(b"INPUT"), is_firewalld(table)) else {
        return Ok(None);
    };
    let mut reader = iptables_save::Reader::for_family(lint.family);
    let document = lint.ruleset.document();
    let reject = input.lines().into_iter().find(|at| {
        let read = reader.read(document, at.line);
        read.is_ok_and(|rule_line| is_stock(&rule_line.rule))
    });
    let Some(reject) = reject else {
        return Ok(None);
    };
    let is_shown = |tunnel: &&Tunnel| {
        let signs = tunnel.signs.iter();
        let mut found = signs.filter_map(|sign| memmem::find(document.bytes(), sign.as_bytes()));
        found.next().is_some()
    };
    let used: Vec<&Tunnel> = TUNNELS.iter().filter(is_shown).collect();
    let excerpt = Excerpt::new(lint.ruleset, "filter", input, Some(lint.plan));
    let document = excerpt.document();
    let ruleset = Ruleset::new(&document, Some(lint.family));
    let mut evaluator = packets::evaluator(&ruleset, lint.family);
    let mut stopped = Vec::new();
    for tunnel in if used.is_empty() {
        TUNNELS.iter().collect()
    } else {
        used.clone()
    } {
        let passes = passes(tunnel, lint, &mut evaluator)?;
        // Who accepts one kind uses that.
        if passes && used.is_empty() {
            return Ok(None);
        }
        if !passes {
            stopped.push(tunnel);
        }
    }
    Ok(match &stopped[..] {
        [] => None,
        _ if used.is_empty() => Some(may_block(reject.line)),
        stopped => Some(blocks(reject.line, stopped)),
    })
}

/// Returns whether packets of a tunnel may come in, from whatever addresses nodes have.
fn passes(
    tunnel: &Tunnel,
    lint: &Lint<'_, '_>,
    evaluator: &mut Evaluator<'_>,
) -> Result<bool, Undecided> {
    let mut all = vec![
        Condition::is(Field::State, state::NEW),
        Condition::is(Field::Protocol, tunnel.protocol.into()),
        Condition::is(Field::SourceKind, kind::UNICAST),
        Condition::is(Field::Fragment, 0),
        Condition::is(Field::Mark, 0),
        Condition::interface(false, b"lo").inverted(true),
        packets::among(Field::Source, lint.pods).inverted(true),
    ];
    if tunnel.port != 0 {
        all.push(Condition::is(Field::DestinationPort, tunnel.port.into()));
        all.push(Condition::is(Field::SourcePort, packets::SOURCE_PORT));
    }
    let outcome = evaluator.chain(INPUT, &Condition::all(all))?;
    let stops = |end: &End| matches!(end, End::Drop | End::Reject(_));
    for (end, set) in &outcome.ends {
        if !stops(end) && evaluator.is_possible(*set)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the rule that accepts a tunnel.
fn accepting(tunnel: &Tunnel) -> String {
    let what = match tunnel.protocol {
        17 => format!("-p udp --dport {}", tunnel.port),
        protocol => format!("-p {protocol}"),
    };
    format!("`-A INPUT -s NODE-NETWORK {what} -j ACCEPT`")
}

fn blocks(line: LineId, stopped: &[&Tunnel]) -> Finding {
    let names: Vec<&str> = stopped.iter().map(|tunnel| tunnel.name).collect();
    let accept: Vec<String> = stopped.iter().map(|tunnel| accepting(tunnel)).collect();
    Finding {
        kind: FindingKind::BlocksTunnels { is_used: true },
        line: Some(line),
        span: None,
        message: format!(
            "this REJECT also stops the tunnels between nodes that carry pods' packets here: \
             they come from the nodes' own addresses ({})",
            names.join(", ")
        ),
        advice: Some(format!(
            "accept them from the nodes before this rule: {}",
            accept.join(" and ")
        )),
    }
}

fn may_block(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::BlocksTunnels { is_used: false },
        line: Some(line),
        span: None,
        message: "this REJECT also stops tunnels from other nodes: if an overlay network \
                  carries the pods' packets, they come from the nodes' own addresses and are \
                  still rejected"
            .to_owned(),
        advice: Some(
            "with an overlay, accept its port from the nodes before this rule, such as `-A INPUT \
             -s NODE-NETWORK -p udp --dport 8472 -j ACCEPT`: UDP 8472 (flannel's and Cilium's \
             VXLAN), 4789 (VXLAN), 6081 (Geneve), 8285 (flannel's UDP backend), 51820 \
             (WireGuard), or `-p 4` (IP-in-IP)"
                .to_owned(),
        ),
    }
}
