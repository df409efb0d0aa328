//! flannel's `subnet.env`.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

/// The variables that hold the cluster's pod networks. `FLANNEL_SUBNET` is this node's
/// part of them only.
const VARIABLES: [&str; 2] = ["FLANNEL_NETWORK", "FLANNEL_IPV6_NETWORK"];

/// More than flannel ever writes, and little enough to read from anything.
const LONGEST: u64 = 64 * 1024;

/// Reads the file: the variables that are there, each with its value.
pub(crate) fn read(path: &Path) -> io::Result<Vec<(&'static str, String)>> {
    let mut text = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    Ok(VARIABLES
        .into_iter()
        .filter_map(|name| Some((name, value(&text, name)?.to_owned())))
        .collect())
}

/// The value of a variable; the last one where there are several, as a shell has it.
fn value<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let assignment = |line: &'t str| line.trim().strip_prefix(name)?.strip_prefix('=');
    let value = text.lines().rev().find_map(assignment)?;
    let unquoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let value = unquoted('"').or_else(|| unquoted('\'')).unwrap_or(value);
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_whole_name() {
        let text = "FLANNEL_IPV6_NETWORK=fd00:5::/48\nFLANNEL_NETWORK=172.5.0.0/16,172.6.0.0/16\n\
                    FLANNEL_SUBNET=172.5.138.1/24\n";
        let read = |name| value(text, name);
        assert_eq!(read("FLANNEL_NETWORK"), Some("172.5.0.0/16,172.6.0.0/16"));
        assert_eq!(read("FLANNEL_IPV6_NETWORK"), Some("fd00:5::/48"));
        assert_eq!(read("FLANNEL"), None);
    }

    #[test]
    fn quotes_and_empty_values() {
        assert_eq!(value("A='x'\r\n", "A"), Some("x"));
        assert_eq!(value("A=\"x\"", "A"), Some("x"));
        assert_eq!(value("A=x\nA=y", "A"), Some("y"));
        assert_eq!(value("A=", "A"), None);
    }
}
