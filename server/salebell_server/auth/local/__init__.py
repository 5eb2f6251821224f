"""Local accounts: passwords, ID tokens and sessions, with nothing but the server's own store.

passwords        what a password may be; checking one without holding up the event loop or the memory
id_tokens        signing and verifying ID tokens, and the keys for it
refresh          refresh tokens and the rule by which they rotate; pure
service          `SignInService`: signing in, refreshing, signing out
verifier         `TokenVerifier`
administration   adding, changing and removing accounts
"""
