//! Whatever somebody within a scope is let do, they can never do more afterwards with what was there before.

use std::collections::BTreeSet;

use mandate_engine::{
    Action, Actor, DeviceChange, DeviceFilter, DirectoryRole, NewRole, NewRoleAssignment, Page,
    Powers, ProfileChange, Reach, RoleAssignmentChange, RoleChange, ScopeType,
};
use mandate_model::{DeviceId, Group, GroupId, Member, Profile, Target, User};
use mandate_store::Scope;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use uuid::Uuid;

use crate::house::{House, places};

const PEOPLE: usize = 3;
const GROUPS: usize = 4;
const TAGS: usize = 3;
const THINGS: usize = 3;

/// Actions of the roles in these stories: enough to do anything that could widen one's scope.
const ACTIONS: [Action; 16] = [
    Action::ProfilesRead,
    Action::ProfilesUpdate,
    Action::ProfilesDelete,
    Action::ProfilesAssign,
    Action::DevicesRead,
    Action::DevicesUpdate,
    Action::DevicesSetPrimaryUser,
    Action::DevicesWipe,
    Action::UsersUpdate,
    Action::GroupsUpdate,
    Action::RolesRead,
    Action::RolesCreate,
    Action::RolesUpdate,
    Action::RolesDelete,
    Action::RolesAssign,
    Action::CredentialsReset,
];

/// A role that the person has, and where.
#[derive(Debug, Clone)]
struct Given {
    actions: BTreeSet<usize>,
    tags: BTreeSet<usize>,
    groups: BTreeSet<usize>,
    scope: usize,
}

/// How things are before. Numbers name things modulo how many there are.
#[derive(Debug, Clone)]
struct Beginning {
    given: Vec<Given>,
    members: Vec<(usize, usize)>,
    nested: Vec<(usize, usize)>,
    automatic: Vec<(usize, usize)>,
    device_tags: Vec<BTreeSet<usize>>,
    device_users: Vec<usize>,
    profile_tags: Vec<BTreeSet<usize>>,
    role_group: usize,
}

/// Something that the person tries.
#[derive(Debug, Clone)]
enum Try {
    TagProfile(usize, BTreeSet<usize>),
    Assign(usize, BTreeSet<usize>),
    DeleteProfile(usize),
    TagDevice(usize, BTreeSet<usize>),
    GiveDevice(usize, usize),
    Join(usize, usize),
    JoinDevice(usize, usize),
    Leave(usize, usize),
    LeaveDevice(usize, usize),
    Nest(usize, usize),
    Unnest(usize, usize),
    DeleteGroup(usize),
    DeletePerson(usize),
    MakeRole(BTreeSet<usize>),
    ChangeRole(usize, BTreeSet<usize>),
    GiveRole(usize, usize, Given),
    Widen(usize, Given),
    BecomeGlobal,
    TagGroups(usize, usize),
}

fn some(of: usize) -> impl Strategy<Value = BTreeSet<usize>> {
    proptest::collection::btree_set(0..of, 0..=2)
}

fn given() -> impl Strategy<Value = Given> {
    let actions = proptest::collection::btree_set(0..ACTIONS.len(), 4..14);
    let tags = proptest::collection::btree_set(0..TAGS, 1..=2);
    (actions, tags, some(GROUPS), 0..4_usize).prop_map(|(actions, tags, groups, scope)| Given {
        actions,
        tags,
        groups,
        scope,
    })
}

fn beginning() -> impl Strategy<Value = Beginning> {
    let pairs = |one, other| proptest::collection::vec((0..one, 0..other), 0..4);
    (
        proptest::collection::vec(given(), 1..=3),
        pairs(GROUPS, PEOPLE + THINGS),
        pairs(GROUPS, GROUPS),
        pairs(TAGS, GROUPS),
        proptest::collection::vec(some(TAGS), THINGS),
        proptest::collection::vec(0..=PEOPLE, THINGS),
        proptest::collection::vec(proptest::collection::btree_set(0..TAGS, 1..=2), THINGS),
        0..GROUPS,
    )
        .prop_map(
            |(given, members, nested, automatic, device_tags, device_users, profile_tags, role)| {
                Beginning {
                    given,
                    members,
                    nested,
                    automatic,
                    device_tags,
                    device_users,
                    profile_tags,
                    role_group: role,
                }
            },
        )
}

