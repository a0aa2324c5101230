"""What a shop sees of Packshot: addresses, records, answers. Pure: no cloud, no HTTP."""
