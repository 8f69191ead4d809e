//! How people of the house prove who they are.

use mandate_engine::{SecondFactor, Visit};
use mandate_model::UserId;
use mandate_simulator::authenticator::CodeApp;

use super::House;

impl House {
    /// Somebody follows a link to a first password and takes an app for codes, as everybody has to from now on.
    pub(crate) async fn set_up_codes(&self, user: UserId) {
        let engine = &self.engine;
        engine
            .set_second_factor(&self.admin, SecondFactor::Everyone)
            .await
            .unwrap();
        let link = engine.make_set_up_link(&self.admin, user).await.unwrap();
        let secret = link.path.rsplit('/').next().unwrap();
        let flow = engine.begin_flow_with_link(secret).await.unwrap();
        let visit = Visit::default();
        engine
            .enter_new_password(&flow, "a passphrase that nobody else has", &visit)
            .await
            .unwrap()
            .unwrap();
        let offered = engine.offer_totp(&flow).await.unwrap();
        let app = CodeApp::typed(&offered.secret).unwrap();
        let code = app.code(self.clock.unix_seconds()).unwrap();
        engine.confirm_totp(&flow, &code, &visit).await.unwrap();
    }
}
