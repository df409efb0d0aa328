//! Every fixture through the filter: its output, its messages, and that its own
//! output does not change again.

mod support;

use std::{
    env, fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use support::{
    PODSNAT,
    fixture::{self, Fixture},
};

#[test]
fn every_fixture_comes_out_as_expected() {
    let fixtures = fixture::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    assert!(fixtures.len() > 50, "only {} fixtures", fixtures.len());
    let wrong: Vec<String> = fixtures.iter().filter_map(|it| check(it).err()).collect();
    assert!(wrong.is_empty(), "{}\n{HOW_TO_UPDATE}", wrong.join("\n"));
}

const HOW_TO_UPDATE: &str =
    "where the new answer is right: UPDATE_FIXTURES=1 cargo test --test fixtures";

fn check(fixture: &Fixture) -> Result<(), String> {
    let output = filter(fixture, &fixture.input);
    let (code, expected) = if fixture.is_accepted {
        (
            0,
            fs::read(fixture.dir.join("full.save")).expect("it was found there"),
        )
    } else {
        (2, Vec::new())
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() != Some(code) {
        return Err(format!(
            "{}: {} instead of {code}\n{said}",
            fixture.name, output.status
        ));
    }
    if output.stdout != expected {
        let printed = String::from_utf8_lossy(&output.stdout);
        return Err(format!("{}: printed\n{printed}", fixture.name));
    }
    if fixture.is_accepted {
        let again = filter(fixture, &output.stdout);
        if again.stdout != output.stdout || again.status.code() != Some(0) {
            let changed = String::from_utf8_lossy(&again.stderr);
            return Err(format!(
                "{}: changed its own output\n{changed}",
                fixture.name
            ));
        }
    }
    same_report(fixture, &said)
}

/// Compares the messages with `report.txt`, or updates it when asked to.
fn same_report(fixture: &Fixture, said: &str) -> Result<(), String> {
    let path = fixture.dir.join("report.txt");
    if env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, said).expect("fixtures can be written");
    }
    match fs::read_to_string(&path) {
        Ok(expected) if expected == said => Ok(()),
        _ => Err(format!("{}: said\n{said}", fixture.name)),
    }
}

fn filter(fixture: &Fixture, input: &[u8]) -> Output {
    let mut child = Command::new(PODSNAT)
        .args(&fixture.args)
        .current_dir(&fixture.dir)
        .env_remove("PODSNAT_POD_CIDR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("podsnat starts");
    let mut stdin = child.stdin.take().expect("it was piped");
    // A program that refuses early may be gone before it has read everything.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("podsnat ends")
}
