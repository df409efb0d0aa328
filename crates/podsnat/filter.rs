//! The filter: a ruleset in, the same ruleset out with pods exempt.

use iptables_save::{Document, Indexer};
use podsnat_rewrite::{plan, prove, render};

use crate::{
    args::Args,
    codes,
    console::{Console, Reported},
    input::Input,
    judge, networks, output,
    render::Source,
    report,
};

/// Reads and judges the whole input and what is to be written, and only then writes.
pub(crate) fn run(args: &Args, console: &mut Console) -> Result<(), Reported> {
    let networks = networks::read(
        &args.networks.sources(),
        args.plan.needs_networks(),
        console,
    )?;
    let options = args.plan.options(networks, args.input.family());
    let mut indexer = Indexer::default();
    let input = Input::read(args.file.as_deref(), |text| indexer.advance(text))
        .map_err(|error| console.fail(&error, None))?;
    let document = Document::indexed(input.bytes(), indexer);
    let source = Source {
        name: &input.name,
        document: &document,
    };
    judge::judge(&args.acceptance(), source, console)?;
    let plan = plan(&document, &options).map_err(|conflict| {
        let error = conflict
            .diagnostic(codes::CONFLICTING_CHANGES, &document)
            .help("leave one of them to another run: `--snat keep` or `--reject keep`");
        console.fail(&error, source)
    })?;
    let proof = prove(&document, &plan, &options);
    report::judge_proof(&proof, &plan).map_err(|error| console.fail(&error, source))?;
    output::print(&render::full(&document, &plan), Some(&input.text), console)?;
    if !console.is_quiet() {
        report::report(&plan, &proof, &options, source, console);
    }
    Ok(())
}
