//! IPv4 addresses as iptables-save writes them: four decimal numbers.
//!
//! Nearly every address is one. Digits and dots are found all at once, and the numbers are
//! computed without a branch on how many digits each has, which no processor predicts.

use std::net::Ipv4Addr;

use ipnetwork::Ipv4Network;
use nom::Err;
use wide::u8x16;

use super::parse::Parsed;
use crate::word;

/// Parses four decimal numbers without leading zeros, up to where no more digits and dots
/// follow.
#[inline(always)]
pub(super) fn dotted(text: &[u8]) -> Parsed<'_, Ipv4Addr> {
    let (address, length) = leading_dotted(text).ok_or(Err::Error(()))?;
    Ok((&text[usize::from(length)..], address))
}

/// Finds an address at the beginning of a text, and how many bytes it takes there.
///
/// This is no grammar of numbers and dots, because nearly every rule has an address: this
/// takes 18 ns, a grammar 28 ns.
fn leading_dotted(text: &[u8]) -> Option<(Ipv4Addr, u8)> {
    // The longest address has fifteen bytes.
    let block = u8x16::from(first_sixteen(text));
    let digits = block - u8x16::splat(b'0');
    let is_digit = digits.min(u8x16::splat(9)).simd_eq(digits).to_bitmask();
    let is_dot = block.simd_eq(u8x16::splat(b'.')).to_bitmask();
    let length = (is_digit | is_dot).trailing_ones();
    let digits = digits.to_array();

    // The end of each number: three dots, and the end of the address.
    let mut dots = is_dot;
    let mut ends = [length; 4];
    for end in &mut ends[..3] {
        *end = dots.trailing_zeros();
        dots &= dots.wrapping_sub(1);
    }
    if dots.trailing_zeros() < length {
        return None;
    }
    let (mut start, mut address) = (0, 0);
    for end in ends {
        // By the count of digits, the least and how much more at most, a digit a byte: less
        // has leading zeros, which would make it octal.
        const MOST: u32 = 0x02_05_05;
        const BOUNDS: [(u32, u32); 4] = [
            (u32::MAX, 0),
            (0, MOST),
            (0x01_00, MOST - 0x01_00),
            (0x01_00_00, MOST - 0x01_00_00),
        ];
        let length = end.wrapping_sub(start);
        let (least, more) = *BOUNDS.get(length as usize)?;
        // What follows the up to three digits is shifted out.
        let four = u32::from_le_bytes(*digits.get(start as usize..)?.first_chunk()?);
        let number = four.wrapping_shl(8 * (4 - length));
        if number.swap_bytes().wrapping_sub(least) > more {
            return None;
        }
        // The uppermost byte of the product adds the digits, each times its worth.
        const WORTHS: u32 = 1 | 10 << 8 | 100 << 16;
        let octet = number.wrapping_mul(WORTHS) >> 24;
        address = address << 8 | octet;
        start = end + 1;
    }
    Some((Ipv4Addr::from_bits(address), length as u8))
}

/// Returns the first sixteen bytes, with NULs after the end of a shorter text.
#[inline(always)]
fn first_sixteen(text: &[u8]) -> [u8; 16] {
    if let Some(sixteen) = text.first_chunk() {
        return *sixteen;
    }
    let (low, high) = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => {
            // The two overlap.
            let shift = 8 * (16 - text.len() as u32);
            let high = u64::from_le_bytes(*last).checked_shr(shift).unwrap_or(0);
            (u64::from_le_bytes(*first), high)
        }
        _ => (word::eight(text), 0),
    };
    (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
}

/// Parses `ADDRESS[/LENGTH]`, and clears the bits that the prefix does not cover.
#[inline(always)]
pub(super) fn network(text: &[u8]) -> Parsed<'_, Ipv4Network> {
    let (rest, address) = dotted(text)?;
    let (rest, prefix) = prefix(rest)?;
    let mask = 32_u32.checked_sub(prefix.into()).ok_or(Err::Error(()))?;
    let mask = u32::MAX.checked_shl(mask).unwrap_or(0);
    let network = Ipv4Network::new(Ipv4Addr::from_bits(address.to_bits() & mask), prefix);
    network.map_or(Err(Err::Error(())), |network| Ok((rest, network)))
}