fn attempt() -> impl Strategy<Value = Try> {
    let tags = || proptest::collection::btree_set(0..TAGS, 1..=3);
    let actions = || proptest::collection::btree_set(0..ACTIONS.len(), 1..6);
    prop_oneof![
        4 => (0..THINGS, tags()).prop_map(|(profile, tags)| Try::TagProfile(profile, tags)),
        3 => (0..THINGS, some(GROUPS)).prop_map(|(profile, groups)| Try::Assign(profile, groups)),
        1 => (0..THINGS).prop_map(Try::DeleteProfile),
        4 => (0..THINGS, tags()).prop_map(|(device, tags)| Try::TagDevice(device, tags)),
        4 => (0..THINGS, 0..=PEOPLE).prop_map(|(device, user)| Try::GiveDevice(device, user)),
        4 => (0..GROUPS, 0..=PEOPLE).prop_map(|(group, user)| Try::Join(group, user)),
        4 => (0..GROUPS, 0..THINGS).prop_map(|(group, device)| Try::JoinDevice(group, device)),
        3 => (0..GROUPS, 0..=PEOPLE).prop_map(|(group, user)| Try::Leave(group, user)),
        3 => (0..GROUPS, 0..THINGS).prop_map(|(group, device)| Try::LeaveDevice(group, device)),
        3 => (0..GROUPS, 0..GROUPS).prop_map(|(outer, inner)| Try::Nest(outer, inner)),
        3 => (0..GROUPS, 0..GROUPS).prop_map(|(outer, inner)| Try::Unnest(outer, inner)),
        1 => (0..GROUPS).prop_map(Try::DeleteGroup),
        1 => (0..PEOPLE).prop_map(Try::DeletePerson),
        2 => actions().prop_map(Try::MakeRole),
        2 => (0..4_usize, actions()).prop_map(|(role, actions)| Try::ChangeRole(role, actions)),
        3 => (0..4_usize, 0..=GROUPS, given())
            .prop_map(|(role, group, given)| Try::GiveRole(role, group, given)),
        2 => (0..4_usize, given()).prop_map(|(assignment, given)| Try::Widen(assignment, given)),
        1 => Just(Try::BecomeGlobal),
        1 => (0..TAGS, 0..GROUPS).prop_map(|(tag, group)| Try::TagGroups(tag, group)),
    ]
}

/// An action, and what it can be done with.
type Deed = (Action, String);

/// A company as somebody within a scope finds it.
struct World {
    house: House,
    person: User,
    people: Vec<User>,
    groups: Vec<Group>,
    tags: Vec<String>,
    devices: Vec<DeviceId>,
    profiles: Vec<Profile>,
    done: usize,
}

impl World {
    async fn open(house: House, number: usize, beginning: &Beginning) -> Self {
        let name = |what: &str| format!("{what}-{number}");
        let person = house.hire(&name("delegate")).await;
        let (mut people, mut groups, mut tags) = (Vec::new(), Vec::new(), vec!["0".to_owned()]);
        for one in 0..PEOPLE {
            people.push(house.hire(&name(&format!("person{one}"))).await);
        }
        for one in 0..GROUPS {
            groups.push(house.group(&name(&format!("group{one}")), Vec::new()).await);
        }
        for one in 1..TAGS {
            tags.push(house.tag(&name(&format!("tag{one}"))).await);
        }
        let mut devices = Vec::new();
        for (one, user) in beginning.device_users.iter().enumerate() {
            let user = people.get(*user).map(|user| user.id);
            devices.push(house.device(&name(&format!("device{one}")), user).await);
        }
        let mut world = Self {
            house,
            person,
            people,
            groups,
            tags,
            devices,
            profiles: Vec::new(),
            done: 0,
        };
        for (one, wanted) in beginning.profile_tags.iter().enumerate() {
            let tags = world.named(wanted);
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            let name = name(&format!("profile{one}"));
            let profile = world.house.tagged_profile(&name, &tags).await;
            world.profiles.push(profile);
        }
        world.arrange(number, beginning).await;
        world
    }

