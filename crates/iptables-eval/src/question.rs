//! Questions that neither the packet nor the ruleset answers.

use std::rc::Rc;

use crate::field::Field;

/// A question about one packet that the host or its memory answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// What is asked: a match as iptables-save prints it, without `!`, or what a target
    /// chooses.
    pub text: Rc<str>,
    /// Where it is asked, if the answer is one of a rule's memory.
    pub place: Option<Place>,
    /// The fields that the answer may depend on and that rules have changed, with their
    /// values.
    pub sees: Vec<(Field, u128)>,
    /// The `SET` targets that have changed sets for this packet.
    pub sets: Vec<Rc<str>>,
}

/// A rule, by the way that leads there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The built-in chain, and the chains that were jumped to, each with how many rules of
    /// the chain before jumped there, too.
    pub path: Vec<(Rc<str>, u32)>,
    /// How many rules of the chain before have the same words.
    pub nth: u32,
}

/// Answers questions about one packet. The same question must get the same answer.
pub trait Oracle {
    /// Answers.
    fn answer(&mut self, question: &Question) -> bool;
}

impl<F: FnMut(&Question) -> bool> Oracle for F {
    fn answer(&mut self, question: &Question) -> bool {
        self(question)
    }
}

/// What is asked of a bit that a target chooses.
pub(crate) fn choice(field: Field, bit: u32, text: &str) -> Rc<str> {
    format!("bit {bit} of the {} after {text}", field.name()).into()
}

/// What is asked of a target that is not understood.
pub(crate) fn ends(text: &str) -> Rc<str> {
    format!("`{text}` decides what becomes of the packet").into()
}

/// Shows what is asked, and the place.
impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)?;
        if let Some(place) = &self.place {
            let (last, _) = place
                .path
                .last()
                .map_or(("", 0), |(name, nth)| (&**name, *nth));
            write!(f, " (in {last}, number {})", place.nth + 1)?;
        }
        Ok(())
    }
}
