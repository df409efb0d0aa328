//! `-m bpf`: a BPF program that examines the packet.

use nom::{Parser, character::complete::char, combinator::opt, multi::many1, sequence::terminated};

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Parsed, Unquoted, Value, ValueError, complete, strtoul, till},
    writer,
};

extension! {
    /// Matches packets that a BPF program (Linux Socket Filter) accepts.
    ///
    /// `nfbpf_compile` compiles tcpdump filters to such programs. Kernel `xt_bpf`; iptables
    /// `libxt_bpf`.
    Bpf<'a> = "bpf" {
        /// The program: the number of its instructions, then the instructions, each as four
        /// numbers.
        "--bytecode" => bytecode: Option<BpfProgram>,
        /// The path of a program pinned in a BPF file system. The kernel receives the first 511
        /// bytes.
        "--object-pinned" => object_pinned: Option<Unquoted<'a, 511>>,
    }
    one of ["--bytecode", "--object-pinned"];
    at_least one of ["--bytecode", "--object-pinned"];
    validate = |bpf, _| match &bpf.object_pinned {
        Some(path) if path.0.is_empty() => Err("`--object-pinned` needs a path".into()),
        _ => Ok(()),
    };
}

/// A classic BPF instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BpfInstruction {
    /// The operation.
    pub code: u16,
    /// The number of instructions to skip if a comparison is true.
    pub jump_true: u8,
    /// The number of instructions to skip if a comparison is false.
    pub jump_false: u8,
    /// The operand.
    pub operand: u32,
}

/// A program of 1 to 64 instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BpfProgram(Vec<BpfInstruction>);

/// The maximum number of instructions (`XT_BPF_MAX_NUM_INSTR`).
const MAX_INSTRUCTIONS: usize = 64;

impl BpfProgram {
    /// Returns a program of 1 to 64 instructions.
    #[must_use]
    pub fn new(instructions: Vec<BpfInstruction>) -> Option<Self> {
        (1..=MAX_INSTRUCTIONS)
            .contains(&instructions.len())
            .then_some(Self(instructions))
    }

    /// Returns the instructions, in order.
    #[must_use]
    pub fn instructions(&self) -> &[BpfInstruction] {
        &self.0
    }

    /// Parses `LENGTH,CODE JT JF K,…` as `libxt_bpf.c:bpf_parse_string` does: numbers are
    /// decimal and truncated to their size, and anything may follow the four of an
    /// instruction. One comma may end the program.
    fn parse(text: &[u8]) -> Option<Self> {
        let length = terminated(strtoul(10), char(','));
        let instruction = terminated(instruction, (till(b','), opt(char(','))));
        let (length, instructions) = complete((length, many1(instruction)), text)?;
        let fits = instructions.len() == usize::from(length.value as u16);
        Self::new(instructions).filter(|_| fits)
    }
}

fn instruction(text: &[u8]) -> Parsed<'_, BpfInstruction> {
    (strtoul(10), strtoul(10), strtoul(10), strtoul(10))
        .map(|(code, jump_true, jump_false, operand)| BpfInstruction {
            code: code.value as u16,
            jump_true: jump_true.value as u8,
            jump_false: jump_false.value as u8,
            operand: operand.value as u32,
        })
        .parse_complete(text)
}

impl<'a> Value<'a> for BpfProgram {
    const ARGS: &'static [&'static str] = &["PROGRAM"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "the number of instructions, at most 64, and the instructions, such as \
             `2,6 0 0 1,6 0 0 0`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.begin().push(b'"');
        writer::decimal(out.more(), self.0.len() as u64);
        for instruction in &self.0 {
            let BpfInstruction {
                code,
                jump_true,
                jump_false,
                operand,
            } = *instruction;
            out.more().push(b',');
            writer::decimal(out.more(), code.into());
            for number in [jump_true.into(), jump_false.into(), operand] {
                out.more().push(b' ');
                writer::decimal(out.more(), number.into());
            }
        }
        out.more().push(b'"');
    }
}

crate::value::owned!(BpfProgram);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -m bpf --bytecode "1,6 0 0 1" ; =
        -m bpf --bytecode "3,48 0 0 9,21 0 1 17,6 0 0 4294967295" ; =
        -m bpf --byte "1,6 0 0 1," ; -m bpf --bytecode "1,6 0 0 1"
        -m bpf --bytecode " 01, +06 00	00 010 and more" ; -m bpf --bytecode "1,6 0 0 10"
        -m bpf --bytecode "1,6-0+0 1" ; -m bpf --bytecode "1,6 0 0 1"
        -m bpf --bytecode "65537,65542 256 -1 4294967297" ; -m bpf --bytecode "1,6 0 255 1"
        -m bpf --bytecode "1,6 0 0 -1" ; -m bpf --bytecode "1,6 0 0 4294967295"
        -m bpf --bytecode "1,6 0 0 99999999999999999999" ; -m bpf --bytecode "1,6 0 0 4294967295"
        -m bpf --object-p /sys/fs/bpf/program ; -m bpf --object-pinned /sys/fs/bpf/program
        -m bpf --object-pinned "/sys/fs/bpf/a b" ; UNREADABLE -m bpf --object-pinned /sys/fs/bpf/a b
        -m bpf --bytecode "1,6 0 0 1,," ; REFUSED
        -m bpf --bytecode "1,6 0 0 1,6 0 0 2" ; REFUSED
        -m bpf --bytecode "2,6 0 0 1" ; REFUSED
        -m bpf --bytecode "1,6 0 0" ; REFUSED
        -m bpf --bytecode "1,6,0,0,1" ; REFUSED
        -m bpf --bytecode "1,0x6 0 0 1" ; REFUSED
        -m bpf --bytecode "1 ,6 0 0 1" ; REFUSED
        -m bpf --bytecode "65,6 0 0 1" ; REFUSED
        -m bpf --bytecode "0," ; REFUSED
        -m bpf --bytecode "1" ; REFUSED
        -m bpf --bytecode "" ; REFUSED
        -m bpf --object-pinned "" ; REFUSED
        -m bpf ! --bytecode "1,6 0 0 1" ; REFUSED
        -m bpf ! --object-pinned /sys/fs/bpf/program ; REFUSED
        -m bpf --bytecode "1,6 0 0 1" --bytecode "1,6 0 0 1" ; REFUSED
        -m bpf --bytecode "1,6 0 0 1" --object-pinned /sys/fs/bpf/program ; REFUSED
        -m bpf ; REFUSED
    "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }

    #[test]
    fn long_paths_are_truncated() {
        let path = "/x".repeat(300);
        let kept = &path[..511];
        lines::check(&format!(
            "-m bpf --object-pinned {path} ; -m bpf --object-pinned {kept}"
        ));
    }
}
