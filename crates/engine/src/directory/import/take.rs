//! Taking a file: page by page, and one by one where something is wrong with a page.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mandate_model::{GroupId, User, UserId};
use mandate_store::{LicenceHolder, Session};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::file::PeopleFile;
use super::groups::{Groups, is_of_one};
use super::report::{ImportedPerson, PeopleReport, PersonOutcome};
use super::row::PersonRow;
use crate::access::scope::require_newcomer;
use crate::audit::Change;
use crate::directory::SourceFault;
use crate::directory::source::{different, fault_of, has_other_with_mail, require_own_user};
use crate::directory::sync::Counted;
use crate::directory::users::checked;
use crate::licences::Rules;
use crate::{Action, Actor, Engine, EngineError, LicenceChange};

/// People that are written in one transaction.
const PAGE: usize = 200;

/// How a file is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleImport {
    /// Say what would become of it, and write nothing.
    pub is_dry_run: bool,
    /// What becomes of those who are here already.
    pub known: KnownPeople,
    /// Give everybody of the file a licence, whatever its column says.
    pub licence: bool,
    /// Bring everybody of the file to these groups, by name or id.
    pub groups: Vec<String>,
}

/// What becomes of those of a file who are here already, by their sign-in names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KnownPeople {
    /// They are left alone.
    #[default]
    Skip,
    /// They become as the file says.
    Update,
}

impl KnownPeople {
    /// A stable word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Update => "update",
        }
    }

    /// Reads [`Self::name`], in any letter case.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Skip, Self::Update]
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// What a page is taken with.
struct Taking<'a> {
    actor: &'a Actor,
    how: &'a PeopleImport,
    groups: &'a Groups,
    /// The line on which a sign-in name came first.
    first: &'a HashMap<String, u32>,
}

/// What became of a row, before the page is done.
struct Taken {
    outcome: PersonOutcome,
    /// The person as they are then.
    user: Option<User>,
    joins: Vec<GroupId>,
    /// Whether they are to get a licence and have none of their own.
    wants_licence: bool,
}

impl Engine {
    /// Takes a file, or says what would become of it. Each row is taken or refused by itself. New people need everybody to
    /// be in the scope of whoever brings them, groups and licences the permissions for those.
    pub async fn import_people(
        &self,
        actor: &Actor,
        file: &PeopleFile,
        how: &PeopleImport,
    ) -> Result<PeopleReport, EngineError> {
        require_import(actor, file, how)?;
        let groups = self.named_groups(actor, file, how).await?;
        let mut first = HashMap::new();
        for row in &file.rows {
            first.entry(row.key()).or_insert(row.line);
        }
        let taking = Taking {
            actor,
            how,
            groups: &groups,
            first: &first,
        };
        let mut report = PeopleReport {
            is_dry_run: how.is_dry_run,
            passed_over: file.passed_over.clone(),
            ..PeopleReport::default()
        };
        let (mut counted, mut licences) = (Counted::default(), 0);
        for page in file.rows.chunks(PAGE) {
            for (row, taken) in page.iter().zip(self.take_rows(&taking, page).await?) {
                if let Some(user) = &taken.user {
                    counted.add(user);
                }
                licences += i64::from(taken.wants_licence);
                report.people.push(told(how, row, taken));
            }
        }
        report.readiness = self.readiness(counted).await?;
        if how.is_dry_run {
            report.notes.extend(self.lacking_licences(licences).await?);
        } else {
            self.note_import(actor, &report).await?;
        }
        Ok(report)
    }

