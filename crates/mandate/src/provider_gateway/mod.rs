//! The way to identity providers and directories. Nothing is sent unless an administrator added one.

mod directory;
mod http;
mod service;

use mandate_engine::{
    DirectoryConnection, DirectoryServer, FromProvider, ProviderAnswer, ProviderGateway,
    ProviderRequest, ServiceAnswer, ServiceRequest,
};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Duration, timeout};

/// Somebody waits in front of a browser meanwhile.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A page of a large directory takes its time; nobody waits in front of a browser for it.
const PAGE_TIMEOUT: Duration = Duration::from_mins(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks over the network; connects when there is something to ask.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NetworkProviders;

impl ProviderGateway for NetworkProviders {
    fn ask(&self, request: ProviderRequest) -> FromProvider<'_, ProviderAnswer> {
        Box::pin(http::ask(request))
    }

    fn call(&self, request: ServiceRequest) -> FromProvider<'_, ServiceAnswer> {
        Box::pin(service::call(request))
    }

    fn connect<'a>(
        &'a self,
        server: &'a DirectoryServer,
    ) -> FromProvider<'a, Box<dyn DirectoryConnection>> {
        Box::pin(directory::connect(server))
    }

    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> FromProvider<'a, Vec<String>> {
        Box::pin(async move {
            let found = timeout(CONNECT_TIMEOUT, lookup_host((host, port)));
            match found.await {
                Ok(Ok(found)) => Ok(found.map(|address| address.to_string()).collect()),
                Ok(Err(error)) => Err(format!("{host}: {error}")),
                Err(_) => Err(format!("{host}: no name server answers")),
            }
        })
    }

    fn dial<'a>(&'a self, address: &'a str) -> FromProvider<'a, ()> {
        Box::pin(async move {
            match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("nobody answers".to_owned()),
            }
        })
    }
}

/// An error with its causes: the first line alone says only that something failed.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}
