//! A running ERP.
use std::ops::Deref;

use crate::testing::{Hand, Server};
pub(super) use crate::testing::{SECRET, Said, event, request, signed};
use crate::{Behaviour, Erp, Fault, Settings, serve};

pub(super) struct Site {
    pub(super) erp: Erp,
    hand: Hand,
    server: Server,
}

impl Site {
    pub(super) async fn start() -> Self {
        Self::start_with(Settings::new(SECRET)).await
    }

    pub(super) async fn start_with(settings: Settings) -> Self {
        let hand = Hand::new();
        let erp = Erp::open(Settings { clock: hand.clock(), ..settings }).unwrap();
        let served = erp.clone();
        let server = Server::start("/erp/v1", |listener| serve(listener, served)).await;
        Self { erp, hand, server }
    }

    pub(super) fn at(&self, seconds: i64) {
        self.hand.at(seconds);
    }

    /// The next call goes wrong.
    pub(super) fn spoil(&self, behaviour: Behaviour) {
        self.erp.queue(Fault::once(behaviour)).unwrap();
    }
}

impl Deref for Site {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.server
    }
}
