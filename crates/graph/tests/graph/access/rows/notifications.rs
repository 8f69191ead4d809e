//! Texts of mails to people.

use serde_json::json;

use super::Scope::{Listed, Seen, Tagged};
use super::{Row, delete, described, get, nothing, patch, post};

pub(super) const ROWS: &[Row] = &[
    get("deviceManagement/notificationMessageTemplates", "", "Notifications_Read", Listed("template")),
    post("deviceManagement/notificationMessageTemplates", "", "Notifications_Update", Tagged).body(|world, place| {
        json!({"displayName": "Made", "roleScopeTagIds": [world.by_tag(place).tag]})
    }),
    get("deviceManagement/notificationMessageTemplates/{id}", "template", "Notifications_Read", Seen),
    patch("deviceManagement/notificationMessageTemplates/{id}", "template", "Notifications_Update", Seen).body(described),
    delete("deviceManagement/notificationMessageTemplates/{id}", "template", "Notifications_Update", Seen),
    // Whoever has no mail address gets none.
    post("deviceManagement/notificationMessageTemplates/{id}/sendTestMessage", "template", "Notifications_Update", Seen)
        .body(nothing)
        .fine(&[400]),
    get(
        "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages",
        "template",
        "Notifications_Read",
        Seen,
    ),
    post(
        "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages",
        "template",
        "Notifications_Update",
        Seen,
    )
    .body(|_, _| json!({"locale": "sv", "subject": "s", "messageTemplate": "m"})),
    get(
        "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages/{message}",
        "template message",
        "Notifications_Read",
        Seen,
    ),
    patch(
        "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages/{message}",
        "template message",
        "Notifications_Update",
        Seen,
    )
    .body(|_, _| json!({"subject": "changed"})),
    delete(
        "deviceManagement/notificationMessageTemplates/{id}/localizedNotificationMessages/{message}",
        "template message",
        "Notifications_Update",
        Seen,
    ),
];
