//! Makes the fuzz corpora again, out of the synthetic issuer's documents and hand-written edge cases:
//!
//! `cargo build --workspace --features madoguchi/simulator --example fuzz_corpus && target/debug/examples/fuzz_corpus tests/fuzz`
//!
//! Seeds the fuzzer found (`found-*`) are left alone. Signatures that draw from the system's randomness differ every time.

#[path = "../../fuzz/targets/fixed.rs"]
mod fixed;
mod hand_written;
mod issued;
mod recorded;
mod sealed;

use std::fs;
use std::path::PathBuf;

type Failure = Box<dyn std::error::Error>;

/// The folder with corpora and fixtures.
struct Folder(PathBuf);

impl Folder {
    fn seed(&self, target: &str, name: &str, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
        let bytes = bytes.as_ref();
        if bytes.len() > 20_000 {
            return Err(format!("{target}/{name} has {} bytes", bytes.len()).into());
        }
        self.write("corpus", target, name, bytes)
    }

    fn fixture(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.write("fixtures", "", name, bytes)
    }

    fn write(&self, kind: &str, target: &str, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let folder = self.0.join(kind).join(target);
        fs::create_dir_all(&folder)?;
        Ok(fs::write(folder.join(name), bytes)?)
    }

    /// A key is made once: everything signed with it stays good.
    fn device_key(&self) -> Result<chip_crypto::device_key::DeviceKey, Failure> {
        let path = self.0.join("fixtures/device.pkcs8");
        if !path.exists() {
            self.fixture("device.pkcs8", &chip_crypto::device_key::DeviceKey::generate_pkcs8()?)?;
        }
        Ok(chip_crypto::device_key::DeviceKey::from_pkcs8(&fs::read(path)?)?)
    }
}

fn main() -> Result<(), Failure> {
    let folder = Folder(std::env::args().nth(1).ok_or("usage: fuzz_corpus FOLDER")?.into());
    hand_written::write(&folder)?;
    issued::write(&folder)?;
    let evidence = recorded::write(&folder)?;
    sealed::write(&folder, &evidence)
}

/// u16 length and block, again and again.
fn blocks<B: AsRef<[u8]>>(blocks: impl IntoIterator<Item = B>) -> Vec<u8> {
    let mut out = Vec::new();
    for block in blocks {
        let block = block.as_ref();
        out.extend(u16::try_from(block.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend(block.iter().take(usize::from(u16::MAX)));
    }
    out
}
