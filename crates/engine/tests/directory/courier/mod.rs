//! The program's own way to directories, as it is over the network.

#[path = "../../../../mandate/src/provider_gateway/directory.rs"]
mod directory;

use mandate_engine::{
    DirectoryConnection, DirectoryServer, FromProvider, ProviderAnswer, ProviderGateway,
    ProviderRequest,
};
use tokio::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const PAGE_TIMEOUT: Duration = Duration::from_mins(1);

/// Connects with directories, and with nothing else.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Courier;

impl ProviderGateway for Courier {
    fn ask(&self, _request: ProviderRequest) -> FromProvider<'_, ProviderAnswer> {
        Box::pin(async { Err("only directories are asked".to_owned()) })
    }

    fn connect<'a>(
        &'a self,
        server: &'a DirectoryServer,
    ) -> FromProvider<'a, Box<dyn DirectoryConnection>> {
        Box::pin(directory::connect(server))
    }

    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> FromProvider<'a, Vec<String>> {
        let address = format!("{host}:{port}");
        Box::pin(async { Ok(vec![address]) })
    }

    fn dial<'a>(&'a self, _address: &'a str) -> FromProvider<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// An error with its causes.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}
