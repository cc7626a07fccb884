"""Services that `mediaml serve` runs, from Python: any model behind an address."""
