//! The options of iptables itself, long and short (`xshared.c:do_parse`).

/// An option that belongs to no extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// A command such as `-A`.
    Command(Verb),
    /// `-s`
    Source,
    /// `-d`
    Destination,
    /// `-i`
    InInterface,
    /// `-o`
    OutInterface,
    /// `-p`
    Protocol,
    /// `-f`
    Fragment,
    /// `-m`
    Match,
    /// `-j`
    Jump,
    /// `-g`
    Goto,
    /// `-c`
    Counters,
    /// `-4`
    Ipv4,
    /// `-6`
    Ipv6,
    /// `-v`, which changes nothing here.
    Verbose,
    /// `-M`, which changes nothing here.
    Modprobe,
    /// One that iptables-restore refuses, or that makes it stop, in a line of its input:
    /// its letter.
    Unusable(u8),
}

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `-A`
    Append,
    /// `-C`
    Check,
    /// `-D`
    Delete,
    /// `-I`
    Insert,
    /// `-R`
    Replace,
    /// `-F`
    Flush,
    /// `-Z`
    Zero,
    /// `-N`
    NewChain,
    /// `-X`
    DeleteChain,
    /// `-E`
    RenameChain,
    /// `-P`
    Policy,
    /// `-L`
    List,
    /// `-S`
    ListRules,
}

/// How many words an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Args {
    None,
    One,
    /// One, unless the next word looks like an option.
    Optional,
}

impl Base {
    pub(crate) const fn args(self) -> Args {
        match self {
            Self::Command(
                Verb::Flush | Verb::Zero | Verb::DeleteChain | Verb::List | Verb::ListRules,
            )
            // `-h` of a match: `--help=MATCH`.
            | Self::Unusable(b'h') => Args::Optional,
            Self::Fragment | Self::Ipv4 | Self::Ipv6 | Self::Verbose | Self::Unusable(_) => {
                Args::None
            }
            _ => Args::One,
        }
    }

    /// How many further words it takes unless they look like options.
    pub(crate) const fn more_args(self) -> usize {
        match self {
            Self::Command(
                Verb::Delete
                | Verb::Insert
                | Verb::Replace
                | Verb::RenameChain
                | Verb::Policy
                | Verb::Zero
                | Verb::ListRules
                | Verb::List,
            )
            | Self::Counters => 1,
            _ => 0,
        }
    }

    pub(crate) const fn invertible(self) -> bool {
        matches!(
            self,
            Self::Source
                | Self::Destination
                | Self::InInterface
                | Self::OutInterface
                | Self::Protocol
                | Self::Fragment
                // iptables does not look at a `!` before these.
                | Self::Ipv4
                | Self::Ipv6
                | Self::Modprobe
        )
    }

    /// The option as iptables-save writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command(verb) => verb.name(),
            Self::Source => "-s",
            Self::Destination => "-d",
            Self::InInterface => "-i",
            Self::OutInterface => "-o",
            Self::Protocol => "-p",
            Self::Fragment => "-f",
            Self::Match => "-m",
            Self::Jump => "-j",
            Self::Goto => "-g",
            Self::Counters => "-c",
            Self::Ipv4 => "-4",
            Self::Ipv6 => "-6",
            Self::Verbose => "-v",
            Self::Modprobe => "-M",
            Self::Unusable(letter) => match letter {
                b't' => "-t",
                b'w' => "-w",
                b'W' => "-W",
                b'V' => "-V",
                b'h' => "-h",
                b'n' => "-n",
                b'x' => "-x",
                b'b' => "-b",
                _ => "--line-numbers",
            },
        }
    }
}

impl Verb {
    /// The command as iptables-save writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Append => "-A",
            Self::Check => "-C",
            Self::Delete => "-D",
            Self::Insert => "-I",
            Self::Replace => "-R",
            Self::Flush => "-F",
            Self::Zero => "-Z",
            Self::NewChain => "-N",
            Self::DeleteChain => "-X",
            Self::RenameChain => "-E",
            Self::Policy => "-P",
            Self::List => "-L",
            Self::ListRules => "-S",
        }
    }
}

