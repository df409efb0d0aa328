//! `-j HMARK`: a mark computed from a hash.

use super::extension;
use crate::{
    Word, Writer,
    ext::OptionConflict,
    value::{Bounded, Context, PrefixLength, Required, Value, ValueError, WideHex, flags},
};

extension! {
    /// Sets a mark that is the same for all packets of a connection, for load balancing by
    /// routes: a hash of addresses, ports and protocol.
    ///
    /// Requires `--hmark-tuple`, a prefix or a mask. The SPI of AH or ESP takes the place of the
    /// ports, so a rule can hash only one of the two. Kernel `xt_HMARK`; iptables `libxt_HMARK`.
    Hmark = "HMARK" {
        /// The prefix length of the source address to hash.
        "--hmark-src-prefix" => src_prefix: Option<PrefixLength>
            => |hmark| hmark.check_not_in_tuple(HmarkTuple::SRC)?,
        /// The prefix length of the destination address to hash.
        "--hmark-dst-prefix" => dst_prefix: Option<PrefixLength>
            => |hmark| hmark.check_not_in_tuple(HmarkTuple::DST)?,
        /// The bits of the source port to hash.
        "--hmark-sport-mask" => sport_mask: Option<ShortHex<4>>
            => |hmark| hmark.check_not_in_tuple(HmarkTuple::SPORT)?,
        /// The bits of the destination port to hash.
        "--hmark-dport-mask" => dport_mask: Option<ShortHex<4>>
            => |hmark| hmark.check_not_in_tuple(HmarkTuple::DPORT)?,
        /// The bits of the SPI (AH or ESP) to hash.
        "--hmark-spi-mask" => spi_mask: Option<WideHex>
            => |hmark| hmark.check_not_in_tuple(HmarkTuple::SPI)?,
        /// Sets these bits of the source port before hashing.
        "--hmark-sport" => sport: Option<ShortHex<4>>,
        /// Sets these bits of the destination port before hashing.
        "--hmark-dport" => dport: Option<ShortHex<4>>,
        /// Sets these bits of the SPI before hashing.
        "--hmark-spi" => spi: Option<WideHex>,
        /// The bits of the protocol number to hash.
        "--hmark-proto-mask" => proto_mask: Option<ShortHex<2>>
            => |hmark| hmark.check_not_in_tuple(HmarkTuple::PROTO)?,
        /// The seed of the hash.
        "--hmark-rnd" => rnd: Required<WideHex>,
        /// The number of different marks.
        "--hmark-mod" => modulus: Required<Bounded<1, { u32::MAX }>>,
        /// The first mark: by default 0.
        "--hmark-offset" => offset: Option<u32>,
        /// The fields to hash with all their bits. `ct` takes addresses and ports from the
        /// connection. Overrides the masks before it.
        "--hmark-tuple" => tuple: Option<HmarkTuple>,
    }
    validate = validate;
    normalize = normalize;
}

flags! {
    /// The fields of a packet to hash.
    HmarkTuple: u8, "FIELD,…", abbreviated {
        /// Takes the fields from the connection, not from the packet.
        CT = "ct": 0x01,
        /// The source address.
        SRC = "src": 0x02,
        /// The destination address.
        DST = "dst": 0x04,
        /// The source port.
        SPORT = "sport": 0x08,
        /// The destination port.
        DPORT = "dport": 0x10,
        /// The protocol number.
        PROTO = "proto": 0x20,
        /// The SPI of AH or ESP.
        SPI = "spi": 0x40,
    }
}

impl Hmark {
    /// Refuses a mask after the tuple that contains its field: the tuple sets the same mask.
    fn check_not_in_tuple(&self, field: HmarkTuple) -> Result<(), ValueError> {
        if self.tuple.is_some_and(|tuple| tuple.contains(field)) {
            return Err(ValueError::new(
                "no value after a `--hmark-tuple` with the same field",
            ));
        }
        Ok(())
    }
}

fn validate(hmark: &Hmark, context: &Context) -> Result<(), OptionConflict> {
    let mut filled = hmark.clone();
    normalize(&mut filled, context);
    // The kernel stores both in a union, and refuses a rule that sets both.
    if filled.spi.is_some() && (filled.sport.is_some() || filled.dport.is_some()) {
        return Err("`--hmark-spi` excludes `--hmark-sport` and `--hmark-dport`".into());
    }
    if filled.spi_mask.is_some() && (filled.sport_mask.is_some() || filled.dport_mask.is_some()) {
        return Err(
            "`--hmark-spi-mask` excludes `--hmark-sport-mask` and `--hmark-dport-mask`".into(),
        );
    }
    // A tuple may be empty.
    let (numbers, masks) = (
        filled.sport.or(filled.dport).is_some() || filled.spi.is_some(),
        filled.sport_mask.or(filled.dport_mask).is_some() || filled.spi_mask.is_some(),
    );
    let prefixes = filled.src_prefix.or(filled.dst_prefix).is_some();
    if numbers || masks || prefixes || filled.proto_mask.is_some() || filled.tuple.is_some() {
        return Ok(());
    }
    Err("`HMARK` needs `--hmark-tuple` or a mask".into())
}

