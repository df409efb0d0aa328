//! Parses rules by themselves.

use std::str::FromStr;

use super::{Reader, Rule, scope::LineScope};
use crate::Error;

impl<'a> Rule<'a> {
    /// Parses the words of a rule: what follows `-A CHAIN` on a line.
    ///
    /// The rule may be of either family and of any table.
    ///
    /// ```
    /// use iptables_save::{ErrorKind, Rule, RuleError};
    ///
    /// let rule = Rule::parse(b"-p tcp --dport 0x50 -s 10.0.0.1/8 -j ACCEPT")?;
    /// assert_eq!(rule.to_string(), "-s 10.0.0.0/8 -p tcp -m tcp --dport 80 -j ACCEPT");
    ///
    /// let error = Rule::parse(b"-p tcp --dport 70000").unwrap_err();
    /// assert!(matches!(error.kind, ErrorKind::Rule(RuleError::BadValue { .. })));
    /// assert_eq!(error.span.range(), 15..20);
    /// # Ok::<(), iptables_save::Error>(())
    /// ```
    ///
    /// # Errors
    /// What iptables-restore would refuse, and what is not for a rule but for its line:
    /// counters, a command, `-4` and `-6`. Places in errors count from the first byte of `words`.
    pub fn parse(words: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::default();
        reader.read_in(
            words,
            &LineScope {
                is_rule_alone: true,
                ..LineScope::default()
            },
        )?;
        Ok(reader.into_rule_line().rule)
    }
}

/// Parses the words of a rule, as [`Rule::parse`] does, and copies them.
///
/// ```
/// let rule: iptables_save::Rule = "-o eth0 -j MASQUERADE".parse()?;
/// assert_eq!(rule.to_string(), "-o eth0 -j MASQUERADE");
/// # Ok::<(), iptables_save::Error>(())
/// ```
impl FromStr for Rule<'static> {
    type Err = Error;

    fn from_str(words: &str) -> Result<Self, Error> {
        Rule::parse(words.as_bytes()).map(Rule::into_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, RuleError};

    #[test]
    fn a_rule_prints_as_it_was() {
        for rule in [
            "",
            "-j ACCEPT",
            "-s 2001:db8::/32 -m comment --comment \"a \\\"b\\\" c\" -g X",
            "! -i eth0 -m mark --mark 0x4000/0x4000 -j MARK --set-xmark 0x1/0xffffffff",
        ] {
            assert_eq!(rule.parse::<Rule<'_>>().unwrap().to_string(), rule);
        }
    }

    #[test]
    fn what_is_for_the_line_is_refused() {
        let refused = |words: &'static str| Rule::parse(words.as_bytes()).unwrap_err();
        for (words, option) in [
            ("-A X -j ACCEPT", "-A"),
            ("-j ACCEPT -I X", "-I"),
            ("-j ACCEPT -c 1 2", "-c"),
            ("-4 -j ACCEPT", "-4"),
            ("-j ACCEPT --ipv6", "-6"),
        ] {
            let kind = RuleError::OptionOutOfPlace { option };
            assert_eq!(refused(words).kind, kind.into(), "{words}");
        }
        let counters = refused("[1:2] -j ACCEPT");
        assert!(matches!(
            counters.kind,
            ErrorKind::Rule(RuleError::StrayWord { .. })
        ));
    }

    #[test]
    fn as_many_words_are_read_as_on_a_line() {
        let rule = |count: usize| "-v ".repeat(count);
        assert!(Rule::parse(rule(249).as_bytes()).is_ok());
        let error = Rule::parse(rule(250).as_bytes()).unwrap_err();
        assert_eq!(error.kind, RuleError::TooManyWords.into());
    }
}
