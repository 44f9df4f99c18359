//! One call, seen from the parent: checked, sent, answered; the plugin's wishes on the way.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::SemaphorePermit;

use super::failure::FailureReason;
use super::host::{Call, Inner, Installation, Kept, LogLine, Transcript};
use super::http::{Access, Secret};
use super::limits::{
    ANSWER_BYTES_MAX, CONFIGURATION_BYTES_MAX, HTTP_REQUESTS_MAX, INPUT_BYTES_MAX, LOG_LINE_BYTES_MAX,
    LOG_LINES_MAX, Limits, RETRY_AFTER_SECONDS_MAX, SECRET_BYTES_MAX, SECRET_BYTES_MIN, cut,
};
use super::manifest::{FunctionDeclaration, Manifest};
use super::process::{Conversation, Process};
use super::protocol::{
    CALLS_IN_FLIGHT_MAX, Context, Frame, HttpOutcome, HttpRequest, Outcome, Retry, StartCall, ToChild,
    ToParent,
};
use super::publisher::Publisher;
use super::redaction::Redactor;

/// A child that is this much late with the end of a call no longer obeys.
const GRACE: Duration = Duration::from_secs(1);

/// Runs a call to its end.
pub async fn run(
    host: &Inner,
    installation: &Installation,
    call: Call,
    transcript: &mut Transcript,
) -> Result<Value, FailureReason> {
    let kept = host.package(&installation.package).await?;
    let manifest = &kept.package.manifest;
    let (function, input) = check_input(manifest, &call)?;
    let configuration = check_installation(manifest, installation)?;
    let access = access(manifest, installation);
    check_abilities(&kept, installation, &access)?;
    let publisher = host.publisher(&manifest.publisher);
    let _turn = turn(&publisher, call.deadline).await?;
    let process = publisher.with_package(&host.cache, &installation.package, &kept.wasm).await?;
    let limits = limits(host.limits, manifest.limits, call.deadline);
    let start = StartCall {
        call: host.next_call(),
        package: installation.package.clone(),
        http: kept.package.imports_http,
        function: function.name.to_string(),
        context: context(installation, configuration, &call),
        limits,
    };
    let mut exchange = Exchange::new(host, &access, &process, transcript, &start);
    let (outcome, answer) = exchange.run(start, &input).await?;
    let denial = exchange.denial.take();
    conclude(outcome, &answer, function, limits, denial, &access.redactor, &kept)
}

/// What the code imports must have been granted, else it cannot be linked.
fn check_abilities(kept: &Kept, installation: &Installation, access: &Access) -> Result<(), FailureReason> {
    if !kept.package.imports_http || !installation.grant.hosts.is_empty() {
        return Ok(());
    }
    let wanted: Vec<String> = access.declared.iter().map(ToString::to_string).collect();
    let why =
        format!("the plugin needs it for {}, and this installation was granted no host", wanted.join(", "));
    Err(FailureReason::Refused { ability: "http", why })
}

/// Waits until one more call may run in this publisher's child.
async fn turn(publisher: &Publisher, deadline: Instant) -> Result<SemaphorePermit<'_>, FailureReason> {
    let left = deadline.saturating_duration_since(Instant::now());
    match tokio::time::timeout(left, publisher.turns.acquire()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => {
            let why = format!("{CALLS_IN_FLIGHT_MAX} calls of its publisher are running already");
            Err(FailureReason::Unavailable { why, retry_after: None })
        }
    }
}

/// A call under way.
struct Exchange<'a> {
    host: &'a Inner,
    access: &'a Access,
    process: &'a Process,
    transcript: &'a mut Transcript,
    call: u64,
    ends_at: Instant,
    /// Why the first request that was denied was denied.
    denial: Option<String>,
    /// A request was waited for until the call's own end.
    time_is_over: bool,
}

