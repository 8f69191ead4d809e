# Texts of the first page of the admin centre.
home-title = Home
home-counted = As of
home-elsewhere = Your roles are about other things than devices. The menu leads to what you may see.
home-push-trouble = No device can be woken at present:
home-steps = Set up
home-mail = People with working mail
home-mail-none = No profile makes a mail account for anybody yet.
home-mail-of = of { $all } people
home-mail-working = Working
home-mail-waiting = On its way
home-mail-blocked = Blocked
home-fleet = Devices
home-fleet-managed = under management
home-fleet-all = Show all devices
home-leaving = { $count ->
    [one] 1 device waits to be retired or wiped
   *[other] { $count } devices wait to be retired or wiped
 }
home-live = On its way
home-live-none = Nothing is on its way: every device has what it should have, or has said why not.
home-live-since = Changed
home-live-summary = { $done } of { $all } devices
home-live-unheard = { $count } more devices have not been in contact since; whether it concerns them is seen then.
home-worries = What is wrong
home-worries-none = Nothing is wrong.
home-worries-all = Show all devices with errors
home-worry = Cause
home-profile = Profile
home-affected = Affected
home-since = Since
home-devices = { $count } devices
home-one-device = { $count } device
home-keys = Certificates of this server
home-key = Certificate
home-key-until = Ends
home-key-state = State
home-key-push = Push certificate
home-key-server = Certificate of the server itself
home-key-issuing = Issuing authority
home-key-root = Root authority
home-key-left = { $days ->
    [one] 1 day left
   *[other] { $days } days left
 }
home-key-ended = has ended
home-key-good = Good
home-key-soon = Renew soon
home-key-urgent = Renew now
home-ending = { $count ->
    [one] 1 certificate on a device ends within 30 days.
    [1000] 1,000 or more certificates on devices end within 30 days.
   *[other] { $count } certificates on devices end within 30 days.
 }