    async fn arrange(&self, number: usize, beginning: &Beginning) {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        for (group, member) in &beginning.members {
            let member = match self.people.get(*member) {
                Some(user) => Member::User(user.id),
                None => Member::Device(self.devices[member - PEOPLE]),
            };
            // Twice is refused, which is as good.
            let _ = engine
                .add_members(admin, self.groups[*group].id, vec![member])
                .await;
        }
        for (outer, inner) in &beginning.nested {
            let inner = vec![Member::Group(self.groups[*inner].id)];
            let _ = engine
                .add_members(admin, self.groups[*outer].id, inner)
                .await;
        }
        for (tag, group) in &beginning.automatic {
            let groups = vec![self.groups[*group].id];
            let _ = engine
                .assign_scope_tag(admin, &self.tags[*tag], groups)
                .await;
        }
        for (device, tags) in self.devices.iter().zip(&beginning.device_tags) {
            if !tags.is_empty() {
                let tags = self.named(tags);
                let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
                self.house.tag_device(*device, &tags).await;
            }
        }
        let own = self
            .house
            .group(&format!("own-{number}"), vec![Member::User(self.person.id)])
            .await;
        for given in &beginning.given {
            self.give_by(admin, None, own.id, given).await.unwrap();
        }
        // Somebody else's role, which hangs on one of the groups.
        let strong = Given {
            actions: (0..ACTIONS.len()).collect(),
            tags: (0..TAGS).collect(),
            groups: BTreeSet::new(),
            scope: 3,
        };
        let group = self.groups[beginning.role_group].id;
        self.give_by(admin, None, group, &strong).await.unwrap();
    }

    /// Gives a role, made for the purpose if none is named.
    async fn give_by(
        &self,
        actor: &Actor,
        role: Option<Uuid>,
        group: GroupId,
        given: &Given,
    ) -> Result<(), mandate_engine::EngineError> {
        let engine = &self.house.engine;
        let role = if let Some(role) = role {
            role
        } else {
            let new = NewRole {
                display_name: "Role".to_owned(),
                actions: of(&given.actions),
                ..NewRole::default()
            };
            engine.create_role_definition(actor, new).await?.id
        };
        let new = NewRoleAssignment {
            role_id: role,
            display_name: "Given".to_owned(),
            members: vec![group],
            scope_type: scope_type(given.scope),
            scopes: self.grouped(&given.groups),
            tags: self.named(&given.tags),
            scope_tags: None,
            ..NewRoleAssignment::default()
        };
        engine.create_role_assignment(actor, new).await.map(drop)
    }

    fn named(&self, tags: &BTreeSet<usize>) -> Vec<String> {
        tags.iter().map(|tag| self.tags[*tag].clone()).collect()
    }

    fn grouped(&self, groups: &BTreeSet<usize>) -> Vec<GroupId> {
        groups.iter().map(|group| self.groups[*group].id).collect()
    }

    /// A member by number: the person themselves after all others.
    fn somebody(&self, number: usize) -> Member {
        let user = self.people.get(number).unwrap_or(&self.person);
        Member::User(user.id)
    }

