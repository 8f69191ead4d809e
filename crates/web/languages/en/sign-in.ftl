# Texts of pages. Whoever adds one adds it to every language; a test finds what is missing.
sign-in = Sign in
or-else = or
set-up = Set up

name-label = Name
name-hint = Such as ada@example.com
sign-in-with = Sign in with { $provider }
sign-in-with-passkey = Use a passkey
passkey-not-used = No passkey was used. Try again, or choose another way.
password-title = Enter your password
password-label = Password
not-you = Not you?
second-title = Prove that it is you
code-label = Code
code-hint = Six digits, from the app that shows your codes
use-recovery-code = Use a recovery code instead
recovery-label = Recovery code
recovery-hint = One of the codes that you wrote down when you set up your second step. Each counts once.
signed-in = You are signed in
leading-on = You are being taken further.

wrong-name-or-password = The name or the password is wrong.
wrong-code = The code is wrong or was used already. Wait for the next one.
wrong-recovery-code = The code is wrong or was used already.
blocked-elsewhere = Your password has expired or your account is blocked. Ask your administrators.
passkey-refused = The passkey was not accepted.
throttled = { $minutes ->
    [one] Too many tries. Wait a minute, or use a passkey.
   *[other] Too many tries. Wait { $minutes } minutes, or use a passkey.
  }
start-anew = Start anew
link-ended-title = This link has ended
link-ended = It was used already or is too old. Ask for a new one.
signed-out-title = You are signed out
signed-out = You can close this page.

new-password-title = Choose a password
new-password-for = For { $name }.
new-password-forced = Your password has to be changed before you go on.
new-password-label = New password
new-password-hint = At least { $shortest } characters. Several words are easy to remember and hard to guess.
new-password-keep = Keep this password
again-label = The same once more
password-differs = The two are not the same.
password-too-short = At least { $shortest } characters are needed.
password-too-long = At most 256 characters are possible.
password-contains-name = It must not contain your name or that of the organisation.
password-too-simple = Use more different characters.
password-breached = Others know this password: it is on a list of stolen ones. Choose another.
password-the-same = Choose another one than before.

set-up-title = Set up a second step
set-up-why = Whoever learns your password cannot sign in without it.
passkey-heading = Passkey
passkey-about = Your device recognises you by fingerprint, face or PIN. There is nothing to type, and nothing that others could steal.
passkey-make = Make a passkey
totp-heading = App for codes
totp-about = Scan this with an app that shows codes, then enter the code that it shows.
totp-by-hand = Enter it by hand
totp-confirm = Confirm
codes-title = Your recovery codes
codes-about = Keep them in a safe place, apart from your device. Each lets you in once, should you lose your second step. They are not shown again.
codes-kept = I have kept them

account-title = Your account
password-set-on = Set on { $date }
password-elsewhere = You have no password here: you sign in through another service, or with a passkey.
change-password = Change password
change-password-about = What you are signed in to elsewhere ends.
password-before = Password of now
set-up-on = Set up on { $date }
totp-none = Not set up
passkeys = Passkeys
passkeys-none = You have none.
added-on = Added on { $date }
used-on = last used on { $date }
passkey-add = Add a passkey
passkey-name = Name
passkey-name-hint = How you will recognise it, such as the name of your phone
passkey-name-of = Name of { $name }
remove-named = Remove { $name }
passkey-not-here = Passkeys can be added where this server is called by its name over TLS.
passkey-needs-script = Passkeys need JavaScript.
recovery-heading = Recovery codes
recovery-left = { $count ->
    [one] One is left.
   *[other] { $count } are left.
  }
recovery-replace = Make new ones
sessions = Where you are signed in
this-session = here
session-seen = last used { $date }
unknown-agent = Unknown program
unknown-address = Unknown address
sign-out-everywhere = Sign out everywhere
sign-out-everywhere-hint = Ends all of these, and the access of programs that act for you.
factor-needed = A second step is required for you. Set up another one before you remove this.
done = Done. What you were signed in to elsewhere has ended.

## Clients that ask for access

client-confirm-title = Let a program act for you?
client-confirm-client = “{ $client }” asks to act for you.
client-confirm-person = You are signed in as { $person }.
client-confirm-permissions = It may do the following, as far as you may yourself:
client-allow = Continue
client-other-account = Use another account
client-deny = Decline
client-problem-title = This does not lead any further
client-problem = The program that sent you here asks for something that this server does not give. Its administrator needs the text below.
device-title = Connect a program
device-about = Type the code that the program shows you. Go on only if you started it yourself.
device-label = Code
device-check = The program shows this code:
device-unknown = No program waits with this code. It may have expired.
device-throttled = Too many wrong codes. Try again in ten minutes.
device-done-title = Connected
device-done = The program goes on by itself. You can close this window.
device-declined-title = Declined
device-declined = The program gets no access. You can close this window.
sign-out-about = This ends your session in this browser, and the access of programs that began with it.
native-title = Signed in
native = The program goes on by itself. You can close this window.

## Identity providers of others

provider-title = Signing in did not work
provider-unknown = There is no such way to sign in.
provider-unavailable = Your organisation's sign-in does not answer as it should. Try again in a while; your administrators find the reason in the log.
provider-refused = Your organisation's sign-in did not confirm who you are.
provider-stray = This sign-in was not begun in this browser, took too long, or was finished already.
provider-untrusted = The answer of your organisation's sign-in could not be checked. Try again; your administrators find the reason in the log.
provider-not-here = Your organisation's sign-in knows you, but you have no access here. Ask your administrators.
signed-out-here = You are signed out here, but still signed in where you proved who you are.
sign-out-there = Sign out there too
