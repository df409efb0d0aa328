//! What fuzzing found once, checked as the fuzz targets check it.

mod checks;

use checks::{line, text};

#[test]
fn texts() {
    for text in [
        // A chain's line that ends with the input, after a space.
        &b"*nat\n:X "[..],
        b"*nat\n:X\t",
        // Names of chains that are refused, or that iptables-save does not quote.
        b"*nat\n-N \"a b\"\nCOMMIT\n",
        b"*nat\n-N \"a\x0bb\"\nCOMMIT\n",
        b"*nat\n:x - [0:0]\n-E x \"a b\"\nCOMMIT\n",
        b"*nat\n:x - [0:0]\n-A INPUT -j x\n-E x \"a\\\"b\"\nCOMMIT\n",
        b"*nat\n:a\"b - [0:0]\nCOMMIT\n",
        b"*nat\n:a\"b - [0:0]\n-A \"a\\\"b\" -j ACCEPT\nCOMMIT\n",
        b"*nat\n:a\"b - [0:0]\n-A INPUT -g \"a\\\"b\"\nCOMMIT\n",
        b"*nat\n:x - [0:0]\n-E x ACCEPT\nCOMMIT\n",
    ] {
        text::check(text);
    }
}

#[test]
fn lines() {
    for words in [
        // Names of unknown matches.
        &b"-m \"a b\" c"[..],
        b"-m \"\" c",
        b"-m a\"b\\\" c\" d",
        b"-m \"a\tb\"",
        // Counters after an unknown match.
        b"-c 1,31 -m x",
        // An option of an unknown target, before a match that has the same option.
        b"-j socket --transparent -m socket",
        b"-j X --transp -m socket",
        b"-j X --ttl-eq=5 -m ttl",
        b"-j X --dport 80 -p tcp",
    ] {
        line::check(words);
    }
}
