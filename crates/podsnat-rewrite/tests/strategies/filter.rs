//! Filter tables with REJECTs, stock and other.

use proptest::{collection::vec, prelude::*, sample::select};

use super::networks::Six;

const RULES: &[&str] = &[
    "-A INPUT -j REJECT --reject-with ANSWER",
    "-A FORWARD -j REJECT --reject-with ANSWER",
    "[7:420] -A INPUT -j REJECT --reject-with ANSWER",
    "-A INPUT -m comment --comment \"the wall\" -j REJECT --reject-with ANSWER",
    "-A INPUT -i eth0 -j REJECT --reject-with ANSWER",
    "-A FORWARD -p tcp -j REJECT --reject-with tcp-reset",
    "-A INPUT -j REJECT",
    "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT",
    "-A FORWARD -j ACCEPT",
    "-A FORWARD -s POD -j ACCEPT",
    "-A FORWARD -d POD -j ACCEPT",
    "-A INPUT -s POD -j ACCEPT",
    "-A INPUT -j RH-Firewall-1-INPUT",
    "-A FORWARD -j RH-Firewall-1-INPUT",
    "-A RH-Firewall-1-INPUT -j REJECT --reject-with ANSWER",
    "-A INPUT --bogus -j REJECT --reject-with ANSWER",
    "-I INPUT -j REJECT --reject-with ANSWER",
    "-A DOCKER ! -i docker0 -o docker0 -j DROP",
];

/// A filter section.
pub(crate) fn section(six: Six) -> impl Strategy<Value = String> {
    let answer = match six {
        Six::No => "icmp-host-prohibited",
        Six::Yes => "icmp6-adm-prohibited",
    };
    let rule = (select(RULES), six.pod_network())
        .prop_map(move |(rule, pod)| rule.replace("POD", pod).replace("ANSWER", answer) + "\n");
    let chains = select(&["", ":DOCKER - [0:0]\n", ":INPUT_direct - [0:0]\n"][..]);
    (chains, vec(rule, 0..8)).prop_map(|(chains, rules)| {
        format!(
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [1:2]\n:RH-Firewall-1-INPUT - [0:0]\n{chains}{}COMMIT\n",
            rules.concat()
        )
    })
}
