//! `cargo xtask plugins`: builds every plugin below `plugins/` and writes the components to `plugins/built`.

pub mod source;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

const TARGET: &str = "wasm32-unknown-unknown";
const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
const LINKER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";
const COMPONENT_HEADER: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
const WHAT_TO_INSTALL: &str = "Building plugins needs Rust's target wasm32-unknown-unknown. Either\n  \
    rustup target add wasm32-unknown-unknown\nor, on 64-bit Debian 12 or later for x86, apt-get with network access \
    (the compiler is unpacked below plugins/target, nothing is installed).\n\
    Building, testing and running Naryad itself needs neither: plugins/built is committed.";

/// How the plugins are compiled on this machine.
struct Toolchain {
    environment: BTreeMap<String, String>,
    arguments: Vec<&'static str>,
}

/// Builds all plugins, finishes them and writes `plugins/built/*.wasm`.
pub fn build(root: &Path) -> Result<()> {
    let plugins = root.join("plugins");
    let toolchain = find_toolchain(&plugins)?;
    compile(&plugins, toolchain)?;
    fs::create_dir_all(plugins.join("built"))?;
    for name in source::plugin_names(&plugins).map_err(anyhow::Error::msg)? {
        let wasm = finish(&plugins, &name)?;
        let to = plugins.join("built").join(format!("{name}.wasm"));
        fs::write(&to, &wasm).with_context(|| format!("cannot write {}", to.display()))?;
        println!("plugins/built/{name}.wasm: {} bytes", wasm.len());
    }
    Ok(())
}

/// Fails when a committed component was not made from the present source; needs no wasm toolchain.
pub fn check_fresh(root: &Path) -> Result<()> {
    source::check_fresh(&root.join("plugins")).map_err(anyhow::Error::msg)
}

fn find_toolchain(plugins: &Path) -> Result<Toolchain> {
    let sysroot = PathBuf::from(output(Command::new("rustc").args(["--print", "sysroot"]))?);
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let tools = sysroot.join("lib/rustlib").join(host).join("bin");
    if sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        let linker = tools.join("wasm-component-ld").display().to_string();
        let flags =
            format!("-Clinker-flavor=wasm-ld -Clink-arg=--wasm-ld-path={}/gcc-ld/wasm-ld", tools.display());
        let environment = BTreeMap::from([(LINKER.into(), linker), (RUSTFLAGS.into(), flags)]);
        return Ok(Toolchain { environment, arguments: Vec::new() });
    }
    let unpacked = plugins.join("target/toolchain");
    let lines = output(Command::new(plugins.join("toolchain.sh")).arg(&unpacked)).context(WHAT_TO_INSTALL)?;
    let environment = lines
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let arguments = vec!["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];
    Ok(Toolchain { environment, arguments })
}

fn compile(plugins: &Path, mut toolchain: Toolchain) -> Result<()> {
    let cargo_home = match std::env::var("CARGO_HOME") {
        Ok(home) => home,
        Err(_) => format!("{}/.cargo", std::env::var("HOME").context("neither CARGO_HOME nor HOME is set")?),
    };
    // Without this the folders of the machine that built it would stand in the component.
    let remap = format!(
        " --remap-path-prefix={plugins}/target/toolchain=/toolchain --remap-path-prefix={plugins}=/plugins --remap-path-prefix={cargo_home}=/cargo",
        plugins = plugins.display(),
    );
    toolchain.environment.entry(RUSTFLAGS.into()).or_default().push_str(&remap);
    let status = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .current_dir(plugins)
        .args(["build", "--release", "--locked", "--target", TARGET, "--target-dir", "target"])
        .args(toolchain.arguments)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .envs(toolchain.environment)
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("the plugins do not compile; {WHAT_TO_INSTALL}");
    }
    Ok(())
}

/// Appends the manifest and the hash of the source to the component that cargo made.
fn finish(plugins: &Path, name: &str) -> Result<Vec<u8>> {
    let made =
        plugins.join("target").join(TARGET).join("release").join(format!("{}.wasm", name.replace('-', "_")));
    let mut wasm = fs::read(&made).with_context(|| format!("cannot read {}", made.display()))?;
    if !wasm.starts_with(&COMPONENT_HEADER) {
        bail!("{} is not a component: it was not linked by wasm-component-ld", made.display());
    }
    let manifest = fs::read(plugins.join(name).join("plugin.toml"))?;
    let hash = source::source_hash(plugins, name).map_err(anyhow::Error::msg)?;
    append_section(&mut wasm, source::MANIFEST_SECTION, &manifest);
    append_section(&mut wasm, source::SOURCE_SECTION, hash.as_bytes());
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
    let output = command.output().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !output.status.success() {
        bail!("{:?} failed: {}", command.get_program(), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
