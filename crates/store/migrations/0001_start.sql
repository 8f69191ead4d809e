-- Words in braces are replaced per database: see `migrate.rs`. Times are microseconds since 1970, UTC.

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) {strict};

CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    sealed {bytes} NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- `intent` grows with every change that may alter what many devices should have; `picture` with every change of
-- profiles, targets and groups, so that what is kept of them in memory is read again.
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value {int} NOT NULL
) {strict};

INSERT INTO counter (name, value) VALUES ('intent', 1);
INSERT INTO counter (name, value) VALUES ('picture', 1);
-- Grows with each change of a rule that says who is in a group.
INSERT INTO counter (name, value) VALUES ('membership_rule', 1);
INSERT INTO counter (name, value) VALUES ('crl', 1);
-- Grows when an issuing authority is added or put aside, so that servers read them again.
INSERT INTO counter (name, value) VALUES ('authority', 1);
-- Grows with every change of the keys that sign tokens.
INSERT INTO counter (name, value) VALUES ('token', 1);

CREATE TABLE app (
    id {uuid} PRIMARY KEY,
    name TEXT NOT NULL,
    -- What it may do by itself, and what for the person who uses it.
    permissions TEXT NOT NULL,
    delegated TEXT NOT NULL,
    is_public {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

CREATE TABLE person (
    id {uuid} PRIMARY KEY,
    principal_name TEXT NOT NULL,
    principal_name_folded TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    display_name_folded TEXT NOT NULL,
    mail TEXT,
    mail_folded TEXT,
    attributes TEXT NOT NULL,
    enabled {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

CREATE INDEX person_display_name ON person (display_name_folded, id);
CREATE INDEX person_search ON person (principal_name_folded, display_name_folded, id);
CREATE INDEX person_mail ON person (mail_folded);
-- What stands behind the `@`, so that people are counted by domain without reading the table.
CREATE INDEX person_suffix ON person (substr(principal_name_folded, {position}(principal_name_folded, '@') + 1));

-- Names are in ASCII (IDNA) and lower case. `usual` is the default domain, `initial` the one that the instance was made with.
CREATE TABLE domain (
    name TEXT PRIMARY KEY,
    initial {int} NOT NULL,
    usual {int} NOT NULL,
    proof TEXT NOT NULL,
    verified_at {int},
    created_at {int} NOT NULL
) {strict};

CREATE TABLE team (
    id {uuid} PRIMARY KEY,
    display_name TEXT NOT NULL,
    display_name_folded TEXT NOT NULL,
    attributes TEXT NOT NULL,
    -- The rule that says who is in it; absent where members are named. A rule that is paused moves nobody.
    rule TEXT,
    rule_paused {int} NOT NULL,
    -- When the rule had last been asked about everybody, and what stopped it.
    rule_evaluated_at {int},
    rule_problem TEXT,
    created_at {int} NOT NULL
) {strict};

CREATE INDEX team_display_name ON team (display_name_folded, id);
CREATE INDEX team_rule ON team (id) WHERE rule IS NOT NULL;

-- A rule that is being asked about everybody, and about whom it was asked last.
CREATE TABLE team_rule_run (
    team_id {uuid} PRIMARY KEY REFERENCES team (id),
    after_member {uuid},
    started_at {int} NOT NULL
) {strict};

CREATE TABLE team_member (
    team_id {uuid} NOT NULL REFERENCES team (id),
    member_id {uuid} NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (team_id, member_id)
) {strict};

CREATE INDEX team_member_of ON team_member (member_id);

CREATE TABLE team_owner (
    team_id {uuid} NOT NULL REFERENCES team (id),
    owner_id {uuid} NOT NULL,
    PRIMARY KEY (team_id, owner_id)
) {strict};

CREATE INDEX team_owner_of ON team_owner (owner_id);

-- Who has a licence: a person, the people of a group, or everybody (`kind` is `user`, `group` or `everybody`, whose id
-- is all zeros).
CREATE TABLE licence (
    holder_id {uuid} PRIMARY KEY,
    kind TEXT NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- Whose licence counts where there is not one for everybody: kept only while the administrator has set a number.
CREATE TABLE licence_seat (
    user_id {uuid} PRIMARY KEY REFERENCES person (id),
    created_at {int} NOT NULL
) {strict};
-- What brings people and groups here by SCIM: by the hash of its token, of which a hint shows the first characters.
CREATE TABLE scim_token (
    id {uuid} PRIMARY KEY,
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    hash {bytes} NOT NULL UNIQUE,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL
) {strict};

-- People (`user`) and groups (`group`) as they were written by SCIM; what is deleted there stays until it comes back.
CREATE TABLE scim_resource (
    id {uuid} PRIMARY KEY,
    kind TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    external_id TEXT,
    document TEXT NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL,
    deleted_at {int}
) {strict};

CREATE INDEX scim_resource_name ON scim_resource (kind, name_folded, id);
CREATE INDEX scim_resource_external ON scim_resource (kind, external_id) WHERE external_id IS NOT NULL;

-- Secrets are random and long, so their SHA-256 is kept; a hint shows the first characters.
CREATE TABLE app_secret (
    id {uuid} PRIMARY KEY,
    app_id {uuid} NOT NULL REFERENCES app (id),
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    hash {bytes} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL
) {strict};

CREATE INDEX app_secret_app ON app_secret (app_id);

CREATE TABLE app_certificate (
    id {uuid} PRIMARY KEY,
    app_id {uuid} NOT NULL REFERENCES app (id),
    name TEXT NOT NULL,
    sha256 {bytes} NOT NULL,
    sha1 {bytes} NOT NULL,
    der {bytes} NOT NULL,
    not_before {int} NOT NULL,
    not_after {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

CREATE INDEX app_certificate_app ON app_certificate (app_id);

-- `kind` is `web`, `spa` or `publicClient`.
CREATE TABLE app_redirect (
    app_id {uuid} NOT NULL REFERENCES app (id),
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (app_id, address)
) {strict};

-- Assertions that were used, until they expire, so that none is taken from somebody else.
CREATE TABLE app_assertion (
    app_id {uuid} NOT NULL,
    hash {bytes} NOT NULL,
    -- The network address that it came from.
    origin TEXT NOT NULL,
    expires_at {int} NOT NULL,
    PRIMARY KEY (app_id, hash)
) {strict};

-- Keys that sign tokens, sealed in `secret` as `token/{id}`: those that sign from a moment on, and those that only verify
-- until a moment.
CREATE TABLE token_key (
    id TEXT PRIMARY KEY,
    signs_from {int} NOT NULL,
    verifies_until {int},
    -- Around the public half, for clients that look for one.
    certificate {bytes} NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- One authorisation code (RFC 6749 §4.1.2); the row stays until it expires, so that a replay is seen.
CREATE TABLE authorization_code (
    hash {bytes} PRIMARY KEY,
    app_id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    session_id {uuid} NOT NULL,
    family_id {uuid} NOT NULL,
    -- Redirect address, scopes, resource, nonce, code challenge: as JSON.
    content TEXT NOT NULL,
    used_at {int},
    expires_at {int} NOT NULL
) {strict};

CREATE INDEX authorization_code_expiry ON authorization_code (expires_at);

-- Refresh tokens; one that is used again after it was exchanged ends its whole family.
CREATE TABLE refresh_token (
    hash {bytes} PRIMARY KEY,
    family_id {uuid} NOT NULL,
    app_id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    -- The session that began it; its end ends the family too.
    session_id {uuid},
    content TEXT NOT NULL,
    issued_at {int} NOT NULL,
    used_at {int},
    expires_at {int} NOT NULL
) {strict};

CREATE INDEX refresh_token_family ON refresh_token (family_id);
CREATE INDEX refresh_token_user ON refresh_token (user_id);
CREATE INDEX refresh_token_session ON refresh_token (session_id);
CREATE INDEX refresh_token_expiry ON refresh_token (expires_at);

-- Device codes (RFC 8628).
CREATE TABLE device_code (
    hash {bytes} PRIMARY KEY,
    user_code TEXT NOT NULL UNIQUE,
    app_id {uuid} NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    user_id {uuid},
    session_id {uuid},
    polled_at {int},
    interval_seconds {int} NOT NULL,
    expires_at {int} NOT NULL
) {strict};

CREATE INDEX device_code_expiry ON device_code (expires_at);

-- How people prove who they are. `stamp` changes with every change of credentials; sessions made under another end.
CREATE TABLE credential (
    user_id {uuid} PRIMARY KEY REFERENCES person (id),
    password_hash TEXT,
    password_at {int},
    must_change {int} NOT NULL,
    -- Tokens and sessions from before are no longer good ("sign out everywhere").
    valid_from {int} NOT NULL,
    -- Id of the second factors' user handle in passkeys.
    handle {uuid} NOT NULL
) {strict};

CREATE TABLE credential_totp (
    user_id {uuid} PRIMARY KEY REFERENCES person (id),
    sealed {bytes} NOT NULL,
    -- The last time step that was used, so that no code is taken twice.
    last_step {int} NOT NULL,
    confirmed_at {int},
    created_at {int} NOT NULL
) {strict};

CREATE TABLE credential_passkey (
    id {uuid} PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES person (id),
    credential_id {bytes} NOT NULL UNIQUE,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at {int} NOT NULL,
    used_at {int}
) {strict};

CREATE INDEX credential_passkey_user ON credential_passkey (user_id);

CREATE TABLE credential_recovery_code (
    user_id {uuid} NOT NULL REFERENCES person (id),
    hash {bytes} NOT NULL,
    used_at {int},
    PRIMARY KEY (user_id, hash)
) {strict};

-- Links of one use with which somebody sets a first or new password.
CREATE TABLE set_up_link (
    hash {bytes} PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES person (id),
    -- Who made it: `system`, `app` or `person`, and which.
    maker_kind TEXT NOT NULL,
    maker_id {uuid},
    expires_at {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

CREATE INDEX set_up_link_user ON set_up_link (user_id);

CREATE TABLE sign_in_session (
    id {uuid} PRIMARY KEY,
    hash {bytes} NOT NULL UNIQUE,
    user_id {uuid} NOT NULL,
    -- How they proved who they are, such as `pwd otp`, parted by blanks (RFC 8176).
    methods TEXT NOT NULL,
    provider TEXT,
    address TEXT,
    agent TEXT NOT NULL,
    authenticated_at {int} NOT NULL,
    -- Since when its cookie is good, to be compared with `credential.valid_from`.
    issued_at {int} NOT NULL,
    seen_at {int} NOT NULL,
    ends_at {int} NOT NULL
) {strict};

CREATE INDEX sign_in_session_user ON sign_in_session (user_id);
CREATE INDEX sign_in_session_end ON sign_in_session (ends_at);

-- A sign-in that is under way, with where it leads: a path of this server, never an address from the request.
CREATE TABLE sign_in_flow (
    hash {bytes} PRIMARY KEY,
    content TEXT NOT NULL,
    -- The network that it was begun from, hashed, so that nobody begins without end.
    origin TEXT,
    expires_at {int} NOT NULL
) {strict};

CREATE INDEX sign_in_flow_expiry ON sign_in_flow (expires_at);
CREATE INDEX sign_in_flow_origin ON sign_in_flow (origin, expires_at) WHERE origin IS NOT NULL;

-- Wrong tries, per account and per network address.
CREATE TABLE throttle (
    subject TEXT PRIMARY KEY,
    tries {int} NOT NULL,
    blocked_until {int} NOT NULL,
    updated_at {int} NOT NULL
) {strict};

CREATE INDEX throttle_updated ON throttle (updated_at);

-- Where else people prove who they are: `oidc` or `ldap`. Secrets of a provider are sealed in `secret` as
-- `provider/{name}`.
CREATE TABLE identity_provider (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- Who somebody is at a provider.
CREATE TABLE identity_link (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id {uuid} NOT NULL REFERENCES person (id),
    created_at {int} NOT NULL,
    PRIMARY KEY (provider, subject),
    UNIQUE (provider, user_id)
) {strict};

CREATE INDEX identity_link_user ON identity_link (user_id);

-- People and groups that come from elsewhere, one row for each that a source told of: `directory/{name}`, or whatever else
-- keeps people. `external_id` is what the source calls it for good.
CREATE TABLE source_entry (
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    -- `user` or `group`.
    kind TEXT NOT NULL,
    -- Who or what it is here; none while it was never taken.
    object_id {uuid},
    -- How others of the source name it, folded: the distinguished name of a directory.
    locator TEXT,
    -- SHA-256 of what was taken last; the same again is nothing new.
    digest {bytes},
    -- What was not taken, as JSON, with the reason; it is tried again.
    refused TEXT,
    fault TEXT,
    -- Whether the source alone says what it tells.
    is_master {int} NOT NULL,
    -- Since when the source does not have it any more.
    gone_at {int},
    synced_at {int} NOT NULL,
    PRIMARY KEY (source, external_id)
) {strict};

CREATE UNIQUE INDEX source_entry_object ON source_entry (object_id);
CREATE INDEX source_entry_locator ON source_entry (source, locator);
CREATE INDEX source_entry_gone ON source_entry (source, gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX source_entry_refused ON source_entry (source, external_id) WHERE fault IS NOT NULL;

-- Directories that people and groups come from. Passwords are sealed in `secret` as `directory/{name}`.
CREATE TABLE directory (
    name TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    -- Up to where it was read, and what came of the last run: as JSON.
    progress TEXT NOT NULL,
    due_at {int} NOT NULL,
    -- Who is reading it, and until when nobody else does.
    holder {uuid},
    held_until {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- Somebody was sent to a provider and is expected back, once: `hash` is that of the `state`, `flow_hash` that of the
-- cookie of the browser.
CREATE TABLE provider_errand (
    hash {bytes} PRIMARY KEY,
    provider TEXT NOT NULL,
    flow_hash {bytes} NOT NULL,
    redirect_uri TEXT NOT NULL,
    -- They were to prove who they are anew.
    fresh {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

CREATE INDEX provider_errand_created ON provider_errand (created_at);

-- Scope tags; `0` is built in.
CREATE TABLE scope_tag (
    id {int} PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    description TEXT,
    created_at {int} NOT NULL
) {strict};

INSERT INTO scope_tag (id, name, name_folded, description, created_at)
VALUES (0, 'Default', 'default', 'What has no other scope tag.', 0);
-- Numbers are never given twice: old versions of profiles name them.
INSERT INTO counter (name, value) VALUES ('scope_tag', 0);

-- Devices in these groups, or of people in them, get the tag by themselves.
CREATE TABLE scope_tag_team (
    tag_id {int} NOT NULL REFERENCES scope_tag (id),
    team_id {uuid} NOT NULL,
    PRIMARY KEY (tag_id, team_id)
) {strict};

-- Scope tags of devices; a device without any has the default tag. `automatic` ones come and go with group memberships.
CREATE TABLE device_scope_tag (
    device_id {uuid} NOT NULL,
    tag_id {int} NOT NULL REFERENCES scope_tag (id),
    automatic {int} NOT NULL,
    PRIMARY KEY (device_id, tag_id)
) {strict};

CREATE INDEX device_scope_tag_tag ON device_scope_tag (tag_id, device_id);

-- Roles that administrators made; those built in are part of the program.
CREATE TABLE role_definition (
    id {uuid} PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    -- What it allows, and names that were no actions when they were written: those allow nothing, whatever they come to mean.
    actions TEXT NOT NULL,
    other_actions TEXT NOT NULL,
    scope_tags TEXT NOT NULL,
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL
) {strict};

CREATE TABLE role_assignment (
    id {uuid} PRIMARY KEY,
    role_id {uuid} NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    scope_type TEXT NOT NULL,
    -- Tags of what may be seen, and tags by which the assignment itself is seen.
    tags TEXT NOT NULL,
    scope_tags TEXT NOT NULL,
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL
) {strict};

CREATE INDEX role_assignment_role ON role_assignment (role_id);

-- Groups whose people have the role (`member`), and groups that they may work on (`scope`).
CREATE TABLE role_assignment_team (
    assignment_id {uuid} NOT NULL REFERENCES role_assignment (id),
    kind TEXT NOT NULL,
    team_id {uuid} NOT NULL,
    PRIMARY KEY (assignment_id, kind, team_id)
) {strict};

CREATE INDEX role_assignment_team_team ON role_assignment_team (team_id);

-- Directory roles, by template id, of people and groups.
CREATE TABLE directory_role_member (
    role_id {uuid} NOT NULL,
    principal_id {uuid} NOT NULL,
    kind TEXT NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (role_id, principal_id)
) {strict};

CREATE INDEX directory_role_member_principal ON directory_role_member (principal_id);

CREATE TABLE profile (
    id {uuid} PRIMARY KEY,
    kind TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT,
    scope_tags TEXT NOT NULL,
    version {int} NOT NULL,
    settings TEXT NOT NULL,
    links TEXT NOT NULL,
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL,
    -- The intent in which it, or whom it is for, last changed, and when that was.
    changed_in {int} NOT NULL,
    changed_at {int} NOT NULL,
    deleted_at {int}
) {strict};

-- What each version said, so that it can be compared and brought back.
CREATE TABLE profile_version (
    profile_id {uuid} NOT NULL REFERENCES profile (id),
    version {int} NOT NULL,
    content TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (profile_id, version)
) {strict};

CREATE TABLE assignment (
    id {uuid} PRIMARY KEY,
    profile_id {uuid} NOT NULL REFERENCES profile (id),
    kind TEXT NOT NULL,
    team_id {uuid}
) {strict};

CREATE INDEX assignment_profile ON assignment (profile_id);
CREATE INDEX assignment_team ON assignment (team_id);

-- Requests to hand devices to another management authority; `stage` is `preparing`, `running`, `done` or `cancelled`.
CREATE TABLE authority_reset (
    id {uuid} PRIMARY KEY,
    domain TEXT NOT NULL,
    from_authority TEXT NOT NULL,
    target TEXT NOT NULL,
    stage TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at {int} NOT NULL,
    started_by TEXT,
    started_at {int},
    completes_at {int},
    ended_at {int}
) {strict};

CREATE INDEX authority_reset_stage ON authority_reset (stage);

-- What somebody vouches for that no server can look up.
CREATE TABLE authority_reset_attestation (
    reset_id {uuid} NOT NULL REFERENCES authority_reset (id),
    item TEXT NOT NULL,
    -- The person who vouches, and who noted it.
    person TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (reset_id, item)
) {strict};

CREATE TABLE enrolment_link (
    id {uuid} PRIMARY KEY,
    token_hash {bytes} NOT NULL UNIQUE,
    user_id {uuid},
    platform TEXT NOT NULL,
    enrolment_type TEXT NOT NULL,
    signed {int} NOT NULL,
    uses_left {int} NOT NULL,
    expires_at {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};
CREATE INDEX enrolment_link_user ON enrolment_link (user_id);
CREATE INDEX enrolment_link_expiry ON enrolment_link (expires_at);

CREATE TABLE device_category (
    id {uuid} PRIMARY KEY,
    display_name TEXT NOT NULL,
    display_name_folded TEXT NOT NULL UNIQUE,
    description TEXT,
    created_at {int} NOT NULL
) {strict};

-- The category that the person who made the link chose for the device.
CREATE TABLE enrolment_link_category (
    link_id {uuid} PRIMARY KEY,
    category_id {uuid} NOT NULL REFERENCES device_category (id)
) {strict};

-- One downloaded enrolment profile, until its device has authenticated.
CREATE TABLE enrolment_ticket (
    id {uuid} PRIMARY KEY,
    -- The link, the automated enrolment or the sign-in at a device that it came by, each with an id of its own.
    link_id {uuid} NOT NULL,
    user_id {uuid},
    platform TEXT NOT NULL,
    enrolment_type TEXT NOT NULL,
    -- How it was asked for: 'link', 'automated', 'account' or 'migrated'.
    way TEXT NOT NULL,
    -- The one device that may come with it; any, if absent.
    serial_number TEXT,
    -- The profile of automated enrolment.
    ade_profile_id {uuid},
    device_id {uuid},
    created_at {int} NOT NULL
) {strict};

-- Somebody who signs in at a device that is being set up: what is in the device's web view, until it has its profile.
CREATE TABLE enrolment_visit (
    id {uuid} PRIMARY KEY,
    -- SHA-256 of what the web view, or the device, holds.
    token_hash {bytes} NOT NULL UNIQUE,
    -- 'automated', 'byod' or 'adde'.
    purpose TEXT NOT NULL,
    ade_profile_id {uuid},
    serial_number TEXT,
    user_id {uuid},
    expires_at {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};
CREATE INDEX enrolment_visit_expires ON enrolment_visit (expires_at);

-- Apple Business Manager or School Manager: one server there, with the token that it gave. Keys and tokens are in `secret`.
CREATE TABLE ade_token (
    id {uuid} PRIMARY KEY,
    name TEXT NOT NULL,
    apple_id TEXT,
    -- Certificate (PEM) that the token is encrypted for; absent until somebody has asked for it.
    certificate TEXT,
    -- When the token ends; absent until there is one.
    expires_at {int},
    -- What Apple says of the server, as JSON; absent until it has answered.
    account TEXT,
    cursor TEXT,
    -- 'full' while all devices are fetched, 'delta' afterwards.
    phase TEXT NOT NULL,
    -- Number of the full fetch under way or done last; devices that it did not show are gone.
    fetch_number {int} NOT NULL,
    synced_at {int},
    triggered_at {int},
    due_at {int},
    failures {int} NOT NULL,
    -- Apple's word for what went wrong last; empty if nothing did.
    problem TEXT NOT NULL,
    problem_code {int} NOT NULL,
    -- Which process synchronises, and until when others leave it alone.
    holder {uuid},
    held_until {int},
    default_ios {uuid},
    default_macos {uuid},
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL
) {strict};
CREATE INDEX ade_token_due ON ade_token (due_at);

-- What devices are to do at their activation.
CREATE TABLE ade_profile (
    id {uuid} PRIMARY KEY,
    token_id {uuid} NOT NULL REFERENCES ade_token (id),
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Properties as JSON, in Graph's spelling.
    settings TEXT NOT NULL,
    version {int} NOT NULL,
    -- The version that Apple has, under its id there.
    defined_version {int} NOT NULL,
    apple_id TEXT,
    problem TEXT NOT NULL,
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL
) {strict};
CREATE INDEX ade_profile_token ON ade_profile (token_id, id);

-- Devices that Apple says are the organisation's.
CREATE TABLE ade_device (
    token_id {uuid} NOT NULL REFERENCES ade_token (id),
    serial TEXT NOT NULL,
    platform TEXT NOT NULL,
    -- What Apple says of it, as JSON: model, description, colour, asset tag.
    facts TEXT NOT NULL,
    is_deleted {int} NOT NULL,
    fetch_number {int} NOT NULL,
    -- The profile that it is to have, and since when.
    profile_id {uuid},
    requested_at {int},
    -- Apple's id of the profile that it has there.
    assigned TEXT,
    -- Why Apple has not taken the assignment: its word for it, and when to try again.
    problem TEXT NOT NULL,
    retry_at {int},
    contacted_at {int},
    added_at {int} NOT NULL,
    PRIMARY KEY (token_id, serial)
) {strict};
CREATE INDEX ade_device_serial ON ade_device (serial);
CREATE INDEX ade_device_profile ON ade_device (profile_id);

CREATE TABLE device (
    id {uuid} PRIMARY KEY,
    platform TEXT NOT NULL,
    enrolment_type TEXT NOT NULL,
    enrolment_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    user_id {uuid},
    -- The device enrolment manager who enrolled it: such a device has no user until somebody gives it one.
    manager_id {uuid},
    ownership TEXT NOT NULL,
    facts TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    serial_folded TEXT,
    os_version TEXT,
    enrolled_at {int} NOT NULL,
    last_seen_at {int} NOT NULL,
    -- The intent that this device was last reconciled with; less than the counter means: look again.
    reconciled_in {int} NOT NULL,
    -- When something that concerns this device alone last changed: its user, a membership, itself.
    stale_at {int} NOT NULL,
    -- When its profile list was last read.
    inventory_at {int},
    -- Earliest moment at which there is something to do at a check-in; absent when there is nothing.
    attention_at {int},
    -- When to wake the device next, and how often it was woken in vain.
    wake_at {int},
    wake_attempts {int} NOT NULL,
    topic TEXT NOT NULL,
    push_token {bytes},
    push_magic TEXT,
    push_state TEXT NOT NULL,
    push_token_at {int} NOT NULL,
    unlock_token {bytes},
    identity {bytes} NOT NULL,
    identity_until {int} NOT NULL,
    identity_renew_at {int} NOT NULL,
    -- A new identity was taken and the one before it is still good.
    identity_changed {int} NOT NULL,
    identity_ticket {uuid} NOT NULL,
    -- The channel of a person on a Mac: a row of its own that belongs to the Mac's, and the person's id, short and long
    -- name there. Absent for devices.
    parent_id {uuid} REFERENCES device (id),
    channel_user TEXT,
    channel_short_name TEXT,
    channel_long_name TEXT,
    -- How mail stands there: 0 no profile makes an account, 1 one is on its way, 2 something is in the way, 3 it is there.
    mail {int} NOT NULL DEFAULT 0,
    -- The last push, and what became of it.
    pushed_at {int},
    push_result TEXT
) {strict};

CREATE INDEX device_parent ON device (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX device_user ON device (user_id);
CREATE INDEX device_manager ON device (manager_id) WHERE manager_id IS NOT NULL;
CREATE INDEX device_wake ON device (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX device_serial ON device (serial_folded);
-- For lists and counts over all devices: all that they search by, so that none of the wide rows is read for it. SQLite reads a
-- column that a condition names although the condition of the index says the same, so those are in it too.
CREATE INDEX device_list ON device
    (name_folded, id, state, platform, ownership, mail, serial_folded, user_id, parent_id) WHERE parent_id IS NULL;
CREATE INDEX device_state ON device (state, platform, reconciled_in, user_id, id, parent_id) WHERE parent_id IS NULL;
CREATE INDEX device_mail ON device (user_id, mail, state, id) WHERE state = 'enrolled' AND mail > 0;
-- Devices that do not come although they were called often, and those that cannot be called.
CREATE INDEX device_silent ON device (state, last_seen_at, id, parent_id, wake_attempts) WHERE wake_attempts > 3;
CREATE INDEX device_deaf ON device (state, last_seen_at, id, parent_id, push_state) WHERE push_state = 'dead';

-- What rules of groups ask about a device beside what it says itself.
CREATE TABLE device_label (
    device_id {uuid} PRIMARY KEY,
    category_id {uuid} REFERENCES device_category (id),
    enrolment_profile TEXT
) {strict};
CREATE INDEX device_label_category ON device_label (category_id);

-- What administrators wrote about a device: for people, never read by a check-in.
CREATE TABLE device_remark (
    device_id {uuid} PRIMARY KEY,
    name TEXT,
    notes TEXT
) {strict};

CREATE TABLE device_profile (
    device_id {uuid} NOT NULL REFERENCES device (id),
    profile_id {uuid} NOT NULL,
    wanted {int} NOT NULL,
    phase TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    because TEXT NOT NULL,
    since {int} NOT NULL,
    deadline_at {int},
    version {int} NOT NULL,
    identifier TEXT NOT NULL,
    wanted_uuid {uuid},
    wanted_hash {bytes},
    present_uuid {uuid},
    present_hash {bytes},
    seen_at {int},
    -- When something was sent that no inventory has shown or denied yet.
    sent_at {int},
    command_id {uuid},
    attempts {int} NOT NULL,
    due_at {int},
    renew_at {int},
    detail TEXT NOT NULL,
    -- Of errors and conflicts, what many have in common: the reason's code and what it is about, such as
    -- `missingAttribute:mail`.
    cause TEXT NOT NULL,
    PRIMARY KEY (device_id, profile_id)
) {strict};

-- All that is counted of a profile.
CREATE INDEX device_profile_profile ON device_profile (profile_id, device_id, wanted, state, version, deadline_at);
-- What is wrong, and what waits: few rows of many, all that an overview of them needs.
CREATE INDEX device_profile_trouble ON device_profile (profile_id, wanted, version, state, cause, since, device_id)
    WHERE state IN ('error', 'conflict');
CREATE INDEX device_profile_waiting ON device_profile (profile_id, wanted, version, deadline_at, since, device_id, state)
    WHERE state = 'pending';
CREATE INDEX device_profile_elsewhere ON device_profile (profile_id, wanted, version, device_id, state)
    WHERE state = 'notApplicable';

CREATE TABLE device_action (
    id {uuid} PRIMARY KEY,
    device_id {uuid} NOT NULL REFERENCES device (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    parameters TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    error TEXT,
    attempts {int} NOT NULL,
    due_at {int},
    expires_at {int},
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {strict};

CREATE INDEX device_action_device ON device_action (device_id, id);

CREATE TABLE certificate (
    sha256 {bytes} PRIMARY KEY,
    serial TEXT NOT NULL,
    -- Key id (hexadecimal) of the authority of this instance that issued it, or the name of an external issuer.
    issuer TEXT NOT NULL,
    der {bytes} NOT NULL,
    subject TEXT NOT NULL,
    purpose TEXT NOT NULL,
    ticket_id {uuid},
    device_id {uuid},
    user_id {uuid},
    profile_id {uuid},
    slot TEXT,
    not_before {int} NOT NULL,
    not_after {int} NOT NULL,
    issued_at {int} NOT NULL,
    revoked_at {int},
    revocation_reason {int}
) {strict};

CREATE UNIQUE INDEX certificate_serial ON certificate (issuer, serial);
CREATE INDEX certificate_device ON certificate (device_id, profile_id);
CREATE INDEX certificate_profile ON certificate (profile_id, sha256);
CREATE INDEX certificate_user ON certificate (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX certificate_revoked ON certificate (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX certificate_revoked_by ON certificate (issuer, revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX certificate_expiry ON certificate (not_after);

-- Private keys of certificates that the server made for devices (PKCS profiles), sealed; gone with the last document
-- that carries them.
CREATE TABLE certificate_key (
    sha256 {bytes} PRIMARY KEY REFERENCES certificate (sha256),
    sealed {bytes} NOT NULL,
    -- What it was made for, to find a later specification that differs.
    spec TEXT NOT NULL
) {strict};

-- Certificates imported for people with their keys, which are sealed. One row per person and certificate.
CREATE TABLE imported_certificate (
    user_id {uuid} NOT NULL REFERENCES person (id),
    thumbprint TEXT NOT NULL,
    sha256 {bytes} NOT NULL,
    purpose TEXT NOT NULL,
    der {bytes} NOT NULL,
    chain TEXT NOT NULL,
    subject TEXT NOT NULL,
    addresses TEXT NOT NULL,
    sealed_key {bytes} NOT NULL,
    provider_name TEXT NOT NULL,
    key_name TEXT NOT NULL,
    padding_scheme TEXT NOT NULL,
    not_before {int} NOT NULL,
    not_after {int} NOT NULL,
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL,
    PRIMARY KEY (user_id, thumbprint)
) {strict};

CREATE INDEX imported_certificate_thumbprint ON imported_certificate (thumbprint);
CREATE INDEX imported_certificate_sha256 ON imported_certificate (sha256);
CREATE INDEX imported_certificate_expiry ON imported_certificate (not_after);

-- Certificates of ours or imported ones that a device's certificate list showed last.
CREATE TABLE certificate_sighting (
    device_id {uuid} NOT NULL REFERENCES device (id),
    sha256 {bytes} NOT NULL,
    seen_at {int} NOT NULL,
    PRIMARY KEY (device_id, sha256)
) {strict};

CREATE INDEX certificate_sighting_certificate ON certificate_sighting (sha256);

-- Issuing authorities of this instance: one issues, those put aside still answer for what they issued. Keys are sealed in
-- `secret` as `authority/{key_id}`, and that of a registration authority as `authority/{key_id}/registration`.
CREATE TABLE authority (
    key_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    certificate {bytes} NOT NULL,
    chain TEXT NOT NULL,
    registration {bytes},
    origin TEXT NOT NULL,
    created_at {int} NOT NULL,
    not_after {int} NOT NULL
) {strict};

-- Authorities of others that this server asks by SCEP on behalf of devices. The challenge and the key of the registration
-- authority are sealed in `secret` as `issuer/{name}/challenge` and `issuer/{name}/key`.
CREATE TABLE external_issuer (
    name TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    settings TEXT NOT NULL,
    certificate {bytes} NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- Revocations that an external issuer is to be told, with what became of each.
CREATE TABLE external_revocation (
    id {uuid} PRIMARY KEY,
    issuer TEXT NOT NULL,
    sha256 {bytes} NOT NULL UNIQUE,
    serial TEXT NOT NULL,
    reason {int} NOT NULL,
    state TEXT NOT NULL,
    attempts {int} NOT NULL,
    due_at {int},
    result TEXT,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {strict};

CREATE INDEX external_revocation_due ON external_revocation (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE certificate_template (
    name TEXT PRIMARY KEY,
    content TEXT NOT NULL
) {strict};

-- What was said of expiring certificates, so that nothing is said twice; rows due are still to be delivered.
CREATE TABLE alert (
    id {uuid} PRIMARY KEY,
    subject TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    attempts {int} NOT NULL,
    due_at {int},
    result TEXT,
    created_at {int} NOT NULL
) {strict};

CREATE INDEX alert_due ON alert (due_at) WHERE due_at IS NOT NULL;

-- Challenges that were handed out; a row is deleted or counted down when its certificate is issued.
CREATE TABLE challenge (
    id {uuid} PRIMARY KEY,
    purpose TEXT NOT NULL,
    ticket_id {uuid},
    device_id {uuid},
    profile_id {uuid},
    spec TEXT NOT NULL,
    uses_left {int} NOT NULL,
    issued {bytes},
    transaction_id TEXT,
    expires_at {int} NOT NULL
) {strict};

CREATE INDEX challenge_expiry ON challenge (expires_at);
CREATE INDEX challenge_device ON challenge (device_id, profile_id);

-- Devices still to be woken for a change of intent, a page at a time.
CREATE TABLE wake_up (
    id {uuid} PRIMARY KEY,
    scope TEXT NOT NULL,
    scope_id {uuid} NOT NULL,
    intent {int} NOT NULL,
    after_device {uuid},
    created_at {int} NOT NULL
) {strict};

-- What happened to a device: for people, never read by a check-in, trimmed.
CREATE TABLE history (
    id {uuid} PRIMARY KEY,
    device_id {uuid} NOT NULL,
    at {int} NOT NULL,
    event TEXT NOT NULL,
    detail TEXT NOT NULL
) {strict};

CREATE INDEX history_device ON history (device_id, id);

-- Who changed what, numbered without gaps. `mac` is over all of the row and the MAC of the row before; its key is sealed
-- in `secret` as `audit.key`.
CREATE TABLE audit_event (
    number {int} PRIMARY KEY,
    id {uuid} NOT NULL UNIQUE,
    at {int} NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id {uuid},
    actor TEXT NOT NULL,
    app_id {uuid},
    app_name TEXT,
    address TEXT,
    request TEXT,
    activity TEXT NOT NULL,
    operation TEXT NOT NULL,
    resource_kind TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    changes TEXT NOT NULL,
    mac {bytes} NOT NULL
) {strict};

CREATE INDEX audit_event_at ON audit_event (at, number);
CREATE INDEX audit_event_resource ON audit_event (resource_id, at, number);
CREATE INDEX audit_event_actor ON audit_event (actor_id, at, number);

-- The end of the chain, and where it begins after old entries were let go: one row each, `head` and `base`. `link` is the
-- MAC of the entry of that number, `mac` is over number and link.
CREATE TABLE audit_chain (
    name TEXT PRIMARY KEY,
    number {int} NOT NULL,
    link {bytes} NOT NULL,
    mac {bytes} NOT NULL
) {strict};

-- How far each receiver has been told, and the tries since.
CREATE TABLE audit_receiver (
    name TEXT PRIMARY KEY,
    told_until {int} NOT NULL,
    attempts {int} NOT NULL,
    due_at {int} NOT NULL
) {strict};

-- What became of deliveries, trimmed.
CREATE TABLE audit_delivery (
    id {uuid} PRIMARY KEY,
    receiver TEXT NOT NULL,
    first_number {int} NOT NULL,
    last_number {int} NOT NULL,
    outcome TEXT NOT NULL,
    at {int} NOT NULL
) {strict};

-- Profiles that somebody is still filling in; gone some weeks after they were last touched.
CREATE TABLE profile_draft (
    id {uuid} PRIMARY KEY,
    user_id {uuid} NOT NULL,
    kind TEXT NOT NULL,
    profile_id {uuid},
    version {int},
    content TEXT NOT NULL,
    kept_at {int} NOT NULL
) {strict};

CREATE INDEX profile_draft_user ON profile_draft (user_id, kept_at);
CREATE INDEX profile_draft_kept ON profile_draft (kept_at);

-- A file with people that an administrator looks at before importing it, one of each; `content` is its rows without
-- passwords, as JSON.
CREATE TABLE people_import (
    user_id {uuid} PRIMARY KEY,
    id {uuid} NOT NULL,
    content TEXT NOT NULL,
    kept_at {int} NOT NULL
) {strict};

-- The logos and the background of the organisation's branding, one row per place; `hash` is the SHA-256 of `content`.
CREATE TABLE brand_picture (
    slot TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    content {bytes} NOT NULL
) {strict};

-- What people were told of by mail, or are to be: one row per matter, so that nothing is said twice. `state` is `due`,
-- `sending` (until `due_at` at the latest), `sent`, `refused`, `withdrawn` or `unknown`; a matter that has ended may be told anew.
CREATE TABLE notice (
    id {uuid} PRIMARY KEY,
    matter TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    user_id {uuid} NOT NULL,
    device_id {uuid},
    profile_id {uuid},
    facts TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts {int} NOT NULL,
    due_at {int},
    result TEXT,
    created_at {int} NOT NULL,
    told_at {int},
    ended_at {int}
) {strict};

CREATE INDEX notice_due ON notice (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notice_user ON notice (user_id);
CREATE INDEX notice_device ON notice (device_id) WHERE device_id IS NOT NULL;

-- Texts of mails that administrators wrote, and each in its languages.
CREATE TABLE notification_template (
    id {uuid} PRIMARY KEY,
    display_name TEXT NOT NULL,
    description TEXT,
    default_locale TEXT,
    branding TEXT NOT NULL,
    scope_tags TEXT NOT NULL,
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL
) {strict};

CREATE TABLE notification_message (
    template_id {uuid} NOT NULL REFERENCES notification_template (id),
    locale TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    is_default {int} NOT NULL,
    modified_at {int} NOT NULL,
    PRIMARY KEY (template_id, locale)
) {strict};

-- What counts for enrolment: limits of devices per person (`limit`) and restrictions of devices (`restriction`). Of those of a
-- kind and platform that mean a person, the lowest number of `priority` counts. The one for everybody has the id of zeros, no
-- platform, the priority 0 and no groups; without a row it is as it was built in. `content` is JSON: what it says.
CREATE TABLE enrolment_configuration (
    kind TEXT NOT NULL,
    id {uuid} NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    platform TEXT,
    priority {int} NOT NULL,
    content TEXT NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL,
    PRIMARY KEY (kind, id)
) {strict};

CREATE TABLE enrolment_configuration_team (
    kind TEXT NOT NULL,
    configuration_id {uuid} NOT NULL,
    team_id {uuid} NOT NULL,
    PRIMARY KEY (kind, configuration_id, team_id),
    FOREIGN KEY (kind, configuration_id) REFERENCES enrolment_configuration (kind, id)
) {strict};

CREATE INDEX enrolment_configuration_team_team ON enrolment_configuration_team (team_id);

-- Serial numbers and IMEIs of devices that belong to the organisation. `folded` is what is compared.
CREATE TABLE device_identity (
    id {uuid} PRIMARY KEY,
    kind TEXT NOT NULL,
    identifier TEXT NOT NULL,
    folded TEXT NOT NULL,
    platform TEXT NOT NULL,
    description TEXT,
    -- The device that enrolled with it last, and when.
    device_id {uuid},
    contacted_at {int},
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL,
    UNIQUE (kind, folded)
) {strict};

-- Terms that people accept before they enrol; `version` grows when they are to accept anew.
CREATE TABLE terms (
    id {uuid} PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    statement TEXT NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    modified_at {int} NOT NULL
) {strict};

-- For whom: people of a group, or everybody, which is the id of zeros.
CREATE TABLE terms_team (
    terms_id {uuid} NOT NULL REFERENCES terms (id),
    team_id {uuid} NOT NULL,
    PRIMARY KEY (terms_id, team_id)
) {strict};

CREATE INDEX terms_team_team ON terms_team (team_id);

-- The last version that each person accepted.
CREATE TABLE terms_acceptance (
    terms_id {uuid} NOT NULL REFERENCES terms (id),
    user_id {uuid} NOT NULL,
    version {int} NOT NULL,
    accepted_at {int} NOT NULL,
    PRIMARY KEY (terms_id, user_id)
) {strict};

CREATE INDEX terms_acceptance_user ON terms_acceptance (user_id);

-- People who enrol many devices for others.
CREATE TABLE enrolment_manager (
    user_id {uuid} PRIMARY KEY,
    created_at {int} NOT NULL
) {strict};
