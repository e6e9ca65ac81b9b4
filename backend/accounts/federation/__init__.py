"""Sign-in with the identity provider of an enterprise or a ministry (OpenID Connect)."""
