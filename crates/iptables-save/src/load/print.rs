//! A table as iptables-save prints it.

use super::{
    chain::{Chain, Jump, Kind},
    table::Table,
};

impl Table<'_> {
    /// Writes the table as iptables-save does.
    pub(super) fn write(&self, rules: &[u8], out: &mut Vec<u8>) {
        let line = |out: &mut Vec<u8>, words: &[&[u8]]| {
            for word in words {
                out.extend_from_slice(word);
            }
            out.push(b'\n');
        };
        line(out, &[b"*", self.kind.name.as_bytes()]);
        let (builtin, own) = self.chains.split_at(self.kind.chains.len());
        let mut own: Vec<&Chain<'_>> = own.iter().filter(|it| it.kind == Kind::User).collect();
        own.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        for chain in builtin {
            let policy = chain.policy().unwrap_or_default().name();
            line(
                out,
                &[b":", &chain.name, b" ", policy.as_bytes(), b" [0:0]"],
            );
        }
        for chain in &own {
            line(out, &[b":", &chain.name, b" - [0:0]"]);
        }
        for chain in builtin.iter().chain(own) {
            for rule in chain.rules.iter() {
                out.extend_from_slice(b"-A ");
                out.extend_from_slice(&chain.name);
                let text = &rules[rule.text.clone()];
                if !text.is_empty() {
                    out.push(b' ');
                    out.extend_from_slice(text);
                }
                if let Some(Jump { chain, is_goto, .. }) = rule.jump {
                    out.extend_from_slice(if is_goto { b" -g " } else { b" -j " });
                    out.extend_from_slice(self.name(chain));
                }
                out.push(b'\n');
            }
        }
        line(out, &[b"COMMIT"]);
    }
}
