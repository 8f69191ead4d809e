//! What has to be true at the end of a story.

use mandate_model::State;
use mandate_simulator::device::Device;

use super::House;

impl House {
    /// No work is queued, nothing is on its way, nothing waits to be woken, and the phone finds nothing to do.
    pub(crate) async fn assert_nothing_left(&self, phone: &mut Device) {
        self.background().await;
        if phone.is_enrolled() {
            assert_eq!(
                self.settle(phone).await,
                Vec::<String>::new(),
                "the phone still found work"
            );
            self.background().await;
        }
        let id = self.device_of(phone).await;
        let mut session = self.engine.store().read().await.unwrap();
        let actions = session.actions_of_device(id).await.unwrap();
        let open: Vec<_> = actions
            .iter()
            .filter(|action| ["queued", "sent"].contains(&action.state.as_str()))
            .collect();
        assert!(open.is_empty(), "actions are open: {open:?}");
        assert_eq!(
            session.list_wake_ups(10).await.unwrap(),
            vec![],
            "wake-ups are queued"
        );
        let record = session.find_device(id).await.unwrap().unwrap();
        let now = self.engine.now();
        assert!(
            record.attention_at.is_none_or(|at| at > now),
            "a check-in has something to do"
        );
        drop(session);
        let states = self.engine.profile_states(&self.admin, id).await.unwrap();
        for state in states {
            let name = state.profile.display_name;
            assert_ne!(
                state.status.state(),
                State::Pending,
                "`{name}` is pending: {:?}",
                state.status
            );
        }
    }

    /// The same for somebody's channel on a Mac.
    pub(crate) fn pushes_to_person(&self, mac: &Device, person: &str) -> usize {
        let token = mac.person(person).unwrap().push_token.as_ref().unwrap();
        let token = mandate_simulator::certificates::hex(token);
        self.apns
            .pushes()
            .iter()
            .filter(|push| push.token == token)
            .count()
    }

    /// What the phone was woken for so far: how many pushes were accepted for it.
    pub(crate) fn pushes_to(&self, phone: &Device) -> usize {
        let (token, _) = phone.push().unwrap();
        let token = mandate_simulator::certificates::hex(token);
        self.apns
            .pushes()
            .iter()
            .filter(|push| push.token == token)
            .count()
    }
}
