//! F17: the clock is set an hour and a day ahead and back while the server runs.
use std::time::Duration;

use super::{ORDERS, check, pause, shim::Shim, skipped};
use crate::{
    observation::Observation,
    stage::{self, Stage},
    world::{Ground, World},
};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute: make fault-campaign"]
async fn fault_17_a_clock_that_jumps_stops_nothing_and_repeats_nothing() {
    let shim = match Shim::build() {
        Ok(shim) => shim,
        Err(why) => return skipped("F17", &why),
    };
    let ground = Ground { launch: shim.launch(), ..Ground::default() };
    let (mut stage, mut server) = Stage::set(World::set_up(ground).await, stage::seed(), ORDERS).await;
    let shift = stage.work();
    let (mut slowest, jumps) = (Duration::ZERO, [HOUR, 0, -HOUR, 0, DAY, 0, -DAY, 0]);
    let mut booked = 0;
    for ahead in jumps {
        pause(Duration::from_secs(2)).await;
        let before = stage.effects().len();
        shim.set_clock(&stage.world, ahead);
        slowest = slowest.max(stage.accepts_again(PATIENCE).await);
        pause(Duration::from_secs(2)).await;
        server.check_alive();
        booked += usize::from(stage.effects().len() > before);
    }
    shift.end().await;
    let observed = vec![
        Observation::Felt {
            what: "jumps of the clock after which deliveries went on within four seconds",
            times: booked as u64,
        },
        Observation::AcceptsAgain(slowest),
    ];
    check(&stage.end(server, &format!("{} jumps of the clock", jumps.len()), observed).await);
}
