"""From a folder of images and a budget to a trained network: `rexpand design`.

Each step leaves a record in the run folder, and is not done again where it is there.
Importing this package is light; `rexpand.design.running` loads torch.
"""
