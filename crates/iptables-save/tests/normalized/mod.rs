//! Rules that were built compare and print as those that were read.

use iptables_save::{
    Command, Family, Match, Reader, Rule, RuleLine, Target, matches::*, targets::*, value::*,
};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::strategies::{config, rules};

/// Calls `check` with many rules of each extension.
fn for_rules(check: impl Fn(Family, Rule<'static>) -> Result<(), TestCaseError>) {
    for family in [Family::V4, Family::V6] {
        let (with_match, with_target) = rules::with_one(family);
        for strategy in with_match.into_iter().chain(with_target) {
            let mut runner = TestRunner::new(config(100));
            let found = runner.run(&strategy, |rule| check(family, rule));
            found.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[test]
fn what_was_read_is_valid_and_normal() {
    for_rules(|family, rule| {
        let read = read(family, &rule);
        prop_assert_eq!(
            read.validate(family).map_err(|kind| kind.to_string()),
            Ok(()),
            "{}",
            read
        );
        let mut normal = read.clone();
        normal.normalize(family);
        prop_assert_eq!(normal, read);
        Ok(())
    });
}

#[test]
fn without_defaults_a_rule_normalizes_to_what_is_read_back() {
    for_rules(|family, rule| {
        let mut bare = rule.clone();
        bare.matches
            .iter_mut()
            .for_each(|one| strip_match(one, family));
        if let Some(target) = &mut bare.target {
            strip_target(target, family);
        }
        prop_assert_eq!(
            bare.validate(family).map_err(|kind| kind.to_string()),
            Ok(()),
            "{}",
            bare
        );
        bare.normalize(family);
        prop_assert_eq!(&bare, &rule);
        prop_assert_eq!(bare, read(family, &rule));
        Ok(())
    });
}

#[test]
fn an_owned_rule_line_is_the_same() {
    let mut runner = TestRunner::new(config(600));
    let found = runner.run(&rules::rule_line(), |(family, rule_line)| {
        let printed = rule_line.to_bytes();
        let owned: RuleLine<'static> = {
            let mut reader = Reader::default();
            let line = printed.clone();
            reader
                .read_line(&line, Some(family))
                .unwrap()
                .clone()
                .into_owned()
        };
        prop_assert_eq!(&owned, &rule_line);
        prop_assert_eq!(owned.to_bytes(), printed);
        Ok(())
    });
    found.unwrap_or_else(|error| panic!("{error}"));
}

/// Reads back what is printed for a rule.
fn read(family: Family, rule: &Rule<'_>) -> Rule<'static> {
    let rule_line = RuleLine {
        command: Command::Append {
            chain: b"chain".as_slice().into(),
        },
        rule: rule.clone(),
        ..RuleLine::default()
    };
    let line = rule_line.to_bytes();
    let mut reader = Reader::default();
    let read = reader.read_line(&line, Some(family)).unwrap();
    read.rule.clone().into_owned()
}

/// Removes the defaults that iptables-save prints.
fn strip_match(one: &mut Match<'_>, family: Family) {
    match one {
        Match::Connlimit(connlimit) => {
            let full = PrefixLength::full(family);
            connlimit.mask = connlimit.mask.filter(|mask| *mask != full);
            connlimit.saddr = false;
        }
        Match::Ipcomp(ipcomp) => {
            ipcomp.ipcompspi = ipcomp.ipcompspi.filter(|spi| *spi != Invertible::default());
        }
        Match::Limit(limit) => limit.limit = limit.limit.filter(|rate| *rate != Rate::default()),
        Match::Policy(policy) => {
            policy.pol = policy.pol.filter(|kind| *kind != PolicyKind::Ipsec);
            if policy.elements == [PolicyElement::default()] {
                policy.elements.clear();
            }
        }
        Match::Recent(recent) => {
            recent.name = recent.name.take().filter(|name| *name.0 != *b"DEFAULT");
            recent.rsource = false;
        }
        Match::Time(time) => {
            if time.timestop.is_some_and(|stop| stop.seconds() == 86_399) {
                time.timestop = None;
            }
            time.datestop = time.datestop.filter(|date| date.0 != i32::MAX as u32);
        }
        _ => {}
    }
}

fn strip_target(target: &mut Target<'_>, family: Family) {
    match target {
        Target::Clusterip(clusterip) => {
            clusterip.hash_init = clusterip.hash_init.filter(|init| *init != 0);
        }
        Target::Connmark(connmark) => {
            connmark.nfmask = connmark.nfmask.filter(|mask| mask.0 != u32::MAX);
            connmark.ctmask = connmark.ctmask.filter(|mask| mask.0 != u32::MAX);
        }
        Target::Nfqueue(nfqueue) => nfqueue.queue_num = nfqueue.queue_num.filter(|num| *num != 0),
        Target::Reject(reject) => {
            let default = match family {
                Family::V4 => RejectWith::PortUnreachable,
                Family::V6 => RejectWith::PortUnreachable6,
            };
            reject.reject_with = reject.reject_with.filter(|with| *with != default);
        }
        Target::Tproxy(tproxy) => {
            tproxy.on_ip = tproxy.on_ip.filter(|ip| !ip.0.is_unspecified());
            let none = Xmark { value: 0, mask: 0 };
            tproxy.tproxy_mark = tproxy.tproxy_mark.filter(|mark| *mark != none);
        }
        _ => {}
    }
}

/// The options that a description requires, excludes and needs are checked without any input text.
#[test]
fn a_built_rule_is_judged_by_its_description() {
    let said = |rule: Rule<'_>, family| rule.validate(family).map_err(|kind| kind.to_string());
    let with = |one| Rule {
        matches: vec![one],
        ..Rule::default()
    };
    let to = |target| Rule {
        target: Some(target),
        ..Rule::default()
    };
    let ttl = || Ttl {
        ttl_eq: Some(Invertible::is(1)),
        ttl_lt: Some(2),
        ttl_gt: None,
    };
    use iptables_save::matches::Ttl;
    let cases = [
        (
            said(with(Match::Ttl(Ttl::default())), Family::V4),
            Some("`ttl` needs one of `--ttl-eq`, `--ttl-lt`, `--ttl-gt`"),
        ),
        (said(with(Match::Ttl(ttl())), Family::V4), None),
        (said(with(Match::Eui64(Eui64::default())), Family::V4), None),
        (
            said(with(Match::Eui64(Eui64::default())), Family::V6),
            Some(""),
        ),
        (
            said(to(Target::Reject(Reject::default())), Family::V6),
            Some(""),
        ),
    ];
    for (nth, (said, expected)) in cases.into_iter().enumerate() {
        match expected {
            Some("") => assert_eq!(said, Ok(()), "{nth}"),
            Some(text) => assert_eq!(said, Err(text.to_owned()), "{nth}"),
            None => assert!(said.is_err(), "{nth}"),
        }
    }
}
