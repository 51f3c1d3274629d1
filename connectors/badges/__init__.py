"""Open Badges: what is baked into a picture, what it claims, and whether its issuer still says so."""
