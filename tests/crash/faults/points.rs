//! F03: a process is ended, failed and delayed at every moment that matters: before and after each commit, call, question
//! and mail. Built with the feature `planted-bugs` only, which puts the moments in.
//!
//! Which moments there are is seen, not listed: the server notes each that it passes. The sweep goes on until each of
//! them was struck in each way, or takes a sample of so many as `POINTS` says.
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{ORDERS, check, pause};
use crate::{
    api::Api,
    dice::Dice,
    observation::Observation,
    proxy::Weather,
    server::{Launch, Server},
    stage::{self, Stage},
    world::{Ground, World, order},
};

/// How long the server works before anything is struck, so that most moments are known.
const LOOK: Duration = Duration::from_secs(8);
/// How long a moment may take to come.
const COMES: Duration = Duration::from_secs(12);
/// How long after a start a moment may come that only starts have.
const STARTS: Duration = Duration::from_secs(8);
/// How long a process takes to be ready again.
const READY: Duration = Duration::from_secs(60);
const BLOWS: [&str; 3] = ["abort", "error", "delay"];

/// A moment and what is to happen at it.
type Strike = (String, &'static str);

/// The server, and the folder by which it and the sweep tell each other.
struct Sweep {
    folder: PathBuf,
    server: Server,
    struck: Vec<Strike>,
    missed: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make fault-campaign POINTS=24, or all of them"]
async fn fault_03_at_every_moment_a_process_may_end_fail_or_be_late() {
    let folder = std::env::temp_dir().join(format!("quayside-moments-{}", uuid::Uuid::now_v7().simple()));
    fs::create_dir_all(&folder).unwrap();
    let variable = ("QUAYSIDE_TEST_MOMENTS".to_owned(), folder.display().to_string());
    let launch = Launch { environment: vec![variable], ..Launch::default() };
    let world = World::set_up(Ground { launch, ..Ground::default() }).await;
    let (mut stage, server) = Stage::set(world, stage::seed(), ORDERS).await;
    let begun = Instant::now();
    let shift = stage.work();
    let mut sweep = Sweep { folder, server, struck: Vec::new(), missed: Vec::new() };
    pause(LOOK).await;
    let mut dice = Dice::new(stage.seed, 0);
    let sample = stage::number("POINTS");
    let (stop, ingest) = (CancellationToken::new(), stage.world.tenants[0].ingest());
    let handing_in = tokio::spawn(hand_in(ingest, stop.clone()));
    while sample.is_none_or(|most| (sweep.struck.len() + sweep.missed.len()) as u64 != most) {
        let Some(strike) = sweep.next(&mut dice) else { break };
        sweep.strike(&stage, strike).await;
    }
    stage.world.heal();
    shift.end().await;
    stop.cancel();
    let handed_in = handing_in.await.unwrap();
    stage.add(0, handed_in);
    println!("{}", sweep.table());
    let headline = format!("a sweep of fail points in {:.0?}", begun.elapsed());
    let Sweep { folder, server, struck, missed } = sweep;
    let observed = vec![Observation::NotStruck { struck: struck.len(), missed }];
    let report = stage.end(server, &headline, observed).await;
    let _ = fs::remove_dir_all(folder);
    check(&report);
}

impl Sweep {
    /// What was not struck yet: any of it.
    fn next(&self, dice: &mut Dice) -> Option<Strike> {
        let done = |strike: &Strike| {
            self.struck.contains(strike) || self.missed.contains(&format!("{} {}", strike.1, strike.0))
        };
        let passed = passed(&self.folder);
        let all = passed.iter().flat_map(|moment| BLOWS.map(|blow| (moment.clone(), blow)));
        let mut left: Vec<Strike> = all.filter(|strike| !done(strike)).collect();
        if left.is_empty() {
            return None;
        }
        let place = usize::try_from(dice.pick(0..left.len() as u64)).unwrap();
        Some(left.swap_remove(place))
    }

    /// Arms one moment, waits until it is struck, and gets over it.
    async fn strike(&mut self, stage: &Stage, strike: Strike) {
        let (moment, blow) = &strike;
        let armed = self.folder.join("armed");
        let unfinished = self.folder.join("arming");
        fs::write(&unfinished, format!("{blow} {moment}")).unwrap();
        fs::rename(unfinished, &armed).unwrap();
        // Some outcomes are unclear, so that there is something to ask.
        stage.world.wire().set(Weather::CutAnswer);
        pause(Duration::from_millis(300)).await;
        stage.world.heal();
        let mut comes = gone(&armed, COMES).await;
        if !comes {
            self.restart(stage).await;
            comes = gone(&armed, STARTS).await;
        }
        if comes {
            self.get_over(stage, blow).await;
            self.struck.push(strike);
        } else {
            let _ = fs::remove_file(&armed);
            self.missed.push(format!("{blow} {moment}"));
        }
    }

    /// An aborted server is started again; one that was late, or failed once, goes on.
    async fn get_over(&mut self, stage: &Stage, blow: &str) {
        if blow == "abort" {
            let begun = Instant::now();
            while self.server.ended().is_none() {
                assert!(begun.elapsed() < READY, "an aborted process ends");
                pause(Duration::from_millis(20)).await;
            }
            self.restart(stage).await;
        }
        if let Some(ended) = self.server.ended() {
            panic!("{blow} ended the server: {ended}");
        }
    }

    /// Ends the server if it is there, and starts it until it is ready: it may be struck while it starts.
    async fn restart(&mut self, stage: &Stage) {
        let begun = Instant::now();
        self.server.end();
        self.server = stage.world.program.launch();
        while !stage.world.program.is_ready().await {
            if self.server.ended().is_some() {
                self.server = stage.world.program.launch();
            }
            assert!(begun.elapsed() < READY, "the server is not ready again");
            pause(Duration::from_millis(20)).await;
        }
    }

    /// Every moment and what was done at it.
    fn table(&self) -> String {
        let line = |moment: &String| {
            let blows = self.struck.iter().filter(|(struck, _)| struck == moment).map(|(_, blow)| *blow);
            format!("{moment:<76} {}\n", blows.collect::<Vec<_>>().join(" "))
        };
        passed(&self.folder).iter().map(line).collect()
    }
}

/// The ERP's side: one order after the other until told to stop. Gives their ids.
async fn hand_in(ingest: Api, stop: CancellationToken) -> Vec<String> {
    let mut placed = Vec::new();
    for number in ORDERS.. {
        if stop.is_cancelled() {
            break;
        }
        let document = format!("{}\n", order(number));
        let begun = Instant::now();
        placed.push(loop {
            let results = ingest.ingest(document.clone()).await.unwrap_or_default();
            if let Some(id) = results[0]["order"].as_str() {
                break id.to_owned();
            }
            assert!(begun.elapsed() < READY, "no definite answer about order {number}: {results}");
            pause(Duration::from_millis(100)).await;
        });
        pause(Duration::from_millis(300)).await;
    }
    placed
}

/// The moments that were passed so far.
fn passed(folder: &Path) -> BTreeSet<String> {
    let passed = fs::read_to_string(folder.join("passed")).unwrap_or_default();
    passed.lines().map(str::to_owned).collect()
}

/// Whether the file goes away in time.
async fn gone(file: &Path, patience: Duration) -> bool {
    let begun = Instant::now();
    while file.exists() {
        if begun.elapsed() > patience {
            return false;
        }
        pause(Duration::from_millis(20)).await;
    }
    true
}
