"""``python -m mediaml.cli`` is ``mediaml``."""

from mediaml.cli import main

if __name__ == "__main__":
    main()
