//! `podsnat fmt`: texts in canonical form.

use std::path::Path;

use iptables_save::{Acceptance, Canonical, Document, Errors, Ruleset};

use crate::{
    args::FmtArgs,
    console::{Console, Trouble},
    errors,
    excerpt::Source,
    input::Input,
    message::{Level, Message},
    output, replace,
};

/// What a run came to that had no trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    /// `--check` found something.
    Found,
}

/// Goes through all files, whatever is wrong with some.
pub(crate) fn run(args: &FmtArgs, console: &mut Console) -> Result<Verdict, Trouble> {
    if args.saved {
        return saved(args, console);
    }
    let stdin = [Path::new("-").to_owned()];
    let files = match args.files.as_slice() {
        [] => &stdin,
        files => files,
    };
    let mut verdict = Ok(Verdict::Good);
    for file in files {
        match format(file, args, console) {
            Ok(Verdict::Good) => {}
            Ok(Verdict::Found) => verdict = verdict.and(Ok(Verdict::Found)),
            Err(trouble) => verdict = Err(trouble),
        }
    }
    verdict
}

fn format(file: &Path, args: &FmtArgs, console: &mut Console) -> Result<Verdict, Trouble> {
    let input = Input::read(Some(file), |_| {}).map_err(|unread| console.trouble(&unread))?;
    let document = Document::read(input.bytes());
    let source = Source {
        name: &input.name,
        document: &document,
    };
    let canonical = Canonical::accepting(&document, args.family.given(), acceptance(args))
        .map_err(|errors| refused(&errors, source, console))?;
    errors::tell_all(Level::Warning, &canonical.warnings, source, console);
    let count = canonical.edits.as_slice().len();
    let lines = match count {
        1 => "1 line".to_owned(),
        _ => format!("{count} lines"),
    };
    if args.check {
        if count == 0 {
            return Ok(Verdict::Good);
        }
        let old = format!("{}.orig", input.name);
        let diff = canonical.edits.diff(&document, &old, &input.name);
        output::print(&[&diff], &[], console)?;
        console.line(format_args!(
            "{}: {lines} not in canonical form",
            input.name
        ));
        return Ok(Verdict::Found);
    }
    let pieces = canonical.edits.pieces(&document);
    if file.as_os_str() == "-" {
        output::print(&pieces, &[], console)?;
    } else if count > 0 {
        replace::file(file, &pieces).map_err(|error| {
            let text = format!("cannot rewrite {}: {error}", input.name);
            console.trouble(&Message::error(text))
        })?;
        console.line(format_args!("{}: {lines} rewritten", input.name));
    }
    Ok(Verdict::Good)
}

/// Prints what iptables-save would after iptables-restore.
fn saved(args: &FmtArgs, console: &mut Console) -> Result<Verdict, Trouble> {
    let file = match args.files.as_slice() {
        [] => None,
        [file] => Some(file.as_path()),
        [_, second, ..] => {
            let text = format!(
                "`--saved` takes one file, and {} is another",
                second.display()
            );
            return Err(console.trouble(&Message::error(text)));
        }
    };
    let input = Input::read(file, |_| {}).map_err(|unread| console.trouble(&unread))?;
    let document = Document::read(input.bytes());
    let source = Source {
        name: &input.name,
        document: &document,
    };
    let ruleset = Ruleset::load_accepting(&document, args.family.given(), acceptance(args))
        .map_err(|errors| refused(&errors, source, console))?;
    let saved = ruleset.save();
    errors::tell_all(Level::Warning, &saved.warnings, source, console);
    output::print(&[&saved.text], &[], console)?;
    Ok(Verdict::Good)
}

fn acceptance(args: &FmtArgs) -> Acceptance {
    Acceptance {
        lossy: args.allow_lossy,
    }
}

fn refused(found: &Errors, source: Source<'_>, console: &mut Console) -> Trouble {
    errors::tell_all(Level::Error, found, source, console);
    console.told()
}
