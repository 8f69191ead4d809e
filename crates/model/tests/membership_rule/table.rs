//! Rules of each form that the documentation of the language shows, and their answers.

use super::holds;

const TRUE: [&str; 62] = [
    // Texts.
    r#"user.department -eq "Sales""#,
    r#"user.department -eq "sALES""#,
    r#"USER.Department -EQ "Sales""#,
    r#"user.department eq "Sales""#,
    r#"(user.department -eq "Sales")"#,
    r"user.department -eq 'Sales'",
    r#"user.department -ne "Marketing""#,
    r#"user.jobTitle -eq "Account `"Executive`"""#,
    r"user.companyName -eq 'Example''s Best'",
    r#"user.displayName -startsWith "ada""#,
    r#"user.displayName -notStartsWith "Grace""#,
    r#"user.userPrincipalName -endsWith "@EXAMPLE.com""#,
    r#"user.mail -notEndsWith ".org""#,
    r#"user.displayName -contains "love""#,
    r#"user.displayName -notContains "hopper""#,
    r#"user.onPremisesDistinguishedName -contains "OU=Sales""#,
    r#"user.mobile -startsWith "+31""#,
    r#"user.telephoneNumber -eq "+31 30 1""#,
    r#"user.physicalDeliveryOfficeName -eq "building 4""#,
    r"user.objectId -ne null",
    // Null.
    r"user.streetAddress -eq null",
    r"user.department -ne null",
    r"user.streetAddress -eq NULL",
    r#"user.streetAddress -ne "Main Street""#,
    r"user.imAddresses -eq null",
    r"user.otherMails -ne null",
    // Lists of values.
    r#"user.department -in ["Marketing", "Sales"]"#,
    r#"user.department -notIn ["50001","50002"]"#,
    r"user.employeeId -in ['00421']",
    // Regular expressions.
    r#"user.displayName -match "^Ad.*""#,
    r#"user.displayName -match "LACE$""#,
    r#"user.displayName -notMatch "^Lo""#,
    r#"user.postalCode -match "^\d{4} [A-Z]{2}$""#,
    // Switches.
    r"user.accountEnabled -eq true",
    r"user.accountEnabled -ne False",
    r#"user.accountEnabled -eq "true""#,
    r"user.dirSyncEnabled -eq true",
    // Further attributes.
    r#"user.extensionAttribute15 -eq "Marketing""#,
    r#"user.extension_0a1b_costCentre -startsWith "42""#,
    r#"user.usageLocation -eq "NL" -and user.userType -eq "Member""#,
    // Lists of a person.
    r#"user.proxyAddresses -any (_ -contains "lovelace")"#,
    r#"(user.proxyAddresses -any (_ -startsWith "smtp:ada@"))"#,
    r#"user.proxyAddresses -all (_ -endsWith "@example.com")"#,
    r#"user.imAddresses -all (_ -eq "nobody")"#,
    r#"user.proxyAddresses -any (_ -startsWith "SMTP:" -and -not (_ -contains "a.l"))"#,
    r#"user.otherMails -contains "@home""#,
    r#"user.otherMails -notContains "@work""#,
    // Dates.
    r#"user.employeeHireDate -ge "2024-03-01""#,
    r#"user.employeeHireDate -lt "2024-03-01T00:00:01Z""#,
    // What binds how.
    r#"user.city -eq "X" -and user.city -eq "Y" -or user.city -eq "Utrecht""#,
    r#"user.city -eq "Utrecht" -or user.city -eq "X" -and user.city -eq "Y""#,
    r#"-not user.city -eq "X" -and user.city -eq "Utrecht""#,
    r#"not (user.city eq "X" or user.city eq "Y")"#,
    r#"(user.department -eq "Sales") -and -not (user.jobTitle -startsWith "SDE")"#,
    // Devices.
    r#"device.deviceOSType -eq "iPad""#,
    r#"(device.deviceOSType -eq "iPad") -or (device.deviceOSType -eq "iPhone")"#,
    r#"device.deviceOwnership -eq "Company""#,
    r#"device.deviceCategory -eq "Point of Sale""#,
    r#"device.enrollmentProfileName -eq "Shops ADE""#,
    r#"device.managementType -eq "MDM" -and device.isRooted -ne true"#,
    r#"device.deviceOSVersion -ge "17.9" -and device.deviceOSVersion -startsWith "17.1""#,
    r#"device.displayName -startsWith "Till" -and device.deviceManufacturer -eq "apple""#,
];

const FALSE: [&str; 22] = [
    r#"user.department -eq "Sale""#,
    r#"user.department -ne "SALES""#,
    r#"user.department -startsWith "ales""#,
    r#"user.streetAddress -eq """#,
    r#"user.streetAddress -contains """#,
    r#"user.streetAddress -match ".*""#,
    r#"user.streetAddress -in ["a"]"#,
    r"user.department -eq null",
    r#"user.displayName -match "^Da""#,
    r"user.accountEnabled -eq false",
    r"user.ageGroup -ne null",
    r#"user.proxyAddresses -all (_ -startsWith "SMTP:ada")"#,
    r#"user.imAddresses -any (_ -ne "nobody")"#,
    r#"user.proxyAddresses -notContains "lovelace""#,
    r#"user.employeeHireDate -gt "2024-03-01""#,
    r"user.extensionAttribute1 -ne null",
    r#"-not user.city -eq "Utrecht" -or user.city -eq "X""#,
    r"device.isRooted -eq false",
    r#"device.deviceOSVersion -lt "17.9""#,
    r#"device.deviceOSType -eq "MacMDM""#,
    r"device.deviceCategory -eq null",
    r#"device.deviceOwnership -in ["Personal", "Unknown"]"#,
];

#[test]
fn rules_that_hold() {
    for rule in TRUE {
        assert!(holds(rule), "{rule}");
    }
}

#[test]
fn rules_that_do_not_hold() {
    for rule in FALSE {
        assert!(!holds(rule), "{rule}");
    }
}

#[test]
fn the_opposite_of_a_rule_has_the_opposite_answer() {
    for rule in TRUE {
        let is_about_devices = rule.contains("device.");
        let opposite = format!("-not ({rule})");
        // Asked of the one that the rule is about; the other one is never a member.
        assert!(!holds(&opposite), "{opposite} ({is_about_devices})");
    }
    for rule in FALSE {
        assert!(holds(&format!("-not ({rule})")), "{rule}");
    }
}
