//! From Rust source to a package: a toolchain is found, cargo is run, sections are appended. `xtask` has this file too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

pub const TARGET: &str = "wasm32-unknown-unknown";
pub const WHAT_TO_INSTALL: &str = "Building plugins needs Rust (rustc and cargo) with the target wasm32-unknown-unknown:\n  \
    rustup target add wasm32-unknown-unknown\n\
    Where rustup cannot add it, on 64-bit Debian 12 or later for x86, apt-get can: the compiler is unpacked beside the \
    build (137 MB are downloaded), nothing is installed.";
const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
const LINKER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";
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
        let rustc = || Command::new("rustc");
        let sysroot = PathBuf::from(output(rustc().args(["--print", "sysroot"])).context(WHAT_TO_INSTALL)?);
        let version = output(rustc().arg("-vV"))?;
        let host =
            version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
        let libraries = sysroot.join("lib/rustlib");
        let tools = libraries.join(host).join("bin");
        if libraries.join(TARGET).is_dir() {
            let linker = tools.join("wasm-component-ld").display().to_string();
            let flags = format!(
                "-Clinker-flavor=wasm-ld -Clink-arg=--wasm-ld-path={}/gcc-ld/wasm-ld",
                tools.display()
            );
            let environment = BTreeMap::from([(LINKER.into(), linker), (RUSTFLAGS.into(), flags)]);
            return Ok(Toolchain { environment, arguments: Vec::new() });
        }
        let Some(folder) = unpack else { bail!("{WHAT_TO_INSTALL}") };
        let lines = output(Command::new("bash").args(["-c", UNPACK, "toolchain.sh"]).arg(folder))
            .context(WHAT_TO_INSTALL)?;
        let pair = |line: &str| line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        let arguments = vec!["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];
        Ok(Toolchain { environment: lines.lines().filter_map(pair).collect(), arguments })
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

/// The component that `build` made of the crate, with custom sections appended.
///
/// # Errors
/// When it is not there or is no component.
pub fn finished(folder: &Path, crate_name: &str, sections: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let file = format!("{}.wasm", crate_name.replace('-', "_"));
    let made = folder.join("target").join(TARGET).join("release").join(file);
    let mut wasm = fs::read(&made).with_context(|| format!("cannot read {}", made.display()))?;
    if !wasm.starts_with(&COMPONENT_HEADER) {
        bail!("{} is not a component: it was not linked by wasm-component-ld", made.display());
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

fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("`{program}` cannot be started"))?;
    if !output.status.success() {
        bail!("`{program}` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
