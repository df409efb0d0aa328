//! What a program prints where it prints otherwise, made from what podsnat prints: `None` where that is the same.

use std::collections::BTreeMap;

use super::rules::Sample;

/// The line with another value for an option.
pub(crate) fn replaced(
    line: &str,
    flag: &str,
    with: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let line = format!(" {line}");
    let (start, rest) = line.split_once(&format!(" {flag} "))?;
    let end = rest.find(' ').unwrap_or(rest.len());
    let value = with(&rest[..end])?;
    Some(
        format!("{start} {flag} {value}{}", &rest[end..])
            .trim_start()
            .to_owned(),
    )
}

/// `! --sport 0:9` as `--sport 10:65535`.
pub(crate) fn around(line: &str, flag: &str) -> Option<String> {
    let (start, rest) = line.split_once(&format!(" ! {flag} "))?;
    let end = rest.find(' ').unwrap_or(rest.len());
    let (first, last) = rest[..end].split_once(':')?;
    let above = last
        .parse::<u16>()
        .ok()
        .filter(|_| first == "0")?
        .checked_add(1)?;
    let range = match above {
        u16::MAX => "65535".to_owned(),
        above => format!("{above}:65535"),
    };
    Some(format!("{start} {flag} {range}{}", &rest[end..]))
}

/// The line with a test of an interface where iptables-save puts it.
pub(crate) fn with_interface(line: &str, flag: &str, name: &str) -> String {
    let before: &[&str] = match flag {
        "-i" => &["-s", "-d"],
        _ => &["-s", "-d", "-i"],
    };
    let words: Vec<&str> = line.split(' ').collect();
    let mut at = 0;
    loop {
        let inversion = usize::from(words.get(at) == Some(&"!"));
        match words.get(at + inversion) {
            Some(option) if before.contains(option) => at += inversion + 2,
            _ => break,
        }
    }
    let (start, rest) = words.split_at(at);
    [start, &[flag, name], rest].concat().join(" ")
}

/// The line without some of its words.
pub(crate) fn without(line: &str, parts: &[&str]) -> Option<String> {
    let mut line = format!(" {line} ");
    for part in parts {
        line = line.replace(&format!(" {part} "), " ");
    }
    Some(line.trim().to_owned())
}

/// The line without `! --OPTION RANGE` for ranges of everything.
pub(crate) fn without_impossible_ranges(line: &str, _: &Sample) -> Option<String> {
    let mut words: Vec<&str> = line.split(' ').collect();
    let is_impossible = |three: &[&str]| {
        let [inversion, flag, range] = three else {
            return false;
        };
        *inversion == "!"
            && flag.starts_with("--")
            && matches!(*range, "0:255" | "0:65535" | "0:4294967295")
    };
    while let Some(at) = words.windows(3).position(is_impossible) {
        words.drain(at..at + 3);
    }
    Some(words.join(" "))
}

/// The line without `! --tcp-flags NONE …`.
pub(crate) fn without_flags_of_none(line: &str) -> Option<String> {
    let (start, rest) = line.split_once(" ! --tcp-flags NONE ")?;
    let rest = rest
        .split_once(' ')
        .map_or(String::new(), |(_, rest)| format!(" {rest}"));
    Some(format!("{start}{rest}"))
}

/// The line with all of `-m tcp` and of `-m udp` in the first of each.
pub(crate) fn merged(line: &str, _: &Sample) -> Option<String> {
    const ORDER: [&str; 4] = ["--sport", "--dport", "--tcp-option", "--tcp-flags"];
    let mut parts: Vec<Vec<&str>> = vec![vec![]];
    for word in line.split(' ') {
        if matches!(word, "-m" | "-j" | "-g") {
            parts.push(vec![]);
        }
        parts.last_mut()?.push(word);
    }
    for name in ["tcp", "udp"] {
        let is_such = |part: &Vec<&str>| part.starts_with(&["-m", name]);
        let Some(first) = parts.iter().position(is_such) else {
            continue;
        };
        let words: Vec<&str> = parts
            .iter()
            .filter(|it| is_such(it))
            .flat_map(|it| it[2..].to_vec())
            .collect();
        let mut options: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        let mut option: Vec<&str> = vec![];
        for word in words.into_iter().chain(["--end"]) {
            let begins = word == "!" || word.starts_with("--") && option != ["!"];
            if begins && let Some(place) = ORDER.iter().position(|it| option.contains(it)) {
                // A `!` is not forgotten.
                let is_inverted = options.get(&place).is_some_and(|it| it[0] == "!");
                if is_inverted && option[0] != "!" {
                    option.insert(0, "!");
                }
                options.insert(place, std::mem::take(&mut option));
            }
            option.push(word);
        }
        parts[first] = ["-m", name]
            .into_iter()
            .chain(options.into_values().flatten())
            .collect();
        let mut nth = 0;
        parts.retain(|part| {
            nth += 1;
            nth <= first + 1 || !is_such(part)
        });
    }
    Some(parts.concat().join(" "))
}

/// The line with a lower value for an option whose value is too high.
pub(crate) fn at_most(line: &str, flag: &str, most: u32) -> Option<String> {
    replaced(line, flag, |value| {
        let value: u32 = value.parse().ok()?;
        Some(value.min(most).to_string())
    })
}

/// The line without an option and its value.
pub(crate) fn without_value(line: &str, flag: &str) -> Option<String> {
    let (start, rest) = line.split_once(&format!(" {flag} "))?;
    let end = rest.find(' ').unwrap_or(rest.len());
    Some(format!("{start}{}", &rest[end..]))
}

/// The line without a match of TCP or UDP that has no option.
pub(crate) fn without_bare_match(line: &str) -> Option<String> {
    let bare = ["-m tcp", "-m udp"].into_iter().find(|name| {
        let after = line.split_once(name).map(|(_, after)| after);
        after.is_some_and(|after| {
            after.is_empty()
                || [" -m ", " -j ", " -g "]
                    .iter()
                    .any(|it| after.starts_with(it))
        })
    })?;
    without(line, &[bare])
}

/// The line with the prefix of `-j NFLOG` cut.
pub(crate) fn cut_prefix(line: &str, _: &Sample) -> Option<String> {
    let (start, rest) = line.split_once("--nflog-prefix ")?;
    let (prefix, rest) = match rest.strip_prefix('"') {
        Some(quoted) if !rest.contains('\\') => quoted.split_once('"')?,
        Some(_) => return None,
        None => rest.split_at(rest.find(' ').unwrap_or(rest.len())),
    };
    let prefix = prefix.get(..63)?;
    let is_bare = prefix
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let quote = if is_bare { "" } else { "\"" };
    Some(format!(
        "{start}--nflog-prefix {quote}{prefix}{quote}{rest}"
    ))
}
