//! The organisation's own steps for removing accounts.

use serde_json::json;

use crate::house::House;

const STEPS: &str = "/mandate/v1/accountSteps";

#[tokio::test]
async fn steps_are_set_by_place_and_language_and_taken_away() {
    let house = House::open().await;
    assert_eq!(house.get(STEPS).await.expect(200), json!({}));
    let both = json!({
        "settingsApps": {"en": ["Open Settings."], "nl": ["Open Instellingen."]},
        "systemSettings": {"sv": ["Öppna Systeminställningar."]},
    });
    let set = house.patch(STEPS, both.clone()).await.expect(200);
    assert_eq!(set, both);
    let less = json!({"settingsApps": {"en": null}, "systemSettings": {}});
    house.patch(STEPS, less).await.expect(200);
    assert_eq!(
        house.get(STEPS).await.expect(200),
        json!({
            "settingsApps": {"nl": ["Open Instellingen."]},
            "systemSettings": {"sv": ["Öppna Systeminställningar."]},
        })
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_taken() {
    let house = House::open().await;
    for (body, named) in [
        (json!({"moon": {}}), "moon"),
        (json!({"settingsApps": "x"}), "settingsApps"),
        (json!({"settingsApps": {"en": "x"}}), "settingsApps/en"),
        (json!({"settingsApps": {"en": [1]}}), "settingsApps/en"),
        (json!({"settingsApps": {"de": ["x"]}}), "settingsApps/de"),
        (
            json!({"settingsMail": {"en": ["fine"]}, "settingsApps": {"en": []}}),
            "settingsApps/en",
        ),
    ] {
        let refused = house.patch(STEPS, body).await.expect(400);
        assert!(refused.to_string().contains(named), "{named}: {refused}");
    }
    assert_eq!(house.get(STEPS).await.expect(200), json!({}));
}
