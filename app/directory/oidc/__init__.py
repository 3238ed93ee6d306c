"""Signing in by an account at another provider (OpenID Connect)."""
