//! Conditions on packets: what the tests of a rule ask, and what callers ask about.

use std::rc::Rc;

use ipnetwork::IpNetwork;
use iptables_save::value::Address;

use crate::field::{Field, Packet, number};

/// A condition on packets.
///
/// Callers describe with it the packets that they ask about; a rule's tests are one, too.
///
/// ```
/// use iptables_eval::{Condition, Field, Packet, number};
/// use iptables_save::Family;
///
/// let pods = "172.5.0.0/16".parse().unwrap();
/// let between_pods = Condition::all([
///     Condition::network(Field::Source, pods),
///     Condition::network(Field::Destination, pods),
/// ]);
/// let packet = Packet::new(Family::V4).with(Field::Source, number("172.5.1.1".parse().unwrap()));
/// assert_eq!(between_pods.contains(&packet), Some(false));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Every packet.
    Always,
    /// The bits of a field under a mask are these.
    Masked {
        /// The field.
        field: Field,
        /// The bits that are looked at.
        mask: u128,
        /// What they are. A bit outside the mask is never found set.
        value: u128,
    },
    /// A field is one of a range of numbers, both ends included.
    Range {
        /// The field.
        field: Field,
        /// The lowest.
        first: u128,
        /// The highest. No number is in the range when it is less than the lowest.
        last: u128,
    },
    /// An interface has a name, or one that begins so.
    Interface(InterfaceTest),
    /// Something that neither the packet nor the ruleset says.
    Unknown(Unknown),
    /// The condition does not hold.
    Not(Box<Self>),
    /// All of these hold.
    All(Vec<Self>),
    /// One of these holds at least.
    Any(Vec<Self>),
}

/// A condition on the name of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InterfaceTest {
    /// Whether the outgoing interface is meant, not the incoming one.
    pub is_out: bool,
    /// The name.
    pub name: Vec<u8>,
    /// Whether names that only begin so match, too.
    pub is_prefix: bool,
}

/// A question that the host or its memory answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The match as iptables-save prints it, without `!`.
    pub text: Rc<str>,
    /// What the answer depends on.
    pub asks: Asks,
}

