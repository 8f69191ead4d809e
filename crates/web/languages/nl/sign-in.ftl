# Teksten van pagina's, in het Nederlands.
sign-in = Inloggen
or-else = of
set-up = Instellen

name-label = Naam
name-hint = Zoals ada@example.com
sign-in-with = Inloggen met { $provider }
sign-in-with-passkey = Een passkey gebruiken
passkey-not-used = Er is geen passkey gebruikt. Probeer het opnieuw of kies een andere manier.
password-title = Voer uw wachtwoord in
password-label = Wachtwoord
not-you = Bent u dit niet?
second-title = Bewijs dat u het bent
code-label = Code
code-hint = Zes cijfers, uit de app die uw codes toont
use-recovery-code = Liever een herstelcode gebruiken
recovery-label = Herstelcode
recovery-hint = Een van de codes die u bewaarde toen u uw tweede stap instelde. Elke code geldt één keer.
signed-in = U bent ingelogd
leading-on = U wordt verder geleid.

wrong-name-or-password = De naam of het wachtwoord klopt niet.
wrong-code = De code klopt niet of is al gebruikt. Wacht op de volgende.
wrong-recovery-code = De code klopt niet of is al gebruikt.
blocked-elsewhere = Uw wachtwoord is verlopen of uw account is geblokkeerd. Vraag het uw beheerders.
passkey-refused = De passkey is niet geaccepteerd.
throttled = { $minutes ->
    [one] Te veel pogingen. Wacht een minuut of gebruik een passkey.
   *[other] Te veel pogingen. Wacht { $minutes } minuten of gebruik een passkey.
  }
start-anew = Opnieuw beginnen
link-ended-title = Deze link is niet meer geldig
link-ended = Hij is al gebruikt of te oud. Vraag om een nieuwe.
signed-out-title = U bent uitgelogd
signed-out = U kunt deze pagina sluiten.

new-password-title = Kies een wachtwoord
new-password-for = Voor { $name }.
new-password-forced = Uw wachtwoord moet worden gewijzigd voordat u verdergaat.
new-password-label = Nieuw wachtwoord
new-password-hint = Minstens { $shortest } tekens. Meerdere woorden zijn makkelijk te onthouden en moeilijk te raden.
new-password-keep = Dit wachtwoord bewaren
again-label = Nog een keer hetzelfde
password-differs = De twee zijn niet gelijk.
password-too-short = Er zijn minstens { $shortest } tekens nodig.
password-too-long = Hoogstens 256 tekens zijn mogelijk.
password-contains-name = Uw naam en die van de organisatie mogen er niet in staan.
password-too-simple = Gebruik meer verschillende tekens.
password-breached = Anderen kennen dit wachtwoord: het staat op een lijst met gestolen wachtwoorden. Kies een ander.
password-the-same = Kies een ander wachtwoord dan voorheen.

set-up-title = Stel een tweede stap in
set-up-why = Wie uw wachtwoord te weten komt, kan zonder deze stap niet inloggen.
passkey-heading = Passkey
passkey-about = Uw apparaat herkent u aan vingerafdruk, gezicht of pincode. U hoeft niets te typen en anderen kunnen niets stelen.
passkey-make = Een passkey maken
totp-heading = App voor codes
totp-about = Scan dit met een app die codes toont en voer daarna de getoonde code in.
totp-by-hand = Met de hand invoeren
totp-confirm = Bevestigen
codes-title = Uw herstelcodes
codes-about = Bewaar ze op een veilige plek, niet op uw apparaat. Elke code laat u één keer binnen als u uw tweede stap kwijtraakt. Ze worden niet opnieuw getoond.
codes-kept = Ik heb ze bewaard

