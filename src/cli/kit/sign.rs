//! `plugin keygen|sign|verify`: minisign keys and signatures, which minisign itself reads too.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign::{KeyPair, SecretKey, SecretKeyBox};

use super::args::{MakeKeys, SignPackage, VerifyPackage};
use super::package_file;
use crate::cli::Ended;
use crate::plugin_host::{SignatureState, TrustedKey, package, verify as judge};

/// Algorithms, salt, limits, number, key and checksum.
const SECRET_KEY_BYTES: usize = 158;
/// Where the key names the algorithm that turns a password into the lock.
const WITHOUT_PASSWORD: std::ops::Range<usize> = 2..4;
const NO_PASSWORD: &str =
    "where there is no terminal to ask for the password, name its variable with --password-env";

pub fn make_keys(order: &MakeKeys) -> anyhow::Result<Ended> {
    let public = with_ending(&order.secret, "pub");
    for file in [&order.secret, &public] {
        ensure!(!file.exists(), "{} is there already; a key is never overwritten", file.display());
    }
    // Without a password the library asks for one at the terminal, twice.
    let keys = KeyPair::generate_encrypted_keypair(password(order.password_env.as_deref())?)
        .context(format!("no pair of keys was made: {NO_PASSWORD}"))?;
    let secret = keys.sk.to_box(Some("secret key of a publisher of Naryad plugins"))?.to_string();
    let line = keys.pk.to_base64();
    write_new(&order.secret, &secret)?;
    write_new(&public, &keys.pk.to_box()?.to_string())?;
    println!(
        "{}: the secret key. Keep it, and its password, where nobody else reads them.",
        order.secret.display()
    );
    println!("{}: the public key, for those who install your plugins: {line}", public.display());
    Ok(Ended::Well)
}

pub fn sign(order: &SignPackage) -> anyhow::Result<Ended> {
    let file = package_file(&order.package)?;
    let wasm = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    // Whoever signs what no desk would take hears of it here.
    let package = package::read(&wasm).with_context(|| format!("{} was not signed", file.display()))?;
    let text = fs::read_to_string(&order.key).with_context(|| {
        format!("the secret key {} cannot be read; `naryad plugin keygen` makes one", order.key.display())
    })?;
    let key = unlock(&text, order)?;
    let manifest = &package.manifest;
    let comment = format!("{} {} by {}", manifest.name, manifest.version, manifest.publisher);
    let signature = minisign::sign(None, &key, Cursor::new(&wasm), Some(&comment), None)
        .context("the package could not be signed")?;
    let to = with_ending(&file, "minisig");
    fs::write(&to, signature.to_string()).with_context(|| format!("{} cannot be written", to.display()))?;
    println!("{}: the signature of {comment}. It travels beside the package.", to.display());
    Ok(Ended::Well)
}

fn unlock(text: &str, order: &SignPackage) -> anyhow::Result<SecretKey> {
    let bytes = text.lines().nth(1).and_then(|line| STANDARD.decode(line.trim()).ok());
    let bytes = bytes.filter(|bytes| bytes.len() == SECRET_KEY_BYTES && bytes.starts_with(b"Ed"));
    let bytes = bytes.with_context(|| format!("{} is no secret key of minisign", order.key.display()))?;
    // Keys of `minisign -W` have no password, nor the checksum that the library would look at.
    if bytes[WITHOUT_PASSWORD] == [0, 0] {
        return Ok(SecretKey::from_bytes(&bytes)?);
    }
    let password = password(order.password_env.as_deref())?;
    let was_given = password.is_some();
    SecretKeyBox::from_string(text)?.into_secret_key(password).with_context(|| {
        let why = if was_given { "is the password right?" } else { NO_PASSWORD };
        format!("{} did not open: {why}", order.key.display())
    })
}

pub fn verify(order: &VerifyPackage) -> anyhow::Result<Ended> {
    let file = package_file(&order.package)?;
    let wasm = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let signature = with_ending(&file, "minisig");
    let signature = signature.exists().then(|| fs::read_to_string(&signature)).transpose()?;
    let trusted = order.trust.iter().map(|file| {
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        TrustedKey::new(&file.display().to_string(), &text).map_err(anyhow::Error::msg)
    });
    let state = judge(&wasm, signature.as_deref(), &trusted.collect::<Result<Vec<_>, _>>()?);
    println!("{} is {state}.", file.display());
    if state == SignatureState::UnknownKey && order.trust.is_empty() {
        println!("Name the publisher's public key with --trust to know whose it is.");
    }
    Ok(if matches!(state, SignatureState::Trusted { .. }) { Ended::Well } else { Ended::WithFindings })
}

fn password(variable: Option<&str>) -> anyhow::Result<Option<String>> {
    let read = |name: &str| {
        std::env::var(name).with_context(|| format!("the variable {name} of the environment is not set"))
    };
    variable.map(read).transpose()
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Never over another file; the program's `umask` keeps it from others.
fn write_new(file: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", file.display());
    let mut made = fs::OpenOptions::new().write(true).create_new(true).open(file).with_context(cannot)?;
    made.write_all(text.as_bytes()).with_context(cannot)
}
