//! What a run says: every cell, and how far the promises are from being kept.
use std::fmt::Write;

use crate::{footprint::Footprint, load::Measured};

/// The cells of a run, each with one measurement a round.
#[derive(Default)]
pub(crate) struct Report {
    cells: Vec<(String, Vec<Measured>)>,
}

/// One of the numbers of a cell.
type Value = fn(&Measured) -> f64;

/// Something promised: a number that is at least, or at most, so much.
struct Promise {
    what: &'static str,
    found: Option<f64>,
    unit: &'static str,
    floor: f64,
    moonshot: f64,
}

impl Report {
    /// Notes what a cell saw in one round.
    pub(crate) fn note(&mut self, cell: &str, measured: Measured) {
        match self.cells.iter_mut().find(|(name, _)| name == cell) {
            Some((_, rounds)) => rounds.push(measured),
            None => self.cells.push((cell.to_owned(), vec![measured])),
        }
    }

    /// Every cell, in the order they were first run.
    pub(crate) fn table(&self) -> String {
        let mut table = String::from(
            "| cell | /s median (min-max) | p50 ms | p99 ms | server CPU s/1k | database CPU s/1k | driver CPU s/1k | RSS MiB |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        for (cell, rounds) in &self.cells {
            let of = |value: Value| median(rounds.iter().map(value));
            let rate = of(|m| m.per_second);
            let rates = || rounds.iter().map(|round| round.per_second);
            let (least, most) = (rates().fold(f64::MAX, f64::min), rates().fold(0.0, f64::max));
            let rate = if most > 0.0 { format!("{rate:.0} ({least:.0}-{most:.0})") } else { String::new() };
            let _ = writeln!(
                table,
                "| {cell} | {rate} | {:.2} | {:.2} | {:.3} | {:.3} | {:.3} | {:.0} |",
                of(|m| m.p50_ms),
                of(|m| m.p99_ms),
                of(|m| m.server_cpu),
                of(|m| m.database_cpu),
                of(|m| m.driver_cpu),
                of(|m| m.rss_mib),
            );
        }
        table
    }

    /// The promises, each with what was found. Ratios are taken inside a round, and are the median of the rounds.
    pub(crate) fn verdict(&self, sqlite: bool, footprint: Option<&Footprint>) -> String {
        let mut promises = if sqlite { self.of_sqlite() } else { self.of_postgres() };
        if let Some(found) = footprint {
            promises.push(Promise::most("start to first answer", Some(found.start_ms), "ms", 300.0, 60.0));
            promises.push(Promise::most("idle memory", Some(found.idle_mib), "MiB", 40.0, 25.0));
            promises.push(Promise::most("stripped binary", Some(found.binary_mb), "MB", 40.0, 25.0));
        }
        let mut table =
            String::from("| promise | found | floor | | moonshot | |\n|---|---|---|---|---|---|\n");
        for promise in promises {
            promise.write(&mut table);
        }
        table
    }

    fn of_postgres(&self) -> Vec<Promise> {
        let page_ms = self.value("page c16", |page| page.server_cpu);
        let (page, submit) = (("page c16", "pgbench page c16"), ("submit c16", "pgbench submit c8"));
        let ingest = ("ingest 100 c4", "pgbench ingest c8");
        let (rate, cpu): (Value, Value) = (|m| m.per_second, |m| 1.0 / m.cpu());
        vec![
            Promise::least("page, of pgbench", self.ratio(page, rate), "x", 0.45, 0.85),
            Promise::least("the same by CPU", self.ratio(page, cpu), "x", 0.45, 0.85),
            Promise::most("page, server CPU", page_ms, "ms", 2.5, 0.9),
            Promise::least("submit, of pgbench", self.ratio(submit, rate), "x", 0.55, 0.80),
            Promise::least("the same by CPU", self.ratio(submit, cpu), "x", 0.55, 0.80),
            Promise::least("ingest by 100, of row by row", self.ratio(ingest, rate), "x", 5.0, 10.0),
            Promise::least("the same by CPU", self.ratio(ingest, cpu), "x", 5.0, 10.0),
            Promise::least("deliveries", self.value("deliveries", |m| m.per_second), "/s", 3_000.0, 6_000.0),
            Promise::most("commit to subscriber, p99", self.value("news", |m| m.p99_ms), "ms", 50.0, 50.0),
        ]
    }

    fn of_sqlite(&self) -> Vec<Promise> {
        vec![
            Promise::least("submit", self.value("submit c16", |m| m.per_second), "/s", 1_000.0, 3_000.0),
            Promise::most("commit to subscriber, p99", self.value("news", |m| m.p99_ms), "ms", 50.0, 50.0),
        ]
    }

    fn rounds(&self, cell: &str) -> Option<&[Measured]> {
        self.cells.iter().find(|(name, _)| name == cell).map(|(_, rounds)| rounds.as_slice())
    }

    fn value(&self, cell: &str, value: Value) -> Option<f64> {
        self.rounds(cell).map(|rounds| median(rounds.iter().map(value)))
    }

    fn ratio(&self, (cell, yardstick): (&str, &str), value: Value) -> Option<f64> {
        let pairs = self.rounds(cell)?.iter().zip(self.rounds(yardstick)?);
        Some(median(pairs.map(|(ours, theirs)| value(ours) / value(theirs))))
    }
}

impl Promise {
    const fn least(
        what: &'static str,
        found: Option<f64>,
        unit: &'static str,
        floor: f64,
        moonshot: f64,
    ) -> Self {
        Self { what, found, unit, floor, moonshot }
    }

    /// The less the better. Told from [`Promise::least`] by a moonshot that is not above the floor.
    const fn most(
        what: &'static str,
        found: Option<f64>,
        unit: &'static str,
        floor: f64,
        moonshot: f64,
    ) -> Self {
        Self { what, found, unit, floor, moonshot }
    }

    fn write(&self, table: &mut String) {
        let Self { what, found, unit, floor, moonshot } = self;
        let Some(found) = found else { return };
        let less_is_better = moonshot <= floor;
        let sign = if less_is_better { "≤" } else { "≥" };
        let judge = |bound: f64| match less_is_better {
            true if *found <= bound => "OK",
            false if *found >= bound => "OK",
            _ => "**below**",
        };
        let _ = writeln!(
            table,
            "| {what} | {found:.2} {unit} | {sign} {floor} | {} | {sign} {moonshot} | {} |",
            judge(*floor),
            judge(*moonshot)
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
