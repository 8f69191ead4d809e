# Texts of the first page of the admin centre.
home-title = Start
home-counted = Läget
home-elsewhere = Dina roller gäller annat än enheter. Menyn leder till det du får se.
home-push-trouble = Ingen enhet kan väckas för närvarande:
home-steps = Kom i gång
home-mail = Personer med fungerande e-post
home-mail-none = Ingen profil skapar ännu ett e-postkonto för någon.
home-mail-of = av { $all } personer
home-mail-working = Fungerar
home-mail-waiting = På väg
home-mail-blocked = Blockerad
home-fleet = Enheter
home-fleet-managed = hanteras
home-fleet-all = Visa alla enheter
home-leaving = { $count ->
    [one] 1 enhet väntar på att tas ur bruk eller rensas
   *[other] { $count } enheter väntar på att tas ur bruk eller rensas
 }
home-live = På väg
home-live-none = Inget är på väg: varje enhet har det den ska ha, eller har sagt varför inte.
home-live-since = Ändrad
home-live-summary = { $done } av { $all } enheter
home-live-unheard = Ytterligare { $count } enheter har inte hört av sig sedan dess; då visar det sig om det gäller dem.
home-worries = Vad som är fel
home-worries-none = Inget är fel.
home-worries-all = Visa alla enheter med fel
home-worry = Orsak
home-profile = Profil
home-affected = Berörda
home-since = Sedan
home-devices = { $count } enheter
home-one-device = { $count } enhet
home-keys = Serverns certifikat
home-key = Certifikat
home-key-until = Upphör
home-key-state = Status
home-key-push = Pushcertifikat
home-key-server = Serverns eget certifikat
home-key-issuing = Utfärdare
home-key-root = Rotutfärdare
home-key-left = { $days ->
    [one] 1 dag kvar
   *[other] { $days } dagar kvar
 }
home-key-ended = har upphört
home-key-good = Bra
home-key-soon = Förnya snart
home-key-urgent = Förnya nu
home-ending = { $count ->
    [one] 1 certifikat på en enhet upphör inom 30 dagar.
    [1000] 1 000 eller fler certifikat på enheter upphör inom 30 dagar.
   *[other] { $count } certifikat på enheter upphör inom 30 dagar.
 }
