# Sidornas texter, på svenska.
sign-in = Logga in
or-else = eller
set-up = Ställ in

name-label = Namn
name-hint = Till exempel ada@example.com
sign-in-with = Logga in med { $provider }
sign-in-with-passkey = Använd en nyckel (passkey)
passkey-not-used = Ingen nyckel användes. Försök igen eller välj ett annat sätt.
password-title = Ange ditt lösenord
password-label = Lösenord
not-you = Inte du?
second-title = Visa att det är du
code-label = Kod
code-hint = Sex siffror, från appen som visar dina koder
use-recovery-code = Använd en återställningskod i stället
recovery-label = Återställningskod
recovery-hint = En av koderna som du sparade när du ställde in ditt andra steg. Varje kod gäller en gång.
signed-in = Du är inloggad
leading-on = Du skickas vidare.

wrong-name-or-password = Namnet eller lösenordet är fel.
wrong-code = Koden är fel eller redan använd. Vänta på nästa.
wrong-recovery-code = Koden är fel eller redan använd.
blocked-elsewhere = Ditt lösenord har gått ut eller ditt konto är spärrat. Fråga dina administratörer.
passkey-refused = Nyckeln godtogs inte.
throttled = { $minutes ->
    [one] För många försök. Vänta en minut eller använd en nyckel.
   *[other] För många försök. Vänta { $minutes } minuter eller använd en nyckel.
  }
start-anew = Börja om
link-ended-title = Länken gäller inte längre
link-ended = Den har redan använts eller är för gammal. Be om en ny.
signed-out-title = Du är utloggad
signed-out = Du kan stänga sidan.

new-password-title = Välj ett lösenord
new-password-for = För { $name }.
new-password-forced = Ditt lösenord måste ändras innan du går vidare.
new-password-label = Nytt lösenord
new-password-hint = Minst { $shortest } tecken. Flera ord är lätta att minnas och svåra att gissa.
new-password-keep = Spara lösenordet
again-label = Samma en gång till
password-differs = De två är inte lika.
password-too-short = Minst { $shortest } tecken behövs.
password-too-long = Högst 256 tecken går.
password-contains-name = Det får inte innehålla ditt namn eller organisationens.
password-too-simple = Använd fler olika tecken.
password-breached = Andra känner till lösenordet: det finns på en lista över stulna. Välj ett annat.
password-the-same = Välj ett annat än förut.

set-up-title = Ställ in ett andra steg
set-up-why = Den som får reda på ditt lösenord kan inte logga in utan det.
passkey-heading = Nyckel (passkey)
passkey-about = Din enhet känner igen dig med fingeravtryck, ansikte eller PIN-kod. Du behöver inte skriva något, och inget kan stjälas.
passkey-make = Skapa en nyckel
totp-heading = App för koder
totp-about = Skanna detta med en app som visar koder och ange sedan koden som den visar.
totp-by-hand = Ange för hand
totp-confirm = Bekräfta
codes-title = Dina återställningskoder
codes-about = Spara dem på ett säkert ställe, inte på din enhet. Varje kod släpper in dig en gång om du förlorar ditt andra steg. De visas inte igen.
codes-kept = Jag har sparat dem

account-title = Ditt konto
password-set-on = Valt { $date }
password-elsewhere = Du har inget lösenord här: du loggar in via en annan tjänst eller med en nyckel.
change-password = Byt lösenord
change-password-about = Du loggas ut överallt annars.
password-before = Nuvarande lösenord
set-up-on = Inställd { $date }
totp-none = Inte inställd
passkeys = Nycklar (passkeys)
passkeys-none = Du har inga.
added-on = Tillagd { $date }
used-on = senast använd { $date }
passkey-add = Lägg till en nyckel
passkey-name = Namn
passkey-name-hint = Vad du känner igen den på, till exempel namnet på din telefon
passkey-name-of = Namn på { $name }
remove-named = Ta bort { $name }
passkey-not-here = Nycklar kan läggas till där servern anropas med sitt namn över TLS.
passkey-needs-script = Nycklar kräver JavaScript.
recovery-heading = Återställningskoder
recovery-left = { $count ->
    [one] En finns kvar.
   *[other] { $count } finns kvar.
  }
recovery-replace = Skapa nya
sessions = Var du är inloggad
this-session = här
session-seen = senast använd { $date }
unknown-agent = Okänt program
unknown-address = Okänd adress
sign-out-everywhere = Logga ut överallt
sign-out-everywhere-hint = Avslutar alla dessa och åtkomsten för program som agerar åt dig.
factor-needed = Ett andra steg krävs för dig. Ställ in ett annat innan du tar bort detta.
done = Klart. Du har loggats ut överallt annars.

## Program som ber om åtkomst

client-confirm-title = Låta ett program handla åt dig?
client-confirm-client = ”{ $client }” ber att få handla åt dig.
client-confirm-person = Du är inloggad som { $person }.
client-confirm-permissions = Det får göra följande, så långt du själv får:
client-allow = Fortsätt
client-other-account = Använd ett annat konto
client-deny = Avböj
client-problem-title = Det här leder inte vidare
client-problem = Programmet som skickade dig hit ber om något som servern inte ger. Dess administratör behöver texten nedan.
device-title = Anslut ett program
device-about = Skriv koden som programmet visar. Fortsätt bara om du startade det själv.
device-label = Kod
device-check = Programmet visar den här koden:
device-unknown = Inget program väntar med den koden. Den kan ha gått ut.
device-throttled = För många felaktiga koder. Försök igen om tio minuter.
device-done-title = Anslutet
device-done = Programmet fortsätter av sig självt. Du kan stänga fönstret.
device-declined-title = Avböjt
device-declined = Programmet får ingen åtkomst. Du kan stänga fönstret.
sign-out-about = Det avslutar din session i den här webbläsaren, och åtkomsten för program som började med den.
native-title = Inloggad
native = Programmet fortsätter av sig självt. Du kan stänga fönstret.

## Identity providers of others

provider-title = Inloggningen lyckades inte
provider-unknown = Det går inte att logga in på det sättet.
provider-unavailable = Organisationens inloggning svarar inte som den ska. Försök igen om en stund; dina administratörer hittar orsaken i loggen.
provider-refused = Organisationens inloggning bekräftade inte vem du är.
provider-stray = Inloggningen började inte i den här webbläsaren, tog för lång tid eller var redan klar.
provider-untrusted = Svaret från organisationens inloggning kunde inte kontrolleras. Försök igen; dina administratörer hittar orsaken i loggen.
provider-not-here = Organisationens inloggning känner dig, men du har ingen åtkomst här. Fråga dina administratörer.
signed-out-here = Du är utloggad här, men fortfarande inloggad där du bevisade vem du är.
sign-out-there = Logga ut även där