    /// Everything that the person can do with what was there in the beginning, worked out from the tables alone.
    async fn deeds(&self) -> BTreeSet<Deed> {
        let actor = self.house.acting(&self.person).await;
        let grants = match actor.powers() {
            Powers::Everything => panic!("somebody within a scope may do everything"),
            Powers::Granted(grants) => grants.clone(),
        };
        let mut session = self.house.engine.store().read().await.unwrap();
        let mut deeds = BTreeSet::new();
        for grant in grants {
            let tags = grant.tags.expect("every assignment has tags");
            let Reach::Some {
                all_users,
                all_devices,
                groups,
            } = grant.people
            else {
                panic!("an assignment is for some");
            };
            let mut may = |what: String| {
                deeds.extend(grant.actions.iter().map(|action| (*action, what.clone())));
            };
            let holds = |all: bool, of: &BTreeSet<GroupId>| all || !groups.is_disjoint(of);
            for profile in &self.profiles {
                let found = session.find_profile(profile.id).await.unwrap();
                if found.is_some_and(|one| one.scope_tags.iter().any(|tag| tags.contains(tag))) {
                    may(format!("profile {}", profile.id));
                }
            }
            for group in &self.groups {
                if session.find_group(group.id).await.unwrap().is_none() {
                    continue;
                }
                let mut around = session.groups_of(group.id.0, true).await.unwrap();
                around.insert(group.id);
                if holds(all_users && all_devices, &around) {
                    may(format!("group {}", group.id));
                }
            }
            for user in &self.people {
                if session.find_user(user.id).await.unwrap().is_some() {
                    let around = session.groups_of(user.id.0, true).await.unwrap();
                    if holds(all_users, &around) {
                        may(format!("person {}", user.id));
                    }
                }
            }
            for device in &self.devices {
                let Some(record) = session.find_device(*device).await.unwrap() else {
                    continue;
                };
                let own = session.scope_tags_of_device(*device).await.unwrap();
                if !own.iter().any(|tag| tags.contains(tag)) {
                    continue;
                }
                may(format!("sight of device {device}"));
                let around = session.groups_of(device.0, true).await.unwrap();
                let by_user = match record.device.user_id {
                    Some(user) => {
                        let around = session.groups_of(user.0, true).await.unwrap();
                        holds(all_users, &around)
                    }
                    None => false,
                };
                if holds(all_devices, &around) || by_user {
                    may(format!("device {device}"));
                }
            }
        }
        deeds
    }

    /// Whether the person was let do it.
    async fn attempt(&self, attempt: &Try) -> bool {
        let actor = self.house.acting(&self.person).await;
        let (engine, actor) = (&self.house.engine, &actor);
        match attempt {
            Try::TagProfile(profile, tags) => {
                let change = ProfileChange {
                    scope_tags: Some(self.named(tags)),
                    ..ProfileChange::default()
                };
                let id = self.profiles[*profile].id;
                engine.update_profile(actor, id, change).await.is_ok()
            }
            Try::Assign(profile, groups) => {
                let targets = self.grouped(groups).into_iter().map(Target::Group);
                let id = self.profiles[*profile].id;
                let assigned = engine.assign_profile(actor, id, targets.collect()).await;
                assigned.is_ok()
            }
            Try::DeleteProfile(profile) => {
                let id = self.profiles[*profile].id;
                engine.delete_profile(actor, id).await.is_ok()
            }
            Try::TagDevice(device, tags) => {
                let change = DeviceChange {
                    scope_tags: Some(self.named(tags)),
                    ..DeviceChange::default()
                };
                self.change_device(actor, *device, change).await
            }
            Try::GiveDevice(device, user) => {
                let change = DeviceChange {
                    user: Some(self.people.get(*user).map(|user| user.id)),
                    ..DeviceChange::default()
                };
                self.change_device(actor, *device, change).await
            }
            Try::Join(group, user) => self.join(actor, *group, self.somebody(*user)).await,
            Try::JoinDevice(group, device) => {
                let member = Member::Device(self.devices[*device]);
                self.join(actor, *group, member).await
            }
            Try::Nest(outer, inner) => {
                let member = Member::Group(self.groups[*inner].id);
                self.join(actor, *outer, member).await
            }
            Try::Leave(group, user) => {
                let member = self.somebody(*user);
                self.leave(actor, *group, member.id()).await
            }
            Try::LeaveDevice(group, device) => {
                self.leave(actor, *group, self.devices[*device].0).await
            }
            Try::Unnest(outer, inner) => self.leave(actor, *outer, self.groups[*inner].id.0).await,
            Try::DeleteGroup(group) => {
                let id = self.groups[*group].id;
                engine.delete_group(actor, id).await.is_ok()
            }
            Try::DeletePerson(user) => {
                let id = self.people[*user].id;
                engine.delete_user(actor, id).await.is_ok()
            }
            Try::MakeRole(actions) => {
                let new = NewRole {
                    display_name: "Made".to_owned(),
                    actions: of(actions),
                    ..NewRole::default()
                };
                engine.create_role_definition(actor, new).await.is_ok()
            }
            Try::ChangeRole(role, actions) => {
                let Some(role) = self.role(*role).await else {
                    return false;
                };
                let change = RoleChange {
                    actions: Some(of(actions)),
                    ..RoleChange::default()
                };
                let changed = engine.update_role_definition(actor, role, change).await;
                changed.is_ok()
            }
            Try::GiveRole(role, group, given) => {
                let role = self.role(*role).await;
                let group = self.groups.get(*group).unwrap_or(&self.groups[0]).id;
                self.give_by(actor, role, group, given).await.is_ok()
            }
            Try::Widen(number, given) => self.widen(actor, *number, given).await,
            Try::BecomeGlobal => {
                let role = DirectoryRole::GlobalAdministrator;
                let member = Member::User(self.person.id);
                let given = engine.add_directory_role_member(actor, role, member).await;
                given.is_ok()
            }
            Try::TagGroups(tag, group) => {
                let groups = vec![self.groups[*group].id];
                let tag = &self.tags[*tag];
                engine.assign_scope_tag(actor, tag, groups).await.is_ok()
            }
        }
    }

