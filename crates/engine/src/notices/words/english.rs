//! English.

use super::{Text, Words};

pub(super) static WORDS: Words = Words {
    code: "en",
    blocked: Text {
        subject: "{{DeviceName}}: remove your own mail account so that the new one can come",
        body: "Hello {{UserName}},\n\n\
            {{CompanyName}} sets up the mailbox {{AccountAddress}} on {{DeviceName}} for you. That is not possible yet, because \
            the device already has an account for this mailbox on {{MailServer}} that was made by hand.\n\n\
            What to do:\n{{Steps}}\n\n\
            Your mail stays on the server. The new account follows by itself within minutes; you can watch it in the portal: \
            {{PortalLink}}",
    },
    ending: Text {
        subject: "A certificate of yours ends on {{EndDate}}",
        body: "Hello {{UserName}},\n\n\
            the certificate {{CertificateName}} ends on {{EndDate}} ({{DaysLeft}} days from now). Without a new one, mail that \
            depends on it stops working.\n\n\
            What to do:\n{{Steps}}\n\n\
            More in the portal: {{PortalLink}}",
    },
    password: Text {
        subject: "{{DeviceName}} asks for your mail password",
        body: "Hello {{UserName}},\n\n\
            the mailbox {{AccountAddress}} is now set up on {{DeviceName}}. The device asks you for your password, or to sign in: \
            that is expected. Enter it on the device and nowhere else; nobody at {{CompanyName}} asks for it by mail.\n\n\
            If the device does not ask, open Mail or Calendar. More in the portal: {{PortalLink}}",
    },
    approval: Text {
        subject: "{{DeviceName}} gets new mail settings",
        body: "Hello {{UserName}},\n\n\
            {{CompanyName}} has changed the settings of the mailbox {{AccountAddress}} on {{DeviceName}}. The device may ask \
            whether you agree: that is expected, and you can accept.\n\n\
            More in the portal: {{PortalLink}}",
    },
    steps_ios: "1. On the device, open Settings, and then Mail (in iOS 17 and earlier) or Apps and Mail (in iOS 18 and later).\n\
        2. Tap Accounts (or Mail Accounts), and then the account for this mailbox that you made yourself.\n\
        3. Tap Delete Account and confirm.",
    steps_mac: "1. On the Mac, open System Settings and then Internet Accounts.\n\
        2. Choose the account for this mailbox that you made yourself.\n\
        3. Click Delete Account and confirm.",
    certificate_imported: "Ask your IT department for a new certificate. It reaches your devices by itself.",
    certificate_renewed: "Switch the device on, unlock it and connect it to the Internet. It renews the certificate by itself.",
    device: "Device",
    portal: "Portal",
    contact: "Questions?",
    test: "This is only a test; nothing has happened.",
};
