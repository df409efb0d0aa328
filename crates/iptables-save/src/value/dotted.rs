//! IPv4 addresses as iptables-save writes them: four decimal numbers.
//!
//! Nearly every address is one. Their digits are told apart all at once and their numbers
//! made without asking how many digits each has, which nothing could foretell.

use std::net::Ipv4Addr;

use ipnetwork::Ipv4Network;
use wide::u8x16;

use crate::word;

/// Reads four decimal numbers without leading zeros.
pub(super) fn dotted(text: &[u8]) -> Option<Ipv4Addr> {
    let (address, length) = leading_dotted(text)?;
    (usize::from(length) == text.len()).then_some(address)
}

/// The same at the beginning of a text, with the bytes it takes there: as many digits and
/// dots as there are.
pub(super) fn leading_dotted(text: &[u8]) -> Option<(Ipv4Addr, u8)> {
    // The longest address has fifteen bytes.
    let block = u8x16::from(first_sixteen(text));
    let digits = block - u8x16::splat(b'0');
    let is_digit = digits.min(u8x16::splat(9)).simd_eq(digits).to_bitmask();
    let is_dot = block.simd_eq(u8x16::splat(b'.')).to_bitmask();
    let length = (is_digit | is_dot).trailing_ones();
    let digits = digits.to_array();

    // The end of each number: three dots, and the end of the address.
    let mut dots = is_dot & !(u32::MAX << length);
    let mut ends = [length; 4];
    for end in &mut ends[..3] {
        *end = dots.trailing_zeros();
        dots &= dots.wrapping_sub(1);
    }
    if dots != 0 {
        return None;
    }
    let (mut start, mut address) = (0, 0);
    for end in ends {
        // The least that is no shorter number with leading zeros, which would be octal.
        const LEAST: [u32; 4] = [u32::MAX, 0, 0x01_00, 0x01_00_00];
        const MOST: u32 = 0x02_05_05;
        let length = end.wrapping_sub(start);
        let least = *LEAST.get(length as usize)?;
        // A number has up to three digits: what comes after them is shifted out.
        let four = u32::from_be_bytes(*digits.get(start as usize..)?.first_chunk()?);
        let number = four.wrapping_shr(8 * (4 - length));
        if number < least || number > MOST {
            return None;
        }
        let octet = (number >> 16) * 100 + (number >> 8 & 0xff) * 10 + (number & 0xff);
        address = address << 8 | octet;
        start = end + 1;
    }
    Some((Ipv4Addr::from_bits(address), length as u8))
}

/// The first sixteen bytes; past the text's end are NULs.
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

/// Reads `ADDRESS[/LENGTH]`, without the bits that the length leaves out.
#[inline(always)]
pub(super) fn plain_network(text: &[u8]) -> Option<Ipv4Network> {
    let (address, length) = leading_dotted(text)?;
    let prefix = match &text[length.into()..] {
        b"/32" | b"" => 32,
        [b'/', digit @ b'0'..=b'9'] => digit - b'0',
        [b'/', tens @ b'1'..=b'3', ones @ b'0'..=b'9'] => (tens - b'0') * 10 + ones - b'0',
        _ => return None,
    };
    let mask = u32::MAX
        .checked_shl(32_u32.checked_sub(prefix.into())?)
        .unwrap_or(0);
    Ipv4Network::new(Ipv4Addr::from_bits(address.to_bits() & mask), prefix).ok()
}
