//! Jumps that lead back to where packets came from.

use super::{chain::Jump, table::Table};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Not,
    /// Packets may be in this chain when they come to the jump at hand.
    Open,
    Done,
}

impl Table<'_> {
    /// The first jump, as packets go, that leads back to a chain they come from. Chains
    /// that no packet comes to may go in circles: the kernel does not look there.
    pub(super) fn circle(&self) -> Option<Jump> {
        let mut seen = vec![Seen::Not; self.chains.len()];
        let jumps = |chain: u32| self.chain(chain).rules.iter().filter_map(|rule| rule.jump);
        for builtin in 0..u32::try_from(self.kind.chains.len()).expect("five at most") {
            let mut open = vec![(builtin, jumps(builtin))];
            while let Some((chain, rest)) = open.last_mut() {
                let Some(jump) = rest.next() else {
                    seen[*chain as usize] = Seen::Done;
                    open.pop();
                    continue;
                };
                match seen[jump.chain as usize] {
                    Seen::Done => {}
                    Seen::Open => return Some(jump),
                    Seen::Not => {
                        seen[jump.chain as usize] = Seen::Open;
                        open.push((jump.chain, jumps(jump.chain)));
                    }
                }
            }
        }
        None
    }
}
