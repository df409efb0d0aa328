//! What fuzzing found once, checked as the fuzz targets check it.

mod checks;

use checks::{line, text};

#[test]
fn texts() {
    for text in [
        // A chain's line that ends with the input, after a blank.
        &b"*nat\n:X "[..],
        b"*nat\n:X\t",
    ] {
        text::check(text);
    }
}

#[test]
fn lines() {
    for words in [
        // Names of matches that nobody has.
        &b"-m \"a b\" c"[..],
        b"-m \"\" c",
        b"-m a\"b\\\" c\" d",
        b"-m \"a\tb\"",
    ] {
        line::check(words);
    }
}
