//! What a request carries: bytes of the plugin, or a file of the desk that never enters it.

use std::io;
use std::path::PathBuf;

use futures_util::stream::{self, Stream, StreamExt};
use reqwest::Body;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::super::protocol::{HttpOutcome, Placement};
use super::super::seam::FileAbout;
use super::{invalid, no_file};

const PIECE_BYTES: usize = 64 << 10;
const BOUNDARY: &str = "boundary=";

/// The body of a request.
pub enum Payload {
    Bytes(Vec<u8>),
    File { path: PathBuf, about: FileAbout, placement: Placement },
}

impl Payload {
    /// How much of the plugin's or the desk's own is sent.
    pub fn bytes(&self) -> usize {
        match self {
            Payload::Bytes(bytes) => bytes.len(),
            Payload::File { about, .. } => usize::try_from(about.bytes).unwrap_or(usize::MAX),
        }
    }

    /// All of it, for a tape.
    pub async fn content(&self) -> Vec<u8> {
        match self {
            Payload::Bytes(bytes) => bytes.clone(),
            Payload::File { path, .. } => tokio::fs::read(path).await.unwrap_or_default(),
        }
    }

    /// What a signature can be made over; a file is not read for that.
    pub fn signed(&self, has_body: bool) -> Option<&[u8]> {
        match self {
            Payload::Bytes(bytes) => Some(if has_body { bytes } else { &[] }),
            Payload::File { .. } => None,
        }
    }

    /// Says in the headers how long a file is, and where the form around it ends.
    pub fn announce(&self, headers: &mut HeaderMap) -> Result<(), HttpOutcome> {
        let Payload::File { about, placement, .. } = self else { return Ok(()) };
        let mut length = about.bytes;
        if let Placement::FormField(field) = placement {
            if headers.contains_key(CONTENT_TYPE) {
                return Err(invalid(
                    "the header `content-type` is set by Naryad where a form is sent".to_owned(),
                ));
            }
            let boundary = boundary()?;
            let (before, after) = form_around(&boundary, field, about);
            length += (before.len() + after.len()) as u64;
            let form = format!("multipart/form-data; {BOUNDARY}{boundary}");
            headers.insert(CONTENT_TYPE, HeaderValue::try_from(form).expect("letters and digits"));
        }
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        Ok(())
    }

    /// The body for one attempt, from the beginning.
    pub async fn body(&self, has_body: bool, headers: &HeaderMap) -> Result<Option<Body>, HttpOutcome> {
        match self {
            Payload::Bytes(bytes) => Ok(has_body.then(|| bytes.clone().into())),
            Payload::File { path, about, placement } => {
                let file = File::open(path).await.map_err(|error| no_file(&error))?;
                // Not a byte more than was announced, should the file have grown.
                let pieces = pieces(file, about.bytes);
                Ok(Some(match placement {
                    Placement::Body => Body::wrap_stream(pieces),
                    Placement::FormField(field) => {
                        let (before, after) = form_around(boundary_of(headers), field, about);
                        let once = |text: String| stream::iter([Ok(text.into_bytes())]);
                        Body::wrap_stream(once(before).chain(pieces).chain(once(after)))
                    }
                }))
            }
        }
    }
}

fn pieces(file: File, bytes: u64) -> impl Stream<Item = io::Result<Vec<u8>>> + Send + use<> {
    stream::try_unfold(file.take(bytes), |mut file| async move {
        let mut piece = vec![0; PIECE_BYTES];
        let length = file.read(&mut piece).await?;
        piece.truncate(length);
        Ok((length > 0).then_some((piece, file)))
    })
}

fn boundary() -> Result<String, HttpOutcome> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|_| HttpOutcome::Unreachable("the system gives no random numbers".to_owned()))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn boundary_of(headers: &HeaderMap) -> &str {
    let form = headers.get(CONTENT_TYPE).and_then(|form| form.to_str().ok()).unwrap_or_default();
    form.split_once(BOUNDARY).map_or("", |(_, boundary)| boundary)
}

/// What stands before and after the file (RFC 7578).
fn form_around(boundary: &str, field: &str, about: &FileAbout) -> (String, String) {
    // As browsers do it.
    let escaped = |text: &str| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let media_type = if about.media_type.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        about.media_type.as_str()
    } else {
        "application/octet-stream"
    };
    let before = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"; filename=\"{}\"\r\ncontent-type: {media_type}\r\n\r\n",
        escaped(field),
        escaped(&about.name),
    );
    (before, format!("\r\n--{boundary}--\r\n"))
}