    async fn change_device(&self, actor: &Actor, device: usize, change: DeviceChange) -> bool {
        let id = self.devices[device];
        let changed = self.house.engine.update_device(actor, id, change);
        changed.await.is_ok()
    }

    /// Lets an assignment, by number, reach further.
    async fn widen(&self, actor: &Actor, number: usize, given: &Given) -> bool {
        let engine = &self.house.engine;
        let mut session = engine.store().read().await.unwrap();
        let all = session
            .list_role_assignments(None, &Scope::all(), None, 100)
            .await
            .unwrap();
        drop(session);
        let change = RoleAssignmentChange {
            scope_type: Some(scope_type(given.scope)),
            scopes: Some(self.grouped(&given.groups)),
            tags: Some(self.named(&given.tags)),
            ..RoleAssignmentChange::default()
        };
        let id = all[number % all.len()].id;
        let widened = engine.update_role_assignment(actor, id, change).await;
        widened.is_ok()
    }

    async fn join(&self, actor: &Actor, group: usize, member: Member) -> bool {
        let group = self.groups[group].id;
        let added = self.house.engine.add_members(actor, group, vec![member]);
        added.await.is_ok()
    }

    async fn leave(&self, actor: &Actor, group: usize, member: Uuid) -> bool {
        let group = self.groups[group].id;
        let removed = self.house.engine.remove_member(actor, group, member);
        removed.await.is_ok()
    }

    /// A role that administrators made, by number.
    async fn role(&self, number: usize) -> Option<Uuid> {
        let mut session = self.house.engine.store().read().await.unwrap();
        let all = session.list_roles(&Scope::all(), None, 100).await.unwrap();
        all.get(number % all.len().max(1)).map(|role| role.id)
    }
}

fn of(actions: &BTreeSet<usize>) -> BTreeSet<Action> {
    actions.iter().map(|action| ACTIONS[*action]).collect()
}

fn scope_type(number: usize) -> ScopeType {
    match number {
        1 => ScopeType::AllDevices,
        2 => ScopeType::AllLicensedUsers,
        3 => ScopeType::AllDevicesAndLicensedUsers,
        _ => ScopeType::ResourceScope,
    }
}

