//! The words of the command line; every command explains itself with `--help`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::kit::args::KitVerb;
use super::operation::ImportDetail;
use crate::domain::{Key, Moment};

/// Service desk and field-service dispatch for firms that support many clients: one file, one data folder.
#[derive(Parser)]
#[command(name = "naryad", version, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Subcommand)]
pub enum Verb {
    /// Run the desk until it is told to stop (Ctrl-C, SIGTERM).
    ///
    /// Makes the data folder when there is none and prints where the desk is. While nobody can log in, it also
    /// prints a link for the first set-up, which works once and from this machine only. Settings come from
    /// `naryad.toml` in the folder, from NARYAD_* variables, and from the flags below, the latter first.
    Serve(Serve),
    /// Try Naryad: a desk with two clients at work, made in a moment; prints whom to log in as.
    ///
    /// One client looks after cash machines in six countries, the other is a real IT desk's log. The same folder
    /// again goes on where it was left.
    Demo(Demo),
    /// People who administer the desk.
    Admin {
        #[command(subcommand)]
        verb: AdminVerb,
    },
    /// Tokens for programs that use the API.
    Token {
        #[command(subcommand)]
        verb: TokenVerb,
    },
    /// Client packs: check, test and publish what decides about a client's tickets.
    Workflow {
        #[command(subcommand)]
        verb: WorkflowVerb,
    },
    /// Connectors to clients' own systems.
    Plugin {
        #[command(subcommand)]
        verb: PluginVerb,
    },
    /// Take over the history of another desk.
    Import {
        #[command(subcommand)]
        verb: ImportVerb,
    },
    /// Write the whole desk into one file, also while it runs, and verify it.
    ///
    /// The key file `naryad.key`, which opens the secrets of plugins, is not in it on purpose: copy it once to
    /// a place where backups are not kept.
    Backup {
        /// The file to write, such as desk-2026-12-31.tar; it must not exist.
        to: PathBuf,
        #[command(flatten)]
        folder: FolderArg,
    },
    /// Make a desk of a backup, in an empty folder; its outbox is held until you release it.
    Restore {
        /// A file that `naryad backup` wrote.
        from: PathBuf,
        #[command(flatten)]
        folder: FolderArg,
    },
    /// What the desk sends: jobs that go out to plugins and people.
    Outbox {
        #[command(subcommand)]
        verb: OutboxVerb,
    },
    /// Count the time of a client's open tickets anew: by the published version, at their places as they are now.
    ///
    /// Shows what would change; only --apply changes it. Until then a ticket keeps the calendars and targets of
    /// the version on which it stands.
    Recompute(Recompute),
    /// Import a holiday list for the calendars of a client from an iCalendar file.
    Holidays(Holidays),
    /// Look at everything that can be wrong with a desk; the exit code is 1 when something is.
    Doctor {
        #[command(flatten)]
        folder: FolderArg,
        /// Check every index of the database too; takes long on a large one.
        #[arg(long)]
        full: bool,
    },
    #[command(hide = true)]
    PluginHost,
    #[command(hide = true)]
    PluginCompile,
}

impl Verb {
    /// Whether it runs until it is stopped.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        matches!(self, Verb::Serve(_) | Verb::Demo(_))
    }
}

#[derive(clap::Args, Clone)]
pub struct FolderArg {
    /// The data folder of the desk.
    #[arg(long, value_name = "DIR", default_value = "./naryad-data", env = "NARYAD_DIR")]
    pub dir: PathBuf,
}

#[derive(clap::Args)]
pub struct Serve {
    #[command(flatten)]
    pub folder: FolderArg,
    /// Address and port to listen on [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// How people reach the desk, with a sub-path if there is one: https://desk.example.com/naryad/
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// PEM file of the certificate with its chain; with --tls-key the desk speaks TLS itself.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the certificate's key.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Proxies whose X-Forwarded-* headers are believed: addresses or networks, separated by commas.
    #[arg(long, value_name = "NETWORKS", value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<String>>,
}

