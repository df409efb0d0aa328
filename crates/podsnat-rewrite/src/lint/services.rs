//! The addresses of services, as kube-proxy's rules show them.

use std::net::Ipv6Addr;

use ipnetwork::IpNetwork;
use iptables_save::{Family, LineId, Ruleset};
use memchr::memmem::Finder;

use crate::ranges::{Ranges, number};

/// What the chain KUBE-SERVICES says.
#[derive(Debug, Default)]
pub(super) struct Services {
    /// The smallest network with the addresses of all services.
    pub(super) network: Option<IpNetwork>,
    /// The first rule whose service has an address of the pod networks.
    pub(super) among_pods: Option<LineId>,
}

/// A shorter prefix is not that of a service network.
const LEAST_PREFIX: u8 = 8;

impl Services {
    /// Looks at the destinations without parsing the rules: there may be many thousands.
    pub(super) fn new(ruleset: &Ruleset<'_>, pods: &[IpNetwork], family: Family) -> Self {
        let nat = ruleset.table(b"nat");
        let Some(chain) = nat.and_then(|nat| nat.chain(b"KUBE-SERVICES")) else {
            return Self::default();
        };
        let pods = Ranges::from_networks(pods);
        let (option, comment) = (Finder::new(b" -d "), Finder::new(b"cluster IP"));
        let document = ruleset.document();
        let mut services = Self::default();
        let mut ends: Option<(u128, u128)> = None;
        for line in chain.unordered_lines() {
            let bytes = document.line(line).bytes;
            let rest = match bytes.strip_prefix(b"-A KUBE-SERVICES -d ") {
                Some(rest) => Some(rest),
                None => option.find(bytes).map(|at| &bytes[at + 4..]),
            };
            let Some(address) = rest.and_then(|rest| address(rest, family)) else {
                continue;
            };
            // Most add nothing, and need no second look.
            let is_among_pods = services.among_pods.is_none() && pods.contains(address);
            let is_between = ends.is_some_and(|(first, last)| (first..=last).contains(&address));
            if is_between && !is_among_pods || comment.find(bytes).is_none() {
                continue;
            }
            if is_among_pods {
                services.among_pods = Some(line);
            }
            let (first, last) = ends.unwrap_or((address, address));
            ends = Some((first.min(address), last.max(address)));
        }
        services.network = ends.and_then(|(first, last)| covering(first, last, family));
        services
    }
}

/// Parses the address at the beginning of a line's rest.
fn address(rest: &[u8], family: Family) -> Option<u128> {
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b' '))?;
    let text = &rest[..end];
    match family {
        Family::V4 => {
            let mut parts = text.split(|byte| *byte == b'.');
            let number = (0..4).try_fold(0_u32, |number, _| {
                let part = parts.next()?;
                let part = part.iter().try_fold(0_u32, |part, digit| {
                    let digit = digit.is_ascii_digit().then(|| u32::from(digit - b'0'))?;
                    Some(part * 10 + digit).filter(|part| *part < 256)
                });
                Some(number << 8 | part?)
            })?;
            parts.next().is_none().then_some(number.into())
        }
        Family::V6 => {
            let address: Ipv6Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
            Some(number(address.into()))
        }
    }
}

/// Returns the smallest network with two addresses in it.
fn covering(first: u128, last: u128, family: Family) -> Option<IpNetwork> {
    let different = u8::try_from(128 - (first ^ last).leading_zeros()).ok()?;
    let width = match family {
        Family::V4 => 32,
        Family::V6 => 128,
    };
    let prefix = width - different.min(width);
    let network = IpNetwork::new(iptables_eval::address(first, family), prefix).ok()?;
    let masked = IpNetwork::new(network.network(), prefix).ok()?;
    (prefix >= LEAST_PREFIX).then_some(masked)
}
