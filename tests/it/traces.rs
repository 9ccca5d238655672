//! Traces, as a collector gets them.
use std::process::{Child, Command, Stdio};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{PATIENCE, Scratch};

/// Ends with the test, however that ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_collector_that_is_configured_gets_traces() {
    let scratch = Scratch::blank().await;
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let process = Command::new(env!("CARGO_BIN_EXE_quayside"))
        .args(["demo", "--json"])
        .env("QUAYSIDE_DATA_DIR", &scratch.folder)
        .env("QUAYSIDE_LISTEN", "127.0.0.1:0")
        .env("QUAYSIDE_TELEMETRY_OTLP_ENDPOINT", format!("http://{}", collector.local_addr().unwrap()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _process = Killed(process.unwrap());
    let reading = async {
        let (mut connection, _) = collector.accept().await.unwrap();
        let mut request = Vec::new();
        // Names are plain text in the protocol's buffers.
        while !String::from_utf8_lossy(&request).contains("service.name") {
            let count = connection.read_buf(&mut request).await.unwrap();
            assert!(count > 0, "the exporter went away");
        }
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        String::from_utf8_lossy(&request).into_owned()
    };
    let request = tokio::time::timeout(PATIENCE, reading).await.expect("no trace comes");
    assert!(request.starts_with("POST /v1/traces HTTP/1.1"), "{request}");
    assert!(request.contains("quayside"), "{request}");
}
