//! The use cases of mandate: what can be done, by whom, and what follows from it.
//!
//! ```text
//!  doors (graph, console…)            channels (apple, …)
//!        │ one call each, as an Actor        │ what a device said ─► what it is to do
//!        ▼                                   ▼
//!  directory · profiles · devices      enrolment · delivery · certificates
//!        └───────────────┬───────────────────┘
//!                    targeting · reports · push
//! ```
//!
//! The engine knows no web framework and no device protocol. Time, chance, push and the channels come in through
//! traits, so that a test can move weeks in milliseconds.

mod access;
mod ade;
mod alerts;
mod audit;
mod branding;
mod certificates;
mod channel;
mod clock;
mod connections;
mod csv;
mod custody;
mod delivery;
mod devices;
mod directory;
mod domains;
mod enrolment;
mod error;
mod imported;
mod instance;
mod licences;
mod management_authority;
mod meter;
mod notices;
mod pauses;
mod preflight;
mod profiles;
mod providers;
mod push;
mod reports;
mod self_service;
mod setup;
mod sign_in;
mod targeting;
mod tokens;

pub use access::{
    Action, Actor, App, CertificateCredential, ClientProof, ClientRefusal, DirectoryRole, Grant,
    HeldRole, Lacking, MOST_CREDENTIALS, NewApp, NewRegistration, NewRole, NewRoleAssignment,
    NewSecret, Origin, Permission, Powers, Reach, Redirect, RedirectKind, Registration,
    RegistrationChange, Role, RoleAssignment, RoleAssignmentChange, RoleChange, RoleDefinition,
    ScopeTag, ScopeType, SecretCredential, SecretLife, Who,
};
pub use ade::{
    AdeDevice, AdeOptions, AdeProfile, AdeProfileChange, AdeRefusal, AdeSettings, AdeToken,
    AdeTokenChange, MachineInfo, NewAdeProfile, ServiceAnswer, ServiceRequest,
};
pub use alerts::{
    AlertCourier, AlertMessage, Delivery, DeliveryOutcome, ExpiryWatch, WatchedCertificate,
};
pub use audit::{
    AuditActor, AuditBatch, AuditCourier, AuditDelivery, AuditDeliveryView, AuditEvent, AuditHead,
    AuditReceiverView, AuditResource, PropertyChange,
};
pub use branding::{
    BrandDetails, BrandText, Branding, BrandingChange, Colour, NewPicture, Picture, PictureKind,
    PictureSlot, TEXT_CONTRAST,
};
pub use certificates::{
    Asking, AuthorityView, ExternalRevocation, IssuedCertificate, IssuerAnswer, IssuerGateway,
    IssuerRequest, IssuerServer, IssuerView, ManualChallenge, NewChallenge, NewIssuer, NoIssuers,
    OcspAnswer, RootKey, ScepAnswer, reason_name,
};
pub use channel::{AccountView, Channel, PayloadKey, PayloadView};
pub use clock::{Chance, Clock, SystemChance, SystemClock};
pub use connections::{
    ConfiguredConnection, Connection, ConnectionFrom, ConnectionPurpose, ConnectionResult,
    ConnectionTest, KnownHost, PortResult, StepResult, known_hosts,
};
pub use custody::{CustodyCount, CustodyReport};
pub use delivery::{Answer, Content, Document, Failure, FailureKind, SeenProfile, Work};
pub use devices::{
    ActionResult, DeviceCategoryChange, DeviceChange, DeviceRemarks, DeviceView, LockOptions,
    ManagementSettings, WipeOptions,
};
pub use devices::{
    Calls, DeviceLine, DeviceQueue, DevicesFound, PushResult, PushToken, QueueItem, QueueStage,
    QueueTask,
};
pub use directory::{
    CountedMembers, DirectoryKind, DirectoryWorry, LackingProperty, MOST_RULES, MemberEvaluation,
    MembersMoved, NewGroup, NewUser, Newcomers, Object, PreviewedProfile, Readiness, RulePreview,
    RuleProblem, RuleSource, Source, SourceFault, SourceOutcome, SourcedGroup, SourcedPerson,
    Suffix, SyncCounts, SyncEnd, SyncExample, SyncForecast, SyncReport, SyncSettings,
    SyncedDirectory,
};
pub use directory::{
    ImportedPerson, KnownPeople, MOST_PEOPLE, MOST_PEOPLE_BYTES, PeopleFile, PeopleImport,
    PeopleReport, PersonOutcome,
};
pub use directory::{
    NewScimToken, ProvisionFault, ProvisionWriting, Provisioned, ProvisionedKind, ProvisionedQuery,
    ScimToken,
};
pub use domains::{
    DiscoveryCheck, DiscoveryState, DnsRecord, DnsRecordKind, Domain, SuffixReport, UnprovedSuffix,
};
pub use enrolment::{
    AccountMode, AccountRefusal, AllowanceSource, Authentication, Barrier, Caller,
    EnrolmentAllowance, EnrolmentLink, EnrolmentManager, EnrolmentOffer, EnrolmentRefusal,
    KnownLink, MacUser, Met, NewLink, Refused, TokenNews,
};
pub use enrolment::{
    DeviceIdentity, IdentityKind, IdentityOutcome, IdentityResult, IdentityStanding,
    MOST_IDENTITIES_AT_ONCE, MOST_IDENTITY_BYTES, NewDeviceIdentity, NewTerms, OwnTerms, Terms,
    TermsAcceptance, TermsChange, TermsTarget, read_device_identities,
};
pub use enrolment::{
    DeviceLimit, EnrolmentConfiguration, EnrolmentConfigurationChange, EnrolmentContent,
    EnrolmentLimit, EnrolmentRestriction, NewEnrolmentConfiguration, PlatformRestrictions,
    PlatformRule, PlatformRules, RestrictedPlatform,
};
pub use error::EngineError;
pub use imported::{
    Claims, ConnectorKey, DEFAULT_KEY_NAME, DEFAULT_PROVIDER, EncryptedPfx, FileImport,
    FileOutcome, ImportChange, ImportId, ImportRequest, Imported, MAX_PFX, NewConnectorKey,
    OpenedPfx, PaddingScheme, PfxProblem, open_pfx,
};
pub use instance::{
    Addresses, AuthorityKeys, Engine, InitRequest, Initialised, Options, Parts, ServerIdentity,
    Tenant,
};
pub use licences::{
    LicenceChange, LicenceHolder, LicenceLoss, LicencePlan, LicenceSource, LicenceSummary,
    Licensed, LicensedPerson, LosingPerson, UserLicence,
};
pub use management_authority::{
    AuthorityReset, AuthorityStanding, ChecklistItem, ItemCode, ItemState, ManagementAuthority,
    NewAuthorityReset, ResetStage,
};
pub use mandate_store::NoticeState;
pub use mandate_store::SourceCounts;
pub use mandate_store::{AfterDevice, DeviceSearch, DeviceWorry, MailStanding, PeopleWithMail};
pub use mandate_store::{
    AfterName, DeviceFilter, GroupFilter, ImportedRecord, Store, StoreError, UserFilter,
};
pub use mandate_store::{AuditFault, AuditFilter, AuditOrder, AuditVerification};
pub use mandate_store::{
    DeviceCategoryRecord as DeviceCategory, DeviceLabelRecord as DeviceLabel, RuleState,
};
pub use meter::{Counted, Metrics};
pub use notices::{
    EventSettings, Mail, MailBranding, MailCourier, MailMessage, MailOutcome, MailTemplate,
    MailedNotice, MessageChange, NewMessage, NewTemplate, NoticeDevice, NoticeEvent, NoticeMatter,
    NoticeSettings, PersonNotice, Recipient, SendingMail, TemplateChange, VARIABLES,
    unknown_variables,
};
pub use preflight::{
    Anchors, Distrust, FromMailServer, MailAnswer, MailCredentials, MailLook, MailSight,
    MailSignIn, NoMailServers, Preflight, PreflightCertificate, PreflightFinding, PreflightGateway,
    PreflightProfile, PreflightRequest, PreflightStep, PreflightVerdict, TlsSight, Touch,
};
pub use profiles::{
    DeletedProfile, DraftId, DraftOutcome, NewProfile, ProfileChange, ProfileDraft, ProfileLine,
    ProfileOrder, ProfileQuery, ProfileVersion, ProfilesFound,
};
pub use providers::{
    BindAnswer, DirectoryConnection, DirectoryEntry, DirectoryPage, DirectoryPageSearch,
    DirectorySearch, DirectoryServer, DirectorySettings, DirectoryVerdict, FromProvider, How,
    NoProviders, OidcSettings, Provider, ProviderAnswer, ProviderButton, ProviderFault,
    ProviderGateway, ProviderLink, ProviderRequest, ProviderReturn, ProviderSettings, TryStep,
};
pub use push::{
    Push, PushCertificate, PushCredentials, PushGateway, PushOutcome, PushTrouble, Pushing,
};
pub use reports::{
    CertificateOrigin, Counts, DevicePresence, DeviceStatus, ExpiringCertificates, HeldCertificate,
    Plan, PlanCounts, PlanEffect, PlanRequest, PlanWarning, PlannedDevice, Presence, ProfileState,
    SettingState, SettingSummary, Sharing, SimulatedCertificate, SimulatedDevice, SimulatedGroup,
    SimulatedOutcome, SimulatedProfile, SimulatedUser, SimulatedWarning, Simulation,
    SimulationRequest, StatusOverview, UserCertificates, UserStatus,
};
pub use reports::{Fleet, Home, InstanceKey, KeyUse, Rollout, Worry, WorryKind};
pub use self_service::{
    AccountSteps, AccountStepsChange, AccountsPlace, Condition, Demand, OwnDevice, OwnItem,
    OwnProblem, Subject,
};
pub use setup::{
    NextAction, PlatformCause, PlatformReadiness, Setup, SetupCause, SetupState, SetupStep,
    SetupStepKind,
};
pub use sign_in::{
    Changed, Factors, FlowView, NewPassword, NewSession, PasskeyView, PasswordProblem,
    Problem as SignInProblem, RelyingParty, SecondFactor, SessionView, SetUpLink, SignInOptions,
    SignedIn, Step as SignInStep, TotpSetUp, Visit,
};
pub use tokens::{
    AccessClaims, AskedScope, CodeExchange, CodeRequest, DeviceProblem, DeviceRequest, GRAPH_ID,
    GRAPH_URL, GrantRefusal, NewDeviceCode, PersonTokens, RefreshExchange, Scope, ScopeProblem,
    TOKEN_LIFETIME, TokenError, TokenKeyView, TokenRefusal, TokenService, is_graph,
};

/// A page asked for: what comes after `after` by id, at most `limit` items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<Id> {
    /// Last id of the page before.
    pub after: Option<Id>,
    /// How many at most.
    pub limit: u32,
}

impl<Id> Page<Id> {
    /// The first page.
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }
}
