//! Swedish.

use super::{Text, Words};

pub(super) static WORDS: Words = Words {
    code: "sv",
    blocked: Text {
        subject: "{{DeviceName}}: ta bort ditt eget e-postkonto så att det nya kan komma",
        body: "Hej {{UserName}},\n\n\
            {{CompanyName}} ställer in postlådan {{AccountAddress}} på {{DeviceName}} åt dig. Det går inte än, eftersom det redan \
            finns ett konto för postlådan på {{MailServer}} på enheten som har lagts till för hand.\n\n\
            Så här gör du:\n{{Steps}}\n\n\
            Din e-post finns kvar på servern. Det nya kontot kommer av sig självt inom några minuter; du kan följa det i \
            portalen: {{PortalLink}}",
    },
    ending: Text {
        subject: "Ett av dina certifikat går ut den {{EndDate}}",
        body: "Hej {{UserName}},\n\n\
            certifikatet {{CertificateName}} går ut den {{EndDate}} (om {{DaysLeft}} dagar). Utan ett nytt slutar den e-post som \
            är beroende av det att fungera.\n\n\
            Så här gör du:\n{{Steps}}\n\n\
            Mer i portalen: {{PortalLink}}",
    },
    password: Text {
        subject: "{{DeviceName}} frågar efter ditt lösenord för e-post",
        body: "Hej {{UserName}},\n\n\
            postlådan {{AccountAddress}} är nu inställd på {{DeviceName}}. Enheten frågar efter ditt lösenord, eller ber dig logga \
            in: det ska den göra. Ange det på enheten och ingen annanstans; ingen på {{CompanyName}} frågar efter det med \
            e-post.\n\n\
            Om enheten inte frågar, öppna Mail eller Kalender. Mer i portalen: {{PortalLink}}",
    },
    approval: Text {
        subject: "{{DeviceName}} får nya e-postinställningar",
        body: "Hej {{UserName}},\n\n\
            {{CompanyName}} har ändrat inställningarna för postlådan {{AccountAddress}} på {{DeviceName}}. Enheten kan fråga om du \
            godkänner det: det ska den göra, och du kan tillåta det.\n\n\
            Mer i portalen: {{PortalLink}}",
    },
    steps_ios: "1. Öppna Inställningar på enheten och sedan Mail (iOS 17 och tidigare) eller Appar och Mail (iOS 18 och senare).\n\
        2. Tryck på Konton (eller Mailkonton) och sedan på kontot för postlådan som du själv har lagt till.\n\
        3. Tryck på Radera konto och bekräfta.",
    steps_mac: "1. Öppna Systeminställningar på datorn och sedan Internetkonton.\n\
        2. Välj kontot för postlådan som du själv har lagt till.\n\
        3. Klicka på Radera konto och bekräfta.",
    certificate_imported: "Be IT-avdelningen om ett nytt certifikat. Det kommer till dina enheter av sig självt.",
    certificate_renewed: "Slå på enheten, lås upp den och anslut den till internet. Den förnyar certifikatet av sig själv.",
    device: "Enhet",
    portal: "Portal",
    contact: "Frågor?",
    test: "Det här är bara ett test; ingenting har hänt.",
};
