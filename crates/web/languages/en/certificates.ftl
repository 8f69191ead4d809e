certificates-title = Certificates
certificates-ending = Ending soon
certificates-within = Within
certificates-days = { $count ->
    [one] 1 day
   *[other] { $count } days
  }
certificates-none-ending = Nothing ends in that time. Certificates that devices renew by themselves are replaced long before.
certificates-authorities = Certificate authorities
certificates-authorities-about = Authorities are imported and replaced on the server:
certificates-current = issues now
certificates-key = Key
certificates-root = Root
certificates-issued = Issued
certificates-revoked = Revoked
certificates-issuers = Authorities of others
certificates-address = Address
certificates-templates = Templates
certificates-label = What for
certificates-longest = Longest validity in days
certificates-issuer = Issuer
certificates-serial = Serial number
