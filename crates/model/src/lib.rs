//! The nouns of device management and the settings catalogue.
//!
//! Pure data and rules: people, groups, devices, profiles, what a profile kind may say, and the words in which a
//! state is explained. Nothing here does input or output, knows a database, a protocol or a clock; whoever calls
//! passes the time in.

pub mod catalogue;
mod certificates;
mod compile;
mod device;
mod directory;
mod ids;
pub mod membership_rule;
mod os_version;
mod profile;
mod status;
mod timestamp;

pub use certificates::{
    AlternativeNameForm, CertificateServices, CertificateTemplate, ExternalIssuer, ImportPurpose,
    ImportedCertificate,
};
pub use compile::{
    AccountKey, CertificateSource, CertificateSpec, CompileInput, Compiled, Endpoints, KeySpec,
    Notice, Pkcs12Encoding, Refusal, SanSpec, SkippedSetting, Slot, StoredIdentity, StoredKey,
};
pub use device::{Device, DeviceFacts, DeviceState, EnrolmentType, Ownership, Platform};
pub use directory::{Group, GroupRule, Member, MemberKind, User};
pub use ids::{
    ActionId, AppId, AssignmentId, CommandId, DeviceCategoryId, DeviceId, DeviceIdentityId,
    EnrolmentConfigurationId, GroupId, LinkId, ProfileId, TenantId, TermsId, UserId,
};
pub use os_version::OsVersion;
pub use profile::{Assignment, Profile, Settings, Target};
pub use status::{Because, Evidence, Reason, State, Status};
pub use timestamp::Timestamp;
