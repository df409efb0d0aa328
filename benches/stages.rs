//! Where the time goes: each stage by itself, on a ruleset of about ten, a thousand and a
//! hundred thousand rules.
//!
//! Each stage works on what the one before has made; what that was is not in its time.

#[path = "support/generate.rs"]
mod generate;

use std::hint::black_box;

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use iptables_save::{Document, Line, LineKind, Reader, RuleLine, Style, split};
use podsnat_rewrite::{Options, PodNetworks, plan, render};

const SIZES: [usize; 3] = [10, 1_000, 100_000];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for size in SIZES {
        let text = generate::rules(size);
        let mut group = criterion.benchmark_group(format!("{size} rules"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        if size > 10_000 {
            group.sample_size(20);
        }
        stages(&mut group, text.as_bytes());
        group.finish();
    }
    criterion.final_summary();
}

fn stages(group: &mut BenchmarkGroup<'_, WallTime>, text: &[u8]) {
    group.bench_function("1 lines and chains", |bench| {
        bench.iter(|| Document::read(black_box(text)));
    });

    let document = Document::read(text);
    let rules: Vec<Line<'_>> = document
        .lines()
        .filter(|line| line.kind == LineKind::Rule)
        .collect();
    group.bench_function("2 words", |bench| {
        let mut words = Vec::new();
        bench.iter(|| {
            for rule in &rules {
                words.clear();
                split(rule.bytes, 0, &mut words);
                black_box(&words);
            }
        });
    });

    group.bench_function("3 typed rules", |bench| {
        let mut reader = Reader::default();
        bench.iter(|| {
            for rule in &rules {
                let rule_line = reader.read(&document, rule.id);
                black_box(rule_line.expect("the generator writes no rule that cannot be read"));
            }
        });
    });

    let statements: Vec<RuleLine<'_>> = rules
        .iter()
        .filter_map(|rule| document.rule_line(rule.id).ok())
        .collect();
    group.bench_function("4 reprint", |bench| {
        let mut out = Vec::with_capacity(text.len());
        bench.iter(|| {
            out.clear();
            for rule_line in &statements {
                _ = rule_line.write(&mut out, Style::default());
                out.push(b'\n');
            }
            black_box(&out);
        });
    });

    let options = options();
    group.bench_function("5 plan", |bench| {
        bench.iter(|| plan(black_box(&document), &options));
    });

    let plan = plan(&document, &options).expect("the transforms do not contradict each other");
    assert!(!plan.changes().is_empty(), "there is something to change");
    group.bench_function("6 render", |bench| {
        bench.iter(|| render::full(black_box(&document), &plan));
    });
}

fn options() -> Options {
    let network = "172.5.0.0/16".parse().expect("it is a network");
    let pods = PodNetworks::new([network]).expect("it is not every address");
    Options::new(pods)
}
