//! F21: packets between the server and its database, its ERP and its clients are lost, all of them or in bursts, one way or
//! both. Nobody is told: this is no reset connection.
use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::{
    ORDERS, check,
    namespace::{Lost, Namespace},
    pause, skipped,
};
use crate::{
    dice::Dice,
    observation::Observation,
    proxy::Proxy,
    script::Script,
    server::Launch,
    stage::{self, Stage},
    world::{Ground, HandOn, World},
};

const HAVOC: Duration = Duration::from_secs(25);
/// TCP doubles its pauses while nothing passes.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: make fault-campaign"]
async fn fault_21_packets_that_are_lost_and_a_partition_leave_nothing_undecided() {
    let namespace = match Namespace::make() {
        Ok(namespace) => namespace,
        Err(why) => return skipped("F21", &why),
    };
    let script = Script::new("postgres", "partition");
    script.run("stop").await; // what an earlier run may have left
    let url = script.run("start").await;
    let database = url.rsplit_once('@').unwrap().1.split_once('/').unwrap().0.parse().unwrap();
    let database = Proxy::start_at((namespace.outside(), 0), vec![database]).await;
    let handing_on = HandingOn::default();
    let ground = Ground {
        postgres: Some(url),
        database_at: Some(database.address.to_string()),
        handed_on: Some((namespace.outside().to_owned(), handing_on.inside(&namespace))),
        launch: Launch {
            before: namespace.before(),
            host: Some(namespace.inside().to_owned()),
            ..Launch::default()
        },
        ..Ground::default()
    };
    let (mut stage, mut server) = Stage::set(World::set_up(ground).await, stage::seed(), ORDERS).await;
    let shift = stage.work();
    let (mut dice, begun, mut slowest, mut times) =
        (Dice::new(stage.seed, 0), Instant::now(), Duration::ZERO, 0);
    while begun.elapsed() < HAVOC {
        let lost = match dice.pick(0..3) {
            0 => Lost::ToTheServer,
            1 => Lost::FromTheServer,
            _ => Lost::Everything,
        };
        // A partition, or three tenths of the time for a while.
        let (burst, bursts) = if dice.one_in(3) { (3_000..6_000, 1) } else { (20..150, 12) };
        for _ in 0..bursts {
            let time = dice.millis(burst.clone());
            namespace.lose(lost).unwrap();
            pause(time).await;
            namespace.lose(Lost::Nothing).unwrap();
            pause(time * 7 / 3).await;
            times += 1;
        }
        slowest = slowest.max(stage.accepts_again(PATIENCE).await);
        server.check_alive();
    }
    shift.end().await;
    let observed =
        vec![Observation::Felt { what: "times nothing passed", times }, Observation::AcceptsAgain(slowest)];
    let report = stage.end(server, "a network that loses packets", observed).await;
    script.run("stop").await;
    check(&report);
}

/// Programs inside that hand on what the server sends to an ERP: it calls others than itself by https only.
#[derive(Default)]
struct HandingOn(Arc<Mutex<Vec<Child>>>);

const HAND_ON: &str = "QUAYSIDE_TEST_HAND_ON";

impl HandingOn {
    fn inside(&self, namespace: &Namespace) -> HandOn {
        let (started, before) = (self.0.clone(), namespace.before());
        Box::new(move |target| {
            // Free here, and so inside, where nobody else is.
            let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let child = Command::new(&before[0])
                .args(&before[1..])
                .arg(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "faults::network::hands_on"])
                .env(HAND_ON, format!("{} {target}", free.port()))
                .stdout(Stdio::null())
                .spawn();
            started.lock().unwrap().push(child.unwrap());
            free
        })
    }
}

impl Drop for HandingOn {
    fn drop(&mut self) {
        for child in self.0.lock().unwrap().iter_mut() {
            let _ = (child.kill(), child.wait());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "is not a test: a part of F21 that runs inside the namespace"]
async fn hands_on() {
    let Ok(order) = std::env::var(HAND_ON) else { return };
    let (port, target) = order.split_once(' ').unwrap();
    let _proxy = Proxy::start_at(("127.0.0.1", port.parse().unwrap()), vec![target.parse().unwrap()]).await;
    std::future::pending::<()>().await;
}
