//! Keys and values of one call: its own writes are read first and handed out at the end.

use std::collections::BTreeMap;

use super::super::limits::{KV_KEY_BYTES_MAX, KV_KEYS_MAX, KV_VALUE_BYTES_MAX, KV_WRITES_MAX};
use super::super::protocol::Refusal;
use super::super::seam::{Keeper, KvWrite};

/// What is stored, under what this call wrote.
pub struct Kv<'a> {
    keeper: &'a dyn Keeper,
    bytes_max: u64,
    written: BTreeMap<String, Option<Vec<u8>>>,
    writes: usize,
    /// Of all keys and values as they would be after this call; known from the first write on.
    bytes: Option<u64>,
}

impl<'a> Kv<'a> {
    pub fn new(keeper: &'a dyn Keeper, bytes_max: u64) -> Kv<'a> {
        Kv { keeper, bytes_max, written: BTreeMap::new(), writes: 0, bytes: None }
    }

    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Refusal> {
        check_key(key)?;
        match self.written.get(key) {
            Some(written) => Ok(written.clone()),
            None => self.keeper.kv_get(key).await.map_err(Refusal::Unavailable),
        }
    }

    pub async fn set(&mut self, key: String, value: Vec<u8>) -> Result<(), Refusal> {
        if value.len() > KV_VALUE_BYTES_MAX {
            let why = format!("the value has {} bytes; at most {KV_VALUE_BYTES_MAX} are kept", value.len());
            return Err(Refusal::Invalid(why));
        }
        self.write(key, Some(value)).await
    }

    pub async fn delete(&mut self, key: String) -> Result<(), Refusal> {
        self.write(key, None).await
    }

    async fn write(&mut self, key: String, value: Option<Vec<u8>>) -> Result<(), Refusal> {
        check_key(&key)?;
        if self.writes >= KV_WRITES_MAX {
            return Err(Refusal::Full(format!("a call writes at most {KV_WRITES_MAX} times")));
        }
        let before = size(&key, self.get(&key).await?.as_deref());
        let stored = match self.bytes {
            Some(bytes) => bytes,
            None => self.keeper.kv_bytes().await.map_err(Refusal::Unavailable)?,
        };
        let after = stored.saturating_sub(before) + size(&key, value.as_deref());
        // What takes less room than before may be written even where a new version has less room.
        if after > self.bytes_max && after > stored {
            let why = format!(
                "{after} bytes of keys and values where this installation has room for {}",
                self.bytes_max
            );
            return Err(Refusal::Full(why));
        }
        self.bytes = Some(after);
        self.writes += 1;
        self.written.insert(key, value);
        Ok(())
    }

    pub async fn keys(&self, prefix: &str, after: Option<&str>, max: u32) -> Result<Vec<String>, Refusal> {
        if prefix.len() > KV_KEY_BYTES_MAX || after.is_some_and(|after| after.len() > KV_KEY_BYTES_MAX) {
            return Err(Refusal::Invalid(format!("keys have at most {KV_KEY_BYTES_MAX} bytes")));
        }
        if !(1..=KV_KEYS_MAX).contains(&max) {
            return Err(Refusal::Invalid(format!("`max` should be 1 to {KV_KEYS_MAX}, not {max}")));
        }
        let max = max as usize;
        let meant = |key: &str| key.starts_with(prefix) && after.is_none_or(|after| key > after);
        let mine = || self.written.iter().filter(|(key, _)| meant(key));
        // So many more, since those that this call deleted fall away.
        let asked = max + mine().filter(|(_, value)| value.is_none()).count();
        let stored = self.keeper.kv_keys(prefix, after, asked).await.map_err(Refusal::Unavailable)?;
        let set = mine().filter(|(_, value)| value.is_some()).map(|(key, _)| key.clone());
        let mut keys: Vec<String> =
            stored.into_iter().filter(|key| !self.written.contains_key(key)).chain(set).collect();
        keys.sort();
        keys.truncate(max);
        Ok(keys)
    }

    pub fn give_out(self) -> Vec<KvWrite> {
        self.written.into_iter().map(|(key, value)| KvWrite { key, value }).collect()
    }
}

fn size(key: &str, value: Option<&[u8]>) -> u64 {
    value.map_or(0, |value| (key.len() + value.len()) as u64)
}

fn check_key(key: &str) -> Result<(), Refusal> {
    if (1..=KV_KEY_BYTES_MAX).contains(&key.len()) {
        Ok(())
    } else {
        Err(Refusal::Invalid(format!("a key has 1 to {KV_KEY_BYTES_MAX} bytes, not {}", key.len())))
    }
}