    /// A page: all of it, or each row by itself if one of them undoes the page.
    async fn take_rows(
        &self,
        taking: &Taking<'_>,
        rows: &[PersonRow],
    ) -> Result<Vec<Taken>, EngineError> {
        match self.take_page(taking, rows).await {
            Err(error) if is_of_one(&error) => {}
            other => return other,
        }
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            match self.take_page(taking, std::slice::from_ref(row)).await {
                Ok(taken) => all.extend(taken),
                Err(error) if is_of_one(&error) => all.push(Taken::refused(fault_of(&error))),
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    /// In one transaction, which is undone if people were only to be looked at.
    async fn take_page(
        &self,
        taking: &Taking<'_>,
        rows: &[PersonRow],
    ) -> Result<Vec<Taken>, EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let mut all = Vec::with_capacity(rows.len());
        let mut joining: BTreeMap<GroupId, Vec<UserId>> = BTreeMap::new();
        let mut licensed = BTreeSet::new();
        for row in rows {
            let taken = match self.take_row(&mut session, taking, row).await? {
                Ok(taken) => taken,
                Err(faults) => Taken {
                    outcome: PersonOutcome::Refused(faults),
                    ..Taken::nobody()
                },
            };
            if let Some(user) = &taken.user {
                for group in &taken.joins {
                    joining.entry(*group).or_default().push(user.id);
                }
                if taken.wants_licence {
                    licensed.insert(LicenceHolder::User(user.id));
                }
            }
            all.push(taken);
        }
        self.join_groups(&mut session, taking.actor, joining)
            .await?;
        if !licensed.is_empty() {
            let change = LicenceChange {
                add: licensed,
                ..LicenceChange::default()
            };
            self.put_licences(&mut session, taking.actor, &change)
                .await?;
        }
        if !taking.how.is_dry_run {
            session.commit().await?;
        }
        Ok(all)
    }

    /// Writes a person. What is refused here has written nothing; an error undoes the page.
    async fn take_row(
        &self,
        session: &mut Session,
        taking: &Taking<'_>,
        row: &PersonRow,
    ) -> Result<Result<Taken, Vec<SourceFault>>, EngineError> {
        let (groups, mut faults) = taking.groups_of(row);
        faults.extend(row.faults.iter().cloned());
        let name = &row.person.user_principal_name;
        let first = taking.first.get(&row.key()).copied();
        if let Some(first) = first.filter(|first| *first != row.line && !name.is_empty()) {
            let reason = format!("line {first} is about the same person");
            faults.push(SourceFault::conflict("userPrincipalName", name, &reason));
        }
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let before = session.find_user_by_name(name).await?;
        if before.is_some() && taking.how.known == KnownPeople::Skip {
            return Ok(Ok(Taken::nobody()));
        }
        let now = self.now();
        let user = match &before {
            Some(before) => row.upon(before),
            None => match row.newcomer(UserId(self.chance().id(now)), now) {
                Ok(user) => user,
                Err(fault) => return Ok(Err(vec![fault])),
            },
        };
        let user = match checked(user) {
            Ok(user) => user,
            Err(error) => return Ok(Err(vec![fault_of(&error)])),
        };
        let had = before.as_ref().and_then(|before| before.mail.as_ref());
        if let Some(mail) = user.mail.as_ref().filter(|mail| Some(*mail) != had)
            && has_other_with_mail(session, mail, Some(user.id)).await?
        {
            let reason = "somebody else has this address already";
            return Ok(Err(vec![SourceFault::conflict("mail", mail, reason)]));
        }
        let mut outcome = PersonOutcome::Created;
        if let Some(before) = &before {
            let properties = different(before, &user);
            if !properties.is_empty() {
                let may = match self
                    .require_change_of_user(session, taking.actor, user.id)
                    .await
                {
                    Ok(()) => require_own_user(session, before, &user).await,
                    refused => refused,
                };
                match may {
                    Err(error) if is_of_one(&error) => return Ok(Err(vec![fault_of(&error)])),
                    other => other?,
                }
                self.put_changed(session, taking.actor, before, &user)
                    .await?;
            }
            outcome = PersonOutcome::Changed(properties);
        } else {
            self.put_newcomer(session, taking.actor, &user).await?;
        }
        let mut joins = Vec::new();
        for group in groups {
            if before.is_none() || session.find_member(group, user.id.0).await?.is_none() {
                joins.push(group);
            }
        }
        let wants_licence = (taking.how.licence || row.licence)
            && !session
                .is_licence_holder(LicenceHolder::User(user.id))
                .await?;
        Ok(Ok(Taken {
            outcome: outcome.with(!joins.is_empty(), wants_licence),
            user: Some(user),
            joins,
            wants_licence,
        }))
    }

    /// That there are fewer licences than a file wants; each page alone does not see it.
    async fn lacking_licences(&self, wanted: i64) -> Result<Option<String>, EngineError> {
        let mut session = self.store().read().await?;
        let given = session.count_people_with_licence().await?;
        let units = Rules::read(&mut session).await?.units;
        Ok(units.filter(|units| given + wanted > *units).map(|units| {
            format!(
                "there are {units} licences, and up to {} people would need one: the last of the file would not be taken",
                given + wanted
            )
        }))
    }

    async fn note_import(&self, actor: &Actor, report: &PeopleReport) -> Result<(), EngineError> {
        if report.created() + report.changed() == 0 {
            return Ok(());
        }
        let after = json!({
            "created": report.created(),
            "changed": report.changed(),
            "refused": report.refused(),
            "rows": report.people.len(),
        });
        let mut session = self.store().write().await?;
        let change = Change::action("import", "user", "import", "", after);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// Refuses whoever may not take such a file.
pub(super) fn require_import(
    actor: &Actor,
    file: &PeopleFile,
    how: &PeopleImport,
) -> Result<(), EngineError> {
    actor.require(Action::UsersUpdate)?;
    require_newcomer(actor, Action::UsersUpdate)?;
    if !how.groups.is_empty() || file.rows.iter().any(|row| !row.groups.is_empty()) {
        actor.require(Action::GroupsUpdate)?;
    }
    if how.licence || file.rows.iter().any(|row| row.licence) {
        actor.require(Action::LicencesUpdate)?;
    }
    Ok(())
}

impl Taking<'_> {
    /// The groups of a row, and what is wrong with them.
    fn groups_of(&self, row: &PersonRow) -> (BTreeSet<GroupId>, Vec<SourceFault>) {
        let (mut groups, mut faults) = (BTreeSet::new(), Vec::new());
        for name in row.groups.iter().chain(&self.how.groups) {
            match self.groups.get(name) {
                Some(Ok(group)) => {
                    groups.insert(*group);
                }
                Some(Err(fault)) => faults.push(fault.clone()),
                None => {}
            }
        }
        (groups, faults)
    }
}

impl Taken {
    fn nobody() -> Self {
        Self {
            outcome: PersonOutcome::Skipped,
            user: None,
            joins: Vec::new(),
            wants_licence: false,
        }
    }

    fn refused(fault: SourceFault) -> Self {
        Self {
            outcome: PersonOutcome::Refused(vec![fault]),
            ..Self::nobody()
        }
    }
}

impl PersonOutcome {
    /// With what happens beside the record.
    fn with(self, joins: bool, gets_licence: bool) -> Self {
        let Self::Changed(mut properties) = self else {
            return self;
        };
        if joins {
            properties.insert("groups".to_owned());
        }
        if gets_licence {
            properties.insert("licence".to_owned());
        }
        if properties.is_empty() {
            Self::Unchanged
        } else {
            Self::Changed(properties)
        }
    }
}

fn told(how: &PeopleImport, row: &PersonRow, taken: Taken) -> ImportedPerson {
    // A newcomer who was only looked at is nobody.
    let is_there = !how.is_dry_run || taken.outcome != PersonOutcome::Created;
    let name = row.person.user_principal_name.chars();
    ImportedPerson {
        line: row.line,
        name: name
            .filter(|c| !c.is_control())
            .take(LONGEST_SHOWN)
            .collect(),
        user: taken.user.filter(|_| is_there).map(|user| user.id),
        outcome: taken.outcome,
    }
}

/// Characters of a sign-in name that is shown.
const LONGEST_SHOWN: usize = 113;
