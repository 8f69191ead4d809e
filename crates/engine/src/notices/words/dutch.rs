//! Dutch.

use super::{Text, Words};

pub(super) static WORDS: Words = Words {
    code: "nl",
    blocked: Text {
        subject: "{{DeviceName}}: verwijder uw eigen e-mailaccount, dan kan het nieuwe komen",
        body: "Hallo {{UserName}},\n\n\
            {{CompanyName}} stelt het postvak {{AccountAddress}} voor u in op {{DeviceName}}. Dat lukt nog niet, omdat er op het \
            apparaat al een account voor dit postvak op {{MailServer}} staat dat met de hand is gemaakt.\n\n\
            Wat u moet doen:\n{{Steps}}\n\n\
            Uw e-mail blijft op de server staan. Het nieuwe account komt binnen enkele minuten vanzelf; in de portal kunt u het \
            volgen: {{PortalLink}}",
    },
    ending: Text {
        subject: "Een certificaat van u verloopt op {{EndDate}}",
        body: "Hallo {{UserName}},\n\n\
            het certificaat {{CertificateName}} verloopt op {{EndDate}} (over {{DaysLeft}} dagen). Zonder nieuw certificaat werkt \
            de e-mail die ervan afhangt niet meer.\n\n\
            Wat u moet doen:\n{{Steps}}\n\n\
            Meer in de portal: {{PortalLink}}",
    },
    password: Text {
        subject: "{{DeviceName}} vraagt om uw e-mailwachtwoord",
        body: "Hallo {{UserName}},\n\n\
            het postvak {{AccountAddress}} is nu ingesteld op {{DeviceName}}. Het apparaat vraagt om uw wachtwoord, of om aan te \
            melden: dat hoort zo. Voer het alleen op het apparaat in; niemand bij {{CompanyName}} vraagt er per e-mail om.\n\n\
            Vraagt het apparaat niets, open dan Mail of Agenda. Meer in de portal: {{PortalLink}}",
    },
    approval: Text {
        subject: "{{DeviceName}} krijgt nieuwe e-mailinstellingen",
        body: "Hallo {{UserName}},\n\n\
            {{CompanyName}} heeft de instellingen van het postvak {{AccountAddress}} op {{DeviceName}} gewijzigd. Het apparaat \
            kan vragen of u akkoord gaat: dat hoort zo, en u kunt het toestaan.\n\n\
            Meer in de portal: {{PortalLink}}",
    },
    steps_ios: "1. Open op het apparaat Instellingen en dan Mail (iOS 17 en eerder) of Apps en Mail (iOS 18 en later).\n\
        2. Tik op Accounts (of Mailaccounts) en dan op het account voor dit postvak dat u zelf hebt gemaakt.\n\
        3. Tik op Verwijder account en bevestig.",
    steps_mac: "1. Open op de Mac Systeeminstellingen en dan Internetaccounts.\n\
        2. Kies het account voor dit postvak dat u zelf hebt gemaakt.\n\
        3. Klik op Verwijder account en bevestig.",
    certificate_imported: "Vraag uw IT-afdeling om een nieuw certificaat. Het komt vanzelf op uw apparaten.",
    certificate_renewed: "Zet het apparaat aan, ontgrendel het en verbind het met internet. Het vernieuwt het certificaat vanzelf.",
    device: "Apparaat",
    portal: "Portal",
    contact: "Vragen?",
    test: "Dit is alleen een test; er is niets gebeurd.",
};
