//! A TCP proxy that misbehaves when told to: between Quayside and other systems, and in front of several nodes.
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

/// How long a target may take to accept.
const CONNECT: Duration = Duration::from_secs(1);
/// How often a hanging connection looks whether it is over.
const LOOK: Duration = Duration::from_millis(50);

/// What becomes of what passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// It passes.
    Fair,
    /// Nothing passes, and nothing is closed, until the weather changes; then the connection is closed.
    Hang,
    /// The connection is reset before the request arrives.
    Reset,
    /// The request arrives; of the answer a part comes back, and then the connection is reset.
    CutAnswer,
    /// Every piece is late.
    Slow(Duration),
}

/// A running proxy. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    targets: Vec<SocketAddr>,
    next: AtomicUsize,
    weather: Mutex<Weather>,
    spoilt: AtomicU64,
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Proxy {
    /// Passes each connection on to the next of `targets` that accepts it.
    pub(crate) async fn start(targets: Vec<SocketAddr>) -> Self {
        Self::start_at(("127.0.0.1", 0), targets).await
    }

    /// The same for those who call this machine `host`; on a port that is free when it says 0.
    pub(crate) async fn start_at(host: (&str, u16), targets: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind(host).await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            targets,
            next: AtomicUsize::new(0),
            weather: Mutex::new(Weather::Fair),
            spoilt: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let accepting = inner.clone();
        tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((client, _)) => drop(tokio::spawn(accepting.clone().serve(client))),
                    Err(_) => sleep(LOOK).await,
                }
            }
        });
        Self { address, inner }
    }

    /// From now on, for the connections that are open as well.
    pub(crate) fn set(&self, weather: Weather) {
        *self.inner.weather.lock().unwrap() = weather;
    }

    /// How many connections were spoilt.
    pub(crate) fn spoilt(&self) -> u64 {
        self.inner.spoilt.load(Ordering::Relaxed)
    }

    /// The most connections that were open at once since this was asked the last time.
    pub(crate) fn most_open(&self) -> usize {
        self.inner.most.swap(self.inner.open.load(Ordering::Relaxed), Ordering::Relaxed)
    }
}

impl Inner {
    fn weather(&self) -> Weather {
        *self.weather.lock().unwrap()
    }

    async fn connect(&self) -> Option<TcpStream> {
        for _ in 0..self.targets.len() {
            let turn = self.next.fetch_add(1, Ordering::Relaxed);
            if let Ok(Ok(target)) =
                timeout(CONNECT, TcpStream::connect(self.targets[turn % self.targets.len()])).await
            {
                return Some(target);
            }
        }
        None
    }

    async fn serve(self: Arc<Self>, client: TcpStream) {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(open, Ordering::Relaxed);
        self.pass(client).await;
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    async fn pass(&self, mut client: TcpStream) {
        let Some(mut target) = self.connect().await else { return };
        let _ = (client.set_nodelay(true), target.set_nodelay(true));
        let (mut there, mut back) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
        loop {
            let passed = tokio::select! {
                read = client.read(&mut there) => self.request(read.ok(), &there, &mut target).await,
                read = target.read(&mut back) => self.answer(read.ok(), &back, &mut client).await,
            };
            if !passed {
                if self.weather() != Weather::Fair {
                    let _ = (client.set_zero_linger(), target.set_zero_linger());
                }
                return;
            }
        }
    }

    async fn request(&self, read: Option<usize>, bytes: &[u8], target: &mut TcpStream) -> bool {
        let Some(length @ 1..) = read else { return false };
        match self.weather() {
            Weather::Fair | Weather::CutAnswer => {}
            Weather::Slow(late) => sleep(late).await,
            Weather::Reset => {
                self.spoilt.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            Weather::Hang => {
                self.spoilt.fetch_add(1, Ordering::Relaxed);
                while self.weather() == Weather::Hang {
                    sleep(LOOK).await;
                }
                return false;
            }
        }
        target.write_all(&bytes[..length]).await.is_ok()
    }

    async fn answer(&self, read: Option<usize>, bytes: &[u8], client: &mut TcpStream) -> bool {
        let Some(length @ 1..) = read else { return false };
        match self.weather() {
            Weather::CutAnswer => {
                self.spoilt.fetch_add(1, Ordering::Relaxed);
                let _ = client.write_all(&bytes[..length / 2]).await;
                return false;
            }
            Weather::Slow(late) => sleep(late).await,
            _ => {}
        }
        client.write_all(&bytes[..length]).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers each byte with ten.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while let Ok(byte) = client.read_u8().await {
                        client.write_all(&[byte; 10]).await.unwrap();
                    }
                });
            }
        });
        address
    }

    async fn ask(proxy: &Proxy) -> usize {
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        let _ = stream.write_all(b"a").await;
        let mut answer = Vec::new();
        // Nothing is waited for in vain: an answer of ten, an end, or a second of silence.
        let read = async {
            while answer.len() < 10 {
                match stream.read_buf(&mut answer).await {
                    Ok(1..) => {}
                    _ => break,
                }
            }
        };
        let _ = timeout(Duration::from_secs(1), read).await;
        answer.len()
    }

    #[tokio::test]
    async fn the_weather_is_what_it_was_set_to() {
        let (nobody, somebody) = ("127.0.0.1:1".parse().unwrap(), echo().await);
        let proxy = Proxy::start(vec![nobody, somebody]).await;
        assert_eq!(ask(&proxy).await, 10, "whoever accepts is found");
        for (weather, answer) in
            [(Weather::Reset, 0), (Weather::CutAnswer, 5), (Weather::Hang, 0), (Weather::Fair, 10)]
        {
            proxy.set(weather);
            assert_eq!(ask(&proxy).await, answer, "{weather:?}");
        }
        assert_eq!(proxy.spoilt(), 3);
        assert_ne!(proxy.most_open(), 0);
    }
}
