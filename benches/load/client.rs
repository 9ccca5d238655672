//! A client that costs next to nothing: one blocking connection that is kept open, and no more of HTTP than that.
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

/// Longest time to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

/// A GraphQL request as bytes.
pub(crate) fn graphql(token: &str, body: &Value, accept: &str) -> Vec<u8> {
    let body = body.to_string();
    post("/graphql", token, "application/json", accept, body.as_bytes())
}

/// Documents on their way in.
pub(crate) fn ingest(token: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    post("/ingest/v1/purchase-orders", token, content_type, "application/json", body)
}

/// Receipts on their way in.
pub(crate) fn receipts(token: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    post("/ingest/v1/receipts", token, content_type, "application/json", body)
}

fn post(path: &str, token: &str, content_type: &str, accept: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\naccept: {accept}\r\n\
         content-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

impl Client {
    /// Connects.
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            line: String::new(),
            body: Vec::new(),
        })
    }

    /// Sends a request and reads its answer, which must be 200 or 201.
    pub(crate) fn send(&mut self, request: &[u8]) -> anyhow::Result<&[u8]> {
        self.stream.get_mut().write_all(request)?;
        let (status, length) = self.head()?;
        self.body.resize(length.context("an answer without a length")?, 0);
        self.stream.read_exact(&mut self.body)?;
        if !matches!(status, 200 | 201) {
            bail!("status {status}: {}", String::from_utf8_lossy(&self.body));
        }
        Ok(&self.body)
    }

    /// Sends a request whose answer is a stream of events.
    pub(crate) fn open_stream(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.stream.get_mut().write_all(request)?;
        let (status, _) = self.head()?;
        ensure!(status == 200, "status {status} for a stream");
        Ok(())
    }

    /// Waits for the next event of the stream.
    pub(crate) fn next_event(&mut self) -> anyhow::Result<&str> {
        // The framing of chunks is on lines of its own, so an event's data is simply the next line that says so.
        loop {
            self.next_line()?;
            if self.line.starts_with("data: ") {
                return Ok(self.line["data: ".len()..].trim_end());
            }
        }
    }

    fn head(&mut self) -> anyhow::Result<(u16, Option<usize>)> {
        self.next_line()?;
        let status = self.line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("not HTTP: {}", self.line))?;
        let mut length = None;
        loop {
            self.next_line()?;
            let Some((name, value)) = self.line.split_once(':') else { return Ok((status, length)) };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse()?);
            }
        }
    }

    fn next_line(&mut self) -> anyhow::Result<()> {
        self.line.clear();
        ensure!(self.stream.read_line(&mut self.line)? > 0, "the server closed the connection");
        Ok(())
    }
}
