//! How many rules there were, and how they were judged.

use std::collections::BTreeMap;
use std::fmt;

use super::known::{self, Judgement, KNOWN};
use super::programs::Outcome;
use super::rules::Sample;
use crate::support::iptables::Iptables;

/// How one program's rules were judged.
#[derive(Debug)]
pub(crate) struct Tally {
    iptables: Iptables,
    tried: usize,
    /// Refused by both.
    refused: usize,
    /// Taken by both and printed the same.
    printed: usize,
    /// Refused by the kernel alone, or for want of something on this machine.
    unjudged: usize,
    /// Judged or printed otherwise, as is known.
    explained: usize,
    /// For each known difference, how often it was met.
    known: Vec<usize>,
    /// How often each part of a rule was there, and in how many rules of those that were taken.
    parts: BTreeMap<(&'static str, &'static str), (usize, usize)>,
    /// Other differences, by what they seem to be about.
    wrong: BTreeMap<String, Vec<String>>,
}

/// As often an option should have been in a rule that is taken.
const MANY: usize = 20;

/// How many differences that seem the same are shown.
const SHOWN: usize = 4;

impl Tally {
    pub(crate) fn of(iptables: Iptables) -> Self {
        Self {
            iptables,
            tried: 0,
            refused: 0,
            printed: 0,
            unjudged: 0,
            explained: 0,
            known: vec![0; KNOWN.len()],
            parts: BTreeMap::new(),
            wrong: BTreeMap::new(),
        }
    }

    pub(crate) fn count(
        &mut self,
        sample: &Sample,
        ours: &Result<Vec<String>, String>,
        theirs: &Outcome,
    ) {
        self.tried += 1;
        let is_taken = matches!(theirs, Outcome::Saved(saved) if !saved.is_empty());
        for part in &sample.parts {
            let (there, taken) = self.parts.entry(*part).or_default();
            *there += 1;
            *taken += usize::from(is_taken);
        }
        match known::judge(self.iptables, sample, ours, theirs) {
            Judgement::Refused => self.refused += 1,
            Judgement::Printed => self.printed += 1,
            Judgement::Unjudged => self.unjudged += 1,
            Judgement::Known(places) => {
                self.explained += 1;
                places.into_iter().for_each(|nth| self.known[nth] += 1);
            }
            Judgement::Wrong => self.complain(sample, ours, theirs),
        }
    }

    fn complain(&mut self, sample: &Sample, ours: &Result<Vec<String>, String>, theirs: &Outcome) {
        let about = match (ours, theirs) {
            (Ok(ours), Outcome::Saved(theirs)) => about_texts(ours, theirs),
            (
                Ok(_),
                Outcome::Refused(said) | Outcome::RefusedByKernel(said) | Outcome::Lacking(said),
            ) => {
                format!("they refuse: {}", in_general(said))
            }
            (Err(said), _) => format!("podsnat refuses: {}", in_general(said)),
        };
        let ours = match ours {
            Ok(lines) => lines.join("\n            "),
            Err(why) => format!("refused: {why}"),
        };
        let theirs = match theirs {
            Outcome::Saved(lines) => lines.join("\n            "),
            Outcome::Refused(why) => format!("refused: {why}"),
            Outcome::RefusedByKernel(why) => format!("refused by the kernel: {why}"),
            Outcome::Lacking(why) => format!("not tried: {why}"),
        };
        let text = format!("  {sample}\n    podsnat {ours}\n    theirs  {theirs}");
        self.wrong.entry(about).or_default().push(text);
    }

    /// Extensions and options of which no rule was taken though there were many.
    fn never_taken(&self) -> String {
        let never = self
            .parts
            .iter()
            .filter(|(_, (there, taken))| *taken == 0 && *there >= MANY);
        never
            .map(|((extension, flag), (there, _))| format!("  {extension} {flag} ({there})\n"))
            .collect()
    }

    /// How many differences there are that nothing explains.
    pub(crate) fn wrong(&self) -> usize {
        self.wrong.values().map(Vec::len).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            iptables,
            tried,
            refused,
            printed,
            unjudged,
            explained,
            ..
        } = self;
        for (about, differences) in &self.wrong {
            writeln!(f, "{iptables}: {} of {about}", differences.len())?;
            for difference in &differences[..differences.len().min(SHOWN)] {
                writeln!(f, "{difference}")?;
            }
        }
        for (known, count) in KNOWN
            .iter()
            .zip(&self.known)
            .filter(|(_, count)| **count > 0)
        {
            writeln!(f, "{iptables}: {count} known: {}", known.why)?;
        }
        let never = self.never_taken();
        if !never.is_empty() {
            writeln!(f, "{iptables}: never taken, of many:\n{}", never.trim_end())?;
        }
        write!(
            f,
            "differential: {iptables}: {tried} rules, {refused} refused and {printed} printed alike, {unjudged} refused by the \
             kernel alone, {explained} known to differ, {} wrong",
            self.wrong()
        )
    }
}

/// The words at which two texts part.
fn about_texts(ours: &[String], theirs: &[String]) -> String {
    let (ours, theirs) = (ours.join("\n"), theirs.join("\n"));
    let words = |text: &str| {
        text.split([' ', '\n'])
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (ours, theirs) = (words(&ours), words(&theirs));
    let same = ours
        .iter()
        .zip(&theirs)
        .take_while(|(one, other)| one == other)
        .count();
    let is_flag = |word: &&String| word.starts_with("--");
    let extension = ours[..same]
        .iter()
        .rev()
        .skip_while(|it| !matches!(it.as_str(), "-m" | "-j" | "-g"))
        .count();
    let name = ours.get(extension).map_or("", String::as_str);
    let flag = ours[..same]
        .iter()
        .rev()
        .find(is_flag)
        .map_or("", String::as_str);
    format!("text: {name} {flag}")
}

/// What is said without what it is said of.
fn in_general(said: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    for letter in said.chars() {
        match (quote, letter) {
            (None, '`' | '"' | '\'') => {
                quote = Some(if letter == '`' {
                    ['`', '\'']
                } else {
                    [letter; 2]
                });
                text.push(letter);
            }
            (Some(ends), letter) if ends.contains(&letter) => {
                quote = None;
                text.push(letter);
            }
            (Some(_), _) => {}
            (None, letter) if letter.is_ascii_digit() => text.push('0'),
            (None, letter) => text.push(letter),
        }
    }
    let end = text.find(" Error occurred").unwrap_or(text.len());
    text.truncate(end);
    text
}
