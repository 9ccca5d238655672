//! A client that writes HTTP by hand: to stop in the middle, to go away, or to send what no client would.
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{PATIENCE, TestApp};

/// One connection.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads until the text has come, and gives all that came.
    pub(crate) async fn read_until(&mut self, end: &str) -> String {
        let mut text = String::new();
        let reading = async {
            while !text.contains(end) {
                let mut bytes = [0; 4096];
                let count = self.0.read(&mut bytes).await.unwrap();
                assert!(count > 0, "the connection ended after: {text}");
                text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("it does not come");
        text
    }
}

impl TestApp {
    pub(crate) async fn connect(&self) -> Raw {
        Raw(TcpStream::connect(self.address).await.unwrap())
    }

    /// The head of a GraphQL request whose body is still to come.
    pub(crate) fn graphql_head(&self, token: &str, length: usize, more: &str) -> String {
        format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n",
            self.address
        )
    }
}
