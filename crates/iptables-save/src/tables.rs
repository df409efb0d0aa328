//! The kernel's tables and their builtin chains.

/// A table of the kernel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// In the order of the hooks.
    pub(crate) chains: &'static [&'static str],
}

/// The tables, in the order of iptables-nft-save. Both families have the same.
pub(crate) static TABLES: [Table; 5] = [
    Table {
        name: "mangle",
        chains: &["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    },
    Table {
        name: "raw",
        chains: &["PREROUTING", "OUTPUT"],
    },
    Table {
        name: "security",
        chains: &["INPUT", "FORWARD", "OUTPUT"],
    },
    Table {
        name: "filter",
        chains: &["INPUT", "FORWARD", "OUTPUT"],
    },
    Table {
        name: "nat",
        chains: &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
    },
];

impl Table {
    /// Finds a table; none when the kernel has none of this name.
    pub(crate) fn named(name: &[u8]) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name.as_bytes() == name)
    }

    /// Whether a chain is builtin here.
    pub(crate) fn has_builtin(&self, chain: &[u8]) -> bool {
        self.chains.iter().any(|name| name.as_bytes() == chain)
    }
}
