//! `-m sctp`: the ports and chunks of an SCTP packet.

use nom::{
    branch::alt,
    bytes::complete::{tag_no_case, take_till},
    character::complete::char,
    combinator::value,
};

use super::extension;
use crate::{
    Word, Writer,
    value::{
        Context, Invertible, SctpPorts, Value, ValueError, after, complete, keywords, list, till,
    },
};

extension! {
    /// Matches SCTP packets by their header and chunks. Requires `-p sctp`, which also loads this
    /// match.
    ///
    /// Kernel `xt_sctp`; iptables `libxt_sctp`.
    Sctp = "sctp" {
        /// The source port, or a range of ports.
        "--sport" | "--source-port" => sport: Option<Invertible<SctpPorts>>,
        /// The destination port, or a range of ports.
        "--dport" | "--destination-port" => dport: Option<Invertible<SctpPorts>>,
        /// The chunk types that the packet must contain: all of them, any of them, or only them.
        "--chunk-types" => chunk_types: Option<Invertible<ChunkTest>>,
    }
}

keywords! {
    /// How many of the chunk types a packet must contain.
    ChunkMatch("all|any|only") {
        /// At least one of them.
        Any = "any",
        /// All of them.
        All = "all",
        /// No other types.
        Only = "only",
    }
    default Any
}

/// Chunk types, and how many of them a packet must contain: `any DATA,INIT`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChunkTest {
    /// How many of the chunk types.
    pub match_type: ChunkMatch,
    /// The chunk types.
    pub chunks: Chunks,
}

/// A set of chunk types.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Chunks {
    /// `ALL`: every chunk type.
    All,
    /// These chunk types; `NONE` if empty.
    These(ChunkList),
}

impl Default for Chunks {
    fn default() -> Self {
        Self::These(ChunkList::default())
    }
}

/// Chunk types in the order of their numbers, each only once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChunkList(Vec<Chunk>);

/// A chunk type, with the flags that must or must not be set: `DATA:Bu`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chunk {
    kind: ChunkType,
    mask: u8,
    set: u8,
}

/// The properties of a type of chunk.
struct Known {
    kind: ChunkType,
    name: &'static str,
    /// The letters of the flags from the highest bit, where `-` represents the highest bit.
    flags: &'static [u8; 8],
    /// Whether iptables keeps flags where it looks for them. It stores those of later types
    /// with unnamed types, and so loses them.
    keeps_flags: bool,
}

