//! Bringing a device under management, and knowing it again.

mod account;
mod admission;
mod caller;
mod check_in;
mod grounds;
mod identities;
mod limits;
mod link;
mod mac_user;
mod migration;
mod offer;
mod refusal;
mod restrictions;
mod terms;
mod user_channel;

pub use account::{AccountMode, AccountRefusal};
pub(crate) use admission::Applicant;
pub use admission::Barrier;
pub use caller::{Caller, Met, Refused};
pub use check_in::{Authentication, TokenNews};
pub use identities::{
    DeviceIdentity, IdentityKind, IdentityOutcome, IdentityResult, IdentityStanding,
    MOST_IDENTITIES_AT_ONCE, MOST_IDENTITY_BYTES, NewDeviceIdentity, read_device_identities,
};
pub use limits::{
    AllowanceSource, EnrolmentAllowance, EnrolmentLimit, EnrolmentLimitChange, EnrolmentManager,
    NewEnrolmentLimit,
};
pub use link::{EnrolmentLink, KnownLink, NewLink};
pub use migration::{
    ImportContent, ImportMessage, ImportOutcome, ImportRefusal, MOST_PEOPLE_BYTES,
    MigratedEnrolment, Migration, MigrationChange, MigrationId, MigrationKey, MigrationPeople,
    MigrationProgress, MigrationState, NewMigration, OldPath, OtherServer,
};
pub use offer::{ElsewhereProfile, EnrolmentOffer};
pub use refusal::EnrolmentRefusal;
pub use restrictions::{
    EnrolmentRestriction, EnrolmentRestrictionChange, NewEnrolmentRestriction, PlatformRule,
    PlatformRules, RestrictedPlatform,
};
pub use terms::{NewTerms, OwnTerms, Terms, TermsAcceptance, TermsChange, TermsTarget};
pub use user_channel::MacUser;

pub(crate) use grounds::{Grounds, Way};
pub(crate) use mac_user::{USUAL_ATTRIBUTES, is_device_user};
pub(crate) use migration::Elsewhere;
