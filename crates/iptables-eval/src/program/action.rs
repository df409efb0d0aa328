//! What a rule does with a packet that it matches.

use std::rc::Rc;

use iptables_save::{
    Chain, Style, Target, Writer,
    value::{NatRange, ToPorts},
};

use crate::{
    condition::Condition,
    field::{Field, number},
};

pub(crate) use self::changes::{anything, changeable};
use self::changes::{changes, of_ct};

mod changes;

/// How a chain ends for a packet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum End {
    /// The packet goes on: `ACCEPT`, the policy of that name, or the end of a chain of nat.
    Accept,
    /// It is discarded.
    Drop,
    /// It is discarded and an error is sent: the target as iptables-save prints it.
    Reject(Rc<str>),
    /// Its connection is translated.
    Translate(Rc<Nat>),
    /// Another target decides what becomes of it, or one that is not understood.
    Other(Rc<str>),
    /// A chain that is the same in both rulesets decides, and does not come back. Only
    /// within a comparison.
    AsChain(Rc<str>),
}

/// A target that translates addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nat {
    /// The target as iptables-save prints it.
    pub text: Rc<str>,
    /// What it does.
    pub kind: NatKind,
    /// The first and the last of the addresses to choose from. `None` where the target
    /// names none.
    pub addresses: Option<(u128, u128)>,
    /// The first and the last of the ports to choose from.
    pub ports: Option<(u16, u16)>,
}

/// How addresses are translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NatKind {
    /// `SNAT`: the source becomes one of the addresses.
    Source,
    /// `MASQUERADE`: the source becomes an address of the outgoing interface.
    Masquerade,
    /// `DNAT`: the destination becomes one of the addresses.
    Destination,
    /// `REDIRECT`: the destination becomes this host.
    Redirect,
    /// `NETMAP`: the network part becomes that of the first address, as far as the mask
    /// goes; of the destination before routing, of the source after it.
    Netmap {
        /// The bits that are put in.
        mask: u128,
    },
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action<'r> {
    /// Nothing: the next rule is asked.
    Continue,
    End(End),
    Return,
    /// The chain, and how many rules of this one went there before.
    Jump {
        chain: Chain<'r>,
        nth: u32,
        is_goto: bool,
    },
    /// Fields change, and the next rule is asked.
    Change(Vec<Change>),
    /// The same, with an effect that no rule sees.
    ChangeAndEffect(Vec<Change>, Rc<str>),
    /// Something that no rule sees: the target as iptables-save prints it.
    Effect(Rc<str>),
    /// The same, and what sets hold changes.
    SetEffect(Rc<str>),
    /// A target that is not understood: it ends the chain or not, and may change the packet.
    Unknown(Rc<str>),
}

/// A field changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) field: Field,
    pub(crate) update: Update,
    /// For which packets.
    pub(crate) condition: Condition,
}

/// What a field becomes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Update {
    /// The kept bits of its value, exclusive or `flip`, exclusive or bits of another field;
    /// then shifted left, or right where the number is negative.
    Rewrite {
        keep: u128,
        flip: u128,
        copied: Option<Copied>,
        shift: i32,
    },
    /// A number more or less, from 0 to the greatest there is.
    Add(i32),
    /// A number from one to another that something else chooses.
    Choose {
        first: u128,
        last: u128,
        text: Rc<str>,
    },
}

/// Bits that are taken from another field, shifted left or, where negative, right.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Copied {
    pub(crate) field: Field,
    pub(crate) mask: u128,
    pub(crate) shift: i32,
}

impl Update {
    pub(crate) const fn set(value: u128) -> Self {
        Self::Rewrite {
            keep: 0,
            flip: value,
            copied: None,
            shift: 0,
        }
    }

    pub(crate) const fn copy(field: Field) -> Self {
        Self::Rewrite {
            keep: 0,
            flip: 0,
            copied: Some(Copied {
                field,
                mask: u128::MAX,
                shift: 0,
            }),
            shift: 0,
        }
    }

