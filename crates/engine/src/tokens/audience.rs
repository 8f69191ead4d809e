//! What a token may be for.

/// The resource id of Microsoft Graph, which some clients ask for instead of its address.
pub const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
/// The address of Microsoft Graph, hard-coded in most clients.
pub const GRAPH_URL: &str = "https://graph.microsoft.com";

/// Whether a resource is the management API: Microsoft's name or id for it, or `host`, with or without port, at which it
/// is called.
pub fn is_graph(resource: &str, host: &str) -> bool {
    let resource = resource.trim_end_matches('/');
    if resource.eq_ignore_ascii_case(GRAPH_URL) || resource.eq_ignore_ascii_case(GRAPH_ID) {
        return true;
    }
    let name = resource
        .strip_prefix("https://")
        .or_else(|| resource.strip_prefix("http://"));
    name.is_some_and(|name| {
        name.eq_ignore_ascii_case(host) || name.eq_ignore_ascii_case(without_port(host))
    })
}

/// The SDKs derive the resource from the host name and drop the port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graph_has_three_names_and_no_other() {
        for resource in [
            GRAPH_URL,
            "https://graph.microsoft.com/",
            GRAPH_ID,
            "https://mdm.example",
            "https://mdm.example:8443",
            "http://MDM.example",
        ] {
            assert!(is_graph(resource, "mdm.example:8443"), "{resource}");
        }
        for resource in [
            "https://other.example",
            "mdm.example",
            "",
            "https://mdm.example.evil",
            "https://mdm.example:1",
            "https://user@mdm.example",
        ] {
            assert!(!is_graph(resource, "mdm.example:8443"), "{resource}");
        }
    }
}
