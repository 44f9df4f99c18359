//! The job runner on a real database: due rows, leases, retries, plugin calls, clean-up, and rest.

mod calls;
mod clean_up;
mod mirror;
mod rest;
mod retries;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use naryad::cli::install::{GrantOrder, Order, Unsigned, install};
use naryad::config::Retention;
use naryad::domain::{ClientId, Key, Span, TicketId};
use naryad::jobs::{self, Outside, Runner, Settings, Snapshot};
use naryad::plugin_host::{Ceiling, HostOptions, Limits, PluginHost};
use naryad::secrets::Keys;
use naryad::store;
use naryad::store::files::Files;
use naryad::store::job::Job;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::helpers::TestDesk;
use crate::plugins::PARTS_STOCK;
use crate::plugins::server::Server;

/// Something that should happen is waited for so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks for a part when a ticket is opened; the answer becomes a tag.
const ASKS_FOR_A_PART: &str = r#"
fn on_opened(ticket) {
    ticket.call_plugin("parts-stock", "in_stock", #{ part: ticket.subject, city: "EVN" })
        .then("stock_known", #{ part: ticket.subject });
}

fn stock_known(ticket, answer, ctx) {
    if answer.ok && answer.value.local { ticket.add_tag("here:" + ctx.part); }
    else if answer.ok { ticket.add_tag("elsewhere:" + ctx.part); }
    else { ticket.add_tag("failed"); ticket.note(answer.message); }
}
"#;

/// A desk with a runner that a test starts and stops.
pub struct Works {
    pub desk: TestDesk,
    pub outside: Outside,
    pub settings: Settings,
    runner: Option<Runner>,
    runtime: Runtime,
}

impl Works {
    pub fn new() -> Works {
        Works::with_private_hosts(&[])
    }

    pub fn with_private_hosts(hosts: &[String]) -> Works {
        let desk = TestDesk::new();
        let keys = Keys::open(desk.folder.path()).unwrap();
        let host = PluginHost::new(HostOptions {
            executable: env!("CARGO_BIN_EXE_naryad").into(),
            cache_dir: desk.folder.path().join("plugins"),
            seal_key: keys.code_seal(),
            allowed_hosts: None,
            private_hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            limits: Limits::default(),
            ceiling: Ceiling::default(),
            tape: None,
        });
        let files = Files::open(desk.folder.path()).unwrap();
        let settings = Settings {
            at_once: 8,
            at_once_per_plugin: 2,
            retention: Retention::default(),
            random: Arc::new(|| 0),
            base_url: None,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Works {
            desk,
            outside: Outside { host, files, keys },
            settings,
            runner: None,
            runtime: runtime.unwrap(),
        }
    }

    pub fn start(&mut self) {
        let _guard = self.runtime.enter();
        self.runner = Some(jobs::start(self.desk.desk.clone(), self.outside.clone(), self.settings.clone()));
    }

    pub fn stop(&mut self) {
        if let Some(runner) = self.runner.take() {
            self.runtime.block_on(runner.stop());
        }
    }

    /// Moves the clock and lets the runner look.
    pub fn pass(&self, span: Span) {
        self.desk.clock.pass(span);
        self.wake();
    }

    pub fn hooks(&self) -> naryad::domain::plugin::HookReceiver {
        self.runner.as_ref().expect("the runner runs").hooks()
    }

    pub fn wake(&self) {
        self.runner.as_ref().expect("the runner runs").wake();
    }

    pub fn counted(&self) -> Snapshot {
        let counters = self.runner.as_ref().expect("the runner runs").counters();
        self.desk.read(|db| counters.snapshot(db))
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, mut is_so: impl FnMut(&Works) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(Instant::now() < until, "waited in vain until {what}: {:?}", self.jobs());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// A client whose script asks for a part, with the connector at this server.
    pub fn client_with_stock(&self, key: &str, server: &Server) -> ClientId {
        let client = self.desk.client(key, ASKS_FOR_A_PART);
        self.installs(key, server, PARTS_STOCK.to_vec());
        client
    }

    /// Installs the connector, or goes over to this package of it.
    pub fn installs(&self, key: &str, server: &Server, wasm: Vec<u8>) {
        let order = Order {
            client: Key::new(key).unwrap(),
            configuration: json!({ "base_url": server.url("/api/") }),
            secrets: BTreeMap::from([("stock_token".to_owned(), "stock-pass-1".to_owned())]),
            grant: GrantOrder::Declared,
            signature: None,
            unsigned: Unsigned::Allow,
            trusted_keys: BTreeMap::new(),
        };
        let (desk, none) = (&self.desk.desk, BTreeMap::new());
        self.block_on(install(desk, &self.outside, &none, wasm, order)).unwrap();
    }

    pub fn jobs(&self) -> Vec<Job> {
        self.desk.read(|db| {
            let mut statement = db.connection().prepare("select id from job order by id").unwrap();
            let ids = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
            let ids: Vec<i64> = ids.map(Result::unwrap).collect();
            ids.into_iter().map(|id| Ok(store::job::get(db, id.into())?.unwrap())).collect()
        })
    }

    pub fn tags(&self, ticket: TicketId) -> Vec<String> {
        self.desk.ticket(ticket).tags.into_iter().collect()
    }
}

impl Drop for Works {
    fn drop(&mut self) {
        self.stop();
        let host = self.outside.host.clone();
        self.runtime.block_on(async move { host.shutdown().await });
    }
}
