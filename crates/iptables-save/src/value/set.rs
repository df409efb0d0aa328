//! What is looked up in an ipset.

use nom::{
    Parser, branch::alt, bytes::complete::tag, character::complete::char, combinator::value,
    sequence::terminated,
};

use super::{
    Context, Value, ValueError,
    parse::{Parsed, complete, list, till},
};
use crate::{Text, Word, Writer};

/// Which end of a packet is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Where it comes from.
    #[default]
    Source,
    /// Where it goes.
    Destination,
}

/// One to six directions: for each dimension of a set, which end of a packet to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Directions {
    list: [Direction; 6],
    length: u8,
}

impl Directions {
    /// Returns a list of one to six directions.
    #[must_use]
    pub fn new(list: &[Direction]) -> Option<Self> {
        let mut all = Self::default();
        all.list.get_mut(..list.len())?.copy_from_slice(list);
        all.length = u8::try_from(list.len()).ok()?;
        (!list.is_empty()).then_some(all)
    }

    /// Returns the directions, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Direction] {
        &self.list[..self.length.into()]
    }

    fn push(&mut self, direction: Direction) -> Option<()> {
        *self.list.get_mut(usize::from(self.length))? = direction;
        self.length += 1;
        Some(())
    }

    fn parse(text: &[u8]) -> Option<Self> {
        complete(list(char(','), direction, Self::push), text)
    }
}

/// Parses a direction, of which `libxt_set.h:parse_dirs` compares three letters.
fn direction(text: &[u8]) -> Parsed<'_, Direction> {
    let direction = alt((
        value(Direction::Source, tag("src")),
        value(Direction::Destination, tag("dst")),
    ));
    terminated(direction, till(b',')).parse_complete(text)
}

/// A set's name, and what of a packet is looked up in it: `NAME src,dst`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SetEntry<'a> {
    /// The name of the set, up to 31 bytes.
    pub name: Text<'a>,
    /// What of the packet, for each dimension of the set.
    pub directions: Directions,
}

impl<'a> Value<'a> for SetEntry<'a> {
    const ARGS: &'static [&'static str] = &["NAME", "src|dst[,…]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let name = args[0].text.clone();
        if !(1..=31).contains(&name.len()) {
            return Err(ValueError::new("a set's name of 1 to 31 bytes"));
        }
        let directions = Directions::parse(&args[1].text)
            .ok_or(ValueError::new("one to six of src and dst, with commas between them").at(1))?;
        Ok(Self { name, directions })
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.name(&self.name);
        out.list(self.directions.as_slice(), |direction, out| {
            out.extend_from_slice(match direction {
                Direction::Source => b"src",
                Direction::Destination => b"dst",
            });
        });
    }
}
