//! All SQL of mandate, in one text for SQLite and PostgreSQL.
//!
//! A [`Store`] hands out [`Session`]s: [`Store::read`] for looking, [`Store::write`] for one transaction that is
//! lost unless [`Session::commit`] is called. Statements are constants beside the function that runs them; what
//! differs between the databases stands side by side. Nothing outside this crate sees a database type.

mod access;
mod ade;
mod alerts;
mod app_credentials;
mod apps;
mod audit;
mod authorities;
mod brand_pictures;
mod certificate_keys;
mod certificate_reports;
mod certificates;
mod challenges;
mod custody;
mod db;
mod device_actions;
mod device_categories;
mod device_codes;
mod device_identities;
mod device_profiles;
mod device_remarks;
mod devices;
mod directories;
mod domains;
mod enrolment_configurations;
mod enrolment_managers;
mod enrolments;
mod error;
mod grants;
mod groups;
mod history;
mod identity_providers;
mod imported;
mod issuers;
mod licences;
mod management_authority;
mod membership_rules;
mod metrics;
mod migrate;
mod notices;
mod overview;
mod people_imports;
mod profile_drafts;
mod profile_versions;
mod profiles;
mod roles;
mod scim;
mod scope_tags;
mod settings;
mod sightings;
mod sign_in;
mod source_entries;
mod templates;
mod terms;
mod token_keys;
mod turns;
mod users;
mod wake_ups;

pub use ade::{AdeDeviceRecord, AdeFilter, AdeProfileRecord, AdeTokenRecord, VisitRecord};
pub use alerts::AlertRecord;
pub use app_credentials::{AppCertificateRecord, AppRedirectRecord, AppSecretRecord};
pub use apps::AppRecord;
pub use audit::{
    AuditDeliveryRecord, AuditEntry, AuditFault, AuditFilter, AuditMac, AuditMark, AuditOrder,
    AuditReceiverRecord, AuditRecord, AuditVerification, Link,
};
pub use authorities::{AuthorityRecord, AuthorityState};
pub use brand_pictures::BrandPictureRecord;
pub use certificate_keys::CertificateKeyRecord;
pub use certificate_reports::{AfterCertificate, ImportedEnd, IssuedRecord};
pub use certificates::{CertificateRecord, CertificateStatus, RevokedRecord};
pub use challenges::ChallengeRecord;
pub use custody::{SealedAt, SealedKind, SealedRecord};
pub use db::{Session, Store};
pub use device_actions::ActionRecord;
pub use device_categories::{DeviceCategoryRecord, DeviceLabelRecord};
pub use device_codes::DeviceCodeRecord;
pub use device_identities::DeviceIdentityRecord;
pub use device_profiles::{DeviceProfileRecord, Phase, ProfileCounts};
pub use device_remarks::RemarkRecord;
pub use devices::{
    AfterDevice, ChannelProfileRecord, ChannelRecord, DeviceFilter, DeviceRecord, DeviceSearch,
    DeviceWorry, FoundDevice, Seen, SeenChannel, SeenDevice, TargetDevice,
};
pub use directories::DirectoryRecord;
pub use domains::DomainRecord;
pub use enrolment_configurations::{EnrolmentConfigurationKind, EnrolmentConfigurationRecord};
pub use enrolment_managers::EnrolmentManagerRecord;
pub use enrolments::{LinkRecord, TicketRecord};
pub use error::StoreError;
pub use grants::{CodeRecord, RefreshRecord, Standing};
pub use groups::GroupFilter;
pub use history::HistoryRecord;
pub use identity_providers::{ErrandRecord, IdentityLinkRecord, IdentityProviderRecord};
pub use imported::{ImportedKeyRecord, ImportedRecord};
pub use issuers::{ExternalIssuerRecord, ExternalRevocationRecord, UntoldRevocation};
pub use licences::{LicenceHolder, LicenceRecord};
pub use management_authority::{AttestationRecord, AuthorityResetRecord, LeftOver};
pub use membership_rules::{RuleRecord, RuleRunRecord, RuleState};
pub use metrics::StateCount;
pub use notices::{MessageRecord, NoticeRecord, NoticeState, TemplateRecord};
pub use overview::{
    FleetCount, MailStanding, PeopleWithMail, RowCounts, SetUp, Silence, TroubleCount,
};
pub use people_imports::PeopleImportRecord;
pub use profile_drafts::ProfileDraftRecord;
pub use profile_versions::ProfileVersionRecord;
pub use roles::{DirectoryRoleMember, RoleAssignmentRecord, RoleRecord};
pub use scim::{ScimResourceRecord, ScimTokenRecord};
pub use scope_tags::{Scope, ScopeTagRecord};
pub use sightings::SightingRecord;
pub use sign_in::{
    CredentialRecord, LinkMaker, PasskeyRecord, SetUpLinkRecord, SignInSessionRecord,
    ThrottleRecord, TotpRecord,
};
pub use source_entries::{SourceCounts, SourceEntryRecord, SourceKind, SourceSelection};
pub use terms::{AcceptanceRecord, TermsRecord};
pub use token_keys::TokenKeyRecord;
pub use users::{AfterName, UserFilter};
pub use wake_ups::{WakeScope, WakeUpRecord};