/// Finds an option by its letter.
pub(crate) const fn short(letter: u8) -> Option<Base> {
    Some(match letter {
        b'A' => Base::Command(Verb::Append),
        b'C' => Base::Command(Verb::Check),
        b'D' => Base::Command(Verb::Delete),
        b'I' => Base::Command(Verb::Insert),
        b'R' => Base::Command(Verb::Replace),
        b'F' => Base::Command(Verb::Flush),
        b'Z' => Base::Command(Verb::Zero),
        b'N' => Base::Command(Verb::NewChain),
        b'X' => Base::Command(Verb::DeleteChain),
        b'E' => Base::Command(Verb::RenameChain),
        b'P' => Base::Command(Verb::Policy),
        b'L' => Base::Command(Verb::List),
        b'S' => Base::Command(Verb::ListRules),
        b's' => Base::Source,
        b'd' => Base::Destination,
        b'i' => Base::InInterface,
        b'o' => Base::OutInterface,
        b'p' => Base::Protocol,
        b'f' => Base::Fragment,
        b'm' => Base::Match,
        b'j' => Base::Jump,
        b'g' => Base::Goto,
        b'c' => Base::Counters,
        b'4' => Base::Ipv4,
        b'6' => Base::Ipv6,
        b'v' => Base::Verbose,
        b'M' => Base::Modprobe,
        b't' => Base::Unusable(b't'),
        b'w' => Base::Unusable(b'w'),
        b'W' => Base::Unusable(b'W'),
        b'V' => Base::Unusable(b'V'),
        b'h' => Base::Unusable(b'h'),
        b'n' => Base::Unusable(b'n'),
        b'x' => Base::Unusable(b'x'),
        b'b' => Base::Unusable(b'b'),
        _ => return None,
    })
}

/// The long names; a unique beginning of one will do.
pub(crate) const LONG: &[(&str, Base)] = &[
    ("--append", Base::Command(Verb::Append)),
    ("--delete", Base::Command(Verb::Delete)),
    ("--check", Base::Command(Verb::Check)),
    ("--insert", Base::Command(Verb::Insert)),
    ("--replace", Base::Command(Verb::Replace)),
    ("--list", Base::Command(Verb::List)),
    ("--list-rules", Base::Command(Verb::ListRules)),
    ("--flush", Base::Command(Verb::Flush)),
    ("--zero", Base::Command(Verb::Zero)),
    ("--new-chain", Base::Command(Verb::NewChain)),
    ("--delete-chain", Base::Command(Verb::DeleteChain)),
    ("--rename-chain", Base::Command(Verb::RenameChain)),
    ("--policy", Base::Command(Verb::Policy)),
    ("--source", Base::Source),
    ("--src", Base::Source),
    ("--destination", Base::Destination),
    ("--dst", Base::Destination),
    ("--protocol", Base::Protocol),
    ("--in-interface", Base::InInterface),
    ("--out-interface", Base::OutInterface),
    ("--jump", Base::Jump),
    ("--goto", Base::Goto),
    ("--match", Base::Match),
    ("--fragments", Base::Fragment),
    ("--set-counters", Base::Counters),
    ("--ipv4", Base::Ipv4),
    ("--ipv6", Base::Ipv6),
    ("--verbose", Base::Verbose),
    ("--modprobe", Base::Modprobe),
    ("--table", Base::Unusable(b't')),
    ("--wait", Base::Unusable(b'w')),
    ("--wait-interval", Base::Unusable(b'W')),
    ("--version", Base::Unusable(b'V')),
    ("--help", Base::Unusable(b'h')),
    ("--numeric", Base::Unusable(b'n')),
    ("--exact", Base::Unusable(b'x')),
    ("--line-numbers", Base::Unusable(b'0')),
];

/// Finds an option by its whole long name.
pub(crate) fn long(name: &[u8]) -> Option<Base> {
    LONG.iter()
        .find(|(it, _)| it.as_bytes() == name)
        .map(|(_, option)| *option)
}