/// Tries things one after the other; how many were let happen.
async fn try_all(house: House, number: usize, story: &(Beginning, Vec<Try>)) -> (House, usize) {
    let mut world = World::open(house, number, &story.0).await;
    let mut before = world.deeds().await;
    for attempt in &story.1 {
        if !world.attempt(attempt).await {
            continue;
        }
        world.done += 1;
        let after = world.deeds().await;
        let more: Vec<_> = after.difference(&before).collect();
        assert!(
            more.is_empty(),
            "{attempt:?} gave {more:?} in {:?}",
            story.0
        );
        before = after;
    }
    // What can be seen of the lists agrees with what the tables say.
    let actor = world.house.acting(&world.person).await;
    let engine = &world.house.engine;
    if let Ok(devices) = engine
        .list_devices(&actor, DeviceFilter::default(), Page::first(1000))
        .await
    {
        for device in &world.devices {
            let listed = devices.iter().any(|view| view.device.id == *device);
            let sight = (Action::DevicesRead, format!("sight of device {device}"));
            assert_eq!(listed, before.contains(&sight), "{device}");
        }
    }
    if let Ok(profiles) = engine.list_profiles(&actor, Page::first(1000)).await {
        for profile in &world.profiles {
            let listed = profiles.iter().any(|one| one.id == profile.id);
            let sight = (Action::ProfilesRead, format!("profile {}", profile.id));
            assert_eq!(listed, before.contains(&sight), "{}", profile.id);
        }
    }
    (world.house, world.done)
}

#[tokio::test]
async fn nobody_can_do_more_after_anything_that_they_were_let_do() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let story = (beginning(), proptest::collection::vec(attempt(), 25));
    for place in places().await {
        let mut house = House::open(place).await;
        let mut done = 0;
        for number in 0..40 {
            let tree = story.new_tree(&mut runner).unwrap();
            let (next, more) = Box::pin(try_all(house, number, &tree.current())).await;
            (house, done) = (next, done + more);
        }
        assert!(done > 40, "hardly anything was allowed: {done}");
    }
}

#[tokio::test]
async fn what_others_do_is_noticed_when_it_widens_a_scope() {
    let beginning = Beginning {
        given: vec![Given {
            actions: (0..ACTIONS.len()).collect(),
            tags: BTreeSet::from([1]),
            groups: BTreeSet::from([0]),
            scope: 0,
        }],
        members: Vec::new(),
        nested: Vec::new(),
        automatic: vec![(1, 1)],
        device_tags: vec![BTreeSet::from([1]), BTreeSet::new(), BTreeSet::new()],
        device_users: vec![0, 1, PEOPLE],
        profile_tags: vec![BTreeSet::from([2]); THINGS],
        role_group: 3,
    };
    for place in places().await {
        let world = World::open(House::open(place).await, 0, &beginning).await;
        let (engine, admin) = (&world.house.engine, &world.house.admin);
        let mut before = world.deeds().await;
        let person = |number: usize| Member::User(world.people[number].id);
        let (scope, tagged) = (world.groups[0].id, world.groups[1].id);
        for (group, member, what) in [
            (scope, person(0), format!("device {}", world.devices[0])),
            (
                tagged,
                person(1),
                format!("sight of device {}", world.devices[1]),
            ),
            (
                tagged,
                Member::Device(world.devices[2]),
                format!("sight of device {}", world.devices[2]),
            ),
            (
                scope,
                Member::Group(world.groups[2].id),
                format!("group {}", world.groups[2].id),
            ),
        ] {
            engine
                .add_members(admin, group, vec![member])
                .await
                .unwrap();
            let after = world.deeds().await;
            let more: BTreeSet<&Deed> = after.difference(&before).collect();
            assert!(more.contains(&(Action::DevicesWipe, what)), "{member:?}");
            before = after;
        }
        let name = &world.tags[1];
        let change = ProfileChange {
            scope_tags: Some(vec![name.clone()]),
            ..ProfileChange::default()
        };
        let id = world.profiles[0].id;
        engine.update_profile(admin, id, change).await.unwrap();
        let after = world.deeds().await;
        assert!(after.contains(&(Action::ProfilesAssign, format!("profile {id}"))));
        assert!(after.is_superset(&before));
    }
}