impl<'a> Exchange<'a> {
    fn new(
        host: &'a Inner,
        access: &'a Access,
        process: &'a Process,
        transcript: &'a mut Transcript,
        start: &StartCall,
    ) -> Exchange<'a> {
        let ends_at = Instant::now() + Duration::from_millis(start.limits.wall_ms);
        let (denial, time_is_over) = (None, false);
        Exchange { host, access, process, transcript, call: start.call, ends_at, denial, time_is_over }
    }

    async fn run(&mut self, start: StartCall, input: &[u8]) -> Result<(Outcome, Vec<u8>), FailureReason> {
        let mut conversation = self.process.converse(self.call);
        let wall_ms = start.limits.wall_ms;
        let crashed = |why| FailureReason::Crashed { why };
        self.process.send(&ToChild::Call(Box::new(start)), input).await.map_err(crashed)?;
        let until = tokio::time::Instant::from_std(self.ends_at + GRACE);
        match tokio::time::timeout_at(until, self.listen(&mut conversation)).await {
            // What it makes of its last request in its last moment is not the cause.
            Ok(Ok((outcome, _))) if self.time_is_over && !matches!(outcome, Outcome::Answered) => {
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
                ToParent::Http { request, .. } => {
                    let (outcome, body) = tokio::select! {
                        response = self.request(request, body) => response,
                        // While it waits for us a call can only end: its time is over, or its process is dead.
                        message = conversation.next() => {
                            early = Some(message.ok_or_else(|| crashed(self.process.last_words()))?);
                            continue;
                        }
                    };
                    let header = ToChild::Http { call: self.call, outcome };
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

    fn write(&mut self, line: LogLine) {
        if self.transcript.log.len() < LOG_LINES_MAX {
            self.transcript.log.push(line);
        } else {
            self.transcript.log_is_cut = true;
        }
    }

    async fn request(&mut self, request: HttpRequest, body: Vec<u8>) -> (HttpOutcome, Vec<u8>) {
        if self.transcript.requests.len() >= HTTP_REQUESTS_MAX {
            let why = format!("a call makes at most {HTTP_REQUESTS_MAX} requests");
            return (HttpOutcome::Invalid(why), Vec::new());
        }
        let left = self.ends_at.saturating_duration_since(Instant::now());
        let sent = self.host.gate.send(self.access, request, body, left).await;
        match &sent.outcome {
            HttpOutcome::Denied(why) => {
                self.denial.get_or_insert_with(|| why.clone());
            }
            HttpOutcome::TimedOut => self.time_is_over |= Instant::now() >= self.ends_at,
            _ => {}
        }
        self.transcript.requests.push(sent.record);
        (sent.outcome, sent.body)
    }
}

fn check_input<'a>(
    manifest: &'a Manifest,
    call: &Call,
) -> Result<(&'a FunctionDeclaration, Vec<u8>), FailureReason> {
    let function = manifest.function(&call.function).ok_or_else(|| {
        let known: Vec<&str> = manifest.functions.iter().map(|function| function.name.as_str()).collect();
        FailureReason::UnknownFunction { function: call.function.clone(), known: known.join(", ") }
    })?;
    function
        .input
        .check(&call.input)
        .map_err(|mismatch| FailureReason::WrongInput { function: call.function.clone(), mismatch })?;
    let input = call.input.to_string().into_bytes();
    if input.len() > INPUT_BYTES_MAX {
        let (what, bytes) = ("the input", input.len());
        return Err(FailureReason::TooLarge { what, bytes, bytes_max: INPUT_BYTES_MAX });
    }
    Ok((function, input))
}

/// The configuration as text, when everything that the administrator gave is what the manifest wants.
fn check_installation(manifest: &Manifest, installation: &Installation) -> Result<String, FailureReason> {
    let wrong = |why: String| FailureReason::WrongInstallation { why };
    manifest
        .config
        .check(&installation.configuration)
        .map_err(|mismatch| wrong(format!("its settings do not fit the plugin: {mismatch}")))?;
    for secret in manifest.secrets.iter().filter(|secret| !secret.optional) {
        if !installation.secrets.contains_key(secret.name.as_str()) {
            return Err(wrong(format!("the secret `{}` has no value", secret.name)));
        }
    }
    for (name, value) in &installation.secrets {
        if manifest.secret(name).is_none() {
            return Err(wrong(format!("the plugin has no secret `{name}`")));
        }
        if !(SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&value.len()) {
            let bounds = format!("{SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes");
            return Err(wrong(format!("the secret `{name}` should have {bounds}")));
        }
    }
    let configuration = installation.configuration.to_string();
    if configuration.len() > CONFIGURATION_BYTES_MAX {
        return Err(wrong(format!("its settings have more than {CONFIGURATION_BYTES_MAX} bytes")));
    }
    Ok(configuration)
}

fn access(manifest: &Manifest, installation: &Installation) -> Access {
    let secret = |(name, value): (&String, &String)| {
        let declared = manifest.secret(name)?;
        let host = declared.host.pattern(&installation.configuration);
        Some((name.clone(), Secret { value: value.clone(), place: declared.place.clone(), host }))
    };
    let secrets: BTreeMap<String, Secret> = installation.secrets.iter().filter_map(secret).collect();
    Access {
        declared: manifest.hosts_with(&installation.configuration),
        granted: installation.grant.hosts.clone(),
        secrets,
        redactor: Redactor::new(&installation.secrets),
    }
}

fn limits(operator: Limits, declared: Limits, deadline: Instant) -> Limits {
    let left = deadline.saturating_duration_since(Instant::now()).as_millis();
    let limits = declared.within(operator);
    Limits { wall_ms: limits.wall_ms.min(u64::try_from(left).unwrap_or(u64::MAX)), ..limits }
}

fn context(installation: &Installation, configuration: String, call: &Call) -> Context {
    Context {
        client: installation.client.to_string(),
        installation: installation.id.to_string(),
        configuration,
        attempt: call.attempt,
        idempotency_key: call.idempotency_key.clone(),
        time_zone: call.time_zone.clone(),
    }
}

fn conclude(
    outcome: Outcome,
    answer: &[u8],
    function: &FunctionDeclaration,
    limits: Limits,
    denial: Option<String>,
    redactor: &Redactor,
    kept: &Kept,
) -> Result<Value, FailureReason> {
    let reason = match (outcome, denial) {
        (Outcome::Answered, _) => return check_answer(answer, function),
        // What it says about it in its own words is less than why it was denied.
        (Outcome::PluginError { .. } | Outcome::Trapped { .. }, Some(why)) => {
            FailureReason::Refused { ability: "http", why }
        }
        (Outcome::PluginError { code, message, retry }, None) => {
            plugin_error(&code, &message, retry, redactor)
        }
        (Outcome::Trapped { why }, _) => FailureReason::Trapped { why: redactor.text(&why) },
        (Outcome::NotLinked { why }, _) => {
            let why = format!(
                "{} {} cannot be linked: {why}",
                kept.package.manifest.name, kept.package.manifest.version
            );
            FailureReason::Trapped { why }
        }
        (Outcome::GuestTimeOver, _) => {
            let what = format!("used up its {} ms of processor time", limits.guest_ms);
            FailureReason::TimedOut { what }
        }
        (Outcome::WallTimeOver, _) => {
            FailureReason::TimedOut { what: format!("did not end within {} ms", limits.wall_ms) }
        }
        (Outcome::OutOfMemory, _) => FailureReason::OutOfMemory { memory_bytes_max: limits.memory_bytes },
        (Outcome::AnswerTooLarge { bytes }, _) => {
            FailureReason::TooLarge { what: "the answer", bytes, bytes_max: ANSWER_BYTES_MAX }
        }
    };
    Err(reason)
}

fn check_answer(answer: &[u8], function: &FunctionDeclaration) -> Result<Value, FailureReason> {
    let name = function.name.to_string();
    let value: Value = serde_json::from_slice(answer).map_err(|error| FailureReason::WrongAnswer {
        function: name.clone(),
        mismatch: super::schema::Mismatch { path: String::new(), expected: format!("JSON ({error})") },
    })?;
    match function.output.check(&value) {
        Ok(()) => Ok(value),
        Err(mismatch) => Err(FailureReason::WrongAnswer { function: name, mismatch }),
    }
}

fn plugin_error(code: &str, message: &str, retry: Retry, redactor: &Redactor) -> FailureReason {
    let seconds = |seconds: u32| Duration::from_secs(seconds.clamp(1, RETRY_AFTER_SECONDS_MAX).into());
    let (retryable, retry_after) = match retry {
        Retry::Never => (false, None),
        Retry::Later => (true, None),
        Retry::AfterSeconds(after) => (true, Some(seconds(after))),
    };
    FailureReason::PluginError {
        code: redactor.text(code),
        message: redactor.text(message),
        retryable,
        retry_after,
    }
}
