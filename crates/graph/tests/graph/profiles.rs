use axum::http::Method;
use serde_json::{Value, json};

use crate::house::{House, all, id, mail_profile};

const PROFILES: &str = "/beta/deviceManagement/deviceConfigurations";

#[tokio::test]
async fn a_profile_has_the_status_codes_that_intune_cd_insists_on() {
    let house = House::open().await;
    let made = house.post(PROFILES, mail_profile("Mail")).await;
    let profile = made.expect(201);
    let path = format!("{PROFILES}/{}", id(&profile));
    assert_eq!(
        (&profile["version"], &profile["supportsScopeTags"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(profile["hostName"], "mail.example.com");
    assert_eq!(profile["perAppVPNProfileId"], json!(null));
    house
        .patch(
            &path,
            json!({"@odata.type": profile["@odata.type"], "hostName": "mx.example.com"}),
        )
        .await
        .expect(204);
    let headers = [("prefer", "return=representation")];
    let answer = house
        .call(
            Method::PATCH,
            &path,
            &headers,
            Some(json!({"description": "d"})),
        )
        .await;
    assert_eq!(
        answer.headers["preference-applied"],
        "return=representation"
    );
    let changed = answer.expect(200);
    assert_eq!(
        (&changed["hostName"], &changed["version"]),
        (&json!("mx.example.com"), &json!(3))
    );
    let answer = house.delete(&path).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    house.get(&path).await.error(404);
}

#[tokio::test]
async fn a_profile_comes_back_as_it_was_exported() {
    let house = House::open().await;
    let profile = house
        .get(&format!("{PROFILES}/{}", house.mail_profile("Mail").await))
        .await
        .expect(200);
    let copy = house.post(PROFILES, profile.clone()).await.expect(201);
    assert_ne!(copy["id"], profile["id"]);
    for (name, value) in profile.as_object().unwrap() {
        if name != "id" && !name.contains("DateTime") {
            assert_eq!(&copy[name], value, "{name}");
        }
    }
    house
        .patch(&format!("{PROFILES}/{}", id(&copy)), profile)
        .await
        .expect(204);
    assert_eq!(
        house
            .get(&format!("{PROFILES}/{}", id(&copy)))
            .await
            .expect(200)["version"],
        1
    );
}

#[tokio::test]
async fn bad_profiles_are_refused_by_property() {
    let house = House::open().await;
    let with = |name: &str, value: Value| {
        let mut body = mail_profile("Mail");
        body[name] = value;
        body
    };
    for (body, code, target) in [
        (
            json!({"displayName": "x"}),
            "ModelValidationFailure",
            "@odata.type",
        ),
        (
            with("@odata.type", json!("#microsoft.graph.nonsense")),
            "BadRequest",
            "@odata.type",
        ),
        (
            with("hostName", json!("https://mail.example.com")),
            "ModelValidationFailure",
            "hostName",
        ),
        (
            with("durationOfEmailToSync", json!("twoYears")),
            "ModelValidationFailure",
            "durationOfEmailToSync",
        ),
        (
            with("trustedRootCertificate", json!("AA==")),
            "ModelValidationFailure",
            "trustedRootCertificate",
        ),
        (with("displayName", json!(5)), "BadRequest", "displayName"),
        (
            with("identityCertificate@odata.bind", json!("nonsense")),
            "BadRequest",
            "identityCertificate@odata.bind",
        ),
    ] {
        let error = house.post(PROFILES, body).await.error(400);
        assert_eq!(
            (error["code"].as_str(), error["target"].as_str()),
            (Some(code), Some(target)),
            "{error}"
        );
    }
    assert_eq!(house.get(PROFILES).await.expect(200)["value"], json!([]));
    let path = format!("{PROFILES}/{}", house.mail_profile("Mail").await);
    let error = house
        .patch(
            &path,
            json!({"@odata.type": "#microsoft.graph.iosTrustedRootCertificate"}),
        )
        .await
        .error(400);
    assert_eq!(error["target"], "@odata.type");
}

#[tokio::test]
async fn filters_and_casts_tell_kinds_apart() {
    let house = House::open().await;
    let (mail, root) = (
        house.mail_profile("Mail").await,
        house.root_profile("Root").await,
    );
    for (query, expected) in [
        (
            "?$filter=isof('microsoft.graph.iosTrustedRootCertificate')",
            vec![&root],
        ),
        (
            "?$filter=not%20isof('microsoft.graph.iosUpdateConfiguration')%20and%20displayName%20eq%20'MAIL'",
            vec![&mail],
        ),
        (
            "?$filter=isof('microsoft.graph.iosTrustedRootCertificate')%20eq%20false",
            vec![&mail],
        ),
        (
            "?$filter=microsoft.graph.iosEasEmailProfileConfiguration/hostName%20eq%20'mail.example.com'",
            vec![&mail],
        ),
        ("/microsoft.graph.iosTrustedRootCertificate", vec![&root]),
        ("/graph.iosCertificateProfileBase", vec![]),
        ("?$top=1&$orderby=displayName%20desc", vec![&root]),
    ] {
        let found = house.get(&format!("{PROFILES}{query}")).await.expect(200);
        assert_eq!(all(&found, "id"), expected, "{query}");
    }
    let error = house
        .get(&format!("{PROFILES}?$filter=hostName%20eq%20'x'"))
        .await
        .error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("microsoft.graph.iosEasEmailProfileConfiguration/hostName")
    );
    house
        .get(&format!(
            "{PROFILES}/{mail}/microsoft.graph.iosEasEmailProfileConfiguration"
        ))
        .await
        .expect(200);
    house
        .get(&format!(
            "{PROFILES}/{mail}/microsoft.graph.iosTrustedRootCertificate"
        ))
        .await
        .error(404);
    house
        .get(&format!("{PROFILES}?$filter=id%20eq%20{mail}"))
        .await
        .expect(200);
}

#[tokio::test]
async fn assignments_are_replaced_as_a_whole() {
    let house = House::open().await;
    let (profile, group) = (house.mail_profile("Mail").await, house.group("sales").await);
    let path = format!("{PROFILES}/{profile}");
    let target = |name: &str| json!({"target": {"@odata.type": format!("#microsoft.graph.{name}"), "groupId": group}});
    let body = json!({"assignments": [target("groupAssignmentTarget"), target("allDevicesAssignmentTarget")]});
    let assigned = house
        .post(&format!("{path}/assign"), body)
        .await
        .expect(200);
    assert_eq!(
        assigned["@odata.context"],
        "https://mdm.example.com:8443/beta/$metadata#Collection(microsoft.graph.deviceConfigurationAssignment)"
    );
    assert_eq!(assigned["value"].as_array().unwrap().len(), 2);
    let list = house.get(&format!("{path}/assignments")).await.expect(200);
    let context = format!(
        "https://mdm.example.com:8443/beta/$metadata#deviceManagement/deviceConfigurations('{profile}')/assignments"
    );
    assert_eq!(list["@odata.context"], context);
    assert!(all(&list, "id").contains(&format!("{profile}_{group}").as_str()));
    assert!(
        all(&list, "id")
            .contains(&format!("{profile}_adadadad-808e-44e2-905a-0b7873a8a531").as_str())
    );
    let expanded = house
        .get(&format!("{PROFILES}?$expand=assignments"))
        .await
        .expect(200);
    assert_eq!(
        expanded["value"][0]["assignments"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let context = expanded["value"][0]["assignments@odata.context"]
        .as_str()
        .unwrap();
    assert!(
        context.ends_with(&format!(
            "('{profile}')/microsoft.graph.iosEasEmailProfileConfiguration/assignments"
        )),
        "{context}"
    );
    let legacy = house
        .get(&format!("{path}/groupAssignments"))
        .await
        .expect(200);
    assert_eq!(all(&legacy, "targetGroupId"), [group.as_str()]);
    house
        .delete(&format!("{path}/assignments/{profile}_{group}"))
        .await
        .expect(200);
    house
        .delete(&format!("/v1.0/groups/{group}"))
        .await
        .expect(204);
    house
        .post(
            &format!("{path}/microsoft.graph.assign"),
            json!({"assignments": []}),
        )
        .await
        .expect(200);
    assert_eq!(
        house.get(&format!("{path}/assignments")).await.expect(200)["value"],
        json!([])
    );
    let missing = json!({"assignments": [target("groupAssignmentTarget")]});
    assert_eq!(
        house
            .post(&format!("{path}/assign"), missing)
            .await
            .error(400)["target"],
        "assignments"
    );
    house
        .post(&format!("{path}/assign"), json!({}))
        .await
        .error(400);
}

#[tokio::test]
async fn references_are_bound_followed_and_removed() {
    let house = House::open().await;
    let root = house.root_profile("Root").await;
    let address = format!(
        "https://graph.microsoft.com/beta//deviceManagement/deviceConfigurations('{root}')"
    );
    let scep = json!({
        "@odata.type": "#microsoft.graph.iosScepCertificateProfile",
        "displayName": "Scep",
        "rootCertificate@odata.bind": address,
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{UserPrincipalName}}",
        "subjectAlternativeNameType": "emailAddress",
        "keySize": "size2048",
        "keyUsage": "digitalSignature,keyEncipherment",
        "extendedKeyUsages": [{"name": "Client", "objectIdentifier": "1.3.6.1.5.5.7.3.2"}],
    });
    let scep = id(&house.post(PROFILES, scep).await.expect(201));
    let navigation =
        format!("{PROFILES}/{scep}/microsoft.graph.iosScepCertificateProfile/rootCertificate");
    assert_eq!(id(&house.get(&navigation).await.expect(200)), root);
    let reference = house.get(&format!("{navigation}/$ref")).await.expect(200);
    assert_eq!(
        reference["@odata.id"],
        format!(
            "https://mdm.example.com:8443/beta/deviceManagement/deviceConfigurations('{root}')"
        )
    );
    let expanded = house
        .get(&format!("{PROFILES}/{scep}?$expand=rootCertificate"))
        .await
        .expect(200);
    assert_eq!(expanded["rootCertificate"]["id"], root);
    let error = house.delete(&format!("{PROFILES}/{root}")).await.error(409);
    assert!(
        error["message"].as_str().unwrap().contains("Scep"),
        "{error}"
    );
    house
        .delete(&format!("{navigation}/$ref"))
        .await
        .expect(204);
    house.get(&navigation).await.error(404);
    assert_eq!(
        house
            .get(&format!("{PROFILES}/{scep}?$expand=rootCertificate"))
            .await
            .expect(200)["rootCertificate"],
        json!(null)
    );
    house
        .call(
            Method::PUT,
            &format!("{navigation}/$ref"),
            &[],
            Some(json!({"@odata.id": address})),
        )
        .await
        .expect(204);
    assert_eq!(id(&house.get(&navigation).await.expect(200)), root);
    let states = house
        .get(&format!("{PROFILES}/{scep}/managedDeviceCertificateStates"))
        .await
        .expect(200);
    assert_eq!(states["value"], json!([]));
    let name = house
        .get(&format!("{PROFILES}/{scep}/displayName"))
        .await
        .expect(200);
    assert_eq!(name["value"], "Scep");
    house
        .get(&format!("{PROFILES}/{scep}/nonsense"))
        .await
        .error(404);
}

#[tokio::test]
async fn states_follow_from_the_assignment() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let phone = house.phone("phone", Some(&ada)).await;
    house.phone("kiosk", None).await;
    let profile = house.mail_profile("Mail").await;
    let path = format!("{PROFILES}/{profile}");
    let everybody = json!({"assignments": [{"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]});
    house
        .post(&format!("{path}/assign"), everybody)
        .await
        .expect(200);
    let statuses = house
        .get(&format!("{path}/deviceStatuses"))
        .await
        .expect(200);
    let of = |name: &str| {
        let list = statuses["value"].as_array().unwrap();
        list.iter()
            .find(|status| status["deviceDisplayName"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (
            &of("phone")["status"],
            &of("phone")["@mandate.status"]["state"]
        ),
        (&json!("unknown"), &json!("pending"))
    );
    assert_eq!(of("phone")["userPrincipalName"], "ada@example.com");
    assert_eq!(of("kiosk")["status"], "notApplicable");
    assert_eq!(of("kiosk")["@mandate.status"]["reason"]["code"], "noUser");
    let overview = house
        .get(&format!("{path}/deviceStatusOverview"))
        .await
        .expect(200);
    assert_eq!(
        (&overview["pendingCount"], &overview["notApplicableCount"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        house
            .get(&format!("{path}/userStatusOverview"))
            .await
            .expect(200)["pendingCount"],
        1
    );
    let users = house.get(&format!("{path}/userStatuses")).await.expect(200);
    assert_eq!(all(&users, "userPrincipalName"), ["ada@example.com"]);
    let settings = house
        .get(&format!("{path}/deviceSettingStateSummaries"))
        .await
        .expect(200);
    assert!(all(&settings, "settingName").contains(&"hostName"));
    let targeted = json!({"deviceConfigurationIds": [profile]});
    let targeted = house
        .post(&format!("{PROFILES}/getTargetedUsersAndDevices"), targeted)
        .await
        .expect(200);
    assert_eq!(targeted["value"].as_array().unwrap().len(), 2);
    let states = house
        .get(&format!(
            "/v1.0/deviceManagement/managedDevices/{phone}/deviceConfigurationStates"
        ))
        .await;
    let states = states.expect(200);
    assert_eq!(all(&states, "displayName"), ["Mail"]);
    assert_eq!(
        states["value"][0]["settingStates"][0]["sources"][0]["id"],
        profile
    );
    let plan = json!({"profileId": profile, "assignments": []});
    let plan = house.post("/mandate/v1/plan", plan).await.expect(200);
    assert!(
        plan["devices"].is_object() && plan["sample"].is_array(),
        "{plan}"
    );
}
