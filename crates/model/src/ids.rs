//! Ids: UUIDs that cannot be mistaken for one another.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id as sixteen bytes in network order.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            /// Reads the hyphenated form in either letter case.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// The organisation that this instance serves.
    TenantId,
    /// A person of the directory.
    UserId,
    /// A group of the directory.
    GroupId,
    /// A managed device; also its directory object's id.
    DeviceId,
    /// A category of devices.
    DeviceCategoryId,
    /// A configuration profile.
    ProfileId,
    /// One target of one profile.
    AssignmentId,
    /// One command on its way to one device.
    CommandId,
    /// An action that somebody asked for on one device.
    ActionId,
    /// A registered client of the management API.
    AppId,
    /// An enrolment link.
    LinkId,
    /// A limit of devices per person, or a restriction of which devices may be enrolled.
    EnrolmentConfigurationId,
    /// An identifier of a device that belongs to the organisation.
    DeviceIdentityId,
    /// Terms that people accept before they enrol.
    TermsId,
}