account-title = Uw account
password-set-on = Ingesteld op { $date }
password-elsewhere = U hebt hier geen wachtwoord: u logt in via een andere dienst of met een passkey.
change-password = Wachtwoord wijzigen
change-password-about = Waar u elders bent ingelogd, wordt u uitgelogd.
password-before = Huidig wachtwoord
set-up-on = Ingesteld op { $date }
totp-none = Niet ingesteld
passkeys = Passkeys
passkeys-none = U hebt er geen.
added-on = Toegevoegd op { $date }
used-on = laatst gebruikt op { $date }
passkey-add = Een passkey toevoegen
passkey-name = Naam
passkey-name-hint = Waaraan u hem herkent, zoals de naam van uw telefoon
passkey-name-of = Naam van { $name }
remove-named = { $name } verwijderen
passkey-not-here = Passkeys kunnen worden toegevoegd waar deze server met zijn naam en via TLS wordt opgeroepen.
passkey-needs-script = Passkeys hebben JavaScript nodig.
recovery-heading = Herstelcodes
recovery-left = { $count ->
    [one] Er is er nog één.
   *[other] Er zijn er nog { $count }.
  }
recovery-replace = Nieuwe maken
sessions = Waar u bent ingelogd
this-session = hier
session-seen = laatst gebruikt { $date }
unknown-agent = Onbekend programma
unknown-address = Onbekend adres
sign-out-everywhere = Overal uitloggen
sign-out-everywhere-hint = Beëindigt al deze, en de toegang van programma's die namens u werken.
factor-needed = Voor u is een tweede stap verplicht. Stel een andere in voordat u deze verwijdert.
done = Gedaan. Waar u elders was ingelogd, bent u uitgelogd.

## Programma's die om toegang vragen

client-confirm-title = Een programma namens u laten handelen?
client-confirm-client = “{ $client }” vraagt om namens u te handelen.
client-confirm-person = U bent aangemeld als { $person }.
client-confirm-permissions = Het mag het volgende, voor zover u dat zelf mag:
client-allow = Doorgaan
client-other-account = Een ander account gebruiken
client-deny = Weigeren
client-problem-title = Dit leidt nergens heen
client-problem = Het programma dat u hierheen stuurde, vraagt iets wat deze server niet geeft. De beheerder ervan heeft de tekst hieronder nodig.
device-title = Een programma verbinden
device-about = Typ de code die het programma toont. Ga alleen verder als u het zelf gestart hebt.
device-label = Code
device-check = Het programma toont deze code:
device-unknown = Er wacht geen programma met deze code. Misschien is ze verlopen.
device-throttled = Te veel verkeerde codes. Probeer het over tien minuten opnieuw.
device-done-title = Verbonden
device-done = Het programma gaat vanzelf verder. U kunt dit venster sluiten.
device-declined-title = Geweigerd
device-declined = Het programma krijgt geen toegang. U kunt dit venster sluiten.
sign-out-about = Dit beëindigt uw sessie in deze browser, en de toegang van programma's die ermee begon.
native-title = Aangemeld
native = Het programma gaat vanzelf verder. U kunt dit venster sluiten.

## Identity providers of others

provider-title = Inloggen is niet gelukt
provider-unknown = Zo kunt u hier niet inloggen.
provider-unavailable = De inlogdienst van uw organisatie antwoordt niet zoals het hoort. Probeer het later opnieuw; uw beheerders vinden de reden in het logboek.
provider-refused = De inlogdienst van uw organisatie heeft niet bevestigd wie u bent.
provider-stray = Deze aanmelding is niet in deze browser begonnen, duurde te lang of was al klaar.
provider-untrusted = Het antwoord van de inlogdienst van uw organisatie kon niet worden gecontroleerd. Probeer het opnieuw; uw beheerders vinden de reden in het logboek.
provider-not-here = De inlogdienst van uw organisatie kent u, maar u heeft hier geen toegang. Vraag het uw beheerders.
signed-out-here = U bent hier uitgelogd, maar nog ingelogd waar u heeft bewezen wie u bent.
sign-out-there = Daar ook uitloggen
