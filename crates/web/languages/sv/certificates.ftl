certificates-title = Certifikat
certificates-ending = Slutar snart
certificates-within = Inom
certificates-days = { $count ->
    [one] 1 dag
   *[other] { $count } dagar
  }
certificates-none-ending = Inget slutar under den tiden. Certifikat som enheter förnyar själva byts långt innan.
certificates-authorities = Certifikatutfärdare
certificates-authorities-about = Utfärdare importeras och byts på servern:
certificates-current = utfärdar nu
certificates-key = Nyckel
certificates-root = Rot
certificates-issued = Utfärdade
certificates-revoked = Återkallade
certificates-issuers = Andras utfärdare
certificates-address = Adress
certificates-templates = Mallar
certificates-label = Till vad
certificates-longest = Längsta giltighet i dagar
certificates-issuer = Utfärdare
certificates-serial = Serienummer
