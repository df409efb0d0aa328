//! The order in which packets meet the rules of a chain.

use iptables_save::{ChainId, Command, Document, LineId, Reader, counters_end};

/// How many commands other than `-A` are followed in one chain.
const MOST_COMMANDS: usize = 1000;

/// The rules of a chain as packets meet them, which is the order of the text where each
/// is put at the end. Lines that cannot be read keep a place.
///
/// A chain with more than a thousand other commands is taken in the order of the text:
/// to follow them all would take a time that grows with their square.
pub(super) fn in_packet_order<'a>(
    document: &Document<'a>,
    chain: ChainId,
    mut reader: Reader<'a>,
) -> Vec<LineId> {
    let lines = document.rules(chain);
    let others = lines.clone().filter(|line| !is_append(document, *line));
    match others.take(MOST_COMMANDS + 1).count() {
        1..=MOST_COMMANDS => {}
        _ => return lines.collect(),
    }
    let place = |number: u32| usize::try_from(number).map_or(usize::MAX, |it| it.saturating_sub(1));
    let mut order: Vec<(LineId, String)> = Vec::new();
    for line in lines {
        let Ok(statement) = reader.read(document, line) else {
            order.push((line, String::new()));
            continue;
        };
        let rule = statement.rule.to_string();
        match &statement.command {
            Command::Insert { number, .. } => {
                order.insert(place(*number).min(order.len()), (line, rule));
            }
            Command::Replace { number, .. } => match order.get_mut(place(*number)) {
                Some(replaced) => *replaced = (line, rule),
                None => order.push((line, rule)),
            },
            Command::DeleteNumber { number, .. } if place(*number) < order.len() => {
                order.remove(place(*number));
            }
            Command::Delete { .. } => {
                if let Some(at) = order.iter().position(|(_, it)| *it == rule) {
                    order.remove(at);
                }
            }
            Command::Append { .. } => order.push((line, rule)),
            _ => {}
        }
    }
    order.into_iter().map(|(line, _)| line).collect()
}

/// Whether every rule of a chain is plainly put at its end.
pub(super) fn is_in_order(document: &Document<'_>, chain: ChainId) -> bool {
    document.rules(chain).all(|line| is_append(document, line))
}

/// Whether a line plainly puts a rule at the end of its chain, as in all saved text.
fn is_append(document: &Document<'_>, line: LineId) -> bool {
    let bytes = document.line(line).bytes;
    let words = bytes[counters_end(bytes)..].trim_ascii_start();
    words.starts_with(b"-A ")
}
