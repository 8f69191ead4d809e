//! What name servers say of a domain. Nothing is kept: who asks wants to know how it is now.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};
use tokio::time::timeout;

/// One try of one server.
const TRY: Duration = Duration::from_secs(3);
/// Everything: several servers, and TCP after UDP.
const ALL: Duration = Duration::from_secs(15);
/// Records that are read, and octets of each: a domain has a dozen short ones.
const MOST_RECORDS: usize = 200;
const LONGEST_TEXT: usize = 4096;

/// The TXT records of a name, the parts of each put together (RFC 7208 §3.3).
pub(super) async fn texts(server: Option<SocketAddr>, name: &str) -> Result<Vec<String>, String> {
    let answers = look_up(server, name, RecordType::TXT).await?;
    let texts = answers.into_iter().filter_map(|data| match data {
        RData::TXT(text) => {
            let octets: Vec<u8> = text.txt_data.concat();
            let octets = &octets[..octets.len().min(LONGEST_TEXT)];
            Some(String::from_utf8_lossy(octets).into_owned())
        }
        _ => None,
    });
    Ok(texts.take(MOST_RECORDS).collect())
}

/// Where a name leads by CNAME.
pub(super) async fn aliases(server: Option<SocketAddr>, name: &str) -> Result<Vec<String>, String> {
    let answers = look_up(server, name, RecordType::CNAME).await?;
    let aliases = answers.into_iter().filter_map(|data| match data {
        RData::CNAME(alias) => Some(alias.0.to_ascii().trim_end_matches('.').to_owned()),
        _ => None,
    });
    Ok(aliases.take(MOST_RECORDS).collect())
}

/// The answers to one question; none if there is no such name, or nothing of this kind under it.
async fn look_up(
    server: Option<SocketAddr>,
    name: &str,
    kind: RecordType,
) -> Result<Vec<RData>, String> {
    let resolver = resolver(server)?;
    // With a dot at the end, so that no search list makes another name of it.
    let name = Name::from_ascii(format!("{name}.")).map_err(|error| error.to_string())?;
    match timeout(ALL, resolver.lookup(name, kind)).await {
        Ok(Ok(lookup)) => {
            let answers = lookup.answers().iter();
            Ok(answers.map(|record| record.data.clone()).collect())
        }
        Ok(Err(error)) if error.is_nx_domain() || error.is_no_records_found() => Ok(Vec::new()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no name server answers in time".to_owned()),
    }
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, String> {
    let provider = TokioRuntimeProvider::default();
    let mut builder = match server {
        Some(server) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
            let connections = connections.map(|mut connection| {
                connection.port = server.port();
                connection
            });
            let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
            let config = ResolverConfig::from_name_servers(vec![server]);
            Resolver::builder_with_config(config, provider)
        }
        None => Resolver::builder(provider)
            .map_err(|error| format!("this machine names no name server: {error}"))?,
    };
    options(builder.options_mut());
    builder.build().map_err(|error| error.to_string())
}

fn options(options: &mut ResolverOpts) {
    options.timeout = TRY;
    options.attempts = 2;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.try_tcp_on_error = true;
}
