"""The stacks: what is kept, what works on photos, and what answers the shop."""