#[derive(clap::Args)]
pub struct Recompute {
    /// The client's key, such as it-desk.
    pub client: Key,
    /// Do it.
    #[arg(long)]
    pub apply: bool,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(clap::Args)]
pub struct Holidays {
    /// The client's key, such as it-desk.
    pub client: Key,
    /// What `holidays` of a calendar calls the list, such as kz-2026.
    pub key: Key,
    /// The .ics file: whole days, once or every year on their date.
    pub file: PathBuf,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(clap::Args)]
pub struct Demo {
    /// The demo's data folder: a new one, or that of an earlier demo.
    #[arg(long, value_name = "DIR", default_value = "./naryad-demo")]
    pub dir: PathBuf,
    /// Address and port to listen on [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
}

#[derive(Subcommand)]
pub enum AdminVerb {
    /// Make a person who administers everything.
    ///
    /// The password is asked for; without a terminal one is made and printed once.
    Create(AdminCreate),
}

#[derive(clap::Args)]
pub struct AdminCreate {
    /// What the person types to log in: no capitals, no spaces.
    #[arg(long)]
    pub login: String,
    /// The person's name, as colleagues see it.
    #[arg(long)]
    pub name: String,
    /// Language of the screens: ru or en.
    #[arg(long, default_value = "ru", value_parser = ["ru", "en"])]
    pub language: String,
    /// IANA name of the person's time zone.
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    pub time_zone: String,
    /// Read the password from the first line of this file; - is the standard input.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(Subcommand)]
pub enum TokenVerb {
    /// Make an API token of a person and print it once; only its hash is kept.
    Create(TokenCreate),
}

#[derive(clap::Args)]
pub struct TokenCreate {
    /// Whose rights the token has.
    #[arg(long)]
    pub login: String,
    /// What it is for, as the person's list of tokens shows it.
    #[arg(long, default_value = "command line")]
    pub name: String,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(Subcommand)]
pub enum WorkflowVerb {
    /// Check a pack without running it; every finding has its line, column and what was probably meant.
    ///
    /// With --client it is checked against what that client has on the desk: people, queues and roles that somebody is behind,
    /// plugins, sub-clients, partner organisations, certificates.
    Check {
        /// The folder with workflow.rhai and client.toml.
        pack: PathBuf,
        /// The client's key, such as it-desk.
        #[arg(long, value_name = "KEY")]
        client: Option<Key>,
        #[command(flatten)]
        folder: FolderArg,
    },
    /// Bring scripts into their usual form: indents, blanks, empty lines; nothing that they say is changed.
    ///
    /// Of a pack: workflow.rhai and tests/*.rhai. The exit code is 1 when --check finds one that is not in that form, or
    /// one has brackets that do not fit.
    Fmt(WorkflowFmt),
    /// Run a pack's tests/*.rhai on a virtual desk.
    Test(WorkflowTest),
    /// Write a script test from a ticket's history, with made-up people and words, and print it.
    ///
    /// It passes with the version that the ticket is on; what it cannot reproduce it says in a comment.
    TestFrom {
        /// The ticket's number, such as BANK-1042.
        ticket: String,
        #[command(flatten)]
        folder: FolderArg,
    },
    /// Print naryad.d.rhai: what scripts can say, for editors that use Rhai's language server.
    Definitions,
    /// Check a pack and make it the one that decides about a client's new tickets.
    ///
    /// Holiday lists of the folder are imported; its tests are kept beside the draft where the desk keeps none.
    ///
    /// An open ticket stays on the version that it has, unless --open-tickets moves it too; --preview shows what that
    /// would do and publishes nothing.
    Publish(WorkflowPublish),
    /// Write a client's pack into a folder, for a git repository of one's own.
    ///
    /// Writes workflow.rhai and client.toml, shared modules into ../shared, and `.naryad-base.toml`, which says what the
    /// desk had; the tests that are kept beside the draft into tests/, the client's holiday lists, each as it was
    /// imported last, into holidays/. A file that was changed here since is not overwritten; a test that the desk keeps
    /// no more is removed, unless it was changed here.
    Pull(WorkflowPull),
    /// Save the pack in a folder as the client's draft.
    ///
    /// Its tests take the place of those that the desk keeps. A holiday list that changed is imported: where the
    /// published version counts by it, that version is published once more. One that is not in the folder stays.
    /// Refused when the desk's published version, its draft, its tests or its holiday lists moved since the folder was
    /// pulled.
    Push(WorkflowPush),
    /// Show how the pack in a folder differs from the published version; the exit code is 1 when it does.
    Diff(WorkflowDiff),
    /// Replay a part of the client's past with a draft and with the published version, and show what differs.
    ///
    /// Nothing of the desk is changed, and it may run meanwhile. The exit code is 0 when both do the same and 1 when
    /// they differ.
    Backtest(Box<WorkflowBacktest>),
}

#[derive(clap::Args)]
pub struct WorkflowFmt {
    /// Folders of packs, or scripts.
    #[arg(required = true, value_name = "PACK OR SCRIPT")]
    pub paths: Vec<PathBuf>,
    /// Write nothing; name the scripts that would change.
    #[arg(long)]
    pub check: bool,
}

#[derive(clap::Args)]
pub struct WorkflowTest {
    /// The folder with workflow.rhai, client.toml and tests/, or the name of a pack that comes with the binary.
    pub pack: PathBuf,
    /// Count which lines and branches of the script ran.
    #[arg(long)]
    pub coverage: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(clap::Args)]
pub struct WorkflowBacktest {
    /// The client's key, such as it-desk.
    pub client: Key,
    /// Try the draft that is saved for the client.
    #[arg(long, required_unless_present = "pack", conflicts_with = "pack")]
    pub draft: bool,
    /// Try the pack in this folder, with workflow.rhai and client.toml.
    #[arg(long, value_name = "FOLDER")]
    pub pack: Option<PathBuf>,
    /// Where the window begins: 2026-11-01T00:00:00Z, or a date, which is its midnight in UTC.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub from: Moment,
    /// The first instant after the window.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub to: Moment,
    /// Write the whole result there, with both timelines of the tickets that differ.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub folder: FolderArg,
}

fn moment(text: &str) -> Result<Moment, String> {
    let is_date = text.len() == "2026-11-01".len();
    let whole = if is_date { format!("{text}T00:00:00Z") } else { text.to_owned() };
    whole.parse().map_err(|_| "is no moment: write 2026-11-01T00:00:00Z or 2026-11-01".to_owned())
}

#[derive(clap::Args)]
pub struct WorkflowPublish {
    /// The folder with workflow.rhai and client.toml, or the name of a pack that comes with the binary, such as it-desk.
    pub pack: PathBuf,
    /// The client's key, such as it-desk.
    #[arg(long, value_name = "KEY")]
    pub client: Key,
    /// What changed, for the list of versions.
    #[arg(long, default_value = "Published from the command line")]
    pub message: String,
    /// Move the client's open tickets to this version too; those that it does not fit stay behind.
    #[arg(long)]
    pub open_tickets: bool,
    /// Publish nothing; show what would become of each open ticket.
    #[arg(long, requires = "open_tickets")]
    pub preview: bool,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(clap::Args)]
pub struct WorkflowPull {
    /// The client's key, such as it-desk.
    pub client: Key,
    /// Where to [default: a folder of the client's key, here].
    pub pack: Option<PathBuf>,
    /// The draft in place of the published version.
    #[arg(long)]
    pub draft: bool,
    /// Overwrite files that were changed here.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(clap::Args)]
pub struct WorkflowPush {
    /// The folder with workflow.rhai and client.toml.
    pub pack: PathBuf,
    /// The client's key, such as it-desk.
    pub client: Key,
    /// What changes and why; the message of the version that it becomes, unless another is given then.
    #[arg(long, default_value = "")]
    pub message: String,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(clap::Args)]
pub struct WorkflowDiff {
    /// The folder with workflow.rhai and client.toml.
    pub pack: PathBuf,
    /// The client's key, such as it-desk.
    pub client: Key,
    /// Compare with the draft in place of the published version.
    #[arg(long)]
    pub draft: bool,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(Subcommand)]
pub enum PluginVerb {
    /// Install a package for a client, or update what is installed.
    ///
    /// The signature is FILE.minisig beside the package. Secrets come from files or variables of the
    /// environment, so that they stand in no list of processes.
    Install(Box<PluginInstall>),
    /// What is installed for whom.
    List {
        #[command(flatten)]
        folder: FolderArg,
    },
    #[command(flatten)]
    Kit(KitVerb),
    /// Call a function of an installed plugin for a test, and print its answer, log, requests and times.
    ///
    /// Nothing of the desk is changed. The exit code is 1 when the call fails.
    Call(PluginCall),
}

#[derive(clap::Args)]
pub struct PluginCall {
    /// The client's key, such as it-desk.
    pub client: Key,
    /// The plugin, such as parts-stock.
    pub plugin: Key,
    /// A function that its manifest declares.
    pub function: String,
    /// The input, a JSON document [default: {}].
    #[arg(long, value_name = "JSON", conflicts_with = "input_file")]
    pub input: Option<String>,
    /// A file with the input.
    #[arg(long, value_name = "FILE")]
    pub input_file: Option<PathBuf>,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(clap::Args)]
pub struct PluginInstall {
    /// The package, a .wasm file.
    pub file: PathBuf,
    /// The client's key, such as it-desk.
    #[arg(long, value_name = "KEY")]
    pub client: Key,
    /// The plugin's settings: a TOML or JSON file [default: those that it has].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A secret whose value is the first line of a file: stock_token=token.txt
    #[arg(long, value_name = "NAME=FILE")]
    pub secret_file: Vec<String>,
    /// A secret whose value is in a variable of the environment: stock_token=STOCK_TOKEN
    #[arg(long, value_name = "NAME=VARIABLE")]
    pub secret_env: Vec<String>,
    /// What the plugin may do for this client, of that which it declares; may be given several times: a host, or
    /// setting:NAME, event:KIND, field:NAME, command:NAME, webhook:PATH, poll, kv, blob.
    #[arg(long, value_name = "HOST OR ABILITY", conflicts_with = "grant_declared")]
    pub grant: Vec<String>,
    /// Let the plugin do all that it declares.
    #[arg(long)]
    pub grant_declared: bool,
    /// A publisher's minisign public key that the desk trusts from now on.
    #[arg(long, value_name = "KEYFILE")]
    pub trust: Vec<PathBuf>,
    /// Install it although no trusted key has signed it.
    #[arg(long)]
    pub allow_unsigned: bool,
    #[command(flatten)]
    pub folder: FolderArg,
}

#[derive(Subcommand)]
pub enum ImportVerb {
    /// Rows of a ServiceNow incident log, a CSV file; the same file again adds nothing. A log-in of
    /// `assigned_to` that is mapped to a person (`POST /api/v1/foreign-logins`, system `servicenow`) makes the ticket
    /// theirs; those that are not are listed, and after they are mapped the same file again assigns their tickets.
    Servicenow(ImportServicenow),
}

#[derive(clap::Args)]
pub struct ImportServicenow {
    /// The log.
    pub file: PathBuf,
    /// The client whose tickets these are.
    #[arg(long, value_name = "KEY")]
    pub client: Key,
    /// Name each ticket whose count of group changes differs from the log's own.
    #[arg(long)]
    pub details: bool,
    #[command(flatten)]
    pub folder: FolderArg,
}

impl ImportServicenow {
    #[must_use]
    pub fn detail(&self) -> ImportDetail {
        if self.details { ImportDetail::Tickets } else { ImportDetail::Counts }
    }
}

#[derive(Subcommand)]
pub enum OutboxVerb {
    /// Let a restored desk send again.
    Release {
        #[command(flatten)]
        folder: FolderArg,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_words_fit_together() {
        super::Args::command().debug_assert();
    }
}
