//! A call under way: what the child says is heard, what the plugin wishes for is answered.

use std::time::{Duration, Instant};

use super::super::failure::FailureReason;
use super::super::grant::Grant;
use super::super::host::{Inner, LogLine, Transcript};
use super::super::http::{Access, Errand, Payload, Sent};
use super::super::limits::{
    DOWNLOAD_ERROR_BYTES_MAX, HTTP_REQUESTS_MAX, LOG_LINE_BYTES_MAX, LOG_LINES_MAX, WISHES_MAX, cut,
};
use super::super::manifest::Manifest;
use super::super::process::{Conversation, Process};
use super::super::protocol::{
    Frame, HttpOutcome, HttpRequest, LogLevel, Outcome, Placement, Refusal, Reply, StartCall, ToChild,
    ToParent, Wish,
};
use super::super::seam::{Keeper, KvWrite, NewFile};
use super::super::signatures;
use super::entry::Denial;
use super::files::Files;
use super::kv::Kv;
use crate::domain::Moment;
use crate::domain::calendar::{from_wall, to_wall};

/// A child that is this much late with the end of a call no longer obeys.
const GRACE: Duration = Duration::from_secs(1);

/// What the desk keeps for the installation, as this call may see it.
pub struct Desk<'a> {
    kv: Option<Kv<'a>>,
    files: Option<Files<'a>>,
}

impl<'a> Desk<'a> {
    pub fn new(keeper: &'a dyn Keeper, manifest: &Manifest, grant: &Grant) -> Desk<'a> {
        let bytes_max = manifest.kv.filter(|_| grant.kv).map(|kv| kv.bytes_max);
        Desk {
            kv: bytes_max.map(|bytes_max| Kv::new(keeper, bytes_max)),
            files: grant.blob.then(|| Files::new(keeper)),
        }
    }

    pub fn give_out(self) -> (Vec<KvWrite>, Vec<NewFile>) {
        let kv = self.kv.map_or_else(Vec::new, Kv::give_out);
        (kv, self.files.map_or_else(Vec::new, Files::give_out))
    }

    /// The child links neither without a grant; a child that was taken over may ask all the same.
    fn kv(&mut self) -> Result<&mut Kv<'a>, Refusal> {
        self.kv.as_mut().ok_or_else(|| Refusal::Unavailable("`kv` was not granted".to_owned()))
    }

    fn files(&mut self) -> Result<&mut Files<'a>, Refusal> {
        self.files.as_mut().ok_or_else(|| Refusal::Unavailable("`blob` was not granted".to_owned()))
    }
}

/// A call under way.
pub struct Exchange<'a> {
    host: &'a Inner,
    access: &'a Access,
    process: &'a Process,
    transcript: &'a mut Transcript,
    desk: Desk<'a>,
    call: u64,
    ends_at: Instant,
    /// The first wish that was denied.
    denial: Option<Denial>,
    /// A request was waited for until the call's own end.
    time_is_over: bool,
}

