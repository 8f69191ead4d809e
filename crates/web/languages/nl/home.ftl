# Texts of the first page of the admin centre.
home-title = Start
home-counted = Stand van
home-elsewhere = Uw rollen gaan over andere zaken dan apparaten. Het menu leidt naar wat u mag zien.
home-push-trouble = Er kan op dit moment geen apparaat worden gewekt:
home-steps = Inrichten
home-mail = Personen met werkende mail
home-mail-none = Nog geen enkel profiel maakt voor iemand een mailaccount.
home-mail-of = van { $all } personen
home-mail-working = Werkt
home-mail-waiting = Onderweg
home-mail-blocked = Geblokkeerd
home-fleet = Apparaten
home-fleet-managed = onder beheer
home-fleet-all = Alle apparaten tonen
home-leaving = { $count ->
    [one] 1 apparaat wacht op buitengebruikstelling of wissen
   *[other] { $count } apparaten wachten op buitengebruikstelling of wissen
 }
home-live = Onderweg
home-live-none = Er is niets onderweg: elk apparaat heeft wat het moet hebben, of heeft gezegd waarom niet.
home-live-since = Gewijzigd
home-live-summary = { $done } van { $all } apparaten
home-live-unheard = { $count } andere apparaten hebben zich sindsdien niet gemeld; dan blijkt of het hen betreft.
home-worries = Wat er mis is
home-worries-none = Er is niets mis.
home-worries-all = Alle apparaten met fouten tonen
home-worry = Oorzaak
home-profile = Profiel
home-affected = Getroffen
home-since = Sinds
home-devices = { $count } apparaten
home-one-device = { $count } apparaat
home-keys = Certificaten van deze server
home-key = Certificaat
home-key-until = Eindigt
home-key-state = Status
home-key-push = Pushcertificaat
home-key-server = Certificaat van de server zelf
home-key-issuing = Uitgevende certificeringsinstantie
home-key-root = Basiscertificeringsinstantie
home-key-left = { $days ->
    [one] nog 1 dag
   *[other] nog { $days } dagen
 }
home-key-ended = is verlopen
home-key-good = Goed
home-key-soon = Binnenkort vernieuwen
home-key-urgent = Nu vernieuwen
home-ending = { $count ->
    [one] 1 certificaat op een apparaat eindigt binnen 30 dagen.
    [1000] 1.000 of meer certificaten op apparaten eindigen binnen 30 dagen.
   *[other] { $count } certificaten op apparaten eindigen binnen 30 dagen.
 }
