//! Why a device could not do what it was told.

use plist::Dictionary;

use super::fields;

/// Entries that are kept; a real chain has three or four.
const CHAIN_LENGTH: usize = 16;

/// An element of Apple `ErrorChain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorEntry {
    /// `ErrorDomain`, such as `MCEASErrorDomain`.
    pub domain: String,
    /// `ErrorCode`.
    pub code: i64,
    /// `LocalizedDescription`: in the language of the device.
    pub localized: Option<String>,
    /// `USEnglishDescription`.
    pub us_english: Option<String>,
}

/// What a failure means for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What may be done about it.
    pub kind: FailureKind,
    /// Domain of the element it was judged by.
    pub domain: String,
    /// Code of that element.
    pub code: i64,
    /// The device's own words, in English if it gave them.
    pub text: String,
}

/// Kinds of failure, by what may be done about them. Apple calls its codes informational: an unknown one is `Unknown`
/// and nothing else hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// Somebody made the same account by hand, or another profile did.
    AccountExists,
    /// The profile to be removed is not there, so nothing is left to do.
    NotInstalled,
    /// The profile to be removed is not ours.
    NotManaged,
    /// May succeed later without any change.
    Transient,
    /// The device or its user does not allow it.
    DevicePolicy,
    /// What we sent is wrong for this device.
    Configuration,
    /// The device does not know how.
    Unsupported,
    /// Nothing is known of it.
    Unknown,
}

impl Failure {
    /// Judges a chain by its last element: the first ones only wrap (`4001` around `1009` around the reason).
    pub fn classify(chain: &[ErrorEntry]) -> Self {
        let Some(last) = chain.last() else {
            return Self {
                kind: FailureKind::Unknown,
                domain: String::new(),
                code: 0,
                text: String::new(),
            };
        };
        Self {
            kind: FailureKind::of(&last.domain, last.code),
            domain: last.domain.clone(),
            code: last.code,
            text: last
                .us_english
                .clone()
                .or_else(|| last.localized.clone())
                .unwrap_or_default(),
        }
    }
}

impl FailureKind {
    /// The kind of one element. Domain and code both count: macOS has domains of its own with other numbers.
    fn of(domain: &str, code: i64) -> Self {
        match (domain, code) {
            ("MCEASErrorDomain", 21005)
            | ("MCSubCalErrorDomain", 16002)
            | ("MCCalDAVErrorDomain", 17002)
            | ("MCLDAPErrorDomain", 19002)
            | ("MCCardDAVErrorDomain", 20002) => Self::AccountExists,
            ("MCMDMErrorDomain", 12075) => Self::NotInstalled,
            ("MCMDMErrorDomain", 12013) => Self::NotManaged,
            // No network, or the profile store is busy.
            ("MCSCEPErrorDomain", 22005)
            | ("MCHTTPTransactionErrorDomain", 23000..=23002)
            | ("MCInstallationErrorDomain", 4009) => Self::Transient,
            ("MCEASErrorDomain", 21000..=21002) => Self::DevicePolicy,
            ("MCMDMErrorDomain", 12021 | 12076) | ("MCInstallationErrorDomain", 4023) => {
                Self::Unsupported
            }
            // 1009 is the wrapper "cannot be installed": standing last it has lost its reason, and says nothing.
            ("MCProfileErrorDomain", 1000..=1008 | 1010)
            | ("MCPayloadErrorDomain", 2000..=2005)
            | ("MCInstallationErrorDomain", 4002 | 4008 | 4010 | 4015)
            | ("MCEmailErrorDomain", 7000..=7007)
            | ("MCCertificateErrorDomain", 9000..=9006)
            | ("MCMDMErrorDomain", 12009 | 12012)
            | ("MCEASErrorDomain", 21003 | 21006 | 21007 | 21009) => Self::Configuration,
            _ => Self::Unknown,
        }
    }
}

pub(super) fn read(response: &Dictionary) -> Vec<ErrorEntry> {
    let entries: Vec<_> = fields::dictionaries(response, "ErrorChain")
        .map(ErrorEntry::read)
        .collect();
    // The reason stands at the end, so that is what is kept of a chain without measure.
    let surplus = entries.len().saturating_sub(CHAIN_LENGTH);
    entries.into_iter().skip(surplus).collect()
}

impl ErrorEntry {
    fn read(entry: &Dictionary) -> Self {
        Self {
            domain: fields::fact(entry, "ErrorDomain").unwrap_or_default(),
            code: fields::integer(entry, "ErrorCode").unwrap_or_default(),
            localized: fields::fact(entry, "LocalizedDescription"),
            us_english: fields::fact(entry, "USEnglishDescription"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(domain: &str, code: i64) -> ErrorEntry {
        ErrorEntry {
            domain: domain.to_owned(),
            code,
            localized: None,
            us_english: None,
        }
    }

    #[test]
    fn codes_mean_what_apple_says() {
        use FailureKind::*;
        for (domain, code, kind) in [
            ("MCEASErrorDomain", 21000, DevicePolicy),
            ("MCEASErrorDomain", 21001, DevicePolicy),
            ("MCEASErrorDomain", 21002, DevicePolicy),
            ("MCEASErrorDomain", 21003, Configuration),
            ("MCEASErrorDomain", 21004, Unknown),
            ("MCEASErrorDomain", 21005, AccountExists),
            ("MCEASErrorDomain", 21006, Configuration),
            ("MCEASErrorDomain", 21009, Configuration),
            ("MCSubCalErrorDomain", 16002, AccountExists),
            ("MCCalDAVErrorDomain", 17002, AccountExists),
            ("MCLDAPErrorDomain", 19002, AccountExists),
            ("MCCardDAVErrorDomain", 20002, AccountExists),
            ("MCMDMErrorDomain", 12075, NotInstalled),
            ("MCMDMErrorDomain", 12013, NotManaged),
            ("MCMDMErrorDomain", 12021, Unsupported),
            ("MCMDMErrorDomain", 12076, Unsupported),
            ("MCMDMErrorDomain", 12009, Configuration),
            ("MCMDMErrorDomain", 12000, Unknown),
            ("MCInstallationErrorDomain", 4023, Unsupported),
            ("MCInstallationErrorDomain", 4009, Transient),
            ("MCInstallationErrorDomain", 4015, Configuration),
            ("MCInstallationErrorDomain", 4001, Unknown),
            ("MCSCEPErrorDomain", 22005, Transient),
            ("MCSCEPErrorDomain", 22013, Unknown),
            ("MCHTTPTransactionErrorDomain", 23000, Transient),
            ("MCProfileErrorDomain", 1000, Configuration),
            ("MCProfileErrorDomain", 1006, Configuration),
            ("MCProfileErrorDomain", 1009, Unknown),
            ("MCPayloadErrorDomain", 2002, Configuration),
            ("MCEmailErrorDomain", 7003, Configuration),
            ("MCCertificateErrorDomain", 9000, Configuration),
            ("mdmb-handle-mdm-command", 99998, Unknown),
            ("SomeOtherDomain", 21005, Unknown),
        ] {
            assert_eq!(
                Failure::classify(&[entry(domain, code)]).kind,
                kind,
                "{domain} {code}"
            );
        }
    }

    #[test]
    fn the_last_element_counts() {
        let chain = [
            entry("MCInstallationErrorDomain", 4009),
            entry("MCEASErrorDomain", 21005),
        ];
        assert_eq!(Failure::classify(&chain).kind, FailureKind::AccountExists);
    }

    #[test]
    fn a_failure_without_reason_is_unknown() {
        assert_eq!(Failure::classify(&[]).kind, FailureKind::Unknown);
    }
}
