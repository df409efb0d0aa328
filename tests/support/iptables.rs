//! The iptables programs, by backend and address family.

use std::fmt;

use super::PODSNAT;
use super::netns::Namespace;

/// The kernel side that the programs talk to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Backend {
    Legacy,
    Nft,
}

/// The address family of a ruleset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    V4,
    V6,
}

/// One set of programs: `iptables-legacy`, `iptables-legacy-save` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Iptables {
    pub(crate) backend: Backend,
    pub(crate) family: Family,
}

impl Iptables {
    /// `iptables-nft`, for one.
    pub(crate) fn program(self) -> String {
        let family = match self.family {
            Family::V4 => "iptables",
            Family::V6 => "ip6tables",
        };
        let backend = match self.backend {
            Backend::Legacy => "legacy",
            Backend::Nft => "nft",
        };
        format!("{family}-{backend}")
    }

    /// `iptables-nft-save`, for one.
    pub(crate) fn save_program(self) -> String {
        self.program() + "-save"
    }

    /// `iptables-nft-restore`, for one.
    pub(crate) fn restore_program(self) -> String {
        self.program() + "-restore"
    }

    /// Returns why these programs cannot be used here: not installed, or no kernel support.
    pub(crate) fn obstacle(self) -> Option<String> {
        let needed = [self.program(), self.save_program(), self.restore_program()];
        if let Some(program) = needed
            .iter()
            .find(|program| super::which(program).is_none())
        {
            return Some(format!("needs the program `{program}`"));
        }
        let node = Namespace::new("probe");
        let text = "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n";
        let tried = node.try_run(&[&self.restore_program()], text.as_bytes());
        tried.err().map(|why| {
            format!(
                "the kernel does not take {self}'s rules ({})",
                why.trim_end()
            )
        })
    }

    /// Saves all tables with counters.
    pub(crate) fn save(self, node: &Namespace) -> String {
        let saved = node.run(&[&self.save_program(), "-c"], b"").stdout;
        String::from_utf8_lossy(&saved).into_owned()
    }

    /// Replaces the tables of `text`, counters included.
    pub(crate) fn restore(self, node: &Namespace, text: &str) {
        node.run(&[&self.restore_program(), "-c"], text.as_bytes());
    }

    /// `iptables-save -c | podsnat ARGS | iptables-restore -c`
    pub(crate) fn filter(self, node: &Namespace, args: &[&str]) {
        let podsnat: Vec<&str> = [PODSNAT].iter().chain(args).copied().collect();
        node.pipe(&[
            &[&self.save_program(), "-c"],
            &podsnat,
            &[&self.restore_program(), "-c"],
        ]);
    }
}

impl fmt::Display for Iptables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program())
    }
}
