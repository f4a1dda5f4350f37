//! One kept connection, for times that hold little but the server's.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection that requests go over one after the other.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
    token: String,
}

impl Connection {
    /// To `host:port`, with a bearer token. Returns an error if nobody listens.
    pub(super) fn open(host: &str, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        Ok(Self { stream: BufReader::new(stream), host: host.to_owned(), token: token.to_owned() })
    }

    /// Sends a request and reads the whole answer; how long both took, and the body.
    ///
    /// # Errors
    /// With any other status than 200 and 201, and when the connection ends.
    pub(super) fn time_request(&mut self, method: &str, path: &str, body: &str) -> Result<(Duration, Vec<u8>)> {
        let (host, token, length) = (&self.host, &self.token, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let started = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).context("the response has no status line")?.to_owned();
        let mut length = None;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok()
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut answer = vec![0; length.context("the response has no length")?];
        self.stream.read_exact(&mut answer)?;
        let took = started.elapsed();
        if status != "200" && status != "201" {
            bail!("{method} {path}: {status} {}", String::from_utf8_lossy(&answer));
        }
        Ok((took, answer))
    }
}
