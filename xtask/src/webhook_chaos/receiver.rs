//! A receiver that misbehaves: it fails, hangs, is slow, and cuts connections before and after it has accepted an event.

use anyhow::Result;
use rand::Rng;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Delay that is longer than a sender waits.
const HANG_TIME: Duration = Duration::from_secs(20);

/// The misbehaving receiver; see the module.
pub(super) struct ChaosReceiver {
    address: SocketAddr,
    /// Number of requests, accepted or not.
    pub(super) all: Arc<AtomicUsize>,
    taken: Arc<Mutex<Vec<ReceivedEvent>>>,
}

/// An event that was accepted.
#[derive(Debug, Clone)]
pub(super) struct ReceivedEvent {
    /// Id of the event.
    pub(super) id: String,
    /// True if the sender got a response.
    pub(super) told: bool,
}

/// Behaviour of the receiver at a request.
enum ResponseBehaviour {
    Good,
    Fails,
    Hangs,
    /// Cuts the connection without having accepted anything.
    Drops,
    /// Accepts the event, and cuts the connection before it responds: the event is sent again.
    Forgets,
    Slow,
}

impl ResponseBehaviour {
    fn pick_random() -> Self {
        match rand::rng().random_range(0..1_000) {
            0..100 => Self::Fails,
            100..102 => Self::Hangs,
            102..150 => Self::Drops,
            150..200 => Self::Forgets,
            200..230 => Self::Slow,
            _ => Self::Good,
        }
    }
}

impl ChaosReceiver {
    /// Starts a receiver on a free port of this machine.
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (all, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, list) = (all.clone(), requests.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (count, list) = (count.clone(), list.clone());
                // A connection that ends badly is nobody's fault but the storm's.
                std::thread::spawn(move || serve_connection(&stream, &count, &list).unwrap_or_default());
            }
        });
        Ok(Self { address, all, taken: requests })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The accepted events, in order.
    pub(super) fn received_events(&self) -> Vec<ReceivedEvent> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve_connection(stream: &TcpStream, count: &AtomicUsize, list: &Mutex<Vec<ReceivedEvent>>) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    while let Some(id) = read_event_id(&mut reader)? {
        count.fetch_add(1, Ordering::Relaxed);
        let take =
            |told| list.lock().unwrap_or_else(PoisonError::into_inner).push(ReceivedEvent { id: id.clone(), told });
        match ResponseBehaviour::pick_random() {
            ResponseBehaviour::Good => take(true),
            ResponseBehaviour::Slow => {
                std::thread::sleep(Duration::from_millis(100));
                take(true);
            }
            ResponseBehaviour::Fails => {
                out.write_all(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")?;
                continue;
            }
            ResponseBehaviour::Hangs => {
                std::thread::sleep(HANG_TIME);
                return Ok(());
            }
            ResponseBehaviour::Drops => return Ok(()),
            ResponseBehaviour::Forgets => {
                take(false);
                return Ok(());
            }
        }
        out.write_all(b"HTTP/1.1 204 Taken\r\n\r\n")?;
    }
    Ok(())
}

/// The event id of the next request; `None` where the connection ends.
fn read_event_id(reader: &mut BufReader<&TcpStream>) -> Result<Option<String>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length: usize = headers.get("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    // A request that a killed server did not finish was never one.
    reader.read_exact(&mut body)?;
    Ok(headers.remove("webhook-id"))
}
