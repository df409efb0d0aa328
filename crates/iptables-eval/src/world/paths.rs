//! Ways to chains.

use std::{collections::HashMap, rc::Rc};

use crate::version::Path;

/// Ways to chains, each kept once.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    steps: Vec<(Path, Rc<str>, u32)>,
    numbers: HashMap<(Path, Rc<str>, u32), Path>,
}

impl Paths {
    const ROOT: Path = Path(u32::MAX);

    /// The way to a built-in chain.
    pub(crate) fn base(&mut self, name: &str) -> Path {
        self.step(Self::ROOT, name, 0)
    }

    /// The way to a chain that the `nth` rule jumps to which goes there.
    pub(crate) fn step(&mut self, from: Path, chain: &str, nth: u32) -> Path {
        let next = Path(u32::try_from(self.steps.len()).expect("bounded by the steps"));
        *self
            .numbers
            .entry((from, chain.into(), nth))
            .or_insert_with_key(|step| {
                self.steps.push(step.clone());
                next
            })
    }

    /// The steps of a way.
    pub(crate) fn steps(&self, mut path: Path) -> Vec<(Rc<str>, u32)> {
        let mut steps = Vec::new();
        while path != Self::ROOT {
            let (from, name, nth) = &self.steps[path.0 as usize];
            steps.push((Rc::clone(name), *nth));
            path = *from;
        }
        steps.reverse();
        steps
    }
}
