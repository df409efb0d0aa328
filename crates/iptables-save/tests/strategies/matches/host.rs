//! Matches that ask this host: its programs, its processes, its interfaces, its share.

use iptables_save::{Match, matches::*, value::*};
use proptest::{collection::vec, prelude::*};

use crate::strategies::values::*;

pub(super) fn all() -> Vec<BoxedStrategy<Match<'static>>> {
    vec![bpf(), cgroup(), cluster(), devgroup()]
}

fn bpf() -> BoxedStrategy<Match<'static>> {
    let instruction =
        any::<(u16, u8, u8, u32)>().prop_map(|(code, jump_true, jump_false, operand)| {
            BpfInstruction {
                code,
                jump_true,
                jump_false,
                operand,
            }
        });
    // All 64 instructions could make a longer word than is read.
    let program = vec(instruction, 1..=40).prop_map(|list| Bpf {
        bytecode: BpfProgram::new(list),
        object_pinned: None,
    });
    let pinned = name(511).prop_map(|path| Bpf {
        bytecode: None,
        object_pinned: Some(Unquoted(path)),
    });
    prop_oneof![program, pinned].prop_map(Match::Bpf).boxed()
}

fn cgroup() -> BoxedStrategy<Match<'static>> {
    (maybe(text(0..=511).prop_map(Quoted)), maybe(any::<u32>()))
        .prop_map(|(path, class)| Match::Cgroup(Cgroup { path, class }))
        .boxed()
}

/// With the masks that can be read back.
fn cluster() -> BoxedStrategy<Match<'static>> {
    (not(1..=32_u32), 0..=26_u32, any::<u32>())
        .prop_map(|(Invertible { inverted, value }, more, seed)| {
            let needed = 32 - value.leading_zeros();
            Match::Cluster(Cluster {
                local_nodemask: Some(Invertible {
                    inverted,
                    value: NodeMask(value),
                }),
                total_nodes: Required(Bounded::new(needed + more).unwrap()),
                hash_seed: Required(WideHex(seed)),
            })
        })
        .boxed()
}

fn devgroup() -> BoxedStrategy<Match<'static>> {
    let group = || {
        let group = prop_oneof![4 => mark().prop_map(DeviceGroup), 1 => Just(DeviceGroup::DEFAULT)];
        maybe(group)
    };
    (group(), group())
        .prop_filter("no group", |(src, dst)| src.or(*dst).is_some())
        .prop_map(|(src_group, dst_group)| {
            Match::Devgroup(Devgroup {
                src_group,
                dst_group,
            })
        })
        .boxed()
}
