//! What podsnat prints for every fixture loads in the kernel, on both backends, and is saved as printed; and what the
//! kernel saves for the fixture itself is what `podsnat fmt --saved` prints for it.
//!
//! A fixture whose own input does not load here (another system's extensions, a missing kernel module) shows nothing
//! about podsnat: it is named and left out. `support::saved` documents what the comparison ignores.
//! Counters are compared too: rulesets are loaded and saved with `-c`, in namespaces without traffic.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use support::fixture::{self, Fixture};
use support::iptables::{Backend, Family, Iptables};
use support::netns::{Namespace, finish};
use support::saved::Saved;
use support::{PODSNAT, one_line, say, skip, skipped};

#[test]
fn restore_takes_what_podsnat_prints() {
    if skipped("restore", &[]) {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let fixtures = fixture::all(&root);
    let tasks = tasks(&fixtures);

    let mut failures = Vec::new();
    let mut counts: BTreeMap<Iptables, (usize, usize)> = BTreeMap::new();
    for (task, verdict) in tasks
        .iter()
        .zip(in_parallel(&tasks, load_what_podsnat_prints))
    {
        let (loaded, left_out) = counts.entry(task.iptables).or_default();
        let name = format!("{}: {}", task.iptables, task.fixture.name);
        match verdict {
            Verdict::SavedAsPrinted => *loaded += 1,
            Verdict::InputDoesNotLoad(why) => {
                *left_out += 1;
                say(&format!(
                    "{name}: left out, its own input does not load: {}",
                    one_line(&why)
                ));
            }
            Verdict::Wrong(why) => failures.push(format!("{name}: {why}")),
        }
    }
    for (iptables, (loaded, left_out)) in &counts {
        say(&format!(
            "restore with {iptables}: {loaded} loaded, {left_out} left out"
        ));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(
        counts.values().all(|(loaded, _)| *loaded > 0),
        "there are fixtures, but none loads: {counts:?}"
    );
    assert!(
        fixtures.iter().any(|fixture| fixture.is_accepted),
        "no fixture with a full.save in {}",
        root.display()
    );
}

/// A fixture to try with one set of programs.
struct Task<'a> {
    iptables: Iptables,
    fixture: &'a Fixture,
}

enum Verdict {
    SavedAsPrinted,
    InputDoesNotLoad(String),
    Wrong(String),
}

/// Returns each fixture that podsnat accepts, with each available backend.
fn tasks(fixtures: &[Fixture]) -> Vec<Task<'_>> {
    let mut usable = BTreeMap::new();
    let mut tasks = Vec::new();
    for fixture in fixtures.iter().filter(|fixture| fixture.is_accepted) {
        for backend in [Backend::Legacy, Backend::Nft] {
            let iptables = Iptables {
                backend,
                family: fixture.family(),
            };
            let usable = usable
                .entry(iptables)
                .or_insert_with(|| match iptables.obstacle() {
                    Some(why) => !skip(&format!("restore with {iptables}"), &why),
                    None => true,
                });
            if *usable {
                tasks.push(Task { iptables, fixture });
            }
        }
    }
    tasks
}

fn load_what_podsnat_prints(task: &Task<'_>) -> Verdict {
    match task.load_and_save(&task.fixture.input) {
        Err(why) => Verdict::InputDoesNotLoad(why),
        Ok(input) => match task.compare(&input) {
            Err(why) => Verdict::Wrong(why),
            Ok(()) => Verdict::SavedAsPrinted,
        },
    }
}