macro_rules! chunks {
    ($($(#[$doc:meta])* $kind:ident = $name:literal: $number:literal, $flags:literal;)*) => {
        /// A chunk type, in the order of the numbers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ChunkType {
            $($(#[$doc])* $kind = $number,)*
        }

        const KNOWN: &[Known] = &[$(Known {
            kind: ChunkType::$kind,
            name: $name,
            flags: $flags,
            keeps_flags: $number < 15,
        },)*];

        const NAMES: &[&str] = &[$($name,)*];

        impl ChunkType {
            /// All types that have a name.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];
        }
    };
}

chunks! {
    /// User data.
    Data = "DATA": 0, b"----IUBE";
    /// Initiates an association.
    Init = "INIT": 1, b"--------";
    /// Acknowledges `INIT`.
    InitAck = "INIT_ACK": 2, b"--------";
    /// Acknowledges data.
    Sack = "SACK": 3, b"--------";
    /// Tests whether the peer is reachable.
    Heartbeat = "HEARTBEAT": 4, b"--------";
    /// Acknowledges `HEARTBEAT`.
    HeartbeatAck = "HEARTBEAT_ACK": 5, b"--------";
    /// Aborts an association.
    Abort = "ABORT": 6, b"-------T";
    /// Begins to close an association.
    Shutdown = "SHUTDOWN": 7, b"--------";
    /// Acknowledges `SHUTDOWN`.
    ShutdownAck = "SHUTDOWN_ACK": 8, b"--------";
    /// Reports an error.
    Error = "ERROR": 9, b"--------";
    /// Returns the cookie that opens an association.
    CookieEcho = "COOKIE_ECHO": 10, b"--------";
    /// Acknowledges `COOKIE_ECHO`.
    CookieAck = "COOKIE_ACK": 11, b"--------";
    /// Reports congestion.
    EcnEcne = "ECN_ECNE": 12, b"--------";
    /// Reports a reduced congestion window.
    EcnCwr = "ECN_CWR": 13, b"--------";
    /// Completes the closing of an association.
    ShutdownComplete = "SHUTDOWN_COMPLETE": 14, b"-------T";
    /// User data of interleaved messages.
    IData = "I_DATA": 64, b"----IUBE";
    /// Acknowledges `ASCONF`.
    AsconfAck = "ASCONF_ACK": 128, b"--------";
    /// Reconfigures streams.
    ReConfig = "RE_CONFIG": 130, b"--------";
    /// Padding.
    Pad = "PAD": 132, b"--------";
    /// Skips abandoned data.
    ForwardTsn = "FORWARD_TSN": 192, b"--------";
    /// Changes the addresses of an association.
    Asconf = "ASCONF": 193, b"--------";
    /// Skips abandoned data of interleaved messages.
    IForwardTsn = "I_FORWARD_TSN": 194, b"--------";
}

impl ChunkType {
    fn known(self) -> &'static Known {
        let known = KNOWN.iter().find(|known| known.kind == self);
        known.expect("the table has every type")
    }
}

impl Chunk {
    /// Returns a chunk type with any flags.
    #[must_use]
    pub const fn any(kind: ChunkType) -> Self {
        Self {
            kind,
            mask: 0,
            set: 0,
        }
    }

    /// Returns a chunk type with flags: the bits of `mask` must be those of `set`.
    ///
    /// Returns `None` if a bit of the mask has no letter, if a bit is set that is not in the mask
    /// or has the letter `-`, or if iptables keeps no flags of this type.
    #[must_use]
    pub fn with_flags(kind: ChunkType, mask: u8, set: u8) -> Option<Self> {
        let Known {
            flags, keeps_flags, ..
        } = kind.known();
        let lettered = (0..8)
            .filter(|bit| flags[7 - bit] != b'-')
            .fold(0, |bits, bit| bits | 1 << bit);
        let fits = mask & !(lettered | DASH) == 0 && set & !(mask & lettered) == 0;
        (fits && (*keeps_flags || mask == 0)).then_some(Self { kind, mask, set })
    }

    /// Returns the type.
    #[must_use]
    pub const fn kind(self) -> ChunkType {
        self.kind
    }

    /// Returns the flags to examine.
    #[must_use]
    pub const fn mask(self) -> u8 {
        self.mask
    }

    /// Returns the flags that must be set.
    #[must_use]
    pub const fn set(self) -> u8 {
        self.set
    }

    /// Adds the flag of a letter: upper case for a flag that must be set. One upper case letter
    /// overrides any number of lower case ones.
    fn read_flag(&mut self, letter: u8) -> Option<()> {
        let mut letters = self.kind.known().flags.iter();
        let index = letters.position(|known| *known == letter.to_ascii_uppercase())?;
        let bit = 0x80 >> index;
        self.mask |= bit;
        if letter.is_ascii_uppercase() {
            self.set |= bit;
        }
        Some(())
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        let known = self.kind.known();
        out.extend_from_slice(known.name.as_bytes());
        if self.mask != 0 {
            out.push(b':');
        }
        for (index, letter) in known.flags.iter().enumerate() {
            let bit = 0x80 >> index;
            if self.mask & bit != 0 {
                out.push(match self.set & bit {
                    0 => letter.to_ascii_lowercase(),
                    _ => *letter,
                });
            }
        }
    }
}

/// The bit that the letter `-` represents.
const DASH: u8 = 0x80;

/// The maximum number of chunk types with flags (`XT_NUM_SCTP_FLAGS`).
const MAX_WITH_FLAGS: usize = 4;

impl ChunkList {
    /// Returns a list of different chunk types in any order, of which up to four have flags.
    #[must_use]
    pub fn new(mut chunks: Vec<Chunk>) -> Option<Self> {
        chunks.sort_unstable();
        let twice = chunks.windows(2).any(|two| two[0].kind == two[1].kind);
        let flags = chunks.iter().filter(|chunk| chunk.mask != 0).count();
        (!twice && flags <= MAX_WITH_FLAGS).then_some(Self(chunks))
    }

    /// Returns the chunk types.
    #[must_use]
    pub fn as_slice(&self) -> &[Chunk] {
        &self.0
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let name = take_till(|byte| matches!(byte, b':' | b','));
        let chunk = (name, after(':', till(b',')));
        let chunks = complete(list(char(','), chunk, add_chunk), text)?;
        let mut list = Self::new(chunks)?;
        for chunk in &mut list.0 {
            if !chunk.kind.known().keeps_flags {
                *chunk = Chunk::any(chunk.kind);
            }
        }
        Some(list)
    }
}

/// Adds a chunk type to a list, or its flags to those of the same type.
fn add_chunk(chunks: &mut Vec<Chunk>, (name, flags): (&[u8], Option<&[u8]>)) -> Option<()> {
    // iptables ignores an empty item between commas.
    if name.is_empty() && flags.is_none() {
        return Some(());
    }
    let is_named = |known: &&Known| name.eq_ignore_ascii_case(known.name.as_bytes());
    let kind = KNOWN.iter().find(is_named)?.kind;
    let nth = chunks.iter().position(|chunk| chunk.kind == kind);
    let nth = nth.unwrap_or_else(|| {
        chunks.push(Chunk::any(kind));
        chunks.len() - 1
    });
    for letter in flags.unwrap_or_default() {
        chunks[nth].read_flag(*letter)?;
    }
    Some(())
}

impl Chunks {
    fn parse(text: &[u8]) -> Option<Self> {
        let all = value(Self::All, tag_no_case("ALL"));
        let none = value(Self::default(), tag_no_case("NONE"));
        complete(alt((all, none)), text).or_else(|| ChunkList::parse(text).map(Self::These))
    }
}

impl<'a> Value<'a> for ChunkTest {
    const ARGS: &'static [&'static str] = &["all|any|only", "CHUNK[:FLAGS],…|ALL|NONE"];
    const CHOICES: &'static [&'static str] = NAMES;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let match_type = ChunkMatch::read(&args[..1], context)?;
        let chunks = Chunks::parse(&args[1].text).ok_or(
            ValueError::new(
                "ALL, NONE, or chunk types such as `DATA,INIT` or `DATA:Be`, up to four of them \
                 with flags",
            )
            .at(1),
        )?;
        Ok(Self { match_type, chunks })
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.match_type.write(out);
        match &self.chunks {
            Chunks::All => out.word(b"ALL"),
            Chunks::These(list) if list.0.is_empty() => out.word(b"NONE"),
            Chunks::These(list) => out.list(&list.0, Chunk::write_to),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -p sctp -m sctp --sport 1 --dport 65535 ; =
        -p sctp -m sctp ! --sport 1:65535 ! --dport 80 ; =
        -p sctp --dport 80 ; -p sctp -m sctp --dport 80
        -p 132 --source-port :1023 --destination-port 1024: ; -p sctp -m sctp --sport 0:1023 --dport 1024:65535
        -p SCTP --sp=0x50 --dp 1:1 ; -p sctp -m sctp --sport 80 --dport 1
        -p sctp -m sctp --sport : ! --dport 0: ; -p sctp -m sctp --sport 0:65535 ! --dport 0:65535
        -p sctp --dport amqp --sport 010:amqp ; -p sctp -m sctp --sport 8:5672 --dport 5672
        -p sctp -m sctp ; =
        -p sctp -m sctp --sport 65536 ; REFUSED
        -p sctp -m sctp --sport -1 ; REFUSED
        -p sctp -m sctp --dport 80:70 ; REFUSED
        -p sctp -m sctp --dport 1:2:3 ; REFUSED
        -p sctp -m sctp --dport no-such-service ; REFUSED
        -p sctp -m sctp --dport ssh ; REFUSED
        -p sctp -m sctp --dport 80 --destination-port 80 ; REFUSED
        --dport 80 -p sctp ; REFUSED
        -p sctp -m sctp --chunk-types all DATA,INIT,INIT_ACK,SACK,HEARTBEAT,HEARTBEAT_ACK,ABORT,SHUTDOWN ; =
        -p sctp -m sctp --chunk-types any SHUTDOWN_ACK,ERROR,COOKIE_ECHO,COOKIE_ACK,ECN_ECNE,ECN_CWR,SHUTDOWN_COMPLETE ; =
        -p sctp -m sctp ! --chunk-types only I_DATA,ASCONF_ACK,RE_CONFIG,PAD,FORWARD_TSN,ASCONF,I_FORWARD_TSN ; =
        -p sctp -m sctp --chunk-types any ALL ; =
        -p sctp -m sctp ! --chunk-types only NONE ; =
        -p sctp --chunk-types ALL Init,data,iNit --dport 7 ; -p sctp -m sctp --dport 7 --chunk-types all DATA,INIT
        -p sctp --chu any all ; -p sctp -m sctp --chunk-types any ALL
        -p sctp --chunk-types=Any ,, ; -p sctp -m sctp --chunk-types any NONE
        -p sctp --chunk-types any ,DATA,,INIT, ; -p sctp -m sctp --chunk-types any DATA,INIT
        -p sctp --chunk-types any \"\" ; -p sctp -m sctp --chunk-types any NONE
        -p sctp -m sctp --chunk-types any DATA:iUbE,ABORT:T,SHUTDOWN_COMPLETE:t ; =
        -p sctp -m sctp --chunk-types any DATA:eE,DATA:b ; -p sctp -m sctp --chunk-types any DATA:bE
        -p sctp -m sctp --chunk-types any ABORT: ; -p sctp -m sctp --chunk-types any ABORT
        -p sctp -m sctp --chunk-types any INIT:-,DATA:-B ; -p sctp -m sctp --chunk-types any DATA:-B,INIT:-
        -p sctp -m sctp --chunk-types any I_DATA:Ub,PAD:- ; -p sctp -m sctp --chunk-types any I_DATA,PAD
        -p sctp -m sctp --chunk-types any DATA:B,ABORT:T,INIT:-,SACK:- ; -p sctp -m sctp --chunk-types any DATA:B,INIT:-,SACK:-,ABORT:T
        -p sctp -m sctp --chunk-types any DATA:B,ABORT:T,INIT:-,SACK:-,I_DATA:B ; REFUSED
        -p sctp -m sctp --chunk-types any INIT:E ; REFUSED
        -p sctp -m sctp --chunk-types any DATA:T ; REFUSED
        -p sctp -m sctp --chunk-types any DATA:E:B ; REFUSED
        -p sctp -m sctp --chunk-types any DATA,ALL ; REFUSED
        -p sctp -m sctp --chunk-types any ALL:- ; REFUSED
        -p sctp -m sctp --chunk-types any DAT ; REFUSED
        -p sctp -m sctp --chunk-types any 0 ; REFUSED
        -p sctp -m sctp --chunk-types none DATA ; REFUSED
        -p sctp -m sctp --chunk-types an DATA ; REFUSED
        -p sctp -m sctp --chunk-types any ; REFUSED
        -p sctp -m sctp --chunk-types any --dport 80 ; REFUSED
        -p sctp -m sctp --chunk-types any DATA --chunk-types any INIT ; REFUSED
            -p sctp --dport amqp ; -p sctp -m sctp --dport 5672
            -p sctp --dport ssh ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
