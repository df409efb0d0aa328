//! What a kernel wants beside an extension, so that it takes a good rule: the table it is in, the protocol.

/// Where an extension is at home.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// Tables; no one for any.
    pub(crate) tables: &'static str,
    /// Protocols; no one for any.
    pub(crate) protocols: &'static str,
    /// Options that have to stand in the rule.
    pub(crate) beside: &'static str,
}

/// Extensions that may not stand anywhere: their name, tables, protocols, options.
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

/// Where the extension of this name is at home.
pub(crate) fn of(name: &str) -> Place {
    let found = PLACES.iter().find(|(it, ..)| *it == name);
    found.map_or_else(Place::default, |(_, tables, protocols, beside)| Place {
        beside,
        tables,
        protocols,
    })
}

/// The builtin chains of a table.
pub(crate) fn builtin_chains(table: &str) -> &'static str {
    match table {
        "nat" => "PREROUTING INPUT OUTPUT POSTROUTING",
        "raw" => "PREROUTING OUTPUT",
        "mangle" => "PREROUTING INPUT FORWARD OUTPUT POSTROUTING",
        _ => "INPUT FORWARD OUTPUT",
    }
}
