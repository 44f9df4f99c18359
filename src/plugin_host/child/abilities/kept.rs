//! Keys and values, and files: the parent keeps them; what is beyond their limits does not cross the pipe.

use wasmtime::Result;

use super::super::super::limits::{
    FILE_NAME_BYTES_MAX, FILE_PIECE_BYTES_MAX, KV_KEY_BYTES_MAX, KV_VALUE_BYTES_MAX, KV_WRITES_MAX, cut,
};
use super::super::super::protocol::{Refusal, Reply, Wish};
use super::super::wit::naryad::plugin::{blob, kv};
use super::{NAME_BYTES_MAX, Running, words};

impl kv::Host for Running {
    fn get(&mut self, key: String) -> Result<Result<Option<Vec<u8>>, kv::Error>> {
        if let Err(wrong) = check_key(&key) {
            return Ok(Err(wrong));
        }
        let granted = self.wish(Wish::KvGet { key }, &[])?;
        Ok(match granted.reply {
            Reply::Value { found } => Ok(found.then_some(granted.body)),
            other => Err(kv_error(other)),
        })
    }

    fn set(&mut self, key: String, value: Vec<u8>) -> Result<Result<(), kv::Error>> {
        if value.len() > KV_VALUE_BYTES_MAX {
            let why = format!("the value has {} bytes; at most {KV_VALUE_BYTES_MAX} are kept", value.len());
            return Ok(Err(kv::Error::Invalid(why)));
        }
        self.write(key, |key| Wish::KvSet { key }, &value)
    }

    fn delete(&mut self, key: String) -> Result<Result<(), kv::Error>> {
        self.write(key, |key| Wish::KvDelete { key }, &[])
    }

    fn keys(
        &mut self,
        prefix: String,
        after: Option<String>,
        max: u32,
    ) -> Result<Result<Vec<String>, kv::Error>> {
        if prefix.len() > KV_KEY_BYTES_MAX
            || after.as_ref().is_some_and(|after| after.len() > KV_KEY_BYTES_MAX)
        {
            return Ok(Err(kv::Error::Invalid(format!("keys have at most {KV_KEY_BYTES_MAX} bytes"))));
        }
        let granted = self.wish(Wish::KvKeys { prefix, after, max }, &[])?;
        Ok(match granted.reply {
            Reply::Keys(keys) => Ok(keys),
            other => Err(kv_error(other)),
        })
    }
}

impl blob::Host for Running {
    fn about(&mut self, file: String) -> Result<Result<blob::Info, blob::Error>> {
        let granted = self.wish(Wish::BlobAbout { file: handle(&file) }, &[])?;
        Ok(match granted.reply {
            Reply::About { name, media_type, bytes } => Ok(blob::Info { name, media_type, bytes }),
            other => Err(blob_error(other)),
        })
    }

    fn read(&mut self, file: String, offset: u64, bytes: u32) -> Result<Result<Vec<u8>, blob::Error>> {
        let granted = self.wish(Wish::BlobRead { file: handle(&file), offset, bytes }, &[])?;
        Ok(match granted.reply {
            Reply::Value { .. } => Ok(granted.body),
            other => Err(blob_error(other)),
        })
    }

    fn create(&mut self, name: String, media_type: String) -> Result<Result<String, blob::Error>> {
        if name.len() > FILE_NAME_BYTES_MAX || media_type.len() > FILE_NAME_BYTES_MAX {
            let why = format!("names and media types have at most {FILE_NAME_BYTES_MAX} bytes");
            return Ok(Err(blob::Error::Invalid(why)));
        }
        let granted = self.wish(Wish::BlobCreate { name, media_type }, &[])?;
        Ok(match granted.reply {
            Reply::Handle(handle) => Ok(handle),
            other => Err(blob_error(other)),
        })
    }

    fn append(&mut self, file: String, bytes: Vec<u8>) -> Result<Result<(), blob::Error>> {
        if bytes.len() > FILE_PIECE_BYTES_MAX {
            let why = format!("{} bytes at once; at most {FILE_PIECE_BYTES_MAX} are appended", bytes.len());
            return Ok(Err(blob::Error::Invalid(why)));
        }
        let granted = self.wish(Wish::BlobAppend { file: handle(&file) }, &bytes)?;
        Ok(match granted.reply {
            Reply::Done => Ok(()),
            other => Err(blob_error(other)),
        })
    }
}

impl Running {
    fn write(
        &mut self,
        key: String,
        wish: impl FnOnce(String) -> Wish,
        value: &[u8],
    ) -> Result<Result<(), kv::Error>> {
        if let Err(wrong) = check_key(&key) {
            return Ok(Err(wrong));
        }
        self.counts.kv_writes += 1;
        if self.counts.kv_writes > KV_WRITES_MAX {
            return Ok(Err(kv::Error::Full(format!("a call writes at most {KV_WRITES_MAX} times"))));
        }
        let granted = self.wish(wish(key), value)?;
        Ok(match granted.reply {
            Reply::Done => Ok(()),
            other => Err(kv_error(other)),
        })
    }
}

fn check_key(key: &str) -> Result<(), kv::Error> {
    if (1..=KV_KEY_BYTES_MAX).contains(&key.len()) {
        Ok(())
    } else {
        Err(kv::Error::Invalid(format!("a key has 1 to {KV_KEY_BYTES_MAX} bytes, not {}", key.len())))
    }
}

fn handle(file: &str) -> String {
    cut(file, NAME_BYTES_MAX).to_owned()
}

fn kv_error(reply: Reply) -> kv::Error {
    match reply {
        Reply::Refused(Refusal::Full(why)) => kv::Error::Full(why),
        Reply::Refused(Refusal::Invalid(why)) => kv::Error::Invalid(why),
        other => kv::Error::Unavailable(words(other)),
    }
}

fn blob_error(reply: Reply) -> blob::Error {
    match reply {
        Reply::Refused(Refusal::Unknown(why)) => blob::Error::Unknown(why),
        Reply::Refused(Refusal::Invalid(why)) => blob::Error::Invalid(why),
        Reply::Refused(Refusal::TooLarge(why)) => blob::Error::TooLarge(why),
        other => blob::Error::Unavailable(words(other)),
    }
}
