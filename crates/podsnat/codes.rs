//! The codes of the program's own diagnostics. Each has its page in `docs/rules`.

/// Makes a constant of each code, and a list of them all.
macro_rules! codes {
    ($($name:ident = $code:literal,)*) => {
        $(pub(crate) const $name: &str = $code;)*

        #[cfg(test)]
        pub(crate) const ALL: &[&str] = &[$($code),*];
    };
}

codes! {
    BAD_POD_NETWORK = "bad-pod-network",
    CANNOT_READ = "cannot-read",
    CANNOT_REWRITE = "cannot-rewrite",
    CANNOT_WRITE = "cannot-write",
    CONFLICTING_CHANGES = "conflicting-changes",
    CUT_OFF = "cut-off",
    EMPTY_INPUT = "empty-input",
    FILE_CHANGED = "file-changed",
    HOST_BITS = "host-bits",
    NO_POD_NETWORK = "no-pod-network",
    PROOF_NOT_DECIDED = "proof-not-decided",
    NOT_EXACT = "not-exact",
    NOT_PROVEN = "not-proven",
    NOT_A_RULESET = "not-a-ruleset",
    ONE_FILE = "one-file",
    OPEN_CONNECTIONS = "open-connections",
    ROUTE_BACK = "route-back",
    WRONG_FAMILY = "wrong-family",
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use iptables_save::ErrorKind;
    use podsnat_rewrite::{CHANGE_CODES, FindingKind};

    #[test]
    fn each_code_is_of_one_kind_and_has_a_page() {
        let all = [
            ErrorKind::CODES,
            FindingKind::CODES,
            CHANGE_CODES,
            super::ALL,
        ]
        .concat();
        let codes: BTreeSet<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(codes.len(), all.len(), "a code is there twice");
        for code in &codes {
            let is_word =
                |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
            assert!(code.split('-').all(is_word), "{code}");
        }
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
        let files = fs::read_dir(rules).expect("the directory is there");
        let pages: BTreeSet<String> = files
            .map(|file| file.expect("it can be listed").path())
            .map(|path| {
                let code = path
                    .file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned();
                let page = fs::read_to_string(&path).expect("it can be read");
                assert!(page.starts_with(&format!("# {code}\n\n")), "{code}");
                assert!(page.contains("\nWhat to do: "), "{code}");
                code
            })
            .collect();
        assert_eq!(pages, codes);
    }
}