impl Task<'_> {
    /// Compares what is printed with what is then saved; `input` is the fixture's input as the kernel saved it.
    fn compare(&self, input: &str) -> Result<(), String> {
        self.compare_loaded(input)?;
        // An older iptables or a person may spell a rule in another way than save does here, or leave out a built-in
        // chain. So what podsnat prints for the input *as saved here* must be saved as printed, to the byte …
        let printed = self.podsnat(input.as_bytes(), true)?;
        let saved = self.load_and_save(printed.as_bytes())?;
        let (printed, saved) = (Saved::read(&printed), Saved::read(&saved));
        if printed != saved {
            return Err(format!(
                "- printed, + saved:\n{}",
                printed.difference(&saved)
            ));
        }
        // … and what it prints for the original input must load as exactly that. Equal inputs are not loaded twice.
        let as_it_came = self.podsnat(&self.fixture.input, false)?;
        if Saved::read(&as_it_came) == printed {
            return Ok(());
        }
        let saved = Saved::read(&self.load_and_save(as_it_came.as_bytes())?);
        if saved != printed {
            let difference = printed.difference(&saved);
            return Err(format!(
                "- printed for the text as saved here, + saved of the text as it came:\n{difference}"
            ));
        }
        Ok(())
    }

    /// Compares what the kernel saved for the fixture's input with podsnat's result: each as podsnat prints it.
    fn compare_loaded(&self, input: &str) -> Result<(), String> {
        let saved = |text: &[u8]| {
            let family = match self.iptables.family {
                Family::V4 => "--family=4",
                Family::V6 => "--family=6",
            };
            let mut command = Command::new(PODSNAT);
            let output = finish(command.args(["fmt", "--saved", family]), text)?;
            Ok::<_, String>(Saved::read(&String::from_utf8_lossy(&output.stdout)))
        };
        let (kernel, podsnat) = (saved(input.as_bytes())?, saved(&self.fixture.input)?);
        // iptables-nft-restore creates no table without a rule or a user-defined chain.
        if kernel.is_part_of(&podsnat) {
            Ok(())
        } else {
            Err(format!(
                "- kernel, + podsnat:\n{}",
                kernel.difference(&podsnat)
            ))
        }
    }

    fn load_and_save(&self, text: &[u8]) -> Result<String, String> {
        let node = Namespace::make("restore")?;
        for set in &self.fixture.ipsets {
            let create: Vec<&str> = ["ipset", "create"]
                .into_iter()
                .chain(set.split_whitespace())
                .collect();
            node.try_run(&create, b"")?;
        }
        let (restore, save) = (
            self.iptables.restore_program(),
            self.iptables.save_program(),
        );
        // With `-c`, restore requires counters after every policy.
        let policies = text
            .split(|byte| *byte == b'\n')
            .filter(|line| line.starts_with(b":"));
        let have_counters = { policies }.all(|line| line.ends_with(b"]"));
        let counters: &[&str] = if have_counters { &["-c"] } else { &[] };
        node.try_run(&[&[restore.as_str()], counters].concat(), text)?;
        let saved = node.try_run(&[&save, "-c"], b"")?.stdout;
        String::from_utf8(saved).map_err(|why| why.to_string())
    }

    fn podsnat(&self, text: &[u8], is_saved_here: bool) -> Result<String, String> {
        let mut command = Command::new(PODSNAT);
        command
            .args(&self.fixture.args)
            .current_dir(&self.fixture.dir)
            .env_remove("PODSNAT_POD_CIDR");
        // A legacy ruleset may have a rule without match or target, which podsnat reports under an nf_tables header.
        if is_saved_here && !self.fixture.args.iter().any(|arg| arg == "--allow-lossy") {
            command.arg("--allow-lossy");
        }
        String::from_utf8(finish(&mut command, text)?.stdout).map_err(|why| why.to_string())
    }
}

/// Returns the result of `work` for each task, in the order of the tasks.
fn in_parallel<T: Sync, R: Send>(tasks: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let waiting = Mutex::new(tasks.iter().enumerate());
    let next = || {
        waiting
            .lock()
            .expect("taking the next task does not panic")
            .next()
    };
    let worker = || {
        let mut done = Vec::new();
        while let Some((index, task)) = next() {
            done.push((index, work(task)));
        }
        done
    };
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no task panics"))
            .collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
