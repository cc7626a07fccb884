"""What every model can do, how models are checked, chosen and loaded."""
