//! `podsnat fmt` as users see it: its output, its messages, and its effect on files.
//!
//! The snapshots hold whole messages. Where the new ones are right,
//! `INSTA_UPDATE=always cargo test --test fmt` puts them in place.

#[path = "cli/run.rs"]
#[allow(dead_code, reason = "each test uses a part of this")]
mod run;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink},
    path::Path,
};

use insta::assert_snapshot;
use run::{Run, podsnat, shown};

/// A ruleset as a person may write it.
const BY_HAND: &str = "\
# the web server
*filter
:INPUT DROP
:WEB - [0:0]

-A INPUT -s 10.1/16,10.2/16 --proto tcp --dport 0x50 --jump WEB
-I INPUT 1 -m state --state ESTABLISHED,RELATED -j ACCEPT
-A WEB -j LOG --log-prefix web
-A   INPUT -j DROP
COMMIT
";

/// A ruleset of which iptables-restore accepts hardly a line.
const WRONG: &str = "\
*filter
:INPUT DROP [0:0]
:OWN ACCEPT [0:0]
-A INPUT -p tcp --dport 70000 -j ACCEPT
-A INPUT -p tcp --dprt 80 -j ACCEPT
-A INPUT -m geoip --src-cc DE -j DROP
-A INPUT -s 1.2.3 ! -j ACCEPT
-N -x
COMMIT
";

fn text_of(run: &Run, name: &str) -> String {
    fs::read_to_string(run.path().join(name)).expect("the file is there")
}

#[test]
fn help() {
    assert_snapshot!(podsnat(&["fmt", "--help"]));
}

mod lines {
    use super::*;

    #[test]
    fn from_stdin() {
        assert_snapshot!(podsnat(&["fmt"]).stdin(BY_HAND));
    }

    #[test]
    fn that_are_wrong() {
        assert_snapshot!(podsnat(&["fmt", "--family=4"]).stdin(WRONG));
    }

    #[test]
    fn whose_names_do_not_survive() {
        let text = "*filter\n-A INPUT -m recent --set --name \"a b\"   -j ACCEPT\nCOMMIT\n";
        assert_snapshot!(podsnat(&["fmt"]).stdin(text));
    }

    #[test]
    fn of_a_patch() {
        let text = "*nat\n-D  POSTROUTING -s 172.5.138.0/24 -j MASQUERADE\n\
                    -R OUTPUT 3  -j KUBE-SERVICES\n-F OLD\n-X OLD\n-E a  b\n-Z\n-L INPUT -n\nCOMMIT\n";
        assert_snapshot!(podsnat(&["fmt"]).stdin(text));
    }

    #[test]
    fn of_iptables_list_rules() {
        let text = "-P INPUT ACCEPT\n-N  web\n-A INPUT -p 6 -j web\n";
        assert_snapshot!(podsnat(&["fmt"]).stdin(text));
    }

    #[test]
    fn without_the_last_newline() {
        assert_snapshot!(podsnat(&["fmt"]).stdin("*filter\nCOMMIT"));
        assert_snapshot!(podsnat(&["fmt", "--check"]).stdin("*filter\nCOMMIT"));
    }

    #[test]
    fn with_carriage_returns() {
        assert_snapshot!(podsnat(&["fmt"]).stdin("*filter\r\n-A INPUT -j DROP\r\nCOMMIT\r\n"));
    }
}

mod check {
    use super::*;

    #[test]
    fn shows_a_diff() {
        assert_snapshot!(podsnat(&["fmt", "--check", "rules.v4"]).file("rules.v4", BY_HAND));
    }

    #[test]
    fn is_content_with_its_own_work() {
        let canonical = podsnat(&["fmt"]).stdin(BY_HAND).output().stdout;
        assert_snapshot!(podsnat(&["fmt", "--check"]).stdin(canonical));
    }

    #[test]
    fn goes_through_all_files() {
        let run = podsnat(&["fmt", "--check", "a", "b", "c"]);
        assert_snapshot!(
            run.file("a", BY_HAND)
                .file("b", WRONG)
                .file("c", "*nat \nCOMMIT\n")
        );
    }

    #[test]
    fn shows_changes_that_are_far_apart() {
        let rules: String = (0..40)
            .map(|n| match n {
                5 | 6 | 30 => format!("-A INPUT -s 10.0.0.{n} -j ACCEPT\n"),
                _ => format!("-A INPUT -s 10.0.0.{n}/32 -j ACCEPT\n"),
            })
            .collect();
        let text = format!("*filter\n{rules}COMMIT\n");
        assert_snapshot!(podsnat(&["fmt", "--check"]).stdin(text));
    }
}

mod files {
    use super::*;

    #[test]
    fn are_rewritten() {
        let run = podsnat(&["fmt", "a", "b"])
            .file("a", BY_HAND)
            .file("b", "*nat\nCOMMIT\n");
        assert_snapshot!(run);
        let canonical = podsnat(&["fmt"]).stdin(BY_HAND).output().stdout;
        assert_eq!(text_of(&run, "a").as_bytes(), canonical);
    }

    #[test]
    fn stay_when_something_is_wrong() {
        let text = format!("*nat  \nCOMMIT\n{WRONG}");
        let run = podsnat(&["fmt", "a"]).file("a", &text);
        assert_eq!(run.output().status.code(), Some(2));
        assert_eq!(text_of(&run, "a"), text);
    }

