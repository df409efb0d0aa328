//! `podsnat fmt`: rulesets in canonical form.

use std::path::{Path, PathBuf};

use iptables_save::{
    Acceptance, Canonical, Diagnostic, Document, Errors, Family, Ruleset, Severity,
};

use crate::{
    codes,
    console::{Console, Reported},
    error_list,
    escape::escaped,
    input::{self, Input},
    output,
    render::Source,
    replace,
};

/// What to do with the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Rewrite them.
    Rewrite,
    /// Show what would change.
    Check,
    /// Print what iptables-save would print after iptables-restore.
    Save,
}

/// How to do it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) action: Action,
    pub(crate) family: Option<Family>,
    pub(crate) acceptance: Acceptance,
}

/// The result of a run without errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Clean,
    /// `--check` found something.
    Findings,
}

/// Formats all files, whatever is wrong with some.
pub(crate) fn run(
    files: &[PathBuf],
    settings: Settings,
    console: &mut Console,
) -> Result<Outcome, Reported> {
    if settings.action == Action::Save {
        return save(files, settings, console);
    }
    let stdin = [PathBuf::from("-")];
    let files = if files.is_empty() { &stdin } else { files };
    let mut outcome = Ok(Outcome::Clean);
    for file in files {
        match format(file, settings, console) {
            Ok(Outcome::Clean) => {}
            Ok(Outcome::Findings) => outcome = outcome.and(Ok(Outcome::Findings)),
            Err(reported) => outcome = Err(reported),
        }
    }
    outcome
}

fn format(file: &Path, settings: Settings, console: &mut Console) -> Result<Outcome, Reported> {
    let input = Input::read(Some(file), |_| {}).map_err(|error| console.fail(&error, None))?;
    let document = Document::read(input.bytes());
    let source = Source {
        name: &input.name,
        document: &document,
    };
    let canonical = Canonical::accepting(&document, settings.family, settings.acceptance)
        .map_err(|errors| refuse(&errors, source, console))?;
    error_list::emit_all(Severity::Warning, &canonical.warnings, source, console);
    let count = canonical.edits.as_slice().len();
    let lines = match count {
        1 => "1 line".to_owned(),
        _ => format!("{count} lines"),
    };
    let name = escaped(&input.name);
    if settings.action == Action::Check {
        if count == 0 {
            return Ok(Outcome::Clean);
        }
        let old = format!("{name}.orig");
        let diff = canonical.edits.diff(&document, &old, &name);
        output::print(&[&diff], None, console)?;
        console.emit_plain(format_args!("{name}: {lines} not in canonical form"));
        return Ok(Outcome::Findings);
    }
    let pieces = canonical.edits.pieces(&document);
    if file.as_os_str() == "-" {
        output::print(&pieces, Some(&input.text), console)?;
    } else if count > 0 {
        replace::file(file, &pieces, input.version)
            .map_err(|failure| console.fail(&failure.diagnostic(&input.name), None))?;
        console.emit_plain(format_args!("{name}: {lines} rewritten"));
    }
    Ok(Outcome::Clean)
}

/// Prints what iptables-save would print after iptables-restore.
fn save(files: &[PathBuf], settings: Settings, console: &mut Console) -> Result<Outcome, Reported> {
    if let [_, second, ..] = files {
        let message = format!(
            "`--saved` takes one file, and {} is another",
            input::name(second)
        );
        let error = Diagnostic::new(codes::ONE_FILE, Severity::Error, message);
        return Err(console.fail(&error, None));
    }
    let file = files.first().map(PathBuf::as_path);
    let input = Input::read(file, |_| {}).map_err(|error| console.fail(&error, None))?;
    let document = Document::read(input.bytes());
    let source = Source {
        name: &input.name,
        document: &document,
    };
    let ruleset = Ruleset::load_accepting(&document, settings.family, settings.acceptance)
        .map_err(|errors| refuse(&errors, source, console))?;
    let saved = ruleset.save();
    error_list::emit_all(Severity::Warning, &saved.warnings, source, console);
    output::print(&[&saved.text], None, console)?;
    Ok(Outcome::Clean)
}

fn refuse(errors: &Errors, source: Source<'_>, console: &mut Console) -> Reported {
    error_list::emit_all(Severity::Error, errors, source, console);
    console.reported()
}
