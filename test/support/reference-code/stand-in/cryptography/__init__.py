"""The two names of the `cryptography` package that the Dakota webhooks guide imports, for machines without it.

For tests only: it is plain RFC 8032 arithmetic, slow and not constant-time. Verification handles no secret.
"""