/// Parses `/LENGTH` of one or two digits; without it the length is 32.
///
/// This is no grammar of digits, because nearly every address has a prefix: with one, a rule
/// takes an eighth longer.
#[inline(always)]
fn prefix(text: &[u8]) -> Parsed<'_, u8> {
    match text {
        b"/32" | b"" => Ok((b"", 32)),
        [b'/', digit @ b'0'..=b'9'] => Ok((b"", digit - b'0')),
        [b'/', tens @ b'1'..=b'3', ones @ b'0'..=b'9'] => {
            Ok((b"", (tens - b'0') * 10 + ones - b'0'))
        }
        _ => Err(Err::Error(())),
    }
}

/// Writes an address.
pub(super) fn write_dotted(out: &mut Vec<u8>, address: Ipv4Addr) {
    let [a, b, c, d] = address.octets().map(|octet| &OCTETS[usize::from(octet)]);
    for (first, second) in [(a, b), (c, d)] {
        let both = u64::from(first.text) | u64::from(second.text) << (8 * first.length);
        let end = out.len() + first.length + second.length;
        out.extend_from_slice(&both.to_le_bytes());
        out.truncate(end);
    }
    // The last dot is one too many.
    out.pop();
}

/// A number up to 255 with a dot after it.
struct Octet {
    /// Its bytes, the first the lowest; the rest are NULs.
    text: u32,
    /// How many they are.
    length: usize,
}

static OCTETS: [Octet; 256] = {
    let mut octets = [const { Octet { text: 0, length: 0 } }; 256];
    let mut number = 0;
    while number < 256 {
        // From the last byte to the first, each pushing those after it up.
        let mut octet = Octet {
            text: b'.' as u32,
            length: 1,
        };
        let mut left = number;
        while left > 0 || octet.length == 1 {
            octet.text = octet.text << 8 | (b'0' as usize + left % 10) as u32;
            octet.length += 1;
            left /= 10;
        }
        octets[number] = octet;
        number += 1;
    }
    octets
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse::complete;

    #[test]
    fn every_number_is_read_in_every_place() {
        for number in 0..1000 {
            for (before, after) in [
                ("", ".2.33.4"),
                ("1.", ".1.9"),
                ("10.0.", ".255"),
                ("9.8.7.", ""),
            ] {
                let text = format!("{before}{number}{after}");
                assert_eq!(
                    complete(dotted, text.as_bytes()),
                    text.parse().ok(),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn every_number_is_written_in_every_place() {
        for number in 0..=255 {
            for octets in [[number, 2, 33, 4], [1, number, 1, 9], [9, 8, 7, number]] {
                let address = Ipv4Addr::from(octets);
                let mut out = b"-s ".to_vec();
                write_dotted(&mut out, address);
                assert_eq!(out, format!("-s {address}").into_bytes());
            }
        }
    }

    #[test]
    fn only_addresses_are_read() {
        for text in [
            "",
            "1",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.1.5",
            "1..3.4",
            ".1.2.3",
            "1.2.3.",
            "01.2.3.4",
            "1.2.3.04",
            "1.2.3.00",
            "1.2.3.4 ",
            "1.2.3.4a",
            "a.2.3.4",
            "1111.2.3.4",
            "1.2.3.4\0",
            "255.255.255.2555",
            "255.255.255.255.",
            "1.2:3.4.5",
        ] {
            assert_eq!(complete(dotted, text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_follows_is_left() {
        let address = Ipv4Addr::new(192, 0, 2, 111);
        for text in [
            "192.0.2.111",
            "192.0.2.111/32",
            "192.0.2.111:65535",
            "192.0.2.111/255.0.0.0",
        ] {
            let rest = &text.as_bytes()[11..];
            assert_eq!(dotted(text.as_bytes()), Ok((rest, address)), "{text}");
        }
        for (text, expected) in [
            ("192.0.2.111", Some("192.0.2.111/32")),
            ("192.0.2.111/25", Some("192.0.2.0/25")),
            ("192.0.2.111/9", Some("192.0.0.0/9")),
            ("192.0.2.111/0", Some("0.0.0.0/0")),
            ("192.0.2.111/33", None),
            ("192.0.2.111/024", None),
            ("192.0.2.111/", None),
        ] {
            let expected = expected.map(|network| network.parse().unwrap());
            assert_eq!(complete(network, text.as_bytes()), expected, "{text}");
        }
    }
}