    #[test]
    fn keep_mode_and_owner() {
        let run = podsnat(&["fmt", "a"]).file("a", BY_HAND);
        let path = run.path().join("a");
        // Only root may change a file's owner; for others the owner stays the same anyway.
        let _ = chown(&path, Some(12), Some(34));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("the file is ours");
        let of = |path: &Path| {
            let it = fs::metadata(path).expect("the file is there");
            (it.mode(), it.uid(), it.gid())
        };
        let before = of(&path);
        assert_eq!(run.output().status.code(), Some(0));
        assert_ne!(text_of(&run, "a"), BY_HAND);
        assert_eq!(of(&path), before);
        let names: Vec<_> = fs::read_dir(run.path()).expect("ours").collect();
        assert_eq!(names.len(), 1, "no temporary file is left: {names:?}");
    }

    #[test]
    fn behind_a_link() {
        let run = podsnat(&["fmt", "link"]).file("a", BY_HAND);
        let link = run.path().join("link");
        symlink("a", &link).expect("the directory is ours");
        assert_eq!(run.output().status.code(), Some(0));
        assert!(link.is_symlink());
        assert_ne!(text_of(&run, "a"), BY_HAND);
    }

    #[test]
    fn in_order_are_not_touched() {
        let run = podsnat(&["fmt", "a"]).file("a", "*nat\nCOMMIT\n");
        let inode = || {
            fs::metadata(run.path().join("a"))
                .expect("it is there")
                .ino()
        };
        let before = inode();
        assert_eq!(run.output().status.code(), Some(0));
        assert_eq!(inode(), before);
    }

    #[test]
    fn that_are_none() {
        assert_snapshot!(podsnat(&["fmt", "missing", "/", "/dev/null"]));
    }
}

mod saved {
    use super::*;

    #[test]
    fn prints_what_is_loaded() {
        assert_snapshot!(podsnat(&["fmt", "--saved"]).stdin(BY_HAND));
    }

    #[test]
    fn reports_every_error() {
        let text = "*filter\n:a - [0:0]\n-A a -j b\n-A c -j ACCEPT\n-D INPUT 1\n-A a -g a\n-A INPUT -j a\n\
                    -X a\n-A INPUT -s 1.2.3.4/40\nCOMMIT\n";
        assert_snapshot!(podsnat(&["fmt", "--saved"]).stdin(text));
    }

    #[test]
    fn of_names_that_do_not_survive() {
        let text = "*filter\n-A INPUT -m recent --set --name \"a b\" -j ACCEPT\nCOMMIT\n";
        assert_snapshot!(podsnat(&["fmt", "--saved"]).stdin(text));
    }

    #[test]
    fn of_one_file() {
        assert_snapshot!(podsnat(&["fmt", "--saved", "a", "b"]));
        assert_snapshot!(podsnat(&["fmt", "--saved", "--check", "a"]));
    }

    #[test]
    fn of_iptables_list_rules() {
        assert_snapshot!(podsnat(&["fmt", "--saved"]).stdin("-P INPUT ACCEPT\n-A INPUT -j DROP\n"));
    }

    /// `diff <(iptables-save | podsnat fmt --saved) <(podsnat fmt --saved rules.v4)`
    #[test]
    fn is_the_same_for_the_text_and_for_what_it_prints() {
        let first = podsnat(&["fmt", "--saved"]).stdin(BY_HAND).output().stdout;
        let again = podsnat(&["fmt", "--saved"]).stdin(&first).output();
        assert_eq!(
            shown(&again),
            format!(
                "exit code: 0\n--- stdout\n{}--- stderr\n",
                String::from_utf8_lossy(&first)
            )
        );
    }
}

/// Saved rulesets that do not hold everything the kernel does, or that hold two families.
mod saves {
    use super::*;

    const NFT: &str =
        "# Generated by iptables-nft-save v1.8.9 (nf_tables) on Mon Nov 23 03:49:53 2026\n";

    fn checked_and_saved(text: &str) -> [String; 2] {
        ["--check", "--saved"].map(|option| podsnat(&["fmt", option]).stdin(text).to_string())
    }

    #[test]
    fn with_a_bare_rule() {
        let text = format!("{NFT}*filter\n:INPUT ACCEPT [0:0]\n-A INPUT\nCOMMIT\n");
        assert_snapshot!(checked_and_saved(&text).concat());
    }

    #[test]
    fn with_an_incompatible_table() {
        let text = format!(
            "{NFT}*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n# Table `nat' is incompatible, use 'nft' tool.\n"
        );
        assert_snapshot!(checked_and_saved(&text).concat());
    }

    #[test]
    fn with_a_bare_rule_and_an_incompatible_table_by_request() {
        let text = format!(
            "{NFT}*filter\n:INPUT ACCEPT [0:0]\n-A INPUT\nCOMMIT\n# Table `nat' is incompatible, use 'nft' tool.\n"
        );
        for option in ["--check", "--saved"] {
            let run = podsnat(&["fmt", option, "--allow-lossy", "--quiet"]).stdin(&text);
            assert_eq!(run.output().status.code(), Some(0), "{run}");
        }
    }

    #[test]
    fn with_incompatible_chains() {
        let text = format!(
            "{NFT}*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n\
             # Table `filter' contains incompatible base-chains, use 'nft' tool to list them.\n"
        );
        assert_snapshot!(checked_and_saved(&text).concat());
    }

    #[test]
    fn of_two_families() {
        let text = "# Generated by iptables-save v1.8.9 on Mon Nov 23 03:49:53 2026\n\
                    *filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 192.0.2.1/32 -j DROP\nCOMMIT\n\
                    # Generated by ip6tables-save v1.8.9 on Mon Nov 23 03:49:53 2026\n\
                    *filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
        assert_snapshot!(checked_and_saved(text).concat());
    }
}
