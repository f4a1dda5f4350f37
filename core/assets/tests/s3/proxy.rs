//! Stands between the client and the server, and does to requests and answers what networks and stores do to them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Fault of one request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It is answered with that status and not passed on.
    Refuse(u16),
    /// It is carried out, and answered with that status.
    Deny(u16),
    /// It waits before it is passed on.
    Wait(Duration),
    /// Of what it sends only so much is passed on; then both ends are closed.
    CutUp(usize),
    /// Of the answer's body only so much is passed on; then it is closed.
    CutDown(usize),
    /// So much of the answer's body is passed on, then nothing for that long.
    Stall(usize, Duration),
    /// The answer's ETag is another.
    Etag(&'static str),
    /// The first byte of the answer's body is another.
    Spoil,
    /// Closed without an answer.
    Reset,
}

/// A request as it is seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With the query.
    pub(crate) target: String,
}

type Rule = Box<dyn FnMut(&Request) -> Option<Fault> + Send>;

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
}

impl Proxy {
    /// To `upstream` (`host:port`); `rule` says what happens to which request.
    pub(crate) fn new(upstream: &str, rule: impl FnMut(&Request) -> Option<Fault> + Send + 'static) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let rule: Arc<Mutex<Rule>> = Arc::new(Mutex::new(Box::new(rule)));
        let (upstream, log, end) = (upstream.to_owned(), seen.clone(), ended.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if end.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(client) = client else { continue };
                let (upstream, rule, log) = (upstream.clone(), rule.clone(), log.clone());
                // A client that goes away in between is what some tests are about.
                std::thread::spawn(move || drop(serve(client, &upstream, &rule, &log)));
            }
        });
        Proxy { address, seen, ended }
    }

    /// All requests until now.
    pub(crate) fn recorded_requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, method: &str) -> usize {
        self.recorded_requests().iter().filter(|request| request.method == method).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

/// One request of one connection.
fn serve(mut client: TcpStream, upstream: &str, rule: &Mutex<Rule>, log: &Mutex<Vec<Request>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let head = read_head(&mut reader)?;
    let mut words = head[0].split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let request = Request { method: word(), target: word() };
    log.lock().unwrap().push(request.clone());
    let fault = rule.lock().unwrap()(&request);
    if matches!(fault, Some(Fault::Reset)) {
        return Ok(());
    }
    if header(&head, "expect").is_some() {
        client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let length: usize = header(&head, "content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    match fault {
        Some(Fault::Refuse(status)) => return respond_with_status(&mut client, status),
        Some(Fault::Wait(time)) => std::thread::sleep(time),
        _ => {}
    }
    let mut server = TcpStream::connect(upstream)?;
    let passed = head.iter().filter(|line| !["expect:", "connection:"].iter().any(|name| has_name(line, name)));
    let passed: String = passed.map(|line| format!("{line}\r\n")).collect();
    server.write_all(format!("{passed}Connection: close\r\n\r\n").as_bytes())?;
    if let Some(Fault::CutUp(n)) = fault {
        server.write_all(&body[..n.min(body.len())])?;
        return Ok(());
    }
    // A server may refuse before it has read everything: the part that it sent until then is the response.
    let passed = server.write_all(&body);
    let mut answer = Vec::new();
    let read = server.read_to_end(&mut answer);
    if answer.is_empty() {
        return passed.and(read.map(drop));
    }
    if let Some(Fault::Deny(status)) = fault {
        return respond_with_status(&mut client, status);
    }
    let begin = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    let mut body = answer.split_off(begin);
    let mut top = String::from_utf8_lossy(&answer).into_owned();
    if request.method == "POST" {
        body = fix_multipart_response(body);
    }
    match fault {
        Some(Fault::Etag(etag)) => {
            top = remove_header(&top, "etag:") + &format!("ETag: {etag}\r\n\r\n");
            // In the answer to a multipart upload it is in the body.
            let text = String::from_utf8_lossy(&body).into_owned();
            if let (Some(from), Some(to)) = (text.find("<ETag>"), text.find("</ETag>")) {
                body = format!("{}<ETag>{etag}{}", &text[..from], &text[to..]).into_bytes();
            }
        }
        Some(Fault::Spoil) if !body.is_empty() => body[0] ^= 1,
        _ => {}
    }
    if request.method == "POST" {
        top = remove_header(&top, "content-length:") + &format!("Content-Length: {}\r\n\r\n", body.len());
    }
    client.write_all(top.as_bytes())?;
    match fault {
        Some(Fault::CutDown(n)) => client.write_all(&body[..n.min(body.len())]),
        Some(Fault::Stall(n, time)) => {
            client.write_all(&body[..n.min(body.len())])?;
            client.flush()?;
            std::thread::sleep(time);
            Ok(())
        }
        _ => client.write_all(&body),
    }
}

fn respond_with_status(client: &mut TcpStream, status: u16) -> std::io::Result<()> {
    client.write_all(format!("HTTP/1.1 {status} Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes())
}

/// rclone calls the answer to the beginning of an upload in parts otherwise than S3 does, and the SDK does not know it.
fn fix_multipart_response(body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body);
    text.replace("InitiateMultipartUpload>", "InitiateMultipartUploadResult>").into_bytes()
}

/// A head without the lines that begin so, and without its end.
fn remove_header(top: &str, name: &str) -> String {
    top.trim_end().split("\r\n").filter(|line| !has_name(line, name)).map(|line| format!("{line}\r\n")).collect()
}

/// The lines before the body.
fn read_head(reader: &mut impl BufRead) -> std::io::Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            "" => return Ok(lines),
            line => lines.push(line.to_owned()),
        }
    }
}

fn has_name(line: &str, name: &str) -> bool {
    line.to_ascii_lowercase().starts_with(name)
}

fn header<'a>(head: &'a [String], name: &str) -> Option<&'a str> {
    let line = head.iter().find(|line| has_name(line, &format!("{name}:")))?;
    Some(line.split_once(':')?.1.trim())
}
