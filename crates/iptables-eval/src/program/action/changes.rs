//! Targets that change a packet and let it go on.

use std::rc::Rc;

use iptables_save::{
    Target,
    targets::{Connmark, Ecn, Hl, Ttl},
    value::{Bounded, Hex, Xmark},
};

use super::{Change, Copied, Update};
use crate::{
    condition::Condition,
    field::{Field, state},
    program::matches::{CHANGEABLE, is_tracked},
};

/// What a target changes, if it is one that only does that.
pub(super) fn changes(target: &Target<'_>, text: &Rc<str>) -> Option<Vec<Change>> {
    Some(match target {
        Target::Mark(mark) => {
            let Xmark { value, mask } = mark.set_xmark.0;
            vec![always(Field::Mark, Update::xmark(mask, value))]
        }
        Target::Connmark(connmark) => of_connmark(connmark),
        Target::Tos(tos) => {
            let (mask, value) = (tos.set_tos.0.mask.into(), tos.set_tos.0.value.into());
            vec![always(Field::Tos, Update::xmark(mask, value))]
        }
        Target::Dscp(dscp) => {
            let value = u32::from(dscp.set_dscp.0.get()) << 2;
            vec![always(Field::Tos, Update::xmark(0xfc, value))]
        }
        Target::Ttl(Ttl {
            ttl_set,
            ttl_dec,
            ttl_inc,
        }) => of_lifetime(*ttl_set, *ttl_dec, *ttl_inc),
        Target::Hl(Hl {
            hl_set,
            hl_dec,
            hl_inc,
        }) => of_lifetime(*hl_set, *hl_dec, *hl_inc),
        Target::Ecn(ecn) => of_ecn(ecn),
        Target::Hmark(_) => vec![always(Field::Mark, chosen(Field::Mark, text))],
        _ => return None,
    })
}

const fn always(field: Field, update: Update) -> Change {
    Change {
        field,
        update,
        condition: Condition::Always,
    }
}

/// Any value, which a target computes in a way of its own.
fn chosen(field: Field, text: &Rc<str>) -> Update {
    Update::Choose {
        first: 0,
        last: field.greatest(iptables_save::Family::V6),
        text: Rc::clone(text),
    }
}

/// Every field, as a target may leave it that is not understood.
pub(crate) fn anything(text: &Rc<str>) -> impl Iterator<Item = Change> {
    changeable().map(|field| always(field, chosen(field, text)))
}

/// The fields that rules of one chain can change.
pub(crate) fn changeable() -> impl Iterator<Item = Field> {
    let kinds = [Field::SourceKind, Field::DestinationKind];
    CHANGEABLE
        .iter()
        .copied()
        .chain(kinds)
        .filter(|field| *field != Field::Dnat)
}

/// Kernel `connmark_tg_shift`.
fn of_connmark(connmark: &Connmark) -> Vec<Change> {
    let shift = match (connmark.left_shift_mark, connmark.right_shift_mark) {
        (Some(left), _) => left.get().cast_signed(),
        (None, Some(right)) => -right.get().cast_signed(),
        (None, None) => 0,
    };
    let mask = |mask: Option<Hex>| u128::from(mask.map_or(u32::MAX, |Hex(mask)| mask));
    let (nfmask, ctmask) = (mask(connmark.nfmask), mask(connmark.ctmask));
    let copy = |from: Field, bits: u128, cleared: u128| Update::Rewrite {
        keep: !cleared,
        flip: 0,
        copied: Some(Copied {
            field: from,
            mask: bits,
            shift,
        }),
        shift: 0,
    };
    let (field, update) = match connmark.set_xmark {
        Some(Xmark { value, mask }) => {
            let update = Update::Rewrite {
                keep: !u128::from(mask),
                flip: value.into(),
                copied: None,
                shift,
            };
            (Field::Connmark, update)
        }
        None if connmark.save_mark => (Field::Connmark, copy(Field::Mark, nfmask, ctmask)),
        None => (Field::Mark, copy(Field::Connmark, ctmask, nfmask)),
    };
    // Without an entry of conntrack it does nothing.
    vec![Change {
        field,
        update,
        condition: is_tracked(),
    }]
}

fn of_lifetime(
    set: Option<u8>,
    less: Option<Bounded<1, 255>>,
    more: Option<Bounded<1, 255>>,
) -> Vec<Change> {
    let set = set.map(|set| Update::set(set.into()));
    let less = less.map(|less| Update::Add(-less.get().cast_signed()));
    let more = more.map(|more| Update::Add(more.get().cast_signed()));
    let update = set.or(less).or(more);
    update
        .map(|update| always(Field::Ttl, update))
        .into_iter()
        .collect()
}

fn of_ecn(ecn: &Ecn) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Some(bits) = ecn.ecn_ip_ect {
        changes.push(always(Field::Tos, Update::xmark(3, bits.get())));
    }
    let remove = if ecn.ecn_tcp_remove {
        Bounded::new(0)
    } else {
        None
    };
    for (bit, value) in [(0x40, ecn.ecn_tcp_ece), (0x80, ecn.ecn_tcp_cwr)] {
        if let Some(value) = value.or(remove) {
            changes.push(always(
                Field::TcpFlags,
                Update::xmark(bit, bit * value.get()),
            ));
        }
    }
    changes
}

/// What `-j CT` and `-j NOTRACK` make of the state that rules of raw see: of several the
/// first counts (kernel `xt_ct_target`).
pub(super) fn of_ct(notrack: bool) -> Vec<Change> {
    let state = if notrack {
        state::UNTRACKED
    } else {
        state::NEW
    };
    vec![Change {
        field: Field::State,
        update: Update::set(state),
        condition: Condition::is(Field::State, state::INVALID),
    }]
}