impl<'a> Exchange<'a> {
    pub fn new(
        host: &'a Inner,
        access: &'a Access,
        process: &'a Process,
        transcript: &'a mut Transcript,
        desk: Desk<'a>,
        start: &StartCall,
    ) -> Exchange<'a> {
        let ends_at = Instant::now() + Duration::from_millis(start.limits.wall_ms);
        let (call, denial, time_is_over) = (start.call, None, false);
        Exchange { host, access, process, transcript, desk, call, ends_at, denial, time_is_over }
    }

    pub async fn run(&mut self, start: StartCall, input: &[u8]) -> Result<(Outcome, Vec<u8>), FailureReason> {
        let mut conversation = self.process.converse(self.call);
        let wall_ms = start.limits.wall_ms;
        let crashed = |why| FailureReason::Crashed { why };
        self.process.send(&ToChild::Call(Box::new(start)), input).await.map_err(crashed)?;
        let until = tokio::time::Instant::from_std(self.ends_at + GRACE);
        match tokio::time::timeout_at(until, self.listen(&mut conversation)).await {
            // What it makes of its last request in its last moment is not the cause.
            Ok(Ok((outcome, _)))
                if self.time_is_over
                    && !matches!(outcome, Outcome::Answered | Outcome::AnsweredWebhook { .. }) =>
            {
                Ok((Outcome::WallTimeOver, Vec::new()))
            }
            Ok(ended) => ended,
            Err(_) => {
                self.process.kill();
                let what = format!("did not end after {wall_ms} ms and its process was stopped");
                Err(FailureReason::TimedOut { what })
            }
        }
    }

    /// What was denied first, and what the desk is to keep.
    pub fn end(self) -> (Option<Denial>, Desk<'a>) {
        (self.denial, self.desk)
    }

    async fn listen(&mut self, conversation: &mut Conversation) -> Result<(Outcome, Vec<u8>), FailureReason> {
        let crashed = |why| FailureReason::Crashed { why };
        let mut early = None;
        loop {
            let message = match early.take() {
                Some(frame) => Some(frame),
                None => conversation.next().await,
            };
            let Frame { header, body } = message.ok_or_else(|| crashed(self.process.last_words()))?;
            match header {
                ToParent::Log { level, message, .. } => {
                    let message = self.access.redactor.text(cut(&message, LOG_LINE_BYTES_MAX));
                    self.write(LogLine { level, message });
                }
                ToParent::Wish { wish, .. } => {
                    self.count()?;
                    let (reply, body) = tokio::select! {
                        reply = self.grant(wish, body) => reply,
                        // While it waits for us a call can only end: its time is over, or its process is dead.
                        message = conversation.next() => {
                            early = Some(message.ok_or_else(|| crashed(self.process.last_words()))?);
                            continue;
                        }
                    };
                    let header = ToChild::Reply { call: self.call, reply };
                    self.process.send(&header, &body).await.map_err(crashed)?;
                }
                ToParent::Done { outcome, guest_us, memory_peak_bytes, .. } => {
                    self.transcript.guest_time = Duration::from_micros(guest_us);
                    self.transcript.memory_peak_bytes = memory_peak_bytes;
                    return Ok((outcome, body));
                }
                ToParent::Ready { .. } | ToParent::Loaded { .. } => {}
            }
        }
    }

    /// The child counts too; one that goes on was taken over.
    fn count(&mut self) -> Result<(), FailureReason> {
        self.transcript.wishes += 1;
        if self.transcript.wishes <= WISHES_MAX {
            return Ok(());
        }
        self.process.kill();
        Err(FailureReason::TooOften { times_max: WISHES_MAX })
    }

    fn write(&mut self, line: LogLine) {
        if self.transcript.log.len() < LOG_LINES_MAX {
            self.transcript.log.push(line);
        } else {
            self.transcript.log_is_cut = true;
        }
    }

    /// The first of a call is the cause if the call then fails; each stands in the log.
    fn denied(&mut self, ability: &'static str, why: &str) {
        self.transcript.denials += 1;
        self.denial.get_or_insert_with(|| Denial { ability, why: why.to_owned() });
        let message = cut(&format!("Naryad denied `{ability}`: {why}"), LOG_LINE_BYTES_MAX).to_owned();
        self.write(LogLine { level: LogLevel::Warn, message });
    }

    async fn grant(&mut self, wish: Wish, body: Vec<u8>) -> (Reply, Vec<u8>) {
        match wish {
            Wish::Http(request) => {
                let sent = self.send(request, Payload::Bytes(body), None).await;
                (Reply::Http(sent.outcome), sent.body)
            }
            Wish::Upload { request, file, placement } => self.upload(request, &file, placement).await,
            Wish::Download { request, name } => self.download(request, body, name).await,
            Wish::VerifyHmac { secret, algorithm, signature } => {
                match signatures::verify(self.access, &secret, algorithm, &body, &signature) {
                    Ok(right) => (Reply::Verified(right), Vec::new()),
                    Err(why) => {
                        self.denied("signatures", &why);
                        (Reply::Refused(Refusal::Invalid(why)), Vec::new())
                    }
                }
            }
            wish => {
                self.keep(wish, body).await.unwrap_or_else(|refusal| (Reply::Refused(refusal), Vec::new()))
            }
        }
    }

    /// What has to do with neither network nor secrets.
    async fn keep(&mut self, wish: Wish, body: Vec<u8>) -> Result<(Reply, Vec<u8>), Refusal> {
        let plain = |reply| (reply, Vec::new());
        Ok(match wish {
            Wish::KvGet { key } => match self.desk.kv()?.get(&key).await? {
                Some(value) => (Reply::Value { found: true }, value),
                None => plain(Reply::Value { found: false }),
            },
            Wish::KvSet { key } => plain(self.desk.kv()?.set(key, body).await.map(|()| Reply::Done)?),
            Wish::KvDelete { key } => plain(self.desk.kv()?.delete(key).await.map(|()| Reply::Done)?),
            Wish::KvKeys { prefix, after, max } => {
                plain(Reply::Keys(self.desk.kv()?.keys(&prefix, after.as_deref(), max).await?))
            }
            Wish::BlobAbout { file } => {
                let (about, _) = self.desk.files()?.find(&file).await?;
                plain(Reply::About { name: about.name, media_type: about.media_type, bytes: about.bytes })
            }
            Wish::BlobRead { file, offset, bytes } => {
                let piece = self.desk.files()?.read(&file, offset, bytes).await?;
                (Reply::Value { found: true }, piece)
            }
            Wish::BlobCreate { name, media_type } => {
                plain(Reply::Handle(self.desk.files()?.create(name, media_type).await?))
            }
            Wish::BlobAppend { file } => {
                plain(self.desk.files()?.append(&file, body).await.map(|()| Reply::Done)?)
            }
            Wish::ToCivil { at_ms, zone } => {
                plain(Reply::Wall(to_wall(Moment::from_ms(at_ms), &zone).map_err(Refusal::Invalid)?))
            }
            Wish::FromCivil { wall, zone } => {
                plain(Reply::At(from_wall(wall, &zone).map_err(Refusal::Invalid)?.ms()))
            }
            Wish::Http(_) | Wish::Upload { .. } | Wish::Download { .. } | Wish::VerifyHmac { .. } => {
                return Err(Refusal::Invalid("this is asked for elsewhere".to_owned()));
            }
        })
    }

    async fn send(
        &mut self,
        request: HttpRequest,
        payload: Payload,
        store_in: Option<std::path::PathBuf>,
    ) -> Sent {
        if self.transcript.requests.len() >= HTTP_REQUESTS_MAX {
            let why = format!("a call makes at most {HTTP_REQUESTS_MAX} requests");
            return Sent::unsent(HttpOutcome::Invalid(why), &request);
        }
        let left = self.ends_at.saturating_duration_since(Instant::now());
        let sent = self.host.gate.send(self.access, Errand { request, payload, store_in }, left).await;
        match &sent.outcome {
            HttpOutcome::Denied(why) => self.denied("http", &why.clone()),
            HttpOutcome::TimedOut => self.time_is_over |= Instant::now() >= self.ends_at,
            _ => {}
        }
        self.transcript.requests.push(sent.record.clone());
        sent
    }

    async fn upload(&mut self, request: HttpRequest, file: &str, placement: Placement) -> (Reply, Vec<u8>) {
        let found = match self.desk.files() {
            Ok(files) => files.find(file).await,
            Err(refusal) => Err(refusal),
        };
        match found {
            Ok((about, path)) => {
                let sent = self.send(request, Payload::File { path, about, placement }, None).await;
                (Reply::Http(sent.outcome), sent.body)
            }
            Err(refusal) => (Reply::Http(self.no_file(refusal)), Vec::new()),
        }
    }

    async fn download(&mut self, request: HttpRequest, body: Vec<u8>, name: String) -> (Reply, Vec<u8>) {
        let made = match self.desk.files() {
            Ok(files) => files.create(name, "application/octet-stream".to_owned()).await,
            Err(refusal) => Err(refusal),
        };
        let handle = match made {
            Ok(handle) => handle,
            Err(refusal) => {
                return (Reply::Downloaded { outcome: self.no_file(refusal), file: None }, Vec::new());
            }
        };
        let path = match self.desk.files() {
            Ok(files) => files.find(&handle).await.ok().map(|(_, path)| path),
            Err(_) => None,
        };
        let mut sent = self.send(request, Payload::Bytes(body), path).await;
        let media_type = sent.header("content-type").unwrap_or_default().to_owned();
        let file = match (sent.stored, self.desk.files()) {
            (Some(bytes), Ok(files)) => {
                files.filled(&handle, &media_type, bytes);
                Some(handle)
            }
            (None, Ok(files)) => {
                files.drop_last();
                None
            }
            _ => None,
        };
        sent.body.truncate(DOWNLOAD_ERROR_BYTES_MAX);
        (Reply::Downloaded { outcome: sent.outcome, file }, sent.body)
    }

    /// In the words of a request that was not sent.
    fn no_file(&mut self, refusal: Refusal) -> HttpOutcome {
        match refusal {
            Refusal::Unavailable(why) if self.desk.files.is_none() => {
                self.denied("blob", &why);
                HttpOutcome::Denied(why)
            }
            Refusal::Unavailable(why) => HttpOutcome::Unreachable(why),
            Refusal::Invalid(why) | Refusal::Unknown(why) | Refusal::Full(why) | Refusal::TooLarge(why) => {
                HttpOutcome::Invalid(why)
            }
        }
    }
}
