"""Where evidence comes from and where a portfolio goes: one folder per system, each format read and written here."""
