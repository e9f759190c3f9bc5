//! Servers on loopback that no rule should trust: each does one thing to whoever asks it, for as long as it is asked.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, LazyLock, Mutex, PoisonError},
    thread,
    time::Duration,
};

/// What a server does to whoever asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Answers `200`, at once.
    Plain,
    /// Is nobody's business: answers `200` with a secret. It must never be asked.
    Secret,
    /// Takes the request and never answers.
    Silent,
    /// Sends the head of its answer byte by byte, without end.
    DripsHead,
    /// Sends the body of its answer byte by byte, without end.
    DripsBody,
    /// Says `100 Continue` without end.
    Continues,
    /// Sends a body without end, as fast as it is read.
    EndlessBody,
    /// Sends headers without end.
    EndlessHead,
    /// Sends the asker on to [`Manner::Secret`].
    Redirects,
    /// Promises more than it sends.
    BreaksOff,
}

const ALL: [Manner; 10] = [
    Manner::Plain,
    Manner::Secret,
    Manner::Silent,
    Manner::DripsHead,
    Manner::DripsBody,
    Manner::Continues,
    Manner::EndlessBody,
    Manner::EndlessHead,
    Manner::Redirects,
    Manner::BreaksOff,
];
/// Between two bytes of a drip: less than any limit between bytes would be.
const DRIP: Duration = Duration::from_millis(5);

struct Server {
    manner: Manner,
    port: u16,
    asked: Arc<Mutex<(u64, String)>>,
}

/// Started when the first of them is wanted; they end with the process.
static SERVERS: LazyLock<Vec<Server>> = LazyLock::new(|| ALL.iter().filter_map(|manner| start(*manner).ok()).collect());

fn server(manner: Manner) -> Option<&'static Server> {
    SERVERS.iter().find(|server| server.manner == manner)
}

/// Where it listens; 0 when there is no port for it.
pub(crate) fn port(manner: Manner) -> u16 {
    server(manner).map_or(0, |server| server.port)
}

/// How often it was asked, and the first line that it was asked with last.
pub(crate) fn asked(manner: Manner) -> (u64, String) {
    server(manner).map(|server| server.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap_or_default()
}

fn start(manner: Manner) -> io::Result<Server> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let asked = Arc::<Mutex<(u64, String)>>::default();
    let seen = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let seen = seen.clone();
            // An asker that goes away ends it, and that is all an error says here.
            thread::spawn(move || drop(serve(manner, stream, &seen)));
        }
    });
    Ok(Server { manner, port, asked })
}

fn serve(manner: Manner, mut stream: TcpStream, seen: &Mutex<(u64, String)>) -> io::Result<()> {
    let mut bytes = vec![0; 16 << 10];
    loop {
        let length = stream.read(&mut bytes)?;
        if length == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&bytes[..length]).lines().next().unwrap_or_default().to_owned();
        {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            *seen = (seen.0 + 1, line);
        }
        match manner {
            Manner::Plain => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine")?,
            Manner::Secret => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret")?,
            Manner::Silent => {}
            Manner::DripsHead => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nx: ")?;
                drip(&mut stream)?;
            }
            Manner::DripsBody => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")?;
                drip(&mut stream)?;
            }
            Manner::Continues => endless(&mut stream, b"HTTP/1.1 100 Continue\r\n\r\n")?,
            Manner::EndlessBody => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n")?;
                endless(&mut stream, &[b'x'; 64 << 10])?;
            }
            Manner::EndlessHead => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
                endless(&mut stream, b"x-and-so-on: and so on and so on and so on and so on and so on and so on\r\n")?;
            }
            Manner::Redirects => {
                write!(stream, "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n", port(Manner::Secret))?;
            }
            Manner::BreaksOff => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nand then")?;
                return Ok(());
            }
        }
    }
}

fn drip(stream: &mut TcpStream) -> io::Result<()> {
    loop {
        stream.write_all(b"x")?;
        thread::sleep(DRIP);
    }
}

fn endless(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    loop {
        stream.write_all(bytes)?;
    }
}
