//! The filter: a text in, the same text out with pods exempt.

use iptables_save::{Document, Indexer};
use podsnat_rewrite::{Conflict, Options, plan, render};

use crate::{
    args::Args,
    console::{Console, Trouble},
    excerpt::Source,
    input::Input,
    judge,
    message::Message,
    networks, output, report,
};

/// Reads and judges the whole text, and only then writes.
pub(crate) fn run(args: &Args, console: &mut Console) -> Result<(), Trouble> {
    let options = Options {
        snat: args.snat.into(),
        reject: args.reject.into(),
        place: args.place.into(),
        family: args.family.given(),
        ..Options::new(networks::read(args, console)?)
    };
    let mut indexer = Indexer::default();
    let input = Input::read(args.file.as_deref(), |text| indexer.advance(text))
        .map_err(|unread| console.trouble(&unread))?;
    // Who reads our output may find the text here for as long as the program runs.
    let input = Box::leak(Box::new(input));
    let document = Document::indexed(input.bytes(), indexer);
    let source = Source {
        name: &input.name,
        document: &document,
    };
    judge::judge(args, source, console)?;
    let plan = plan(&document, &options).map_err(|conflict| {
        console.tell(&contradiction(&conflict, source), source);
        console.told()
    })?;
    output::print(&render::full(&document, &plan), input.bytes(), console)?;
    if !console.is_quiet() {
        report::report(&plan, &options, source, console);
    }
    Ok(())
}

/// The message about two changes to the same words.
fn contradiction(conflict: &Conflict, source: Source<'_>) -> Message {
    let [first, second] = &conflict.changes;
    let place = |line| source.document.line(line).content_span();
    Message::error(conflict.to_string())
        .at(place(first.2))
        .other("the other change is here", place(second.2))
        .help("leave one of them to another run: `--snat keep` or `--reject keep`")
}
