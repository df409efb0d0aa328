//! Jumps that lead back to where packets came from.

use super::{chain::Slot, execute::Executed};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Invertible,
    /// Packets may be in this chain when they come to the jump at hand.
    Open,
    Done,
}

impl Executed<'_> {
    /// The first jump, as packets go, that leads back to a chain they come from. Chains
    /// that no packet comes to may loop: the kernel does not look there.
    pub(super) fn find_loop(&self) -> Option<Slot> {
        let mut seen = vec![Seen::Invertible; self.chains.len()];
        let jumps = |chain: u32| {
            let rules = self.chain(chain).rules.iter();
            rules.filter_map(|slot| Some((slot, slot.jump?.chain())))
        };
        let builtin = self.kind.map_or(0, |kind| kind.chains.len());
        for builtin in 0..u32::try_from(builtin).expect("five at most") {
            let mut open = vec![(builtin, jumps(builtin))];
            while let Some((chain, rest)) = open.last_mut() {
                let Some((slot, to)) = rest.next() else {
                    seen[*chain as usize] = Seen::Done;
                    open.pop();
                    continue;
                };
                match seen[to as usize] {
                    Seen::Done => {}
                    Seen::Open => return Some(*slot),
                    Seen::Invertible => {
                        seen[to as usize] = Seen::Open;
                        open.push((to, jumps(to)));
                    }
                }
            }
        }
        None
    }
}