    /// Clears bits and flips others, as `--set-xmark` and `--set-tos` do.
    const fn xmark(mask: u32, value: u32) -> Self {
        Self::Rewrite {
            keep: !(mask as u128),
            flip: value as u128,
            copied: None,
            shift: 0,
        }
    }
}

impl End {
    /// The target as iptables-save prints it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Drop => "DROP",
            Self::Reject(text) | Self::Other(text) | Self::AsChain(text) => text,
            Self::Translate(nat) => &nat.text,
        }
    }

    /// Whether the packet itself goes on from here, as far as the ruleset says.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        !matches!(self, Self::Drop | Self::Reject(_))
    }
}

/// The action of a target. `jump` finds the chain of a name, and how many rules went there
/// before.
pub(super) fn action<'r>(
    target: &Target<'_>,
    jump: impl FnOnce(&[u8]) -> Option<(Chain<'r>, u32)>,
) -> Action<'r> {
    let text = text_of(target);
    match target {
        Target::Accept => Action::End(End::Accept),
        Target::Drop => Action::End(End::Drop),
        Target::Return => Action::Return,
        Target::Jump(name) | Target::Goto(name) => match jump(name) {
            Some((chain, nth)) => Action::Jump {
                chain,
                nth,
                is_goto: matches!(target, Target::Goto(_)),
            },
            None => Action::Unknown(text),
        },
        Target::Reject(_) => Action::End(End::Reject(text)),
        Target::Queue | Target::Nfqueue(_) | Target::Synproxy(_) | Target::Tproxy(_) => {
            Action::End(End::Other(text))
        }
        Target::Snat(snat) => translate(text, NatKind::Source, Some(snat.to_source.0), None),
        Target::Dnat(dnat) => translate(
            text,
            NatKind::Destination,
            Some(dnat.to_destination.0),
            None,
        ),
        Target::Masquerade(to) => translate(text, NatKind::Masquerade, None, to.to_ports),
        Target::Redirect(to) => translate(text, NatKind::Redirect, None, to.to_ports),
        Target::Netmap(netmap) => {
            let network = netmap.to.0.0.0;
            let address = number(network.network());
            Action::End(End::Translate(Rc::new(Nat {
                text,
                kind: NatKind::Netmap {
                    mask: number(network.mask()),
                },
                addresses: Some((address, address)),
                ports: None,
            })))
        }
        Target::Set(_) => Action::SetEffect(text),
        Target::Audit(_)
        | Target::Checksum(_)
        | Target::Classify(_)
        | Target::Connsecmark(_)
        | Target::Idletimer(_)
        | Target::Led(_)
        | Target::Log(_)
        | Target::Nflog(_)
        | Target::Rateest(_)
        | Target::Secmark(_)
        | Target::Tcpmss(_)
        | Target::Tcpoptstrip(_)
        | Target::Tee(_)
        | Target::Trace(_)
        | Target::Ulog(_) => Action::Effect(text),
        Target::Ct(ct) => Action::ChangeAndEffect(of_ct(ct.notrack), text),
        Target::Notrack(_) => Action::Change(of_ct(true)),
        _ => match changes(target, &text) {
            Some(changes) => Action::Change(changes),
            None => Action::Unknown(text),
        },
    }
}

fn translate<'r>(
    text: Rc<str>,
    kind: NatKind,
    to: Option<NatRange>,
    ports: Option<ToPorts>,
) -> Action<'r> {
    let addresses = to.and_then(|to| to.addresses);
    let ports = ports.map(|ports| (ports.first, ports.last));
    Action::End(End::Translate(Rc::new(Nat {
        text,
        kind,
        addresses: addresses.map(|(first, last)| (number(first.0), number(last.0))),
        ports: to.and_then(|to| to.ports).or(ports),
    })))
}

/// The target as iptables-save prints it, without `-j`.
fn text_of(target: &Target<'_>) -> Rc<str> {
    let mut out = Vec::new();
    target.write(&mut Writer::new(&mut out, Style::default()));
    let text = String::from_utf8_lossy(&out);
    text.strip_prefix("-j ").unwrap_or(&text).into()
}