/// What the answer to a question depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The packet alone, as far as these fields say, and the host: the same rule words get
    /// the same answer.
    Packet(&'static [Field]),
    /// The packet and what sets hold, which `-j SET` may change.
    Sets(&'static [Field]),
    /// What the rule remembers of packets before. The number counts the rules of the chain
    /// with the same words.
    Memory(u32),
}

impl InterfaceTest {
    /// Whether a name passes. No interface has the empty name.
    #[must_use]
    pub fn is_passed_by(&self, name: &[u8]) -> bool {
        if self.is_prefix {
            name.starts_with(&self.name)
        } else {
            name == self.name
        }
    }
}

impl Condition {
    /// No packet.
    #[must_use]
    pub fn never() -> Self {
        Self::Not(Box::new(Self::Always))
    }

    /// A field has a value.
    #[must_use]
    pub const fn is(field: Field, value: u128) -> Self {
        Self::Range {
            field,
            first: value,
            last: value,
        }
    }

    /// An address is in a network.
    #[must_use]
    pub fn network(field: Field, network: IpNetwork) -> Self {
        Self::address(field, network.into())
    }

    /// An address is in a network, or equal under a mask with gaps.
    #[must_use]
    pub fn address(field: Field, address: Address) -> Self {
        let (value, mask) = match address {
            Address::Network(network) => (network.network(), network.mask()),
            Address::Masked(masked) => (masked.address(), masked.mask()),
        };
        let mask = number(mask);
        Self::Masked {
            field,
            mask,
            value: number(value) & mask,
        }
    }

    /// An interface has a name. A `+` at the end represents any ending.
    #[must_use]
    pub fn interface(is_out: bool, name: &[u8]) -> Self {
        let (name, is_prefix) = match name.strip_suffix(b"+") {
            Some(prefix) => (prefix, true),
            None => (name, false),
        };
        Self::Interface(InterfaceTest {
            is_out,
            name: name.to_vec(),
            is_prefix,
        })
    }

    /// The bit of a field's value is among these, for a field of a few values.
    #[must_use]
    pub fn one_of(field: Field, bits: u32) -> Self {
        let set = (0..32).filter(|bit| bits >> bit & 1 == 1);
        Self::any(set.map(|value| Self::is(field, value)))
    }

    /// All of these hold.
    #[must_use]
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut all: Vec<Self> = conditions.into_iter().collect();
        all.retain(|one| *one != Self::Always);
        match all.len() {
            0 => Self::Always,
            1 => all.remove(0),
            _ => Self::All(all),
        }
    }

    /// One of these holds at least.
    #[must_use]
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut any: Vec<Self> = conditions.into_iter().collect();
        match any.len() {
            1 => any.remove(0),
            _ => Self::Any(any),
        }
    }

    /// The condition turned around where a `!` is given.
    #[must_use]
    pub fn inverted(self, inverted: bool) -> Self {
        match (inverted, self) {
            (false, condition) => condition,
            (true, Self::Not(condition)) => *condition,
            (true, condition) => Self::Not(Box::new(condition)),
        }
    }

    /// Whether a packet fulfils the condition; `None` when that depends on something
    /// unknown.
    #[must_use]
    pub fn contains(&self, packet: &Packet) -> Option<bool> {
        let mut is_known = true;
        let answer = self.holds(packet, &mut |_, _| {
            is_known = false;
            false
        });
        is_known.then_some(answer)
    }

    /// Whether a packet fulfils the condition, with answers to what is unknown.
    pub(crate) fn holds(
        &self,
        packet: &Packet,
        answer: &mut dyn FnMut(&Unknown, &Packet) -> bool,
    ) -> bool {
        match self {
            Self::Always => true,
            Self::Masked { field, mask, value } => packet.get(*field) & mask == *value,
            Self::Range { field, first, last } => (*first..=*last).contains(&packet.get(*field)),
            Self::Interface(test) => test.is_passed_by(if test.is_out {
                &packet.out_interface
            } else {
                &packet.in_interface
            }),
            Self::Unknown(unknown) => answer(unknown, packet),
            Self::Not(condition) => !condition.holds(packet, answer),
            Self::All(all) => all.iter().all(|one| one.holds(packet, answer)),
            Self::Any(any) => any.iter().any(|one| one.holds(packet, answer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use iptables_save::Family;

    use super::*;

    #[test]
    fn interfaces_are_compared_by_name_or_beginning() {
        let mut packet = Packet::new(Family::V4);
        packet.out_interface = b"eth0".to_vec();
        let holds =
            |is_out, name: &str| Condition::interface(is_out, name.as_bytes()).contains(&packet);
        assert_eq!(holds(true, "eth0"), Some(true));
        assert_eq!(holds(true, "eth+"), Some(true));
        assert_eq!(holds(true, "eth"), Some(false));
        assert_eq!(holds(false, "eth0"), Some(false));
        // The kernel compares no byte.
        assert_eq!(holds(false, "+"), Some(true));
    }

    #[test]
    fn a_mask_may_have_gaps() {
        let address = Address::new("10.0.12.0".parse().unwrap(), "255.0.255.0".parse().unwrap());
        let condition = Condition::address(Field::Source, address.unwrap());
        let from =
            |text: &str| Packet::new(Family::V4).with(Field::Source, number(text.parse().unwrap()));
        assert_eq!(condition.contains(&from("10.77.12.9")), Some(true));
        assert_eq!(condition.contains(&from("10.77.13.9")), Some(false));
    }

    #[test]
    fn what_is_unknown_is_not_decided() {
        let unknown = Condition::Unknown(Unknown {
            text: "-m cpu --cpu 1".into(),
            asks: Asks::Packet(&[]),
        });
        let packet = Packet::new(Family::V4);
        assert_eq!(unknown.contains(&packet), None);
        assert_eq!(
            Condition::all([Condition::never(), unknown]).contains(&packet),
            Some(false)
        );
    }
}
