//! Random rules from the extensions' descriptions: their options, what these take, and what goes together.

use std::fmt;

use iptables_save::{Description, Match, Target};

use super::dice::Dice;
use super::places::{self, Place};
use super::values;
use crate::support::iptables::Family;

/// The chain that rules jump to.
pub(crate) const OTHER_CHAIN: &str = "other";

/// A rule, perhaps a valid one.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) table: &'static str,
    /// A built-in chain; if absent, the rule is in a chain of its own, which no packet reaches. There the kernel
    /// has less to complain of.
    pub(crate) chain: Option<&'static str>,
    /// What follows `-A CHAIN`.
    pub(crate) rule: String,
    /// Its words without quotes.
    pub(crate) words: Vec<String>,
    /// The extensions in it, and their options.
    pub(crate) parts: Vec<(&'static str, &'static str)>,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}",
            self.table,
            self.chain.unwrap_or("chain"),
            self.rule
        )
    }
}

impl Sample {
    /// A rule that is given.
    pub(crate) fn given(table: &'static str, chain: &'static str, rule: &'static str) -> Self {
        let mut words = vec![];
        iptables_save::split(rule.as_bytes(), 0, &mut words);
        let words = words
            .iter()
            .map(|word| String::from_utf8_lossy(&word.text).into_owned());
        Self {
            table,
            chain: (chain != "chain").then_some(chain),
            rule: rule.to_owned(),
            words: words.collect(),
            parts: vec![],
        }
    }
}

/// One option with its words.
type Unit = Vec<String>;

/// Units in this order, where the program requires an order: an extension's name, then its options.
type Block = Vec<Unit>;

/// The extensions of a rule.
#[derive(Debug)]
pub(crate) struct Extensions {
    family: Family,
    matches: Vec<&'static Description>,
    target: Option<&'static Description>,
}

impl Extensions {
    pub(crate) fn throw(dice: &mut Dice, family: Family) -> Self {
        let count = match dice.below(100) {
            0..18 => 0,
            18..85 => 1,
            _ => 2,
        };
        let matches = (0..count).map(|_| extension(Match::DESCRIPTIONS, dice, family));
        let matches: Vec<_> = matches.collect();
        let target = (matches.is_empty() || dice.percent(35))
            .then(|| extension(Target::DESCRIPTIONS, dice, family));
        Self {
            family,
            matches,
            target,
        }
    }

    /// What they need, together.
    fn place(&self, dice: &mut Dice) -> Place {
        let mut needed = Place::default();
        for described in self.matches.iter().chain(&self.target) {
            let place = places::of(described.name);
            if !place.tables.is_empty() {
                needed.tables = place.tables;
            }
            if !place.protocols.is_empty() && (needed.protocols.is_empty() || dice.percent(50)) {
                needed.protocols = place.protocols;
            }
            if needed.beside.is_empty() {
                needed.beside = place.beside;
            }
        }
        needed
    }

    /// A rule with them.
    pub(crate) fn rule(&self, dice: &mut Dice) -> Sample {
        dice.most = dice.one(&[
            1,
            3,
            9,
            31,
            31,
            0xff,
            0xff,
            0xffff,
            0xffff,
            0xffff_ffff,
            u64::MAX,
        ]);
        let needed = self.place(dice);
        let table = if dice.percent(2) || needed.tables.is_empty() {
            dice.word("filter filter filter mangle raw security nat")
        } else {
            dice.word(needed.tables)
        };
        let chain = dice
            .percent(8)
            .then(|| dice.word(places::builtin_chains(table)));
        let mut thrower = Thrower {
            dice,
            family: self.family,
            parts: vec![],
        };
        let protocol = thrower.protocol(needed.protocols);
        let mut blocks = vec![thrower.base(protocol.as_deref())];
        if !needed.beside.is_empty() && thrower.dice.percent(80) {
            let words = needed.beside.split(' ').map(str::to_owned);
            blocks.push(vec![words.collect()]);
        }
        for described in &self.matches {
            blocks.push(thrower.of_match(described, protocol.as_deref()));
        }
        blocks.push(match self.target {
            Some(described) => thrower.extension("-j", described),
            None => thrower.verdict(),
        });
        let words = thrower.mixed(blocks);
        let quoted: Vec<_> = words.iter().map(|word| thrower.quoted(word)).collect();
        Sample {
            table,
            chain,
            rule: quoted.join(" "),
            words,
            parts: thrower.parts,
        }
    }
}

