//! A byte-by-byte model of how iptables-restore splits a line.

/// The tokens of a line in the model.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Split {
    /// The words, quotes and escapes removed.
    pub(crate) texts: Vec<Vec<u8>>,
    /// Where each was written, as its first byte and the one after its last; not of a
    /// word with an open quote, because nothing can be said to follow it.
    pub(crate) places: Vec<(usize, usize)>,
    /// The place of a quote that nothing closes.
    pub(crate) open: Option<usize>,
}

/// Splits `line` from byte `from` on as `xshared.c:add_param_to_argv` does.
///
/// It differs from that function in one thing: a word that is nothing but an open quote
/// is lost there, and empty here, since every quote belongs to a word.
pub(crate) fn split(line: &[u8], from: usize) -> Split {
    let mut done = Split::default();
    let mut word = Vec::new();
    let mut start = None;
    let mut escaped = false;
    let mut at = from;
    while at < line.len() && line[at] != 0 {
        let byte = line[at];
        if done.open.is_some() {
            match byte {
                _ if escaped => {
                    word.push(byte);
                    escaped = false;
                }
                b'\\' => escaped = true,
                b'"' => {
                    done.open = None;
                    done.texts.push(std::mem::take(&mut word));
                    done.places.push((start.take().unwrap(), at + 1));
                }
                _ => word.push(byte),
            }
        } else {
            match byte {
                b'"' => {
                    done.open = Some(at);
                    start = start.or(Some(at));
                }
                b' ' | b'\t' | b'\n' => {
                    if let Some(start) = start.take() {
                        done.texts.push(std::mem::take(&mut word));
                        done.places.push((start, at));
                    }
                }
                _ => {
                    word.push(byte);
                    start = start.or(Some(at));
                }
            }
        }
        at += 1;
    }
    if let Some(start) = start {
        done.texts.push(word);
        if done.open.is_none() {
            done.places.push((start, at));
        }
    }
    done
}
