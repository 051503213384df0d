"""Proxies: scores of a network that is not trained, one a file, and what they tell.

Each maps a module with new weights and a batch of images to a number; the larger, the
better the network is expected to be. Params, macs and activations are counted, and are
what a proxy has to beat. Take `compare_proxies` from `rexpand.search.proxies.comparison`;
this file imports none of them, so that the statistics work without torch.
"""