/// One of the extensions, nearly always one that the family has.
fn extension(all: &'static [Description], dice: &mut Dice, family: Family) -> &'static Description {
    let is_of_family = |it: &&Description| match it.family {
        None => true,
        Some(iptables_save::Family::V4) => family == Family::V4,
        Some(iptables_save::Family::V6) => family == Family::V6,
    };
    let any = dice.percent(2);
    let several: Vec<_> = all.iter().filter(|it| any || is_of_family(it)).collect();
    dice.one(&several)
}

/// Makes the parts of a rule.
struct Thrower<'d> {
    dice: &'d mut Dice,
    family: Family,
    parts: Vec<(&'static str, &'static str)>,
}

impl Thrower<'_> {
    /// The protocol of the rule: mostly one of those that its extensions need.
    fn protocol(&mut self, needed: &str) -> Option<String> {
        match needed.is_empty() {
            false if self.dice.percent(94) => Some(self.dice.word(needed).to_owned()),
            _ if self.dice.percent(25) => Some(values::value("PROTOCOL", self.dice, self.family)),
            _ => None,
        }
    }

    /// The options of iptables itself.
    fn base(&mut self, protocol: Option<&str>) -> Block {
        let mut block = Block::new();
        for (flags, metavariable) in [
            ("-s --source --src", "ADDRESS[/MASK][,…]"),
            ("-d --destination --dst", "ADDRESS[/MASK][,…]"),
            ("-i --in-interface", "INTERFACE[+]"),
            ("-o --out-interface", "INTERFACE[+]"),
        ] {
            if self.dice.percent(7) {
                let value = values::value(metavariable, self.dice, self.family);
                let unit = self.base_option(flags, 25, value);
                block.push(unit);
            }
        }
        if let Some(protocol) = protocol {
            let unit = self.base_option("-p --protocol", 4, protocol.to_owned());
            block.push(unit);
        }
        let is_v4 = self.family == Family::V4;
        if self.dice.percent(if is_v4 { 3 } else { 1 }) {
            let flag = self.dice.word("-f --fragments -f --frag").to_owned();
            let inverted = self.dice.percent(40).then(|| "!".to_owned());
            block.push(inverted.into_iter().chain([flag]).collect());
        }
        if self.dice.percent(1) {
            let words = self.dice.piece(
                "-c 5 7¦-c 5,7¦-4¦-6¦-v¦-n¦--set-counters 1 2¦-c 1¦-t filter¦-w¦--¦-M modprobe",
            );
            block.push(words.split(' ').map(str::to_owned).collect());
        }
        if self.dice.percent(30) {
            self.dice.shuffle(&mut block);
        }
        block
    }

    fn base_option(&mut self, flags: &str, inverted: u32, value: String) -> Unit {
        let mut unit = Unit::new();
        if self.dice.percent(inverted) {
            unit.push("!".to_owned());
        }
        let first = flags.split(' ').next().unwrap_or(flags);
        let mut flag = if self.dice.percent(85) {
            first.to_owned()
        } else {
            self.dice.word(flags).to_owned()
        };
        if flag.len() > 2 {
            self.abbreviate(&mut flag);
        }
        match self.dice.below(300) {
            0 => unit.push(format!("{flag}={value}")),
            1 => unit.push(format!("{flag}{value}")),
            _ => unit.extend([flag, value]),
        }
        unit
    }

    fn abbreviate(&mut self, flag: &mut String) {
        if self.dice.percent(8) && flag.len() > 4 {
            flag.truncate(3 + self.dice.below(flag.len() - 3));
        }
    }

    /// A match, sometimes one that the protocol brings along.
    fn of_match(&mut self, described: &'static Description, protocol: Option<&str>) -> Block {
        let mut block = self.extension("-m", described);
        let implied = match protocol {
            Some("ipv6-icmp" | "icmpv6") => Some("icmp6"),
            protocol => protocol,
        };
        if implied == Some(described.name) && self.dice.percent(40) {
            block.remove(0);
        }
        block
    }

    /// Neither match nor target of an extension.
    fn verdict(&mut self) -> Block {
        let words = self
            .dice
            .piece("-j ACCEPT¦-j ACCEPT¦-j DROP¦-j RETURN¦-j other¦-g other¦¦¦-j QUEUE¦-j nosuch¦--jump ACCEPT¦-g ACCEPT¦-j accept¦-j");
        match words {
            "" => Block::new(),
            words => vec![words.split(' ').map(str::to_owned).collect()],
        }
    }

    /// An extension's name and some of its options.
    fn extension(&mut self, flag: &str, described: &'static Description) -> Block {
        let mut name = described.name;
        if self.dice.percent(15)
            && let [_, ..] = described.aliases
        {
            name = self.dice.one(described.aliases);
        }
        let long = if flag == "-m" { "--match" } else { "--jump" };
        let mut block = match self.dice.below(100) {
            0..2 => vec![vec![long.to_owned(), name.to_owned()]],
            2 if flag == "-m" => vec![vec![format!("-m{name}")]],
            _ => vec![vec![flag.to_owned(), name.to_owned()]],
        };
        self.parts.push((described.name, ""));
        let chosen = self.choose(described);
        for option in chosen {
            let unit = self.option(described, option);
            block.push(unit);
        }
        block
    }

    /// Chooses the options of the rule, mostly ones that are valid together.
    fn choose(&mut self, described: &Description) -> Vec<usize> {
        let options = described.options;
        let place = |flag: &str| options.iter().position(|it| it.flag == flag);
        let likely = match options.len() {
            0..3 => 65,
            3..6 => 40,
            count => 240 / u32::try_from(count).expect("few options"),
        };
        let mut there: Vec<bool> = options
            .iter()
            .map(|it| self.dice.percent(if it.required { 97 } else { likely }))
            .collect();
        let has_any = there.contains(&true);
        if !has_any && !options.is_empty() && self.dice.percent(85) {
            there[self.dice.below(options.len())] = true;
        }
        // Another spelling of a required option.
        for (nth, option) in options.iter().enumerate() {
            if let Some(said) = option.says.and_then(place)
                && there[nth]
                && self.dice.percent(90)
            {
                if options[said].required && self.dice.percent(60) {
                    there[nth] = false;
                } else {
                    there[said] = false;
                }
            }
        }
        for group in described.exclusive {
            let mut present: Vec<usize> = group
                .iter()
                .filter_map(|flag| place(flag))
                .filter(|it| there[*it])
                .collect();
            if present.len() > 1 && self.dice.percent(90) {
                self.dice.shuffle(&mut present);
                present[1..].iter().for_each(|it| there[*it] = false);
            }
        }
        for (option, needed) in described.needs {
            if let (Some(option), Some(needed)) = (place(option), place(needed))
                && there[option]
                && self.dice.percent(85)
            {
                there[needed] = true;
            }
        }
        let mut chosen: Vec<usize> = (0..options.len()).filter(|it| there[*it]).collect();
        for nth in chosen.clone() {
            let again = if options[nth].repeats { 30 } else { 1 };
            if self.dice.percent(again) {
                chosen.push(nth);
            }
        }
        if self.dice.percent(40) {
            self.dice.shuffle(&mut chosen);
        }
        chosen
    }

    fn option(&mut self, described: &'static Description, nth: usize) -> Unit {
        let option = &described.options[nth];
        self.parts.push((described.name, option.flag));
        let mut unit = Unit::new();
        if self.dice.percent(if option.invertible { 25 } else { 1 }) {
            unit.push("!".to_owned());
        }
        let mut flag = option.flag.to_owned();
        if !option.aliases.is_empty() && self.dice.percent(30) {
            flag = self.dice.one(option.aliases).to_owned();
        }
        self.abbreviate(&mut flag);
        let mut words = values::of(option.args, self.dice, self.family);
        match self.dice.below(100) {
            0 => {
                words.pop();
            }
            1 if self.dice.percent(30) => words.push("x".to_owned()),
            _ => {}
        }
        let is_joined = self.dice.percent(if words.is_empty() { 1 } else { 8 });
        if is_joined {
            let value = if words.is_empty() {
                String::new()
            } else {
                words.remove(0)
            };
            flag = format!("{flag}={value}");
        }
        unit.push(flag);
        unit.extend(words);
        unit
    }

    /// The words of all blocks: one after another, in another order, or mixed.
    fn mixed(&mut self, mut blocks: Vec<Block>) -> Vec<String> {
        match self.dice.below(100) {
            0..70 => {}
            70..88 => self.dice.shuffle(&mut blocks),
            _ => {
                let mut mixed = Block::new();
                while blocks.iter().any(|block| !block.is_empty()) {
                    let nth = self.dice.below(blocks.len());
                    if !blocks[nth].is_empty() {
                        mixed.push(blocks[nth].remove(0));
                    }
                }
                blocks = vec![mixed];
            }
        }
        blocks.into_iter().flatten().flatten().collect()
    }

    /// A word with quotes, where it needs them or does not mind.
    fn quoted(&mut self, word: &str) -> String {
        let needs = word.is_empty() || word.contains([' ', '\t', '"']);
        if !needs && !self.dice.percent(2) {
            return word.to_owned();
        }
        let mut text = "\"".to_owned();
        for letter in word.chars() {
            if matches!(letter, '"' | '\\') {
                text.push('\\');
            }
            text.push(letter);
        }
        text.push('"');
        text
    }
}
