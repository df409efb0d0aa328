//! `-j NFQUEUE`: packets queued to userspace.

use super::extension;
use crate::{
    ext::OptionConflict,
    value::{Context, Range},
};

extension! {
    /// Queues the packet to a userspace program, which issues the verdict.
    ///
    /// Kernel `xt_NFQUEUE`; iptables `libxt_NFQUEUE`.
    Nfqueue = "NFQUEUE" {
        /// The number of the queue: by default 0.
        "--queue-num" => queue_num: Option<u16>,
        /// A range of queues across which connections are balanced.
        "--queue-balance" => queue_balance: Option<Range<u16>>,
        /// If no program listens on the queue, accepts the packet in this table instead of
        /// dropping it.
        "--queue-bypass" => queue_bypass: bool,
        /// Selects the queue by the CPU that handles the packet.
        "--queue-cpu-fanout" => queue_cpu_fanout: bool,
    }
    one of ["--queue-num", "--queue-balance"];
    needs "--queue-balance" with "--queue-cpu-fanout";
    validate = validate;
    normalize = normalize;
}

/// All queues, whose count of 65536 the kernel stores in 16 bits as 0.
const ALL_QUEUES: Range<u16> = Range {
    first: 0,
    last: u16::MAX,
};

fn validate(nfqueue: &Nfqueue, _: &Context) -> Result<(), OptionConflict> {
    match nfqueue.queue_balance {
        // The kernel refuses to balance across 0 queues (`xt_NFQUEUE.c:nfqueue_tg_check`).
        Some(ALL_QUEUES) if nfqueue.queue_cpu_fanout => {
            Err("`--queue-balance` takes at most 65535 queues".into())
        }
        Some(Range { first, last }) if first >= last => {
            Err("`--queue-balance` needs two queues, the lower one first".into())
        }
        _ => Ok(()),
    }
}

fn normalize(nfqueue: &mut Nfqueue, _: &Context) {
    match nfqueue.queue_balance {
        None => {
            nfqueue.queue_num.get_or_insert(0);
        }
        Some(ALL_QUEUES) => (nfqueue.queue_num, nfqueue.queue_balance) = (Some(0), None),
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j NFQUEUE ; -j NFQUEUE --queue-num 0
        -j NFQUEUE --queue-num 65535 ; =
        -j NFQUEUE --queue-bypass --queue-n 05 ; -j NFQUEUE --queue-num 5 --queue-bypass
        -j NFQUEUE --queue-balance 0:3 --queue-bypass --queue-cpu-fanout ; =
        -j NFQUEUE --queue-balance 1:65535 ; =
        -j NFQUEUE --queue-balance 5: ; -j NFQUEUE --queue-balance 5:65535
        -j NFQUEUE --queue-balance :5 ; -j NFQUEUE --queue-balance 0:5
        -j NFQUEUE --queue-ba "0x1: 3" ; -j NFQUEUE --queue-balance 1:3
        -j NFQUEUE --queue-balance 0:65535 ; -j NFQUEUE --queue-num 0
        -j NFQUEUE --queue-balance : ; -j NFQUEUE --queue-num 0
        -j NFQUEUE --queue-balance : --queue-cpu-fanout ; REFUSED
        -j NFQUEUE --queue-balance 3:0 ; REFUSED
        -j NFQUEUE --queue-balance 3:3 ; REFUSED
        -j NFQUEUE --queue-balance 3 ; REFUSED
        -j NFQUEUE --queue-balance 1:2:3 ; REFUSED
        -j NFQUEUE --queue-balance 0:65536 ; REFUSED
        -j NFQUEUE --queue-balance -1:3 ; REFUSED
        -j NFQUEUE --queue-balance "" ; REFUSED
        -j NFQUEUE --queue-balance 0:3 --queue-num 1 ; REFUSED
        -j NFQUEUE --queue-num 1 --queue-cpu-fanout ; REFUSED
        -j NFQUEUE --queue-num 65536 ; REFUSED
        -j NFQUEUE --queue-num -1 ; REFUSED
        -j NFQUEUE --queue-num 1 --queue-num 1 ; REFUSED
        -j NFQUEUE --queue-b ; REFUSED
        -j NFQUEUE ! --queue-bypass ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
