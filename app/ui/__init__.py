"""What every page shares: layout, macros, static files, error pages, navigation, security headers."""
