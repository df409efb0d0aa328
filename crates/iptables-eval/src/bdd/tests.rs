//! Sets against truth tables.

use super::*;
use proptest::prelude::*;

/// A formula over eight variables.
#[derive(Clone, Debug)]
enum Formula {
    Variable(u32),
    Not(Box<Formula>),
    Choose(Box<(Formula, Formula, Formula)>),
    And(Box<(Formula, Formula)>),
    Xor(Box<(Formula, Formula)>),
}

fn contains(bdd: &Bdd, mut set: Set, values: u8) -> bool {
    while let Some((variable, low, high)) = bdd.top(set) {
        set = if values >> variable & 1 == 1 {
            high
        } else {
            low
        };
    }
    set == Set::ALL
}

fn formulas() -> impl Strategy<Value = Formula> {
    (0..8u32)
        .prop_map(Formula::Variable)
        .prop_recursive(6, 64, 3, |inner| {
            let two = (inner.clone(), inner.clone());
            let three = (inner.clone(), inner.clone(), inner.clone());
            prop_oneof![
                inner.prop_map(|one| Formula::Not(Box::new(one))),
                two.clone().prop_map(|two| Formula::And(Box::new(two))),
                two.prop_map(|two| Formula::Xor(Box::new(two))),
                three.prop_map(|three| Formula::Choose(Box::new(three))),
            ]
        })
}

impl Formula {
    fn value(&self, values: u8) -> bool {
        match self {
            Self::Variable(nth) => values >> nth & 1 == 1,
            Self::Not(one) => !one.value(values),
            Self::And(two) => two.0.value(values) && two.1.value(values),
            Self::Xor(two) => two.0.value(values) != two.1.value(values),
            Self::Choose(three) => {
                if three.0.value(values) {
                    three.1.value(values)
                } else {
                    three.2.value(values)
                }
            }
        }
    }

    fn set(&self, bdd: &mut Bdd) -> Set {
        match self {
            Self::Variable(nth) => bdd.variable(*nth),
            Self::Not(one) => !one.set(bdd),
            Self::And(two) => {
                let (a, b) = (two.0.set(bdd), two.1.set(bdd));
                bdd.and(a, b)
            }
            Self::Xor(two) => {
                let (a, b) = (two.0.set(bdd), two.1.set(bdd));
                bdd.xor(a, b)
            }
            Self::Choose(three) => {
                let sets = [&three.0, &three.1, &three.2].map(|one| one.set(bdd));
                bdd.choose(sets[0], sets[1], sets[2])
            }
        }
    }
}

proptest! {
    #[test]
    fn sets_are_their_truth_tables(formulas in proptest::collection::vec(formulas(), 1..5)) {
        let mut bdd = Bdd::new(1 << 20);
        let mut tables = std::collections::HashMap::new();
        for formula in &formulas {
            let set = formula.set(&mut bdd);
            let table: Vec<bool> = (0..=255).map(|values| formula.value(values)).collect();
            for (values, expected) in (0..=255u8).zip(&table) {
                prop_assert_eq!(contains(&bdd, set, values), *expected);
            }
            if let Some(example) = bdd.example(set) {
                let values = example.iter().map(|(nth, value)| u8::from(*value) << nth).sum();
                prop_assert!(formula.value(values));
            }
            prop_assert_eq!(set.is_none(), table.iter().all(|value| !value));
            // The same table, the same set.
            prop_assert_eq!(*tables.entry(table).or_insert(set), set);
        }
    }

    #[test]
    fn forgetting_a_variable_allows_both_values(formula in formulas(), nth in 0..8u32) {
        let mut bdd = Bdd::new(1 << 20);
        let set = formula.set(&mut bdd);
        let forgotten = bdd.forget(set, &|variable| variable == nth);
        for values in 0..=255u8 {
            let either = formula.value(values) || formula.value(values ^ 1 << nth);
            prop_assert_eq!(contains(&bdd, forgotten, values), either);
        }
    }
}

#[test]
fn a_budget_is_kept() {
    let mut bdd = Bdd::new(100);
    let mut same = Set::ALL;
    // Whether two numbers of 32 bits are the same, in an order that takes 2^32 nodes.
    for bit in 0..32 {
        let (a, b) = (bdd.variable(bit), bdd.variable(bit + 32));
        let differ = bdd.xor(a, b);
        same = bdd.minus(same, differ);
    }
    assert!(bdd.is_exhausted());
    assert!(bdd.node_count() <= 100);
}
