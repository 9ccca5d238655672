//! Telling: messages go out one after another until each was taken, and shipments come due.
use std::time::Duration;

use super::OracleWms;
use super::records::IN_TRANSIT;

/// How often to look for what is due.
const TICK: Duration = Duration::from_millis(200);

impl OracleWms {
    /// Receives what is due, sends what was not taken yet, and says how many messages were taken.
    pub async fn work(&self) -> usize {
        self.receive_due();
        let Some(quayside) = &self.settings().quayside else { return 0 };
        let mut taken = 0;
        for output in self.outputs().into_iter().filter(|output| !output.told) {
            let request = self
                .0
                .http
                .post(format!("{}/{}", quayside.url.trim_end_matches('/'), output.feed))
                .basic_auth(&quayside.user, Some(&quayside.password))
                .header("content-type", output.media_type)
                .body(output.body.clone());
            match request.send().await {
                Ok(answer) if answer.status().is_success() => {
                    taken += 1;
                    self.books()
                        .outputs
                        .iter_mut()
                        .filter(|one| one.id == output.id)
                        .for_each(|one| one.told = true);
                }
                // In order: what comes after it waits.
                Ok(_) | Err(_) => break,
            }
        }
        taken
    }

    /// Sends a message once more, word for word. Says whether it is there.
    pub fn repeat(&self, id: u64) -> bool {
        let mut books = self.books();
        let found = books.outputs.iter_mut().find(|output| output.id == id);
        found.map(|output| output.told = false).is_some()
    }

    fn receive_due(&self) {
        let Some(after) = self.settings().receive_after else { return };
        let now = (self.settings().clock)();
        let due = |number: &String| {
            let books = self.books();
            let record = books.records.get(&("ib_shipment", number.clone()));
            record.is_some_and(|record| record.status == IN_TRANSIT && now - record.at >= to_delta(after))
        };
        let numbers: Vec<String> = self.books().records.keys().map(|(_, number)| number.clone()).collect();
        for number in numbers.into_iter().filter(due) {
            // Both fail only for a shipment that is gone by now.
            if self.receive(&number, &[]).is_ok() {
                let _ = self.verify(&number);
            }
        }
    }

    pub(crate) async fn run(&self) {
        loop {
            self.work().await;
            tokio::time::sleep(TICK).await;
        }
    }
}

fn to_delta(duration: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(duration).unwrap_or(chrono::TimeDelta::MAX)
}
