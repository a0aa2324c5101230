"""What the functions share: a folder is a Lambda layer; `build` makes them, `weights` fetches networks."""
