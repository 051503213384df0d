"""The families of networks: each file has a builder and the published numbers."""
