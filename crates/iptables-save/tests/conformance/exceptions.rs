//! Where the crate's answer should differ from a line of the test files.
//!
//! `kernel.tsv` lists lines that only a kernel or a back end refuses or cuts, `ipv6.tsv` how `ip6tables` treats
//! lines that are written for IPv4. Each has its reason.

use iptables_save::Family;

const TABLES: [&str; 2] = [include_str!("kernel.tsv"), include_str!("ipv6.tsv")];

/// The answer instead.
#[derive(Clone)]
pub(crate) enum Instead {
    /// The rule is taken.
    Taken,
    /// The rule is refused.
    Refused,
    /// The first text is expected to be the second.
    Printed(String, String),
}

struct Exception {
    /// The line as written in the table.
    text: &'static str,
    file: &'static str,
    number: usize,
    /// `None` for both.
    family: Option<Family>,
    instead: Instead,
    is_used: bool,
}

/// All of them.
pub(crate) struct Exceptions(Vec<Exception>);

impl Exceptions {
    pub(crate) fn read() -> Self {
        let lines = TABLES.into_iter().flat_map(str::lines);
        let lines = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
        Self(lines.map(exception).collect())
    }

    /// The answer for a line, if it is listed.
    pub(crate) fn find(&mut self, file: &str, number: usize, family: Family) -> Option<Instead> {
        let found = self.0.iter_mut().find(|it| {
            it.file == file && it.number == number && it.family.is_none_or(|it| it == family)
        })?;
        found.is_used = true;
        Some(found.instead.clone())
    }

    /// Those that no line asked for.
    pub(crate) fn unused(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|it| !it.is_used).map(|it| it.text)
    }
}

fn exception(text: &'static str) -> Exception {
    let columns: Vec<&str> = text.split('\t').collect();
    let [file, number, family, instead, why] = columns[..] else {
        panic!("not five columns: {text}");
    };
    assert!(!why.is_empty(), "no reason: {text}");
    Exception {
        text,
        file,
        number: number.parse().expect("a line's number"),
        family: match family {
            "4" => Some(Family::V4),
            "6" => Some(Family::V6),
            "both" => None,
            _ => panic!("no family: {text}"),
        },
        instead: match instead.split_once(" => ") {
            Some((from, to)) => Instead::Printed(from.to_owned(), to.to_owned()),
            None if instead == "taken" => Instead::Taken,
            None if instead == "refused" => Instead::Refused,
            None => panic!("no answer: {text}"),
        },
        is_used: false,
    }
}
