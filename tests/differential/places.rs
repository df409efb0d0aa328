//! What a kernel requires together with an extension to accept a valid rule: the table, the protocol.

/// Where an extension is valid.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// Tables; empty for any.
    pub(crate) tables: &'static str,
    /// Protocols; empty for any.
    pub(crate) protocols: &'static str,
    /// Options that the rule must have.
    pub(crate) beside: &'static str,
}

/// Extensions that are not valid everywhere: their name, tables, protocols, options.
const PLACES: &[(&str, &str, &str, &str)] = &[
    ("CHECKSUM", "mangle", "", ""),
    ("CLUSTERIP", "filter", "", ""),
    ("CONNSECMARK", "mangle security", "", ""),
    ("CT", "raw", "tcp udp", ""),
    ("DNAT", "nat", "tcp udp", ""),
    ("DNPT", "mangle", "", ""),
    ("DSCP", "mangle", "", ""),
    ("ECN", "mangle", "tcp", ""),
    ("HL", "mangle", "", ""),
    ("HMARK", "mangle", "", ""),
    ("MASQUERADE", "nat", "tcp udp", ""),
    ("NETMAP", "nat", "", ""),
    ("NOTRACK", "raw", "", ""),
    ("REDIRECT", "nat", "tcp udp", ""),
    ("REJECT", "filter", "tcp", ""),
    ("SECMARK", "mangle security", "", ""),
    ("SET", "mangle", "", ""),
    ("SNAT", "nat", "tcp udp", ""),
    ("SNPT", "mangle", "", ""),
    ("SYNPROXY", "filter", "tcp", ""),
    ("TCPMSS", "mangle", "tcp", "--syn"),
    ("TCPOPTSTRIP", "mangle", "tcp", ""),
    ("TOS", "mangle", "", ""),
    ("TPROXY", "mangle", "tcp udp", ""),
    ("TRACE", "raw", "", ""),
    ("TTL", "mangle", "", ""),
    ("ah", "", "ah", ""),
    ("dccp", "", "dccp", ""),
    ("ecn", "", "tcp", ""),
    ("esp", "", "esp", ""),
    ("icmp", "", "icmp", ""),
    ("icmp6", "", "ipv6-icmp", ""),
    ("ipcomp", "", "ipcomp", ""),
    ("mh", "", "mh", ""),
    ("multiport", "", "tcp udp udplite sctp dccp", ""),
    ("osf", "", "tcp", ""),
    ("rpfilter", "raw mangle", "", ""),
    ("sctp", "", "sctp", ""),
    ("tcp", "", "tcp", ""),
    ("tcpmss", "", "tcp", ""),
    ("udp", "", "udp", ""),
];

/// Returns where the extension of this name is valid.
pub(crate) fn of(name: &str) -> Place {
    let found = PLACES.iter().find(|(it, ..)| *it == name);
    found.map_or_else(Place::default, |(_, tables, protocols, beside)| Place {
        tables,
        protocols,
        beside,
    })
}

/// Returns the built-in chains of a table.
pub(crate) fn builtin_chains(table: &str) -> &'static str {
    match table {
        "nat" => "PREROUTING INPUT OUTPUT POSTROUTING",
        "raw" => "PREROUTING OUTPUT",
        "mangle" => "PREROUTING INPUT FORWARD OUTPUT POSTROUTING",
        _ => "INPUT FORWARD OUTPUT",
    }
}
