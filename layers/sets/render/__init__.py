"""Model the sets and path-trace their light, apart from their colours."""
