"""What training and serving share, on this machine and in AWS's container.

This folder ships alone: Python 3.8, numpy 1.19 and MXNet 1.9, nothing else (scipy is used where it is present). It
imports nothing of mediaml outside itself, so that a network trained here and one trained there cannot drift apart.
"""
