//! What the kit can be told.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::domain::Key;

#[derive(Subcommand)]
pub enum KitVerb {
    /// Make a folder with a plugin that builds and passes its tests at once.
    New(NewPlugin),
    /// Build the plugin of a folder into NAME.wasm beside its plugin.toml.
    Build(BuildPlugin),
    /// Say what a package is, offers and wants, and what keeps a desk from taking it.
    Check {
        /// The package, a .wasm file, or a plugin's folder.
        #[arg(default_value = ".")]
        package: PathBuf,
    },
    /// Play the recorded calls of fixtures/*.json against the built package, without any network.
    ///
    /// Requests, log and answer must be as recorded. --record makes them anew from a live run.
    Test(TestPlugin),
    /// Time and memory of the recorded calls, without the network's share.
    Bench(BenchPlugin),
    /// Make a pair of minisign keys to sign packages with.
    Keygen(MakeKeys),
    /// Sign a package: writes PACKAGE.minisig beside it.
    Sign(SignPackage),
    /// Say who signed a package and whether it is still what was signed.
    Verify(VerifyPackage),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PluginLanguage {
    Rust,
    /// JavaScript through componentize-js: a package of 12 MB, and slower calls.
    Js,
}

#[derive(Args)]
pub struct NewPlugin {
    /// The plugin's name: lower-case letters, digits, hyphens; scripts call it by it.
    pub name: Key,
    /// Your firm's key, which stands with every package [default: the plugin's name].
    #[arg(long, value_name = "KEY")]
    pub publisher: Option<Key>,
    #[arg(long, value_enum, default_value = "rust")]
    pub lang: PluginLanguage,
    /// The folder to make [default: NAME, here].
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
}

#[derive(Args)]
pub struct BuildPlugin {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Where rustup cannot add the wasm target: unpack Debian's compiler below target/ (137 MB are downloaded).
    #[arg(long)]
    pub unpack_toolchain: bool,
}

#[derive(Args)]
pub struct TestPlugin {
    /// The plugin's folder, with its built package and its fixtures.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Only fixtures whose name has this in it.
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// Another package than the folder's own.
    #[arg(long, value_name = "FILE")]
    pub package: Option<PathBuf>,
    /// Let the requests go out to the real system and write what comes back into the fixtures.
    #[arg(long)]
    pub record: bool,
    /// For --record, a secret whose value is in a variable of the environment: stock_token=STOCK_TOKEN
    #[arg(long, value_name = "NAME=VARIABLE", requires = "record")]
    pub secret_env: Vec<String>,
    /// For --record, a system at a private address or over plain http.
    #[arg(long, requires = "record")]
    pub private: bool,
}

#[derive(Args)]
pub struct BenchPlugin {
    /// The plugin's folder, with its built package and its fixtures.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Calls of each fixture.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub calls: u32,
}

#[derive(Args)]
pub struct MakeKeys {
    /// The secret key to write; the public one is written beside it as NAME.pub.
    #[arg(default_value = "plugin.key")]
    pub secret: PathBuf,
    /// The password that locks the secret key, in a variable of the environment; else it is asked for.
    #[arg(long, value_name = "VARIABLE")]
    pub password_env: Option<String>,
}

#[derive(Args)]
pub struct SignPackage {
    /// The package, a .wasm file, or a plugin's folder.
    #[arg(default_value = ".")]
    pub package: PathBuf,
    /// The secret key, of `plugin keygen` or of minisign.
    #[arg(long, default_value = "plugin.key", value_name = "KEYFILE")]
    pub key: PathBuf,
    /// The password that locks the secret key, in a variable of the environment; else it is asked for.
    #[arg(long, value_name = "VARIABLE")]
    pub password_env: Option<String>,
}

#[derive(Args)]
pub struct VerifyPackage {
    /// The package, a .wasm file, or a plugin's folder; its signature is PACKAGE.minisig.
    #[arg(default_value = ".")]
    pub package: PathBuf,
    /// A publisher's public key that counts; may be given several times.
    #[arg(long, value_name = "KEYFILE")]
    pub trust: Vec<PathBuf>,
}
