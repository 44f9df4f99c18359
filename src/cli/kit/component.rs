//! From Rust source to a package: a toolchain is found, cargo is run, sections are appended. `xtask` has this file too.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

pub const TARGET: &str = "wasm32-unknown-unknown";
pub const WHAT_TO_INSTALL: &str = "Building plugins needs Rust from https://rustup.rs with one more target:\n  \
    rustup target add wasm32-unknown-unknown\n\
    Where rustup cannot add it, a compiler with the source of its standard library will do, named by RUSTC or installed \
    by `rustup component add rust-src`. On 64-bit Debian 12 or later for x86, apt-get can fetch both: they are unpacked \
    beside the build (137 MB are downloaded), nothing is installed.";
const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
const LINKER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";
const LINKER_NAME: &str = "wasm-component-ld";
const STD_SOURCE: &str = "lib/rustlib/src/rust/library/std/Cargo.toml";
/// For a target whose standard library is not installed.
const BUILD_STD: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];
const COMPONENT_HEADER: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
/// Unpacks Debian's compiler and prints the environment to build with.
const UNPACK: &str = include_str!("../../../plugins/toolchain.sh");

/// How components are compiled on this machine.
#[derive(Debug)]
pub struct Toolchain {
    environment: BTreeMap<String, String>,
    arguments: Vec<&'static str>,
}

impl Toolchain {
    /// `unpack`: where Debian's compiler may be unpacked if rustup's target is missing; `None`: nowhere.
    ///
    /// # Errors
    /// What to install.
    pub fn find(unpack: Option<&Path>) -> Result<Toolchain> {
        // As cargo does: who sets RUSTC means it.
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let sysroot = sysroot(&compiler).context(WHAT_TO_INSTALL)?;
        let has_target = sysroot.join("lib/rustlib").join(TARGET).is_dir();
        if has_target || sysroot.join(STD_SOURCE).is_file() {
            let mut environment = linker(&compiler, &sysroot)?;
            if has_target {
                return Ok(Toolchain { environment, arguments: Vec::new() });
            }
            environment.insert("RUSTC_BOOTSTRAP".into(), "1".into());
            return Ok(Toolchain { environment, arguments: BUILD_STD.to_vec() });
        }
        let Some(folder) = unpack else { bail!("{WHAT_TO_INSTALL}") };
        let lines = output(Command::new("bash").args(["-c", UNPACK, "toolchain.sh"]).arg(folder))
            .context(WHAT_TO_INSTALL)?;
        let pair = |line: &str| line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        let environment = lines.lines().filter_map(pair).collect();
        Ok(Toolchain { environment, arguments: BUILD_STD.to_vec() })
    }

    /// Builds the crate or workspace of `folder` into its `target`. `names` stand in the component for folders of
    /// this machine, which nobody else should see.
    ///
    /// # Errors
    /// When it does not compile; what cargo says is shown.
    pub fn build(mut self, folder: &Path, names: &[(PathBuf, &str)], cargo: &[&str]) -> Result<()> {
        let flags = self.environment.entry(RUSTFLAGS.into()).or_default();
        for (path, name) in names {
            flags.push_str(&format!(" --remap-path-prefix={}={name}", path.display()));
        }
        let status = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
            .current_dir(folder)
            .args(["build", "--release", "--target", TARGET, "--target-dir", "target"])
            .args(cargo)
            .args(self.arguments)
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            // Whatever compiles or lints the caller's own crates is of another toolchain.
            .env_remove("RUSTC_WORKSPACE_WRAPPER")
            .envs(self.environment)
            .status()
            .with_context(|| format!("cargo cannot be started. {WHAT_TO_INSTALL}"))?;
        if !status.success() {
            bail!("it does not compile: see what cargo says above");
        }
        Ok(())
    }
}

/// Where cargo keeps what it downloads.
///
/// # Errors
/// When the environment names neither it nor a home.
pub fn cargo_home() -> Result<PathBuf> {
    match (std::env::var_os("CARGO_HOME"), std::env::var_os("HOME")) {
        (Some(cargo), _) => Ok(cargo.into()),
        (None, Some(home)) => Ok(PathBuf::from(home).join(".cargo")),
        (None, None) => bail!("neither CARGO_HOME nor HOME is set"),
    }
}

/// Where `build` puts the component of a crate.
pub fn made(folder: &Path, crate_name: &str) -> PathBuf {
    let file = format!("{}.wasm", crate_name.replace('-', "_"));
    folder.join("target").join(TARGET).join("release").join(file)
}

/// The component that was made, with custom sections appended.
///
/// # Errors
/// When it is not there or is no component.
pub fn finished(made: &Path, sections: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let mut wasm = fs::read(made).with_context(|| format!("cannot read {}", made.display()))?;
    if !wasm.starts_with(&COMPONENT_HEADER) {
        bail!("{} is not a component: it was not linked by {LINKER_NAME}", made.display());
    }
    for (name, content) in sections {
        append_section(&mut wasm, name, content);
    }
    Ok(wasm)
}

fn append_section(wasm: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut body = Vec::new();
    push_unsigned(&mut body, name.len());
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(content);
    wasm.push(0);
    push_unsigned(wasm, body.len());
    wasm.extend_from_slice(&body);
}

fn push_unsigned(into: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = u8::try_from(value & 127).expect("seven bits fit a byte");
        value >>= 7;
        into.push(if value == 0 { low } else { low | 128 });
        if value == 0 {
            return;
        }
    }
}

fn sysroot(compiler: &OsStr) -> Result<PathBuf> {
    Ok(PathBuf::from(output(Command::new(compiler).args(["--print", "sysroot"]))?))
}

/// The linker that makes components: it comes with rustup's compiler, and not with every distribution's.
fn linker(compiler: &OsStr, sysroot_of_it: &Path) -> Result<BTreeMap<String, String>> {
    let version = output(Command::new(compiler).arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let others = sysroot(OsStr::new("rustc")).ok();
    let tools = [Some(sysroot_of_it.to_owned()), others]
        .into_iter()
        .flatten()
        .map(|sysroot| sysroot.join("lib/rustlib").join(host).join("bin"))
        .find(|tools| tools.join(LINKER_NAME).is_file());
    let Some(tools) = tools else {
        bail!("this Rust has no `{LINKER_NAME}`, which comes with 1.82 or later from https://rustup.rs");
    };
    let flags =
        format!("-Clinker-flavor=wasm-ld -Clink-arg=--wasm-ld-path={}/gcc-ld/wasm-ld", tools.display());
    let linker = tools.join(LINKER_NAME).display().to_string();
    Ok(BTreeMap::from([(LINKER.into(), linker), (RUSTFLAGS.into(), flags)]))
}

fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("`{program}` cannot be started"))?;
    if !output.status.success() {
        bail!("`{program}` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