fn normalize(hmark: &mut Hmark, context: &Context) {
    const ALL: u16 = u16::MAX;
    let tuple = hmark.tuple.unwrap_or_default();
    let full = PrefixLength::full(context.family_or_v4());
    fill(&mut hmark.src_prefix, tuple, HmarkTuple::SRC, full);
    fill(&mut hmark.dst_prefix, tuple, HmarkTuple::DST, full);
    fill(
        &mut hmark.sport_mask,
        tuple,
        HmarkTuple::SPORT,
        ShortHex(ALL),
    );
    fill(
        &mut hmark.dport_mask,
        tuple,
        HmarkTuple::DPORT,
        ShortHex(ALL),
    );
    fill(
        &mut hmark.proto_mask,
        tuple,
        HmarkTuple::PROTO,
        ShortHex(ALL),
    );
    fill(
        &mut hmark.spi_mask,
        tuple,
        HmarkTuple::SPI,
        WideHex(u32::MAX),
    );
    hmark.tuple = tuple.contains(HmarkTuple::CT).then_some(HmarkTuple::CT);
}

/// Sets all bits of the mask of a field that the tuple contains.
fn fill<T>(mask: &mut Option<T>, tuple: HmarkTuple, field: HmarkTuple, full: T) {
    if tuple.contains(field) {
        *mask = Some(full);
    }
}

/// A 16-bit mask, written with at least `DIGITS` hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ShortHex<const DIGITS: usize>(pub u16);

impl<'a, const DIGITS: usize> Value<'a> for ShortHex<DIGITS> {
    const ARGS: &'static [&'static str] = u16::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        u16::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        write!(out.begin(), "0x{:0DIGITS$x}", self.0).expect("writing to a Vec cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -j HMARK --hmark-sport-mask 0xffff --hmark-dport-mask 0x00ff --hmark-sport 0x0100 --hmark-dport 0x0001 --hmark-proto-mask 0x0f --hmark-rnd 0xcafecafe --hmark-mod 10 --hmark-offset 1000 --hmark-tuple ct ; =
        -j HMARK --hmark-spi-mask 0x0000ffff --hmark-spi 0x00010000 --hmark-rnd 0x00000000 --hmark-mod 4294967295 --hmark-offset 0 ; =
        -j HMARK --hmark-spi-mask 0x0000ffff --hmark-sport 0x0100 --hmark-rnd 0x00000001 --hmark-mod 1 ; =
        -j HMARK --hmark-sport-mask 0x0001 --hmark-spi 0x00000001 --hmark-rnd 0x00000001 --hmark-mod 1 ; =
        -j HMARK --hmark-tuple ct --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-rnd 0x00000001 --hmark-mod 10 --hmark-tuple ct
        -j HMARK --hmark-t SPI,C --hmark-m 10 --hmark-r 1 ; -j HMARK --hmark-spi-mask 0xffffffff --hmark-rnd 0x00000001 --hmark-mod 10 --hmark-tuple ct
        -j HMARK --hmark-tuple sp,dp,p --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff --hmark-proto-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 10
        -j HMARK --hmark-sport-mask 1 --hmark-tuple sport,sport --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-sport-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 10
        -j HMARK --hmark-proto-mask 0 --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-proto-mask 0x00 --hmark-rnd 0x00000001 --hmark-mod 10
        -j HMARK --hmark-sport 7 --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-sport 0x0007 --hmark-rnd 0x00000001 --hmark-mod 10
        -j HMARK --hmark-tuple sport --hmark-sport-mask 1 --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-tuple proto --hmark-proto-mask 1 --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-tuple spi,dport --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-spi-mask 1 --hmark-sport-mask 1 --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-spi 1 --hmark-sport 1 --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-tuple ct --hmark-mod 0 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-tuple ct --hmark-mod 10 ; REFUSED
        -j HMARK --hmark-tuple ct --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-mod 10 --hmark-rnd 1 --hmark-offset 1 ; REFUSED
        -j HMARK --hmark-tuple ct, --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-tuple ,ct --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-tuple source --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-tuple ct --hmark-sport 65536 --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK --hmark-sp 1 --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK ! --hmark-tuple ct --hmark-mod 10 --hmark-rnd 1 ; REFUSED
        -j HMARK ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
        lines::check(
            "
            -j HMARK --hmark-src-prefix 24 --hmark-dst-prefix 0 --hmark-rnd 0x00000001 --hmark-mod 10 ; =
            -j HMARK --hmark-tuple s,d --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 10
            -j HMARK --hmark-src-prefix 24 --hmark-tuple src --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-src-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 10
            -j HMARK --hmark-src-prefix 255.255.0.0 --hmark-dst-prefix 255.0.255.0 --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-src-prefix 16 --hmark-dst-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 10
            -j HMARK --hmark-tuple src --hmark-src-prefix 24 --hmark-mod 10 --hmark-rnd 1 ; REFUSED
            -j HMARK --hmark-src-prefix ffff:: --hmark-mod 10 --hmark-rnd 1 ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -j HMARK --hmark-src-prefix 128 --hmark-dst-prefix 33 --hmark-rnd 0x00000001 --hmark-mod 10 ; =
            -j HMARK --hmark-tuple src,dst --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-src-prefix 128 --hmark-dst-prefix 128 --hmark-rnd 0x00000001 --hmark-mod 10
            -j HMARK --hmark-src-prefix ffff:: --hmark-dst-prefix ffff:0:ffff:: --hmark-mod 10 --hmark-rnd 1 ; -j HMARK --hmark-src-prefix 16 --hmark-dst-prefix 128 --hmark-rnd 0x00000001 --hmark-mod 10
            -j HMARK --hmark-src-prefix 129 --hmark-mod 10 --hmark-rnd 1 ; REFUSED
            ",
        );
    }
}
