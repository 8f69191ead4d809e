certificates-title = Certificaten
certificates-ending = Eindigen binnenkort
certificates-within = Binnen
certificates-days = { $count ->
    [one] 1 dag
   *[other] { $count } dagen
  }
certificates-none-ending = In die tijd eindigt niets. Certificaten die apparaten zelf vernieuwen, zijn al veel eerder vervangen.
certificates-authorities = Certificeringsinstanties
certificates-authorities-about = Instanties worden op de server geïmporteerd en vervangen:
certificates-current = geeft nu uit
certificates-key = Sleutel
certificates-root = Root
certificates-issued = Uitgegeven
certificates-revoked = Ingetrokken
certificates-issuers = Instanties van anderen
certificates-address = Adres
certificates-templates = Sjablonen
certificates-label = Waarvoor
certificates-longest = Langste geldigheid in dagen
certificates-issuer = Uitgever
certificates-serial = Serienummer
