//! A fleet as a file.

use super::Fleet;
use crate::device::{Device, DeviceState, Faults, SignatureForm};
use crate::keys::KeyPool;
use crate::scep::ScepMode;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;
use thiserror::Error;

/// A fleet file that cannot be read or written.
#[derive(Debug, Error)]
pub enum FleetFileError {
    /// The file system refused.
    #[error("cannot use the state file `{path}`")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not a fleet, or one of another version.
    #[error("`{path}` is no state file of this version; delete it to start afresh")]
    Content {
        /// The file.
        path: String,
        /// What the parser said.
        source: serde_json::Error,
    },
}

#[derive(Serialize)]
struct Written<'a> {
    keys: &'a KeyPool,
    concurrency: usize,
    devices: Vec<WrittenDevice<'a>>,
}

#[derive(Serialize)]
struct WrittenDevice<'a> {
    state: &'a DeviceState,
    faults: Faults,
    signature: SignatureForm,
    scep: ScepMode,
    keeps_settings: bool,
}

#[derive(Deserialize)]
struct Read {
    keys: KeyPool,
    concurrency: usize,
    devices: Vec<ReadDevice>,
}

#[derive(Deserialize)]
struct ReadDevice {
    state: DeviceState,
    faults: Faults,
    signature: SignatureForm,
    scep: ScepMode,
    keeps_settings: bool,
}

impl Fleet {
    /// Writes devices and keys as JSON. Private keys are in it, in the clear.
    pub fn save(&self, path: &Path) -> Result<(), FleetFileError> {
        let file = |source| FleetFileError::File {
            path: path.display().to_string(),
            source,
        };
        let content = |source| FleetFileError::Content {
            path: path.display().to_string(),
            source,
        };
        let written = Written {
            keys: &self.keys,
            concurrency: self.concurrency,
            devices: self
                .devices
                .iter()
                .map(|device| WrittenDevice {
                    state: device.state(),
                    faults: device.faults,
                    signature: device.signature,
                    scep: device.scep,
                    keeps_settings: device.keeps_settings,
                })
                .collect(),
        };
        let mut out = BufWriter::new(File::create(path).map_err(file)?);
        serde_json::to_writer(&mut out, &written).map_err(content)?;
        out.flush().map_err(file)
    }

    /// Reads a fleet back.
    pub fn load(path: &Path) -> Result<Self, FleetFileError> {
        let file = |source| FleetFileError::File {
            path: path.display().to_string(),
            source,
        };
        let content = |source| FleetFileError::Content {
            path: path.display().to_string(),
            source,
        };
        let read: Read = serde_json::from_reader(BufReader::new(File::open(path).map_err(file)?))
            .map_err(content)?;
        let devices = read
            .devices
            .into_iter()
            .map(|saved| {
                let mut device = Device::from_state(saved.state, &read.keys);
                device.faults = saved.faults;
                device.signature = saved.signature;
                device.scep = saved.scep;
                device.keeps_settings = saved.keeps_settings;
                device
            })
            .collect();
        Ok(Self {
            devices,
            keys: read.keys,
            concurrency: read.concurrency,
        })
    }
}
